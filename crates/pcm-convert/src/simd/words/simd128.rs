//! WebAssembly's simd128. Its conversions saturate, and take NaN to 0.
#![allow(unsafe_code)]

use core::arch::wasm32::*;

use crate::arith::{BELOW_HALF_F32, scale_f32};
use crate::cast;
use crate::encoding::Encoding;
use crate::format::SampleFormat;
use crate::policy::{HALF_AWAY, TOWARD_ZERO};
use crate::simd::LINE;
use crate::simd::words::line::line;
use crate::simd::words::{order, window};

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(v128);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(v128);

line!(cfg(true), 0: Word Ints, 1: Word Ints, 2: Word Ints, 3: Word Ints);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 4;

    /// The bits as they are.
    #[inline]
    pub(in crate::simd) fn ints(self) -> Ints {
        Ints(self.0)
    }

    #[inline]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    /// Scaled to the format and rounded; NaN is 0. Clipped, but for 8 and 16 bits: narrowing saturates.
    #[inline]
    pub(in crate::simd) fn quantized<F: Encoding, const R: u8>(self) -> Ints {
        let y = f32x4_mul(self.0, f32x4_splat(scale_f32(F::BITS)));
        let v = i32x4_trunc_sat_f32x4(match R {
            TOWARD_ZERO => y,
            HALF_AWAY => {
                let sign = v128_and(y, f32x4_splat(-0.0));
                f32x4_add(y, v128_or(sign, f32x4_splat(BELOW_HALF_F32)))
            }
            _ => f32x4_nearest(y),
        });
        if F::BITS == 24 {
            let v = i32x4_min(v, i32x4_splat((1 << 23) - 1));
            return Ints(i32x4_max(v, i32x4_splat(-(1 << 23))));
        }
        Ints(v)
    }
}

impl Ints {
    #[inline]
    pub(in crate::simd) fn load(from: &[u8; 16]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { v128_load(from.as_ptr().cast()) })
    }

    #[inline]
    pub(in crate::simd) fn store(self, to: &mut [u8; 16]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { v128_store(to.as_mut_ptr().cast(), self.0) }
    }

    /// The bits as they are.
    #[inline]
    pub(in crate::simd) fn word(self) -> Word {
        Word(self.0)
    }

    /// The larger of each and the bits of a magnitude, which order as integers.
    #[inline]
    pub(in crate::simd) fn larger_magnitude(self, other: Word) -> Self {
        Self(i32x4_max(self.0, f32x4_abs(other.0)))
    }

    #[inline]
    pub(in crate::simd) fn samples(self, scale: f32) -> Word {
        Word(f32x4_mul(f32x4_convert_i32x4(self.0), f32x4_splat(scale)))
    }

    /// 8 values of 16 bits as the format has them.
    #[inline]
    fn to_16<F: Encoding>(self) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i16::MIN } else { 0 };
        let v = v128_xor(self.0, i16x8_splat(sign));
        if F::FORMAT.is_big_endian() {
            return Self(v128_or(i16x8_shl(v, 8), u16x8_shr(v, 8)));
        }
        Self(v)
    }

    /// As the format has them.
    #[inline]
    fn to_32<F: Encoding>(self) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        let v = v128_xor(self.0, i32x4_splat(sign));
        if F::FORMAT.is_big_endian() {
            return Self(u8x16_shuffle::<
                3,
                2,
                1,
                0,
                7,
                6,
                5,
                4,
                11,
                10,
                9,
                8,
                15,
                14,
                13,
                12,
            >(v, v));
        }
        Self(v)
    }

    /// 4 samples of 3 bytes in the upper 3 bytes, signed.
    #[inline]
    fn from_24<F: Encoding>(self, order: &[u8; 16]) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        let v = u8x16_swizzle(self.0, Self::load(order).0);
        Self(v128_xor(v, i32x4_splat(sign)))
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as the 3 bytes of each: 12 bytes, then zeros.
    #[inline]
    fn to_24<F: Encoding, const HIGH: bool>(self) -> Self {
        let order = const { &order::packed(F::FORMAT.is_big_endian(), HIGH, 0) };
        let sign = match (F::FORMAT.is_unsigned(), HIGH) {
            (false, _) => 0,
            (true, false) => 1 << 23,
            (true, true) => i32::MIN,
        };
        let v = v128_xor(self.0, i32x4_splat(sign));
        Self(u8x16_swizzle(v, Self::load(order).0))
    }

    #[inline]
    pub(in crate::simd) fn stepped(self) -> Self {
        let w = self.0;
        let w = v128_xor(w, u32x4_shl(w, 13));
        let w = v128_xor(w, u32x4_shr(w, 17));
        Self(v128_xor(w, u32x4_shl(w, 5)))
    }

    #[inline]
    pub(in crate::simd) fn noise<const TRIANGULAR: bool>(self) -> Self {
        if !TRIANGULAR {
            return self;
        }
        // The sum of the two halves, both signed.
        let sum = i32x4_extadd_pairwise_i16x8(self.0);
        Self(i32x4_add(sum, i32x4_splat(1)))
    }
}

