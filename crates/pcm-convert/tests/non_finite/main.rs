//! The README's one rule for NaN and infinities, by every way that a sample can go: what is read passes, what is
//! written is finite, a copy is a copy.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod cleaned;
#[path = "../common/mod.rs"]
mod common;
mod written;

use common::backends;
use pcm_convert::{
    Converter, Dither, I24, MuLaw, Quantizer, Rounding, Sample, SampleFormat, bytes,
    clean_non_finite, convert, convert_in_place, deinterleave, from_f32, from_f64, interleave,
    to_f32, to_f64,
};
use proptest::prelude::*;

const FLOATS: [SampleFormat; 4] = [
    SampleFormat::F32Le,
    SampleFormat::F32Be,
    SampleFormat::F64Le,
    SampleFormat::F64Be,
];

const ROUNDINGS: [Rounding; 2] = [Rounding::NearestEven, Rounding::TowardZero];

/// NaN quiet, signalling, negative and with a payload; infinities; zeros; subnormals; the ends; ordinary ones.
const F32_BITS: [u32; 16] = [
    0x7FC0_0000,
    0x7F80_0001,
    0xFFC0_0000,
    0x7FC0_1234,
    0x7F80_0000,
    0xFF80_0000,
    0x0000_0000,
    0x8000_0000,
    0x0000_0001,
    0x807F_FFFF,
    0x7F7F_FFFF,
    0xFF7F_FFFF,
    0x3F80_0000,
    0xBFC0_0000,
    0x3E80_0000,
    0xC780_0000,
];

/// The same kinds, and what `f32` cannot hold: beyond its range, below its subnormals, between two of its values.
const F64_BITS: [u64; 18] = [
    0x7FF8_0000_0000_0000,
    0x7FF0_0000_0000_0001,
    0xFFF8_0000_0000_0000,
    0x7FF8_0000_1234_0000,
    0x7FF0_0000_0000_0000,
    0xFFF0_0000_0000_0000,
    0x0000_0000_0000_0000,
    0x8000_0000_0000_0000,
    0x0000_0000_0000_0001,
    0x8010_0000_0000_0000,
    0x36A0_0000_0000_0000,
    0x7FEF_FFFF_FFFF_FFFF,
    0xFFEF_FFFF_FFFF_FFFF,
    0x47F0_0000_0000_0000,
    0x47EF_FFFF_F000_0000,
    0x3FF0_0000_0000_0000,
    0xBFF8_0000_0000_0001,
    0x3FD0_0000_0000_0000,
];

/// Enough of them for whole vectors and a rest of each, at every place of a vector.
fn f32s() -> Vec<f32> {
    let all = F32_BITS.map(f32::from_bits);
    (0..131).map(|i| all[i * 7 % all.len()]).collect()
}

fn f64s() -> Vec<f64> {
    let all = F64_BITS.map(f64::from_bits);
    (0..131).map(|i| all[i * 5 % all.len()]).collect()
}

/// The bytes of these values (of [`f64s`] for the f64 formats) as they are, written here by hand.
fn stored(format: SampleFormat) -> Vec<u8> {
    match format {
        SampleFormat::F32Le => f32s().iter().flat_map(|x| x.to_le_bytes()).collect(),
        SampleFormat::F32Be => f32s().iter().flat_map(|x| x.to_be_bytes()).collect(),
        SampleFormat::F64Le => f64s().iter().flat_map(|x| x.to_le_bytes()).collect(),
        _ => f64s().iter().flat_map(|x| x.to_be_bytes()).collect(),
    }
}

/// What is stored, as bits of `f64`. An `f32` is exact; only which NaN it is gets lost.
fn values(format: SampleFormat, raw: &[u8]) -> Vec<u64> {
    let f32s = |from: fn([u8; 4]) -> f32| -> Vec<u64> {
        let raw = raw.as_chunks().0.iter();
        raw.map(|b| f64::from(from(*b)).to_bits()).collect()
    };
    let f64s = |from: fn([u8; 8]) -> u64| raw.as_chunks().0.iter().map(|b| from(*b)).collect();
    match format {
        SampleFormat::F32Le => f32s(f32::from_le_bytes),
        SampleFormat::F32Be => f32s(f32::from_be_bytes),
        SampleFormat::F64Le => f64s(u64::from_le_bytes),
        _ => f64s(u64::from_be_bytes),
    }
}

/// A read `f32`: finite values stay finite, all others stay what they are.
fn read(x: f64) -> f32 {
    if x.is_finite() {
        (x as f32).clamp(f32::MIN, f32::MAX)
    } else {
        x as f32
    }
}

/// A written value.
fn written(x: f64) -> f64 {
    if x.is_nan() {
        0.0
    } else if x.is_infinite() {
        x.signum()
    } else {
        x
    }
}

/// Equal bits; of a NaN that changed its width only that it is one.
fn same(got: &[f32], want: &[f32], width_changed: bool) -> bool {
    got.len() == want.len()
        && got
            .iter()
            .zip(want)
            .all(|(a, b)| a.to_bits() == b.to_bits() || (width_changed && a.is_nan() && b.is_nan()))
}

