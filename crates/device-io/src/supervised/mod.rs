//! Outputs and inputs that outlive their devices.

mod bury;
mod life;
mod parked;
mod search;
mod supervisor;
mod worker;

use std::time::Duration;

use rt_callback::{Recorder, Renderer, StreamSpec};

use self::life::Limits;
use self::supervisor::Supervisor;
use crate::error::DeviceError;
use crate::seam::{Backend, DeviceEvent, Input, InputRequest, Output, OutputRequest, Progress};

/// What becomes of a stream whose device is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// It goes on: on the device that was asked for if that can be had again, else on the default
    /// one. Where it is on the default device and another becomes it, it goes there.
    #[default]
    Follow,
    /// It waits for [`Supervised::resume`], as a music player does when the headphones are pulled
    /// out.
    Pause,
    /// It ends.
    Fail,
}

/// What becomes of a stream while there is no device for it: at the start, while one is looked for, and while it is
/// [held](DeviceEvent::Held).
///
/// An input has nothing to record then, whichever it is: its reader sees one gap when a device comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// What is queued keeps its place, as if the stream were paused, and is faded in on the device that comes.
    /// Interruptions, cancellations, ramps and receipts go on; a drain waits.
    Hold,
    /// It is rendered in real time and passes unheard; a drain ends as if it had been heard.
    Discard,
}

/// How a [`Supervised`] output or a [`SupervisedInput`] is looked after. Any duration is right, [`Duration::MAX`] too.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Supervision {
    /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`].
    pub policy: Policy,
    /// A device that asks for nothing, or delivers nothing, for so long (and twice the last block's length) is dead.
    /// Default: 1 s.
    pub watchdog: Duration,
    /// The same before its first block. Default: 5 s.
    pub first_block: Duration,
    /// A device that is said to be gone may only have been moved, which is said a moment later: so
    /// long it is waited for that. Default: 250 ms.
    pub second_thoughts: Duration,
    /// For so long another device is looked for, again and again, with a pause between two attempts that doubles
    /// from 50 ms to 5 s. After that the stream has [failed](DeviceEvent::Failed). Default: `None`, for ever.
    pub patience: Option<Duration>,
    /// How often it is asked which device is the default, by a stream that is on it and follows, where the backend
    /// [can say](Backend::default_device) and does not tell of a change by itself. Default: 1 s.
    pub default_interval: Duration,
    /// Whether a stream that asked for a certain device, and went to the default one, returns when the other comes
    /// back ([`Policy::Follow`]). That is looked for with a pause that doubles from 50 ms to 5 s. The stream plays on
    /// until the other is open; where that one does not start, or dies at once, it goes back. Default: `true`.
    pub returns: bool,
    /// What becomes of the stream while there is no device, also at its start: then opening it succeeds without one,
    /// and [`DeviceEvent::Waiting`] is told. Default: `None`: opening it without a device is an error, and a stream that
    /// loses its device stands still until there is another.
    pub absent: Option<Absent>,
}

impl Supervision {
    /// The defaults, with this policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            watchdog: Duration::from_secs(1),
            first_block: Duration::from_secs(5),
            second_thoughts: Duration::from_millis(250),
            patience: None,
            default_interval: Duration::from_secs(1),
            returns: true,
            absent: None,
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            block: self.watchdog,
            first_block: self.first_block,
            second_thoughts: self.second_thoughts,
        }
    }
}

impl Default for Supervision {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

/// An output that outlives its device: of any [`Backend`], watched by a thread of its own.
///
/// Where the device is lost, its server dies, its callback stops coming or its error callback
/// spins, the renderer is recovered from the dead stream and, as the [`Policy`] says, bound to
/// what the next device takes: its queue, position, gain and pause state are kept. What happens is
/// told by [`poll_event`](Output::poll_event). No call waits without end for an audio system that
/// does not answer; dropping neither.
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

/// An input that outlives its device: the twin of [`Supervised`].
///
/// The recorder is bound to what the next device delivers, and its reader goes on reading what it always read. What
/// was said while there was no device is one [gap](rt_callback::Gap), from the last block of the old device to the
/// start of the new one. The former is known to within 10 ms, as often as the device is looked at.
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

/// The public face of a supervisor: a side of the seam that is opened with a request.
macro_rules! face {
    ($Supervised:ident, $Side:ident, $Request:ident, $Lent:ident, $open:ident) => {
        impl $Supervised {
            #[doc = concat!("Opens one without starting it, as [`Backend::", stringify!($open), "`] does, and takes it \
                             into its care.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Backend::", stringify!($open), "`], unless [`Supervision::absent`] says what becomes \
                             of the stream without a device;")]
            /// [`DeviceError::NoAnswer`] where that does not return.
            pub fn open(
                backend: impl Backend + 'static,
                request: $Request,
                supervision: Supervision,
            ) -> Result<Self, DeviceError> {
                Self::open_boxed(Box::new(backend), request, supervision)
            }

            /// As [`open`](Self::open), for a backend whose type is not known.
            ///
            /// # Errors
            /// As [`open`](Self::open).
            pub fn open_boxed(
                backend: Box<dyn Backend>,
                request: $Request,
                supervision: Supervision,
            ) -> Result<Self, DeviceError> {
                Supervisor::open(backend, request, supervision).map(Self)
            }

            /// Looks for a device to go on with, where the stream is [held](DeviceEvent::Held) or has
            /// [failed](DeviceEvent::Failed).
            pub fn resume(&self) {
                self.0.resume();
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

            /// Of the present device; `None` where there is none.
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

face!(Supervised, Output, OutputRequest, Renderer, open_output);
face!(SupervisedInput, Input, InputRequest, Recorder, open_input);
