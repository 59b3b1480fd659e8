//! The application's half: what was recorded, as the application wants it.

#[cfg(feature = "futures")]
mod awaiting;
mod convert;
mod next;
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
use crate::audio::target::Target;
use crate::capture::config::{CaptureConfig, Gaps};
use crate::capture::controller::CaptureController;
use crate::capture::controls::Steering;
use crate::capture::counters::{CaptureCounters, Read};
use crate::capture::gap::Gap;
use crate::capture::marker::Marker;
use crate::capture::monitor::CaptureMonitor;
use crate::capture::reader::pre_roll::PreRoll;
use crate::capture::reader::step::{Boundary, GAP_CAPACITY, Next};
use crate::capture::shared::Shared;
use crate::config::ConfigError;
use crate::link::queue::{ByteReceiver, Receiver};
use crate::link::stamp::Stamps;
use crate::plan::{PIECE_FRAMES, Plan, piece};
use crate::span::{Span, nanoseconds};
use crate::spec::StreamSpec;

/// Gives what was recorded, in the application's format, rate and channels.
///
/// No call waits, but those whose names end in `blocking` or `async`. What is read does not depend on the
/// sizes that are asked for or that the device delivers. Reading allocates only where it passes from
/// one device to another, and in the first [`read_exact`](Self::read_exact) of a size.
#[derive(Debug)]
pub struct Reader {
    ring: ByteReceiver,
    markers: Receiver<Marker>,
    shared: Arc<Shared>,
    plan: Plan,
    application: StreamSpec,
    gaps: Gaps,
    /// How long the queue is.
    queue: Span,
    /// One piece of the application's frames.
    piece: Box<[f32]>,
    steering: Steering,
    quantize: Quantize,
    meter: bool,
    /// Frames of a gap that are still to be given as silence.
    silence_left: u64,
    /// For gaps before this position no silence is given: what was there has been discarded.
    forgone_to: u64,
    /// Why the resampler's tail is being read.
    boundary: Option<Boundary>,
    /// Application frames that the present call wants together.
    at_once: usize,
    /// The position of the next frame in the queue: device frames since the start.
    at: u64,
    counters: Read,
    /// A gap that may go on: nothing has been read behind it.
    gap: Option<Gap>,
    met: Deque<Gap, GAP_CAPACITY>,
    pre_roll: PreRoll,
    /// When its blocks came, until a reference takes that.
    stamps: Option<Stamps>,
}

