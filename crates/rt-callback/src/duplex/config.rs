//! The configuration of a duplex stream, and its counters.

use core::time::Duration;

use channel_mix::{ChannelLayout, MixOptions};

use crate::capture::Gaps;
use crate::config::Clock;
use crate::plan::resample::Resample;
use crate::spec::StreamSpec;

/// Everything that [`duplex`](crate::duplex()) needs to know.
///
/// [`DuplexConfig::new`] fills in defaults. Set the fields that should differ.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DuplexConfig {
    /// The format, rate and channels that the input device delivers.
    pub input: StreamSpec,
    /// The format, rate and channels that the output device takes.
    pub output: StreamSpec,
    /// The rate between the devices, at which the application works, in Hz. Default: the output's.
    pub rate_hz: u32,
    /// The channels between the devices. Default: the input's.
    pub layout: ChannelLayout,
    /// The least sound to keep between the two devices. If their blocks need more, more is kept
    /// ([`DuplexCounters::target`]), up to a second more than this. Default: 60 ms.
    pub fill: Duration,
    /// What happens to frames for which [`Duplex::run`](crate::Duplex::run) is too late. Default: [`Gaps::LIVE`].
    pub gaps: Gaps,
    /// The channels of the [`Reference`](crate::Reference) that
    /// [`Duplex::run_with_reference`](crate::Duplex::run_with_reference) gives. Default: `None`, no reference.
    pub reference: Option<ChannelLayout>,
    /// How far the reference leads, for a canceller that needs this
    /// ([`Reference::set_lead`](crate::Reference::set_lead)). Default: 0.
    pub reference_lead: Duration,
    /// How rates are converted. It cannot be [`Resample::Linear`]. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// The clock, which both callbacks read as well. By it the fill is known between blocks, however long they are.
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

/// The counters of a [`Duplex`](crate::Duplex): how much sound it keeps, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DuplexCounters {
    /// How much sound was between the devices at the last [`run`](crate::Duplex::run): in both queues, in the
    /// resamplers, and in the parts of blocks that time has not reached yet.
    pub fill: Duration,
    /// How much sound there should be. It is [`DuplexConfig::fill`], or if that is more, the sum of a block of each
    /// device, the time between two calls of `run`, and 10 ms.
    pub target: Duration,
    /// The length of the input's larger blocks of late. Here and in the next two fields, a single long one is ignored.
    pub input_block: Duration,
    /// The length of the output's larger blocks of late.
    pub output_block: Duration,
    /// The longer times of late between two calls of `run`.
    pub interval: Duration,
    /// How often the queued sound was cut off, because there was far too much of it or a device stood still.
    pub cuts: u64,
    /// How often silence was inserted because there was too little sound: at the start, after an underrun, or when
    /// blocks became longer.
    pub refills: u64,
    /// How much silence was inserted, in frames of the rate between the devices.
    pub refill_frames: u64,
    /// How often a device stood still: it did not call for half a second and twice a block.
    pub stalls: u64,
    /// Frames that were captured and worked on, but not played, because a device stood still, the output was paused, or
    /// both had just begun. In frames of the rate between the devices.
    pub unplayed_frames: u64,
}
