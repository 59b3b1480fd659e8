//! 64-bit Arm: NEON, which is part of the target.
#![allow(unsafe_code)]

#[path = "words/neon.rs"]
mod words;

use crate::simd::dispatch::dispatch;

pub(super) const fn is_available(backend: Backend) -> bool {
    matches!(backend, Backend::Neon)
}

dispatch!([unsafe Neon => neon]);

mod neon {
    use super::words::{Ints, Line, Word};
    use crate::simd::kernels::*;

    // Three and one would be slower than two and two.
    half_band!(
        target_feature(enable = "neon"),
        1 => 1: half_band_lines::<1>,
        2 | 4 => 2: half_band_lines::<2>,
        _ => 3: half_band_lines::<3>
    );
    half_band_lines!(target_feature(enable = "neon"), inline);
    // Three have no room in the registers: two and then one take fewer instructions.
    banded!(target_feature(enable = "neon"), inline, 2);
    pair!(target_feature(enable = "neon"), inline);
    interpolated!(target_feature(enable = "neon"), inline, [1, 2, 5, 7]);
    linear!(target_feature(enable = "neon"), inline, linear_frames);
    frames!(target_feature(enable = "neon"), inline);
    moves!(target_feature(enable = "neon"));
}
