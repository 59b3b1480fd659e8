//! Inputs: opened devices that deliver blocks.

use rt_callback::{Recorder, StreamSpec};

use crate::error::DeviceError;
use crate::seam::block::{BlockLength, Progress};
use crate::seam::event::DeviceEvent;

/// An opened input. It is negotiated when it is opened, and gets its recorder when it is started.
///
/// Dropping the input stops it.
pub trait Input: Send {
    /// The format, rate and channels that the input delivers. Make the capture for this
    /// ([`CaptureConfig::device`](rt_callback::CaptureConfig::device)).
    fn spec(&self) -> StreamSpec;

    /// The usual length of a block in frames, if that is known. A block may have any other length.
    fn block_frames(&self) -> Option<usize>;

    /// How far the callback has come since the start, if that is counted. If the number of blocks stands still, the
    /// device has died without a report.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Starts calling the recorder.
    ///
    /// # Errors
    /// [`DeviceError::AlreadyStarted`], or an error of the audio system. [`stop`](Self::stop) gives back a recorder
    /// that could not be started.
    fn start(&mut self, recorder: Recorder) -> Result<(), DeviceError>;

    /// Stops, and gives the recorder back.
    ///
    /// The recorder can be started again, here or elsewhere ([`Recorder::rebind`]). Dropping it declares the end to its
    /// reader. `None` if the input was not started, or its thread is lost, or it is stopped in its own callback: then
    /// that takes the recorder along.
    ///
    /// # Errors
    /// [`DeviceError`] if the capture could not be completed.
    fn stop(&mut self) -> Result<Option<Recorder>, DeviceError>;

    /// Returns the oldest event that has not been returned yet.
    fn poll_event(&mut self) -> Option<DeviceEvent>;
}

/// The request to [`Backend::open_input`](crate::Backend::open_input).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InputRequest {
    /// The device, by [`DeviceInfo::id`](crate::DeviceInfo::id). `None` is the default device.
    pub device: Option<String>,
    /// The format, rate and channels that the application would like best. An input that can deliver anything delivers
    /// exactly this. A device delivers what it supports, and a file what it holds.
    pub spec: StreamSpec,
    /// How long a block should be.
    pub block: BlockLength,
}

impl InputRequest {
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
