//! WebAssembly: simd128, where the build has it; WebAssembly knows no detection.

#[path = "words/simd128.rs"]
mod words;

use crate::simd::dispatch::dispatch;

pub(super) const fn is_available(backend: Backend) -> bool {
    matches!(backend, Backend::Simd128)
}

pub(super) const fn best() -> Backend {
    Backend::Simd128
}

dispatch!([safe Simd128 => simd128]);

mod simd128 {
    use super::words::{IntLine, Line};
    use crate::simd::kernels::*;

    lines!(cfg(true));
    unpack24!(cfg(true), IntLine);
    pack24!(cfg(true));
    planes!(cfg(true));
    counts!(cfg(true));
    dither!(cfg(true));
}