impl IntLine {
    /// Whether the bytes of a format can be put in order.
    pub(in crate::simd) const fn takes(_: SampleFormat) -> bool {
        true
    }

    /// As 8 bits, saturating.
    #[inline]
    pub(in crate::simd) fn store_8<F: Encoding>(self, to: &mut [u8; 16]) {
        let low = i16x8_narrow_i32x4(self.0.0, self.1.0);
        let high = i16x8_narrow_i32x4(self.2.0, self.3.0);
        let sign = if F::FORMAT.is_unsigned() { i8::MIN } else { 0 };
        let v = i8x16_narrow_i16x8(low, high);
        Ints(v128_xor(v, i8x16_splat(sign))).store(to);
    }

    /// As 16 bits, saturating.
    #[inline]
    pub(in crate::simd) fn store_16<F: Encoding>(self, to: &mut [u8; 32]) {
        let [low, high] = to.as_chunks_mut().0 else {
            return;
        };
        let v = Ints(i16x8_narrow_i32x4(self.0.0, self.1.0));
        v.to_16::<F>().store(low);
        let v = Ints(i16x8_narrow_i32x4(self.2.0, self.3.0));
        v.to_16::<F>().store(high);
    }

    /// From 24 bits in 3 bytes to the upper 3 bytes, signed.
    #[inline]
    pub(in crate::simd) fn load_24<F: Encoding>(from: &[u8; 48]) -> Self {
        let order = const { &order::unpacked(F::FORMAT.is_big_endian(), 0) };
        // The last vector cannot begin where its samples do.
        let last = const { &order::unpacked(F::FORMAT.is_big_endian(), 4) };
        Self(
            Ints::load(window(from, 0)).from_24::<F>(order),
            Ints::load(window(from, 12)).from_24::<F>(order),
            Ints::load(window(from, 24)).from_24::<F>(order),
            Ints::load(window(from, 32)).from_24::<F>(last),
        )
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as 24 bits in 3 bytes: each vector shares two words.
    #[inline]
    pub(in crate::simd) fn store_24<F: Encoding, const HIGH: bool>(self, to: &mut [u8; 48]) {
        let [first, second, third] = to.as_chunks_mut().0 else {
            return;
        };
        let (a, b) = (self.0.to_24::<F, HIGH>().0, self.1.to_24::<F, HIGH>().0);
        let (c, d) = (self.2.to_24::<F, HIGH>().0, self.3.to_24::<F, HIGH>().0);
        Ints(u32x4_shuffle::<0, 1, 2, 4>(a, b)).store(first);
        Ints(u32x4_shuffle::<1, 2, 4, 5>(b, c)).store(second);
        Ints(u32x4_shuffle::<2, 4, 5, 6>(c, d)).store(third);
    }
}
