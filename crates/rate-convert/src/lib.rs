#![doc = include_str!("../README.md")]
//!
//! ## Where to begin
//!
//! - [`Linear`]: cheap, for speech.
//! - [`Sinc`]: clean, for everything else.
//! - [`Resampler`]: either, chosen at run time.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "audioadapter")]
mod adapters;
mod error;
mod limits;
mod linear;
mod progress;
mod ratio;
mod resampler;
mod simd;
mod sinc;

pub use error::RateError;
pub use limits::{MAX_CHANNELS, MAX_RATE_HZ, MAX_RATIO};
pub use linear::Linear;
pub use progress::Progress;
pub use resampler::Resampler;
pub use simd::Backend;
#[cfg(feature = "alloc")]
pub use sinc::SincTable;
pub use sinc::{MAX_TRIM, Quality, Sinc};
