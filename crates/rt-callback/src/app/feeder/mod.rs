//! The feeder: queues samples, and the markers that say what they are.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use pcm_convert::Sample;

use crate::app::feeder::backlog::Backlog;
use crate::app::feeder::partial::Partial;
use crate::app::feeder::pushed::Pushed;
use crate::config::{Config, check_rate};
use crate::event::{MarkId, UtteranceId};
use crate::link::feed::CutAt;
use crate::link::queue::{Receiver, Sender};
use crate::link::shared::Shared;
use crate::link::timed::TimedSender;
use crate::plan::Plan;
use crate::plan::marker::{Change, End, Marker, MarkerKind};
use crate::plan::recipe::PresentRecipe;
use crate::spec::StreamSpec;

#[cfg(feature = "futures")]
mod awaiting;
mod backlog;
#[cfg(feature = "std")]
mod blocking;
#[cfg(any(feature = "std", feature = "futures"))]
mod draining;
mod error;
mod partial;
mod pushed;

#[cfg(feature = "futures")]
pub use awaiting::Abandoned;
#[cfg(feature = "std")]
pub use blocking::DrainError;
#[cfg(any(feature = "std", feature = "futures"))]
pub use draining::Drained;
pub use error::FeedError;

/// Queues source frames for the [`Renderer`](crate::Renderer). Dropping the feeder declares the end.
///
/// A call waits only if its documentation says so. A full queue takes fewer frames than it is given, and the call
/// returns how many.
///
/// An interruption ends the utterance that is being pushed. Later pushes are refused with [`FeedError::Interrupted`],
/// until another utterance begins or the end of this one is declared. The chapter
/// [`conversations`](crate::conversations) has an example.
///
/// ```
/// use rt_callback::{Config, stream};
///
/// let mut config = Config::new("24000x1:s16le".parse()?, "48000x2:f32le".parse()?);
/// config.queue_frames = 1_000;
/// let (mut feeder, _controller, _renderer, _monitor) = stream(&config)?;
/// let speech = [0_i16; 1_500];
/// let taken = feeder.push(&speech)?;
/// assert_eq!(taken, 1_000); // the queue is full; push the rest later, or take `push_blocking`
/// assert_eq!(feeder.free_frames(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Feeder {
    queue: TimedSender,
    markers: Sender<Marker>,
    retired: Receiver<Box<Change>>,
    /// How many changes of the source the renderer has not given back.
    changes: usize,
    shared: Arc<Shared>,
    recipe: PresentRecipe,
    source: StreamSpec,
    /// How much has been queued since the start of the stream.
    pushed: Pushed,
    /// The bytes of an unfinished frame.
    partial: Partial,
    /// Whether frames have been queued since the last declared end.
    open: bool,
    utterance: Option<UtteranceId>,
    /// Whether `utterance` has been interrupted or cancelled: no more of it is taken.
    interrupted: bool,
    next_utterance: u64,
    next_mark: u64,
    ends_declared: u64,
    backlog: Option<Box<Backlog>>,
}

/// The feeder's ends of the queues.
pub(crate) struct Ends {
    pub(crate) queue: TimedSender,
    pub(crate) markers: Sender<Marker>,
    pub(crate) retired: Receiver<Box<Change>>,
}

impl Feeder {
    pub(crate) fn new(
        ends: Ends,
        shared: Arc<Shared>,
        recipe: PresentRecipe,
        config: &Config,
    ) -> Self {
        let source = config.source;
        Self {
            queue: ends.queue,
            markers: ends.markers,
            retired: ends.retired,
            changes: 0,
            shared,
            recipe,
            source,
            pushed: Pushed::new(config),
            partial: Partial::new(source.frame_bytes()),
            open: false,
            utterance: None,
            interrupted: false,
            next_utterance: 0,
            next_mark: 0,
            ends_declared: 0,
            backlog: config.max_backlog.map(|most| Box::new(Backlog::new(most))),
        }
    }

    /// The format, rate and channels of the samples to push.
    #[must_use]
    pub fn source(&self) -> &StreamSpec {
        &self.source
    }

