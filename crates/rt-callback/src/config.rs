//! What a stream is made of, decided before it runs.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use channel_mix::{Decibels, MixOptions};
use pcm_convert::{Dither, Rounding};

use crate::plan::resample::{Resample, ResampleTables};
use crate::script::Timed;
use crate::span::Span;
use crate::spec::{MAX_RATE_HZ, StreamSpec};

/// A monotonic clock in nanoseconds, from any origin.
///
/// The engine is `no_std` and reads no clock of its own: on some machines that is a system call.
/// Give one that is safe to read in the callback, and each block's duration is recorded.
pub type Clock = fn() -> u64;

/// How much must be queued before a sound begins, and before it goes on after an underrun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Buffering {
    /// [`Config::prebuffer_frames`] and [`Config::rebuffer_frames`].
    #[default]
    Fixed,
    /// As long as the stream has needed of late: for speech that arrives in chunks, from a network or from
    /// a synthesizer that speaks as it thinks. [`Config::prebuffer_frames`] and [`Config::rebuffer_frames`]
    /// have no meaning then.
    ///
    /// At first a sound begins, and goes on after an underrun, as soon as `min` is queued. Every underrun adds its
    /// own length to a wait, so that `min` and that wait together are at most `max`. A later beginning waits for
    /// `min` to be queued and then that much longer. Sound that goes on waits for `min` alone: the gap has already
    /// put it that far behind its arrival. What is heard takes the wait back slowly, about a sixtieth of it each
    /// second. A declared end, a full queue and [`Config::prebuffer_cap`] end any wait.
    ///
    /// It is counted in the frames of the blocks that are rendered and knows no other clock, so the same arrivals
    /// in the same blocks give the same output.
    Adaptive {
        /// What is always waited for, at most `max`.
        min: Duration,
        /// The longest that is waited for, at most the queue's length.
        max: Duration,
    },
}

/// Everything that [`stream`](crate::stream) needs to know.
///
/// [`Config::new`] fills in defaults; set the fields that should differ.
///
/// Lengths of the queue are in frames of [`source`](Self::source), and lengths of silence and ramps in frames of
/// [`device`](Self::device). They are kept as the times that these frames last: another source or device later
/// gets as many frames of its own rate as last as long.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// What the [`Feeder`](crate::Feeder) is given.
    pub source: StreamSpec,
    /// What the device takes. [`Renderer::render`](crate::Renderer::render) goes by the type it
    /// is called with, so the format only matters to
    /// [`Renderer::render_bytes`](crate::Renderer::render_bytes).
    pub device: StreamSpec,
    /// How many source frames the queue holds, at least 1. Default: half a second.
    pub queue_frames: usize,
    /// Source frames that must be queued before a sound begins, at most `queue_frames`. A declared
    /// end overrides it, or a short word would never play; so does a full queue. Default: 0.
    pub prebuffer_frames: usize,
    /// The same before a sound goes on after an underrun. Default: 0.
    pub rebuffer_frames: usize,
    /// Whether these two are what is waited for. Default: [`Buffering::Fixed`].
    pub buffering: Buffering,
    /// What is queued sounds after this time, counted in blocks, even if less than that is queued: a reply that
    /// stalls is heard as far as it goes. Default: 1 s.
    pub prebuffer_cap: Duration,
    /// The most that may wait in the queue. Beyond it the oldest utterances go that have been pushed whole and
    /// have not begun to sound, with a receipt each. [`Feeder`](crate::Feeder) looks at it with every push.
    /// Default: `None`, all is played.
    pub max_backlog: Option<Duration>,
    /// How rates are converted. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// Filter tables shared with other streams. Default: none.
    pub tables: ResampleTables,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// How samples are rounded to an integer format. Default: [`Rounding::NearestEven`].
    pub rounding: Rounding,
    /// Noise added before that rounding. Default: [`Dither::None`].
    pub dither: Dither,
    /// Seeds the dither's generator. Default: 0.
    pub dither_seed: u64,
    /// The gain the stream starts with. Default: 0 dB.
    pub gain: Decibels,
    /// Length of a fade at an underrun, a pause or a mute, in device frames; 0 is none. Default: 2 ms.
    pub ramp_frames: u32,
    /// Commands that act at exact device frames, in any order; those for the same frame act in
    /// this order. Default: none.
    pub script: Vec<Timed>,
    /// Device frames of silence before the first sound, for devices that swallow a beginning while
    /// they wake. Default: 0.
    pub lead_in_frames: u32,
    /// After more device frames of silence than this the device sleeps again, and the next sound has
    /// another lead-in, from when it is ready; `None` is never: the engine's own silence keeps the
    /// device awake. Default: `None`.
    pub keep_alive_frames: Option<u64>,
    /// Measures peak and RMS of every channel: [`Monitor::take_levels`](crate::Monitor::take_levels).
    /// Default: off.
    pub meter: bool,
    /// Measures the duration of every block: [`Monitor::load`](crate::Monitor::load). Default: none.
    pub clock: Option<Clock>,
    /// Device frames that a [`Tap`](crate::Tap) holds for its reader; 0 is no tap. With a [`clock`](Self::clock) it notes
    /// when each block was rendered as well, for a [`Reference`](crate::Reference). Default: 0.
    pub tap_frames: usize,
    /// How many utterance boundaries, marks and source changes may be queued, at least 1.
    /// Default: 32.
    pub marker_capacity: usize,
    /// How many events may wait for [`Monitor::poll`](crate::Monitor::poll), at least 1; more are
    /// counted as lost. Receipts ([`Finished`](crate::EventKind::Finished) and
    /// [`Interrupted`](crate::EventKind::Interrupted)) have 16 places more, which nothing else can take.
    /// Default: 32.
    pub event_capacity: usize,
}

