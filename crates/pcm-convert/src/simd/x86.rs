//! x86 and x86-64: detection, and one file an instruction set.

#[path = "words/avx2.rs"]
pub(super) mod avx2;
#[path = "words/avx512.rs"]
pub(super) mod avx512;
#[path = "words/sse2.rs"]
pub(super) mod sse2;

use super::Backend;
use core::sync::atomic::{AtomicU8, Ordering};

cpufeatures::new!(has_sse2, "sse2");
cpufeatures::new!(has_avx2, "avx2");
cpufeatures::new!(has_avx512, "avx512f", "avx512bw", "avx512dq", "avx512vl");

pub(super) fn is_available(backend: Backend) -> bool {
    match backend {
        Backend::Sse2 => has_sse2::get(),
        Backend::Avx2 => has_avx2::get(),
        // The 256-bit forms are used beside the 512-bit ones.
        Backend::Avx512 => has_avx512::get() && has_avx2::get(),
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
