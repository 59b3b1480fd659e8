//! The configuration of a stream.

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
/// The engine is `no_std` and has no clock of its own. Reading a clock is a system call on some machines, so give one
/// that is safe to read in the callback. The duration of each block is then recorded.
pub type Clock = fn() -> u64;

/// How much must be queued before a sound begins, and before it goes on after an underrun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Buffering {
    /// [`Config::prebuffer_frames`] and [`Config::rebuffer_frames`] are the thresholds.
    #[default]
    Fixed,
    /// The wait follows recent underruns. Use it for speech that arrives in chunks, from a network or from a
    /// synthesizer. [`Config::prebuffer_frames`] and [`Config::rebuffer_frames`] are ignored.
    ///
    /// At first, a sound begins as soon as `min` is queued. Every underrun adds its own length to a wait. `min` and the
    /// wait together are at most `max`. A later sound begins when `min` is queued and the wait has passed. After an
    /// underrun, sound goes on as soon as `min` is queued, because the gap has already delayed it. While sound is
    /// heard, the wait shrinks slowly, by about a sixtieth of itself each second. A declared end, a full queue and
    /// [`Config::prebuffer_cap`] end any wait.
    ///
    /// The only clock is the count of rendered frames, so the same arrivals in the same blocks give the same output.
    Adaptive {
        /// The least time that must be queued, at most `max`.
        min: Duration,
        /// The longest `min` and the wait may be together, at most the queue's length.
        max: Duration,
    },
}

