//! Devices that are software alone, and the thread that gives them a device's pace.

mod null;
mod offline;
mod paced;

pub use null::Null;
pub use offline::{Clock, Offline};
pub(crate) use paced::{Paced, Sink};
