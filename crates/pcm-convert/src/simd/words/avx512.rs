//! AVX-512 (F, BW, DQ and VL).
#![allow(unsafe_code)]

use super::arch::*;
use super::{avx2_words as avx2, sse2_words as sse2};
use crate::arith::{BELOW_HALF_F32, scale_f32};
use crate::cast;
use crate::encoding::Encoding;
use crate::format::SampleFormat;
use crate::policy::{HALF_AWAY, TOWARD_ZERO};
use crate::simd::LINE;

/// Sixteen samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(__m512);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(__m512i);

/// A line is one word.
pub(in crate::simd) type Line = Word;
/// The same of integers.
pub(in crate::simd) type IntLine = Ints;

/// The 12 lanes that 16 samples of 3 bytes take.
const LANES_48: __mmask16 = 0x0FFF;

impl Word {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn load(from: &[f32; LINE]) -> Self {
        let bytes = cast::as_bytes(from).as_chunks().0;
        Self(_mm512_castsi512_ps(Ints::load(&bytes[0]).0))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn store(self, to: &mut [f32; LINE]) {
        let bytes = cast::as_bytes_mut(to).as_chunks_mut().0;
        Ints(_mm512_castps_si512(self.0)).store(&mut bytes[0]);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm512_add_ps(self.0, other.0))
    }

    /// Scaled to the format and rounded; NaN is 0. Clipped, but for what is below the range of 8 or 16 bits: narrowing
    /// saturates.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn quantized<F: Encoding, const R: u8>(self) -> Ints {
        let x = self.0;
        let scale = _mm512_set1_ps(scale_f32(F::BITS));
        // Lanes that are NaN are zeroed.
        let y = _mm512_maskz_mul_ps(_mm512_cmp_ps_mask::<_CMP_ORD_Q>(x, x), x, scale);
        if F::BITS == 32 {
            // Out of range the conversion gives i32::MIN, which is wrong at the upper end.
            let over = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(y, scale);
            let highest = _mm512_set1_epi32(i32::MAX);
            return Ints(_mm512_mask_mov_epi32(round::<R>(y), over, highest));
        }
        let y = _mm512_min_ps(y, _mm512_set1_ps(scale_f32(F::BITS) - 1.0));
        if F::BITS == 24 {
            let lowest = _mm512_set1_ps(-scale_f32(F::BITS));
            Ints(round::<R>(_mm512_max_ps(y, lowest)))
        } else {
            Ints(round::<R>(y))
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn round<const R: u8>(y: __m512) -> __m512i {
    match R {
        TOWARD_ZERO => _mm512_cvttps_epi32(y),
        HALF_AWAY => {
            let sign = _mm512_and_ps(y, _mm512_set1_ps(-0.0));
            let half = _mm512_or_ps(sign, _mm512_set1_ps(BELOW_HALF_F32));
            _mm512_cvttps_epi32(_mm512_add_ps(y, half))
        }
        _ => _mm512_cvtps_epi32(y),
    }
}

impl Ints {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn load(from: &[u8; 64]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn store(self, to: &mut [u8; 64]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }

    /// Three quarters of a vector, then zeros.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    fn load_48(from: &[u8; 48]) -> Self {
        // SAFETY: the mask lets the 12 lanes of the array through.
        Self(unsafe { _mm512_maskz_loadu_epi32(LANES_48, from.as_ptr().cast()) })
    }

    /// The first three quarters of a vector.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    fn store_48(self, to: &mut [u8; 48]) {
        // SAFETY: the mask lets the 12 lanes of the array through.
        unsafe { _mm512_mask_storeu_epi32(to.as_mut_ptr().cast(), LANES_48, self.0) }
    }

    /// The larger of each and the bits of a magnitude, which order as integers.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn larger_magnitude(self, other: Word) -> Self {
        let magnitude = _mm512_castps_si512(_mm512_abs_ps(other.0));
        Self(_mm512_max_epi32(self.0, magnitude))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn samples(self, scale: f32) -> Word {
        Word(_mm512_mul_ps(
            _mm512_cvtepi32_ps(self.0),
            _mm512_set1_ps(scale),
        ))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn stepped(self) -> Self {
        let w = self.0;
        let w = _mm512_xor_si512(w, _mm512_slli_epi32::<13>(w));
        let w = _mm512_xor_si512(w, _mm512_srli_epi32::<17>(w));
        Self(_mm512_xor_si512(w, _mm512_slli_epi32::<5>(w)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn noise<const TRIANGULAR: bool>(self) -> Self {
        if !TRIANGULAR {
            return self;
        }
        // The sum of the two halves, both signed.
        let sum = _mm512_madd_epi16(self.0, _mm512_set1_epi16(1));
        Self(_mm512_add_epi32(sum, _mm512_set1_epi32(1)))
    }

    /// Whether the bytes of a format can be put in order.
    pub(in crate::simd) const fn takes(_: SampleFormat) -> bool {
        true
    }

    /// As 8 bits, saturating.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn store_8<F: Encoding>(self, to: &mut [u8; 16]) {
        let sign = if F::FORMAT.is_unsigned() { i8::MIN } else { 0 };
        let v = _mm512_cvtsepi32_epi8(self.0);
        sse2::Ints(_mm_xor_si128(v, _mm_set1_epi8(sign))).store(to);
    }

    /// As 16 bits, saturating.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn store_16<F: Encoding>(self, to: &mut [u8; 32]) {
        let v = avx2::Ints(_mm512_cvtsepi32_epi16(self.0));
        v.to_16::<F>().store(to);
    }

    /// As 32 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn store_32<F: Encoding>(self, to: &mut [u8; 64]) {
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        let v = _mm512_xor_si512(self.0, _mm512_set1_epi32(sign));
        if !F::FORMAT.is_big_endian() {
            return Self(v).store(to);
        }
        let reverse = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        Self(_mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(reverse))).store(to);
    }

    /// From 24 bits in 3 bytes to the upper 3 bytes, signed.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn load_24<F: Encoding>(from: &[u8; 48]) -> Self {
        // 12 bytes to each quarter, then each sample into a lane.
        let spread = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
        let v = _mm512_permutexvar_epi32(spread, Self::load_48(from).0);
        let order = if F::FORMAT.is_big_endian() {
            _mm_setr_epi8(-1, 2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9)
        } else {
            _mm_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11)
        };
        let v = _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(order));
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        Self(_mm512_xor_si512(v, _mm512_set1_epi32(sign)))
    }

    /// The lower 3 bytes, signed, as 24 bits in 3 bytes. (The upper ones are packed in 256 bits.)
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(in crate::simd) fn store_24<F: Encoding, const HIGH: bool>(self, to: &mut [u8; 48]) {
        const { assert!(!HIGH) };
        let order = if F::FORMAT.is_big_endian() {
            _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
        } else {
            _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)
        };
        let sign = if F::FORMAT.is_unsigned() { 1 << 23 } else { 0 };
        let v = _mm512_xor_si512(self.0, _mm512_set1_epi32(sign));
        let v = _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(order));
        let join = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
        Self(_mm512_permutexvar_epi32(join, v)).store_48(to);
    }
}
