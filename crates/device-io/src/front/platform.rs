//! The backend of the one-liners.

use crate::error::DeviceError;
use crate::seam::Backend;

/// The backend that means "the default device": the platform's.
#[cfg(feature = "cpal")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature there is none"
)]
pub(super) fn platform() -> Result<Box<dyn Backend>, DeviceError> {
    Ok(Box::new(crate::Cpal::default()))
}

#[cfg(not(feature = "cpal"))]
pub(super) fn platform() -> Result<Box<dyn Backend>, DeviceError> {
    Err(DeviceError::NotBuilt)
}
