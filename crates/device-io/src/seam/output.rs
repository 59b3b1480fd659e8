//! One side of the seam: what every kind of output can do.

use rt_callback::{Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::seam::block::{BlockLength, Progress};
use crate::seam::event::DeviceEvent;

/// An opened output: negotiate first, then hand the renderer over.
///
/// Dropping it stops it.
pub trait Output: Send {
    /// What it takes. Make the stream for this
    /// ([`Config::device`](rt_callback::Config::device)).
    fn spec(&self) -> StreamSpec;

    /// How many frames it usually asks for at a time, where that is known. It may ask for any other number.
    fn block_frames(&self) -> Option<usize>;

    /// What the device has asked for since it was started, where that is counted. If the number of blocks stands
    /// still, the device has died without a word.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Starts calling the renderer, and tells it before each block how late that will be heard
    /// ([`Renderer::set_device_latency`]).
    ///
    /// # Errors
    /// [`DeviceError::AlreadyStarted`], or what the audio system says. [`stop`](Self::stop) gives back a renderer
    /// that could not be started.
    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError>;

    /// Stops, and gives the renderer back with all that is still queued in it: to be started
    /// again, here or elsewhere. `None` where it was not started, or its thread is lost.
    ///
    /// # Errors
    /// [`DeviceError`] where what was played could not be brought to its end.
    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError>;

    /// The oldest event that has not been told yet.
    fn poll_event(&mut self) -> Option<DeviceEvent>;
}

/// What is asked of [`Backend::open_output`](crate::Backend::open_output).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutputRequest {
    /// Which device, by [`DeviceInfo::id`](crate::DeviceInfo::id); the default one if `None`.
    pub device: Option<String>,
    /// What the application would like best. Outputs without a mind of their own take it; a
    /// device takes what it takes.
    pub spec: StreamSpec,
    /// How long a block should be.
    pub block: BlockLength,
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
