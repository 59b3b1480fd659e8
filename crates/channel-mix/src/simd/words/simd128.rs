//! WebAssembly's simd128. A word is two registers.
#![allow(unsafe_code)]

use core::arch::wasm32::*;

/// Eight samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(v128, v128);

/// For each lane, which lane it gets: the bytes of both in the lower half, and in the upper.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Order([v128; 2], [v128; 2]);

/// Some of the lanes.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Mask(v128, v128);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 8;

    #[inline]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(f32x4_splat(value), f32x4_splat(value))
    }

    /// Left and right by turns.
    #[inline]
    pub(in crate::simd) fn by_turns([left, right]: [f32; 2]) -> Self {
        let four = f32x4(left, right, left, right);
        Self(four, four)
    }

    #[inline]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        let fours = from.as_chunks::<4>().0;
        Self::load_fours(&fours[0], &fours[1])
    }

    /// Two arrays side by side.
    #[inline]
    pub(in crate::simd) fn load_fours(low: &[f32; 4], high: &[f32; 4]) -> Self {
        let (low, high) = (low.as_ptr().cast(), high.as_ptr().cast());
        // SAFETY: reads the arrays; no alignment is asked.
        unsafe { Self(v128_load(low), v128_load(high)) }
    }

    #[inline]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        let to = to.as_mut_ptr();
        // SAFETY: writes both halves of the array; no alignment is asked.
        unsafe {
            v128_store(to.cast(), self.0);
            v128_store(to.add(4).cast(), self.1);
        }
    }

    #[inline]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0), f32x4_add(self.1, other.1))
    }

    #[inline]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0), f32x4_mul(self.1, other.1))
    }

    /// `self + other` in some lanes, `self` in the others.
    #[inline]
    pub(in crate::simd) fn plus_where(self, lanes: Mask, other: Self) -> Self {
        let sum = self.plus(other);
        Self(
            v128_bitselect(sum.0, self.0, lanes.0),
            v128_bitselect(sum.1, self.1, lanes.1),
        )
    }

    /// +0.0 in all other lanes.
    #[inline]
    pub(in crate::simd) fn only(self, lanes: Mask) -> Self {
        Self(v128_and(self.0, lanes.0), v128_and(self.1, lanes.1))
    }

    #[inline]
    pub(in crate::simd) fn permute(self, order: Order) -> Self {
        // A byte that is not of this half is 0.
        let bytes = |[low, high]: [v128; 2]| {
            v128_or(i8x16_swizzle(self.0, low), i8x16_swizzle(self.1, high))
        };
        Self(bytes(order.0), bytes(order.1))
    }

    /// The left of each pair in both of its lanes.
    #[inline]
    pub(in crate::simd) fn lefts(self) -> Self {
        Self(
            i32x4_shuffle::<0, 0, 2, 2>(self.0, self.0),
            i32x4_shuffle::<0, 0, 2, 2>(self.1, self.1),
        )
    }

    /// The first pair of each four of `self` and of `other`, by turns.
    #[inline]
    pub(in crate::simd) fn first_pairs(self, other: Self) -> Self {
        Self(
            i64x2_shuffle::<0, 2>(self.0, other.0),
            i64x2_shuffle::<0, 2>(self.1, other.1),
        )
    }

    /// The second pair of each four of `self` and of `other`, by turns.
    #[inline]
    pub(in crate::simd) fn second_pairs(self, other: Self) -> Self {
        Self(
            i64x2_shuffle::<1, 3>(self.0, other.0),
            i64x2_shuffle::<1, 3>(self.1, other.1),
        )
    }

    /// Three kinds of pairs that take turns, each kind in a word of its own.
    #[inline]
    pub(in crate::simd) fn thirds(a: Self, b: Self, c: Self) -> (Self, Self, Self) {
        let (outer, inner) = (i64x2_shuffle::<0, 3>, i64x2_shuffle::<1, 2>);
        (
            Self(outer(a.0, a.1), outer(b.1, c.0)),
            Self(inner(a.0, b.0), inner(b.1, c.1)),
            Self(outer(a.1, b.0), outer(c.0, c.1)),
        )
    }

    /// Lanes of `left` and of `right` by turns.
    #[inline]
    pub(in crate::simd) fn weave(left: Self, right: Self) -> (Self, Self) {
        let (low, high) = (i32x4_shuffle::<0, 4, 1, 5>, i32x4_shuffle::<2, 6, 3, 7>);
        (
            Self(low(left.0, right.0), high(left.0, right.0)),
            Self(low(left.1, right.1), high(left.1, right.1)),
        )
    }

    /// Eight rows turned over.
    #[inline]
    pub(in crate::simd) fn columns(rows: [&[f32; 4]; 8]) -> [Self; 4] {
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
        let (a, b) = (Self::load_fours(r0, r4), Self::load_fours(r1, r5));
        let (c, d) = (Self::load_fours(r2, r6), Self::load_fours(r3, r7));
        let ((ab01, ab23), (cd01, cd23)) = (a.weave_fours(b), c.weave_fours(d));
        [
            ab01.first_pairs(cd01),
            ab01.second_pairs(cd01),
            ab23.first_pairs(cd23),
            ab23.second_pairs(cd23),
        ]
    }

    /// Lanes of `self` and of `other` by turns: of the first pair of each four, and of the second.
    #[inline]
    fn weave_fours(self, other: Self) -> (Self, Self) {
        let (low, high) = (Self::weave(self, other).0, Self::weave(self, other).1);
        (Self(low.0, high.0), Self(low.1, high.1))
    }
}

impl Order {
    /// The first eight of them; each below eight.
    #[inline]
    pub(in crate::simd) fn new([a, b, c, d, e, f, g, h, ..]: &[u8; 16]) -> Self {
        Self(four(*a, *b, *c, *d), four(*e, *f, *g, *h))
    }
}

impl Mask {
    /// A bit for each lane, the lowest for the first.
    #[inline]
    pub(in crate::simd) fn new(lanes: u16) -> Self {
        let bits = i32x4(1, 2, 4, 8);
        let set = |lanes: u16| i32x4_eq(v128_and(i32x4_splat(lanes.into()), bits), bits);
        Self(set(lanes), set(lanes >> 4))
    }
}

/// The bytes of four lanes, in the lower half of a word and in the upper.
#[inline]
fn four(a: u8, b: u8, c: u8, d: u8) -> [v128; 2] {
    // The four bytes of a lane, each its number in the lane.
    let bytes = |lane: u8| 0x0302_0100 + 0x0404_0404 * u32::from(lane & 7);
    let low = u32x4(bytes(a), bytes(b), bytes(c), bytes(d));
    [low, i8x16_sub(low, i8x16_splat(16))]
}
