//! The inner loops, and the choice between the instruction sets that may run them.
#![allow(unsafe_code)]

mod backend;
mod generic;
mod lanes;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86;

pub use backend::Backend;

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
    ($backend:expr, $plain:expr, $avx2:ident, $avx512:ident, $args:tt) => {
        match $backend {
            #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
            // SAFETY: a `Backend` other than `Scalar` is only chosen after its features were detected.
            Backend::Avx2 => unsafe { x86::$avx2 $args },
            #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
            // SAFETY: as above.
            Backend::Avx512 => unsafe { x86::$avx512 $args },
            _ => $plain $args,
        }
    };
}

/// See [`generic::convolve`].
pub(crate) fn convolve(backend: Backend, half_row: &[f32], x: &[f32], out: &mut [f32]) {
    dispatch!(
        backend,
        generic::convolve::<lanes::Plain, 1>,
        convolve_avx2,
        convolve_avx512,
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
        banded_avx2,
        banded_avx512,
        (rows, half, x, at, out)
    );
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
        interpolated_avx2,
        interpolated_avx512,
        (table, stride, x, points, out)
    );
}
