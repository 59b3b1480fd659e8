//! The original's float -> int16 step, and the faults that other projects shipped in theirs.

use pcm_convert::{Dither, Quantizer, Rounding, SampleFormat, bytes, f32_to_i16, i16_to_f32};

#[derive(serde::Deserialize)]
struct Vectors {
    f32_bits: Vec<u32>,
    toward_zero: Vec<i16>,
    nearest_even: Vec<i16>,
}

fn vectors() -> (Vec<f32>, Vectors) {
    let v: Vectors = serde_json::from_str(include_str!("vectors/f32_to_i16.json")).unwrap();
    (v.f32_bits.iter().map(|b| f32::from_bits(*b)).collect(), v)
}

#[test]
fn every_vector_of_the_reference_under_both_roundings() {
    let (x, v) = vectors();
    assert!(x.len() > 2_000);
    for (rounding, expected) in [
        (Rounding::TowardZero, &v.toward_zero),
        (Rounding::NearestEven, &v.nearest_even),
    ] {
        let mut out = vec![0i16; x.len()];
        let done = Quantizer::new(1, rounding, Dither::None, 0).quantize(&x, &mut out);
        assert_eq!(done.samples, x.len());
        assert_eq!(&out, expected, "{rounding}");

        let mut raw = vec![0u8; x.len() * 2];
        assert_eq!(
            bytes::encode(SampleFormat::S16Be, rounding, &x, &mut raw),
            x.len()
        );
        let swapped: Vec<i16> = raw
            .as_chunks()
            .0
            .iter()
            .map(|b| i16::from_be_bytes(*b))
            .collect();
        assert_eq!(&swapped, expected, "{rounding}");
    }
    let mut out = vec![0i16; x.len()];
    f32_to_i16(&x, &mut out);
    assert_eq!(out, v.nearest_even);
}

/// mltframework/mlt#1286: 32767 one way and 32768 the other changed 65,535 of 65,536 values.
#[test]
fn round_trip_changes_no_value_under_either_rounding() {
    let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let mut float = vec![0.0; all.len()];
    assert_eq!(i16_to_f32(&all, &mut float), 65_536);
    assert!(
        float
            .iter()
            .zip(&all)
            .all(|(f, i)| *f == f32::from(*i) / 32_768.0)
    );
    for rounding in [Rounding::TowardZero, Rounding::NearestEven] {
        let mut back = vec![0i16; all.len()];
        Quantizer::new(2, rounding, Dither::None, 0).quantize(&float, &mut back);
        assert_eq!(back, all);
    }
}
