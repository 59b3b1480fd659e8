//! The configuration of a capture.

use core::time::Duration;

use channel_mix::{Decibels, MixOptions};
use pcm_convert::{Dither, Rounding};

use crate::config::{Clock, ConfigError, check_queue, check_rate};
use crate::plan::recipe::Recipe;
use crate::plan::resample::{Resample, ResampleTables};
use crate::spec::StreamSpec;

/// What a [`Reader`](crate::Reader) gives for lost frames, and what it does when it is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Gaps {
    /// Silence of the same length, so that the positions of later frames stay right. This is for recordings.
    ///
    /// The silence never costs sound. If the reader only keeps pace with the device, the queue could stay full; the
    /// reader then gives up the rest of the silence before new sound is lost.
    #[default]
    Silence,
    /// Nothing. The frames after the gap follow at once, from a resampler that begins anew.
    Skip,
    /// As `Skip`, and a reader that is late skips queued frames. This is for conversations, where old sound is of no
    /// use.
    ///
    /// When the reader is more than `max_lag` behind, it skips frames until it is half of that behind. The skipped
    /// frames, and frames lost behind them, are one gap.
    ///
    /// The application must read more often than every `max_lag`. The limit is never below two blocks of the device,
    /// nor below a block and the frames of one [`read_exact`](crate::Reader::read_exact).
    Live {
        /// How far the reader may be behind the captured frames.
        max_lag: Duration,
    },
}

impl Gaps {
    /// [`Live`](Self::Live), at most 100 ms behind.
    pub const LIVE: Self = Self::Live {
        max_lag: Duration::from_millis(100),
    };
}

/// Everything that [`capture`](crate::capture()) needs to know.
///
/// [`CaptureConfig::new`] fills in defaults. Set the fields that should differ.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaptureConfig {
    /// The format, rate and channels that the device delivers.
    pub device: StreamSpec,
    /// The format, rate and channels that the application wants. Only [`Reader::read_bytes`](crate::Reader::read_bytes)
    /// looks at the format: [`Reader::read`](crate::Reader::read) gives the sample type that it is called with.
    pub application: StreamSpec,
    /// How many device frames the queue holds, at least 1. This is how long the application may be away before frames
    /// are lost. It is kept as a duration: after a change of device the frames are derived again, at the new rate.
    /// Default: 1 s.
    pub queue_frames: usize,
    /// What is read for lost frames. Default: [`Gaps::Silence`].
    pub gaps: Gaps,
    /// How many application frames are kept after they were read, for [`Reader::rewind`](crate::Reader::rewind).
    /// Default: 0.
    pub pre_roll_frames: usize,
    /// The gain the capture starts with. Default: 0 dB.
    pub gain: Decibels,
    /// Length of the ramp at a mute or its end, in application frames. Default: 2 ms.
    pub ramp_frames: u32,
    /// How rates are converted. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// Filter tables that this capture shares with other streams. Default: none.
    pub tables: ResampleTables,
    /// Whether [`Reader::set_trim`](crate::Reader::set_trim) may be called. A resampler then always runs, at several
    /// times the cost of an exact ratio. It cannot be [`Resample::Linear`]. Default: false.
    pub adjustable: bool,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// How samples are rounded to an integer format. Default: [`Rounding::NearestEven`].
    pub rounding: Rounding,
    /// Noise that is added before the samples are rounded. Default: [`Dither::None`].
    pub dither: Dither,
    /// The seed of the dither's generator. Default: 0.
    pub dither_seed: u64,
    /// Whether to measure the peak of what is read, for
    /// [`CaptureMonitor::take_peak`](crate::CaptureMonitor::take_peak). Default: off.
    pub meter: bool,
    /// The clock for [`CaptureCounters::block_at_ns`](crate::CaptureCounters::block_at_ns), when each block came.
    /// Default: none.
    pub clock: Option<Clock>,
    /// Whether to note when each block was captured, for a [`Reference`](crate::Reference). This needs the
    /// [`clock`](Self::clock). Default: false.
    pub timeline: bool,
}

impl CaptureConfig {
    /// The defaults for this device and application.
    #[must_use]
    pub fn new(device: StreamSpec, application: StreamSpec) -> Self {
        Self {
            device,
            application,
            queue_frames: device.rate_hz.max(1) as usize,
            gaps: Gaps::default(),
            pre_roll_frames: 0,
            gain: Decibels::UNITY,
            ramp_frames: application.rate_hz / 500,
            resample: Resample::default(),
            tables: ResampleTables::default(),
            adjustable: false,
            mix: MixOptions::default(),
            rounding: Rounding::default(),
            dither: Dither::None,
            dither_seed: 0,
            meter: false,
            clock: None,
            timeline: false,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check_rate(&self.device)?;
        check_rate(&self.application)?;
        if self.queue_frames == 0 {
            return Err(ConfigError::ZeroCapacity);
        }
        if self.timeline && self.clock.is_none() {
            return Err(ConfigError::NoTimeline);
        }
        if self.adjustable && self.resample == Resample::Linear {
            return Err(ConfigError::NotAdjustable);
        }
        check_queue(self.pre_roll_frames, self.application.frame_bytes())?;
        check_queue(self.queue_frames, self.device.frame_bytes())
    }
}

/// The recipe of a capture's plans, in which the device is the source.
impl From<&CaptureConfig> for Recipe {
    fn from(config: &CaptureConfig) -> Self {
        Self {
            device: config.application,
            resample: config.resample,
            tables: config.tables.clone(),
            mix: config.mix,
            adjustable: config.adjustable,
        }
    }
}
