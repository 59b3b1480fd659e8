//! The seam: what every kind of output can do.

use std::time::Duration;

use rt_callback::{Renderer, SampleFormat, StreamSpec};

use crate::error::DeviceError;

/// A way to reach outputs: an audio system, or something that stands in for one.
pub trait Backend {
    /// Its name, in one word.
    fn name(&self) -> &'static str;

    /// The outputs that there are now.
    ///
    /// # Errors
    /// [`DeviceError`] where the audio system cannot be asked.
    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError>;

    /// Opens an output without starting it. What it takes is then known
    /// ([`Output::spec`]), so that a stream can be made for it.
    ///
    /// # Errors
    /// [`DeviceError`] says what could not be had.
    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError>;
}

/// An opened output: negotiate first, then hand the renderer over.
///
/// Dropping it stops it.
pub trait Output {
    /// What it takes. Make the stream for this
    /// ([`Config::device`](rt_callback::Config::device)).
    fn spec(&self) -> StreamSpec;

    /// How many frames it usually asks for at a time, where that is known. Any other number may
    /// come.
    fn block_frames(&self) -> Option<usize>;

    /// Starts calling the renderer.
    ///
    /// # Errors
    /// [`DeviceError::AlreadyStarted`], or what the audio system says.
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
    pub block: Duration,
}

impl OutputRequest {
    /// The default device, in blocks of 20 ms.
    #[must_use]
    pub fn new(spec: StreamSpec) -> Self {
        Self {
            device: None,
            spec,
            block: Duration::from_millis(20),
        }
    }

    /// [`Self::block`] in frames at this rate, at least 1.
    #[must_use]
    pub fn block_frames(&self, rate_hz: u32) -> usize {
        let frames = self.block.as_nanos() * u128::from(rate_hz) / 1_000_000_000;
        usize::try_from(frames).unwrap_or(usize::MAX).max(1)
    }
}

/// An output that could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// What [`OutputRequest::device`] takes.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// It is the one that `None` means.
    pub is_default: bool,
    /// What it says it can do.
    pub supported: Vec<SupportedFormats>,
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
}

/// Something that happened to a running output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// The device or its server is gone. Nothing will be played any more.
    Lost(String),
    /// The audio system moved the stream to another device; it goes on.
    Changed,
    /// The device ran dry although it was being fed: a gap that the renderer cannot know of.
    Xrun,
    /// Anything else that was complained about; the stream goes on.
    Warning(String),
}
