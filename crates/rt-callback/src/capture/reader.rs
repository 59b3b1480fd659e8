//! The application's half: what was recorded, as the application wants it.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;
#[cfg(feature = "std")]
use std::time::{Duration, Instant};

use pcm_convert::{Sample, SampleFormat};

use super::counters::Read;
use super::{
    CaptureConfig, CaptureCounters, CaptureMonitor, Change, Gap, Gaps, Marker, MarkerKind, Shared,
};
use crate::config::ConfigError;
use crate::plan::{PIECE_FRAMES, Plan, Queued, Supply, piece};
use crate::quantize::Quantize;
use crate::queue::{ByteReceiver, Receiver};
use crate::reference::Stamps;
use crate::spec::StreamSpec;
use crate::target::Target;

/// Gaps that wait for [`Reader::poll`].
const GAP_CAPACITY: usize = 64;

/// Gives what was recorded, in the application's format, rate and channels.
///
/// No call waits, but [`read_blocking`](Self::read_blocking). What is read does not depend on the
/// sizes that are asked for or that the device delivers. Reading allocates only where it passes from
/// one device to another.
#[derive(Debug)]
pub struct Reader {
    ring: ByteReceiver,
    markers: Receiver<Marker>,
    shared: Arc<Shared>,
    plan: Plan,
    application: StreamSpec,
    gaps: Gaps,
    /// One piece of the application's frames.
    piece: Box<[f32]>,
    quantize: Quantize,
    meter: bool,
    /// Frames of a gap that are still to be given as silence.
    silence_left: u64,
    /// Why the resampler's tail is being read.
    boundary: Option<Boundary>,
    /// The position of the next frame in the queue: device frames since the start.
    at: u64,
    counters: Read,
    met: VecDeque<Gap>,
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

/// Why a stretch of the stream comes to its end.
#[derive(Debug)]
enum Boundary {
    /// So many frames are missing, and nothing is read in their place.
    Gap(u64),
    Device(Box<Change>),
    /// The recorder is gone. This stays.
    End {
        flushed: bool,
    },
}

/// What can be read next.
enum Next {
    /// Of so many device frames in the queue, perhaps 0.
    Queued(usize),
    /// Of so many device frames of silence.
    Silence(usize),
    /// The resampler's tail.
    Flush,
    Nothing,
}

impl Reader {
    pub(super) fn new(
        config: &CaptureConfig,
        ring: ByteReceiver,
        markers: Receiver<Marker>,
        shared: Arc<Shared>,
        plan: Plan,
    ) -> Self {
        let channels = config.application.channels();
        Self {
            ring,
            markers,
            shared,
            plan,
            application: config.application,
            gaps: config.gaps,
            piece: piece(channels),
            quantize: Quantize::new(channels, config.rounding, config.dither, config.dither_seed),
            meter: config.meter,
            silence_left: 0,
            boundary: None,
            at: 0,
            counters: Read::default(),
            met: VecDeque::with_capacity(GAP_CAPACITY),
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
    /// `f64`), the samples are copied as they are. Everything else goes through `f32`, and what is
    /// not finite is cleaned: NaN becomes 0 and an infinity full scale, both counted.
    pub fn read<S: Sample>(&mut self, out: &mut [S]) -> usize {
        self.read_target(&mut Target::typed(out))
    }

    /// Reads as [`read`](Self::read) does, in the byte format of [`CaptureConfig::application`];
    /// returns frames.
    pub fn read_bytes(&mut self, out: &mut [u8]) -> usize {
        let format = self.application.format;
        self.read_target(&mut Target::bytes(format, out))
    }

    /// Reads as [`read`](Self::read) does, but no further than to where frames cease to follow each other: a gap that
    /// is skipped, or a change of device. Returns where the first of them stands, and how many there are; each is a
    /// [`step`](CapturePosition::step) behind the one before it. 0 means that there is nothing to be read.
    pub fn read_stretch<S: Sample>(&mut self, out: &mut [S]) -> (CapturePosition, usize) {
        let frames = out.len() / self.application.channels();
        self.read_run(&mut Target::typed(out), 0, frames)
    }

    /// Fills all of `out`, waiting where there is too little, but no longer than `timeout` in all,
    /// nor beyond the end. Looks every 5 ms: the audio thread wakes nobody, since that is a system
    /// call. Returns how many frames were read.
    #[cfg(feature = "std")]
    pub fn read_blocking<S: Sample>(&mut self, out: &mut [S], timeout: Duration) -> usize {
        let begin = Instant::now();
        let channels = self.application.channels();
        let frames = out.len() / channels;
        let mut done = 0;
        loop {
            done += self.read(out.get_mut(done * channels..).unwrap_or_default());
            if done == frames || self.is_at_end() || begin.elapsed() >= timeout {
                return done;
            }
            std::thread::sleep(TICK.min(timeout.saturating_sub(begin.elapsed())));
        }
    }

    /// Throws away up to `frames` device frames that wait in the queue, the oldest, and returns how
    /// many; the silence of a gap counts as well. It ends at a change of device. The resampler
    /// begins anew, so that nothing of what was before sounds into what comes.
    pub fn discard(&mut self, frames: usize) -> usize {
        self.plan.reset();
        let mut left = frames;
        while left > 0 {
            match self.next() {
                Next::Queued(count @ 1..) => {
                    let count = count.min(left);
                    self.ring.skip(count * self.plan.source().frame_bytes());
                    self.at += count as u64;
                    self.counters.discarded_frames += count as u64;
                    left -= count;
                }
                Next::Silence(count) => {
                    let count = count.min(left);
                    self.silence_left -= count as u64;
                    left -= count;
                }
                // There is no tail to be read.
                Next::Flush if matches!(self.boundary, Some(Boundary::Gap(_))) => {
                    self.boundary = None;
                }
                Next::Queued(_) | Next::Flush | Next::Nothing => break,
            }
        }
        self.publish();
        frames - left
    }

    /// The position of the next frame that will be read, in device frames since the start: what the
    /// device had delivered when that frame came, lost frames included.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.exact_position().frame
    }

    /// The [position](Self::position) between frames as well, and what is read from there on. Where a stretch ends,
    /// the next frame may be the first of another: [`read_stretch`](Self::read_stretch) tells.
    #[must_use]
    pub fn exact_position(&self) -> CapturePosition {
        // Until the tail of what was before a gap has been read, that is where reading is.
        let passed = match self.boundary {
            Some(Boundary::Gap(frames)) => frames,
            _ => 0,
        };
        let (whole, fraction) = self.plan.position();
        CapturePosition {
            frame: (self.at - self.silence_left - passed).saturating_add_signed(whole),
            fraction,
            rate_hz: self.plan.source().rate_hz,
            step: self.plan.step(),
        }
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

    /// Something that tells the counters on any other thread.
    #[must_use]
    pub fn monitor(&self) -> CaptureMonitor {
        CaptureMonitor(Arc::clone(&self.shared))
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

    fn read_target(&mut self, target: &mut Target<'_>) -> usize {
        let frames = target.samples() / self.application.channels();
        let mut done = 0;
        while done < frames {
            let (_, count) = self.read_run(target, done, frames - done);
            if count == 0 {
                break;
            }
            done += count;
        }
        done
    }

    /// Fills the target from frame `from` on with up to `frames` frames that follow each other.
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
            let wanted = (frames - done).min(PIECE_FRAMES);
            let at = (from + done) * channels;
            let next = self.next();
            if done == 0 {
                begin = self.exact_position();
            }
            let is_tail = matches!(next, Next::Flush);
            let (moved, written) = match next {
                Next::Nothing => break,
                Next::Queued(count) if self.copies_to(target.format()) => {
                    self.copy(target, at, count.min(wanted))
                }
                Next::Queued(count) => self.convert(target, at, wanted, count),
                Next::Silence(count) if self.plan.is_copy() => {
                    let count = count.min(wanted);
                    target.silence(at..at + count * channels);
                    self.silence_left -= count as u64;
                    self.counters.silence_frames += count as u64;
                    (true, count)
                }
                Next::Silence(count) => self.convert_silence(target, at, wanted, count),
                Next::Flush => self.flush(target, at, wanted),
            };
            done += written;
            // What comes behind a tail is another stretch.
            if !moved && written == 0 || is_tail && moved && done > 0 {
                break;
            }
        }
        self.counters.delivered_frames += done as u64;
        self.publish();
        (begin, done)
    }

    /// What comes next. Takes in the markers that have been reached.
    fn next(&mut self) -> Next {
        loop {
            match self.boundary {
                Some(Boundary::End { flushed: true }) => return Next::Nothing,
                Some(_) => return Next::Flush,
                None => {}
            }
            if let Ok(count @ 1..) = usize::try_from(self.silence_left) {
                return Next::Silence(count);
            }
            // In this order: nothing is queued after it is closed, and no byte that is seen here
            // lies behind a marker that is not.
            let closed = self.shared.closed.load(Ordering::Acquire);
            let available = self.ring.available() / self.plan.source().frame_bytes();
            match self.markers.peek() {
                Some(marker) if marker.at_frame > self.at => {
                    let ahead = usize::try_from(marker.at_frame - self.at).unwrap_or(usize::MAX);
                    return Next::Queued(available.min(ahead));
                }
                Some(_) => self.reach_marker(),
                None if available == 0 && closed => {
                    self.boundary = Some(Boundary::End { flushed: false });
                }
                None => return Next::Queued(available),
            }
        }
    }

    fn reach_marker(&mut self) {
        match self.markers.pop().map(|marker| marker.kind) {
            Some(MarkerKind::Gap(frames)) => {
                if self.met.len() == GAP_CAPACITY {
                    self.met.pop_front();
                }
                self.met.push_back(Gap {
                    at_frame: self.at,
                    rate_hz: self.plan.source().rate_hz,
                    frames,
                });
                self.at += frames;
                match self.gaps {
                    Gaps::Silence => self.silence_left = frames,
                    Gaps::Skip => self.boundary = Some(Boundary::Gap(frames)),
                }
            }
            Some(MarkerKind::Device(change)) => self.boundary = Some(Boundary::Device(change)),
            None => {}
        }
    }

    /// Whether samples go through as they are. Those of 32-bit floats are looked at all the same.
    fn copies_to(&self, format: SampleFormat) -> bool {
        let same = self.plan.is_copy() && self.plan.source().format == format;
        same && !self.quantize.is_dithered()
            && !(format.is_float() && format.bytes_per_sample() == 4)
    }

    fn copy(&mut self, target: &mut Target<'_>, at: usize, frames: usize) -> (bool, usize) {
        let channels = self.application.channels();
        let size = target.format().bytes_per_sample();
        let mut to = at;
        self.ring.read_units(frames * channels, size, |bytes| {
            to += target.copy(to, bytes);
        });
        self.took(frames);
        if self.meter {
            let piece = self.piece.get_mut(..frames * channels).unwrap_or_default();
            target.read(at, piece);
            self.note_peak(frames);
        }
        (frames > 0, frames)
    }

    fn convert(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        wanted: usize,
        readable: usize,
    ) -> (bool, usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..wanted * channels).unwrap_or_default();
        let mut queued = Queued {
            ring: &mut self.ring,
            non_finite: &mut self.counters.non_finite_samples,
        };
        let done = self.plan.produce(&mut queued, readable, piece);
        self.took(done.frames_read);
        self.quantize(target, at, done.frames_written);
        (done.frames_read > 0, done.frames_written)
    }

