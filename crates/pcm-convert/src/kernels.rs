//! The loops, each written once. `backend` compiles them again for each instruction set; being inlined
//! there, they and the scalar definitions they call are vectorized for it.

use crate::arith::{finite_f32, round_f32};
use crate::encoding::{Encoding, Kind};

/// Lanes of the dither generator, on every backend.
pub(crate) const LANES: usize = 16;

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

#[inline(always)]
pub(crate) fn convert<A: Encoding, B: Encoding>(src: &[A::Raw], dst: &mut [B::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = convert_one::<A, B>(*from);
    }
}

/// How many are finite and outside `[-1.0, above]`, and how many are not finite. At most 2^31 samples.
#[inline(always)]
pub(crate) fn count(src: &[f32], above: f32) -> (u32, u32) {
    let (mut clipped, mut non_finite) = (0u32, 0u32);
    for x in src {
        let finite = x.is_finite();
        non_finite = non_finite.wrapping_add(u32::from(!finite));
        clipped = clipped.wrapping_add(u32::from(finite & ((*x > above) | (*x < -1.0))));
    }
    (clipped, non_finite)
}

/// Makes every sample finite; returns how many were not. At most 2^31 samples.
#[inline(always)]
pub(crate) fn clean(samples: &mut [f32]) -> u32 {
    let mut non_finite = 0u32;
    for x in samples {
        non_finite = non_finite.wrapping_add(u32::from(!x.is_finite()));
        *x = finite_f32(*x);
    }
    non_finite
}

/// One step of every lane: Marsaglia's 32-bit xorshift (Journal of Statistical Software 8(14), 2003),
/// period 2^32 - 1. A lane must not be 0.
#[inline(always)]
pub(crate) fn step(words: &mut [u32; LANES]) {
    for w in words {
        *w ^= *w << 13;
        *w ^= *w >> 17;
        *w ^= *w << 5;
    }
}

/// Noise out of the words as they are, in LSB: rectangular in [-0.5, 0.5], or triangular in (-1, 1),
/// the sum of two independent rectangular values of 16 bits.
#[inline(always)]
pub(crate) fn noise_of(words: &[u32; LANES], triangular: bool) -> [f32; LANES] {
    words.map(|w| {
        let w = w as i32;
        if triangular {
            // Both halves have a mean of -1/2 of their own step, hence the 1.
            ((w >> 16) + (w << 16 >> 16) + 1) as f32 * (1.0 / 65_536.0)
        } else {
            w as f32 * (1.0 / 4_294_967_296.0)
        }
    })
}

/// Steps, then writes one group, and so on.
#[inline(always)]
pub(crate) fn noise(words: &mut [u32; LANES], out: &mut [[f32; LANES]], triangular: bool) {
    let mut w = *words;
    for group in out {
        step(&mut w);
        *group = noise_of(&w, triangular);
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
