//! x86 and x86-64: SSE2, AVX2, and AVX-512 (F, BW, DQ and VL).
#![allow(unsafe_code)]

#[path = "words/avx2.rs"]
mod avx2_words;
#[path = "words/avx512.rs"]
mod avx512_words;
#[path = "words/sse2.rs"]
mod sse2_words;

#[cfg(target_arch = "x86")]
use core::arch::x86 as arch;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64 as arch;
use core::sync::atomic::{AtomicU8, Ordering};

use crate::simd::dispatch::dispatch;

cpufeatures::new!(cpu_sse2, "sse2");
cpufeatures::new!(cpu_avx2, "avx2");
cpufeatures::new!(
    cpu_avx512, "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2"
);

pub(super) fn is_available(backend: Backend) -> bool {
    match backend {
        Backend::Sse2 => cpu_sse2::get(),
        Backend::Avx2 => cpu_avx2::get(),
        Backend::Avx512 => cpu_avx512::get(),
        _ => false,
    }
}

/// 0: not asked yet; else a code of `best`. Two threads asking at once write the same.
static BEST: AtomicU8 = AtomicU8::new(0);

#[inline]
pub(super) fn best() -> Backend {
    match BEST.load(Ordering::Relaxed) {
        1 => Backend::Avx512,
        2 => Backend::Avx2,
        3 => Backend::Sse2,
        4 => Backend::Scalar,
        _ => ask(),
    }
}

#[cold]
fn ask() -> Backend {
    let (code, best) = if is_available(Backend::Avx512) {
        (1, Backend::Avx512)
    } else if is_available(Backend::Avx2) {
        (2, Backend::Avx2)
    } else if is_available(Backend::Sse2) {
        (3, Backend::Sse2)
    } else {
        (4, Backend::Scalar)
    };
    BEST.store(code, Ordering::Relaxed);
    best
}

dispatch!([unsafe Sse2 => sse2, unsafe Avx2 => avx2, unsafe Avx512 => avx512]);

mod sse2 {
    use super::sse2_words::{IntLine, Line};
    use crate::simd::kernels::*;

    lines!(target_feature(enable = "sse2"));
    unpack24!(target_feature(enable = "sse2"), IntLine);
    pack24!(target_feature(enable = "sse2"));
    planes!(target_feature(enable = "sse2"));
    counts!(target_feature(enable = "sse2"));
    dither!(target_feature(enable = "sse2"));
}

mod avx2 {
    use super::avx2_words::{IntLine, Ints, Line};
    use crate::simd::kernels::*;

    lines!(target_feature(enable = "avx2"));
    // A loop of no more than eight steps, as lines would make it, would be unrolled to its end, at 5 %.
    unpack24!(target_feature(enable = "avx2"), Ints);
    pack24_pairs!(target_feature(enable = "avx2"));
    planes!(target_feature(enable = "avx2"));
    counts!(target_feature(enable = "avx2"));
    dither!(target_feature(enable = "avx2"));
}

mod avx512 {
    // What the 256-bit loops around these write and read, they hand over in 256 bits.
    use super::avx2::{pack24, unpack24};
    use super::avx512_words::{IntLine, Line};
    use crate::simd::kernels::*;

    lines!(target_feature(
        enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2"
    ));
    planes!(target_feature(
        enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2"
    ));
    counts!(target_feature(
        enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2"
    ));
    dither!(target_feature(
        enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2"
    ));
}
