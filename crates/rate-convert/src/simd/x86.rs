//! x86 and x86-64: AVX2 with FMA, and AVX-512 (F and VL).
#![allow(unsafe_code)]

#[path = "words/avx2.rs"]
mod avx2_words;
#[path = "words/avx512.rs"]
mod avx512_words;

#[cfg(target_arch = "x86")]
use core::arch::x86 as arch;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64 as arch;

use crate::simd::dispatch::dispatch;

cpufeatures::new!(cpu_avx2, "avx2", "fma");
cpufeatures::new!(cpu_avx512, "avx512f", "avx512vl", "avx2", "fma");

pub(super) fn is_available(backend: Backend) -> bool {
    match backend {
        Backend::Avx2 => cpu_avx2::get(),
        Backend::Avx512 => cpu_avx512::get(),
        _ => false,
    }
}

dispatch!([unsafe Avx2 => avx2, unsafe Avx512 => avx512]);

mod avx2 {
    use super::avx2_words::{Ints, Line, Word};
    use crate::simd::kernels::*;

    // Three and one would be slower than two and two.
    half_band!(
        target_feature(enable = "avx2,fma"),
        1 => 1: half_band_pairs::<1>,
        2 | 4 => 2: half_band_pairs::<2>,
        _ => 3: half_band_pairs::<3>
    );
    // Not inlined, so that a call does not set up what the largest of them needs.
    half_band_pairs!(target_feature(enable = "avx2,fma"), inline(never));
    banded_halves!(target_feature(enable = "avx2,fma"), inline);
    pair!(target_feature(enable = "avx2,fma"), inline);
    interpolated!(target_feature(enable = "avx2,fma"), inline, [1, 2, 5, 7]);
    linear!(target_feature(enable = "avx2,fma"), inline, linear_frames);
    frames!(target_feature(enable = "avx2,fma"), inline);
    moves!(target_feature(enable = "avx2,fma"));
}

mod avx512 {
    use super::avx2;
    use super::avx512_words::{Ints, Line, Word};
    use crate::simd::kernels::*;

    // A few lines are worked in words of half the width: as many more sums are in flight, which need not wait for
    // each other.
    half_band!(
        target_feature(enable = "avx512f,avx2,fma"),
        1 => 1: avx2::half_band_pairs::<1>,
        2 => 2: avx2::half_band_pairs::<2>,
        3 => 3: avx2::half_band_pairs::<3>,
        4 | 5 => 4: half_band_pairs::<2>,
        6 | 7 => 6: half_band_pairs::<3>,
        _ => 8: half_band_pairs::<4>
    );
    half_band_pairs!(target_feature(enable = "avx512f,avx2,fma"), inline(never));
    banded!(target_feature(enable = "avx512f,avx2,fma"), inline, 4);
    pair!(target_feature(enable = "avx512f,avx2,fma"), inline);
    interpolated!(
        target_feature(enable = "avx512f,avx2,fma"),
        inline,
        [1, 2, 5, 7]
    );
    linear!(
        target_feature(enable = "avx512f,avx512vl,avx2,fma"),
        inline,
        super::avx512_eights::linear_frames
    );
    moves!(target_feature(enable = "avx512f,avx2,fma"));
}

/// Words of eight with masks: most frames are no longer.
mod avx512_eights {
    use super::avx2_words::Word;
    use crate::simd::kernels::*;

    frames!(target_feature(enable = "avx512f,avx512vl,avx2,fma"), inline);
}
