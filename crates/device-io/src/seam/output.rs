//! Outputs: opened devices that take blocks.

use rt_callback::{Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::seam::block::{BlockLength, Progress};
use crate::seam::event::DeviceEvent;

/// An opened output. It is negotiated when it is opened, and gets its renderer when it is started.
///
/// Dropping the output stops it.
pub trait Output: Send {
    /// The format, rate and channels that the output takes. Make the stream for this
    /// ([`Config::device`](rt_callback::Config::device)).
    fn spec(&self) -> StreamSpec;

    /// The usual length of a block in frames, if that is known. A block may have any other length.
    fn block_frames(&self) -> Option<usize>;

    /// How far the callback has come since the start, if that is counted. If the number of blocks stands still, the
    /// device has died without a report.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Starts calling the renderer, and sets the latency before each block ([`Renderer::set_device_latency`]).
    ///
    /// # Errors
    /// [`DeviceError::AlreadyStarted`], or an error of the audio system. [`stop`](Self::stop) gives back a renderer
    /// that could not be started.
    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError>;

    /// Stops, and gives the renderer back with its queue.
    ///
    /// The renderer can be started again, here or elsewhere ([`Renderer::rebind`]). `None` if the output was not
    /// started, or its thread is lost, or it is stopped in its own callback: then that takes the renderer along.
    ///
    /// # Errors
    /// [`DeviceError`] if the playback could not be completed.
    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError>;

    /// Returns the oldest event that has not been returned yet.
    fn poll_event(&mut self) -> Option<DeviceEvent>;
}

/// The request to [`Backend::open_output`](crate::Backend::open_output).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutputRequest {
    /// The device, by [`DeviceInfo::id`](crate::DeviceInfo::id). `None` is the default device.
    pub device: Option<String>,
    /// The format, rate and channels that the application would like best. An output that can take anything takes
    /// exactly this. A device takes what it supports.
    pub spec: StreamSpec,
    /// How long a block should be.
    pub block: BlockLength,
}

impl OutputRequest {
    /// Requests the default device, in blocks of 20 ms.
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
