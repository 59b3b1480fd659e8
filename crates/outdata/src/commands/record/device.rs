//! What is recorded from.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use device_io::wav::WavHeader;
use device_io::{
    Backend, BlockLength, DeviceError, DeviceEvent, Input, InputRequest, Null, SupervisedInput,
    WavFile,
};
use rt_callback::{ChannelLayout, Recorder, SampleFormat, StreamSpec};

use crate::cli::args::Record;
use crate::console::Failure;
use crate::hosts;
use crate::input::extension;
use crate::output::Target;

/// How long a device that nobody supervises may deliver nothing before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// An opened input, and what becomes of the recording when it is lost.
pub(super) enum Microphone {
    /// A real device, which may be lost and come back.
    Supervised(SupervisedInput),
    /// The null device, or a file.
    Plain {
        input: Box<dyn Input>,
        /// It comes to its end, as a file does.
        ends: bool,
        /// When the number of blocks last changed, and to what.
        alive: (Instant, u64),
    },
}

/// What has become of it.
pub(super) enum News {
    /// It has come to its end, as a file does.
    AtEnd,
    /// It is gone for good.
    Gone(String),
    /// It is gone, and another is looked for.
    Lost(String),
    /// It is gone, and nothing is done about that until [`Microphone::resume`].
    Held,
    /// The recording goes on.
    Found(String),
    /// Something else that is worth saying.
    Warning(String),
    /// A gap of the device's own.
    Xrun,
}

impl Microphone {
    /// The device that was asked for, or the default one.
    pub(super) fn open(arguments: &Record) -> Result<Self, Failure> {
        let wanted = arguments.to.unwrap_or(StreamSpec::new(
            SampleFormat::F32,
            48_000,
            ChannelLayout::STEREO,
        ));
        let mut request = InputRequest::new(wanted);
        request.device = arguments.device.as_ref().map(named);
        if let Some(frames) = arguments.block {
            let frames = u32::try_from(frames.get()).unwrap_or(u32::MAX);
            request.block = BlockLength::Frames(frames);
        }
        match &arguments.device {
            Some(id) if id == "null" => Null
                .open_input(&request)
                .map(|input| Self::plain(input, false))
                .map_err(Failure::failed),
            Some(path) if extension(path).as_deref() == Some("wav") => WavFile::new(path)
                .open_input(&request)
                .map(|input| Self::plain(input, true))
                .map_err(|error| Failure::at(&named(path), error)),
            id => supervised(arguments, request)
                .map(Self::Supervised)
                .map_err(|error| match error {
                    DeviceError::UnknownDevice { id, mut known } => {
                        known.push("null".into());
                        Failure::failed(DeviceError::UnknownDevice { id, known })
                    }
                    error if id.is_none() => {
                        Failure::failed(format!("{error}; --device null records silence"))
                    }
                    error => Failure::failed(error),
                }),
        }
    }

    fn plain(input: Box<dyn Input>, ends: bool) -> Self {
        let alive = (Instant::now(), 0);
        Self::Plain { input, ends, alive }
    }

    fn input(&mut self) -> &mut dyn Input {
        match self {
            Self::Supervised(input) => input,
            Self::Plain { input, .. } => input.as_mut(),
        }
    }

    /// What it delivers at present.
    pub(super) fn spec(&mut self) -> StreamSpec {
        self.input().spec()
    }

    /// How many frames it delivers at a time, where it says.
    pub(super) fn block_frames(&mut self) -> Option<usize> {
        self.input().block_frames()
    }

    pub(super) fn start(&mut self, recorder: Recorder) -> Result<(), Failure> {
        self.input().start(recorder).map_err(Failure::failed)
    }

    /// Ends it. Without its recorder the reader comes to its end.
    pub(super) fn stop(&mut self) -> Result<(), Failure> {
        self.input().stop().map(drop).map_err(Failure::failed)
    }

    /// Looks for a device to go on with, where it is [held](News::Held).
    pub(super) fn resume(&self) {
        if let Self::Supervised(input) = self {
            input.resume();
        }
    }

    /// The next thing that happened, if anything did. `blocks` have been delivered so far.
    pub(super) fn news(&mut self, blocks: u64) -> Option<News> {
        while let Some(event) = self.input().poll_event() {
            let news = self.hear(event);
            if news.is_some() {
                return news;
            }
        }
        let Self::Plain { alive, .. } = self else {
            return None;
        };
        if blocks != alive.1 {
            *alive = (Instant::now(), blocks);
        }
        let is_dead = alive.0.elapsed() > PATIENCE;
        is_dead.then(|| News::Gone(format!("the device has delivered nothing for {PATIENCE:?}")))
    }

    fn hear(&self, event: DeviceEvent) -> Option<News> {
        Some(match (event, self) {
            (DeviceEvent::Lost(_), Self::Plain { ends: true, .. }) => News::AtEnd,
            (DeviceEvent::Lost(words) | DeviceEvent::Invalidated(words), Self::Plain { .. })
            | (DeviceEvent::Failed(words), _) => News::Gone(words),
            (DeviceEvent::Lost(words) | DeviceEvent::Invalidated(words), _) => News::Lost(words),
            (DeviceEvent::Stalled(silent), _) => {
                let seconds = silent.as_secs_f64();
                News::Lost(format!(
                    "the device has delivered nothing for {seconds:.1} s"
                ))
            }
            (DeviceEvent::Spinning { errors }, _) => {
                News::Lost(format!("the device gives nothing but errors ({errors})"))
            }
            (DeviceEvent::DefaultChanged(id), _) => {
                News::Lost(format!("the default device is {id} now"))
            }
            (DeviceEvent::Held, _) => News::Held,
            (DeviceEvent::Reopened { device, spec }, _) => {
                let device = device.unwrap_or_else(|| "the default device".to_owned());
                News::Found(format!("going on on {device}, {spec}"))
            }
            (DeviceEvent::Errors { words, count }, _) => {
                News::Warning(format!("{words} ({count} times)"))
            }
            (DeviceEvent::RealtimeRefused, _) => {
                News::Warning("real-time scheduling was refused".into())
            }
            (DeviceEvent::Xrun, _) => News::Xrun,
            _ => return None,
        })
    }
}

/// For people, and for what knows no other names.
fn named(device: &OsString) -> String {
    device.to_string_lossy().into_owned()
}

fn supervised(arguments: &Record, request: InputRequest) -> Result<SupervisedInput, DeviceError> {
    let backend = hosts::backend(arguments.host.as_deref())?;
    SupervisedInput::open_boxed(backend, request, arguments.on_loss.into())
}

/// What the device delivers, or the nearest to it that loses nothing and that the file can hold.
pub(super) fn storable(device: StreamSpec, target: &Target) -> StreamSpec {
    if !target.is_wav() || WavHeader::can_hold(device.format) {
        return device;
    }
    let format = match device.format {
        float if float.is_float() && float.bytes_per_sample() == 8 => SampleFormat::F64Le,
        float if float.is_float() => SampleFormat::F32Le,
        format => match format.integer_bits() {
            Some(..=8) => SampleFormat::U8,
            Some(9..=16) => SampleFormat::S16Le,
            Some(17..=24) => SampleFormat::S24Le,
            _ => SampleFormat::S32Le,
        },
    };
    StreamSpec { format, ..device }
}
