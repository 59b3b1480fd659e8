//! Where the target has nothing but its own instructions, or the build allows no other.

use crate::simd::dispatch::dispatch;

pub(super) const fn is_available(_: Backend) -> bool {
    false
}

pub(super) const fn best() -> Backend {
    Backend::Scalar
}

dispatch!([]);
