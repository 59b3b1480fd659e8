//! SSE2. It has no instruction that puts bytes into any order, so formats whose highest byte comes first are left to the
//! loops where they have more than two.
#![allow(unsafe_code)]

use super::arch::*;
use crate::arith::{BELOW_HALF_F32, scale_f32};
use crate::cast;
use crate::encoding::Encoding;
use crate::format::SampleFormat;
use crate::policy::{HALF_AWAY, TOWARD_ZERO};
use crate::simd::LINE;
use crate::simd::words::line::line;
use crate::simd::words::window;

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(__m128);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(pub(in crate::simd) __m128i);

line!(target_feature(enable = "sse2"), 0: Word Ints, 1: Word Ints, 2: Word Ints, 3: Word Ints);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 4;

    /// The bits as they are.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn ints(self) -> Ints {
        Ints(_mm_castps_si128(self.0))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm_add_ps(self.0, other.0))
    }

    /// Scaled to the format and rounded; NaN is 0. Clipped, but for what is below the range of 8 or 16 bits: narrowing
    /// saturates.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn quantized<F: Encoding, const R: u8>(self) -> Ints {
        let x = self.0;
        let scale = _mm_set1_ps(scale_f32(F::BITS));
        let y = _mm_mul_ps(_mm_and_ps(x, _mm_cmpord_ps(x, x)), scale);
        if F::BITS == 32 {
            // Out of range the conversion gives i32::MIN; at the upper end its complement is wanted.
            let over = _mm_castps_si128(_mm_cmpge_ps(y, scale));
            return Ints(_mm_xor_si128(round::<R>(y), over));
        }
        let y = _mm_min_ps(y, _mm_set1_ps(scale_f32(F::BITS) - 1.0));
        if F::BITS == 24 {
            Ints(round::<R>(_mm_max_ps(y, _mm_set1_ps(-scale_f32(F::BITS)))))
        } else {
            Ints(round::<R>(y))
        }
    }
}

#[inline]
#[target_feature(enable = "sse2")]
fn round<const R: u8>(y: __m128) -> __m128i {
    match R {
        TOWARD_ZERO => _mm_cvttps_epi32(y),
        HALF_AWAY => {
            let sign = _mm_and_ps(y, _mm_set1_ps(-0.0));
            let half = _mm_or_ps(sign, _mm_set1_ps(BELOW_HALF_F32));
            _mm_cvttps_epi32(_mm_add_ps(y, half))
        }
        _ => _mm_cvtps_epi32(y),
    }
}

