//! What every way to reach devices can do.

use crate::error::DeviceError;
use crate::seam::device::DeviceInfo;
use crate::seam::input::{Input, InputRequest};
use crate::seam::output::{Output, OutputRequest};

/// A way to reach outputs and inputs: an audio system, or something that stands in for one.
pub trait Backend: Send {
    /// Its name, in one word.
    fn name(&self) -> &'static str;

    /// The outputs that there are now.
    ///
    /// # Errors
    /// [`DeviceError`] where the audio system cannot be asked.
    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError>;

    /// The id of the present default output, where that can change and is cheap to ask for. `None` where the audio
    /// system moves streams to a new default device, or tells of it: then nobody needs to ask.
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
