//! The kernels in plain Rust: what every backend is tested against, and what there is everywhere. (`cfg(true)` is an
//! attribute that changes nothing.)

use super::kernels::*;
use crate::plan::job::Job;
use crate::plan::lanes::Lanes;
use crate::plan::pairs::{PairGains, has_centre};
use crate::plan::quads::Quads;

moves!(cfg(true));
averages!(cfg(true));
tile!(cfg(true), Plain);

/// None: frame after frame is as fast here.
pub(super) fn lanes(_: &Lanes, _: &Job<'_>, _: &[f32], _: &mut [f32]) -> usize {
    0
}

/// None: frame after frame is as fast here.
pub(super) fn columns(_: &Quads, _: &Job<'_>, _: &[f32], _: &mut [f32]) -> usize {
    0
}

/// Pairs of channels, left and right, to stereo: as many vectors of two as there are pairs. Returns the frames done.
#[inline(always)]
pub(super) fn pairs(inputs: usize, gains: &PairGains, x: &[f32], y: &mut [f32]) -> usize {
    match inputs {
        4 => pairs_of::<4>(gains, x, y),
        6 => pairs_of::<6>(gains, x, y),
        8 => pairs_of::<8>(gains, x, y),
        10 => pairs_of::<10>(gains, x, y),
        _ => pairs_of::<12>(gains, x, y),
    }
}

#[inline(always)]
fn pairs_of<const INPUTS: usize>(gains: &PairGains, x: &[f32], y: &mut [f32]) -> usize {
    let ((frames, _), (outputs, _)) = (x.as_chunks::<INPUTS>(), y.as_chunks_mut::<2>());
    let done = frames.len().min(outputs.len());
    for (frame, out) in frames.iter().zip(outputs) {
        let (pairs, _) = frame.as_chunks::<2>();
        let mut sum = [0.0; 2];
        for (n, ([left, right], [to_left, to_right])) in pairs.iter().zip(gains).enumerate() {
            let centre = n == 1 && has_centre(INPUTS);
            let product = [to_left * left, to_right * if centre { left } else { right }];
            sum = match n {
                0 => product,
                _ => [sum[0] + product[0], sum[1] + product[1]],
            };
        }
        *out = sum;
    }
    done
}
