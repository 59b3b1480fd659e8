//! The inner loops, and the choice between the instruction sets that may run them.
//!
//! `words` are vectors of samples, `kernels` the loops over them, written once; a file for each family of processors
//! stamps the kernels for its words. (fearless_simd 1.2 was measured and not taken: no detection without std, AVX-512
//! from Ice Lake on only, slower on AVX2, and silent four- to tenfold losses where a closure is not inlined.)

mod backend;
mod cubics;
mod detect;
mod dispatch;
mod kernels;
mod phases;
mod plain;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod processor;
mod shapes;
mod walk;
mod words;

// The one place that says where there is more than the plain words.
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
pub(crate) use cubics::{Cubics, Offset, Points};
pub(crate) use kernels::moves::clean;
pub(crate) use native::{
    banded, banded_pair, copy_clean, half_band, interpolated, linear, split_clean, split_pairs,
    weave, weave_pairs,
};
pub(crate) use phases::{MAX_CYCLE, Phases, Position, Run, part_of};
pub(crate) use shapes::{BANK, Bank, LANES};

/// The most places at which a pair of groups is faster than one group after the other: more have no room in the
/// registers.
pub(crate) const fn pair_places(backend: Backend) -> usize {
    match backend {
        Backend::Scalar => 0,
        Backend::Avx2 | Backend::Neon | Backend::Simd128 => 1,
        Backend::Avx512 => BANK,
    }
}
