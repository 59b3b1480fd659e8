//! The application's half: queues samples, and says what they are.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::Ordering;

use pcm_convert::{Sample, SampleFormat};

use crate::config::{ConfigError, check_frame, check_rate};
use crate::event::{MarkId, Marker, MarkerKind, UtteranceId};
use crate::plan::Plan;
use crate::queue::{ByteSender, Receiver, Sender};
use crate::recipe::PresentRecipe;
use crate::shared::Shared;
use crate::spec::StreamSpec;

#[cfg(feature = "futures")]
mod awaiting;
#[cfg(feature = "std")]
mod blocking;
#[cfg(any(feature = "std", feature = "futures"))]
mod draining;

#[cfg(feature = "futures")]
pub use awaiting::Abandoned;
#[cfg(feature = "std")]
pub use blocking::TimedOut;

/// Queues source frames for the [`Renderer`](crate::Renderer). Dropping it declares the end.
///
/// No call waits unless it says so. A full queue accepts less than it was given, and says how much.
#[derive(Debug)]
pub struct Feeder {
    ring: ByteSender,
    markers: Sender<Marker>,
    retired: Receiver<Box<Plan>>,
    shared: Arc<Shared>,
    recipe: PresentRecipe,
    source: StreamSpec,
    /// Source frames queued since the start of the stream.
    committed: u64,
    /// The beginning of a frame whose end has not come yet.
    partial: Vec<u8>,
    /// Frames have been queued since the last declared end.
    open: bool,
    utterance: Option<UtteranceId>,
    next_utterance: u64,
    next_mark: u64,
}

impl Feeder {
    pub(crate) fn new(
        ring: ByteSender,
        markers: Sender<Marker>,
        retired: Receiver<Box<Plan>>,
        shared: Arc<Shared>,
        recipe: PresentRecipe,
        source: StreamSpec,
    ) -> Self {
        Self {
            ring,
            markers,
            retired,
            shared,
            recipe,
            source,
            committed: 0,
            partial: Vec::with_capacity(source.frame_bytes()),
            open: false,
            utterance: None,
            next_utterance: 0,
            next_mark: 0,
        }
    }

    /// What is being pushed.
    #[must_use]
    pub fn source(&self) -> &StreamSpec {
        &self.source
    }

    /// How many source frames have been queued since the start of the stream.
    #[must_use]
    pub fn pushed_frames(&self) -> u64 {
        self.committed
    }

    /// How many source frames the queue has room for.
    #[must_use]
    pub fn free_frames(&self) -> usize {
        self.ring.free() / self.source.frame_bytes()
    }

    /// Queues whole frames of interleaved samples and returns how many were taken: all, or as
    /// many as there is room for. A part of a frame at the end is not taken.
    ///
    /// # Errors
    /// [`FeedError::Format`] if the source's format is another than that of `S`, and
    /// [`FeedError::PartialFrame`] if bytes of an unfinished frame are waiting from
    /// [`push_bytes`](Self::push_bytes). Nothing is taken then.
    pub fn push<S: Sample>(&mut self, samples: &[S]) -> Result<usize, FeedError> {
        self.collect_retired();
        if S::FORMAT != self.source.format {
            return Err(FeedError::Format {
                source: self.source.format,
                pushed: S::FORMAT,
            });
        }
        if !self.partial.is_empty() {
            return Err(FeedError::PartialFrame);
        }
        let channels = self.source.channels();
        let frames = (samples.len() / channels).min(self.free_frames());
        let samples = samples.get(..frames * channels).unwrap_or_default();
        if frames > 0 && self.ring.push_samples(samples) {
            self.commit(frames);
            Ok(frames)
        } else {
            Ok(0)
        }
    }