/// Everything that [`stream`](crate::stream) needs to know.
///
/// [`Config::new`] fills in defaults. Set the fields that should differ.
///
/// Lengths of the queue are in frames of [`source`](Self::source). Lengths of silence and ramps are in frames of
/// [`device`](Self::device). The engine keeps each as a duration: after a change of source or device it derives the
/// frames again, at the new rate.
///
/// ```
/// use rt_callback::{Config, Decibels, Resample};
///
/// let mut config = Config::new("24000x1:s16le".parse()?, "48000x2:f32le".parse()?);
/// config.resample = Resample::High;
/// config.gain = Decibels(-6.0);
/// config.prebuffer_frames = 2_400; // 100 ms at 24 kHz
/// # Ok::<(), rt_callback::SpecError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The format, rate and channels of the samples that the [`Feeder`](crate::Feeder) is given.
    pub source: StreamSpec,
    /// The format, rate and channels that the device takes. Only
    /// [`Renderer::render_bytes`](crate::Renderer::render_bytes) looks at the format:
    /// [`Renderer::render`](crate::Renderer::render) writes the sample type that it is called with.
    pub device: StreamSpec,
    /// How many source frames the queue holds, at least 1. Default: half a second.
    pub queue_frames: usize,
    /// Source frames that must be queued before a sound begins, at most `queue_frames`. A full queue overrides it. So
    /// does a declared end, or a short word would never play. Default: 0.
    pub prebuffer_frames: usize,
    /// Source frames that must be queued before a sound goes on after an underrun, at most `queue_frames`. Default: 0.
    pub rebuffer_frames: usize,
    /// Whether these two thresholds apply, or an adaptive wait. Default: [`Buffering::Fixed`].
    pub buffering: Buffering,
    /// The longest that queued frames wait for a threshold, measured in rendered frames. After it they sound, however
    /// few they are: a reply that stalls is heard as far as it goes. Default: 1 s.
    pub prebuffer_cap: Duration,
    /// The longest time that may wait in the queue. When more waits, the oldest utterances are dropped, each with a
    /// receipt. Only utterances that have been pushed whole and have not begun to sound are dropped. The
    /// [`Feeder`](crate::Feeder) checks this with every push. Default: `None`, everything is played.
    pub max_backlog: Option<Duration>,
    /// How rates are converted. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// Filter tables that this stream shares with others. Default: none.
    pub tables: ResampleTables,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// How samples are rounded to an integer format. Default: [`Rounding::NearestEven`].
    pub rounding: Rounding,
    /// Noise that is added before the samples are rounded. Default: [`Dither::None`].
    pub dither: Dither,
    /// The seed of the dither's generator. Default: 0.
    pub dither_seed: u64,
    /// The gain the stream starts with. Default: 0 dB.
    pub gain: Decibels,
    /// Length of the fade at an underrun, a pause or a mute, in device frames. 0 is no fade. Default: 2 ms.
    pub ramp_frames: u32,
    /// Commands that act at exact device frames, in any order. Commands for the same frame act in the order of this
    /// list. Default: none.
    pub script: Vec<Timed>,
    /// Device frames of silence before the first sound, for devices that lose the first frames while they wake.
    /// Default: 0.
    pub lead_in_frames: u32,
    /// How many device frames of silence the device stays awake for. After a longer silence, the next sound has another
    /// lead-in, which begins when that sound is ready. With `None` the device never sleeps: the engine's own silence
    /// keeps it awake. Default: `None`.
    pub keep_alive_frames: Option<u64>,
    /// Whether to measure peak and RMS of every channel, for [`Monitor::take_levels`](crate::Monitor::take_levels).
    /// Default: off.
    pub meter: bool,
    /// The clock that measures the duration of every block, for [`Monitor::load`](crate::Monitor::load). Default: none.
    pub clock: Option<Clock>,
    /// How many device frames a [`Tap`](crate::Tap) holds for its reader. 0 is no tap. With a [`clock`](Self::clock),
    /// the tap also notes when each block was rendered, for a [`Reference`](crate::Reference). Default: 0.
    pub tap_frames: usize,
    /// How many utterance boundaries, marks and source changes may be queued, at least 1.
    /// Default: 32.
    pub marker_capacity: usize,
    /// How many events may wait for [`Monitor::poll`](crate::Monitor::poll), at least 1. More are counted as lost.
    /// Receipts ([`Finished`](crate::EventKind::Finished) and [`Interrupted`](crate::EventKind::Interrupted)) have 16
    /// further places that no other event can take. Default: 32.
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

    /// How much time the queue holds.
    pub(crate) fn queue(&self) -> Span {
        self.source_span(self.queue_frames)
    }

    /// How long `frames` of the first source last.
    pub(crate) const fn source_span(&self, frames: usize) -> Span {
        Span::new(frames as u64, self.source.rate_hz)
    }

    /// How long `frames` of the first device last.
    pub(crate) const fn device_span(&self, frames: u64) -> Span {
        Span::new(frames, self.device.rate_hz)
    }
}

/// Refuses a ring that memory cannot hold, or whose indices could overflow.
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

/// Why a [`Config`] makes no stream, or a source no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A rate is outside `1..=768_000` Hz.
    Rate(u32),
    /// The rates are too far apart to be converted. The fields are the rates from and to, in Hz.
    Ratio(u32, u32),
    /// The channels cannot be mixed. The fields are the numbers of inputs and outputs.
    Channels(usize, usize),
    /// A capacity is zero.
    ZeroCapacity,
    /// An input of a [`Mixer`](crate::Mixer) is made for a device other than the mixer's own.
    MixerDevice,
    /// A threshold asks for more frames than the queue holds.
    PrebufferTooLarge,
    /// A queue, a tap, or a queue of markers or events is larger than the memory that can be addressed.
    QueueTooLarge,
    /// [`Buffering::Adaptive`] has a `min` above its `max`, or a `max` above the time that the queue holds. The field
    /// is the queue's time.
    Adaptive(Duration),
    /// The mixer has no room for another input.
    MixerFull,
    /// A trim was set on a resampler that was not made adjustable, or is beyond 2 %.
    NotAdjustable,
    /// The queue of changes is full.
    MarkersFull,
    /// A timeline has no clock, or a [`Reference`](crate::Reference) lacks the timeline of one side.
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
                f.write_str(
                "queue_frames, tap_frames, marker_capacity or event_capacity asks for more than memory can hold",
            )
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
