//! A stream on an output.

use std::iter;

use rt_callback::{
    Config, Controller, Drained, Event, FeedError, Feeder, Heard, Monitor, Ramp, Sample,
    StreamSpec, stream,
};

use super::builder::{Opening, Place, common, one_device};
use super::clock::now_ns;
use super::error::Error;
use super::platform::platform;
use crate::seam::{Backend, DeviceEvent, Output};
use crate::supervised::Supervised;

/// A voice on a device: what is written is heard, whatever the device takes and whatever becomes of it.
///
/// ```
/// use device_io::{Null, Player};
///
/// let mut player = Player::on(Null).open("24000x2:s16le".parse()?)?; // Player::open: the default device
/// for chunk in [[0_i16; 960]; 3] {
///     player.write(&chunk)?; // waits while the queue is full
/// }
/// player.finish()?; // until the last frame has been heard
/// # Ok::<(), device_io::Error>(())
/// ```
///
/// It is a [`Supervised`] output and the halves of a [stream](rt_callback::stream()), and adds nothing to what they can
/// do: [`feeder`](Self::feeder), [`controller`](Self::controller), [`monitor`](Self::monitor) and
/// [`output`](Self::output) reach them, [`into_parts`](Self::into_parts) gives them away.
///
/// Dropping it stops at once; [`finish`](Self::finish) plays to the end first.
#[derive(Debug)]
pub struct Player {
    // Dropped first: nothing is rendered then.
    output: Supervised,
    feeder: Feeder,
    controller: Controller,
    monitor: Monitor,
}

/// What a [`Player`] tells of its stream and its device.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PlayerEvent {
    /// Something became audible, or was interrupted, or ran dry.
    Stream(Event),
    /// Something happened to the device.
    Device(DeviceEvent),
}

impl Player {
    /// Opens the platform's default device for what will be written: frames of `source`.
    ///
    /// ```no_run
    /// let mut player = device_io::Player::open("48000x2:f32le".parse()?)?;
    /// player.write(&[0.0_f32; 2 * 480])?;
    /// # Ok::<(), device_io::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Device`] where there is no device, or this crate was built without the feature `cpal`
    /// ([`DeviceError::NotBuilt`](crate::DeviceError::NotBuilt)); [`Error::Config`] where `source` has a rate of which
    /// the device's is too far away.
    pub fn open(source: StreamSpec) -> Result<Self, Error> {
        PlayerBuilder::new(platform()?).open(source)
    }

