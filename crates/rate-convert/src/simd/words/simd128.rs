//! WebAssembly's simd128, which has no fused multiply-add with one meaning everywhere: multiplies and adds apart, so
//! the bits are those of the plain words.
#![allow(unsafe_code)]

use core::arch::wasm32::*;

use crate::simd::words::line::line;

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(v128);

line!(cfg(true), 0: Word, 1: Word, 2: Word, 3: Word);

impl Line {
    /// The sum of all lanes, folded in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
    #[inline]
    pub(in crate::simd) fn sum(self) -> f32 {
        (self.0.plus(self.2)).plus(self.1.plus(self.3)).sum()
    }
}

impl Word {
    pub(in crate::simd) const WIDTH: usize = 4;

    #[inline]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }

    #[inline]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        // SAFETY: reads the array; no alignment is asked.
        Self(unsafe { v128_load(from.as_ptr().cast()) })
    }

    #[inline]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { v128_store(to.as_mut_ptr().cast(), self.0) }
    }

    /// `self + a * b`, rounded twice.
    #[inline]
    pub(in crate::simd) fn fused(self, a: Self, b: Self) -> Self {
        self.plus(a.times(b))
    }

    #[inline]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    #[inline]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }

    /// The sum of all lanes, folded in halves: 2 + 2, 1 + 1.
    #[inline]
    pub(in crate::simd) fn sum(self) -> f32 {
        let v = self.0;
        (f32x4_extract_lane::<0>(v) + f32x4_extract_lane::<2>(v))
            + (f32x4_extract_lane::<1>(v) + f32x4_extract_lane::<3>(v))
    }
}
