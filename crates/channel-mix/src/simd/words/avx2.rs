//! AVX2.
#![allow(unsafe_code)]

use super::arch::*;

/// Eight samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(__m256);

/// For each lane, which lane it gets.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Order(__m256i);

/// Some of the lanes.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Mask(__m256);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 8;

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(_mm256_set1_ps(value))
    }

    /// Left and right by turns.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn by_turns([left, right]: [f32; 2]) -> Self {
        Self(_mm256_setr_ps(
            left, right, left, right, left, right, left, right,
        ))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { _mm256_loadu_ps(from.as_ptr()) })
    }

    /// Two arrays side by side.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn load_fours(low: &[f32; 4], high: &[f32; 4]) -> Self {
        // SAFETY: reads the arrays; no alignment is asked.
        let (low, high) = unsafe { (_mm_loadu_ps(low.as_ptr()), _mm_loadu_ps(high.as_ptr())) };
        Self(_mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(_mm256_add_ps(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(_mm256_mul_ps(self.0, other.0))
    }

    /// `self + other` in some lanes, `self` in the others.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn plus_where(self, lanes: Mask, other: Self) -> Self {
        Self(_mm256_blendv_ps(self.0, self.plus(other).0, lanes.0))
    }

    /// +0.0 in all other lanes.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn only(self, lanes: Mask) -> Self {
        Self(_mm256_and_ps(self.0, lanes.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn permute(self, order: Order) -> Self {
        Self(_mm256_permutevar8x32_ps(self.0, order.0))
    }

    /// The left of each pair in both of its lanes.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn lefts(self) -> Self {
        Self(_mm256_moveldup_ps(self.0))
    }

    /// The first pair of each four of `self` and of `other`, by turns.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn first_pairs(self, other: Self) -> Self {
        let (a, b) = (_mm256_castps_pd(self.0), _mm256_castps_pd(other.0));
        Self(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)))
    }

    /// The second pair of each four of `self` and of `other`, by turns.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn second_pairs(self, other: Self) -> Self {
        let (a, b) = (_mm256_castps_pd(self.0), _mm256_castps_pd(other.0));
        Self(_mm256_castpd_ps(_mm256_unpackhi_pd(a, b)))
    }

    /// Three kinds of pairs that take turns, each kind in a word of its own: two blends bring the four of a kind
    /// together, a permutation into their order.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn thirds(a: Self, b: Self, c: Self) -> (Self, Self, Self) {
        let [a, b, c] = [a, b, c].map(|x| _mm256_castps_pd(x.0));
        // Pair `n` of the 12 is of kind `n % 3`. A set bit takes the lane from the later vector.
        let p0 = _mm256_blend_pd::<0b0010>(_mm256_blend_pd::<0b0100>(a, b), c);
        let p1 = _mm256_blend_pd::<0b0100>(_mm256_blend_pd::<0b1001>(a, b), c);
        let p2 = _mm256_blend_pd::<0b1001>(_mm256_blend_pd::<0b0010>(a, b), c);
        let p0 = _mm256_permute4x64_pd::<0b01_10_11_00>(p0);
        let p1 = _mm256_permute4x64_pd::<0b10_11_00_01>(p1);
        let p2 = _mm256_permute4x64_pd::<0b11_00_01_10>(p2);
        let [p0, p1, p2] = [p0, p1, p2].map(|p| Self(_mm256_castpd_ps(p)));
        (p0, p1, p2)
    }

    /// Lanes of `left` and of `right` by turns.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn weave(left: Self, right: Self) -> (Self, Self) {
        let low = _mm256_unpacklo_ps(left.0, right.0);
        let high = _mm256_unpackhi_ps(left.0, right.0);
        let first = Self(_mm256_permute2f128_ps::<0x20>(low, high));
        (first, Self(_mm256_permute2f128_ps::<0x31>(low, high)))
    }

    /// Eight rows turned over.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn columns(rows: [&[f32; 4]; 8]) -> [Self; 4] {
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
        // Rows n and n + 4 side by side: what is left to do stays within 128 bits.
        let (a, b) = (Self::load_fours(r0, r4).0, Self::load_fours(r1, r5).0);
        let (c, d) = (Self::load_fours(r2, r6).0, Self::load_fours(r3, r7).0);
        let (ab01, ab23) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (cd01, cd23) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
        [
            Self(_mm256_shuffle_ps::<0b01_00_01_00>(ab01, cd01)),
            Self(_mm256_shuffle_ps::<0b11_10_11_10>(ab01, cd01)),
            Self(_mm256_shuffle_ps::<0b01_00_01_00>(ab23, cd23)),
            Self(_mm256_shuffle_ps::<0b11_10_11_10>(ab23, cd23)),
        ]
    }
}

impl Order {
    /// The first eight of them; each below eight.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn new([a, b, c, d, e, f, g, h, ..]: &[u8; 16]) -> Self {
        let lanes = i64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        Self(_mm256_cvtepu8_epi32(_mm_set1_epi64x(lanes)))
    }
}

impl Mask {
    /// A bit for each lane, the lowest for the first.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::simd) fn new(lanes: u16) -> Self {
        let bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
        let set = _mm256_and_si256(_mm256_set1_epi32(i32::from(lanes)), bits);
        Self(_mm256_castsi256_ps(_mm256_cmpeq_epi32(set, bits)))
    }
}
