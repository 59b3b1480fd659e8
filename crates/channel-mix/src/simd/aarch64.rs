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
    use super::words::{Mask, Order, Word};
    use crate::simd::kernels::*;

    // The plain loops have all that NEON has.
    pub(super) use crate::simd::plain::{average, duplicate, duplicate_in_place};
    pairs!(
        target_feature(enable = "neon"),
        4 => pairs_of::<4, 2>,
        6 => six_to_two,
        8 => pairs_of::<8, 4>,
        10 => pairs_of::<10, 5>,
        _ => pairs_of::<12, 6>
    );
    pairs_of!(target_feature(enable = "neon"), inline);
    six_to_two!(target_feature(enable = "neon"), inline);
    lanes!(target_feature(enable = "neon"), inline, by_words);
    columns!(target_feature(enable = "neon"), inline);
    tile!(target_feature(enable = "neon"), squares());
    squares!(target_feature(enable = "neon"), inline, 4);
}
