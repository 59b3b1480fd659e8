//! x86 and x86-64: AVX2, and AVX-512 F, BW, DQ and VL.
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

cpufeatures::new!(cpu_avx2, "avx2");
cpufeatures::new!(
    cpu_avx512, "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2"
);

#[inline]
pub(super) fn is_available(backend: Backend) -> bool {
    match backend {
        Backend::Avx2 => cpu_avx2::get(),
        Backend::Avx512 => cpu_avx512::get(),
        _ => false,
    }
}

dispatch!([unsafe Avx2 => avx2, unsafe Avx512 => avx512]);

mod avx2 {
    use super::avx2_words::{Mask, Order, Word};
    use crate::simd::kernels::*;

    moves!(target_feature(enable = "avx2"));
    averages!(target_feature(enable = "avx2"));
    pairs!(
        target_feature(enable = "avx2"),
        4 => pairs_of::<4, 2>,
        6 => six_to_two,
        8 => pairs_of::<8, 4>,
        10 => pairs_of::<10, 5>,
        _ => pairs_of::<12, 6>
    );
    pairs_of!(target_feature(enable = "avx2"), inline);
    six_to_two!(target_feature(enable = "avx2"), inline);
    lanes!(target_feature(enable = "avx2"), inline, by_words);
    columns!(target_feature(enable = "avx2"), inline);
    tile!(target_feature(enable = "avx2"), squares());
    squares!(target_feature(enable = "avx2"), inline, 8);
}

mod avx512 {
    use super::avx2;
    use super::avx512_words::{Mask, Order, Word};
    use crate::simd::kernels::*;

    pub(super) use avx2::{duplicate, duplicate_in_place};
    averages!(target_feature(
        enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2"
    ));
    // Of others wider words would not help: most of it is reading.
    pairs!(
        target_feature(enable = "avx512f,avx2"),
        4 => avx2::pairs_of::<4, 2>,
        6 => six_to_two,
        8 => eight_to_two,
        10 => avx2::pairs_of::<10, 5>,
        _ => avx2::pairs_of::<12, 6>
    );
    six_to_two!(target_feature(enable = "avx512f"), inline);
    eight_to_two!(target_feature(enable = "avx512f"), inline);
    lanes!(target_feature(enable = "avx512f"), inline, by_frames);
    pub(super) use super::avx512_eights::columns;
    // Wider words would wait for the halves that the squares write.
    pub(super) use avx2::tile;
}

/// Words of eight with twice as many registers.
mod avx512_eights {
    use super::avx2_words::Word;
    use crate::simd::kernels::*;

    columns!(
        target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2"),
        inline
    );
}
