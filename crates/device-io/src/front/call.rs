//! Both ways at once.

use std::iter;
use std::time::Duration;

use rt_callback::{
    ChannelLayout, ConfigError, Controller, Duplex, DuplexConfig, Event, SampleFormat, StreamSpec,
    duplex,
};

use super::builder::{Opening, Place, common};
use super::clock::now_ns;
use super::error::Error;
use super::platform::platform;
use crate::seam::{Backend, DeviceEvent, Input, Output};
use crate::supervised::{Supervised, SupervisedInput};

/// How often [`Call::run`] looks for frames.
const TICK: Duration = Duration::from_millis(5);

/// A microphone and a loudspeaker with the application between them, although their clocks differ.
///
/// ```
/// use device_io::{Call, Null};
/// use std::time::Duration;
///
/// let mut call = Call::on(Null).open(16_000)?; // Call::open: the default devices
/// for _ in 0..3 {
///     call.run(Duration::from_millis(100), |block, heard| {
///         // `block` is what was captured, mono at 16 kHz, and `heard` is what the loudspeaker played meanwhile: cancel
///         // the echo, send the block to the far end, and put the far end's voice in its place.
///         assert_eq!(block.len(), heard.len());
///         block.fill(0.0);
///     })?;
/// }
/// # Ok::<(), device_io::Error>(())
/// ```
///
/// It is a [`Duplex`] and its two devices, and adds nothing to what they can do: [`duplex`](Self::duplex),
/// [`input`](Self::input) and [`output`](Self::output) reach them, [`into_parts`](Self::into_parts) gives them away.
#[derive(Debug)]
pub struct Call {
    // Dropped first: nothing is rendered or recorded then.
    output: Supervised,
    input: SupervisedInput,
    duplex: Duplex,
}

/// What a [`Call`] tells of its stream and its devices.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CallEvent {
    /// Something became audible, or was interrupted, or ran dry.
    Stream(Event),
    /// Something happened to the input.
    Input(DeviceEvent),
    /// Something happened to the output.
    Output(DeviceEvent),
}

impl Call {
    /// Opens the platform's default devices, with mono at `rate_hz` between them.
    ///
    /// # Errors
    /// [`Error`], as [`Player::open`](crate::Player::open) and [`Microphone::open`](crate::Microphone::open).
    pub fn open(rate_hz: u32) -> Result<Self, Error> {
        CallBuilder::new(platform()?, platform()?).open(rate_hz)
    }

