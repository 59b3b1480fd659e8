//! The reader: gives the recorded frames as the application wants them.

#[cfg(feature = "futures")]
mod awaiting;
mod convert;
mod discard;
mod give;
mod ledger;
mod next;
pub(super) mod place;
mod pre_roll;
mod step;
#[cfg(feature = "std")]
mod waiting;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;

use heapless::Deque;
use pcm_convert::Sample;

use crate::audio::quantize::Quantize;
use crate::audio::target::{Target, sample_size};
use crate::capture::config::{CaptureConfig, Gaps};
use crate::capture::controller::CaptureController;
use crate::capture::controls::Steering;
use crate::capture::counters::{CaptureCounters, Read};
use crate::capture::gap::Gap;
use crate::capture::marker::Marker;
use crate::capture::monitor::CaptureMonitor;
use crate::capture::reader::ledger::Ledger;
use crate::capture::reader::place::CapturePosition;
use crate::capture::reader::pre_roll::PreRoll;
use crate::capture::reader::step::{Boundary, GAP_CAPACITY, Next};
use crate::capture::shared::Shared;
use crate::config::ConfigError;
use crate::link::queue::{ByteReceiver, Receiver};
use crate::link::since::Since;
use crate::link::stamp::Stamps;
use crate::plan::{PIECE_FRAMES, Plan, piece};
use crate::span::Span;
use crate::spec::StreamSpec;

/// Reads the recorded frames in the application's format, rate and channels.
///
/// Only calls whose names end in `blocking` or `async` wait. The samples do not depend on the sizes of the reads or of
/// the device's blocks. Reading allocates only when it passes from one device to another, and in the first
/// [`read_exact`](Self::read_exact) of a size.
///
/// ```
/// use rt_callback::{CaptureConfig, capture};
///
/// let config = CaptureConfig::new("48000x2:s16le".parse()?, "48000x1:f32le".parse()?);
/// let (mut recorder, mut reader) = capture(&config)?;
/// recorder.record(&[16_384_i16; 2 * 480]); // the audio callback
/// let mut speech = [0.0_f32; 480];
/// assert_eq!(reader.read(&mut speech), 480); // the application's thread
/// assert_eq!(speech, [0.5; 480]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    ring: ByteReceiver,
    markers: Receiver<Marker>,
    shared: Arc<Shared>,
    plan: Plan,
    /// Since when the device at the reader's position has its rate.
    since: Since,
    application: StreamSpec,
    gaps: Gaps,
    /// The length of the queue.
    queue: Span,
    /// Room for one piece of application frames.
    piece: Box<[f32]>,
    steering: Steering,
    quantize: Quantize,
    meter: bool,
    /// The frames of a gap that are still to be given as silence.
    silence_left: u64,
    /// No silence is given for gaps before this position, because it has been discarded.
    forgone_to: u64,
    /// The reason for which the resampler's tail is being read.
    boundary: Option<Boundary>,
    /// How many frames `at` is ahead of where the tail that is being read ends, because they are skipped.
    passed_frames: u64,
    /// How many application frames the present call wants together.
    at_once: usize,
    /// The position of the next frame in the queue, in device frames since the start.
    at: u64,
    counters: Read,
    /// The device frames of the frames that were given back. They count as queued.
    given_back: Ledger,
    /// The device frames that the present call has taken, if it may give them back.
    taken: Ledger,
    /// A gap that may still grow, because nothing has been read behind it.
    gap: Option<Gap>,
    met: Deque<Gap, GAP_CAPACITY>,
    pre_roll: PreRoll,
    /// The stamps of the blocks, until a reference takes them.
    stamps: Option<Stamps>,
}

impl Reader {
    pub(super) fn new(
        config: &CaptureConfig,
        ring: ByteReceiver,
        markers: Receiver<Marker>,
        shared: Arc<Shared>,
        plan: Plan,
    ) -> Self {
        let application = config.application;
        let channels = application.channels();
        Self {
            ring,
            markers,
            shared,
            plan,
            since: Since::start(config.device.rate_hz),
            application,
            gaps: config.gaps,
            queue: Span::new(config.queue_frames as u64, config.device.rate_hz),
            piece: piece(channels),
            steering: Steering::new(config.gain, config.ramp_frames),
            quantize: Quantize::new(channels, config.rounding, config.dither, config.dither_seed),
            meter: config.meter,
            silence_left: 0,
            forgone_to: 0,
            boundary: None,
            passed_frames: 0,
            at_once: 0,
            at: 0,
            counters: Read::default(),
            given_back: Ledger::default(),
            taken: Ledger::default(),
            gap: None,
            met: Deque::new(),
            pre_roll: PreRoll::new(application.channel_count(), config.pre_roll_frames),
            stamps: None,
        }
    }

