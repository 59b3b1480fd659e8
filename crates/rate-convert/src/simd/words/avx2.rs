//! AVX2 with FMA.
#![allow(unsafe_code)]

use super::arch::*;
use crate::simd::phases::NOT_TINY;
use crate::simd::words::line::line;

/// Eight samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(pub(in crate::simd) __m256);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(__m256i);

line!(target_feature(enable = "avx2,fma"), 0: Word, 1: Word);

impl Line {
    /// The sum of all lanes, folded in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn sum(self) -> f32 {
        self.0.plus(self.1).sum()
    }
}

impl Word {
    pub(in crate::simd) const WIDTH: usize = 8;

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(_mm256_set1_ps(value))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm256_loadu_ps(from.as_ptr()) })
    }

    /// Samples of `x` from `start` on, which may be negative; zeros where there are none.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn load_from(x: &[f32], start: isize) -> Self {
        let lanes = Ints::lanes().0;
        let before = _mm256_set1_epi32((-start).clamp(0, 8) as i32);
        let upto = _mm256_set1_epi32((x.len() as isize - start).clamp(0, 8) as i32);
        let before = _mm256_cmpgt_epi32(before, lanes);
        let mask = _mm256_andnot_si256(before, _mm256_cmpgt_epi32(upto, lanes));
        // SAFETY: reads the lanes that lie in `x`, and no others.
        Self(unsafe { _mm256_maskload_ps(x.as_ptr().wrapping_offset(start), mask) })
    }

    /// These values, then zeros.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn first_two([a, b]: [f32; 2]) -> Self {
        Self(_mm256_zextps128_ps256(_mm_setr_ps(a, b, 0.0, 0.0)))
    }

    /// These values, then zeros.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn first_four([a, b, c, d]: [f32; 4]) -> Self {
        Self(_mm256_zextps128_ps256(_mm_setr_ps(a, b, c, d)))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    /// As many values as there is room for, from the first on.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn store_first(self, to: &mut [f32]) {
        let count = _mm256_set1_epi32(to.len().min(8) as i32);
        let mask = _mm256_cmpgt_epi32(count, Ints::lanes().0);
        // SAFETY: writes the lanes that `to` has room for, and no others.
        unsafe { _mm256_maskstore_ps(to.as_mut_ptr(), mask, self.0) }
    }

    /// `self + a * b`, rounded once.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn fused(self, a: Self, b: Self) -> Self {
        Self(_mm256_fmadd_ps(a.0, b.0, self.0))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm256_add_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn minus(self, other: Self) -> Self {
        Self(_mm256_sub_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(_mm256_mul_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn or(self, other: Self) -> Self {
        Self(_mm256_or_ps(self.0, other.0))
    }

    /// The sum of all lanes, folded in halves: 4 + 4, 2 + 2, 1 + 1.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn sum(self) -> f32 {
        let low = _mm256_castps256_ps128(self.0);
        let four = _mm_add_ps(low, _mm256_extractf128_ps::<1>(self.0));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }

    /// See [`part_of`](crate::simd::phases::part_of).
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn part_of(self, weight: Self) -> Self {
        let bits = _mm256_castps_si256(self.0);
        let counts = _mm256_and_si256(bits, _mm256_set1_epi32(NOT_TINY as i32));
        let tiny = _mm256_castsi256_ps(_mm256_cmpeq_epi32(counts, _mm256_setzero_si256()));
        Self(_mm256_mul_ps(_mm256_andnot_ps(tiny, self.0), weight.0))
    }

    /// `self / divisor`, rounded once; both whole numbers below 2^20, `self` not the greater, `inverse` the rounded
    /// `1 / divisor`.
    ///
    /// The first product is within 1.5 units in the last place, so the remainder is exact, and the corrected quotient
    /// within 2^-23 of a unit before it is rounded; from every number half way between two values a quotient of such
    /// numbers is 2^-21 of a unit away at least.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn over(self, divisor: Self, inverse: Self) -> Self {
        let estimate = _mm256_mul_ps(self.0, inverse.0);
        let remainder = _mm256_fnmadd_ps(estimate, divisor.0, self.0);
        Self(_mm256_fmadd_ps(remainder, inverse.0, estimate))
    }

    /// `other` in the lanes in which `key` is 0.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn unless_zero(self, key: Self, other: Self) -> Self {
        let zero = _mm256_cmp_ps::<_CMP_EQ_OQ>(key.0, _mm256_setzero_ps());
        Self(_mm256_blendv_ps(self.0, other.0, zero))
    }

    /// Lanes `by` further on in the first `count` lanes, zeros in the others.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn shifted(self, by: isize, count: isize) -> Self {
        let lanes = Ints::lanes().0;
        let index = _mm256_add_epi32(lanes, _mm256_set1_epi32(by as i32));
        let first = _mm256_cmpgt_epi32(_mm256_set1_epi32(count.clamp(0, 8) as i32), lanes);
        let moved = self.permute(Ints(index)).0;
        Self(_mm256_and_ps(moved, _mm256_castsi256_ps(first)))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn permute(self, index: Ints) -> Self {
        Self(_mm256_permutevar8x32_ps(self.0, index.0))
    }

    /// Out of twice as many values; indices are below twice the lanes.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn permute_two(low: Self, high: Self, index: Ints) -> Self {
        // A blend looks at the highest bit only.
        let is_high = _mm256_castsi256_ps(_mm256_slli_epi32::<28>(index.0));
        let (low, high) = (low.permute(index), high.permute(index));
        Self(_mm256_blendv_ps(low.0, high.0, is_high))
    }

    /// Frames of `C` samples, of `even` and of `odd` by turns.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self) {
        // By turns within each half of a vector, then the halves into their order.
        let (low, high) = if C == 1 {
            let low = _mm256_unpacklo_ps(even.0, odd.0);
            (low, _mm256_unpackhi_ps(even.0, odd.0))
        } else {
            let (even, odd) = (_mm256_castps_pd(even.0), _mm256_castps_pd(odd.0));
            let low = _mm256_castpd_ps(_mm256_unpacklo_pd(even, odd));
            (low, _mm256_castpd_ps(_mm256_unpackhi_pd(even, odd)))
        };
        let first = Self(_mm256_permute2f128_ps::<0x20>(low, high));
        (first, Self(_mm256_permute2f128_ps::<0x31>(low, high)))
    }
}

