#![doc = include_str!("../README.md")]

mod backend;
mod error;
mod null;
mod offline;
mod paced;
pub mod wav;

#[cfg(feature = "cpal")]
mod cpal;

#[cfg(feature = "cpal")]
pub use crate::cpal::Cpal;
pub use backend::{Backend, DeviceEvent, DeviceInfo, Output, OutputRequest, SupportedFormats};
pub use error::DeviceError;
pub use null::Null;
pub use offline::{Clock, Offline};
pub use wav::WavFile;

/// The example at the top of the repository is tested with this crate.
#[cfg(all(doctest, feature = "cpal"))]
#[doc = include_str!("../../../README.md")]
struct RepositoryReadme;
