//! A capture on an input.

use std::iter;

use rt_callback::{
    CaptureConfig, CaptureController, CapturePosition, Gap, Reader, Sample, StreamSpec, capture,
};

use super::builder::{Opening, Place, common, one_device};
use super::clock::now_ns;
use super::error::Error;
use super::platform::platform;
use crate::seam::{Backend, DeviceEvent, Input};
use crate::supervised::SupervisedInput;

/// What a device hears, as the application wants it, whatever the device delivers and whatever becomes of it.
///
/// ```
/// use device_io::{Microphone, Null};
///
/// let mut microphone = Microphone::on(Null).open("16000x1:s16le".parse()?)?; // Microphone::open: the default device
/// let mut frame = [0_i16; 480]; // 30 ms
/// microphone.read(&mut frame)?; // waits until there is so much
/// # Ok::<(), device_io::Error>(())
/// ```
///
/// It is a [`SupervisedInput`] and the reader of a [capture](rt_callback::capture()), and adds nothing to what they can
/// do: [`reader`](Self::reader) and [`input`](Self::input) reach them, [`into_parts`](Self::into_parts) gives them away.
#[derive(Debug)]
pub struct Microphone {
    // Dropped first: nothing is recorded then.
    input: SupervisedInput,
    reader: Reader,
}

/// What a [`Microphone`] tells of its stream and its device.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MicrophoneEvent {
    /// Frames are missing: nobody read in time, or there was no device.
    Gap(Gap),
    /// Something happened to the device.
    Device(DeviceEvent),
}

impl Microphone {
    /// Opens the platform's default input and records, as frames of `application`.
    ///
    /// # Errors
    /// [`Error::Device`] where there is no input, or this crate was built without the feature `cpal`
    /// ([`DeviceError::NotBuilt`](crate::DeviceError::NotBuilt)); [`Error::Config`] where `application` has a rate of
    /// which the device's is too far away.
    pub fn open(application: StreamSpec) -> Result<Self, Error> {
        MicrophoneBuilder::new(platform()?).open(application)
    }

    /// A microphone on this backend, with what else should differ from the defaults.
    ///
    /// ```
    /// use device_io::{Microphone, Null};
    /// use rt_callback::Gaps;
    ///
    /// let microphone = Microphone::on(Null)
    ///     .config(|config| config.gaps = Gaps::LIVE)
    ///     .open("16000x1:s16le".parse()?)?;
    /// # Ok::<(), device_io::Error>(())
    /// ```
    pub fn on<'a>(backend: impl Backend + 'static) -> MicrophoneBuilder<'a> {
        MicrophoneBuilder::new(Box::new(backend))
    }

    /// [`on`](Self::on), for a backend whose type is not known.
    pub fn on_boxed<'a>(backend: Box<dyn Backend>) -> MicrophoneBuilder<'a> {
        MicrophoneBuilder::new(backend)
    }

    const fn new(input: SupervisedInput, reader: Reader) -> Self {
        Self { input, reader }
    }

    /// Fills all of `out` (interleaved, of the application's channels), waiting until there is so much.
    ///
    /// Returns how many frames were read: fewer than all only at the end, such as that of a file, and none behind it.
    ///
    /// # Errors
    /// [`Error::Failed`] where the device is gone for good and everything that it delivered has been read.
    pub fn read<S: Sample>(&mut self, out: &mut [S]) -> Result<usize, Error> {
        let Self { input, reader } = self;
        let mut frames = reader.read_blocking_while(out, || input.failure().is_none());
        let is_at_end = input.end();
        if is_at_end {
            // The reader gives what its resampler has held back.
            let channels = reader.application().channels();
            frames += reader.read(out.get_mut(frames * channels..).unwrap_or_default());
        }
        match self.input.failure() {
            Some(why) if frames == 0 && !out.is_empty() && !is_at_end => Err(Error::Failed(why)),
            _ => Ok(frames),
        }
    }

    /// What has happened since the last call: to the device first, then to the stream.
    pub fn events(&mut self) -> Vec<MicrophoneEvent> {
        let told = iter::from_fn(|| self.input.poll_event());
        let mut events: Vec<_> = told.map(MicrophoneEvent::Device).collect();
        self.reader
            .poll(|gap| events.push(MicrophoneEvent::Gap(gap)));
        events
    }

    /// Where the next frame that is read stands in the device's stream.
    #[must_use]
    pub fn position(&self) -> CapturePosition {
        self.reader.exact_position()
    }

    /// What the device delivers now.
    #[must_use]
    pub fn spec(&self) -> StreamSpec {
        self.input.spec()
    }

    /// Reads, without waiting as well; rewinds, discards, counts.
    pub const fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// Steers, from any thread: gain and mute.
    #[must_use]
    pub fn controller(&self) -> CaptureController {
        self.reader.controller()
    }

    /// The device.
    pub const fn input(&mut self) -> &mut SupervisedInput {
        &mut self.input
    }

    /// Closes the device. What has been delivered and not read is lost; [`into_parts`](Self::into_parts) keeps it.
    ///
    /// # Errors
    /// [`Error::Device`] where it cannot be closed as it should.
    pub fn stop(mut self) -> Result<(), Error> {
        self.input.stop()?;
        Ok(())
    }

    /// The parts. The input records as long as it is kept.
    #[must_use]
    pub fn into_parts(self) -> (Reader, SupervisedInput) {
        (self.reader, self.input)
    }
}

/// What becomes a [`Microphone`]: [`Microphone::on`] makes one, [`open`](Self::open) opens it.
#[must_use = "nothing is opened yet"]
pub struct MicrophoneBuilder<'a> {
    place: Place,
    opening: Opening<'a, CaptureConfig>,
}

common!(MicrophoneBuilder, CaptureConfig);
one_device!(MicrophoneBuilder);

impl MicrophoneBuilder<'_> {
    /// Opens the device and records.
    ///
    /// # Errors
    /// [`Error::Device`] where it cannot be opened, [`Error::Config`] where the capture cannot be made as it was
    /// configured.
    pub fn open(self, application: StreamSpec) -> Result<Microphone, Error> {
        let mut input = self.opening.input(self.place, application)?;
        let mut config = CaptureConfig::new(input.spec(), application);
        config.clock = Some(now_ns);
        self.opening.apply(&mut config);
        let (recorder, reader) = capture(&config)?;
        input.start(recorder)?;
        Ok(Microphone::new(input, reader))
    }
}
