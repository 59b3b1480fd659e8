//! NEON, which every 64-bit Arm target with floats has; multiply-adds are fused.
#![allow(unsafe_code)]

use core::arch::aarch64::*;

use crate::simd::words::line::line;

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(float32x4_t);

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

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { vst1q_f32(to.as_mut_ptr(), self.0) }
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
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(vmulq_f32(self.0, other.0))
    }

    /// The sum of all lanes, folded in halves: 2 + 2, 1 + 1.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn sum(self) -> f32 {
        let two = vadd_f32(vget_low_f32(self.0), vget_high_f32(self.0));
        vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
    }
}
