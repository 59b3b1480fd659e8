#![doc = include_str!("../README.md")]

mod backend;
mod direction;
mod error;
mod faults;
mod input;
mod lease;
mod negotiate;
mod null;
mod offline;
mod paced;
mod supervised;
pub mod wav;

#[cfg(feature = "cpal")]
mod cpal;

#[cfg(feature = "cpal")]
pub use crate::cpal::Cpal;
#[cfg(feature = "realtime")]
pub use crate::cpal::may_run_in_real_time;
pub use backend::{
    Backend, BlockLength, DeviceEvent, DeviceInfo, Output, OutputRequest, Progress,
    SupportedFormats,
};
pub use error::DeviceError;
pub use faults::{Fault, FaultInjector, Faults};
pub use input::{Input, InputRequest};
pub use negotiate::{Choice, Conversion, Explanation, Negotiated, Reason};
pub use null::Null;
pub use offline::{Clock, Offline};
pub use supervised::{Absent, Policy, Supervised, SupervisedInput, Supervision};
pub use wav::WavFile;

/// The example at the top of the repository is tested with this crate.
#[cfg(all(doctest, feature = "cpal"))]
#[doc = include_str!("../../../README.md")]
struct RepositoryReadme;
