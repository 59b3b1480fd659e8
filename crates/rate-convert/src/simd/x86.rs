//! AVX2 with FMA, and AVX-512F.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::lanes::Lanes;
use super::{Bank, Point, generic, moves};

/// Two halves: lanes 0..8 and 8..16.
#[derive(Clone, Copy)]
struct Avx2(__m256, __m256);

// SAFETY (every block below): the values of this type are made only inside the `#[target_feature]` functions at the
// end of this file, into which all of these are inlined, so the instructions exist; pointers are the caller's promise.
impl Lanes for Avx2 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above; both halves are within the 16 values promised.
        unsafe { Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above; both halves are within the 16 values promised.
        unsafe {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            Self(
                _mm256_fmadd_ps(a.0, b.0, self.0),
                _mm256_fmadd_ps(a.1, b.1, self.1),
            )
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            Self(
                _mm256_add_ps(self.0, other.0),
                _mm256_add_ps(self.1, other.1),
            )
        }
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            Self(
                _mm256_mul_ps(self.0, other.0),
                _mm256_mul_ps(self.1, other.1),
            )
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: see above.
        unsafe { fold_eight(_mm256_add_ps(self.0, self.1)) }
    }
}

#[derive(Clone, Copy)]
struct Avx512(__m512);

// SAFETY (every block below): as for `Avx2`.
impl Lanes for Avx512 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm512_set1_ps(value)) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm512_loadu_ps(from)) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm512_fmadd_ps(a.0, b.0, self.0)) }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm512_add_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm512_mul_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: see above; the upper half is moved as doubles because that needs no more than AVX-512F.
        unsafe {
            let upper = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0)));
            fold_eight(_mm256_add_ps(_mm512_castps512_ps256(self.0), upper))
        }
    }
}

/// # Safety
/// The CPU has AVX.
#[inline(always)]
unsafe fn fold_eight(v: __m256) -> f32 {
    // SAFETY: the caller's promise.
    unsafe {
        let four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

macro_rules! entry_points {
    (
        $lanes:ty, $features:literal, $banded_pair:ident, $interpolated:ident,
     $copy_clean:ident, $split_clean:ident, $weave:ident, $weave_pairs:ident, $split_pairs:ident) => {
        #[target_feature(enable = $features)]
        pub(super) fn $banded_pair(
            rows: [&[f32]; 2],
            half: usize,
            apart: usize,
            x: &[f32],
            at: &[usize],
            out: &mut [Bank; 2],
        ) {
            generic::banded_pair::<$lanes>(rows, half, apart, x, at, out);
        }

        #[target_feature(enable = $features)]
        pub(super) fn $interpolated(
            table: &[f32],
            stride: usize,
            x: &[f32],
            points: &[Point],
            out: &mut [f32],
        ) {
            generic::interpolated::<$lanes>(table, stride, x, points, out);
        }

        #[target_feature(enable = $features)]
        pub(super) fn $copy_clean(x: &[f32], out: &mut [f32]) {
            moves::copy_clean(x, out);
        }

        #[target_feature(enable = $features)]
        pub(super) fn $split_clean(x: &[f32], even: &mut [f32], odd: &mut [f32]) {
            moves::split_clean(x, even, odd);
        }

        #[target_feature(enable = $features)]
        pub(super) fn $weave(even: &[f32], odd: &[f32], out: &mut [f32]) {
            moves::weave(even, odd, out);
        }

        #[target_feature(enable = $features)]
        pub(super) fn $weave_pairs(even: [&[f32]; 2], odd: [&[f32]; 2], out: &mut [f32]) {
            moves::weave_pairs(even, odd, out);
        }

        #[target_feature(enable = $features)]
        pub(super) fn $split_pairs(x: &[f32], even: [&mut [f32]; 2], odd: [&mut [f32]; 2]) {
            moves::split_pairs(x, even, odd);
        }
    };
}

entry_points!(
    Avx2,
    "avx2,fma",
    banded_pair_avx2,
    interpolated_avx2,
    copy_clean_avx2,
    split_clean_avx2,
    weave_avx2,
    weave_pairs_avx2,
    split_pairs_avx2
);
entry_points!(
    Avx512,
    "avx512f,avx2,fma",
    banded_pair_avx512,
    interpolated_avx512,
    copy_clean_avx512,
    split_clean_avx512,
    weave_avx512,
    weave_pairs_avx512,
    split_pairs_avx512
);

#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) fn banded_avx512(rows: &[f32], half: usize, x: &[f32], at: &[usize], out: &mut Bank) {
    generic::banded::<Avx512>(rows, half, x, at, out);
}