    pub(super) fn keep_stamps(&mut self, stamps: Option<Stamps>) {
        self.stamps = stamps;
    }

    pub(crate) fn take_stamps(&mut self) -> Option<Stamps> {
        self.stamps.take()
    }

    /// The format, rate and channels that the application reads.
    #[must_use]
    pub fn application(&self) -> &StreamSpec {
        &self.application
    }

    /// The format, rate and channels of the device at the reader's position.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        match self.pre_roll.next_break() {
            Some(end) => &end.device,
            None => self.plan.source(),
        }
    }

    /// Fills `out` (frames x application channels, interleaved) with the frames that there are, in the format of `S`,
    /// and returns how many were read. Samples of an unfinished frame at the end of `out` stay as they are.
    ///
    /// If device and application have the same rate, channels and format, and it is an integer format or `f64`, the
    /// samples are copied unchanged, unless there is a gain. Otherwise they go through `f32`, and samples that are not
    /// finite are counted and made finite: NaN becomes 0, and an infinity full scale.
    pub fn read<S: Sample>(&mut self, out: &mut [S]) -> usize {
        self.read_whole(&mut Target::typed(out))
    }

    /// Reads as [`read`](Self::read) does, in the byte format of [`CaptureConfig::application`]. Returns frames.
    pub fn read_bytes(&mut self, out: &mut [u8]) -> usize {
        let format = self.application.format;
        self.read_whole(&mut Target::bytes(format, sample_size(format), out))
    }

    /// Reads frames that follow each other without a break. It stops at a gap that is skipped, and at a change of
    /// device.
    ///
    /// Returns the position of the first frame, and how many frames were read. Each frame is one
    /// [`step`](CapturePosition::step) behind the one before it. 0 means that there is nothing to read.
    ///
    /// Frames that are read again, after a [`rewind`](Self::rewind) or a [`read_exact`](Self::read_exact) that failed,
    /// are stretches of their own.
    pub fn read_stretch<S: Sample>(&mut self, out: &mut [S]) -> (CapturePosition, usize) {
        self.at_once = 0;
        self.keep_up();
        let position = self.exact_position();
        let frames = out.len() / self.application.channel_count();
        let mut target = Target::typed(out);
        let read = match self.read_again(&mut target, 0) {
            0 => self.read_run(&mut target, 0, frames),
            again => (position, again),
        };
        self.publish();
        read
    }

    /// Fills all of `out`, or takes nothing and returns false. The content of `out` has no meaning then.
    ///
    /// This is for code that works in stretches of a fixed length, such as speech detectors (10, 20 or 30 ms).
    ///
    /// At the end fewer frames may be left: [`read`](Self::read) gives them. The first call of a size allocates.
    #[must_use = "where it is false, nothing was read"]
    pub fn read_exact<S: Sample>(&mut self, out: &mut [S]) -> bool {
        let frames = out.len() / self.application.channel_count();
        self.pre_roll.reserve(frames);
        let is_whole = self.read_or_give_back(&mut Target::typed(out), frames);
        self.publish();
        is_whole
    }

    /// Goes back by up to `frames` application frames, so that they are read again. Returns by how many.
    ///
    /// It goes back by no more frames than are kept ([`CaptureConfig::pre_roll_frames`]) and than have been read. So an
    /// application gets the beginning of a word that its speech detector noticed late.
    ///
    /// The frames are the same as before, after gain and rounding. In another format they are converted from that. While
    /// the capture is muted they are silent.
    pub fn rewind(&mut self, frames: usize) -> usize {
        self.pre_roll.rewind(frames)
    }

    /// The position of the next frame to read, in device frames since the start, including lost frames. After a
    /// [`rewind`](Self::rewind) it is counted back from where the frames end, at the rate of their own device.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.exact_position().frame
    }

    /// The [position](Self::position) with its fraction, and the rate and step there. At the end of a stretch the next
    /// frame may lie elsewhere: [`read_stretch`](Self::read_stretch) returns its position.
    #[must_use]
    pub fn exact_position(&self) -> CapturePosition {
        self.place().position
    }

    /// How far the reader is behind: how long the frames last that have been captured or lost since the next frame to
    /// read.
    #[must_use]
    pub fn lag(&self) -> Duration {
        let captured_ns = self.captured_ns(self.shared.captured_frames());
        let next = self.place();
        let read_ns = next.since.ns_to(next.position.frame);
        Duration::from_nanos(captured_ns.saturating_sub(read_ns))
    }

    /// How far the reader reads ahead of what it gives, in whole device frames: the resampler's look-ahead, or 0 if the
    /// rates are equal.
    #[must_use]
    pub fn latency_frames(&self) -> usize {
        self.plan.latency_frames()
    }

    /// Whether the recorder has been dropped and everything has been read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.has_ended() && self.pre_roll.again() == 0
    }

    /// Whether there are no new frames left. Frames after a rewind may be.
    fn has_ended(&self) -> bool {
        matches!(self.boundary, Some(Boundary::End { flushed: true }))
    }

    /// Hands out the gaps that the reader has passed, oldest first. Only the latest 64 are kept.
    pub fn poll(&mut self, mut on_gap: impl FnMut(Gap)) {
        while let Some(gap) = self.met.pop_front() {
            on_gap(gap);
        }
    }

    /// Returns all counters, as they stood together.
    #[must_use]
    pub fn snapshot(&self) -> CaptureCounters {
        self.shared.snapshot()
    }

    /// Returns a monitor, to read the counters on any thread.
    #[must_use]
    pub fn monitor(&self) -> CaptureMonitor {
        CaptureMonitor(Arc::clone(&self.shared))
    }

    /// Returns a controller, to mute the capture or set its gain from any thread.
    #[must_use]
    pub fn controller(&self) -> CaptureController {
        CaptureController::new(Arc::clone(&self.shared), self.application.rate_hz)
    }

    /// Reads faster (`trim` > 0) or slower than the rates say, by a fraction in `-0.02..=0.02`, to follow a clock that
    /// drifts. The trim changes evenly over `ramp_frames` application frames. After a
    /// [`rebind`](super::Recorder::rebind) the device begins untrimmed.
    ///
    /// # Errors
    /// [`ConfigError::NotAdjustable`] if [`CaptureConfig::adjustable`] is not set, or `trim` lies outside that range.
    pub fn set_trim(&mut self, trim: f64, ramp_frames: u32) -> Result<(), ConfigError> {
        self.plan.set_trim(trim, ramp_frames)
    }

    /// Fills the target from frame `from` on with up to `frames` new frames that follow each other without a break.
    fn read_run(
        &mut self,
        target: &mut Target<'_>,
        from: usize,
        frames: usize,
    ) -> (CapturePosition, usize) {
        let channels = self.application.channels();
        let mut begin = self.exact_position();
        let mut end = None;
        let mut done = 0;
        while done < frames {
            let (next, wanted) = self.steered_next((frames - done).min(PIECE_FRAMES));
            if done == 0 {
                begin = self.exact_position();
            }
            let at = (from + done) * channels;
            let tail = matches!(next, Next::Flush).then(|| self.new_place());
            let (moved, written) = match next {
                Next::Nothing => break,
                Next::Queued(count) if self.copies_to(target.format()) => {
                    self.copy(target, at, count.min(wanted))
                }
                Next::Queued(count) => self.convert(target, at, wanted, count),
                Next::Silence(count) if self.plan.is_copy() => {
                    self.copy_silence(target, at, count.min(wanted))
                }
                Next::Silence(count) => self.convert_silence(target, at, wanted, count),
                Next::Flush => self.flush(target, at, wanted),
            };
            done += written;
            self.steering.is_fresh &= written == 0;
            let ended = tail.filter(|_| moved).map(|at| at.moved(written as f64));
            // The frames behind a tail are another stretch.
            match ended {
                Some(ended) if done == 0 => self.pre_roll.break_off(ended),
                Some(_) => {
                    end = ended;
                    break;
                }
                None if !moved && written == 0 => break,
                None => {}
            }
        }
        let new = target.view(from * channels..(from + done) * channels);
        self.pre_roll.keep(target.format(), new);
        if let Some(end) = end {
            self.pre_roll.break_off(end);
        }
        self.counters.delivered_frames += done as u64;
        (begin, done)
    }

    /// Publishes the counters. What was given back counts as neither read nor delivered.
    fn publish(&self) {
        let mut counters = self.counters;
        counters.read_frames -= self.given_back.sound();
        counters.delivered_frames -= self.pre_roll.given_back() as u64;
        self.shared.read.write(&counters.to_words());
    }
}
