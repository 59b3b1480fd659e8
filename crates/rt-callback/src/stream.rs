//! How a stream is put together from its parts.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::app::controller::Controller;
use crate::app::feeder::{Ends, Feeder};
use crate::app::monitor::{Monitor, Readings};
use crate::audio::input::Input;
use crate::audio::intake::Intake;
use crate::audio::intake::incoming::Queues;
use crate::audio::renderer::{Instruments, Renderer};
use crate::audio::source::{FrameSource, Generator};
use crate::config::{Config, ConfigError, check_queue};
use crate::event::Event;
use crate::instruments::load::load_meter;
use crate::instruments::meters::meter;
use crate::instruments::tap::tap;
use crate::link::queue::items;
use crate::link::report::{RECEIPTS, Reporter};
use crate::link::shared::Shared;
use crate::link::timed::TimedSender;
use crate::plan::Plan;
use crate::plan::marker::Marker;
use crate::plan::recipe::{PresentRecipe, Recipe};

/// Makes a stream and returns its four halves. Each may move to a thread of its own.
///
/// Allocates everything that the stream needs. Later only [`Feeder::set_source`], on the feeder's thread, and
/// [`Renderer::rebind`] allocate.
///
/// ```
/// use rt_callback::{Config, stream};
///
/// let config = Config::new("48000x1:s16le".parse()?, "48000x2:s16le".parse()?);
/// let (mut feeder, controller, mut renderer, monitor) = stream(&config)?;
///
/// feeder.push(&[1_000_i16; 480])?; // the application's thread
/// let mut block = [0_i16; 2 * 480];
/// renderer.render(&mut block); // the audio callback
/// assert_eq!(block, [1_000; 960]);
/// assert_eq!(monitor.snapshot().heard_frames, 480); // any thread
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ConfigError`] if a value of `config` is out of range, or the source cannot be converted for the device.
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
        let intake = Intake::new(queues, shared, plan, report, config);
        Input::Queue(intake)
    });
    Ok((feeder, controller, renderer, monitor))
}

/// The queues from the feeder to the renderer and back.
pub(crate) fn ends(config: &Config) -> Result<(Ends, Queues), ConfigError> {
    let (queue, ring) = TimedSender::new(config.queue(), &config.source)?;
    let (marker_sender, marker_receiver) = items(config.marker_capacity);
    // Two places are enough: a retired plan that finds none waits with the renderer.
    let (retired_sender, retired_receiver) = items(2);
    let ends = Ends {
        queue,
        markers: marker_sender,
        retired: retired_receiver,
    };
    let queues = Queues {
        ring,
        markers: marker_receiver,
        retired: retired_sender,
    };
    Ok((ends, queues))
}

/// Makes a stream that plays `source` in place of a queue, at the rate and channels of [`Config::source`].
///
/// There is no feeder, so nothing can be interrupted, cancelled or drained. Pause, gain, mute and meters work as in any
/// stream. Allocates everything that the stream needs.
///
/// # Errors
/// [`ConfigError`] if a value of `config` is out of range, or the source cannot be converted for the device.
pub fn stream_from(
    config: &Config,
    source: Box<dyn FrameSource>,
) -> Result<(Controller, Renderer, Monitor), ConfigError> {
    let parts = Parts::new(config)?;
    Ok(parts.finish(config, |shared, plan, report| {
        let generator = Generator::new(source, shared, plan, report);
        Input::Source(Box::new(generator))
    }))
}

/// What every stream has, with a queue or without.
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) recipe: PresentRecipe,
    pub(crate) plan: Plan,
}

impl Parts {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        config.check()?;
        check_queue(config.marker_capacity, size_of::<Marker>())?;
        let events = config.event_capacity.saturating_add(RECEIPTS);
        check_queue(events, size_of::<Event>())?;
        let recipe = Recipe::from(config);
        Ok(Self {
            shared: Arc::new(Shared::new(config)),
            plan: Plan::new(config.source, &recipe)?,
            recipe: PresentRecipe::new(recipe),
        })
    }

    fn finish(
        self,
        config: &Config,
        input: impl FnOnce(Arc<Shared>, Plan, Reporter) -> Input,
    ) -> (Controller, Renderer, Monitor) {
        let Self {
            shared,
            recipe,
            plan,
        } = self;
        let (event_sender, event_receiver) = items(config.event_capacity + RECEIPTS);
        let (meter, meter_reader) = config.meter.then(meter).unzip();
        let (load_meter, load) = config.clock.map(|_| load_meter()).unzip();
        let (tap, tap_reader) = (config.tap_frames > 0)
            .then(|| tap(config.tap_frames, &config.device, config.clock.is_some()))
            .unzip();
        let instruments = Instruments {
            clock: config.clock.zip(load_meter),
            meter,
            tap,
        };
        let input = input(
            Arc::clone(&shared),
            plan,
            Reporter::new(event_sender, config.device.rate_hz),
        );
        (
            Controller::new(Arc::clone(&shared)),
            Renderer::new(config, input, Arc::clone(&shared), instruments, recipe),
            Monitor::new(
                Readings::new(shared, meter_reader, load),
                event_receiver,
                tap_reader,
            ),
        )
    }
}