impl Config {
    /// The defaults for this source and device.
    #[must_use]
    pub fn new(source: StreamSpec, device: StreamSpec) -> Self {
        Self {
            source,
            device,
            queue_frames: (source.rate_hz / 2).max(1) as usize,
            prebuffer_frames: 0,
            rebuffer_frames: 0,
            buffering: Buffering::default(),
            prebuffer_cap: Duration::from_secs(1),
            max_backlog: None,
            resample: Resample::default(),
            tables: ResampleTables::default(),
            mix: MixOptions::default(),
            rounding: Rounding::default(),
            dither: Dither::None,
            dither_seed: 0,
            gain: Decibels(0.0),
            ramp_frames: device.rate_hz / 500,
            script: Vec::new(),
            lead_in_frames: 0,
            keep_alive_frames: None,
            meter: false,
            clock: None,
            tap_frames: 0,
            marker_capacity: 32,
            event_capacity: 32,
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check_rate(&self.source)?;
        check_rate(&self.device)?;
        let sizes = [self.queue_frames, self.marker_capacity, self.event_capacity];
        if sizes.contains(&0) {
            return Err(ConfigError::ZeroCapacity);
        }
        if self.prebuffer_frames.max(self.rebuffer_frames) > self.queue_frames {
            return Err(ConfigError::PrebufferTooLarge);
        }
        if let Buffering::Adaptive { min, max } = self.buffering {
            let queue = Duration::from_nanos(self.queue().nanoseconds());
            if min > max || max > queue {
                return Err(ConfigError::Adaptive(queue));
            }
        }
        check_queue(self.queue_frames, self.source.frame_bytes())?;
        check_queue(self.tap_frames, 4 * self.device.channels())
    }

    /// The time that the queue holds.
    pub(crate) fn queue(&self) -> Span {
        self.source_span(self.queue_frames)
    }

    /// The time that so many frames of the first source last.
    pub(crate) const fn source_span(&self, frames: usize) -> Span {
        Span::new(frames as u64, self.source.rate_hz)
    }

    /// The time that so many frames of the first device last.
    pub(crate) const fn device_span(&self, frames: u64) -> Span {
        Span::new(frames, self.device.rate_hz)
    }
}

/// A ring must be of a size that memory can have, and that indices cannot overflow on.
pub(crate) fn check_queue(frames: usize, frame_bytes: usize) -> Result<(), ConfigError> {
    match frames.checked_mul(frame_bytes) {
        Some(bytes) if bytes <= isize::MAX as usize / 4 => Ok(()),
        _ => Err(ConfigError::QueueTooLarge),
    }
}

pub(crate) fn check_rate(spec: &StreamSpec) -> Result<(), ConfigError> {
    if (1..=MAX_RATE_HZ).contains(&spec.rate_hz) {
        Ok(())
    } else {
        Err(ConfigError::Rate(spec.rate_hz))
    }
}

/// Why no stream can be made of a [`Config`], or no plan of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A rate outside `1..=768_000` Hz.
    Rate(u32),
    /// The rates are too far apart to be converted: from, to, in Hz.
    Ratio(u32, u32),
    /// The channels cannot be mixed: inputs, outputs.
    Channels(usize, usize),
    /// A capacity of zero.
    ZeroCapacity,
    /// An input of a [`Mixer`](crate::Mixer) for a device that is not the mixer's own.
    MixerDevice,
    /// More frames to be queued before a sound begins than the queue holds.
    PrebufferTooLarge,
    /// A queue or a tap larger than memory can be addressed.
    QueueTooLarge,
    /// An adaptive buffering whose least wait is longer than its longest, or that would wait for more than the
    /// queue holds: this time.
    Adaptive(Duration),
    /// As many inputs are in a mixer as it has room for.
    MixerFull,
    /// A trim for what was not made adjustable, or beyond 2 %.
    NotAdjustable,
    /// As many changes are queued as there is room for.
    MarkersFull,
    /// A timeline without a clock, or a [`Reference`](crate::Reference) without a timeline on both sides.
    NoTimeline,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(rate_hz) => {
                write!(f, "rate {rate_hz} Hz is outside 1..={MAX_RATE_HZ} Hz")
            }
            Self::Ratio(from_hz, to_hz) => write!(
                f,
                "cannot convert {from_hz} Hz to {to_hz} Hz: the ratio may be at most 256 either way"
            ),
            Self::Channels(inputs, outputs) => {
                write!(f, "cannot mix {inputs} channels into {outputs}")
            }
            Self::ZeroCapacity => f.write_str(
                "queue_frames, marker_capacity and event_capacity must each be at least 1",
            ),
            Self::MixerDevice => {
                f.write_str("the input's device must have the mixer's rate and channels")
            }
            Self::PrebufferTooLarge => {
                f.write_str("prebuffer_frames and rebuffer_frames may be at most queue_frames")
            }
            Self::QueueTooLarge => {
                f.write_str("queue_frames or tap_frames asks for more than memory can hold")
            }
            Self::Adaptive(queue) => write!(
                f,
                "adaptive buffering needs min <= max, and max <= the queue's {queue:?}: set a larger queue_frames"
            ),
            Self::MixerFull => {
                f.write_str("the mixer has no room for another input: drop one, or make it larger")
            }
            Self::NotAdjustable => f.write_str(
                "a trim needs adjustable set, a resampler that is not linear, and -0.02..=0.02",
            ),
            Self::MarkersFull => {
                f.write_str("too many changes are queued: wait until some have been read")
            }
            Self::NoTimeline => f.write_str(
                "a timeline needs a clock, and a reference both the capture's timeline and the tap of a stream with a clock",
            ),
        }
    }
}

impl core::error::Error for ConfigError {}
