//! Lines of sixteen samples in as many words as it takes.
// Not every family of processors has lines of several words.
#![allow(unused_imports, unused_macros)]

/// `Line` and `IntLine`, of the words numbered, each operation on all of them; `$attr` is what `Word`'s functions have.
macro_rules! line {
    ($attr:meta, $($at:tt: $word:ident $ints:ident),*) => {
        /// Sixteen samples.
        #[derive(Clone, Copy)]
        pub(in crate::simd) struct Line($($word),*);

        /// An `i32` for each of them.
        #[derive(Clone, Copy)]
        pub(in crate::simd) struct IntLine($($ints),*);

        impl Line {
            #[inline]
            #[$attr]
            pub(in crate::simd) fn load(from: &[f32; LINE]) -> Self {
                let words = cast::as_bytes(from).as_chunks::<{ 4 * Word::WIDTH }>().0;
                Self($($ints::load(&words[$at]).word()),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn store(self, to: &mut [f32; LINE]) {
                let words = cast::as_bytes_mut(to).as_chunks_mut::<{ 4 * Word::WIDTH }>().0;
                $(self.$at.ints().store(&mut words[$at]);)*
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn plus(self, other: Self) -> Self {
                Self($(self.$at.plus(other.$at)),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn quantized<F: Encoding, const R: u8>(self) -> IntLine {
                IntLine($(self.$at.quantized::<F, R>()),*)
            }
        }

        impl IntLine {
            #[allow(dead_code)] // where they are unpacked a word at a time
            pub(in crate::simd) const WIDTH: usize = LINE;

            #[inline]
            #[$attr]
            pub(in crate::simd) fn load(from: &[u8; 4 * LINE]) -> Self {
                let words = from.as_chunks::<{ 4 * Word::WIDTH }>().0;
                Self($($ints::load(&words[$at])),*)
            }

            #[inline]
            #[$attr]
            pub(in crate::simd) fn store(self, to: &mut [u8; 4 * LINE]) {
                let words = to.as_chunks_mut::<{ 4 * Word::WIDTH }>().0;
                $(self.$at.store(&mut words[$at]);)*
            }

            /// The larger of each and the bits of a magnitude, which order as integers.
            #[inline]
            #[$attr]
            pub(in crate::simd) fn larger_magnitude(self, other: Line) -> Self {
                Self($(self.$at.larger_magnitude(other.$at)),*)
            }

            /// As 32 bits.
            #[inline]
            #[$attr]
            pub(in crate::simd) fn store_32<F: Encoding>(self, to: &mut [u8; 4 * LINE]) {
                Self($(self.$at.to_32::<F>()),*).store(to);
            }

            /// Converted, times `scale`.
            #[inline]
            #[$attr]
            pub(in crate::simd) fn samples(self, scale: f32) -> Line {
                Line($(self.$at.samples(scale)),*)
            }

            /// See [`step_word`](crate::noise::step_word).
            #[inline]
            #[$attr]
            pub(in crate::simd) fn stepped(self) -> Self {
                Self($(self.$at.stepped()),*)
            }

            /// See [`of`](crate::noise::of), before it is scaled.
            #[inline]
            #[$attr]
            pub(in crate::simd) fn noise<const TRIANGULAR: bool>(self) -> Self {
                Self($(self.$at.noise::<TRIANGULAR>()),*)
            }
        }
    };
}
pub(in crate::simd) use line;
