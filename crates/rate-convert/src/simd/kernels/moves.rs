//! Frames into the history and out of the results: plain loops, compiled again for each instruction set.

/// All of them.
macro_rules! moves {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn copy_clean(x: &[f32], out: &mut [f32]) {
            moves::copy_clean(x, out);
        }

        #[$attr]
        pub(in crate::simd) fn split_clean(x: &[f32], even: &mut [f32], odd: &mut [f32]) {
            moves::split_clean(x, even, odd);
        }

        #[$attr]
        pub(in crate::simd) fn weave(even: &[f32], odd: &[f32], out: &mut [f32]) {
            moves::weave(even, odd, out);
        }

        #[$attr]
        pub(in crate::simd) fn weave_pairs(even: [&[f32]; 2], odd: [&[f32]; 2], out: &mut [f32]) {
            moves::weave_pairs(even, odd, out);
        }

        #[$attr]
        pub(in crate::simd) fn split_pairs(x: &[f32], even: [&mut [f32]; 2], odd: [&mut [f32]; 2]) {
            moves::split_pairs(x, even, odd);
        }
    };
}
pub(in crate::simd) use moves;

/// Samples closer to zero than this (-480 dB) count as 0. Their products with coefficients would be denormal, which
/// costs up to thirty times as much on common processors.
const SMALLEST: f32 = 1e-24;

/// 0 for what is smaller than [`SMALLEST`], and for what is not finite: in the history that would meet the zeros that
/// pad a kernel's columns, and spread from the outputs that it belongs to into others.
#[inline(always)]
pub(crate) fn clean(x: f32) -> f32 {
    let size = x.abs();
    // Both comparisons are made, without a short cut, so that the compiler can use vectors.
    #[allow(clippy::manual_range_contains)]
    let ordinary = (size >= SMALLEST) & (size <= f32::MAX);
    if ordinary { x } else { 0.0 }
}

/// `out[i] = clean(x[i])`.
#[inline(always)]
pub(in crate::simd) fn copy_clean(x: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = clean(x);
    }
}

/// Pairs of `x` into two planes, cleaned.
#[inline(always)]
pub(in crate::simd) fn split_clean(x: &[f32], even: &mut [f32], odd: &mut [f32]) {
    for ((even, odd), x) in even.iter_mut().zip(odd).zip(x.chunks_exact(2)) {
        *even = clean(x[0]);
        *odd = clean(x[1]);
    }
}

/// Two planes into pairs.
#[inline(always)]
pub(in crate::simd) fn weave(even: &[f32], odd: &[f32], out: &mut [f32]) {
    for ((out, &even), &odd) in out.chunks_exact_mut(2).zip(even).zip(odd) {
        out[0] = even;
        out[1] = odd;
    }
}

/// Two planes of pairs into frames of four: `[even left, even right, odd left, odd right]`.
#[inline(always)]
pub(in crate::simd) fn weave_pairs(even: [&[f32]; 2], odd: [&[f32]; 2], out: &mut [f32]) {
    let sides = (even[0].iter().zip(even[1])).zip(odd[0].iter().zip(odd[1]));
    for (out, ((left, right), (odd_left, odd_right))) in out.chunks_exact_mut(4).zip(sides) {
        out[0] = *left;
        out[1] = *right;
        out[2] = *odd_left;
        out[3] = *odd_right;
    }
}

/// The reverse, cleaned.
#[inline(always)]
pub(in crate::simd) fn split_pairs(x: &[f32], even: [&mut [f32]; 2], odd: [&mut [f32]; 2]) {
    let [left, right] = even;
    let [odd_left, odd_right] = odd;
    let sides = (left.iter_mut().zip(right)).zip(odd_left.iter_mut().zip(odd_right));
    for (((left, right), (odd_left, odd_right)), x) in sides.zip(x.chunks_exact(4)) {
        *left = clean(x[0]);
        *right = clean(x[1]);
        *odd_left = clean(x[2]);
        *odd_right = clean(x[3]);
    }
}
