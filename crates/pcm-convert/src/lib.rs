#![doc = include_str!("../README.md")]
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
