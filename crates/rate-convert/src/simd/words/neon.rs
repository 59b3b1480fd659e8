//! NEON, which every 64-bit Arm target with floats has; multiply-adds are fused.
#![allow(unsafe_code)]

use core::arch::aarch64::*;

use crate::simd::phases::NOT_TINY;
use crate::simd::words::line::line;
use crate::simd::words::partial;

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(float32x4_t);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(int32x4_t);

line!(target_feature(enable = "neon"), 0: Word, 1: Word, 2: Word, 3: Word);

impl Line {
    /// The sum of all lanes, folded in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn sum(self) -> f32 {
        (self.0.plus(self.2)).plus(self.1.plus(self.3)).sum()
    }
}

impl Word {
    pub(in crate::simd) const WIDTH: usize = 4;

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(vdupq_n_f32(value))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { vld1q_f32(from.as_ptr()) })
    }

    /// Samples of `x` from `start` on, which may be negative; zeros where there are none.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load_from(x: &[f32], start: isize) -> Self {
        Self::load(&partial::load_from(x, start))
    }

    /// These values, then zeros.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn first_two([a, b]: [f32; 2]) -> Self {
        Self::load(&[a, b, 0.0, 0.0])
    }

    /// These values.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn first_four(values: [f32; 4]) -> Self {
        Self::load(&values)
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { vst1q_f32(to.as_mut_ptr(), self.0) }
    }

    /// As many values as there is room for, from the first on.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store_first(self, to: &mut [f32]) {
        let mut lanes = [0.0; Self::WIDTH];
        self.store(&mut lanes);
        partial::store_first(lanes, to);
    }

    /// `self + a * b`, rounded once.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn fused(self, a: Self, b: Self) -> Self {
        Self(vfmaq_f32(self.0, a.0, b.0))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(vaddq_f32(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn minus(self, other: Self) -> Self {
        Self(vsubq_f32(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(vmulq_f32(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn or(self, other: Self) -> Self {
        let bits = vorrq_u32(
            vreinterpretq_u32_f32(self.0),
            vreinterpretq_u32_f32(other.0),
        );
        Self(vreinterpretq_f32_u32(bits))
    }

    /// The sum of all lanes, folded in halves: 2 + 2, 1 + 1.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn sum(self) -> f32 {
        let two = vadd_f32(vget_low_f32(self.0), vget_high_f32(self.0));
        vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
    }

    /// See [`part_of`](crate::simd::phases::part_of).
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn part_of(self, weight: Self) -> Self {
        let bits = vreinterpretq_u32_f32(self.0);
        let counts = vtstq_u32(bits, vdupq_n_u32(NOT_TINY));
        let part = vreinterpretq_f32_u32(vandq_u32(bits, counts));
        Self(vmulq_f32(part, weight.0))
    }

    /// `self / divisor`, rounded once; as on AVX2.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn over(self, divisor: Self, inverse: Self) -> Self {
        let estimate = vmulq_f32(self.0, inverse.0);
        let remainder = vfmsq_f32(self.0, estimate, divisor.0);
        Self(vfmaq_f32(estimate, remainder, inverse.0))
    }

    /// `other` in the lanes in which `key` is 0.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn unless_zero(self, key: Self, other: Self) -> Self {
        Self(vbslq_f32(vceqzq_f32(key.0), other.0, self.0))
    }

    /// Lanes `by` further on in the first `count` lanes, zeros in the others.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn shifted(self, by: isize, count: isize) -> Self {
        let lanes = Ints::lanes().0;
        let index = Ints(vaddq_s32(lanes, vdupq_n_s32(by as i32)));
        let first = vcltq_s32(lanes, vdupq_n_s32(count.clamp(0, 4) as i32));
        let moved = vreinterpretq_u32_f32(self.permute(index).0);
        Self(vreinterpretq_f32_u32(vandq_u32(moved, first)))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn permute(self, index: Ints) -> Self {
        let bytes = vqtbl1q_u8(vreinterpretq_u8_f32(self.0), index.bytes());
        Self(vreinterpretq_f32_u8(bytes))
    }

    /// Out of twice as many values; indices are below twice the lanes.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn permute_two(low: Self, high: Self, index: Ints) -> Self {
        let both = uint8x16x2_t(vreinterpretq_u8_f32(low.0), vreinterpretq_u8_f32(high.0));
        Self(vreinterpretq_f32_u8(vqtbl2q_u8(both, index.bytes())))
    }

    /// Frames of `C` samples, of `even` and of `odd` by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self) {
        if C == 1 {
            return (
                Self(vzip1q_f32(even.0, odd.0)),
                Self(vzip2q_f32(even.0, odd.0)),
            );
        }
        let (even, odd) = (vreinterpretq_f64_f32(even.0), vreinterpretq_f64_f32(odd.0));
        (
            Self(vreinterpretq_f32_f64(vzip1q_f64(even, odd))),
            Self(vreinterpretq_f32_f64(vzip2q_f64(even, odd))),
        )
    }
}

impl Ints {
    /// 0, 1, 2 and on.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn lanes() -> Self {
        Self::load(&[0, 1, 2, 3])
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load(from: &[i32; Word::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { vld1q_s32(from.as_ptr()) })
    }

    /// `values`, and `more` besides where `keys` are greater than `most`.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn where_greater(keys: Self, most: i32, values: Self, more: i32) -> Self {
        let greater = vreinterpretq_s32_u32(vcgtq_s32(keys.0, vdupq_n_s32(most)));
        Self(vaddq_s32(values.0, vandq_s32(greater, vdupq_n_s32(more))))
    }

    /// `values + more`, less `limit` where that is not below it.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn sum_below(values: Self, more: i32, limit: i32) -> Word {
        let sum = vaddq_s32(values.0, vdupq_n_s32(more));
        // Below 0 is, as unsigned, the greater.
        let less = vreinterpretq_u32_s32(vsubq_s32(sum, vdupq_n_s32(limit)));
        Word(vcvtq_f32_u32(vminq_u32(vreinterpretq_u32_s32(sum), less)))
    }

    /// The numbers of the bytes of the lanes that these number.
    #[inline]
    #[target_feature(enable = "neon")]
    fn bytes(self) -> uint8x16_t {
        let first = vmulq_n_s32(self.0, 0x0404_0404);
        vreinterpretq_u8_s32(vaddq_s32(first, vdupq_n_s32(0x0302_0100)))
    }
}
