//! The public types of a supervisor: an output and an input.

use std::fmt;

use rt_callback::{Recorder, Renderer, StreamSpec};

use super::policy::Supervision;
use super::supervisor::Supervisor;
use crate::error::DeviceError;
use crate::seam::{Backend, DeviceEvent, Input, InputRequest, Output, OutputRequest, Progress};

/// An output that outlives its device, of any [`Backend`]. A thread of its own watches the device.
///
/// A device has died when it is lost, its server dies, its callback stops coming, or its error callback spins. The
/// renderer is then recovered from the dead stream. As the [`Policy`](crate::Policy) says, it is bound to the next
/// device, and keeps its queue, position, gain and pause state. [`poll_event`](Output::poll_event) reports what
/// happened. No call, nor dropping this, waits for ever for an audio system that does not answer.
///
/// ```
/// use device_io::{Null, Output, OutputRequest, Supervised, Supervision};
/// use rt_callback::{Config, StreamSpec, stream};
///
/// let source: StreamSpec = "24000x1:s16le".parse()?;
/// let request = OutputRequest::new(source);
/// let mut output = Supervised::open(Null, request, Supervision::default())?;
/// let (mut feeder, _controller, renderer, monitor) = stream(&Config::new(source, output.spec()))?;
/// feeder.push(&[0_i16; 240])?;
/// feeder.end_utterance()?;
/// output.start(renderer)?;
/// while monitor.snapshot().heard_frames < 240 {
///     while let Some(event) = output.poll_event() {
///         println!("{event:?}");
///     }
///     std::thread::yield_now();
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Supervised(Supervisor<Renderer>);

/// An input that outlives its device. It is to inputs what [`Supervised`] is to outputs.
///
/// The recorder is bound to the next device, and the reader's format stays the same. The time without a device is one
/// [gap](rt_callback::Gap), from the last block of the old device to the start of the new one. The last block is known
/// to within 10 ms, the interval at which the device is looked at.
///
/// The end of a file is the end of the stream, whatever the policy: [`DeviceEvent::Lost`] and [`DeviceEvent::Failed`]
/// are reported, and the file is opened again only if the stream is [resumed](Self::resume).
///
/// ```
/// use device_io::{Input, InputRequest, Null, SupervisedInput, Supervision};
/// use rt_callback::{CaptureConfig, capture};
///
/// let speech = "16000x1:s16le".parse()?;
/// let request = InputRequest::new("48000x2:f32le".parse()?);
/// let mut input = SupervisedInput::open(Null, request, Supervision::default())?;
/// let (recorder, mut reader) = capture(&CaptureConfig::new(input.spec(), speech))?;
/// input.start(recorder)?;
/// let mut block = [0_i16; 160];
/// let frames = reader.read_blocking(&mut block, std::time::Duration::from_secs(1));
/// assert_eq!(frames, 160);
/// while let Some(event) = input.poll_event() {
///     println!("{event:?}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SupervisedInput(Supervisor<Recorder>);

/// Implements one side of the seam for a supervisor.
macro_rules! face {
    ($Supervised:ident, $Side:ident, $Request:ident, $Lent:ident, $open:ident) => {
        impl $Supervised {
            #[doc = concat!("Opens one without starting it, as [`Backend::", stringify!($open), "`] does, and takes it \
                             into its care.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Backend::", stringify!($open), "`], unless [`Supervision::absent`] says what becomes \
                             of the stream without a device;")]
            /// [`DeviceError::NoAnswer`] if the backend does not return.
            pub fn open(
                backend: impl Backend + 'static,
                request: $Request,
                supervision: Supervision,
            ) -> Result<Self, DeviceError> {
                Self::open_boxed(Box::new(backend), request, supervision)
            }

            /// Opens as [`open`](Self::open) does, for a backend of unknown type.
            ///
            /// # Errors
            /// Those of [`open`](Self::open).
            pub fn open_boxed(
                backend: Box<dyn Backend>,
                request: $Request,
                supervision: Supervision,
            ) -> Result<Self, DeviceError> {
                Supervisor::open(backend, request, supervision).map(Self)
            }

            /// Searches for a device to go on with, if the stream is [held](DeviceEvent::Held) or has
            /// [failed](DeviceEvent::Failed).
            pub fn resume(&self) {
                self.0.resume();
            }

            /// Why the stream has [failed](DeviceEvent::Failed): nothing moves it until it is
            /// [resumed](Self::resume) or stopped. `None` while it has not, whether the event was polled or not.
            #[must_use]
            pub fn failure(&self) -> Option<String> {
                self.0.failure()
            }
        }

        impl fmt::Debug for $Supervised {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Supervised))
                    .field("spec", &self.0.spec())
                    .field("progress", &self.0.progress())
                    .field("failure", &self.0.failure())
                    .finish_non_exhaustive()
            }
        }

        impl $Side for $Supervised {
            #[doc = concat!("What the device has at this moment: another may have something else, and what was \
                             started is [bound](", stringify!($Lent), "::rebind) to it. Without a device, what was \
                             asked for.")]
            fn spec(&self) -> StreamSpec {
                self.0.spec()
            }

            fn block_frames(&self) -> Option<usize> {
                self.0.block_frames()
            }

            /// The progress of the present device. `None` if there is none.
            fn progress(&self) -> Option<Progress> {
                self.0.progress()
            }

            fn start(&mut self, lent: $Lent) -> Result<(), DeviceError> {
                self.0.start(lent)
            }

            fn stop(&mut self) -> Result<Option<$Lent>, DeviceError> {
                self.0.stop()
            }

            fn poll_event(&mut self) -> Option<DeviceEvent> {
                self.0.poll_event()
            }
        }
    };
}

impl SupervisedInput {
    /// If the stream has failed because its input has delivered all there was: drops the recorder, so that the reader
    /// comes to its end too. Returns whether that is so.
    pub(crate) fn end(&self) -> bool {
        let is_at_end = self.0.is_at_end();
        if is_at_end {
            self.0.let_go();
        }
        is_at_end
    }
}

face!(Supervised, Output, OutputRequest, Renderer, open_output);
face!(SupervisedInput, Input, InputRequest, Recorder, open_input);
