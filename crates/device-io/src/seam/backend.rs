//! Backends: ways to reach devices.

use crate::error::DeviceError;
use crate::seam::device::DeviceInfo;
use crate::seam::input::{Input, InputRequest};
use crate::seam::output::{Output, OutputRequest};

/// A way to reach outputs and inputs: an audio system, or software in its place.
///
/// ```
/// use device_io::{Backend, Null, OutputRequest};
///
/// let backend: Box<dyn Backend> = Box::new(Null);
/// for device in backend.devices()? {
///     println!("{}: {}", device.id, device.name);
/// }
/// let output = backend.open_output(&OutputRequest::new("24000x1:s16le".parse()?))?;
/// println!("it takes {}", output.spec());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Backend: Send {
    /// The backend's name, in one word.
    fn name(&self) -> &'static str;

    /// Returns the outputs that there are now.
    ///
    /// # Errors
    /// [`DeviceError`] if the audio system cannot be asked.
    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError>;

    /// Returns the id of the present default output, if it can change and is cheap to ask for.
    ///
    /// `None` if the audio system itself moves streams to a new default device, or reports it: then nobody needs to
    /// ask.
    fn default_device(&self) -> Option<String> {
        None
    }

    /// Returns the id of the present default input, as [`default_device`](Self::default_device) does for outputs.
    fn default_input(&self) -> Option<String> {
        None
    }

    /// Opens an output without starting it. [`Output::spec`] then says what it takes, so that a stream can be made for
    /// it.
    ///
    /// # Errors
    /// [`DeviceError`] if there is no such output, or it cannot be opened.
    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError>;

    /// Returns the inputs that there are now. The default is a backend without inputs.
    ///
    /// # Errors
    /// [`DeviceError`] if the audio system cannot be asked.
    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        Ok(Vec::new())
    }

    /// Opens an input without starting it. [`Input::spec`] then says what it delivers, so that a capture can be made
    /// for it.
    ///
    /// # Errors
    /// [`DeviceError`] if there is no such input, or it cannot be opened. [`DeviceError::NoInput`] if the backend has
    /// no inputs.
    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let _ = request;
        Err(DeviceError::NoInput)
    }
}
