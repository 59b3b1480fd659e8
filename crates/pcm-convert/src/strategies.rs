//! Strategies for property tests of code that handles samples (feature `proptest`).
//!
//! They lean towards the values that have been somebody's bug: both ends of the range, one step past them, halves
//! of an LSB, denormals, infinities, NaN, and silence. A failure shrinks to the first of those that fails too, so that what
//! is reported is the tie or the full scale, not some value beside it.
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

mod toward;

use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::select;
use std::vec::Vec;

use self::toward::Toward;
use crate::{Dither, Rounding, Sample, SampleFormat};

/// What a failure of [`nominal_f32`] shrinks to, in this order: silence, ties of 16, 24 and 8 bits, full scale.
const NOMINAL: [f32; 10] = [
    0.0,
    -0.0,
    0.5 / 32_768.0,
    -0.5 / 32_768.0,
    0.5 / 8_388_608.0,
    -0.5 / 8_388_608.0,
    0.5 / 128.0,
    -0.5 / 128.0,
    1.0,
    -1.0,
];
/// And what one of [`nasty_f32`] shrinks to, after these: the ends of the range and beyond them, a denormal, overs, and what
/// is not finite.
const NASTY: [f32; 17] = [
    127.0 / 128.0,
    (127.0f32 / 128.0).next_up(),
    32_767.0 / 32_768.0,
    (32_767.0f32 / 32_768.0).next_up(),
    8_388_607.0 / 8_388_608.0,
    1.0f32.next_up(),
    -1.0f32.next_up(),
    1e-45,
    -1e-45,
    65_536.0,
    -65_536.0,
    1e30,
    -1e30,
    f32::MAX,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

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
    // Failures shrink towards what stands first.
    let drawn = prop_oneof![
        1 => select(&[-1.0f32, -0.5, -0.0, 0.0, 0.5, 1.0][..]),
        3 => (select(&[128i32, 32_768, 8_388_608][..]), any::<i32>(), any::<bool>()).prop_map(|(scale, v, half)| {
            let steps = v % scale;
            // Exact: at most 25 bits, of which the last is cut where it does not fit.
            ((f64::from(steps) + if half { 0.5 } else { 0.0 }) / f64::from(scale)) as f32
        }),
        4 => -1.0f32..=1.0,
    ];
    Toward::new(drawn, NOMINAL)
}

/// Any `f32`: nominal ones, the ends of every integer range and their neighbours, far overs, denormals, infinities
/// and NaN.
pub fn nasty_f32() -> impl Strategy<Value = f32> + Clone {
    let drawn = prop_oneof![
        1 => select(&[
            f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45, -1e-45, 1e10,
            -1e10, 1e30, -1e30, 65_535.0, 65_536.0, -65_537.0,
        ][..]),
        2 => ends(),
        4 => nominal_f32(),
        1 => any::<u32>().prop_map(f32::from_bits),
    ];
    Toward::new(drawn, [&NOMINAL[..], &NASTY[..]].concat())
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
    let known = [
        S::EQUILIBRIUM,
        S::from_f32(1.0),
        S::from_f32(-1.0),
        of_bytes(&infinity(S::FORMAT)),
        of_bytes(&[0xFF; 8]), // NaN in floats
    ];
    let drawn = prop_oneof![
        4 => select(known.to_vec()),
        1 => nasty_f32().prop_map(S::from_f32),
        6 => any::<[u8; 8]>().prop_map(|bytes| of_bytes(&bytes)),
    ];
    Toward::new(drawn, known)
}

fn of_bytes<S: Sample>(bytes: &[u8]) -> S {
    let mut one = [S::EQUILIBRIUM];
    S::read_bytes(bytes, &mut one);
    let [one] = one;
    one
}

/// Infinity as a type has it in memory, where it is one of floats.
fn infinity(format: SampleFormat) -> Vec<u8> {
    match format.bytes_per_sample() {
        4 => f32::INFINITY.to_ne_bytes().to_vec(),
        _ => f64::INFINITY.to_ne_bytes().to_vec(),
    }
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
