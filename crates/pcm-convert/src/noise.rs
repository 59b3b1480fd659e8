//! The generator of dither and what is added to a sample: the definition that the kernels are tested against.

use crate::arith::{finite_f32, round_f32, round_small_away};

/// Lanes of the dither generator, on every backend: enough that its steps, each of which waits for the one
/// before, are not what the others wait for.
pub(crate) const LANES: usize = 32;

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

/// From the integers of [`of`] to LSB.
#[inline(always)]
pub(crate) const fn scale(triangular: bool) -> f32 {
    if triangular {
        1.0 / 65_536.0
    } else {
        1.0 / 4_294_967_296.0
    }
}

/// Noise out of the words as they are, in LSB: rectangular in [-0.5, 0.5], or triangular in (-1, 1),
/// the sum of two independent rectangular values of 16 bits.
#[inline(always)]
pub(crate) fn of(words: &[u32; LANES], triangular: bool) -> [f32; LANES] {
    let mut noise = [0.0; LANES];
    for (to, w) in noise.iter_mut().zip(words) {
        let w = *w as i32;
        // Both halves have a mean of -1/2 of their own step, hence the 1.
        let value = if triangular {
            (w >> 16) + (w << 16 >> 16) + 1
        } else {
            w
        };
        *to = value as f32 * scale(triangular);
    }
    noise
}

/// `dst = src + noise` LSB, for formats of at most 16 bits, where `f32` has room for the sum.
#[inline(always)]
pub(crate) fn add(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32]) {
    for ((to, x), d) in dst.iter_mut().zip(src).zip(noise) {
        *to = *x + *d * lsb;
    }
}

/// The same for 24 bits, where the sum would lose the noise's fraction: the integer part of the sample is
/// taken off first, and what is written is already rounded to the grid of the format.
#[inline(always)]
pub(crate) fn add_and_round(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32]) {
    let scale = 1.0 / lsb;
    for ((to, x), d) in dst.iter_mut().zip(src).zip(noise) {
        let y = finite_f32(*x) * scale;
        let whole = round_f32(y);
        *to = (whole + round_f32((y - whole) + *d)) * lsb;
    }
}

/// As [`add_and_round`], ties away from zero.
#[inline(always)]
pub(crate) fn add_and_round_away(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32]) {
    let scale = 1.0 / lsb;
    for ((to, x), d) in dst.iter_mut().zip(src).zip(noise) {
        let y = finite_f32(*x) * scale;
        let whole = round_f32(y);
        *to = (whole + round_small_away(whole, (y - whole) + *d)) * lsb;
    }
}

/// A start for every lane, 2^27 steps from one to the next. The first is Steele, Lea and Flood's SplitMix64
/// (OOPSLA 2014), as it is used to seed other generators. A lane must not be 0.
pub(crate) fn seeds(seed: u64) -> [u32; LANES] {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let first = ((z ^ (z >> 31)) >> 32) as u32;
    let mut word = if first == 0 { 0x6C07_8965 } else { first };
    core::array::from_fn(|_| {
        let this = word;
        word = transform(&LEAP, word);
        this
    })
}

/// 2^27 steps of the generator, which is linear over bits: what each bit of a word becomes.
const LEAP: [u32; 32] = {
    let mut leap = [0; 32];
    let mut bit = 0;
    while bit < 32 {
        leap[bit] = step_word(1 << bit);
        bit += 1;
    }
    let mut doublings = 0;
    while doublings < 27 {
        let once = leap;
        bit = 0;
        while bit < 32 {
            leap[bit] = transform(&once, once[bit]);
            bit += 1;
        }
        doublings += 1;
    }
    leap
};

/// The sum, modulo 2, of the images of the bits of `word`.
const fn transform(images: &[u32; 32], word: u32) -> u32 {
    let (mut sum, mut bit) = (0, 0);
    while bit < 32 {
        if word >> bit & 1 == 1 {
            sum ^= images[bit];
        }
        bit += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_2_to_the_27_steps_apart() {
        for seed in [0, 1, u64::MAX] {
            let lanes = seeds(seed);
            let mut word = lanes[0];
            for _ in 0..1 << 27 {
                word = step_word(word);
            }
            assert_eq!(word, lanes[1]);
            // The same leap again and again, as linear as the step.
            for pair in lanes.windows(2) {
                assert_eq!(transform(&LEAP, pair[0]), pair[1]);
                assert_ne!(pair[0], 0);
            }
        }
    }
}
