//! The inner loops, and the choice between the instruction sets that may run them.
#![allow(unsafe_code)]

mod backend;
mod generic;
mod lanes;
mod linear;
mod moves;
#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    not(dsp_force_scalar)
))]
mod neon;
#[cfg(all(
    target_arch = "wasm32",
    target_feature = "simd128",
    not(dsp_force_scalar)
))]
mod wasm;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86_banded;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86_half_band;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86_linear;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86_vectors;

#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    not(dsp_force_scalar)
))]
use neon::Neon as Native;
#[cfg(all(
    target_arch = "wasm32",
    target_feature = "simd128",
    not(dsp_force_scalar)
))]
use wasm::Simd128 as Native;

pub use backend::Backend;
pub(crate) use linear::{MAX_CYCLE, Phases, Position, Run, part_of};
pub(crate) use moves::clean;

/// Samples that are worked side by side, whatever the machine.
pub(crate) const LANES: usize = 16;
/// The most places at which one group of coefficients is used at once.
pub(crate) const BANK: usize = 4;

/// Results of a banded group, one line per place.
pub(crate) type Bank = [[f32; LANES]; BANK];

/// One output of an interpolated table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Point {
    /// Where its window begins in the history.
    pub(crate) at: usize,
    /// The first of its four rows.
    pub(crate) row: usize,
    pub(crate) weights: [f32; 4],
}

macro_rules! dispatch {
    ($backend:expr, $plain:expr, $native:expr, $avx2:path, $avx512:path, $args:tt) => {
        match $backend {
            #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
            // SAFETY: a `Backend` other than `Scalar` is only chosen after its features were detected.
            Backend::Avx2 => unsafe { $avx2 $args },
            #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
            // SAFETY: as above.
            Backend::Avx512 => unsafe { $avx512 $args },
            #[cfg(all(target_arch = "aarch64", target_feature = "neon", not(dsp_force_scalar)))]
            Backend::Neon => $native $args,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128", not(dsp_force_scalar)))]
            Backend::Simd128 => $native $args,
            _ => $plain $args,
        }
    };
}

/// See [`generic::convolve`].
pub(crate) fn convolve(backend: Backend, half_row: &[f32], x: &[f32], out: &mut [f32]) {
    dispatch!(
        backend,
        generic::convolve::<lanes::Plain, 1>,
        generic::convolve::<Native, 3>,
        x86_half_band::convolve_avx2,
        x86_half_band::convolve_avx512,
        (half_row, x, out)
    );
}

/// See [`generic::banded`].
pub(crate) fn banded(
    backend: Backend,
    rows: &[f32],
    half: usize,
    x: &[f32],
    at: &[usize],
    out: &mut Bank,
) {
    dispatch!(
        backend,
        generic::banded::<lanes::Plain>,
        generic::banded::<Native>,
        x86_banded::banded_avx2,
        x86::banded_avx512,
        (rows, half, x, at, out)
    );
}

/// See [`generic::banded_pair`].
pub(crate) fn banded_pair(
    backend: Backend,
    rows: [&[f32]; 2],
    half: usize,
    apart: usize,
    x: &[f32],
    at: &[usize],
    out: &mut [Bank; 2],
) {
    dispatch!(
        backend,
        generic::banded_pair::<lanes::Plain>,
        generic::banded_pair::<Native>,
        x86::banded_pair_avx2,
        x86::banded_pair_avx512,
        (rows, half, apart, x, at, out)
    );
}

/// The most places at which a pair of groups is worth more than one after the other: as many as have registers.
pub(crate) const fn pair_places(backend: Backend) -> usize {
    match backend {
        Backend::Scalar => 0,
        Backend::Avx2 | Backend::Neon | Backend::Simd128 => 1,
        Backend::Avx512 => BANK,
    }
}

/// See [`generic::interpolated`].
pub(crate) fn interpolated(
    backend: Backend,
    table: &[f32],
    stride: usize,
    x: &[f32],
    points: &[Point],
    out: &mut [f32],
) {
    dispatch!(
        backend,
        generic::interpolated::<lanes::Plain>,
        generic::interpolated::<Native>,
        x86::interpolated_avx2,
        x86::interpolated_avx512,
        (table, stride, x, points, out)
    );
}

/// See [`linear::generic`].
#[inline(always)]
pub(crate) fn linear(backend: Backend, run: &Run<'_>, out: &mut [f32]) {
    dispatch!(
        backend,
        linear::generic,
        linear::generic,
        x86_linear::linear_avx2,
        x86_linear::linear_avx512,
        (run, out)
    );
}

/// See [`moves::copy_clean`].
pub(crate) fn copy_clean(backend: Backend, x: &[f32], out: &mut [f32]) {
    dispatch!(
        backend,
        moves::copy_clean,
        moves::copy_clean,
        x86::copy_clean_avx2,
        x86::copy_clean_avx512,
        (x, out)
    );
}

/// See [`moves::split_clean`].
pub(crate) fn split_clean(backend: Backend, x: &[f32], even: &mut [f32], odd: &mut [f32]) {
    dispatch!(
        backend,
        moves::split_clean,
        moves::split_clean,
        x86::split_clean_avx2,
        x86::split_clean_avx512,
        (x, even, odd)
    );
}

/// See [`moves::weave`].
pub(crate) fn weave(backend: Backend, even: &[f32], odd: &[f32], out: &mut [f32]) {
    dispatch!(
        backend,
        moves::weave,
        moves::weave,
        x86::weave_avx2,
        x86::weave_avx512,
        (even, odd, out)
    );
}

/// See [`moves::weave_pairs`].
pub(crate) fn weave_pairs(backend: Backend, even: [&[f32]; 2], odd: [&[f32]; 2], out: &mut [f32]) {
    dispatch!(
        backend,
        moves::weave_pairs,
        moves::weave_pairs,
        x86::weave_pairs_avx2,
        x86::weave_pairs_avx512,
        (even, odd, out)
    );
}

/// See [`moves::split_pairs`].
pub(crate) fn split_pairs(
    backend: Backend,
    x: &[f32],
    even: [&mut [f32]; 2],
    odd: [&mut [f32]; 2],
) {
    dispatch!(
        backend,
        moves::split_pairs,
        moves::split_pairs,
        x86::split_pairs_avx2,
        x86::split_pairs_avx512,
        (x, even, odd)
    );
}
