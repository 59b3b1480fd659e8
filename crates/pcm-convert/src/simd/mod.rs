//! The inner loops, and the choice between the instruction sets that may run them.
//!
//! `words` are vectors of samples, `kernels` the loops over them, written once; a file for each family of processors
//! stamps the kernels for its words.

mod backend;
mod dispatch;
mod kernels;
mod plain;
#[cfg(test)]
mod tests;
mod words;

// The one place that says where there is more than the plain loops. (Words are stored as bytes, the lowest first.)
#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    target_endian = "little",
    not(dsp_force_scalar)
))]
#[path = "aarch64.rs"]
mod native;
#[cfg(all(
    target_arch = "wasm32",
    target_feature = "simd128",
    not(dsp_force_scalar)
))]
#[path = "wasm32.rs"]
mod native;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
#[path = "x86.rs"]
mod native;
#[cfg(any(
    dsp_force_scalar,
    not(any(
        all(
            target_arch = "aarch64",
            target_feature = "neon",
            target_endian = "little"
        ),
        all(target_arch = "wasm32", target_feature = "simd128"),
        target_arch = "x86",
        target_arch = "x86_64"
    ))
))]
#[path = "portable.rs"]
mod native;

pub use backend::Backend;
pub(crate) use backend::Selected;
pub(crate) use native::{
    add_noise, clean, convert, count, decode, decode_f64, encode, encode_f64, encode_largest,
    largest, noise, put_channel, put_stereo, take_channel, take_stereo,
};

/// Samples converted at a time where something stands between the two formats.
pub(crate) const PIECE: usize = 128;
/// Samples that are worked side by side, whatever the machine.
pub(crate) const LINE: usize = 16;
