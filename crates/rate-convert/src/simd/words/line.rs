//! Lines of [`LANES`](crate::simd::LANES) values in as many words as it takes.
// Not every family of processors has lines of several words.
#![allow(unused_imports, unused_macros)]

/// Defines `Line` as the words that are numbered; each operation is done on all of them. `$attr` is what `Word`'s
/// functions have.
macro_rules! line {
    ($attr:meta, $($at:tt: $word:ident),*) => {
        /// Sixteen values.
        #[derive(Clone, Copy)]
        pub(in crate::simd) struct Line($(pub(in crate::simd) $word),*);

        impl Line {
            pub(in crate::simd) const WIDTH: usize = 16;

            #[inline]
            #[$attr]
            pub(in crate::simd) fn splat(value: f32) -> Self {
                Self($($word::splat(value)),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
                let words = from.as_chunks::<{ Word::WIDTH }>().0;
                Self($($word::load(&words[$at])),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
                let words = to.as_chunks_mut::<{ Word::WIDTH }>().0;
                $(self.$at.store(&mut words[$at]);)*
            }

            /// `self + a * b`.
            #[inline]
            #[$attr]
            pub(in crate::simd) fn fused(self, a: Self, b: Self) -> Self {
                Self($(self.$at.fused(a.$at, b.$at)),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn plus(self, other: Self) -> Self {
                Self($(self.$at.plus(other.$at)),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn times(self, other: Self) -> Self {
                Self($(self.$at.times(other.$at)),*)
            }
        }
    };
}
pub(in crate::simd) use line;
