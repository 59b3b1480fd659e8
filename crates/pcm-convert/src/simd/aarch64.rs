//! 64-bit Arm: NEON, which is part of the target.
#![allow(unsafe_code)]

#[path = "words/neon.rs"]
mod words;

use crate::simd::dispatch::dispatch;

pub(super) const fn is_available(backend: Backend) -> bool {
    matches!(backend, Backend::Neon)
}

pub(super) const fn best() -> Backend {
    Backend::Neon
}

dispatch!([unsafe Neon => neon]);

mod neon {
    use super::words::{IntLine, Line};
    use crate::simd::kernels::*;

    lines!(target_feature(enable = "neon"));
    unpack24!(target_feature(enable = "neon"), IntLine);
    pack24!(target_feature(enable = "neon"));
    planes!(target_feature(enable = "neon"));
    counts!(target_feature(enable = "neon"));
    dither!(target_feature(enable = "neon"));
}
