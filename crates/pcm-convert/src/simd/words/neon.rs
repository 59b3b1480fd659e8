//! NEON, which every 64-bit Arm target with floats has. Its conversions saturate, and take NaN to 0.
#![allow(unsafe_code)]

use core::arch::aarch64::*;

use crate::arith::scale_f32;
use crate::cast;
use crate::encoding::Encoding;
use crate::format::SampleFormat;
use crate::policy::{HALF_AWAY, TOWARD_ZERO};
use crate::simd::LINE;
use crate::simd::words::line::line;
use crate::simd::words::{order, window};

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(float32x4_t);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(uint8x16_t);

line!(target_feature(enable = "neon"), 0: Word Ints, 1: Word Ints, 2: Word Ints, 3: Word Ints);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 4;

    /// The bits as they are.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn ints(self) -> Ints {
        Ints(vreinterpretq_u8_f32(self.0))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(vaddq_f32(self.0, other.0))
    }

    /// Scaled to the format and rounded; NaN is 0. Clipped, but for 8 and 16 bits: narrowing saturates.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn quantized<F: Encoding, const R: u8>(self) -> Ints {
        let y = vmulq_f32(self.0, vdupq_n_f32(scale_f32(F::BITS)));
        let v = match R {
            TOWARD_ZERO => vcvtq_s32_f32(y),
            HALF_AWAY => vcvtaq_s32_f32(y),
            _ => vcvtnq_s32_f32(y),
        };
        if F::BITS == 24 {
            let v = vminq_s32(v, vdupq_n_s32((1 << 23) - 1));
            return Ints::from_s32(vmaxq_s32(v, vdupq_n_s32(-(1 << 23))));
        }
        Ints::from_s32(v)
    }
}

