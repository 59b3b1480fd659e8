//! AVX2.
#![allow(unsafe_code)]

use super::arch::*;
use super::sse2_words as sse2;
use crate::arith::{BELOW_HALF_F32, scale_f32};
use crate::cast;
use crate::encoding::Encoding;
use crate::format::SampleFormat;
use crate::policy::{HALF_AWAY, TOWARD_ZERO};
use crate::simd::LINE;
use crate::simd::words::line::line;
use crate::simd::words::window;

/// Eight samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(__m256);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(pub(in crate::simd) __m256i);

line!(target_feature(enable = "avx2"), 0: Word Ints, 1: Word Ints);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 8;

    /// The bits as they are.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn ints(self) -> Ints {
        Ints(_mm256_castps_si256(self.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm256_add_ps(self.0, other.0))
    }

    /// Scaled to the format and rounded; NaN is 0. Clipped, but for what is below the range of 8 or 16 bits: narrowing
    /// saturates.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn quantized<F: Encoding, const R: u8>(self) -> Ints {
        let x = self.0;
        let number = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_ORD_Q>(x, x));
        let scale = _mm256_set1_ps(scale_f32(F::BITS));
        let y = _mm256_mul_ps(x, scale);
        // Out of range the conversion gives i32::MIN, which is right at the lower end.
        let v = if F::BITS == 32 {
            // At the upper end its complement is wanted.
            let over = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_GE_OQ>(y, scale));
            _mm256_xor_si256(round::<R>(y), over)
        } else {
            round::<R>(_mm256_min_ps(y, _mm256_set1_ps(scale_f32(F::BITS) - 1.0)))
        };
        let v = if F::BITS == 24 {
            _mm256_max_epi32(v, _mm256_set1_epi32(-(1 << 23)))
        } else {
            v
        };
        Ints(_mm256_and_si256(v, number))
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn round<const R: u8>(y: __m256) -> __m256i {
    match R {
        TOWARD_ZERO => _mm256_cvttps_epi32(y),
        HALF_AWAY => {
            let sign = _mm256_and_ps(y, _mm256_set1_ps(-0.0));
            let half = _mm256_or_ps(sign, _mm256_set1_ps(BELOW_HALF_F32));
            _mm256_cvttps_epi32(_mm256_add_ps(y, half))
        }
        _ => _mm256_cvtps_epi32(y),
    }
}

impl Ints {
    pub(in crate::simd) const WIDTH: usize = Word::WIDTH;

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn load(from: &[u8; 32]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn store(self, to: &mut [u8; 32]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
    }

    /// The bits as they are.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn word(self) -> Word {
        Word(_mm256_castsi256_ps(self.0))
    }

    /// The larger of each and the bits of a magnitude, which order as integers.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn larger_magnitude(self, other: Word) -> Self {
        let magnitude = _mm256_and_si256(other.ints().0, _mm256_set1_epi32(i32::MAX));
        Self(_mm256_max_epi32(self.0, magnitude))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn samples(self, scale: f32) -> Word {
        Word(_mm256_mul_ps(
            _mm256_cvtepi32_ps(self.0),
            _mm256_set1_ps(scale),
        ))
    }

