//! The loops, each written once. `backend` compiles them again for each instruction set; being inlined
//! there, they and the scalar definitions they call are vectorized for it.

use core::marker::PhantomData;
use core::num::NonZeroUsize;

use crate::arith::{finite_f32, round_f32};
use crate::encoding::{Encoding, Float, Kind, Raw, S24In32HighLe as S24High};

/// Samples converted at a time where something stands between the two formats.
pub(crate) const PIECE: usize = 128;
/// Lanes of the dither generator, on every backend: enough that its steps, each of which waits for the one
/// before, are not what the others wait for.
pub(crate) const LANES: usize = 32;

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

/// One sample from format to format, through the smallest common type that loses nothing: the rounding
/// of a narrower target is then the only one.
#[inline(always)]
pub(crate) fn convert_one<A: Encoding, B: Encoding>(raw: A::Raw) -> B::Raw {
    if A::FORMAT as u8 == B::FORMAT as u8 {
        return B::Raw::narrow(raw.widen());
    }
    match (A::KIND, B::KIND) {
        (Kind::Int, Kind::Int) => B::from_i32(A::to_i32(raw)),
        (Kind::Int | Kind::Long, Kind::Int | Kind::Long) => B::from_i64(A::to_i64(raw)),
        // From the integer itself: rounded once.
        (Kind::Long, Kind::Float | Kind::Double) => B::from_i64(A::to_i64(raw)),
        (Kind::Int, Kind::Float) => B::from_f32::<false>(A::to_f32(raw)),
        (Kind::Float, _) => B::from_f32::<false>(A::to_f32(raw)),
        (Kind::Int, Kind::Double) | (Kind::Double, _) => B::from_f64::<false>(A::to_f64(raw)),
    }
}

/// What becomes of one sample between interleaved and planar.
pub(crate) trait Step {
    type From: Raw;
    type To: Raw;
    fn step(raw: Self::From) -> Self::To;
}

/// As [`convert_one`].
pub(crate) struct Convert<A, B>(PhantomData<(A, B)>);

impl<A: Encoding, B: Encoding> Step for Convert<A, B> {
    type From = A::Raw;
    type To = B::Raw;
    #[inline(always)]
    fn step(raw: A::Raw) -> B::Raw {
        convert_one::<A, B>(raw)
    }
}

/// As [`decode`].
pub(crate) struct Decode<F>(PhantomData<F>);

impl<F: Encoding> Step for Decode<F> {
    type From = F::Raw;
    type To = [u8; 4];
    #[inline(always)]
    fn step(raw: F::Raw) -> [u8; 4] {
        F::to_f32(raw).to_ne_bytes()
    }
}

/// As [`encode`].
pub(crate) struct Encode<F, const TZ: bool>(PhantomData<F>);

impl<F: Encoding, const TZ: bool> Step for Encode<F, TZ> {
    type From = [u8; 4];
    type To = F::Raw;
    #[inline(always)]
    fn step(raw: [u8; 4]) -> F::Raw {
        F::from_f32::<TZ>(f32::from_ne_bytes(raw))
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

/// One step of a lane: Marsaglia's 32-bit xorshift (Journal of Statistical Software 8(14), 2003),
/// period 2^32 - 1. A lane must not be 0.
#[inline(always)]
pub(crate) const fn step_word(w: u32) -> u32 {
    let w = w ^ (w << 13);
    let w = w ^ (w >> 17);
    w ^ (w << 5)
}

/// One step of every lane.
#[inline(always)]
pub(crate) fn step(words: &mut [u32; LANES]) {
    for w in words {
        *w = step_word(*w);
    }
}

/// From the integers of `noise_of` to LSB.
#[inline(always)]
pub(crate) const fn noise_scale(triangular: bool) -> f32 {
    if triangular {
        1.0 / 65_536.0
    } else {
        1.0 / 4_294_967_296.0
    }
}

/// Noise out of the words as they are, in LSB: rectangular in [-0.5, 0.5], or triangular in (-1, 1),
/// the sum of two independent rectangular values of 16 bits.
#[inline(always)]
pub(crate) fn noise_of(words: &[u32; LANES], triangular: bool) -> [f32; LANES] {
    let mut noise = [0.0; LANES];
    for (to, w) in noise.iter_mut().zip(words) {
        let w = *w as i32;
        // Both halves have a mean of -1/2 of their own step, hence the 1.
        let value = if triangular {
            (w >> 16) + (w << 16 >> 16) + 1
        } else {
            w
        };
        *to = value as f32 * noise_scale(triangular);
    }
    noise
}

/// A step of the generator, then a group of `dst = src + noise` times `lsb`; and so on. The same as
/// `noise_of` and [`add_noise`], in one pass.
#[inline(always)]
pub(crate) fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    let mut w = *words;
    for (to, from) in dst.iter_mut().zip(src) {
        step(&mut w);
        add_noise(from, &noise_of(&w, TRIANGULAR), lsb, to);
    }
    *words = w;
}

/// `dst = src + noise` LSB, for formats of at most 16 bits, where `f32` has room for the sum.
#[inline(always)]
pub(crate) fn add_noise(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32]) {
    for ((to, x), d) in dst.iter_mut().zip(src).zip(noise) {
        *to = *x + *d * lsb;
    }
}

/// The same for 24 bits, where the sum would lose the noise's fraction: the integer part of the sample is
/// taken off first, and what is written is already rounded to the grid of the format.
#[inline(always)]
pub(crate) fn add_noise_and_round(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32]) {
    let scale = 1.0 / lsb;
    for ((to, x), d) in dst.iter_mut().zip(src).zip(noise) {
        let y = finite_f32(*x) * scale;
        let whole = round_f32(y);
        *to = (whole + round_f32((y - whole) + *d)) * lsb;
    }
}
