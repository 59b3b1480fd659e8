//! NEON, which every 64-bit Arm target with floats has. A word is two registers, of which there are twice as many as
//! elsewhere.
#![allow(unsafe_code)]

use core::arch::aarch64::*;

/// Eight samples.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Word(float32x4_t, float32x4_t);

/// For each lane, which lane it gets: the bytes of both.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Order(uint8x16_t, uint8x16_t);

/// Some of the lanes.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Mask(uint32x4_t, uint32x4_t);

impl Word {
    pub(in crate::simd) const WIDTH: usize = 8;

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn splat(value: f32) -> Self {
        Self(vdupq_n_f32(value), vdupq_n_f32(value))
    }

    /// Left and right by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn by_turns([left, right]: [f32; 2]) -> Self {
        let pair = u64::from(left.to_bits()) | u64::from(right.to_bits()) << 32;
        let four = vreinterpretq_f32_u64(vdupq_n_u64(pair));
        Self(four, four)
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load(from: &[f32; Self::WIDTH]) -> Self {
        let fours = from.as_chunks::<4>().0;
        Self::load_fours(&fours[0], &fours[1])
    }

    /// Two arrays side by side.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn load_fours(low: &[f32; 4], high: &[f32; 4]) -> Self {
        // SAFETY: reads the arrays; no alignment is asked.
        unsafe { Self(vld1q_f32(low.as_ptr()), vld1q_f32(high.as_ptr())) }
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn store(self, to: &mut [f32; Self::WIDTH]) {
        let to = to.as_mut_ptr();
        // SAFETY: writes both halves of the array; no alignment is asked.
        unsafe {
            vst1q_f32(to, self.0);
            vst1q_f32(to.add(4), self.1);
        }
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn plus(self, other: Self) -> Self {
        Self(vaddq_f32(self.0, other.0), vaddq_f32(self.1, other.1))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn times(self, other: Self) -> Self {
        Self(vmulq_f32(self.0, other.0), vmulq_f32(self.1, other.1))
    }

    /// `self + other` in some lanes, `self` in the others.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn plus_where(self, lanes: Mask, other: Self) -> Self {
        let sum = self.plus(other);
        Self(
            vbslq_f32(lanes.0, sum.0, self.0),
            vbslq_f32(lanes.1, sum.1, self.1),
        )
    }

    /// +0.0 in all other lanes.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn only(self, lanes: Mask) -> Self {
        let low = vandq_u32(vreinterpretq_u32_f32(self.0), lanes.0);
        let high = vandq_u32(vreinterpretq_u32_f32(self.1), lanes.1);
        Self(vreinterpretq_f32_u32(low), vreinterpretq_f32_u32(high))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn permute(self, order: Order) -> Self {
        let bytes = uint8x16x2_t(vreinterpretq_u8_f32(self.0), vreinterpretq_u8_f32(self.1));
        Self(
            vreinterpretq_f32_u8(vqtbl2q_u8(bytes, order.0)),
            vreinterpretq_f32_u8(vqtbl2q_u8(bytes, order.1)),
        )
    }

    /// The left of each pair in both of its lanes.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn lefts(self) -> Self {
        Self(vtrn1q_f32(self.0, self.0), vtrn1q_f32(self.1, self.1))
    }

    /// The first pair of each four of `self` and of `other`, by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn first_pairs(self, other: Self) -> Self {
        Self(first_pairs(self.0, other.0), first_pairs(self.1, other.1))
    }

    /// The second pair of each four of `self` and of `other`, by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn second_pairs(self, other: Self) -> Self {
        Self(second_pairs(self.0, other.0), second_pairs(self.1, other.1))
    }

    /// Three kinds of pairs that take turns, each kind in a word of its own.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn thirds(a: Self, b: Self, c: Self) -> (Self, Self, Self) {
        (
            Self(outer_pairs(a.0, a.1), outer_pairs(b.1, c.0)),
            Self(inner_pairs(a.0, b.0), inner_pairs(b.1, c.1)),
            Self(outer_pairs(a.1, b.0), outer_pairs(c.0, c.1)),
        )
    }

    /// Lanes of `left` and of `right` by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn weave(left: Self, right: Self) -> (Self, Self) {
        (
            Self(vzip1q_f32(left.0, right.0), vzip2q_f32(left.0, right.0)),
            Self(vzip1q_f32(left.1, right.1), vzip2q_f32(left.1, right.1)),
        )
    }

    /// Eight rows turned over.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn columns(rows: [&[f32; 4]; 8]) -> [Self; 4] {
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
        let (a, b) = (Self::load_fours(r0, r4), Self::load_fours(r1, r5));
        let (c, d) = (Self::load_fours(r2, r6), Self::load_fours(r3, r7));
        let (ab02, ab13) = (a.lefts_of(b), a.rights_of(b));
        let (cd02, cd13) = (c.lefts_of(d), c.rights_of(d));
        [
            ab02.first_pairs(cd02),
            ab13.first_pairs(cd13),
            ab02.second_pairs(cd02),
            ab13.second_pairs(cd13),
        ]
    }

    /// The left of each pair of `self` and of `other`, by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    fn lefts_of(self, other: Self) -> Self {
        Self(vtrn1q_f32(self.0, other.0), vtrn1q_f32(self.1, other.1))
    }

    /// The right of each pair of `self` and of `other`, by turns.
    #[inline]
    #[target_feature(enable = "neon")]
    fn rights_of(self, other: Self) -> Self {
        Self(vtrn2q_f32(self.0, other.0), vtrn2q_f32(self.1, other.1))
    }
}

impl Order {
    /// The first eight of them; each below eight.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn new([a, b, c, d, e, f, g, h, ..]: &[u8; 16]) -> Self {
        Self(four(*a, *b, *c, *d), four(*e, *f, *g, *h))
    }
}

impl Mask {
    /// A bit for each lane, the lowest for the first.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(in crate::simd) fn new(lanes: u16) -> Self {
        let bits = vcombine_u32(vcreate_u32(1 | 2 << 32), vcreate_u32(4 | 8 << 32));
        let lanes = u32::from(lanes);
        Self(
            vtstq_u32(vdupq_n_u32(lanes), bits),
            vtstq_u32(vdupq_n_u32(lanes >> 4), bits),
        )
    }
}

/// The bytes of four lanes.
#[inline]
#[target_feature(enable = "neon")]
fn four(a: u8, b: u8, c: u8, d: u8) -> uint8x16_t {
    // The four bytes of a lane, each its number in the lane.
    let bytes = |lane: u8| 0x0302_0100 + 0x0404_0404 * u64::from(lane & 7);
    let (low, high) = (bytes(a) | bytes(b) << 32, bytes(c) | bytes(d) << 32);
    vcombine_u8(vcreate_u8(low), vcreate_u8(high))
}

/// The first pair of each.
#[inline]
#[target_feature(enable = "neon")]
fn first_pairs(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    let (a, b) = (vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b));
    vreinterpretq_f32_f64(vtrn1q_f64(a, b))
}

/// The second pair of each.
#[inline]
#[target_feature(enable = "neon")]
fn second_pairs(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    let (a, b) = (vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b));
    vreinterpretq_f32_f64(vtrn2q_f64(a, b))
}

/// The first pair of `a`, the second of `b`.
#[inline]
#[target_feature(enable = "neon")]
fn outer_pairs(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    vcombine_f32(vget_low_f32(a), vget_high_f32(b))
}

/// The second pair of `a`, the first of `b`.
#[inline]
#[target_feature(enable = "neon")]
fn inner_pairs(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    vextq_f32::<2>(a, b)
}