impl Ints {
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load(from: &[u8; 16]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { vld1q_u8(from.as_ptr()) })
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store(self, to: &mut [u8; 16]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { vst1q_u8(to.as_mut_ptr(), self.0) }
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn from_s32(v: int32x4_t) -> Self {
        Self(vreinterpretq_u8_s32(v))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn s32(self) -> int32x4_t {
        vreinterpretq_s32_u8(self.0)
    }

    /// The bits as they are.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn word(self) -> Word {
        Word(vreinterpretq_f32_u8(self.0))
    }

    /// The larger of each and the bits of a magnitude, which order as integers.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn larger_magnitude(self, other: Word) -> Self {
        let magnitude = vreinterpretq_s32_f32(vabsq_f32(other.0));
        Self::from_s32(vmaxq_s32(self.s32(), magnitude))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn samples(self, scale: f32) -> Word {
        Word(vmulq_f32(vcvtq_f32_s32(self.s32()), vdupq_n_f32(scale)))
    }

    /// `sign` turned over in each.
    #[inline]
    #[target_feature(enable = "neon")]
    fn flipped(self, sign: i32) -> Self {
        Self::from_s32(veorq_s32(self.s32(), vdupq_n_s32(sign)))
    }

    /// As the format has them.
    #[inline]
    #[target_feature(enable = "neon")]
    fn to_32<F: Encoding>(self) -> Self {
        let v = self.flipped(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
        if F::FORMAT.is_big_endian() {
            return Self(vrev32q_u8(v.0));
        }
        v
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn stepped(self) -> Self {
        let w = vreinterpretq_u32_u8(self.0);
        let w = veorq_u32(w, vshlq_n_u32::<13>(w));
        let w = veorq_u32(w, vshrq_n_u32::<17>(w));
        Self(vreinterpretq_u8_u32(veorq_u32(w, vshlq_n_u32::<5>(w))))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn noise<const TRIANGULAR: bool>(self) -> Self {
        if !TRIANGULAR {
            return self;
        }
        // The sum of the two halves, both signed.
        let sum = vpaddlq_s16(vreinterpretq_s16_u8(self.0));
        Self::from_s32(vaddq_s32(sum, vdupq_n_s32(1)))
    }
}

impl IntLine {
    /// Whether the bytes of a format can be put in order.
    pub(in crate::simd) const fn takes(_: SampleFormat) -> bool {
        true
    }

    /// As 16 bits, saturating, the first 8 and the others.
    #[inline]
    #[target_feature(enable = "neon")]
    fn narrowed(self) -> (int16x8_t, int16x8_t) {
        let (a, b) = (vqmovn_s32(self.0.s32()), vqmovn_s32(self.1.s32()));
        let (c, d) = (vqmovn_s32(self.2.s32()), vqmovn_s32(self.3.s32()));
        (vcombine_s16(a, b), vcombine_s16(c, d))
    }

    /// As 8 bits, saturating.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store_8<F: Encoding>(self, to: &mut [u8; 16]) {
        let (low, high) = self.narrowed();
        let v = vcombine_s8(vqmovn_s16(low), vqmovn_s16(high));
        let sign = if F::FORMAT.is_unsigned() { 0x80 } else { 0 };
        Ints(veorq_u8(vreinterpretq_u8_s8(v), vdupq_n_u8(sign))).store(to);
    }

    /// As 16 bits, saturating.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store_16<F: Encoding>(self, to: &mut [u8; 32]) {
        let [first, second] = to.as_chunks_mut().0 else {
            return;
        };
        let (low, high) = self.narrowed();
        // Both halves of a word.
        let sign = if F::FORMAT.is_unsigned() {
            0x8000_8000_u32 as i32
        } else {
            0
        };
        let low = Ints(vreinterpretq_u8_s16(low)).flipped(sign);
        let high = Ints(vreinterpretq_u8_s16(high)).flipped(sign);
        if F::FORMAT.is_big_endian() {
            Ints(vrev16q_u8(low.0)).store(first);
            Ints(vrev16q_u8(high.0)).store(second);
        } else {
            low.store(first);
            high.store(second);
        }
    }

    /// From 24 bits in 3 bytes to the upper 3 bytes, signed.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load_24<F: Encoding>(from: &[u8; 48]) -> Self {
        let order = Ints::load(const { &order::unpacked(F::FORMAT.is_big_endian(), 0) });
        // The last vector cannot begin where its samples do.
        let last = Ints::load(const { &order::unpacked(F::FORMAT.is_big_endian(), 4) });
        let a = vqtbl1q_u8(Ints::load(window(from, 0)).0, order.0);
        let b = vqtbl1q_u8(Ints::load(window(from, 12)).0, order.0);
        let c = vqtbl1q_u8(Ints::load(window(from, 24)).0, order.0);
        let d = vqtbl1q_u8(Ints::load(window(from, 32)).0, last.0);
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        Self(
            Ints(a).flipped(sign),
            Ints(b).flipped(sign),
            Ints(c).flipped(sign),
            Ints(d).flipped(sign),
        )
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as 24 bits in 3 bytes.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store_24<F: Encoding, const HIGH: bool>(self, to: &mut [u8; 48]) {
        let [first, second, third] = to.as_chunks_mut().0 else {
            return;
        };
        let sign = match (F::FORMAT.is_unsigned(), HIGH) {
            (false, _) => 0,
            (true, false) => 1 << 23,
            (true, true) => i32::MIN,
        };
        let (a, b) = (self.0.flipped(sign).0, self.1.flipped(sign).0);
        let (c, d) = (self.2.flipped(sign).0, self.3.flipped(sign).0);
        let order = Ints::load(const { &order::packed(F::FORMAT.is_big_endian(), HIGH, 0) });
        Ints(vqtbl2q_u8(uint8x16x2_t(a, b), order.0)).store(first);
        let order = Ints::load(const { &order::packed(F::FORMAT.is_big_endian(), HIGH, 1) });
        Ints(vqtbl2q_u8(uint8x16x2_t(b, c), order.0)).store(second);
        let order = Ints::load(const { &order::packed(F::FORMAT.is_big_endian(), HIGH, 2) });
        Ints(vqtbl2q_u8(uint8x16x2_t(c, d), order.0)).store(third);
    }
}
