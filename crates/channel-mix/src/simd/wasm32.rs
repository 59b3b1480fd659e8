//! WebAssembly: simd128, where the build has it.

#[path = "words/simd128.rs"]
mod words;

use crate::simd::dispatch::dispatch;

pub(super) const fn is_available(backend: Backend) -> bool {
    matches!(backend, Backend::Simd128)
}

dispatch!([safe Simd128 => simd128]);

mod simd128 {
    use super::words::{Mask, Order, Word};
    use crate::simd::kernels::*;

    // The plain loops have all that simd128 has.
    pub(super) use crate::simd::plain::{average, duplicate, duplicate_in_place};
    pairs!(
        cfg(true),
        4 => pairs_of::<4, 2>,
        6 => six_to_two,
        8 => pairs_of::<8, 4>,
        10 => pairs_of::<10, 5>,
        _ => pairs_of::<12, 6>
    );
    pairs_of!(cfg(true), inline);
    six_to_two!(cfg(true), inline);
    lanes!(cfg(true), inline, by_words);
    columns!(cfg(true), inline);
    tile!(cfg(true), squares());
    squares!(cfg(true), inline, 4);
}
