//! From a backend to its functions. This is the one place where functions compiled for more than the
//! target's own instructions are called: a [`Backend`] is only ever in a mixer after
//! [`Backend::is_available`] said yes.
#![allow(unsafe_code)]

#[path = "words/avx2.rs"]
mod avx2;
#[path = "words/avx512.rs"]
mod avx512;
#[path = "kernels/columns.rs"]
mod columns;

use super::Backend;
use super::plain::{self, PairGains};
use crate::plan::lanes::Lanes;
use crate::plan::quads::Quads;
use crate::simd::kernels::tile::{self, Io, Job, Plain};

cpufeatures::new!(cpu_avx2, "avx2");
cpufeatures::new!(cpu_avx512, "avx512f", "avx512bw", "avx512dq", "avx512vl");

pub(super) fn has_avx2() -> bool {
    cpu_avx2::get()
}

pub(super) fn has_avx512() -> bool {
    cpu_avx2::get() && cpu_avx512::get()
}

macro_rules! on_backend {
    ($backend:expr, $scalar:expr, $avx2:expr, $avx512:expr) => {
        match $backend {
            Backend::Scalar => $scalar,
            // SAFETY: AVX2 was found when the mixer was made.
            Backend::Avx2 => unsafe { $avx2 },
            // SAFETY: AVX-512 F, BW, DQ and VL and AVX2 were found when the mixer was made.
            Backend::Avx512 => unsafe { $avx512 },
        }
    };
}

pub(crate) fn duplicate<S: Copy>(backend: Backend, x: &[S], y: &mut [S]) {
    on_backend!(
        backend,
        plain::duplicate(x, y),
        avx2::duplicate(x, y),
        avx2::duplicate(x, y)
    );
}

pub(crate) fn duplicate_in_place<S: Copy>(
    backend: Backend,
    block: &mut [S],
    at: usize,
    frames: usize,
) {
    on_backend!(
        backend,
        plain::duplicate_in_place(block, at, frames),
        avx2::duplicate_in_place(block, at, frames),
        avx2::duplicate_in_place(block, at, frames)
    );
}

pub(crate) fn average(backend: Backend, x: &[f32], y: &mut [f32]) {
    on_backend!(
        backend,
        plain::average(x, y),
        avx2::average(x, y),
        avx512::average(x, y)
    );
}

pub(crate) fn tile<const CHANNELS: usize>(
    backend: Backend,
    job: &Job<'_>,
    io: &mut impl Io,
    first: usize,
    end: usize,
) {
    on_backend!(
        backend,
        tile::mix::<CHANNELS>(Plain, job, io, first, end),
        avx2::tile::<CHANNELS>(job, io, first, end),
        // Wider vectors would wait for the halves that the transposition writes.
        avx2::tile::<CHANNELS>(job, io, first, end)
    );
}

/// Returns the frames done.
pub(crate) fn pairs(
    backend: Backend,
    inputs: usize,
    gains: &PairGains,
    x: &[f32],
    y: &mut [f32],
) -> usize {
    on_backend!(
        backend,
        {
            plain::pairs(inputs, gains, x, y);
            y.len() / 2
        },
        avx2::pairs(inputs, gains, x, y),
        avx512::pairs(inputs, gains, x, y)
    )
}

/// Returns the frames done.
pub(crate) fn lanes(
    backend: Backend,
    table: &Lanes,
    job: &Job<'_>,
    x: &[f32],
    y: &mut [f32],
) -> usize {
    on_backend!(
        backend,
        0,
        avx2::lanes(table, job.inputs, job.outputs, x, y),
        avx512::lanes(table, job.inputs, job.outputs, x, y)
    )
}

/// Returns the frames done.
pub(crate) fn columns(
    backend: Backend,
    table: &Quads,
    job: &Job<'_>,
    x: &[f32],
    y: &mut [f32],
) -> usize {
    on_backend!(
        backend,
        0,
        columns::columns(table, job.outputs, x, y),
        avx512::columns(table, job.outputs, x, y)
    )
}
