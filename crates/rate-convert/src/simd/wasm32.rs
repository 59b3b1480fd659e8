//! WebAssembly: simd128, where the build has it.

#[path = "words/simd128.rs"]
mod words;

use crate::simd::dispatch::dispatch;

pub(super) const fn is_available(backend: Backend) -> bool {
    matches!(backend, Backend::Simd128)
}

dispatch!([safe Simd128 => simd128]);

mod simd128 {
    use super::words::{Ints, Line, Word};
    use crate::simd::kernels::*;

    // Three and one would be slower than two and two.
    half_band!(
        cfg(true),
        1 => 1: half_band_lines::<1>,
        2 | 4 => 2: half_band_lines::<2>,
        _ => 3: half_band_lines::<3>
    );
    half_band_lines!(cfg(true), inline);
    banded!(cfg(true), inline, 4);
    pair!(cfg(true), inline);
    interpolated!(cfg(true), inline, [1, 2, 5, 7]);
    linear!(cfg(true), inline, linear_frames);
    frames!(cfg(true), inline);
    moves!(cfg(true));
}
