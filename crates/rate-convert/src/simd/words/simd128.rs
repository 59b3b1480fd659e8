//! WebAssembly's simd128, which has no fused multiply-add with one meaning everywhere: multiplies and adds apart, so
//! the bits are those of the plain words.
#![allow(unsafe_code)]

use core::arch::wasm32::*;

use crate::simd::phases::NOT_TINY;
use crate::simd::words::line::line;
use crate::simd::words::partial;

/// Four samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(v128);

/// An `i32` for each of them.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Ints(v128);

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

    /// Samples of `x` from `start` on, which may be negative; zeros where there are none.
    #[inline]
    pub(in crate::simd) fn load_from(x: &[f32], start: isize) -> Self {
        Self::load(&partial::load_from(x, start))
    }

    /// These values, then zeros.
    #[inline]
    pub(in crate::simd) fn first_two([a, b]: [f32; 2]) -> Self {
        Self(f32x4(a, b, 0.0, 0.0))
    }

    /// These values.
    #[inline]
    pub(in crate::simd) fn first_four([a, b, c, d]: [f32; 4]) -> Self {
        Self(f32x4(a, b, c, d))
    }

    #[inline]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        // SAFETY: writes the array; no alignment is asked.
        unsafe { v128_store(to.as_mut_ptr().cast(), self.0) }
    }

    /// As many values as there is room for, from the first on.
    #[inline]
    pub(in crate::simd) fn store_first(self, to: &mut [f32]) {
        let mut lanes = [0.0; Self::WIDTH];
        self.store(&mut lanes);
        partial::store_first(lanes, to);
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
    pub(in crate::simd) fn minus(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }

    #[inline]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }

    #[inline]
    pub(in crate::simd) fn or(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }

    /// The sum of all lanes, folded in halves: 2 + 2, 1 + 1.
    #[inline]
    pub(in crate::simd) fn sum(self) -> f32 {
        let v = self.0;
        (f32x4_extract_lane::<0>(v) + f32x4_extract_lane::<2>(v))
            + (f32x4_extract_lane::<1>(v) + f32x4_extract_lane::<3>(v))
    }

    /// See [`part_of`](crate::simd::phases::part_of).
    #[inline]
    pub(in crate::simd) fn part_of(self, weight: Self) -> Self {
        let counts = v128_and(self.0, u32x4_splat(NOT_TINY));
        let tiny = i32x4_eq(counts, i32x4_splat(0));
        Self(f32x4_mul(v128_andnot(self.0, tiny), weight.0))
    }

    /// `self / divisor`, rounded once. (Without fused multiply-adds the inverse is of no use.)
    #[inline]
    pub(in crate::simd) fn over(self, divisor: Self, _inverse: Self) -> Self {
        Self(f32x4_div(self.0, divisor.0))
    }

    /// `other` in the lanes in which `key` is 0.
    #[inline]
    pub(in crate::simd) fn unless_zero(self, key: Self, other: Self) -> Self {
        let zero = f32x4_eq(key.0, f32x4_splat(0.0));
        Self(v128_bitselect(other.0, self.0, zero))
    }

    /// Lanes `by` further on in the first `count` lanes, zeros in the others.
    #[inline]
    pub(in crate::simd) fn shifted(self, by: isize, count: isize) -> Self {
        let lanes = Ints::lanes().0;
        let index = Ints(i32x4_add(lanes, i32x4_splat(by as i32)));
        let first = i32x4_lt(lanes, i32x4_splat(count.clamp(0, 4) as i32));
        Self(v128_and(self.permute(index).0, first))
    }

    #[inline]
    pub(in crate::simd) fn permute(self, index: Ints) -> Self {
        Self(i8x16_swizzle(self.0, index.bytes()))
    }

    /// Out of twice as many values; indices are below twice the lanes.
    #[inline]
    pub(in crate::simd) fn permute_two(low: Self, high: Self, index: Ints) -> Self {
        // A byte beyond a vector is 0, and so is one before it: as unsigned, that is beyond it too.
        let bytes = index.bytes();
        let low = i8x16_swizzle(low.0, bytes);
        let high = i8x16_swizzle(high.0, i8x16_sub(bytes, i8x16_splat(16)));
        Self(v128_or(low, high))
    }

    /// Frames of `C` samples, of `even` and of `odd` by turns.
    #[inline]
    pub(in crate::simd) fn weave<const C: usize>(even: Self, odd: Self) -> (Self, Self) {
        if C == 1 {
            return (
                Self(i32x4_shuffle::<0, 4, 1, 5>(even.0, odd.0)),
                Self(i32x4_shuffle::<2, 6, 3, 7>(even.0, odd.0)),
            );
        }
        (
            Self(i64x2_shuffle::<0, 2>(even.0, odd.0)),
            Self(i64x2_shuffle::<1, 3>(even.0, odd.0)),
        )
    }
}

impl Ints {
    /// 0, 1, 2 and on.
    #[inline]
    pub(in crate::simd) fn lanes() -> Self {
        Self(i32x4(0, 1, 2, 3))
    }

    #[inline]
    pub(in crate::simd) fn load([a, b, c, d]: &[i32; Word::WIDTH]) -> Self {
        Self(i32x4(*a, *b, *c, *d))
    }

    /// `values`, and `more` besides where `keys` are greater than `most`.
    #[inline]
    pub(in crate::simd) fn where_greater(keys: Self, most: i32, values: Self, more: i32) -> Self {
        let greater = i32x4_gt(keys.0, i32x4_splat(most));
        Self(i32x4_add(values.0, v128_and(greater, i32x4_splat(more))))
    }

    /// `values + more`, less `limit` where that is not below it.
    #[inline]
    pub(in crate::simd) fn sum_below(values: Self, more: i32, limit: i32) -> Word {
        let sum = i32x4_add(values.0, i32x4_splat(more));
        // Below 0 is, as unsigned, the greater.
        let less = i32x4_sub(sum, i32x4_splat(limit));
        Word(f32x4_convert_i32x4(u32x4_min(sum, less)))
    }

    /// The numbers of the bytes of the lanes that these number.
    #[inline]
    fn bytes(self) -> v128 {
        let first = i32x4_mul(self.0, i32x4_splat(0x0404_0404));
        i32x4_add(first, i32x4_splat(0x0302_0100))
    }
}
