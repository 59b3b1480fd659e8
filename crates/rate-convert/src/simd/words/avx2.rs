//! Vectors of eight and of sixteen samples, for linear interpolation.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::linear::NOT_TINY;

/// Samples side by side.
///
/// # Safety
/// Of every function: the CPU has the implementation's instructions.
pub(super) trait Vector: Copy {
    const WIDTH: usize;
    /// An `i32` in each lane.
    type Ints: Copy;

    unsafe fn ints(of_lane: impl Fn(usize) -> i32) -> Self::Ints;
    /// `values`, and `more` besides where `keys` are greater than `most`.
    unsafe fn where_greater(
        keys: Self::Ints,
        most: i32,
        values: Self::Ints,
        more: i32,
    ) -> Self::Ints;
    /// `values + more`, less `limit` where that is not below it.
    unsafe fn sum_below(values: Self::Ints, more: i32, limit: i32) -> Self;

    unsafe fn splat(value: f32) -> Self;
    /// # Safety
    /// `from` is readable for as many values as there are lanes.
    unsafe fn load(from: *const f32) -> Self;
    /// Zeros but in lanes `begin..end`.
    ///
    /// # Safety
    /// `from` is readable in these lanes.
    unsafe fn load_between(from: *const f32, begin: isize, end: isize) -> Self;
    /// These values, then zeros.
    unsafe fn first_two(values: [f32; 2]) -> Self;
    unsafe fn first_four(values: [f32; 4]) -> Self;
    /// Lanes `by` further on in the first `count` lanes, zeros in the others.
    unsafe fn shifted(self, by: isize, count: isize) -> Self;
    /// # Safety
    /// `to` is writable for as many values as there are lanes.
    unsafe fn store(self, to: *mut f32);
    /// # Safety
    /// `to` is writable for `count` values, or for as many as there are lanes.
    unsafe fn store_first(self, to: *mut f32, count: usize);

    unsafe fn plus(self, other: Self) -> Self;
    unsafe fn minus(self, other: Self) -> Self;
    unsafe fn or(self, other: Self) -> Self;
    /// See [`part_of`](super::linear::part_of).
    unsafe fn part_of(self, weight: Self) -> Self;
    /// `self / divisor`, rounded once; both whole numbers below 2^20, `self` not the greater, `inverse` the rounded
    /// `1 / divisor`.
    ///
    /// The first product is within 1.5 units in the last place, so the remainder is exact, and the corrected quotient
    /// within 2^-23 of a unit before it is rounded; from every number half way between two values a quotient of such
    /// numbers is 2^-21 of a unit away at least.
    unsafe fn over(self, divisor: Self, inverse: Self) -> Self;
    /// `other` in the lanes in which `key` is 0.
    unsafe fn unless_zero(self, key: Self, other: Self) -> Self;
    unsafe fn permute(self, index: Self::Ints) -> Self;
    /// Out of twice as many values; indices are below twice the lanes.
    unsafe fn permute_two(low: Self, high: Self, index: Self::Ints) -> Self;
    /// Frames of `C` samples, of `even` and of `odd` by turns.
    unsafe fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self);
}

// SAFETY (every block below): the caller's promise.
impl Vector for __m256 {
    const WIDTH: usize = 8;
    type Ints = __m256i;