fn planes_of<T: Copy>(x: &[T], channels: usize) -> Vec<Vec<T>> {
    let frames = x.len() / channels;
    (0..channels)
        .map(|c| (0..frames).map(|f| x[f * channels + c]).collect())
        .collect()
}

#[test]
fn what_is_read_passes_by_every_way() {
    for format in FLOATS {
        let raw = stored(format);
        let wide = format.bytes_per_sample() == 8;
        let want: Vec<f32> = if wide {
            f64s().into_iter().map(read).collect()
        } else {
            f32s()
        };
        let mut x = vec![7.0; want.len()];
        bytes::decode(format, &raw, &mut x);
        assert!(same(&x, &want, wide), "{format} decode");
        for channels in 1..=8 {
            let mut planes = vec![vec![7.0; want.len() / channels]; channels];
            bytes::decode_planar(format, &raw, &mut planes);
            for (got, want) in planes.iter().zip(planes_of(&want, channels)) {
                assert!(
                    same(got, &want, wide),
                    "{format} decode_planar of {channels}"
                );
            }
        }
        let mut x = vec![7.0; want.len()];
        bytes::decode_f64(format, &raw, &mut x);
        for (got, want) in x.iter().zip(values(format, &raw)) {
            let want = f64::from_bits(want);
            assert!(
                got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan() && !wide),
                "{format} decode_f64: {got:e} for {want:e}"
            );
        }
    }

    let (narrow, wide) = (f32s(), f64s());
    let mut x = vec![7.0; narrow.len()];
    to_f32(&narrow, &mut x);
    assert!(same(&x, &narrow, false));
    let one_by_one: Vec<f32> = narrow.iter().map(|x| x.to_f32()).collect();
    assert!(same(&one_by_one, &narrow, false));
    let want: Vec<f32> = wide.iter().copied().map(read).collect();
    to_f32(&wide, &mut x);
    assert!(same(&x, &want, true));
    let one_by_one: Vec<f32> = wide.iter().map(|x| x.to_f32()).collect();
    assert!(same(&one_by_one, &want, true));
    let mut x = vec![7.0; wide.len()];
    to_f64(&wide, &mut x);
    assert!(x.iter().zip(&wide).all(|(a, b)| a.to_bits() == b.to_bits()));
    to_f64(&narrow, &mut x);
    for (got, want) in x.iter().zip(&narrow) {
        assert!(*got == f64::from(*want) || (got.is_nan() && want.is_nan()));
        assert!(got.is_sign_negative() == want.is_sign_negative() || got.is_nan());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes are. (Rust does not say which NaN an f64 becomes as an f32; what is stored as f32 keeps its
    /// bits.)
    #[test]
    fn planes_are_the_interleaved_samples_to_the_bit(
        format in proptest::sample::select(SampleFormat::ALL), channels in 1usize..=8, offset in 0usize..8,
        raw in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0x7F), 1 => Just(0xFF)], 0..700),
    ) {
        let raw = &raw[offset.min(raw.len())..];
        let frames = raw.len() / format.bytes_per_sample() / channels;
        let mut x = vec![7.0; frames * channels];
        prop_assert_eq!(bytes::decode(format, raw, &mut x), x.len());
        let mut planes = vec![vec![7.0; frames]; channels];
        prop_assert_eq!(bytes::decode_planar(format, raw, &mut planes), frames);
        let wide = format.bytes_per_sample() == 8;
        for (got, want) in planes.iter().zip(planes_of(&x, channels)) {
            prop_assert!(same(got, &want, wide));
        }
    }

    #[test]
    fn any_bytes_are_cleaned_to_the_bit(
        format in proptest::sample::select(&FLOATS[..]), offset in 0usize..8,
        raw in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0x7F), 1 => Just(0xFF)], 8..9000),
    ) {
        let mut got = raw.clone();
        let (want, changed) = cleaned(format, &raw[offset..]);
        prop_assert_eq!(bytes::clean_non_finite(format, &mut got[offset..]), changed);
        prop_assert_eq!(&got[..offset], &raw[..offset]);
        prop_assert!(got[offset..] == want);
    }

    #[test]
    fn planes_become_the_interleaved_bytes_to_the_bit(
        format in proptest::sample::select(SampleFormat::ALL), toward_zero: bool, channels in 1usize..=8,
        offset in 0usize..8,
        x in proptest::collection::vec(prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            proptest::sample::select(&F32_BITS[..]).prop_map(f32::from_bits),
            -1.1f32..1.1,
        ], 0..150),
    ) {
        let rounding = ROUNDINGS[usize::from(toward_zero)];
        let x = &x[..x.len() / channels * channels];
        let size = x.len() * format.bytes_per_sample();
        let (mut got, mut want) = (vec![0xEE; offset + size], vec![0xEE; offset + size]);
        prop_assert_eq!(bytes::encode(format, rounding, x, &mut want[offset..]), x.len());
        let frames = bytes::encode_planar(format, rounding, &planes_of(x, channels), &mut got[offset..]);
        prop_assert_eq!(frames * channels, x.len());
        prop_assert_eq!(got, want);
    }
}
