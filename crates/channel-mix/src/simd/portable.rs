//! Where there are no kernels but the plain ones.

use super::Backend;
use super::plain::{self, PairGains};
use crate::plan::lanes::Lanes;
use crate::plan::quads::Quads;
use crate::simd::kernels::tile::{self, Io, Job};

pub(crate) fn duplicate<S: Copy>(_: Backend, input: &[S], output: &mut [S]) {
    plain::duplicate(input, output);
}

pub(crate) fn duplicate_in_place<S: Copy>(_: Backend, block: &mut [S], at: usize, frames: usize) {
    plain::duplicate_in_place(block, at, frames);
}

pub(crate) fn average(_: Backend, input: &[f32], output: &mut [f32]) {
    plain::average(input, output);
}

pub(crate) fn pairs(
    _: Backend,
    inputs: usize,
    gains: &PairGains,
    input: &[f32],
    output: &mut [f32],
) -> usize {
    plain::pairs(inputs, gains, input, output);
    output.len() / 2
}

pub(crate) fn lanes(_: Backend, _: &Lanes, _: &Job<'_>, _: &[f32], _: &mut [f32]) -> usize {
    0
}

pub(crate) fn tile<const CHANNELS: usize>(
    _: Backend,
    job: &Job<'_>,
    io: &mut impl Io,
    first: usize,
    end: usize,
) {
    tile::mix::<CHANNELS>(tile::Plain, job, io, first, end);
}

pub(super) fn has_avx2() -> bool {
    false
}

pub(super) fn has_avx512() -> bool {
    false
}

pub(crate) fn columns(_: Backend, _: &Quads, _: &Job<'_>, _: &[f32], _: &mut [f32]) -> usize {
    0
}