/// Where a frame that is read stands in the device's stream, exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CapturePosition {
    /// The device frame at or before it, counted from the start of the capture, lost frames included,
    /// whatever rates the devices since then had.
    pub frame: u64,
    /// How far behind that frame it stands, in device frames: `0.0..1.0`.
    pub fraction: f64,
    /// The device's rate, in Hz.
    pub rate_hz: u32,
    /// Device frames from one application frame to the next, the [trim](Reader::set_trim) included.
    pub step: f64,
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
            at_once: 0,
            at: 0,
            counters: Read::default(),
            gap: None,
            met: Deque::new(),
            pre_roll: PreRoll::new(
                application.format,
                application.channel_count(),
                config.pre_roll_frames,
            ),
            stamps: None,
        }
    }

    pub(super) fn keep_stamps(&mut self, stamps: Option<Stamps>) {
        self.stamps = stamps;
    }

    pub(crate) fn take_stamps(&mut self) -> Option<Stamps> {
        self.stamps.take()
    }

    /// What is read.
    #[must_use]
    pub fn application(&self) -> &StreamSpec {
        &self.application
    }

    /// What the device delivers at the position that has been reached.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        self.plan.source()
    }

    /// Fills `out` (frames x application channels, interleaved) as far as there is something, in
    /// the format of `S`, and returns how many frames that gave. Samples of a partial frame at the
    /// end of `out` are left alone.
    ///
    /// Where device and application have the same rate and channels and an integer format (or
    /// `f64`), the samples are copied as they are, unless there is a gain. Everything else goes through `f32`, and
    /// what is not finite is cleaned: NaN becomes 0 and an infinity full scale, both counted.
    pub fn read<S: Sample>(&mut self, out: &mut [S]) -> usize {
        self.read_target(&mut Target::typed(out), 0)
    }

    /// Reads as [`read`](Self::read) does, in the byte format of [`CaptureConfig::application`];
    /// returns frames.
    pub fn read_bytes(&mut self, out: &mut [u8]) -> usize {
        let format = self.application.format;
        self.read_target(&mut Target::bytes(format, out), 0)
    }

    /// Reads as [`read`](Self::read) does, but no further than to where frames cease to follow each other: a gap that
    /// is skipped, or a change of device. Returns where the first of them stands, and how many there are; each is a
    /// [`step`](CapturePosition::step) behind the one before it. 0 means that there is nothing to be read.
    ///
    /// What is read again after a [`rewind`](Self::rewind) is a stretch of its own.
    pub fn read_stretch<S: Sample>(&mut self, out: &mut [S]) -> (CapturePosition, usize) {
        self.at_once = 0;
        self.keep_up();
        let position = self.exact_position();
        let frames = out.len() / self.application.channel_count();
        let mut target = Target::typed(out);
        match self.pre_roll.read(target.format(), target.rest(0)) {
            0 => self.read_run(&mut target, 0, frames),
            again => (position, again),
        }
    }

    /// Fills all of `out`, or takes nothing and returns false: for what works in frames of a fixed length, as
    /// detectors of speech do (10, 20 or 30 ms). What `out` holds then is of no meaning.
    ///
    /// At the end fewer frames may be left, which [`read`](Self::read) gives. The first call of a size
    /// allocates.
    #[must_use = "where it is false, nothing was read"]
    pub fn read_exact<S: Sample>(&mut self, out: &mut [S]) -> bool {
        let frames = out.len() / self.application.channel_count();
        self.pre_roll.reserve(frames);
        let given = self.read_target(&mut Target::typed(out), frames);
        let is_whole = given == frames;
        if !is_whole {
            self.pre_roll.rewind(given);
        }
        is_whole
    }

    /// Goes back by up to `frames` of the application's frames, which are then read again, and returns by how
    /// many: as many as are kept ([`CaptureConfig::pre_roll_frames`]), and no more than have been read. So the
    /// beginning of a word is had that a detector of speech has only noticed at its end.
    ///
    /// What is read again is what was read, gain and rounding included; in another format it is converted from
    /// that.
    pub fn rewind(&mut self, frames: usize) -> usize {
        self.pre_roll.rewind(frames)
    }

    /// The position of the next frame that will be read, in device frames since the start: what the
    /// device had delivered when that frame came, lost frames included. After a [`rewind`](Self::rewind) it is
    /// counted back at the present device's rate.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.exact_position().frame
    }

    /// The [position](Self::position) between frames as well, and what is read from there on. Where a stretch ends,
    /// the next frame may be the first of another: [`read_stretch`](Self::read_stretch) tells.
    #[must_use]
    pub fn exact_position(&self) -> CapturePosition {
        let reached = self.at - self.silence_left - self.passed_frames();
        let step = self.plan.step();
        let (whole, fraction) = self.plan.position();
        let next = fraction - self.pre_roll.again() as f64 * step;
        let before = libm::floor(next);
        CapturePosition {
            frame: reached.saturating_add_signed(whole.saturating_add(before as i64)),
            fraction: next - before,
            rate_hz: self.plan.source().rate_hz,
            step,
        }
    }

    /// How much has been captured, or lost, since the next frame that will be read: how far the reader lies behind.
    #[must_use]
    pub fn lag(&self) -> Duration {
        let reached = self.at - self.passed_frames();
        let ahead = reached.saturating_sub(self.position());
        let ahead_ns = nanoseconds(ahead, self.plan.source().rate_hz);
        let behind_ns = self.behind_ns(self.shared.captured_frames());
        Duration::from_nanos(behind_ns.saturating_add(ahead_ns))
    }

    /// How far reading runs ahead of what is given, in whole device frames: 0 where the rates are
    /// equal, else the resampler's look-ahead.
    #[must_use]
    pub fn latency_frames(&self) -> usize {
        self.plan.latency_frames()
    }

    /// Whether the recorder has been dropped and everything has been read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.has_ended() && self.pre_roll.again() == 0
    }

    /// Whether nothing will be read that has not been read before.
    fn has_ended(&self) -> bool {
        matches!(self.boundary, Some(Boundary::End { flushed: true }))
    }

    /// Hands out the gaps that reading has passed, oldest first. Only the latest 64 wait for this.
    pub fn poll(&mut self, mut on_gap: impl FnMut(Gap)) {
        while let Some(gap) = self.met.pop_front() {
            on_gap(gap);
        }
    }

    /// All counters, as they stood together.
    #[must_use]
    pub fn snapshot(&self) -> CaptureCounters {
        self.shared.snapshot()
    }

    /// A monitor that reads the counters on any other thread.
    #[must_use]
    pub fn monitor(&self) -> CaptureMonitor {
        CaptureMonitor(Arc::clone(&self.shared))
    }

    /// A controller that mutes the capture, or sets its gain, from any other thread.
    #[must_use]
    pub fn controller(&self) -> CaptureController {
        CaptureController::new(Arc::clone(&self.shared), self.application.rate_hz)
    }

    /// Reads faster (`trim` > 0) or slower than the rates say, by this fraction, for a clock that
    /// drifts: `-0.02..=0.02`. The change comes evenly within `ramp_frames` application frames.
    /// A device that is [bound anew](super::Recorder::rebind) begins untrimmed.
    ///
    /// # Errors
    /// [`ConfigError::NotAdjustable`] unless [`CaptureConfig::adjustable`] is set, or `trim` lies
    /// outside that range.
    pub fn set_trim(&mut self, trim: f64, ramp_frames: u32) -> Result<(), ConfigError> {
        self.plan.set_trim(trim, ramp_frames)
    }

    /// Fills the target as far as there is something. `at_once` frames are wanted all together or not at all.
    fn read_target(&mut self, target: &mut Target<'_>, at_once: usize) -> usize {
        self.at_once = at_once;
        self.keep_up();
        let frames = target.samples() / self.application.channel_count();
        let mut done = self.pre_roll.read(target.format(), target.rest(0));
        while done < frames {
            let (_, count) = self.read_run(target, done, frames - done);
            if count == 0 {
                break;
            }
            done += count;
        }
        done
    }

    /// Fills the target from frame `from` on with up to `frames` new frames that follow each other.
    fn read_run(
        &mut self,
        target: &mut Target<'_>,
        from: usize,
        frames: usize,
    ) -> (CapturePosition, usize) {
        let channels = self.application.channels();
        let mut begin = self.exact_position();
        let mut done = 0;
        while done < frames {
            let (next, wanted) = self.steered_next((frames - done).min(PIECE_FRAMES));
            if done == 0 {
                begin = self.exact_position();
            }
            let at = (from + done) * channels;
            let is_tail = matches!(next, Next::Flush);
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
            // What comes behind a tail is another stretch.
            if !moved && written == 0 || is_tail && moved && done > 0 {
                break;
            }
        }
        let new = target.view(from * channels..(from + done) * channels);
        self.pre_roll.keep(target.format(), new);
        self.counters.delivered_frames += done as u64;
        self.publish();
        (begin, done)
    }

    fn publish(&self) {
        self.shared.read.write(&self.counters.to_words());
    }
}