impl Ints {
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn load(from: &[u8; 16]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm_loadu_si128(from.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn store(self, to: &mut [u8; 16]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), self.0) }
    }

    /// The bits as they are.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn word(self) -> Word {
        Word(_mm_castsi128_ps(self.0))
    }

    /// The first 8 bytes.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn store_half(self, to: &mut [u8; 8]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm_storel_epi64(to.as_mut_ptr().cast(), self.0) }
    }

    /// The larger of each and the bits of a magnitude, which order as integers.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn larger_magnitude(self, other: Word) -> Self {
        let magnitude = _mm_and_si128(other.ints().0, _mm_set1_epi32(i32::MAX));
        // There is no instruction for the larger.
        let is_larger = _mm_cmpgt_epi32(magnitude, self.0);
        let kept = _mm_andnot_si128(is_larger, self.0);
        Self(_mm_or_si128(_mm_and_si128(is_larger, magnitude), kept))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn samples(self, scale: f32) -> Word {
        Word(_mm_mul_ps(_mm_cvtepi32_ps(self.0), _mm_set1_ps(scale)))
    }

    /// 8 values of 16 bits as the format has them.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn to_16<F: Encoding>(self) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i16::MIN } else { 0 };
        let v = _mm_xor_si128(self.0, _mm_set1_epi16(sign));
        if F::FORMAT.is_big_endian() {
            return Self(_mm_or_si128(_mm_slli_epi16::<8>(v), _mm_srli_epi16::<8>(v)));
        }
        Self(v)
    }

    /// As the format has them.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn to_32<F: Encoding>(self) -> Self {
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        Self(_mm_xor_si128(self.0, _mm_set1_epi32(sign)))
    }

    /// 4 samples of 3 bytes, in both halves of 12 bytes, in the upper 3 bytes, signed.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn from_24<F: Encoding>(bytes: &[u8; 12]) -> Self {
        let low = _mm_set_epi64x(0, i64::from_le_bytes(*window(bytes, 0)));
        let high = _mm_set_epi64x(0, i64::from_le_bytes(*window(bytes, 4)));
        // Each half holds two samples in 6 of its 8 bytes: the first 6, or the last.
        let first = _mm_unpacklo_epi64(_mm_slli_epi64::<8>(low), _mm_srli_epi64::<8>(high));
        let second = _mm_unpacklo_epi64(_mm_slli_epi64::<16>(low), high);
        let v = _mm_or_si128(
            _mm_and_si128(first, _mm_set1_epi64x(0xFFFF_FF00)),
            _mm_and_si128(second, _mm_set1_epi64x(0xFFFF_FF00 << 32)),
        );
        let sign = if F::FORMAT.is_unsigned() { i32::MIN } else { 0 };
        Self(_mm_xor_si128(v, _mm_set1_epi32(sign)))
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as the 3 bytes of each.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn store_24<F: Encoding, const HIGH: bool>(self, to: &mut [u8; 12]) {
        let v = if HIGH {
            _mm_srli_epi32::<8>(self.0)
        } else {
            self.0
        };
        let sign = if F::FORMAT.is_unsigned() { 1 << 23 } else { 0 };
        let v = _mm_xor_si128(v, _mm_set1_epi32(sign));
        // Two samples in the lower 6 bytes of each half.
        let pairs = _mm_or_si128(
            _mm_and_si128(v, _mm_set1_epi64x(0x00FF_FFFF)),
            _mm_srli_epi64::<8>(_mm_and_si128(v, _mm_set1_epi64x(0x00FF_FFFF << 32))),
        );
        let upper = _mm_unpackhi_epi64(pairs, pairs);
        let low = _mm_or_si128(pairs, _mm_slli_epi64::<48>(upper));
        let high = _mm_cvtsi128_si32(_mm_srli_epi64::<16>(upper));
        let Some((first, rest)) = to.split_first_chunk_mut() else {
            return;
        };
        Self(low).store_half(first);
        if let Some(rest) = rest.first_chunk_mut() {
            *rest = high.to_le_bytes();
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn stepped(self) -> Self {
        let w = self.0;
        let w = _mm_xor_si128(w, _mm_slli_epi32::<13>(w));
        let w = _mm_xor_si128(w, _mm_srli_epi32::<17>(w));
        Self(_mm_xor_si128(w, _mm_slli_epi32::<5>(w)))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn noise<const TRIANGULAR: bool>(self) -> Self {
        if !TRIANGULAR {
            return self;
        }
        // The sum of the two halves, both signed.
        let sum = _mm_madd_epi16(self.0, _mm_set1_epi16(1));
        Self(_mm_add_epi32(sum, _mm_set1_epi32(1)))
    }
}

impl IntLine {
    /// Whether the bytes of a format can be put in order.
    pub(in crate::simd) const fn takes(format: SampleFormat) -> bool {
        !format.is_big_endian() || format.bytes_per_sample() <= 2
    }

    /// As 8 bits, saturating.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn store_8<F: Encoding>(self, to: &mut [u8; 16]) {
        let low = _mm_packs_epi32(self.0.0, self.1.0);
        let high = _mm_packs_epi32(self.2.0, self.3.0);
        let sign = if F::FORMAT.is_unsigned() { i8::MIN } else { 0 };
        let v = _mm_xor_si128(_mm_packs_epi16(low, high), _mm_set1_epi8(sign));
        Ints(v).store(to);
    }

    /// As 16 bits, saturating.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn store_16<F: Encoding>(self, to: &mut [u8; 32]) {
        let [low, high] = to.as_chunks_mut().0 else {
            return;
        };
        let v = Ints(_mm_packs_epi32(self.0.0, self.1.0));
        v.to_16::<F>().store(low);
        let v = Ints(_mm_packs_epi32(self.2.0, self.3.0));
        v.to_16::<F>().store(high);
    }

    /// From 24 bits in 3 bytes to the upper 3 bytes, signed.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn load_24<F: Encoding>(from: &[u8; 48]) -> Self {
        Self(
            Ints::from_24::<F>(window(from, 0)),
            Ints::from_24::<F>(window(from, 12)),
            Ints::from_24::<F>(window(from, 24)),
            Ints::from_24::<F>(window(from, 36)),
        )
    }

    /// The lower (`HIGH`: the upper) 3 bytes, signed, as 24 bits in 3 bytes.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(in crate::simd) fn store_24<F: Encoding, const HIGH: bool>(self, to: &mut [u8; 48]) {
        let [a, b, c, d] = to.as_chunks_mut().0 else {
            return;
        };
        self.0.store_24::<F, HIGH>(a);
        self.1.store_24::<F, HIGH>(b);
        self.2.store_24::<F, HIGH>(c);
        self.3.store_24::<F, HIGH>(d);
    }
}
