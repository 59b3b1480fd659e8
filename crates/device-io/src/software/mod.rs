//! Devices in software, and the thread that paces them like hardware.

mod desk;
mod null;
mod offline;
mod paced;

pub use null::Null;
pub use offline::{Clock, Offline};
pub(crate) use paced::{Paced, Refused, Run, Sink};
