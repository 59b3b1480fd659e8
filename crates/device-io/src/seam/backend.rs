//! The seam: what every way to reach devices, and every kind of output, can do.

use std::fmt;
use std::time::Duration;

use rt_callback::{Renderer, SampleFormat, StreamSpec};

use crate::error::DeviceError;
use crate::negotiate::Negotiated;
use crate::seam::{Input, InputRequest};

/// A way to reach outputs and inputs: an audio system, or something that stands in for one.
pub trait Backend: Send {
    /// Its name, in one word.
    fn name(&self) -> &'static str;

    /// The outputs that there are now.
    ///
    /// # Errors
    /// [`DeviceError`] where the audio system cannot be asked.
    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError>;

    /// The id of the output that `None` means at this moment, where that can change and is cheap to
    /// ask for. `None` where streams on the default device are moved by the audio system, or told of a change: then
    /// nobody asks.
    fn default_device(&self) -> Option<String> {
        None
    }

    /// The same of the inputs.
    fn default_input(&self) -> Option<String> {
        None
    }

    /// Opens an output without starting it. What it takes is then known
    /// ([`Output::spec`]), so that a stream can be made for it.
    ///
    /// # Errors
    /// [`DeviceError`] says what could not be had.
    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError>;

    /// The inputs that there are now. None, unless the backend has any.
    ///
    /// # Errors
    /// [`DeviceError`] where the audio system cannot be asked.
    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        Ok(Vec::new())
    }

    /// Opens an input without starting it. What it delivers is then known
    /// ([`Input::spec`]), so that a capture can be made for it.
    ///
    /// # Errors
    /// [`DeviceError`] says what could not be had; [`DeviceError::NoInput`], unless the backend has
    /// any.
    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let _ = request;
        Err(DeviceError::NoInput)
    }
}

/// An opened output: negotiate first, then hand the renderer over.
///
/// Dropping it stops it.
pub trait Output: Send {
    /// What it takes. Make the stream for this
    /// ([`Config::device`](rt_callback::Config::device)).
    fn spec(&self) -> StreamSpec;

    /// How many frames it usually asks for at a time, where that is known. Any other number may
    /// come.
    fn block_frames(&self) -> Option<usize>;

    /// What the device has asked for since it was started, where that is counted. A number of blocks
    /// that stands still is a device that has died without a word.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Starts calling the renderer, and tells it before each block how late that will be heard
    /// ([`Renderer::set_device_latency`]).
    ///
    /// # Errors
    /// [`DeviceError::AlreadyStarted`], or what the audio system says. A renderer that could not
    /// be started is had back by [`stop`](Self::stop).
    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError>;

    /// Stops, and gives the renderer back with all that is still queued in it: to be started
    /// again, here or elsewhere. `None` where it was not started, or its thread is lost.
    ///
    /// # Errors
    /// [`DeviceError`] where what was played could not be brought to its end.
    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError>;

    /// The oldest thing that happened to the device and has not been told yet.
    fn poll_event(&mut self) -> Option<DeviceEvent>;
}

/// What a device has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Calls of the callback.
    pub blocks: u64,
    /// Frames of all of them.
    pub frames: u64,
}

/// What is asked of [`Backend::open_output`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutputRequest {
    /// Which device, by [`DeviceInfo::id`]; the default one if `None`.
    pub device: Option<String>,
    /// What the application would like best. Outputs without a mind of their own take it; a
    /// device takes what it takes.
    pub spec: StreamSpec,
    /// How long a block should be.
    pub block: BlockLength,
}

/// How long a block should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockLength {
    /// So long, whatever the device's rate is.
    Time(Duration),
    /// So many frames of the device's.
    Frames(u32),
}

impl BlockLength {
    /// The longest: longer ones are cut to it, since a block lies in memory as a whole.
    pub const LONGEST: Duration = Duration::from_secs(60);

    /// In frames at this rate, at least 1 and at most [`LONGEST`](Self::LONGEST).
    #[must_use]
    pub fn frames(self, rate_hz: u32) -> u32 {
        let in_time = |time: Duration| {
            let frames = time.as_nanos() * u128::from(rate_hz) / 1_000_000_000;
            u32::try_from(frames).unwrap_or(u32::MAX)
        };
        let frames = match self {
            Self::Time(time) => in_time(time),
            Self::Frames(frames) => frames,
        };
        frames.min(in_time(Self::LONGEST)).max(1)
    }
}

impl Default for BlockLength {
    /// 20 ms.
    fn default() -> Self {
        Self::Time(Duration::from_millis(20))
    }
}

impl From<Duration> for BlockLength {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

impl OutputRequest {
    /// The default device, in blocks of 20 ms.
    #[must_use]
    pub fn new(spec: StreamSpec) -> Self {
        Self {
            device: None,
            spec,
            block: BlockLength::default(),
        }
    }

