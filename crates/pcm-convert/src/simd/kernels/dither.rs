//! Dither. `noise`: a step of the generator, then a group of `dst = src + noise` times `lsb`; and so on. The same as
//! [`noise::of`] and [`noise::add`], in one pass. `add_noise`: what was made before, added to any number of samples.

use crate::noise::{self, LANES};

/// `noise` and `add_noise` by lines.
macro_rules! dither {
    ($attr:meta) => {
        dither_of!($attr);

        #[$attr]
        fn noise_groups<const TRIANGULAR: bool>(
            words: &mut [u32; LANES],
            src: &[[f32; LANES]],
            lsb: f32,
            dst: &mut [[f32; LANES]],
        ) {
            // Both powers of two: the product is exact.
            let scale = noise::scale(TRIANGULAR) * lsb;
            let [low_words, high_words] = cast::as_bytes_mut(words).as_chunks_mut().0 else {
                return;
            };
            let (mut low, mut high) = (IntLine::load(low_words), IntLine::load(high_words));
            for (to, from) in dst.iter_mut().zip(src) {
                let [x_low, x_high] = from.as_chunks().0 else {
                    return;
                };
                let [to_low, to_high] = to.as_chunks_mut().0 else {
                    return;
                };
                low = low.stepped();
                let noise = low.noise::<TRIANGULAR>().samples(scale);
                Line::load(x_low).plus(noise).store(to_low);
                high = high.stepped();
                let noise = high.noise::<TRIANGULAR>().samples(scale);
                Line::load(x_high).plus(noise).store(to_high);
            }
            low.store(low_words);
            high.store(high_words);
        }
    };
}
pub(in crate::simd) use dither;

/// `noise` and `add_noise` as plain loops.
macro_rules! dither_loops {
    ($attr:meta) => {
        dither_of!($attr);
        use dither::noise_groups;
    };
}
pub(in crate::simd) use dither_loops;

/// What both have; `noise_groups` is looked up where it is stamped.
macro_rules! dither_of {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn noise(
            words: &mut [u32; LANES],
            src: &[[f32; LANES]],
            lsb: f32,
            dst: &mut [[f32; LANES]],
            triangular: bool,
        ) {
            // Two loops, so that neither decides inside.
            if triangular {
                noise_groups::<true>(words, src, lsb, dst);
            } else {
                noise_groups::<false>(words, src, lsb, dst);
            }
        }

        #[$attr]
        pub(in crate::simd) fn add_noise(
            src: &[f32],
            noise: &[f32],
            lsb: f32,
            dst: &mut [f32],
            round: Option<Rounding>,
        ) {
            match round {
                Some(Rounding::NearestEven) => noise::add_and_round(src, noise, lsb, dst),
                Some(Rounding::HalfAwayFromZero) => noise::add_and_round_away(src, noise, lsb, dst),
                Some(Rounding::TowardZero) | None => noise::add(src, noise, lsb, dst),
            }
        }
    };
}
pub(in crate::simd) use dither_of;

/// A step of the generator, then a group of `dst = src + noise` times `lsb`; and so on. The same as
/// [`noise::of`] and [`noise::add`], in one pass.
#[inline(always)]
pub(in crate::simd) fn noise_groups<const TRIANGULAR: bool>(
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
