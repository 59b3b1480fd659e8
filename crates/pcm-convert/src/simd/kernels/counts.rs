//! What is out of range or not finite: plain loops, compiled again for each instruction set.

use crate::encoding::Float;

/// All of them.
macro_rules! counts {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn count(src: &[f32], above: f32) -> (u32, u32) {
            counts::count(src, above)
        }

        #[$attr]
        pub(in crate::simd) fn largest(src: &[f32]) -> i32 {
            counts::largest(src)
        }

        #[$attr]
        pub(in crate::simd) fn clean<F: Float>(samples: &mut [F::Raw]) -> u32 {
            counts::clean::<F>(samples)
        }
    };
}
pub(in crate::simd) use counts;

/// How many are finite and outside `[-1.0, above]`, and how many are not finite. At most 2^31 samples.
#[inline(always)]
pub(in crate::simd) fn count(src: &[f32], above: f32) -> (u32, u32) {
    let (mut clipped, mut non_finite) = (0u32, 0u32);
    for x in src {
        let finite = x.is_finite();
        non_finite = non_finite.wrapping_add(u32::from(!finite));
        clipped = clipped.wrapping_add(u32::from(finite & ((*x > above) | (*x < -1.0))));
    }
    (clipped, non_finite)
}

/// The bits of the largest magnitude: as an integer it orders as the float does, with infinities and NaN on
/// top.
#[inline(always)]
pub(in crate::simd) fn largest(src: &[f32]) -> i32 {
    src.iter()
        .fold(0, |m, x| (x.to_bits() as i32 & i32::MAX).max(m))
}

/// Makes every sample finite; returns how many were not. At most 2^31 samples.
#[inline(always)]
pub(in crate::simd) fn clean<F: Float>(samples: &mut [F::Raw]) -> u32 {
    let mut non_finite = 0u32;
    let (none, some) = (F::Bits::from(0), F::Bits::from(1));
    // Nearly always there is nothing to write.
    for part in samples.chunks_mut(512) {
        if part.iter().fold(some, |least, x| least.min(F::unset(*x))) == none {
            for x in part {
                non_finite = non_finite.wrapping_add(u32::from(F::unset(*x) == none));
                *x = F::finite(*x);
            }
        }
    }
    non_finite
}
