#![doc = include_str!("../README.md")]
//!
//! ## Where to begin
//!
//! - [`Sample`]: the sample types, and one value at a time.
//! - [`Converter`], [`convert`]: from one type to another, with a rounding and clipped counts or without.
//! - [`Quantizer`]: from floats to integers with dither and noise shaping.
//! - [`to_f32`], [`from_f32`], and one of each for each type, as `i16_to_f32`.
//! - [`SampleFormat`] and [`bytes`]: formats known at run time.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

// The crate itself never uses std; the optional features bring it in for what they are about.
#[cfg(feature = "proptest")]
extern crate std;

mod arith;
pub mod bytes;
mod cast;
mod converter;
mod encoding;
mod format;
mod g711;
#[cfg(feature = "dasp")]
mod interop;
mod noise;
mod packed;
mod planar;
mod policy;
mod quantizer;
mod sample;
mod simd;
mod slices;
mod step;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use converter::{Converter, convert, convert_in_place};
pub use format::{SampleFormat, UnknownFormat};
pub use g711::{ALaw, MuLaw};
pub use packed::{I24, U24};
pub use planar::{deinterleave, interleave};
pub use policy::{
    Dither, NoiseShaper, Rounding, UnknownDither, UnknownNoiseShaper, UnknownRounding,
};
pub use quantizer::{MAX_CHANNELS, Quantized, Quantizer};
pub use sample::Sample;
pub use simd::Backend;
pub use slices::*;
