//! The loops, each written once. `backend` compiles them again for each instruction set; being inlined
//! there, they and the scalar definitions they call are vectorized for it.

use core::num::NonZeroUsize;

use crate::encoding::{Encoding, Float, S24In32HighLe as S24High};
use crate::noise::{self, LANES};
use crate::step::{Step, convert_one};

/// Samples converted at a time where something stands between the two formats.
pub(crate) const PIECE: usize = 128;
#[inline(always)]
pub(crate) fn decode<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::to_f32(*from);
    }
}

#[inline(always)]
pub(crate) fn encode<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::from_f32::<TZ>(*from);
    }
}

// What a backend may have by hand, here as the plain loops.

/// Whether 24 bits in 3 bytes meet other formats by way of 4 bytes, a piece at a time: where `unpack24` and
/// `pack24` are by hand.
pub(crate) const BY_WORDS: bool = false;

#[inline(always)]
pub(crate) fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    decode::<F>(src, dst);
}

#[inline(always)]
pub(crate) fn encode24<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    encode::<F, TZ>(src, dst);
}

/// From 3 bytes to `s24_32hle`.
#[inline(always)]
pub(crate) fn unpack24<F: Encoding>(src: &[F::Raw], dst: &mut [[u8; 4]]) {
    convert::<F, S24High>(src, dst);
}

/// From `s24_32hle` to 3 bytes.
#[inline(always)]
pub(crate) fn pack24<F: Encoding>(src: &[[u8; 4]], dst: &mut [F::Raw]) {
    convert::<S24High, F>(src, dst);
}

/// Integers of 8 or 16 bits.
#[inline(always)]
pub(crate) fn encode16<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    encode::<F, TZ>(src, dst);
}

/// 32-bit integers.
#[inline(always)]
pub(crate) fn encode32<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    encode::<F, TZ>(src, dst);
}

#[inline(always)]
pub(crate) fn decode_f64<F: Encoding>(src: &[F::Raw], dst: &mut [f64]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::to_f64(*from);
    }
}

#[inline(always)]
pub(crate) fn encode_f64<F: Encoding, const TZ: bool>(src: &[f64], dst: &mut [F::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::from_f64::<TZ>(*from);
    }
}

/// Every `channels`th sample of `src`, from `channel` on, to a plane.
#[inline(always)]
pub(crate) fn take_channel<S: Step>(
    src: &[S::From],
    channels: NonZeroUsize,
    channel: usize,
    plane: &mut [S::To],
) {
    for (to, from) in plane
        .iter_mut()
        .zip(src.iter().skip(channel).step_by(channels.get()))
    {
        *to = S::step(*from);
    }
}

/// A plane to every `channels`th sample of `dst`, from `channel` on.
#[inline(always)]
pub(crate) fn put_channel<S: Step>(
    plane: &[S::From],
    channels: NonZeroUsize,
    channel: usize,
    dst: &mut [S::To],
) {
    for (from, to) in plane
        .iter()
        .zip(dst.iter_mut().skip(channel).step_by(channels.get()))
    {
        *to = S::step(*from);
    }
}

/// Two channels at once, which a strided loop would read twice.
#[inline(always)]
pub(crate) fn take_stereo<S: Step>(src: &[S::From], left: &mut [S::To], right: &mut [S::To]) {
    for (([l, r], to_l), to_r) in src.as_chunks::<2>().0.iter().zip(left).zip(right) {
        *to_l = S::step(*l);
        *to_r = S::step(*r);
    }
}

/// Two channels at once, which a strided loop would write twice.
#[inline(always)]
pub(crate) fn put_stereo<S: Step>(left: &[S::From], right: &[S::From], dst: &mut [S::To]) {
    for ((to, l), r) in dst.as_chunks_mut::<2>().0.iter_mut().zip(left).zip(right) {
        *to = [S::step(*l), S::step(*r)];
    }
}

#[inline(always)]
pub(crate) fn convert<A: Encoding, B: Encoding>(src: &[A::Raw], dst: &mut [B::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = convert_one::<A, B>(*from);
    }
}

/// How many are finite and outside `[-1.0, above]`, and how many are not finite. At most 2^31 samples.
#[inline(always)]
pub(crate) fn count(src: &[f32], above: f32) -> (u32, u32) {
    // Most blocks have nothing to count, and this tells so at two operations a sample.
    if largest(src) <= above.min(1.0).to_bits() as i32 {
        return (0, 0);
    }
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
pub(crate) fn largest(src: &[f32]) -> i32 {
    src.iter()
        .fold(0, |m, x| (x.to_bits() as i32 & i32::MAX).max(m))
}

/// Makes every sample finite; returns how many were not. At most 2^31 samples.
#[inline(always)]
pub(crate) fn clean<F: Float>(samples: &mut [F::Raw]) -> u32 {
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

/// A step of the generator, then a group of `dst = src + noise` times `lsb`; and so on. The same as
/// [`noise::of`] and [`noise::add`], in one pass.
#[inline(always)]
pub(crate) fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    let mut w = *words;
    for (to, from) in dst.iter_mut().zip(src) {
        noise::step(&mut w);
        noise::add(from, &noise::of(&w, TRIANGULAR), lsb, to);
    }
    *words = w;
}
