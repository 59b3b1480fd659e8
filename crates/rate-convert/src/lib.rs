#![doc = include_str!("../README.md")]
#![no_std]

mod error;
mod linear;
mod progress;
mod ratio;

pub use error::RateError;
pub use linear::Linear;
pub use progress::Progress;
pub use ratio::{MAX_CHANNELS, MAX_RATE_HZ, MAX_RATIO};
