//! What is recorded from.

use std::time::{Duration, Instant};

use device_io::wav::WavHeader;
use device_io::{
    Backend, BlockLength, DeviceError, DeviceEvent, Input, InputRequest, Null, WavFile,
};
use rt_callback::{ChannelLayout, Recorder, SampleFormat, StreamSpec};

use crate::args::Record;
use crate::failure::Failure;
use crate::input::extension;
use crate::real;

/// How long a device that nobody supervises may deliver nothing before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// An opened input, and what becomes of the recording when it is lost.
pub(super) struct Microphone {
    input: Box<dyn Input>,
    /// It may come to its end, as a file does.
    may_end: bool,
    /// When its number of blocks last moved, and to what.
    alive: (Instant, u64),
}

/// What has become of it.
pub(super) enum News {
    /// It is silent from now on: what it says, or nothing where that is its regular end.
    Ended(Result<(), Failure>),
    /// Something worth saying.
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
        if let Some(frames) = arguments.block {
            let frames = u32::try_from(frames.get()).unwrap_or(u32::MAX);
            request.block = BlockLength::Frames(frames);
        }
        request.device.clone_from(&arguments.device);
        let plain = |input, may_end| Self {
            input,
            may_end,
            alive: (Instant::now(), 0),
        };
        match arguments.device.as_deref() {
            Some("null") => Null
                .open_input(&request)
                .map(|input| plain(input, false))
                .map_err(Failure::failed),
            Some(path) if extension(path).as_deref() == Some("wav") => WavFile::new(path)
                .open_input(&request)
                .map(|input| plain(input, true))
                .map_err(|error| Failure::at(path, error)),
            named => open_real(arguments, &request)
                .map(|input| plain(input, false))
                .map_err(|error| match error {
                    DeviceError::UnknownDevice { id, mut known } => {
                        known.push("null".into());
                        Failure::failed(DeviceError::UnknownDevice { id, known })
                    }
                    error if named.is_none() => {
                        Failure::failed(format!("{error}; --device null records silence"))
                    }
                    error => Failure::failed(error),
                }),
        }
    }

    /// What it delivers at present.
    pub(super) fn spec(&self) -> StreamSpec {
        self.input.spec()
    }

    pub(super) fn start(&mut self, recorder: Recorder) -> Result<(), Failure> {
        self.input.start(recorder).map_err(Failure::failed)
    }

    /// Ends it. Without its recorder the reader comes to its end.
    pub(super) fn stop(&mut self) -> Result<(), Failure> {
        self.input.stop().map(drop).map_err(Failure::failed)
    }

    /// The next thing that happened, if anything did. `blocks` have been delivered so far.
    pub(super) fn news(&mut self, blocks: u64) -> Option<News> {
        while let Some(event) = self.input.poll_event() {
            match event {
                DeviceEvent::Lost(_) if self.may_end => return Some(News::Ended(Ok(()))),
                DeviceEvent::Lost(words) | DeviceEvent::Invalidated(words) => {
                    return Some(News::Ended(Err(Failure::failed(words))));
                }
                DeviceEvent::Xrun => return Some(News::Xrun),
                DeviceEvent::Errors { words, count } => {
                    return Some(News::Warning(format!("{words} ({count} times)")));
                }
                _ => {}
            }
        }
        if blocks != self.alive.1 {
            self.alive = (Instant::now(), blocks);
        }
        let is_dead = self.alive.0.elapsed() > PATIENCE;
        is_dead.then(|| {
            let words = format!("the device has delivered nothing for {PATIENCE:?}");
            News::Ended(Err(Failure::failed(words)))
        })
    }
}

fn open_real(arguments: &Record, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
    real::backend(arguments.host.as_deref())?.open_input(request)
}

/// What the device delivers, or the nearest to it that loses nothing and that the file can hold.
pub(super) fn storable(device: StreamSpec, path: &str) -> StreamSpec {
    if path == "-" || WavHeader::can_hold(device.format) {
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