    /// A call on this backend, with what else should differ from the defaults.
    pub fn on<'a>(backend: impl Backend + Clone + 'static) -> CallBuilder<'a> {
        CallBuilder::new(Box::new(backend.clone()), Box::new(backend))
    }

    /// A call between two backends whose types are not known: the input's and the output's.
    pub fn between<'a>(input: Box<dyn Backend>, output: Box<dyn Backend>) -> CallBuilder<'a> {
        CallBuilder::new(input, output)
    }

    const fn new(input: SupervisedInput, duplex: Duplex, output: Supervised) -> Self {
        Self {
            output,
            input,
            duplex,
        }
    }

    /// Waits for captured frames, up to `timeout`, and takes all there are through `work`, in pieces of at most 512
    /// frames: interleaved, of the rate and channels between the devices. What `work` leaves in its first argument is
    /// played; its second is what was heard while the piece was captured, for an echo canceller. Returns how many frames
    /// that were.
    ///
    /// Call it again at once; between two calls nothing is played from the microphone. (It is
    /// [`Duplex::run_with_reference`], every 5 ms.)
    ///
    /// # Errors
    /// [`Error::Failed`] where a device is gone for good.
    pub fn run(
        &mut self,
        timeout: Duration,
        mut work: impl FnMut(&mut [f32], &[f32]),
    ) -> Result<usize, Error> {
        let begin = std::time::Instant::now();
        loop {
            let frames = self.duplex.run_with_reference(&mut work);
            if frames > 0 {
                return Ok(frames);
            }
            if let Some(why) = self.input.failure().or_else(|| self.output.failure()) {
                return Err(Error::Failed(why));
            }
            let left = timeout.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Ok(0);
            }
            std::thread::sleep(left.min(TICK));
        }
    }

    /// What has happened since the last call: to the devices first, then to the stream.
    pub fn events(&mut self) -> Vec<CallEvent> {
        let told = iter::from_fn(|| self.input.poll_event());
        let mut events: Vec<_> = told.map(CallEvent::Input).collect();
        events.extend(iter::from_fn(|| self.output.poll_event()).map(CallEvent::Output));
        let monitor = self.duplex.output();
        monitor.poll(|event| events.push(CallEvent::Stream(event)));
        events
    }

    /// Steers the output: gain, mute, pause.
    #[must_use]
    pub fn controller(&self) -> Controller {
        self.duplex.controller()
    }

    /// What is between the devices: the fill, the drift, the counters.
    pub const fn duplex(&mut self) -> &mut Duplex {
        &mut self.duplex
    }

    /// The microphone's device.
    pub const fn input(&mut self) -> &mut SupervisedInput {
        &mut self.input
    }

    /// The loudspeaker's device.
    pub const fn output(&mut self) -> &mut Supervised {
        &mut self.output
    }

    /// Closes both devices.
    ///
    /// # Errors
    /// [`Error::Device`] where one cannot be closed as it should.
    pub fn stop(mut self) -> Result<(), Error> {
        let input = self.input.stop();
        self.output.stop()?;
        input?;
        Ok(())
    }

    /// The parts. The devices run as long as they are kept.
    #[must_use]
    pub fn into_parts(self) -> (SupervisedInput, Duplex, Supervised) {
        (self.input, self.duplex, self.output)
    }
}

/// What becomes a [`Call`]: [`Call::on`] makes one, [`open`](Self::open) opens it.
#[must_use = "nothing is opened yet"]
pub struct CallBuilder<'a> {
    input: Place,
    output: Place,
    opening: Opening<'a, DuplexConfig>,
}

common!(CallBuilder, DuplexConfig);

impl CallBuilder<'_> {
    fn new(input: Box<dyn Backend>, output: Box<dyn Backend>) -> Self {
        Self {
            input: Place::new(input),
            output: Place::new(output),
            opening: Opening::default(),
        }
    }

    /// Which input, by its [id](crate::DeviceInfo::id). Default: the default one.
    pub fn input_device(mut self, id: impl Into<String>) -> Self {
        self.input.device = Some(id.into());
        self
    }

    /// Which output, by its [id](crate::DeviceInfo::id). Default: the default one.
    pub fn output_device(mut self, id: impl Into<String>) -> Self {
        self.output.device = Some(id.into());
        self
    }

    /// Opens both devices, with mono at `rate_hz` between them and a mono reference for an echo canceller, unless
    /// [`config`](Self::config) says otherwise, and starts them.
    ///
    /// # Errors
    /// [`Error::Device`] where one cannot be opened, [`Error::Config`] where the stream cannot be made as it was
    /// configured.
    pub fn open(self, rate_hz: u32) -> Result<Call, Error> {
        let mono = ChannelLayout::from_count(1).ok_or(ConfigError::Channels(1, 1))?;
        let between = StreamSpec::new(SampleFormat::F32, rate_hz, mono);
        let mut input = self.opening.input(self.input, between)?;
        let mut output = self.opening.output(self.output, between)?;
        let mut config = DuplexConfig::new(input.spec(), output.spec(), now_ns);
        config.rate_hz = rate_hz;
        config.layout = mono;
        config.reference = Some(mono);
        self.opening.apply(&mut config);
        let (recorder, duplex, renderer) = duplex(&config)?;
        output.start(renderer)?;
        input.start(recorder)?;
        Ok(Call::new(input, duplex, output))
    }
}