    #[inline(always)]
    unsafe fn ints(of_lane: impl Fn(usize) -> i32) -> __m256i {
        let lanes: [i32; 8] = core::array::from_fn(of_lane);
        // SAFETY: see above; eight values.
        unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) }
    }

    #[inline(always)]
    unsafe fn where_greater(keys: __m256i, most: i32, values: __m256i, more: i32) -> __m256i {
        // SAFETY: see above.
        unsafe {
            let greater = _mm256_cmpgt_epi32(keys, _mm256_set1_epi32(most));
            _mm256_add_epi32(values, _mm256_and_si256(greater, _mm256_set1_epi32(more)))
        }
    }

    #[inline(always)]
    unsafe fn sum_below(values: __m256i, more: i32, limit: i32) -> Self {
        // SAFETY: see above.
        unsafe {
            let sum = _mm256_add_epi32(values, _mm256_set1_epi32(more));
            // Below 0 is, as unsigned, the greater.
            let less = _mm256_sub_epi32(sum, _mm256_set1_epi32(limit));
            _mm256_cvtepi32_ps(_mm256_min_epu32(sum, less))
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_between(from: *const f32, begin: isize, end: isize) -> Self {
        // SAFETY: see above; masked to what the caller promises.
        unsafe {
            let lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
            let before = _mm256_cmpgt_epi32(_mm256_set1_epi32(begin.clamp(0, 8) as i32), lanes);
            let upto = _mm256_cmpgt_epi32(_mm256_set1_epi32(end.clamp(0, 8) as i32), lanes);
            _mm256_maskload_ps(from, _mm256_andnot_si256(before, upto))
        }
    }

    #[inline(always)]
    unsafe fn first_two(values: [f32; 2]) -> Self {
        // SAFETY: see above; two values.
        unsafe {
            let pair = _mm_castpd_ps(_mm_load_sd(values.as_ptr().cast()));
            _mm256_zextps128_ps256(pair)
        }
    }

    #[inline(always)]
    unsafe fn first_four(values: [f32; 4]) -> Self {
        // SAFETY: see above; four values.
        unsafe { _mm256_zextps128_ps256(_mm_loadu_ps(values.as_ptr())) }
    }

    #[inline(always)]
    unsafe fn shifted(self, by: isize, count: isize) -> Self {
        // SAFETY: see above.
        unsafe {
            let lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
            let index = _mm256_add_epi32(lanes, _mm256_set1_epi32(by as i32));
            let first = _mm256_cmpgt_epi32(_mm256_set1_epi32(count.clamp(0, 8) as i32), lanes);
            _mm256_and_ps(self.permute(index), _mm256_castsi256_ps(first))
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: see above; masked to what the caller promises.
        unsafe {
            let lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
            let first = _mm256_cmpgt_epi32(_mm256_set1_epi32(count.min(8) as i32), lanes);
            _mm256_maskstore_ps(to, first, self)
        }
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_or_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn part_of(self, weight: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let counts = _mm256_and_si256(
                _mm256_castps_si256(self),
                _mm256_set1_epi32(NOT_TINY as i32),
            );
            let tiny = _mm256_cmpeq_epi32(counts, _mm256_setzero_si256());
            _mm256_mul_ps(_mm256_andnot_ps(_mm256_castsi256_ps(tiny), self), weight)
        }
    }

    #[inline(always)]
    unsafe fn over(self, divisor: Self, inverse: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let estimate = _mm256_mul_ps(self, inverse);
            let remainder = _mm256_fnmadd_ps(estimate, divisor, self);
            _mm256_fmadd_ps(remainder, inverse, estimate)
        }
    }

    #[inline(always)]
    unsafe fn unless_zero(self, key: Self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let zero = _mm256_cmp_ps::<_CMP_EQ_OQ>(key, _mm256_setzero_ps());
            _mm256_blendv_ps(self, other, zero)
        }
    }

    #[inline(always)]
    unsafe fn permute(self, index: __m256i) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_permutevar8x32_ps(self, index) }
    }

    #[inline(always)]
    unsafe fn permute_two(low: Self, high: Self, index: __m256i) -> Self {
        // SAFETY: see above.
        unsafe {
            // A blend looks at the highest bit only.
            let is_high = _mm256_castsi256_ps(_mm256_slli_epi32::<28>(index));
            let (low, high) = (low.permute(index), high.permute(index));
            _mm256_blendv_ps(low, high, is_high)
        }
    }

    #[inline(always)]
    unsafe fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self) {
        // SAFETY: see above.
        unsafe {
            // By turns within each half of a vector, then the halves into their order.
            let (low, high) = match C {
                1 => (_mm256_unpacklo_ps(even, odd), _mm256_unpackhi_ps(even, odd)),
                _ => {
                    let (even, odd) = (_mm256_castps_pd(even), _mm256_castps_pd(odd));
                    (
                        _mm256_castpd_ps(_mm256_unpacklo_pd(even, odd)),
                        _mm256_castpd_ps(_mm256_unpackhi_pd(even, odd)),
                    )
                }
            };
            (
                _mm256_permute2f128_ps::<0x20>(low, high),
                _mm256_permute2f128_ps::<0x31>(low, high),
            )
        }
    }
}

// SAFETY (every block below): the caller's promise.
impl Vector for __m512 {
    const WIDTH: usize = 16;
    type Ints = __m512i;

    #[inline(always)]
    unsafe fn ints(of_lane: impl Fn(usize) -> i32) -> __m512i {
        let lanes: [i32; 16] = core::array::from_fn(of_lane);
        // SAFETY: see above; sixteen values.
        unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
    }

    #[inline(always)]
    unsafe fn where_greater(keys: __m512i, most: i32, values: __m512i, more: i32) -> __m512i {
        // SAFETY: see above.
        unsafe {
            let greater = _mm512_cmpgt_epi32_mask(keys, _mm512_set1_epi32(most));
            _mm512_mask_add_epi32(values, greater, values, _mm512_set1_epi32(more))
        }
    }

