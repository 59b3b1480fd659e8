//! AVX-512F.
#![allow(unsafe_code)]

use super::arch::*;

/// Sixteen samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(__m512);

/// For each lane, which lane it gets.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Order(__m512i);

/// Some of the lanes.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Mask(__mmask16);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 16;

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(_mm512_set1_ps(value))
    }

    /// Left and right by turns.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn by_turns([left, right]: [f32; 2]) -> Self {
        let pair = u64::from(left.to_bits()) | u64::from(right.to_bits()) << 32;
        Self(_mm512_castpd_ps(_mm512_set1_pd(f64::from_bits(pair))))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    /// As many samples as there are, then zeros.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn load_first(from: &[f32]) -> Self {
        let lanes = first_lanes(from.len());
        // SAFETY: reads the lanes that `from` has, and no others.
        Self(unsafe { _mm512_maskz_loadu_ps(lanes, from.as_ptr()) })
    }

    /// As many samples as there is room for.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn store_first(self, to: &mut [f32]) {
        let lanes = first_lanes(to.len());
        // SAFETY: writes the lanes that `to` has room for, and no others.
        unsafe { _mm512_mask_storeu_ps(to.as_mut_ptr(), lanes, self.0) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm512_add_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(_mm512_mul_ps(self.0, other.0))
    }

    /// `self + other` in some lanes, `self` in the others.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn plus_where(self, lanes: Mask, other: Self) -> Self {
        Self(_mm512_mask_add_ps(self.0, lanes.0, self.0, other.0))
    }

    /// +0.0 in all other lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn only(self, lanes: Mask) -> Self {
        Self(_mm512_maskz_mov_ps(lanes.0, self.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn permute(self, order: Order) -> Self {
        Self(_mm512_permutexvar_ps(order.0, self.0))
    }

    /// The left of each pair in both of its lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn lefts(self) -> Self {
        Self(_mm512_moveldup_ps(self.0))
    }

    /// Three kinds of pairs that take turns, each kind in a word of its own: two blends bring the eight of a kind
    /// together, a permutation into their order.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn thirds(a: Self, b: Self, c: Self) -> (Self, Self, Self) {
        let [a, b, c] = [a, b, c].map(|x| _mm512_castps_pd(x.0));
        // Pair `n` of the 24 is of kind `n % 3`. A set bit takes the lane from the later vector.
        let p0 = _mm512_mask_blend_pd(0b0010_0100, _mm512_mask_blend_pd(0b1001_0010, a, b), c);
        let p1 = _mm512_mask_blend_pd(0b0100_1001, _mm512_mask_blend_pd(0b0010_0100, a, b), c);
        let p2 = _mm512_mask_blend_pd(0b1001_0010, _mm512_mask_blend_pd(0b0100_1001, a, b), c);
        let first = _mm512_setr_epi64(0, 3, 6, 1, 4, 7, 2, 5);
        let second = _mm512_setr_epi64(1, 4, 7, 2, 5, 0, 3, 6);
        let third = _mm512_setr_epi64(2, 5, 0, 3, 6, 1, 4, 7);
        (
            Self(_mm512_castpd_ps(_mm512_permutexvar_pd(first, p0))),
            Self(_mm512_castpd_ps(_mm512_permutexvar_pd(second, p1))),
            Self(_mm512_castpd_ps(_mm512_permutexvar_pd(third, p2))),
        )
    }

    /// Four kinds of pairs that take turns, each kind in a word of its own.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn quarters(
        a: Self,
        b: Self,
        c: Self,
        d: Self,
    ) -> (Self, Self, Self, Self) {
        let [a, b, c, d] = [a, b, c, d].map(|x| _mm512_castps_pd(x.0));
        // First the kinds 0 and 1, and 2 and 3, of two words side by side.
        let low = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let high = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
        let ab01 = _mm512_permutex2var_pd(a, low, b);
        let ab23 = _mm512_permutex2var_pd(a, high, b);
        let cd01 = _mm512_permutex2var_pd(c, low, d);
        let cd23 = _mm512_permutex2var_pd(c, high, d);
        let p0 = _mm512_shuffle_f64x2::<0b01_00_01_00>(ab01, cd01);
        let p1 = _mm512_shuffle_f64x2::<0b11_10_11_10>(ab01, cd01);
        let p2 = _mm512_shuffle_f64x2::<0b01_00_01_00>(ab23, cd23);
        let p3 = _mm512_shuffle_f64x2::<0b11_10_11_10>(ab23, cd23);
        let [p0, p1, p2, p3] = [p0, p1, p2, p3].map(|p| Self(_mm512_castpd_ps(p)));
        (p0, p1, p2, p3)
    }
}

impl Order {
    /// Each of them below sixteen.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn new(lanes: &[u8; 16]) -> Self {
        let lanes = u128::from_le_bytes(*lanes);
        let lanes = _mm_set_epi64x((lanes >> 64) as i64, lanes as i64);
        Self(_mm512_cvtepu8_epi32(lanes))
    }
}

impl Mask {
    /// A bit for each lane, the lowest for the first.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::simd) fn new(lanes: u16) -> Self {
        Self(lanes)
    }
}

/// A bit for each of the first `count` lanes.
#[inline(always)]
fn first_lanes(count: usize) -> u16 {
    ((1_u32 << count.min(16)) - 1) as u16
}
