#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod capture;
mod config;
mod controller;
mod counters;
mod drift;
mod duplex;
mod event;
mod feeder;
mod intake;
mod monitor;
pub mod original;
mod plan;
mod queue;
mod renderer;
mod resample;
mod script;
mod seam;
mod shared;
mod spec;
mod target;

use alloc::boxed::Box;
use alloc::sync::Arc;

pub use capture::{
    CaptureConfig, CaptureCounters, CaptureMonitor, Gap, Gaps, Reader, RecordStatus, Recorder,
    capture,
};
pub use channel_mix::{ChannelLayout, Decibels, MixOptions, MixRules};
pub use config::{Clock, Config, ConfigError};
pub use controller::{Controller, Ramp};
pub use counters::Counters;
pub use drift::{DriftControl, MAX_DRIFT_TRIM};
pub use duplex::{Duplex, DuplexConfig, duplex};
pub use event::{Event, EventKind, MarkId, UtteranceId};
#[cfg(feature = "std")]
pub use feeder::TimedOut;
pub use feeder::{FeedError, Feeder};
pub use monitor::{DEFAULT_LOG_EVERY, Monitor};
pub use pcm_convert::{Dither, Rounding, Sample, SampleFormat};
pub use rate_convert::{Quality, RateError};
pub use renderer::{BlockTiming, RenderStatus, Renderer};
pub use resample::{Resample, ResampleTables, UnknownResample};
pub use script::{Command, Timed};
pub use spec::{MAX_RATE_HZ, SpecError, StreamSpec};

/// Block timings that may wait for [`Monitor::poll_timings`], where a clock is given.
const TIMING_CAPACITY: usize = 1024;

/// Makes a stream and hands out its four halves, each to go to its own thread.
///
/// Everything that the stream will need is allocated here; later only
/// [`Feeder::set_source`] allocates, on the feeder's thread.
///
/// # Errors
/// [`ConfigError`] says what cannot be done.
pub fn stream(config: &Config) -> Result<(Feeder, Controller, Renderer, Monitor), ConfigError> {
    config.check()?;
    let recipe = plan::Recipe::from(config);
    let plan = Box::new(plan::Plan::new(config.source, &recipe)?);
    let timing_capacity = if config.clock.is_some() {
        TIMING_CAPACITY
    } else {
        0
    };
    let shared = Arc::new(shared::Shared::new(config.gain));
    let (byte_sender, byte_receiver) =
        queue::bytes(config.queue_frames * config.source.frame_bytes());
    let (marker_sender, marker_receiver) = queue::items(config.marker_capacity);
    // One more than can be on their way, so that retiring a plan never has to wait for long.
    let (retired_sender, retired_receiver) = queue::items(config.marker_capacity + 1);
    let (event_sender, event_receiver) = queue::items(config.event_capacity);
    let (timing_sender, timing_receiver) = queue::items(timing_capacity);
    let queues = intake::Queues {
        ring: byte_receiver,
        markers: marker_receiver,
        retired: retired_sender,
        events: event_sender,
    };
    let intake = intake::Intake::new(queues, Arc::clone(&shared), plan, config);
    Ok((
        Feeder::new(
            byte_sender,
            marker_sender,
            retired_receiver,
            Arc::clone(&shared),
            recipe,
            config.source,
        ),
        Controller::new(Arc::clone(&shared), config.device.rate_hz),
        Renderer::new(config, intake, Arc::clone(&shared), timing_sender),
        Monitor::new(
            shared,
            event_receiver,
            timing_receiver,
            config.device.channels(),
        ),
    ))
}
