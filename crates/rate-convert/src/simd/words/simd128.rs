//! WebAssembly's simd128, which has no fused multiply-add with one meaning everywhere: multiplies and adds apart, so
//! the bits are those of the scalar version.
#![allow(unsafe_code)]

use core::arch::wasm32::*;

use super::lanes::Lanes;

/// Four quarters: lanes 0..4, 4..8, 8..12 and 12..16.
#[derive(Clone, Copy)]
pub(super) struct Simd128(v128, v128, v128, v128);

// SAFETY (every block below): this file is compiled only where simd128 is part of the target; pointers are the
// caller's promise, and `v128_load` asks for no alignment.
impl Lanes for Simd128 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        let v = f32x4_splat(value);
        Self(v, v, v, v)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        let from = from.cast::<v128>();
        // SAFETY: see above; all quarters are within the 16 values promised.
        unsafe {
            Self(
                v128_load(from),
                v128_load(from.add(1)),
                v128_load(from.add(2)),
                v128_load(from.add(3)),
            )
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        let to = to.cast::<v128>();
        // SAFETY: see above; all quarters are within the 16 values promised.
        unsafe {
            v128_store(to, self.0);
            v128_store(to.add(1), self.1);
            v128_store(to.add(2), self.2);
            v128_store(to.add(3), self.3);
        }
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        self.plus(a.times(b))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(
            f32x4_add(self.0, other.0),
            f32x4_add(self.1, other.1),
            f32x4_add(self.2, other.2),
            f32x4_add(self.3, other.3),
        )
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self(
            f32x4_mul(self.0, other.0),
            f32x4_mul(self.1, other.1),
            f32x4_mul(self.2, other.2),
            f32x4_mul(self.3, other.3),
        )
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        let four = f32x4_add(f32x4_add(self.0, self.2), f32x4_add(self.1, self.3));
        (f32x4_extract_lane::<0>(four) + f32x4_extract_lane::<2>(four))
            + (f32x4_extract_lane::<1>(four) + f32x4_extract_lane::<3>(four))
    }
}
