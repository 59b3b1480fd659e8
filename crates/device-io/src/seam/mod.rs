//! The seam: what every way to reach devices can do, and the words that both sides of it use.

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