impl Ints {
    /// 0, 1, 2 and on.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn lanes() -> Self {
        Self(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn load(from: &[i32; Word::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }

    /// `values`, and `more` besides where `keys` are greater than `most`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn where_greater(keys: Self, most: i32, values: Self, more: i32) -> Self {
        let greater = _mm256_cmpgt_epi32(keys.0, _mm256_set1_epi32(most));
        let more = _mm256_and_si256(greater, _mm256_set1_epi32(more));
        Self(_mm256_add_epi32(values.0, more))
    }

    /// `values + more`, less `limit` where that is not below it.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(in crate::simd) fn sum_below(values: Self, more: i32, limit: i32) -> Word {
        let sum = _mm256_add_epi32(values.0, _mm256_set1_epi32(more));
        // Below 0 is, as unsigned, the greater.
        let less = _mm256_sub_epi32(sum, _mm256_set1_epi32(limit));
        Word(_mm256_cvtepi32_ps(_mm256_min_epu32(sum, less)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Backend;

    #[target_feature(enable = "avx2,fma")]
    fn quotients(dividends: [u32; 8], divisor: u32) -> [f32; 8] {
        let mut quotients = [0.0; 8];
        let divisor = divisor as f32;
        Word::load(&dividends.map(|n| n as f32))
            .over(Word::splat(divisor), Word::splat(1.0 / divisor))
            .store(&mut quotients);
        quotients
    }

    #[test]
    fn a_corrected_quotient_is_the_rounded_one() {
        if !Backend::Avx2.is_available() {
            return;
        }
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 12
        };
        for round in 0..200_000 {
            // Of every size, and many of the largest.
            let divisor = match round % 4 {
                0 => (1 << 20) - 1 - round / 4,
                1 => 768_000 - round / 4,
                _ => (next() >> (next() % 20)).max(1),
            };
            let dividends = [(); 8].map(|()| next() % (divisor + 1));
            // SAFETY: available.
            let got = unsafe { quotients(dividends, divisor) };
            for (n, got) in dividends.into_iter().zip(got) {
                let want = n as f32 / divisor as f32;
                assert_eq!(got.to_bits(), want.to_bits(), "{n} / {divisor}");
            }
        }
    }
}
