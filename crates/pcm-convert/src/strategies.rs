//! Strategies for property tests of code that handles samples (feature `proptest`).
//!
//! They lean towards the values that have been somebody's bug: both ends of the range, one step past them, halves
//! of an LSB, denormals, infinities, NaN, and silence.
//!
//! ```
//! use pcm_convert::strategies::{block, nasty_f32};
//! use proptest::prelude::*;
//!
//! proptest!(|(samples in block(nasty_f32(), 0..300))| {
//!     let mut out = vec![0i16; samples.len()];
//!     prop_assert_eq!(pcm_convert::f32_to_i16(&samples, &mut out), samples.len());
//! });
//! ```

use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::select;
use std::vec::Vec;

use crate::{Dither, Rounding, Sample, SampleFormat};

/// Any format.
pub fn format() -> impl Strategy<Value = SampleFormat> + Clone {
    select(SampleFormat::ALL)
}

/// Any rounding.
pub fn rounding() -> impl Strategy<Value = Rounding> + Clone {
    select(Rounding::ALL)
}

/// Any dither, noise shapers included.
pub fn dither() -> impl Strategy<Value = Dither> + Clone {
    select(Dither::ALL)
}

/// A finite `f32` in [-1.0, 1.0], often an exact multiple or a half of an LSB of 8, 16 or 24 bits.
pub fn nominal_f32() -> impl Strategy<Value = f32> + Clone {
    prop_oneof![
        4 => -1.0f32..=1.0,
        1 => select(&[-1.0f32, -0.5, -0.0, 0.0, 0.5, 1.0][..]),
        3 => (select(&[128i32, 32_768, 8_388_608][..]), any::<i32>(), any::<bool>()).prop_map(|(scale, v, half)| {
            let steps = v % scale;
            // Exact: at most 25 bits, of which the last is cut where it does not fit.
            ((f64::from(steps) + if half { 0.5 } else { 0.0 }) / f64::from(scale)) as f32
        }),
    ]
}

/// Any `f32`: nominal ones, the ends of every integer range and their neighbours, far overs, denormals, infinities
/// and NaN.
pub fn nasty_f32() -> impl Strategy<Value = f32> + Clone {
    prop_oneof![
        4 => nominal_f32(),
        2 => ends(),
        1 => select(&[
            f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45, -1e-45, 1e10,
            -1e10, 1e30, -1e30, 65_535.0, 65_536.0, -65_537.0,
        ][..]),
        1 => any::<u32>().prop_map(f32::from_bits),
    ]
}

/// The highest value of 8, 16, 24 and 32 bits or the lowest, and the floats next to them.
fn ends() -> impl Strategy<Value = f32> + Clone {
    let end = select(
        &[
            127.0f32 / 128.0,
            32_767.0 / 32_768.0,
            8_388_607.0 / 8_388_608.0,
            1.0,
            -1.0,
        ][..],
    );
    (end, -2i32..=2)
        .prop_map(|(end, steps)| f32::from_bits(end.to_bits().wrapping_add_signed(steps)))
}

/// A sample of any type, from any bytes, often silence or an end of the range. Floats may be NaN or infinite.
pub fn sample<S: Sample>() -> impl Strategy<Value = S> + Clone {
    prop_oneof![
        6 => any::<[u8; 8]>().prop_map(|bytes| {
            let mut one = [S::EQUILIBRIUM];
            S::read_bytes(&bytes, &mut one);
            let [one] = one;
            one
        }),
        1 => Just(S::EQUILIBRIUM),
        1 => Just(S::from_f32(-1.0)),
        1 => Just(S::from_f32(1.0)),
        1 => nasty_f32().prop_map(S::from_f32),
    ]
}

/// A block of samples: `block(sample::<i16>(), 0..1024)`.
pub fn block<T: Strategy>(
    samples: T,
    len: impl Into<SizeRange>,
) -> impl Strategy<Value = Vec<T::Value>> {
    vec(samples, len)
}

/// Whole interleaved frames: the channel count, and a block that is a multiple of it.
pub fn frames<T: Strategy + Clone>(
    samples: T,
    channels: core::ops::RangeInclusive<usize>,
    max_frames: usize,
) -> impl Strategy<Value = (usize, Vec<T::Value>)> {
    (channels, 0..=max_frames).prop_flat_map(move |(channels, frames)| {
        (Just(channels), vec(samples.clone(), channels * frames))
    })
}
