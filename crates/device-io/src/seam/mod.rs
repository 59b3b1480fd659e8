//! The seam: what every way to reach devices can do, and the words that both sides of it use.

mod backend;
mod input;

pub use backend::{
    Backend, BlockLength, DeviceEvent, DeviceInfo, Output, OutputRequest, Progress,
    SupportedFormats,
};
pub use input::{Input, InputRequest};
