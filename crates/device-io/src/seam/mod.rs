//! The seam between backends and streams: the traits of backends, outputs and inputs, and the types that both sides
//! use.

mod backend;
mod block;
mod device;
mod event;
mod input;
mod output;

pub use backend::Backend;
pub use block::{BlockLength, Progress};
pub use device::{DeviceInfo, SupportedFormats};
pub use event::DeviceEvent;
pub use input::{Input, InputRequest};
pub use output::{Output, OutputRequest};
