//! The half-band sums for AVX2 and AVX-512: each load of the history feeds two vectors.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::LANES;

/// [`convolve`](super::generic::convolve), to the bit, in pairs of `$width` neighbouring outputs. The second of a
/// pair reads `$width` frames behind the first, so what the first needs for a tap is what the second needs `$width`
/// taps later: with the second that many taps behind (in the accumulator that runs backwards, ahead), half of the
/// loads are saved. Loads, many of them across cache lines, are what bounds this loop.
macro_rules! half_band {
    ($pairs:ident, $vector:ty, $width:literal, $features:literal, $zero:ident, $load:ident, $store:ident, $splat:ident,
     $fused:ident, $plus:ident) => {
        /// `N` pairs from the start of `x`.
        ///
        /// # Safety
        /// `out` is writable for `N` pairs, `x` readable for that many and twice the half row's length less 1.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn $pairs<const N: usize>(half_row: &[f32], x: *const f32, out: *mut f32) {
            let taps = half_row.len();
            let mut front = [[$zero(); 2]; N];
            let mut back = [[$zero(); 2]; N];
            // One step: in front the first vectors at tap `m` and the second ones at tap `m - $width`, at the back
            // the other way round.
            macro_rules! step {
                ($m:expr, leads: $leads:literal, trails: $trails:literal) => {
                    let (m, n) = ($m, 2 * taps - 1 + $width - $m);
                    // SAFETY: `m` is below `taps` where it leads, and from `$width` up to below `taps + $width` where
                    // it trails; x is readable as promised.
                    unsafe {
                        let c = |leads: bool, tap: usize| match leads {
                            true => $splat(*half_row.as_ptr().add(tap)),
                            false => $zero(),
                        };
                        let leading = c($leads, m);
                        let trailing = c($trails, m.wrapping_sub($width));
                        for i in 0..N {
                            let x_front = $load(x.add(m + i * 2 * $width));
                            let x_back = $load(x.add(n + i * 2 * $width));
                            if $leads {
                                front[i][0] = $fused(leading, x_front, front[i][0]);
                                back[i][1] = $fused(leading, x_back, back[i][1]);
                            }
                            if $trails {
                                front[i][1] = $fused(trailing, x_front, front[i][1]);
                                back[i][0] = $fused(trailing, x_back, back[i][0]);
                            }
                        }
                    }
                };
            }
            for m in 0..taps.min($width) {
                step!(m, leads: true, trails: false);
            }
            for m in $width..taps {
                step!(m, leads: true, trails: true);
            }
            for m in taps.max($width)..taps + $width {
                step!(m, leads: false, trails: true);
            }
            for i in 0..N {
                for v in 0..2 {
                    // SAFETY: `out` is writable as promised.
                    unsafe {
                        $store(out.add((2 * i + v) * $width), $plus(front[i][v], back[i][v]));
                    }
                }
            }
        }
    };
}

half_band!(
    pairs_avx2,
    __m256,
    8,
    "avx2,fma",
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps
);
half_band!(
    pairs_avx512,
    __m512,
    16,
    "avx512f,avx2,fma",
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps
);

/// See [`convolve`](super::generic::convolve).
#[target_feature(enable = "avx2,fma")]
pub(super) fn convolve_avx2(half_row: &[f32], x: &[f32], out: &mut [f32]) {
    let mut groups = out.len() / LANES;
    if x.len() + 1 < groups * LANES + 2 * half_row.len() {
        return;
    }
    let (mut x, mut out) = (x.as_ptr(), out.as_mut_ptr());
    while groups > 0 {
        // Three and one would be slower than two and two.
        let count = match groups {
            4 => 2,
            groups => groups.min(3),
        };
        // SAFETY: `groups` groups are left in `out`, and that many and the row's length less 1 in `x`.
        unsafe {
            match count {
                1 => pairs_avx2::<1>(half_row, x, out),
                2 => pairs_avx2::<2>(half_row, x, out),
                _ => pairs_avx2::<3>(half_row, x, out),
            }
            (x, out) = (x.add(count * LANES), out.add(count * LANES));
        }
        groups -= count;
    }
}

/// See [`convolve`](super::generic::convolve).
#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) fn convolve_avx512(half_row: &[f32], x: &[f32], out: &mut [f32]) {
    let mut groups = out.len() / LANES;
    if x.len() + 1 < groups * LANES + 2 * half_row.len() {
        return;
    }
    let (mut x, mut out) = (x.as_ptr(), out.as_mut_ptr());
    while groups > 0 {
        // SAFETY: `groups` groups are left in `out`, and that many and the row's length less 1 in `x`.
        let count = unsafe {
            match groups {
                // As many sums in flight as in two vectors of twice the width, which would wait for each other.
                1 => (pairs_avx2::<1>(half_row, x, out), 1).1,
                2 => (pairs_avx2::<2>(half_row, x, out), 2).1,
                3 => (pairs_avx2::<3>(half_row, x, out), 3).1,
                4 | 5 => (pairs_avx512::<2>(half_row, x, out), 4).1,
                6 | 7 => (pairs_avx512::<3>(half_row, x, out), 6).1,
                _ => (pairs_avx512::<4>(half_row, x, out), 8).1,
            }
        };
        // SAFETY: as above.
        unsafe { (x, out) = (x.add(count * LANES), out.add(count * LANES)) };
        groups -= count;
    }
}
