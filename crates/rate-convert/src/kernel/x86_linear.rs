//! Linear interpolation, mono or stereo, for ratios up to two input frames per output frame: neighbouring outputs
//! find their frames within one or two vectors, by a permutation that is computed from the position.
//!
//! The weights are quotients rounded once, as in the scalar version, though by multiplication: with `y` the rounded
//! 1/`to`, `q = r * y`, then `q + (r - q * to) * y` in two fused steps. Before its last rounding that is within 2^-46
//! of the quotient (relative), and a quotient of integers below 2^20 stays at least 2^-45 away from every midpoint
//! between two `f32`, so it rounds to the same side.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::linear::{LaneSteps, NOT_TINY, Run, generic};

/// Whole frames and remainder of `steps` outputs.
fn stride(run: &Run, steps: usize) -> (usize, u32) {
    let way = u64::from(run.from) * steps as u64;
    let to = u64::from(run.to.max(1));
    ((way / to) as usize, (way % to) as u32)
}

const fn suits(run: &Run) -> bool {
    (run.channels == 1 || run.channels == 2)
        && run.from <= 2 * run.to
        && !(run.from == 1 && run.to == 2)
}

#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) fn linear_avx512(mut run: Run, lanes: &LaneSteps, x: &[f32], out: &mut [f32]) {
    if !suits(&run) {
        return generic(run, lanes, x, out);
    }
    let channels = run.channels;
    let (whole, part) = stride(&run, 16 / channels);
    let to = _mm512_set1_epi32(run.to as i32);
    let to_f = _mm512_cvtepi32_ps(to);
    let inverse = _mm512_div_ps(_mm512_set1_ps(1.0), to_f);
    let step = _mm512_set1_epi32(part as i32);
    let frame = _mm512_set1_epi32(channels as i32);
    let not_tiny = _mm512_set1_epi32(NOT_TINY as i32);
    // Adds to lanes' remainders, and a frame to the places of those that pass one.
    let move_on = |index: __m512i, remainder: __m512i, by: __m512i| {
        let moved = _mm512_add_epi32(remainder, by);
        let over = _mm512_cmpge_epi32_mask(moved, to);
        (
            _mm512_mask_add_epi32(index, over, index, frame),
            _mm512_mask_sub_epi32(moved, over, moved, to),
        )
    };
    // SAFETY: arrays of sixteen values.
    let (mut index, mut remainder) = unsafe {
        move_on(
            _mm512_loadu_si512(lanes.samples.as_ptr().cast()),
            _mm512_loadu_si512(lanes.parts.as_ptr().cast()),
            _mm512_set1_epi32(run.remainder as i32),
        )
    };
    let interpolate = |low: __m512, high: __m512, index: __m512i, remainder: __m512i| {
        let here = _mm512_permutex2var_ps(low, index, high);
        let next = _mm512_permutex2var_ps(low, _mm512_add_epi32(index, frame), high);
        let quotient = |r: __m512| {
            let q = _mm512_mul_ps(r, inverse);
            _mm512_fmadd_ps(_mm512_fnmadd_ps(q, to_f, r), inverse, q)
        };
        let r = _mm512_cvtepi32_ps(remainder);
        let w0 = quotient(_mm512_sub_ps(to_f, r));
        let w1 = quotient(r);
        let between = _mm512_test_epi32_mask(remainder, remainder);
        let weighted = |x: __m512, weight: __m512| {
            let counts = _mm512_test_epi32_mask(_mm512_castps_si512(x), not_tiny);
            _mm512_maskz_mul_ps(counts, x, weight)
        };
        _mm512_mask_add_ps(here, between, weighted(here, w0), weighted(next, w1))
    };
    for out in out.chunks_mut(16) {
        let rest = x.get(run.at * channels..).unwrap_or(&[]);
        let (low, high) = if rest.len() >= 32 {
            // SAFETY: 32 values are in `rest`.
            unsafe {
                (
                    _mm512_loadu_ps(rest.as_ptr()),
                    _mm512_loadu_ps(rest.as_ptr().add(16)),
                )
            }
        } else {
            let known = |from: usize| {
                (1_u32 << rest.len().saturating_sub(from).min(16)).wrapping_sub(1) as u16
            };
            // SAFETY: both loads are masked to the values in `rest`.
            unsafe {
                (
                    _mm512_maskz_loadu_ps(known(0), rest.as_ptr()),
                    _mm512_maskz_loadu_ps(known(16), rest.as_ptr().wrapping_add(16)),
                )
            }
        };
        let y = interpolate(low, high, index, remainder);
        if let Some(out) = out.first_chunk_mut::<16>() {
            // SAFETY: an array of sixteen values.
            unsafe { _mm512_storeu_ps(out.as_mut_ptr(), y) }
        } else {
            let wanted = (1_u32 << out.len().min(16)).wrapping_sub(1) as u16;
            // SAFETY: masked to the values in `out`.
            unsafe { _mm512_mask_storeu_ps(out.as_mut_ptr(), wanted, y) }
        }
        // Lane 0 in scalars gives the new origin; the lanes' places are relative to it.
        let old = run.at;
        run.tick(whole as u32, part);
        (index, remainder) = move_on(index, remainder, step);
        if run.at - old != whole {
            index = _mm512_sub_epi32(index, frame);
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn linear_avx2(mut run: Run, lanes: &LaneSteps, x: &[f32], out: &mut [f32]) {
    if !suits(&run) {
        return generic(run, lanes, x, out);
    }
    let channels = run.channels;
    let (whole, part) = stride(&run, 8 / channels);
    let to = _mm256_set1_epi32(run.to as i32);
    let below = _mm256_set1_epi32(run.to as i32 - 1);
    let to_f = _mm256_cvtepi32_ps(to);
    let inverse = _mm256_div_ps(_mm256_set1_ps(1.0), to_f);
    let step = _mm256_set1_epi32(part as i32);
    let frame = _mm256_set1_epi32(channels as i32);
    let not_tiny = _mm256_set1_epi32(NOT_TINY as i32);
    let counted = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
    // Adds to lanes' remainders, and a frame to the places of those that pass one.
    let move_on = |index: __m256i, remainder: __m256i, by: __m256i| {
        let moved = _mm256_add_epi32(remainder, by);
        let over = _mm256_cmpgt_epi32(moved, below);
        (
            _mm256_add_epi32(index, _mm256_and_si256(over, frame)),
            _mm256_sub_epi32(moved, _mm256_and_si256(over, to)),
        )
    };
    // SAFETY: the first eight of sixteen values.
    let (mut index, mut remainder) = unsafe {
        move_on(
            _mm256_loadu_si256(lanes.samples.as_ptr().cast()),
            _mm256_loadu_si256(lanes.parts.as_ptr().cast()),
            _mm256_set1_epi32(run.remainder as i32),
        )
    };
    let one_vector = run.from <= run.to;
    for out in out.chunks_mut(8) {
        let rest = x.get(run.at * channels..).unwrap_or(&[]);
        let pick = |from: usize| {
            let load = |from: usize| {
                if from + 8 <= rest.len() {
                    // SAFETY: eight values from `from` on are in `rest`.
                    unsafe { _mm256_loadu_ps(rest.as_ptr().add(from)) }
                } else {
                    let known = _mm256_set1_epi32(rest.len().saturating_sub(from) as i32);
                    let mask = _mm256_cmpgt_epi32(known, counted);
                    // SAFETY: masked to the values in `rest`.
                    unsafe { _mm256_maskload_ps(rest.as_ptr().wrapping_add(from), mask) }
                }
            };
            let low = _mm256_permutevar8x32_ps(load(from), index);
            if one_vector {
                return low;
            }
            let high = _mm256_permutevar8x32_ps(load(from + 8), index);
            let is_high = _mm256_cmpgt_epi32(index, _mm256_set1_epi32(7));
            _mm256_blendv_ps(low, high, _mm256_castsi256_ps(is_high))
        };
        let (here, next) = (pick(0), pick(channels));
        let quotient = |r: __m256| {
            let q = _mm256_mul_ps(r, inverse);
            _mm256_fmadd_ps(_mm256_fnmadd_ps(q, to_f, r), inverse, q)
        };
        let r = _mm256_cvtepi32_ps(remainder);
        let w0 = quotient(_mm256_sub_ps(to_f, r));
        let w1 = quotient(r);
        let on_frame = _mm256_cmpeq_epi32(remainder, _mm256_setzero_si256());
        let weighted = |x: __m256, weight: __m256| {
            let counts = _mm256_and_si256(_mm256_castps_si256(x), not_tiny);
            let tiny = _mm256_cmpeq_epi32(counts, _mm256_setzero_si256());
            _mm256_mul_ps(_mm256_andnot_ps(_mm256_castsi256_ps(tiny), x), weight)
        };
        let sum = _mm256_add_ps(weighted(here, w0), weighted(next, w1));
        let y = _mm256_blendv_ps(sum, here, _mm256_castsi256_ps(on_frame));
        if let Some(out) = out.first_chunk_mut::<8>() {
            // SAFETY: an array of eight values.
            unsafe { _mm256_storeu_ps(out.as_mut_ptr(), y) }
        } else {
            let wanted = _mm256_cmpgt_epi32(_mm256_set1_epi32(out.len() as i32), counted);
            // SAFETY: masked to the values in `out`.
            unsafe { _mm256_maskstore_ps(out.as_mut_ptr(), wanted, y) }
        }
        let old = run.at;
        run.tick(whole as u32, part);
        (index, remainder) = move_on(index, remainder, step);
        if run.at - old != whole {
            index = _mm256_sub_epi32(index, frame);
        }
    }
}