    /// [`Self::block`] in frames at this rate, at least 1.
    #[must_use]
    pub fn block_frames(&self, rate_hz: u32) -> usize {
        self.block.frames(rate_hz) as usize
    }
}

/// An output or an input that could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// What [`OutputRequest::device`] takes.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// It is the one that `None` means.
    pub is_default: bool,
    /// What it says it can do; nothing where it takes whatever it is given.
    pub supported: Vec<SupportedFormats>,
    /// The formats that it has and that nothing is rendered into, in its own words: DSD.
    pub refused: Vec<String>,
    /// Why it cannot be asked what it can do, where that is so.
    pub trouble: Option<String>,
}

impl DeviceInfo {
    /// A device that takes whatever it is given.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            is_default: false,
            supported: Vec::new(),
            refused: Vec::new(),
            trouble: None,
        }
    }

    /// What it would be opened as for this source.
    ///
    /// # Errors
    /// As [`Negotiated::new`]; [`DeviceError::Backend`] where it cannot be asked.
    pub fn negotiate(
        &self,
        source: StreamSpec,
        block: BlockLength,
    ) -> Result<Negotiated, DeviceError> {
        if let Some(trouble) = &self.trouble {
            return Err(DeviceError::Backend(trouble.clone()));
        }
        if self.supported.is_empty() && !self.refused.is_empty() {
            return Err(DeviceError::UnsupportedFormat(self.refused.join(", ")));
        }
        Negotiated::new(source, block, &self.supported)
    }
}

/// One of the ways in which a device can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupportedFormats {
    /// How samples are stored.
    pub format: SampleFormat,
    /// How many channels.
    pub channels: usize,
    /// The lowest and the highest rate, in Hz.
    pub rates_hz: (u32, u32),
    /// The shortest and the longest block, in frames, where the device says so. It may say what
    /// it likes: 0 and `u32::MAX` have been seen.
    pub block_frames: Option<(u32, u32)>,
}

impl SupportedFormats {
    /// Blocks of any length.
    #[must_use]
    pub const fn new(format: SampleFormat, channels: usize, rates_hz: (u32, u32)) -> Self {
        Self {
            format,
            channels,
            rates_hz,
            block_frames: None,
        }
    }
}

impl fmt::Display for SupportedFormats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            format,
            channels,
            rates_hz: (lowest, highest),
            ..
        } = self;
        if lowest == highest {
            write!(f, "{lowest}x{channels}:{format}")
        } else {
            write!(f, "{lowest}-{highest}x{channels}:{format}")
        }
    }
}

/// Something that happened to a running output or input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// The device is said to be gone. It may have been said too early: a move to another device is
    /// told of a moment later by some audio systems.
    Lost(String),
    /// The stream is dead and can only be opened anew: its server is gone, or the device has become
    /// another.
    Invalidated(String),
    /// The audio system moved the stream to another device; it goes on.
    Changed,
    /// The device ran dry although it was being fed: a gap that the renderer cannot know of.
    Xrun,
    /// Anything else that was complained about, and how often since it was last told of.
    Errors {
        /// The last one's words.
        words: String,
        /// How many.
        count: u64,
    },
    /// Code that the application runs in the callback panicked: so many times so far. Those blocks
    /// were silent; the stream goes on.
    Panicked {
        /// How many blocks.
        count: u64,
    },
    /// Real-time scheduling was asked for and refused; the stream goes on without (feature
    /// `realtime`).
    RealtimeRefused,
    /// [Supervised](crate::Supervised): the device asked for nothing, or delivered nothing, for so long. It is
    /// given up.
    Stalled(Duration),
    /// [Supervised](crate::Supervised): so many errors, and hardly anything else. The device is given up.
    Spinning {
        /// How many.
        errors: u64,
    },
    /// [Supervised](crate::Supervised): another device is the default now, by its id.
    DefaultChanged(String),
    /// [Supervised](crate::Supervised): the stream goes on, here. One that asked for a certain device may be back on it
    /// ([`Supervision::returns`](crate::Supervision::returns)), or begin at last
    /// ([`Supervision::absent`](crate::Supervision::absent)).
    Reopened {
        /// The device's id; `None` is the default one.
        device: Option<String>,
        /// What it takes or delivers.
        spec: StreamSpec,
    },
    /// [Supervised](crate::Supervised), where [`Supervision::absent`](crate::Supervision::absent) says what becomes of
    /// the stream meanwhile: there is no device, and one is looked for.
    Waiting,
    /// [Supervised](crate::Supervised): it waits to be
    /// [resumed](crate::Supervised::resume), with its queue and position kept.
    Held,
    /// [Supervised](crate::Supervised): no device was found to go on with, or the policy is not to look for one, or
    /// the backend's own code panicked. Nothing is played or recorded; the queue and the position are kept.
    Failed(String),
}
