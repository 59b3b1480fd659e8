//! Sixteen samples side by side: what every kernel is written over, and its plain version.
#![allow(unsafe_code)]

use super::LANES;

/// [`LANES`] values of `f32`. Each operation is one rounding in each lane, so that an implementation decides the
/// speed and not the bits (but for `fused`, where the machine has no fused multiply-add).
pub(crate) trait Lanes: Copy {
    fn splat(value: f32) -> Self;
    /// # Safety
    /// `from` is readable for [`LANES`] values, and the CPU has the implementation's instructions.
    unsafe fn load(from: *const f32) -> Self;
    /// # Safety
    /// `to` is writable for [`LANES`] values, and the CPU has the implementation's instructions.
    unsafe fn store(self, to: *mut f32);
    /// `self + a * b`, rounded once.
    fn fused(self, a: Self, b: Self) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// The sum of all lanes, folded in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
    fn sum(self) -> f32;
}

/// No instructions beyond the target's own; multiplies and adds apart, since a fused one would be a call without
/// hardware for it.
#[derive(Clone, Copy)]
pub(crate) struct Plain([f32; LANES]);

impl Lanes for Plain {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: readable as the caller promises; an array has no alignment beyond its element's.
        Self(unsafe { *from.cast::<[f32; LANES]>() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: writable as the caller promises; an array has no alignment beyond its element's.
        unsafe { *to.cast::<[f32; LANES]>() = self.0 }
    }

    #[inline(always)]
    fn fused(mut self, a: Self, b: Self) -> Self {
        for ((sum, a), b) in self.0.iter_mut().zip(a.0).zip(b.0) {
            *sum += a * b;
        }
        self
    }

    #[inline(always)]
    fn plus(mut self, other: Self) -> Self {
        for (sum, v) in self.0.iter_mut().zip(other.0) {
            *sum += v;
        }
        self
    }

    #[inline(always)]
    fn times(mut self, other: Self) -> Self {
        for (product, v) in self.0.iter_mut().zip(other.0) {
            *product *= v;
        }
        self
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        let v = self.0;
        let eight: [f32; 8] = core::array::from_fn(|i| v[i] + v[i + 8]);
        let four: [f32; 4] = core::array::from_fn(|i| eight[i] + eight[i + 4]);
        (four[0] + four[2]) + (four[1] + four[3])
    }
}
