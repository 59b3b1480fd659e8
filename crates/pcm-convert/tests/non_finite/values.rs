//! Values of every kind, as they are stored, and what becomes of each.

use pcm_convert::{Rounding, SampleFormat};

pub(crate) const FLOATS: [SampleFormat; 4] = [
    SampleFormat::F32Le,
    SampleFormat::F32Be,
    SampleFormat::F64Le,
    SampleFormat::F64Be,
];
pub(crate) const ROUNDINGS: &[Rounding] = Rounding::ALL;

/// NaN quiet, signalling, negative and with a payload; infinities; zeros; subnormals; the ends; ordinary ones.
pub(crate) const F32_BITS: [u32; 16] = [
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
pub(crate) const F64_BITS: [u64; 18] = [
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
pub(crate) fn f32s() -> Vec<f32> {
    let all = F32_BITS.map(f32::from_bits);
    (0..131).map(|i| all[i * 7 % all.len()]).collect()
}

pub(crate) fn f64s() -> Vec<f64> {
    let all = F64_BITS.map(f64::from_bits);
    (0..131).map(|i| all[i * 5 % all.len()]).collect()
}

/// The bytes of these values (of [`f64s`] for the f64 formats) as they are, written here by hand.
pub(crate) fn stored(format: SampleFormat) -> Vec<u8> {
    match format {
        SampleFormat::F32Le => f32s().iter().flat_map(|x| x.to_le_bytes()).collect(),
        SampleFormat::F32Be => f32s().iter().flat_map(|x| x.to_be_bytes()).collect(),
        SampleFormat::F64Le => f64s().iter().flat_map(|x| x.to_le_bytes()).collect(),
        _ => f64s().iter().flat_map(|x| x.to_be_bytes()).collect(),
    }
}

/// What is stored, as bits of `f64`. An `f32` is exact; only which NaN it is gets lost.
pub(crate) fn values(format: SampleFormat, raw: &[u8]) -> Vec<u64> {
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
pub(crate) fn read(x: f64) -> f32 {
    if x.is_finite() {
        (x as f32).clamp(f32::MIN, f32::MAX)
    } else {
        x as f32
    }
}

/// A written value.
pub(crate) fn written(x: f64) -> f64 {
    if x.is_nan() {
        0.0
    } else if x.is_infinite() {
        x.signum()
    } else {
        x
    }
}

/// Equal bits; of a NaN that changed its width only that it is one.
pub(crate) fn same(got: &[f32], want: &[f32], width_changed: bool) -> bool {
    got.len() == want.len()
        && got
            .iter()
            .zip(want)
            .all(|(a, b)| a.to_bits() == b.to_bits() || (width_changed && a.is_nan() && b.is_nan()))
}

pub(crate) fn planes_of<T: Copy>(x: &[T], channels: usize) -> Vec<Vec<T>> {
    let frames = x.len() / channels;
    (0..channels)
        .map(|c| (0..frames).map(|f| x[f * channels + c]).collect())
        .collect()
}