    fn convert_silence(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        wanted: usize,
        readable: usize,
    ) -> (bool, usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..wanted * channels).unwrap_or_default();
        let done = self.plan.produce(&mut Silence, readable, piece);
        self.silence_left -= done.frames_read as u64;
        self.counters.silence_frames += done.frames_read as u64;
        self.quantize(target, at, done.frames_written);
        (done.frames_read > 0, done.frames_written)
    }

    fn flush(&mut self, target: &mut Target<'_>, at: usize, wanted: usize) -> (bool, usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..wanted * channels).unwrap_or_default();
        let written = self.plan.flush(piece);
        self.quantize(target, at, written);
        let over = written < wanted;
        if over {
            self.boundary = match self.boundary.take() {
                Some(Boundary::End { .. }) => Some(Boundary::End { flushed: true }),
                Some(Boundary::Device(change)) => {
                    Change {
                        plan: self.plan,
                        ring: self.ring,
                    } = *change;
                    None
                }
                Some(Boundary::Gap(_)) | None => None,
            };
        }
        (over, written)
    }

    fn quantize(&mut self, target: &mut Target<'_>, at: usize, frames: usize) {
        let piece = self.piece.get(..frames * self.application.channels());
        let quantized = target.quantize(at, piece.unwrap_or_default(), &mut self.quantize);
        self.counters.clipped_samples += quantized.clipped as u64;
        self.counters.non_finite_samples += quantized.non_finite as u64;
        if self.meter {
            self.note_peak(frames);
        }
    }

    fn note_peak(&self, frames: usize) {
        let piece = self.piece.get(..frames * self.application.channels());
        let peak = piece
            .unwrap_or_default()
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let bits = peak.min(f32::MAX).to_bits();
        self.shared.peak_bits.fetch_max(bits, Ordering::Relaxed);
    }

    fn took(&mut self, frames: usize) {
        self.at += frames as u64;
        self.counters.read_frames += frames as u64;
    }

    fn publish(&self) {
        self.shared.read.write(&self.counters.to_words());
    }
}

#[cfg(feature = "std")]
const TICK: Duration = Duration::from_millis(5);

/// What a plan reads in the place of lost frames, so that a gap goes the same way as what was recorded.
struct Silence;

impl Supply for Silence {
    fn fill(&mut self, source: &StreamSpec, out: &mut [f32]) -> usize {
        out.fill(0.0);
        out.len() / source.channels()
    }
}
