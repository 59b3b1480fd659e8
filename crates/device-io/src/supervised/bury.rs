//! The end of a device, from which some never return.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::error::DeviceError;
use crate::loan::{Direction, Handle};

/// How long a device may take to stop before it is left to its fate.
const BURIAL: Duration = Duration::from_secs(4);

/// Stops a device and drops it, on a thread of its own: some never return from either.
pub(super) fn bury<T: Direction>(mut device: T::Device) -> Result<Option<T>, DeviceError> {
    let (stopped, is_stopped) = channel();
    thread::Builder::new()
        .name("device closer".into())
        .spawn(move || {
            let _ = stopped.send(device.stop());
            drop(device);
        })?;
    is_stopped
        .recv_timeout(BURIAL)
        .unwrap_or(Err(DeviceError::NoAnswer))
}