    /// 16 values of 16 bits as the format has them.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn to_16<F: Encoding>(self) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i16::MIN } else { 0 };
        let v = _mm256_xor_si256(self.0, _mm256_set1_epi16(sign));
        if !F::FORMAT.is_big_endian() {
            return Self(v);
        }
        let swap = _mm_setr_epi8(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
        Self(_mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(swap)))
    }

    /// As the format has them.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn to_32<F: Encoding>(self) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        let v = _mm256_xor_si256(self.0, _mm256_set1_epi32(sign));
        if !F::FORMAT.is_big_endian() {
            return Self(v);
        }
        let reverse = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        Self(_mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(reverse)))
    }

    /// 8 samples of 3 bytes in the upper 3 bytes, signed.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn load_24<F: Encoding>(bytes: &[u8; 24]) -> Self {
        let low = sse2::Ints::load(window(bytes, 0)).0;
        let high = sse2::Ints::load(window(bytes, 8)).0;
        // The upper lane's 12 bytes begin 4 bytes into it.
        let order = if F::FORMAT.is_big_endian() {
            _mm256_setr_epi8(
                -1, 2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, //
                -1, 6, 5, 4, -1, 9, 8, 7, -1, 12, 11, 10, -1, 15, 14, 13,
            )
        } else {
            _mm256_setr_epi8(
                -1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, //
                -1, 4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15,
            )
        };
        let v = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), order);
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        Self(_mm256_xor_si256(v, _mm256_set1_epi32(sign)))
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as the 3 bytes of each: 12 bytes at the front of each half.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn to_24<F: Encoding, const HIGH: bool>(self) -> Self {
        let order = match (HIGH, F::FORMAT.is_big_endian()) {
            (false, false) => _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1),
            (false, true) => _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1),
            (true, false) => _mm_setr_epi8(1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, -1, -1, -1, -1),
            (true, true) => _mm_setr_epi8(3, 2, 1, 7, 6, 5, 11, 10, 9, 15, 14, 13, -1, -1, -1, -1),
        };
        let sign = match (F::FORMAT.is_unsigned(), HIGH) {
            (false, _) => 0,
            (true, false) => 1 << 23,
            (true, true) => i32::MIN,
        };
        let v = _mm256_xor_si256(self.0, _mm256_set1_epi32(sign));
        Self(_mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(order)))
    }

    /// The lanes in another order.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn placed(self, [a, b, c, d, e, f, g, h]: [i32; 8]) -> __m256i {
        _mm256_permutevar8x32_epi32(self.0, _mm256_setr_epi32(a, b, c, d, e, f, g, h))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn stepped(self) -> Self {
        let w = self.0;
        let w = _mm256_xor_si256(w, _mm256_slli_epi32::<13>(w));
        let w = _mm256_xor_si256(w, _mm256_srli_epi32::<17>(w));
        Self(_mm256_xor_si256(w, _mm256_slli_epi32::<5>(w)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn noise<const TRIANGULAR: bool>(self) -> Self {
        if !TRIANGULAR {
            return self;
        }
        // The sum of the two halves, both signed.
        let sum = _mm256_madd_epi16(self.0, _mm256_set1_epi16(1));
        Self(_mm256_add_epi32(sum, _mm256_set1_epi32(1)))
    }
}

impl IntLine {
    /// Whether the bytes of a format can be put in order.
    pub(in crate::simd) const fn takes(_: SampleFormat) -> bool {
        true
    }

    /// As 8 bits, saturating.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn store_8<F: Encoding>(self, to: &mut [u8; 16]) {
        // Packing takes 128 bits at a time.
        let v = _mm256_packs_epi32(self.0.0, self.1.0);
        let order = _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5);
        let v = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(v, v), order);
        let sign = if F::FORMAT.is_unsigned() { i8::MIN } else { 0 };
        let v = _mm256_xor_si256(v, _mm256_set1_epi8(sign));
        sse2::Ints(_mm256_castsi256_si128(v)).store(to);
    }

    /// As 16 bits, saturating.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn store_16<F: Encoding>(self, to: &mut [u8; 32]) {
        // Packing takes 128 bits at a time.
        let v = _mm256_packs_epi32(self.0.0, self.1.0);
        let v = _mm256_permute4x64_epi64::<0b11_01_10_00>(v);
        Ints(v).to_16::<F>().store(to);
    }

    /// From 24 bits in 3 bytes to the upper 3 bytes, signed.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn load_24<F: Encoding>(from: &[u8; 48]) -> Self {
        Self(
            Ints::load_24::<F>(window(from, 0)),
            Ints::load_24::<F>(window(from, 24)),
        )
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as 24 bits in 3 bytes: a vector and a half, of 12 words.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn store_24<F: Encoding, const HIGH: bool>(self, to: &mut [u8; 48]) {
        let (a, b) = (self.0.to_24::<F, HIGH>(), self.1.to_24::<F, HIGH>());
        // Each to where its words go; what two vectors share comes from both.
        let a = a.placed([0, 1, 2, 4, 5, 6, 3, 7]);
        let b = b.placed([2, 4, 5, 6, 3, 7, 0, 1]);
        let Some((first, rest)) = to.split_first_chunk_mut() else {
            return;
        };
        Ints(_mm256_blend_epi32::<0b1100_0000>(a, b)).store(first);
        let Some(rest) = rest.first_chunk_mut() else {
            return;
        };
        sse2::Ints(_mm256_castsi256_si128(b)).store(rest);
    }

    /// The same of two lines: three vectors.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn store_two_24<F: Encoding, const HIGH: bool>(
        low: Self,
        high: Self,
        to: &mut [u8; 96],
    ) {
        let [first, second, third] = to.as_chunks_mut().0 else {
            return;
        };
        let (a, b) = (low.0.to_24::<F, HIGH>(), low.1.to_24::<F, HIGH>());
        let (c, d) = (high.0.to_24::<F, HIGH>(), high.1.to_24::<F, HIGH>());
        let a = a.placed([0, 1, 2, 4, 5, 6, 3, 7]);
        let b = b.placed([2, 4, 5, 6, 3, 7, 0, 1]);
        let c = c.placed([5, 6, 3, 7, 0, 1, 2, 4]);
        let d = d.placed([3, 7, 0, 1, 2, 4, 5, 6]);
        Ints(_mm256_blend_epi32::<0b1100_0000>(a, b)).store(first);
        Ints(_mm256_blend_epi32::<0b1111_0000>(b, c)).store(second);
        Ints(_mm256_blend_epi32::<0b1111_1100>(c, d)).store(third);
    }
}