    /// How many source frames have been queued since the start of the stream.
    #[must_use]
    pub fn pushed_frames(&self) -> u64 {
        self.pushed.frames()
    }

    /// How many source frames the queue has room for.
    ///
    /// The length of the queue is a time ([`Config::queue_frames`](crate::Config::queue_frames)). Queued frames of an
    /// earlier source take their share of that time.
    #[must_use]
    pub fn free_frames(&self) -> usize {
        self.queue.free_frames()
    }

    /// Queues whole frames of interleaved samples and returns how many were taken: all, or as many as there is room
    /// for. An unfinished frame at the end is not taken. Does not allocate, unless
    /// [`Config::max_backlog`](crate::Config::max_backlog) is set.
    ///
    /// # Errors
    /// [`FeedError::Interrupted`] if the utterance has been interrupted or cancelled, [`FeedError::Format`] if `S` is
    /// not the source's format, and [`FeedError::PartialFrame`] if an unfinished frame from
    /// [`push_bytes`](Self::push_bytes) is waiting. Nothing is taken then.
    pub fn push<S: Sample>(&mut self, samples: &[S]) -> Result<usize, FeedError> {
        self.begin_call()?;
        self.queue_samples(samples, self.utterance.is_some())
    }

    /// Queues bytes of the source's format, cut anywhere, and returns how many were taken.
    ///
    /// A frame that is split between two calls is put together. If an interruption or an end comes between the two, the
    /// first bytes of the frame are dropped.
    ///
    /// # Errors
    /// [`FeedError::Interrupted`] if the utterance has been interrupted or cancelled.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> Result<usize, FeedError> {
        self.begin_call()?;
        self.queue_bytes(bytes, self.utterance.is_some())
    }

    /// How many bytes of an unfinished frame wait for the rest.
    #[must_use]
    pub fn partial_bytes(&self) -> usize {
        self.partial.len()
    }

    /// Changes the format, rate or layout of what is pushed from here on.
    ///
    /// The change takes effect in order, at exactly this frame. An unfinished frame is dropped. The queue holds the
    /// same time of the new source as of the old.
    ///
    /// Allocates the new source's buffers and its queue here, on the feeder's thread.
    ///
    /// # Errors
    /// [`FeedError::Config`] if the source cannot be converted, and [`FeedError::MarkersFull`] if too many markers are
    /// queued. Nothing changes then.
    pub fn set_source(&mut self, source: StreamSpec) -> Result<(), FeedError> {
        self.collect_retired();
        if source != self.source {
            check_rate(&source)?;
            self.check_marker()?;
            let (next, ring) = self.queue.prepare(&source)?;
            self.recipe.clone().with(|recipe| {
                let change = Change {
                    plan: Plan::new(source, recipe)?,
                    ring,
                    before_ns: self.pushed.nanoseconds(),
                    others: None,
                };
                self.mark_position(MarkerKind::Source(Box::new(change)))
            })?;
            self.changes += 1;
            self.queue.change(next);
            self.pushed.change_rate(source.rate_hz);
            self.source = source;
        }
        self.partial = Partial::new(source.frame_bytes());
        Ok(())
    }

    /// Declares the beginning of an utterance, and the end of one that is open.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if too many markers are queued. Nothing changes then.
    pub fn begin_utterance(&mut self) -> Result<UtteranceId, FeedError> {
        self.collect_retired();
        self.check_marker()?;
        let ends = self.take_end();
        let utterance = UtteranceId(self.next_utterance);
        self.next_utterance += 1;
        self.shared
            .begun_utterances
            .store(self.next_utterance, Ordering::Release);
        self.mark_position(MarkerKind::Begin { utterance, ends })?;
        self.utterance = Some(utterance);
        if let Some(backlog) = &mut self.backlog {
            backlog.begin(Some(utterance));
        }
        Ok(utterance)
    }

    /// Declares the end of the utterance, or of what was pushed outside any.
    ///
    /// The pushed frames are rendered to the last one, including the resampler's tail, and the silence behind them is
    /// no underrun. An unfinished frame is dropped. If nothing was begun or pushed since the last end, nothing happens.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if too many markers are queued. Nothing changes then.
    pub fn end_utterance(&mut self) -> Result<(), FeedError> {
        self.collect_retired();
        if self.is_open() {
            self.check_marker()?;
            if let Some(end) = self.take_end() {
                self.mark_position(MarkerKind::End(end))?;
            }
        }
        self.partial.clear();
        Ok(())
    }

    /// Marks the present position. An [`EventKind::Mark`](crate::EventKind::Mark) reports when the next pushed frame
    /// sounds.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if too many markers are queued, and [`FeedError::Interrupted`] if the
    /// utterance has been interrupted or cancelled.
    pub fn mark(&mut self) -> Result<MarkId, FeedError> {
        if self.utterance.is_some() {
            self.check_begun()?;
        }
        let id = MarkId(self.next_mark);
        self.mark_position(MarkerKind::Mark(id))?;
        self.next_mark += 1;
        Ok(id)
    }

    /// Whether an utterance or frames are open: their end has not been declared.
    const fn is_open(&self) -> bool {
        self.open || self.utterance.is_some()
    }

    /// Begins a call that pushes. An interruption before the call concerns it only if it pushes into an utterance that
    /// was open then.
    pub(crate) fn begin_call(&mut self) -> Result<(), FeedError> {
        self.collect_retired();
        if self.utterance.is_some() {
            return self.check_begun();
        }
        if let Some(cut) = self.shared.feed.begin() {
            self.note_cut(cut);
        }
        Ok(())
    }

    /// Whether the open utterance, or the running call outside any, may go on.
    fn check_begun(&mut self) -> Result<(), FeedError> {
        let is_cut = self.shared.feed.cut().is_some();
        let is_cancelled = || {
            let controls = &self.shared.controls;
            self.utterance.is_some_and(|id| controls.has_cancelled(id))
        };
        if self.interrupted || is_cut || is_cancelled() {
            return Err(self.refuse());
        }
        Ok(())
    }

    /// Refuses the rest of the open utterance or of the running call.
    fn refuse(&mut self) -> FeedError {
        self.interrupted = self.utterance.is_some();
        self.partial.clear();
        FeedError::Interrupted { queued: 0 }
    }

    /// Publishes an interruption again: its own thread may not have published it yet, and the frames pushed next must
    /// come behind it.
    fn note_cut(&mut self, CutAt(frame): CutAt) {
        self.shared.controls.cut(frame);
        self.partial.clear();
    }

    /// Closes what is open, and returns the end to declare for it.
    fn take_end(&mut self) -> Option<End> {
        let is_open = self.is_open();
        let is_refused = self.utterance.is_some() && self.check_begun().is_err();
        let cut = self.shared.feed.begin();
        if let Some(cut) = cut {
            self.note_cut(cut);
        }
        self.partial.clear();
        let has_utterance = self.utterance.take().is_some();
        self.interrupted = false;
        self.open = false;
        if !is_open {
            return None;
        }
        self.ends_declared += 1;
        if let Some(backlog) = &mut self.backlog {
            backlog.end();
        }
        self.trim_backlog();
        Some(End {
            is_cut: has_utterance && (is_refused || cut.is_some()),
        })
    }

    fn queue_samples<S: Sample>(
        &mut self,
        samples: &[S],
        is_begun: bool,
    ) -> Result<usize, FeedError> {
        if S::FORMAT != self.source.format {
            return Err(FeedError::Format {
                source: self.source.format,
                pushed: S::FORMAT,
            });
        }
        if self.partial.len() > 0 {
            return Err(FeedError::PartialFrame);
        }
        let bytes = S::as_bytes(samples);
        let frames = self.queue.frames_that_fit(bytes.len());
        let end = frames * self.queue.frame_bytes();
        self.queue_frames(frames, is_begun, bytes.get(..end).unwrap_or_default())?;
        Ok(frames)
    }

    #[inline(always)]
    pub(crate) fn queue_bytes(&mut self, bytes: &[u8], is_begun: bool) -> Result<usize, FeedError> {
        let mut before = 0;
        if self.partial.len() > 0 {
            before = self.complete_partial(bytes, is_begun)?;
            if before == 0 {
                return Ok(0);
            }
        }
        let frame_bytes = self.queue.frame_bytes();
        let rest = bytes.get(before..).unwrap_or_default();
        let frames = self.queue.frames_that_fit(rest.len());
        let end = frames * frame_bytes;
        let (whole, tail) = rest.split_at_checked(end).unwrap_or_default();
        self.queue_frames(frames, is_begun, whole)
            .map_err(|error| error.after(before))?;
        let kept = if tail.is_empty() || tail.len() >= frame_bytes {
            0
        } else {
            self.partial.take(tail)
        };
        Ok(before + end + kept)
    }

    /// Takes what the unfinished frame lacks, and queues it once it is whole. Returns how many bytes were taken: none if
    /// there is no room for the frame.
    #[cold]
    fn complete_partial(&mut self, bytes: &[u8], is_begun: bool) -> Result<usize, FeedError> {
        let count = self.partial.missing().min(bytes.len());
        let is_whole = count == self.partial.missing();
        if is_whole && self.free_frames() == 0 {
            return Ok(0);
        }
        self.partial.take(bytes);
        if is_whole {
            let partial = core::mem::take(&mut self.partial);
            let queued = self.queue_frames(1, is_begun, partial.frame());
            self.partial = partial;
            self.partial.clear();
            queued?;
        }
        Ok(count)
    }

    /// Counts frames for which there is room, and queues them. With `is_begun` they belong to an open utterance or a
    /// waiting call, and are refused if that was interrupted.
    #[inline(always)]
    fn queue_frames(
        &mut self,
        frames: usize,
        is_begun: bool,
        bytes: &[u8],
    ) -> Result<(), FeedError> {
        if is_begun {
            self.check_begun()?;
        }
        if frames == 0 {
            return Ok(());
        }
        match self.shared.feed.count(frames, is_begun) {
            Ok(None) => {}
            Ok(Some(CutAt(frame))) => self.shared.controls.cut(frame),
            Err(_) => return Err(self.refuse()),
        }
        self.pushed.add(frames, &self.shared);
        self.open = true;
        self.queue.push_bytes(bytes);
        self.shared.note_fed();
        if let Some(backlog) = &mut self.backlog {
            backlog.push(self.utterance, frames, self.source.rate_hz);
            backlog.trim(&self.shared);
        }
        Ok(())
    }

    /// Cancels the oldest utterances while too much is queued.
    fn trim_backlog(&mut self) {
        if let Some(backlog) = &mut self.backlog {
            backlog.trim(&self.shared);
        }
    }

    fn check_marker(&self) -> Result<(), FeedError> {
        if self.markers.free() == 0 {
            return Err(FeedError::MarkersFull);
        }
        Ok(())
    }

    /// Publishes a marker. The bytes behind it must be published later.
    fn mark_position(&mut self, kind: MarkerKind) -> Result<(), FeedError> {
        let at_frame = self.pushed.frames();
        let ends = kind.is_end();
        let marker = Marker { at_frame, kind };
        self.markers
            .push(marker)
            .map_err(|_| FeedError::MarkersFull)?;
        if ends {
            self.shared.ended_frames.store(at_frame, Ordering::Release);
        }
        self.shared.note_marked();
        Ok(())
    }

    /// Frees the plans that the renderer has retired, and the queues that it has emptied.
    #[inline]
    fn collect_retired(&mut self) {
        if self.changes != 0 {
            self.free_retired();
        }
    }

    #[cold]
    fn free_retired(&mut self) {
        while let Some(change) = self.retired.pop() {
            let mut next = Some(change);
            while let Some(mut change) = next {
                self.changes = self.changes.saturating_sub(1);
                next = change.others.take();
            }
        }
        self.queue.tidy();
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.note_fed();
    }
}
