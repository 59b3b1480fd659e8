//! Converts cpal's errors to those of the seam.

use cpal::ErrorKind;

use crate::error::DeviceError;

pub(super) fn backend_error(error: cpal::Error) -> DeviceError {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => DeviceError::NoDevice,
        _ => DeviceError::Backend(error.to_string()),
    }
}