    #[inline(always)]
    unsafe fn sum_below(values: __m512i, more: i32, limit: i32) -> Self {
        // SAFETY: see above.
        unsafe {
            let sum = _mm512_add_epi32(values, _mm512_set1_epi32(more));
            // Below 0 is, as unsigned, the greater.
            let less = _mm512_sub_epi32(sum, _mm512_set1_epi32(limit));
            _mm512_cvtepi32_ps(_mm512_min_epu32(sum, less))
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_between(from: *const f32, begin: isize, end: isize) -> Self {
        // SAFETY: see above; masked to what the caller promises.
        unsafe { _mm512_maskz_loadu_ps(first_lanes(end) & !first_lanes(begin), from) }
    }

    #[inline(always)]
    unsafe fn first_two(values: [f32; 2]) -> Self {
        // SAFETY: see above; two values.
        unsafe {
            let pair = _mm_castpd_ps(_mm_load_sd(values.as_ptr().cast()));
            _mm512_zextps128_ps512(pair)
        }
    }

    #[inline(always)]
    unsafe fn first_four(values: [f32; 4]) -> Self {
        // SAFETY: see above; four values.
        unsafe { _mm512_zextps128_ps512(_mm_loadu_ps(values.as_ptr())) }
    }

    #[inline(always)]
    unsafe fn shifted(self, by: isize, count: isize) -> Self {
        // SAFETY: see above.
        unsafe {
            let lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
            let index = _mm512_add_epi32(lanes, _mm512_set1_epi32(by as i32));
            _mm512_maskz_permutexvar_ps(first_lanes(count), index, self)
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: see above; masked to what the caller promises.
        unsafe { _mm512_mask_storeu_ps(to, first_lanes(count as isize), self) }
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: see above; as integers because that needs no more than AVX-512F.
        unsafe {
            _mm512_castsi512_ps(_mm512_or_si512(
                _mm512_castps_si512(self),
                _mm512_castps_si512(other),
            ))
        }
    }

    #[inline(always)]
    unsafe fn part_of(self, weight: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let not_tiny = _mm512_set1_epi32(NOT_TINY as i32);
            let counts = _mm512_test_epi32_mask(_mm512_castps_si512(self), not_tiny);
            _mm512_maskz_mul_ps(counts, self, weight)
        }
    }

    #[inline(always)]
    unsafe fn over(self, divisor: Self, inverse: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let estimate = _mm512_mul_ps(self, inverse);
            let remainder = _mm512_fnmadd_ps(estimate, divisor, self);
            _mm512_fmadd_ps(remainder, inverse, estimate)
        }
    }

    #[inline(always)]
    unsafe fn unless_zero(self, key: Self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let zero = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(key, _mm512_setzero_ps());
            _mm512_mask_mov_ps(self, zero, other)
        }
    }

    #[inline(always)]
    unsafe fn permute(self, index: __m512i) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_permutexvar_ps(index, self) }
    }

    #[inline(always)]
    unsafe fn permute_two(low: Self, high: Self, index: __m512i) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_permutex2var_ps(low, index, high) }
    }

    #[inline(always)]
    unsafe fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self) {
        // SAFETY: see above.
        unsafe {
            let turns = match C {
                1 => _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0),
                _ => _mm512_set_epi32(23, 22, 7, 6, 21, 20, 5, 4, 19, 18, 3, 2, 17, 16, 1, 0),
            };
            let upper_turns = _mm512_add_epi32(turns, _mm512_set1_epi32(8));
            (
                _mm512_permutex2var_ps(even, turns, odd),
                _mm512_permutex2var_ps(even, upper_turns, odd),
            )
        }
    }
}

/// A bit for each of the first `count` lanes.
#[inline(always)]
fn first_lanes(count: isize) -> u16 {
    ((1_u32 << count.clamp(0, 16)) - 1) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Backend;

    /// # Safety
    /// The CPU has AVX2 and FMA.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn quotients(dividends: [u32; 8], divisor: u32) -> [f32; 8] {
        let mut quotients = [0.0; 8];
        // SAFETY: the caller's promise; eight values.
        unsafe {
            let dividends = dividends.map(|n| n as f32);
            let divisor = divisor as f32;
            __m256::load(dividends.as_ptr())
                .over(__m256::splat(divisor), __m256::splat(1.0 / divisor))
                .store(quotients.as_mut_ptr());
        }
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
