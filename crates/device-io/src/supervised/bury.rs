//! Stopping devices, of which some never stop.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::error::DeviceError;
use crate::loan::{Direction, Handle};

/// How long to wait for a device to stop.
const BURIAL: Duration = Duration::from_secs(4);

/// Stops a device and drops it on a thread of its own, because some never return from either. Returns what was lent to
/// the device.
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
