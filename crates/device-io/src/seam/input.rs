//! The other half of the seam: what every kind of input can do.

use rt_callback::{Recorder, StreamSpec};

use crate::error::DeviceError;
use crate::seam::block::{BlockLength, Progress};
use crate::seam::event::DeviceEvent;

/// An opened input: negotiate first, then hand the recorder over.
///
/// Dropping it stops it.
pub trait Input: Send {
    /// What it delivers. Make the capture for this
    /// ([`CaptureConfig::device`](rt_callback::CaptureConfig::device)).
    fn spec(&self) -> StreamSpec;

    /// How many frames it usually delivers at a time, where that is known. It may deliver any other number.
    fn block_frames(&self) -> Option<usize>;

    /// What the device has delivered since it was started, where that is counted. If the number of blocks stands
    /// still, the device has died without a word.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Starts calling the recorder.
    ///
    /// # Errors
    /// [`DeviceError::AlreadyStarted`], or what the audio system says. [`stop`](Self::stop) gives back a recorder
    /// that could not be started.
    fn start(&mut self, recorder: Recorder) -> Result<(), DeviceError>;

    /// Stops, and gives the recorder back: to be started again, here or elsewhere
    /// ([`Recorder::rebind`]), or to be dropped, which declares the end to its reader. `None` where
    /// it was not started, or its thread is lost.
    ///
    /// # Errors
    /// [`DeviceError`] where what was captured could not be brought to its end.
    fn stop(&mut self) -> Result<Option<Recorder>, DeviceError>;

    /// The oldest event that has not been told yet.
    fn poll_event(&mut self) -> Option<DeviceEvent>;
}

/// What is asked of [`Backend::open_input`](crate::Backend::open_input).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InputRequest {
    /// Which device, by [`DeviceInfo::id`](crate::DeviceInfo::id); the default one if `None`.
    pub device: Option<String>,
    /// What the application would like best. Inputs without a mind of their own deliver it; a
    /// device delivers what it does.
    pub spec: StreamSpec,
    /// How long a block should be.
    pub block: BlockLength,
}

impl InputRequest {
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
