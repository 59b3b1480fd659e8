//! Samples in byte slices of any alignment, in a format known only at run time.
//!
//! Only whole samples are converted: the bytes of a sample cut short at the end of a slice are ignored.

use crate::Rounding;
use crate::backend::{self, Selected};
use crate::encoding::{Encoding, Raw, with_encoding};
use crate::format::SampleFormat;

/// To `f32`, full scale 1.0, each sample as [`Sample::to_f32`](crate::Sample::to_f32). Floats pass as they
/// are, NaN and infinities included (see [`clean_non_finite`](crate::clean_non_finite)). Returns how many
/// samples were converted: what both slices have room for.
pub fn decode(format: SampleFormat, src: &[u8], dst: &mut [f32]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let src = <E as Encoding>::Raw::samples(src);
        backend::decode::<E>(selected, src, dst);
        src.len().min(dst.len())
    })
}

/// From `f32`: rounded as asked, clipped to the range of an integer format, NaN to 0; to a float format
/// only made finite. Returns how many samples were converted.
pub fn encode(format: SampleFormat, rounding: Rounding, src: &[f32], dst: &mut [u8]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let dst = <E as Encoding>::Raw::samples_mut(dst);
        match rounding {
            Rounding::NearestEven => backend::encode::<E, false>(selected, src, dst),
            Rounding::TowardZero => backend::encode::<E, true>(selected, src, dst),
        }
        src.len().min(dst.len())
    })
}

/// To `f64`, as [`decode`]; exact for every format but s64, which rounds to 53 bits.
pub fn decode_f64(format: SampleFormat, src: &[u8], dst: &mut [f64]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let src = <E as Encoding>::Raw::samples(src);
        backend::decode_f64::<E>(selected, src, dst);
        src.len().min(dst.len())
    })
}

/// From `f64`, as [`encode`].
pub fn encode_f64(format: SampleFormat, rounding: Rounding, src: &[f64], dst: &mut [u8]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let dst = <E as Encoding>::Raw::samples_mut(dst);
        match rounding {
            Rounding::NearestEven => backend::encode_f64::<E, false>(selected, src, dst),
            Rounding::TowardZero => backend::encode_f64::<E, true>(selected, src, dst),
        }
        src.len().min(dst.len())
    })
}
