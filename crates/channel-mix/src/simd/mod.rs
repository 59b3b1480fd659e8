//! The inner loops, and the choice between the instruction sets that may run them.
//!
//! `words` are vectors of samples, `kernels` the loops over them, written once; a file for each family of processors
//! stamps the kernels for its words. (fearless_simd 1.2 was measured and not taken: no detection without std, AVX-512
//! from Ice Lake on only, tiles 5 to 15 % slower on AVX2, and silent losses where a closure is not inlined.)

mod backend;
mod detect;
mod dispatch;
mod kernels;
mod plain;
mod strided;

// The one place that says where there is more than the plain kernels.
#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
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
        all(target_arch = "aarch64", target_feature = "neon"),
        all(target_arch = "wasm32", target_feature = "simd128"),
        target_arch = "x86",
        target_arch = "x86_64"
    ))
))]
#[path = "portable.rs"]
mod native;

pub use backend::Backend;
pub(crate) use kernels::{io, rows};
pub(crate) use native::{average, columns, duplicate, duplicate_in_place, lanes, pairs, tile};
