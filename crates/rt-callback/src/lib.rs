#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod app;
mod audio;
mod capture;
mod config;
mod instruments;
mod link;
#[cfg(feature = "std")]
#[doc = include_str!("../docs/conversations.md")]
pub mod conversations {}
mod duplex;
mod event;
mod mixer;
#[cfg(all(test, rt_callback_loom))]
mod model;
pub mod original;
mod plan;
mod ramp;
mod reference;
mod script;
mod span;
mod spec;

use alloc::boxed::Box;
use alloc::sync::Arc;

pub use app::controller::Controller;
#[cfg(feature = "futures")]
pub use app::feeder::Abandoned;
#[cfg(feature = "std")]
pub use app::feeder::DrainError;
#[cfg(any(feature = "std", feature = "futures"))]
pub use app::feeder::Drained;
pub use app::feeder::{FeedError, Feeder};
pub use app::monitor::{DEFAULT_LOG_EVERY, Monitor, Readings};
pub use audio::renderer::{RenderStatus, Renderer};
pub use audio::source::FrameSource;
pub use capture::{
    BlockSink, CaptureConfig, CaptureController, CaptureCounters, CaptureMonitor, CapturePosition,
    Gap, Gaps, Reader, RecordStatus, Recorder, capture,
};
pub use channel_mix::{ChannelLayout, Decibels, MixOptions, MixRules};
pub use config::{Buffering, Clock, Config, ConfigError};
pub use duplex::drift::{DriftControl, MAX_DRIFT_TRIM};
pub use duplex::{Duplex, DuplexConfig, DuplexCounters, duplex};
pub use event::{Event, EventKind, MarkId, UtteranceId};
pub use instruments::load::Load;
pub use instruments::meters::Level;
pub use instruments::tap::{Tap, Tapped};
pub use link::counters::Counters;
pub use link::heard::Heard;
pub use mixer::{Mixer, MixerInputs};
pub use pcm_convert::{Dither, Rounding, Sample, SampleFormat};
pub use plan::resample::{Resample, ResampleTables, UnknownResample};
pub use ramp::Ramp;
pub use rate_convert::{Quality, RateError};
pub use reference::{Reference, Referenced};
pub use script::{Command, Timed};
pub use spec::{MAX_RATE_HZ, SpecError, StreamSpec};

/// Makes a stream and hands out its four halves, each to go to its own thread.
///
/// Everything that the stream will need is allocated here; later only
/// [`Feeder::set_source`] allocates, on the feeder's thread, and [`Renderer::rebind`].
///
/// # Errors
/// [`ConfigError`] says what cannot be done.
pub fn stream(config: &Config) -> Result<(Feeder, Controller, Renderer, Monitor), ConfigError> {
    let parts = Parts::new(config)?;
    let (ends, queues) = ends(config)?;
    let feeder = Feeder::new(
        ends,
        Arc::clone(&parts.shared),
        parts.recipe.clone(),
        config,
    );
    let (controller, renderer, monitor) = parts.finish(config, |shared, plan, report| {
        let intake = audio::intake::Intake::new(queues, shared, plan, report, config);
        audio::input::Input::Queue(intake)
    });
    Ok((feeder, controller, renderer, monitor))
}

/// The queues from the feeder to the renderer and back.
fn ends(
    config: &Config,
) -> Result<(app::feeder::Ends, audio::intake::incoming::Queues), ConfigError> {
    let (queue, ring) = link::timed::TimedSender::new(config.queue(), &config.source)?;
    let (marker_sender, marker_receiver) = link::queue::items(config.marker_capacity);
    // Those that find no room wait with the renderer.
    let (retired_sender, retired_receiver) = link::queue::items(2);
    let ends = app::feeder::Ends {
        queue,
        markers: marker_sender,
        retired: retired_receiver,
    };
    let queues = audio::intake::incoming::Queues {
        ring,
        markers: marker_receiver,
        retired: retired_sender,
    };
    Ok((ends, queues))
}

/// Makes a stream that plays what `source` gives, in the rate and channels of [`Config::source`], in
/// place of a queue. There is nothing to be interrupted, cancelled or drained; pause, gain, mute,
/// meters and all else are those of any stream.
///
/// # Errors
/// [`ConfigError`] says what cannot be done.
pub fn stream_from(
    config: &Config,
    source: Box<dyn FrameSource>,
) -> Result<(Controller, Renderer, Monitor), ConfigError> {
    let parts = Parts::new(config)?;
    Ok(parts.finish(config, |shared, plan, report| {
        let generator = audio::source::Generator::new(source, shared, plan, report);
        audio::input::Input::Source(Box::new(generator))
    }))
}

/// What every stream has, whatever it plays.
struct Parts {
    shared: Arc<link::shared::Shared>,
    recipe: plan::recipe::PresentRecipe,
    plan: plan::Plan,
}

impl Parts {
    fn new(config: &Config) -> Result<Self, ConfigError> {
        config.check()?;
        let recipe = plan::recipe::Recipe::from(config);
        Ok(Self {
            shared: Arc::new(link::shared::Shared::new(config)),
            plan: plan::Plan::new(config.source, &recipe)?,
            recipe: plan::recipe::PresentRecipe::new(recipe),
        })
    }

    fn finish(
        self,
        config: &Config,
        input: impl FnOnce(
            Arc<link::shared::Shared>,
            plan::Plan,
            link::report::Reporter,
        ) -> audio::input::Input,
    ) -> (Controller, Renderer, Monitor) {
        let Self {
            shared,
            recipe,
            plan,
        } = self;
        let (event_sender, event_receiver) =
            link::queue::items(config.event_capacity + link::report::RECEIPTS);
        let (meter, meter_reader) = config.meter.then(instruments::meters::meter).unzip();
        let (load_meter, load) = config
            .clock
            .map(|_| instruments::load::load_meter())
            .unzip();
        let (tap, tap_reader) = (config.tap_frames > 0)
            .then(|| {
                instruments::tap::tap(config.tap_frames, &config.device, config.clock.is_some())
            })
            .unzip();
        let instruments = audio::renderer::Instruments {
            clock: config.clock.zip(load_meter),
            meter,
            tap,
        };
        let input = input(
            Arc::clone(&shared),
            plan,
            link::report::Reporter::new(event_sender, config.device.rate_hz),
        );
        (
            Controller::new(Arc::clone(&shared)),
            Renderer::new(config, input, Arc::clone(&shared), instruments, recipe),
            Monitor::new(
                app::monitor::Readings::new(shared, meter_reader, load),
                event_receiver,
                tap_reader,
            ),
        )
    }
}
