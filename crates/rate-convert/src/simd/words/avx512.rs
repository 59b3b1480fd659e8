//! AVX-512F.
#![allow(unsafe_code)]

use super::arch::*;
use super::avx2_words as avx2;
use crate::simd::phases::NOT_TINY;

/// Sixteen samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(__m512);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(__m512i);

/// A line is one word.
pub(in crate::simd) type Line = Word;

impl Word {
    pub(in crate::simd) const WIDTH: usize = 16;

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(_mm512_set1_ps(value))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }

    /// Samples of `x` from `start` on, which may be negative; zeros where there are none.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn load_from(x: &[f32], start: isize) -> Self {
        let mask = first_lanes(x.len() as isize - start) & !first_lanes(-start);
        // SAFETY: reads the lanes that lie in `x`, and no others.
        Self(unsafe { _mm512_maskz_loadu_ps(mask, x.as_ptr().wrapping_offset(start)) })
    }

    /// These values, then zeros.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn first_two([a, b]: [f32; 2]) -> Self {
        Self(_mm512_zextps128_ps512(_mm_setr_ps(a, b, 0.0, 0.0)))
    }

    /// These values, then zeros.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn first_four([a, b, c, d]: [f32; 4]) -> Self {
        Self(_mm512_zextps128_ps512(_mm_setr_ps(a, b, c, d)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    /// As many values as there is room for, from the first on.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn store_first(self, to: &mut [f32]) {
        let mask = first_lanes(to.len().min(16) as isize);
        // SAFETY: writes the lanes that `to` has room for, and no others.
        unsafe { _mm512_mask_storeu_ps(to.as_mut_ptr(), mask, self.0) }
    }

    /// `self + a * b`, rounded once.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn fused(self, a: Self, b: Self) -> Self {
        Self(_mm512_fmadd_ps(a.0, b.0, self.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm512_add_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn minus(self, other: Self) -> Self {
        Self(_mm512_sub_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(_mm512_mul_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn or(self, other: Self) -> Self {
        // As integers because that needs no more than AVX-512F.
        let (a, b) = (_mm512_castps_si512(self.0), _mm512_castps_si512(other.0));
        Self(_mm512_castsi512_ps(_mm512_or_si512(a, b)))
    }

    /// The sum of all lanes, folded in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn sum(self) -> f32 {
        // As doubles because that needs no more than AVX-512F.
        let upper = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0));
        let lower = avx2::Word(_mm512_castps512_ps256(self.0));
        lower.plus(avx2::Word(_mm256_castpd_ps(upper))).sum()
    }

    /// See [`part_of`](crate::simd::phases::part_of).
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn part_of(self, weight: Self) -> Self {
        let not_tiny = _mm512_set1_epi32(NOT_TINY as i32);
        let counts = _mm512_test_epi32_mask(_mm512_castps_si512(self.0), not_tiny);
        Self(_mm512_maskz_mul_ps(counts, self.0, weight.0))
    }

    /// `self / divisor`, rounded once; as on AVX2.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn over(self, divisor: Self, inverse: Self) -> Self {
        let estimate = _mm512_mul_ps(self.0, inverse.0);
        let remainder = _mm512_fnmadd_ps(estimate, divisor.0, self.0);
        Self(_mm512_fmadd_ps(remainder, inverse.0, estimate))
    }

    /// `other` in the lanes in which `key` is 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn unless_zero(self, key: Self, other: Self) -> Self {
        let zero = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(key.0, _mm512_setzero_ps());
        Self(_mm512_mask_mov_ps(self.0, zero, other.0))
    }

    /// Lanes `by` further on in the first `count` lanes, zeros in the others.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn shifted(self, by: isize, count: isize) -> Self {
        let index = _mm512_add_epi32(Ints::lanes().0, _mm512_set1_epi32(by as i32));
        let first = first_lanes(count);
        Self(_mm512_maskz_permutexvar_ps(first, index, self.0))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn permute(self, index: Ints) -> Self {
        Self(_mm512_permutexvar_ps(index.0, self.0))
    }

    /// Out of twice as many values; indices are below twice the lanes.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn permute_two(low: Self, high: Self, index: Ints) -> Self {
        Self(_mm512_permutex2var_ps(low.0, index.0, high.0))
    }

    /// Frames of `C` samples, of `even` and of `odd` by turns.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self) {
        let turns = if C == 1 {
            _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
        } else {
            _mm512_setr_epi32(0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23)
        };
        let upper_turns = _mm512_add_epi32(turns, _mm512_set1_epi32(8));
        let first = Self(_mm512_permutex2var_ps(even.0, turns, odd.0));
        (
            first,
            Self(_mm512_permutex2var_ps(even.0, upper_turns, odd.0)),
        )
    }
}

impl Ints {
    /// 0, 1, 2 and on.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn lanes() -> Self {
        Self(_mm512_setr_epi32(
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        ))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn load(from: &[i32; Word::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }

    /// `values`, and `more` besides where `keys` are greater than `most`.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn where_greater(keys: Self, most: i32, values: Self, more: i32) -> Self {
        let greater = _mm512_cmpgt_epi32_mask(keys.0, _mm512_set1_epi32(most));
        let more = _mm512_set1_epi32(more);
        Self(_mm512_mask_add_epi32(values.0, greater, values.0, more))
    }

    /// `values + more`, less `limit` where that is not below it.
    #[inline]
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(in crate::simd) fn sum_below(values: Self, more: i32, limit: i32) -> Word {
        let sum = _mm512_add_epi32(values.0, _mm512_set1_epi32(more));
        // Below 0 is, as unsigned, the greater.
        let less = _mm512_sub_epi32(sum, _mm512_set1_epi32(limit));
        Word(_mm512_cvtepi32_ps(_mm512_min_epu32(sum, less)))
    }
}

/// A bit for each of the first `count` lanes.
#[inline(always)]
fn first_lanes(count: isize) -> u16 {
    ((1_u32 << count.clamp(0, 16)) - 1) as u16
}