    /// Queues bytes of the source's format, cut anywhere, and returns how many were taken. A frame
    /// that is split between two calls is put together; nothing of it is dropped.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> usize {
        self.collect_retired();
        let frame_bytes = self.source.frame_bytes();
        let mut rest = bytes;
        if !self.partial.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(frame_bytes - self.partial.len()));
            let whole = self.partial.len() + head.len() == frame_bytes;
            if whole && self.free_frames() == 0 {
                return 0;
            }
            self.partial.extend_from_slice(head);
            rest = tail;
            if whole {
                self.ring.push_bytes(&self.partial);
                self.partial.clear();
                self.commit(1);
            }
        }
        let frames = (rest.len() / frame_bytes).min(self.free_frames());
        let (whole, tail) = rest.split_at(frames * frame_bytes);
        if frames > 0 && self.ring.push_bytes(whole) {
            self.commit(frames);
        }
        let mut taken = bytes.len() - tail.len();
        if tail.len() < frame_bytes {
            self.partial.extend_from_slice(tail);
            taken += tail.len();
        }
        taken
    }

    /// Bytes of an unfinished frame that wait for their rest.
    #[must_use]
    pub fn partial_bytes(&self) -> usize {
        self.partial.len()
    }

    /// Declares that what is pushed from here on is `source`: another format, rate or layout. The
    /// switch happens in order, at exactly this frame. An unfinished frame is dropped.
    ///
    /// Allocates the new source's buffers, here and not in the callback.
    ///
    /// # Errors
    /// [`FeedError::Config`] if the source cannot be converted, or a frame of it is longer than the whole
    /// queue; [`FeedError::MarkersFull`] if too many markers are queued. Nothing changes then.
    pub fn set_source(&mut self, source: StreamSpec) -> Result<(), FeedError> {
        self.collect_retired();
        if source != self.source {
            check_rate(&source)?;
            check_frame(&source, self.ring.capacity())?;
            self.recipe.clone().with(|recipe| {
                let plan = Box::new(Plan::new(source, recipe)?);
                self.mark_position(MarkerKind::Source(plan))
            })?;
            self.source = source;
        }
        self.partial.clear();
        self.partial.reserve_exact(source.frame_bytes());
        Ok(())
    }

    /// Declares the beginning of an utterance. One that is open ends here.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if too many markers are queued.
    pub fn begin_utterance(&mut self) -> Result<UtteranceId, FeedError> {
        if self.markers.free() < 2 {
            return Err(FeedError::MarkersFull);
        }
        self.end_utterance()?;
        let id = UtteranceId(self.next_utterance);
        self.next_utterance += 1;
        self.shared
            .begun_utterances
            .store(self.next_utterance, Ordering::Release);
        self.mark_position(MarkerKind::Begin(id))?;
        self.utterance = Some(id);
        Ok(id)
    }

    /// Declares an end: what was pushed is rendered to its last frame, the resampler's tail
    /// included, and the silence behind it is no underrun. An unfinished frame is dropped. Where
    /// nothing was begun or pushed since the last end, nothing happens.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if too many markers are queued.
    pub fn end_utterance(&mut self) -> Result<(), FeedError> {
        self.collect_retired();
        if self.open || self.utterance.is_some() {
            self.mark_position(MarkerKind::End)?;
            self.shared
                .ended_frames
                .store(self.committed, Ordering::Release);
            self.shared.note_fed();
            self.open = false;
            self.utterance = None;
        }
        self.partial.clear();
        Ok(())
    }

    /// Marks the present position: an event tells when the next frame that is pushed sounds.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if too many markers are queued.
    pub fn mark(&mut self) -> Result<MarkId, FeedError> {
        let id = MarkId(self.next_mark);
        self.mark_position(MarkerKind::Mark(id))?;
        self.next_mark += 1;
        Ok(id)
    }

    /// Counts frames that are in the ring already.
    fn commit(&mut self, frames: usize) {
        self.open = true;
        self.committed += frames as u64;
        self.shared
            .committed_frames
            .store(self.committed, Ordering::Release);
        self.shared.note_fed();
    }

    /// Publishes a marker; the bytes behind it come after it.
    fn mark_position(&mut self, kind: MarkerKind) -> Result<(), FeedError> {
        let marker = Marker {
            at_frame: self.committed,
            kind,
        };
        self.markers
            .push(marker)
            .map_err(|_| FeedError::MarkersFull)?;
        self.shared.note_fed();
        Ok(())
    }

    /// Frees the plans that the renderer is done with: it may be waiting for the room.
    fn collect_retired(&mut self) {
        while self.retired.pop().is_some() {
            self.shared.note_fed();
        }
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.note_fed();
    }
}

/// Never fails but with [`WouldBlock`](std::io::ErrorKind::WouldBlock), where the queue is full.
#[cfg(feature = "std")]
impl std::io::Write for Feeder {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.push_bytes(bytes) {
            0 if !bytes.is_empty() => Err(std::io::ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Why a [`Feeder`] took nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedError {
    /// Samples of one format were pushed into a source of another.
    Format {
        /// What the source was declared to be.
        source: SampleFormat,
        /// What was pushed.
        pushed: SampleFormat,
    },
    /// Bytes of an unfinished frame wait for their rest: push that, or declare an end.
    PartialFrame,
    /// As many markers are queued as [`Config::marker_capacity`](crate::Config::marker_capacity)
    /// allows; try again once some of what is queued has sounded.
    MarkersFull,
    /// The new source cannot be converted for the device.
    Config(ConfigError),
}

impl From<ConfigError> for FeedError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format { source, pushed } => write!(
                f,
                "pushed {pushed} samples into a {source} source; declare the format with set_source"
            ),
            Self::PartialFrame => f.write_str(
                "an unfinished frame is waiting: push its rest as bytes, or declare an end",
            ),
            Self::MarkersFull => {
                f.write_str("too many markers are queued: wait until some have sounded")
            }
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FeedError {}
