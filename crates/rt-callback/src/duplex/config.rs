//! What a duplex stream is made of, and what it tells of itself.

use core::time::Duration;

use channel_mix::{ChannelLayout, MixOptions};

use crate::capture::Gaps;
use crate::config::Clock;
use crate::plan::resample::Resample;
use crate::spec::StreamSpec;

/// Everything that [`duplex`](crate::duplex()) needs to know.
///
/// [`DuplexConfig::new`] fills in defaults; set the fields that should differ.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DuplexConfig {
    /// What the input device delivers.
    pub input: StreamSpec,
    /// What the output device takes.
    pub output: StreamSpec,
    /// The rate in between, where the application works, in Hz. Default: the output's.
    pub rate_hz: u32,
    /// The channels in between. Default: the input's.
    pub layout: ChannelLayout,
    /// How much sound is kept between the two devices at least. Where their blocks ask for more, more is kept
    /// ([`DuplexCounters::target`]), up to this and a second. Default: 60 ms.
    pub fill: Duration,
    /// What becomes of sound that [`Duplex::run`](crate::Duplex::run) comes too late for. Default:
    /// [`Gaps::LIVE`].
    pub gaps: Gaps,
    /// The channels of what was heard meanwhile, for [`Duplex::run_with_reference`](crate::Duplex::run_with_reference):
    /// a [`Reference`](crate::Reference) goes with it. Default: none.
    pub reference: Option<ChannelLayout>,
    /// How far that reference leads, for a canceller that cannot follow at once
    /// ([`Reference::set_lead`](crate::Reference::set_lead)). Default: 0.
    pub reference_lead: Duration,
    /// How rates are converted; not [`Resample::Linear`]. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// Tells the time, to both callbacks as well: with it the fill is known between blocks, however
    /// long they are.
    pub clock: Clock,
}

impl DuplexConfig {
    /// The defaults for these devices.
    #[must_use]
    pub fn new(input: StreamSpec, output: StreamSpec, clock: Clock) -> Self {
        Self {
            input,
            output,
            rate_hz: output.rate_hz,
            layout: input.layout,
            fill: Duration::from_millis(60),
            gaps: Gaps::LIVE,
            reference: None,
            reference_lead: Duration::ZERO,
            resample: Resample::default(),
            mix: MixOptions::default(),
            clock,
        }
    }
}

/// How a [`Duplex`](crate::Duplex) stands: how much sound it keeps, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DuplexCounters {
    /// How much sound was between the devices when [`run`](crate::Duplex::run) last looked: in both queues, in the
    /// resamplers, and in the parts of blocks that time has not reached yet.
    pub fill: Duration,
    /// How much there should be: [`DuplexConfig::fill`], or a block of each device, the time between two calls
    /// of `run` and 10 ms, if that is more.
    pub target: Duration,
    /// The input's larger blocks of late. A single long one does not count, here and below.
    pub input_block: Duration,
    /// The output's.
    pub output_block: Duration,
    /// The longer times of late between two calls of `run`.
    pub interval: Duration,
    /// How often far too much had come together, or the output stood still, and what was queued was cut off.
    pub cuts: u64,
    /// How often there was too little, as at the start, after an underrun, or where blocks became longer, and
    /// silence was put in.
    pub refills: u64,
    /// How much, in frames of the rate in between.
    pub refill_frames: u64,
    /// How often one of the devices did not call for half a second and twice a block.
    pub stalls: u64,
    /// Frames of the rate in between that were captured and worked on, but not played: while a device stood, the
    /// output was paused, or both had just begun.
    pub unplayed_frames: u64,
}