    /// A player on this backend, with what else should differ from the defaults.
    ///
    /// ```
    /// use device_io::{Null, Player, Policy};
    /// use std::time::Duration;
    ///
    /// let player = Player::on(Null)
    ///     .device("null")
    ///     .policy(Policy::Pause)
    ///     .block(Duration::from_millis(10))
    ///     .config(|config| config.prebuffer_frames = 1_200)
    ///     .open("24000x1:s16le".parse()?)?;
    /// # Ok::<(), device_io::Error>(())
    /// ```
    pub fn on<'a>(backend: impl Backend + 'static) -> PlayerBuilder<'a> {
        PlayerBuilder::new(Box::new(backend))
    }

    /// [`on`](Self::on), for a backend whose type is not known.
    pub fn on_boxed<'a>(backend: Box<dyn Backend>) -> PlayerBuilder<'a> {
        PlayerBuilder::new(backend)
    }

    fn new(
        output: Supervised,
        (feeder, controller, monitor): (Feeder, Controller, Monitor),
    ) -> Self {
        Self {
            output,
            feeder,
            controller,
            monitor,
        }
    }

    /// Queues all of the samples (interleaved, of the source's format and channels), waiting while the queue is full.
    ///
    /// # Errors
    /// [`Error::Feed`] as [`Feeder::push_blocking`]: samples of another format, an interruption that came meanwhile
    /// ([`Error::is_interrupted`]). [`Error::PartialFrame`] where the last frame lacks samples: nothing is taken then.
    /// [`Error::Failed`] where the device is gone for good.
    pub fn write<S: Sample>(&mut self, samples: &[S]) -> Result<(), Error> {
        let Self { feeder, output, .. } = self;
        let channels = feeder.source().channels();
        let wanted = samples.len() / channels;
        if wanted * channels != samples.len() {
            return Err(Error::PartialFrame {
                samples: samples.len(),
                channels,
            });
        }
        let taken = feeder.push_blocking_while(samples, || output.failure().is_none())?;
        self.whole(taken, wanted)
    }

    /// Queues all of the bytes, as [`write`](Self::write) does. They may end in the middle of a frame, which the next
    /// call goes on with.
    ///
    /// # Errors
    /// As there.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Self { feeder, output, .. } = self;
        let taken = feeder.push_bytes_blocking_while(bytes, || output.failure().is_none())?;
        self.whole(taken, bytes.len())
    }

    fn whole(&self, taken: usize, wanted: usize) -> Result<(), Error> {
        if taken == wanted {
            return Ok(());
        }
        Err(self.failed("its renderer was dropped"))
    }

    /// Why a call that waits as long as it takes has ended.
    fn failed(&self, otherwise: impl ToString) -> Error {
        let failure = self.output.failure();
        Error::Failed(failure.unwrap_or_else(|| otherwise.to_string()))
    }

    /// Drops what has been written so far, and fades out what is sounding over `fade`. What was heard of it is told by
    /// [`EventKind::Interrupted`](rt_callback::EventKind::Interrupted).
    pub fn interrupt(&self, fade: Ramp) {
        self.controller.interrupt(fade);
    }

    /// Keeps what is queued, and plays silence, until [`resume`](Self::resume).
    pub fn pause(&self) {
        self.controller.pause();
    }

    /// Plays on after [`pause`](Self::pause) or [`Controller::hold`]. Where the device was lost and the
    /// [policy](crate::Policy::Pause) is to wait, looks for one to play on.
    pub fn resume(&self) {
        self.controller.resume();
        self.output.resume();
    }

    /// Waits until the last frame written has been heard. What is written afterwards is another utterance.
    ///
    /// # Errors
    /// [`Error::Failed`] where the device is gone for good.
    pub fn drain(&mut self) -> Result<Drained, Error> {
        let Self { feeder, output, .. } = self;
        let drained = feeder.drain_while(|| output.failure().is_none());
        drained.map_err(|error| self.failed(error))
    }

    /// Waits until the last frame written has been heard, and closes the device. A file that is written to is whole
    /// then. A player that is paused waits to be resumed.
    ///
    /// # Errors
    /// [`Error::Failed`] where the device is gone for good, [`Error::Device`] where it cannot be closed as it should.
    pub fn finish(mut self) -> Result<Drained, Error> {
        let drained = self.drain()?;
        self.output.stop()?;
        Ok(drained)
    }

    /// What has happened since the last call, in order: to the device first, then to the stream.
    pub fn events(&mut self) -> Vec<PlayerEvent> {
        let told = iter::from_fn(|| self.output.poll_event());
        let mut events: Vec<_> = told.map(PlayerEvent::Device).collect();
        self.monitor
            .poll(|event| events.push(PlayerEvent::Stream(event)));
        events
    }

    /// How much has been heard, of all and of the present utterance.
    #[must_use]
    pub fn position(&self) -> Heard {
        self.monitor.heard()
    }

    /// What the device takes now.
    #[must_use]
    pub fn spec(&self) -> StreamSpec {
        self.output.spec()
    }

    /// Queues; begins and ends utterances; changes the source.
    pub const fn feeder(&mut self) -> &mut Feeder {
        &mut self.feeder
    }

    /// Steers, from any thread: clone it.
    #[must_use]
    pub const fn controller(&self) -> &Controller {
        &self.controller
    }

    /// Watches.
    pub const fn monitor(&mut self) -> &mut Monitor {
        &mut self.monitor
    }

    /// The device.
    pub const fn output(&mut self) -> &mut Supervised {
        &mut self.output
    }

    /// The parts, for threads of their own. The output plays as long as it is kept.
    #[must_use]
    pub fn into_parts(self) -> (Feeder, Controller, Monitor, Supervised) {
        (self.feeder, self.controller, self.monitor, self.output)
    }

    /// Begins an utterance, whose events carry the id that is returned.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] as [`Feeder::begin_utterance`].
    pub fn begin_utterance(&mut self) -> Result<rt_callback::UtteranceId, FeedError> {
        self.feeder.begin_utterance()
    }
}

/// What becomes a [`Player`]: [`Player::on`] makes one, [`open`](Self::open) opens it.
#[must_use = "nothing is opened yet"]
pub struct PlayerBuilder<'a> {
    place: Place,
    opening: Opening<'a, Config>,
}

common!(PlayerBuilder, Config);
one_device!(PlayerBuilder);

impl PlayerBuilder<'_> {
    /// Opens the device and plays.
    ///
    /// # Errors
    /// [`Error::Device`] where it cannot be opened, [`Error::Config`] where the stream cannot be made as it was
    /// configured.
    pub fn open(self, source: StreamSpec) -> Result<Player, Error> {
        let mut output = self.opening.output(self.place, source)?;
        let mut config = Config::new(source, output.spec());
        config.clock = Some(now_ns);
        self.opening.apply(&mut config);
        let (feeder, controller, renderer, monitor) = stream(&config)?;
        output.start(renderer)?;
        Ok(Player::new(output, (feeder, controller, monitor)))
    }
}
