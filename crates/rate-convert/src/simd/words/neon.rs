//! NEON, which every 64-bit Arm target with floats has; multiply-adds are fused.
#![allow(unsafe_code)]

use core::arch::aarch64::*;

use super::lanes::Lanes;

/// Four quarters: lanes 0..4, 4..8, 8..12 and 12..16.
#[derive(Clone, Copy)]
pub(super) struct Neon(float32x4_t, float32x4_t, float32x4_t, float32x4_t);

// SAFETY (every block below): this file is compiled only where NEON is part of the target; pointers are the caller's
// promise.
impl Lanes for Neon {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: see above.
        #[allow(unused_unsafe)]
        let v = unsafe { vdupq_n_f32(value) };
        Self(v, v, v, v)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above; all quarters are within the 16 values promised.
        unsafe {
            Self(
                vld1q_f32(from),
                vld1q_f32(from.add(4)),
                vld1q_f32(from.add(8)),
                vld1q_f32(from.add(12)),
            )
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above; all quarters are within the 16 values promised.
        unsafe {
            vst1q_f32(to, self.0);
            vst1q_f32(to.add(4), self.1);
            vst1q_f32(to.add(8), self.2);
            vst1q_f32(to.add(12), self.3);
        }
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        // SAFETY: see above.
        #[allow(unused_unsafe)]
        unsafe {
            Self(
                vfmaq_f32(self.0, a.0, b.0),
                vfmaq_f32(self.1, a.1, b.1),
                vfmaq_f32(self.2, a.2, b.2),
                vfmaq_f32(self.3, a.3, b.3),
            )
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: see above.
        #[allow(unused_unsafe)]
        unsafe {
            Self(
                vaddq_f32(self.0, other.0),
                vaddq_f32(self.1, other.1),
                vaddq_f32(self.2, other.2),
                vaddq_f32(self.3, other.3),
            )
        }
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        // SAFETY: see above.
        #[allow(unused_unsafe)]
        unsafe {
            Self(
                vmulq_f32(self.0, other.0),
                vmulq_f32(self.1, other.1),
                vmulq_f32(self.2, other.2),
                vmulq_f32(self.3, other.3),
            )
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: see above.
        #[allow(unused_unsafe)]
        unsafe {
            let four = vaddq_f32(vaddq_f32(self.0, self.2), vaddq_f32(self.1, self.3));
            let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
            vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
        }
    }
}
