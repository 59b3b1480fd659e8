//! What a capture is made of, decided before it runs.

use core::time::Duration;

use channel_mix::{Decibels, MixOptions};
use pcm_convert::{Dither, Rounding};

use crate::config::{Clock, ConfigError, check_queue, check_rate};
use crate::plan::recipe::Recipe;
use crate::plan::resample::{Resample, ResampleTables};
use crate::spec::StreamSpec;

/// What a [`Reader`](crate::Reader) gives where frames were lost, and what it does where it comes late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gaps {
    /// As much silence, so that time stays true: for a recording, or where positions count. It never costs
    /// sound: what is still owed is given up where new sound would be lost for it, because the reader takes no
    /// more at a time than comes.
    #[default]
    Silence,
    /// Nothing: what comes after the gap follows at once, from a resampler that begins anew.
    Skip,
    /// As `Skip`; and where the reader lies further behind than `max_lag` it skips what is queued, to half of
    /// that: for a conversation, in which what is old is of no use. What it skips, and what was lost behind it,
    /// is one gap.
    ///
    /// A reader must come more often than every `max_lag`. What cannot be kept is not asked for: two blocks of
    /// the device, or the frames of one [`read_exact`](crate::Reader::read_exact) and a block, may wait in any case.
    Live {
        /// How far the reader may lie behind what has been captured.
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
/// [`CaptureConfig::new`] fills in defaults; set the fields that should differ.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaptureConfig {
    /// What the device delivers.
    pub device: StreamSpec,
    /// What the application wants. [`Reader::read`](crate::Reader::read) goes by the type it is
    /// called with, so the format only matters to
    /// [`Reader::read_bytes`](crate::Reader::read_bytes).
    pub application: StreamSpec,
    /// How many device frames the queue holds, at least 1: how long the application may be away
    /// before frames are lost. It is kept as a time: the frames of another device, later, are as many of its own
    /// rate as last as long. Default: 1 s.
    pub queue_frames: usize,
    /// What is read where frames were lost. Default: [`Gaps::Silence`].
    pub gaps: Gaps,
    /// How many of the application's frames are kept after they were read, for
    /// [`Reader::rewind`](crate::Reader::rewind). Default: none.
    pub pre_roll_frames: usize,
    /// The gain at the start. Default: 0 dB.
    pub gain: Decibels,
    /// How long muting takes, and going back, in the application's frames. Default: 2 ms.
    pub ramp_frames: u32,
    /// How rates are converted. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// Filter tables shared with other streams. Default: none.
    pub tables: ResampleTables,
    /// Whether [`Reader::set_trim`](crate::Reader::set_trim) may be called. A resampler then always
    /// runs, at several times the cost of an exact ratio; it cannot be [`Resample::Linear`].
    /// Default: no.
    pub adjustable: bool,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// How samples are rounded to an integer format. Default: [`Rounding::NearestEven`].
    pub rounding: Rounding,
    /// Noise added before that rounding. Default: [`Dither::None`].
    pub dither: Dither,
    /// Seeds the dither's generator. Default: 0.
    pub dither_seed: u64,
    /// Measures the peak of what is read. Default: off.
    pub meter: bool,
    /// Tells when each block came, in [`CaptureCounters::block_at_ns`](crate::CaptureCounters).
    /// Default: none.
    pub clock: Option<Clock>,
    /// Notes when each block was captured, for a [`Reference`](crate::Reference); this needs the
    /// [`clock`](Self::clock). Default: no.
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

/// For a capture's plans, whose source is the device.
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
