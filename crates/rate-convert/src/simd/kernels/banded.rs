//! The banded sums for AVX2: each load of the history feeds both halves of a group.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::{BANK, Bank, LANES};

/// As [`banded`](super::generic::banded), to the bit. Lanes 8 to 15 of a row read 8 frames behind lanes 0 to 7, so
/// what one half needs for a row is what the other needs 8 rows later: with the upper half that many rows behind (in
/// the second accumulator, which runs backwards, ahead), half of the loads are saved. Loads, many of them across
/// cache lines, are what bounds this loop.
#[target_feature(enable = "avx2,fma")]
pub(super) fn banded_avx2(rows: &[f32], half: usize, x: &[f32], at: &[usize], out: &mut Bank) {
    let count = rows.len() / LANES / 2;
    let Some(most) = x.len().checked_sub(count + half + LANES - 1) else {
        return;
    };
    if at.iter().any(|&at| at > most) {
        return;
    }
    let [first, second, third, fourth] = out;
    // SAFETY: every place leaves `count + half + LANES - 1` values: half the rows, the taps before them, and one
    // less than the lanes.
    unsafe {
        match *at {
            [a] => some::<1>(rows, half, x, [a], [first]),
            [a, b] => some::<2>(rows, half, x, [a, b], [first, second]),
            [a, b, c] => some::<3>(rows, half, x, [a, b, c], [first, second, third]),
            // More than three at once have no room in the registers.
            [a, b, c, d] => {
                some::<2>(rows, half, x, [a, b], [first, second]);
                some::<2>(rows, half, x, [c, d], [third, fourth]);
            }
            _ => {}
        }
    }
    const { assert!(BANK == 4) };
}

/// # Safety
/// From each place in `at`, `x` is readable for half the rows, `half`, and one less than [`LANES`].
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn some<const N: usize>(
    rows: &[f32],
    half: usize,
    x: &[f32],
    at: [usize; N],
    out: [&mut [f32; LANES]; N],
) {
    let count = rows.len() / LANES / 2;
    let x = at.map(|at| x.as_ptr().wrapping_add(at));
    // Front and back accumulators, each of lower and upper lanes.
    let mut front = [[_mm256_setzero_ps(); N]; 2];
    let mut back = [[_mm256_setzero_ps(); N]; 2];
    // One step: the first accumulator's lower lanes at row `m`, its upper lanes at row `m - 8`; the second's upper
    // lanes at row `n - 8`, its lower lanes at row `n`.
    macro_rules! step {
        ($m:expr, leads: $leads:literal, trails: $trails:literal) => {
            let (m, n) = ($m, count + 7 - $m);
            // SAFETY: `m` is below `count` where it leads and from 8 on where it trails, so `n - 8` and `n` are rows
            // where they are read; every place is readable as promised.
            unsafe {
                let row = |row: usize| rows.as_ptr().add(row * LANES);
                let zero = _mm256_setzero_ps();
                let c = if $leads { _mm256_loadu_ps(row(m)) } else { zero };
                let c_upper = if $trails { _mm256_loadu_ps(row(m - 8).add(8)) } else { zero };
                for i in 0..N {
                    let x = _mm256_loadu_ps(x[i].add(m));
                    if $leads {
                        front[0][i] = _mm256_fmadd_ps(c, x, front[0][i]);
                    }
                    if $trails {
                        front[1][i] = _mm256_fmadd_ps(c_upper, x, front[1][i]);
                    }
                }
                let c = if $trails { _mm256_loadu_ps(row(count + n)) } else { zero };
                let c_upper = if $leads {
                    _mm256_loadu_ps(row(count + n - 8).add(8))
                } else {
                    zero
                };
                for i in 0..N {
                    let x = _mm256_loadu_ps(x[i].add(half + n));
                    if $trails {
                        back[0][i] = _mm256_fmadd_ps(c, x, back[0][i]);
                    }
                    if $leads {
                        back[1][i] = _mm256_fmadd_ps(c_upper, x, back[1][i]);
                    }
                }
            }
        };
    }
    for m in 0..count.min(8) {
        step!(m, leads: true, trails: false);
    }
    for m in 8..count {
        step!(m, leads: true, trails: true);
    }
    for m in count.max(8)..count + 8 {
        step!(m, leads: false, trails: true);
    }
    for (i, out) in out.into_iter().enumerate() {
        // SAFETY: sixteen values.
        unsafe {
            _mm256_storeu_ps(out.as_mut_ptr(), _mm256_add_ps(front[0][i], back[0][i]));
            _mm256_storeu_ps(
                out.as_mut_ptr().add(8),
                _mm256_add_ps(front[1][i], back[1][i]),
            );
        }
    }
}
