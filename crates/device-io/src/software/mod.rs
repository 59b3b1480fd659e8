//! Devices in software, and the thread that paces them like hardware.

mod desk;
mod null;
mod offline;
mod paced;

use crate::error::DeviceError;

pub use null::Null;
pub use offline::{Clock, Offline};
pub(crate) use paced::{Paced, Refused, Run, Sink};

/// Refuses every device but the only one that there is.
pub(crate) fn refuse_others(asked: Option<&str>, only: &str) -> Result<(), DeviceError> {
    match asked {
        Some(id) if id != only => Err(DeviceError::UnknownDevice {
            id: id.to_owned(),
            known: vec![only.to_owned()],
        }),
        _ => Ok(()),
    }
}
