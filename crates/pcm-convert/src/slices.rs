//! Typed slices to and from `f32` and `f64`.

use crate::bytes;
use crate::cast::{self, RawOf, Sealed};
use crate::format::SampleFormat;
use crate::policy::NEAREST;
use crate::sample::Sample;
use crate::simd::{self, Selected};

type EncodingOf<S> = <S as Sealed>::Encoding;

/// To `f32`, full scale 1.0. Converts the shorter of the two lengths and returns it; the rest of `dst` is
/// left alone. Each sample as [`Sample::to_f32`].
///
/// ```
/// let mut floats = [0.0; 3];
/// assert_eq!(pcm_convert::to_f32(&[-32_768_i16, 0, 16_384], &mut floats), 3);
/// assert_eq!(floats, [-1.0, 0.0, 0.5]);
/// ```
pub fn to_f32<S: Sample>(src: &[S], dst: &mut [f32]) -> usize {
    simd::decode::<EncodingOf<S>>(Selected::detect(), cast::as_raw(src), dst);
    src.len().min(dst.len())
}

/// From `f32`, full scale 1.0: to nearest, ties to even, clipped, NaN to 0. Converts the shorter of the two
/// lengths and returns it. Each sample as [`Sample::from_f32`]; for dither, other rounding and counts of
/// what was clipped see [`Quantizer`](crate::Quantizer).
///
/// ```
/// let mut samples = [0_i16; 3];
/// assert_eq!(pcm_convert::from_f32(&[0.5, 1.5, f32::NAN], &mut samples), 3);
/// assert_eq!(samples, [16_384, 32_767, 0]);
/// ```
pub fn from_f32<S: Sample>(src: &[f32], dst: &mut [S]) -> usize {
    let n = src.len().min(dst.len());
    simd::encode::<EncodingOf<S>, NEAREST>(Selected::detect(), src, cast::as_raw_mut(dst));
    n
}

/// To `f64`, full scale 1.0: exact for everything but `i64`, which rounds to 53 bits. Converts the shorter
/// of the two lengths and returns it.
pub fn to_f64<S: Sample>(src: &[S], dst: &mut [f64]) -> usize {
    simd::decode_f64::<EncodingOf<S>>(Selected::detect(), cast::as_raw(src), dst);
    src.len().min(dst.len())
}

/// From `f64`, as [`from_f32`] does from `f32`. Converts the shorter of the two lengths and returns it.
pub fn from_f64<S: Sample>(src: &[f64], dst: &mut [S]) -> usize {
    let n = src.len().min(dst.len());
    let raw: &mut [RawOf<S>] = cast::as_raw_mut(dst);
    simd::encode_f64::<EncodingOf<S>, NEAREST>(Selected::detect(), src, raw);
    n
}

macro_rules! named {
    ($($type:ty, $to:ident, $from:ident, $to_range:literal, $from_range:literal;)*) => {$(
        #[doc = concat!("[`to_f32`] for `", stringify!($type), "`: ", $to_range)]
        pub fn $to(src: &[$type], dst: &mut [f32]) -> usize {
            to_f32(src, dst)
        }

        #[doc = concat!("[`from_f32`] for `", stringify!($type), "`: ", $from_range)]
        pub fn $from(src: &[f32], dst: &mut [$type]) -> usize {
            from_f32(src, dst)
        }
    )*};
}

named! {
    u8, u8_to_f32, f32_to_u8, "0 -> -1.0, 128 -> 0.0, 255 -> 0.9921875.",
        "-1.0 and below -> 0, 0.0 and NaN -> 128, 0.9921875 and above -> 255.";
    i8, i8_to_f32, f32_to_i8, "-128 -> -1.0, 127 -> 0.9921875.",
        "-1.0 and below -> -128, NaN -> 0, 0.9921875 and above -> 127.";
    u16, u16_to_f32, f32_to_u16, "0 -> -1.0, 32768 -> 0.0, 65535 -> 0.999969482421875.",
        "-1.0 and below -> 0, 0.0 and NaN -> 32768, 0.999969482421875 and above -> 65535.";
    i16, i16_to_f32, f32_to_i16, "-32768 -> -1.0, 32767 -> 0.999969482421875.",
        "-1.0 and below -> -32768, NaN -> 0, 0.999969482421875 and above -> 32767.";
    crate::U24, u24_to_f32, f32_to_u24, "0 -> -1.0, 8388608 -> 0.0, 16777215 -> 0.99999988.",
        "-1.0 and below -> 0, 0.0 and NaN -> 8388608, 0.99999988 and above -> 16777215.";
    crate::I24, i24_to_f32, f32_to_i24, "-8388608 -> -1.0, 8388607 -> 0.99999988.",
        "-1.0 and below -> -8388608, NaN -> 0, 0.99999988 and above -> 8388607.";
    u32, u32_to_f32, f32_to_u32, "0 -> -1.0, 2147483648 -> 0.0, 4294967295 -> 1.0 (rounded).",
        "-1.0 and below -> 0, 0.0 and NaN -> 2147483648, 1.0 and above -> 4294967295.";
    i32, i32_to_f32, f32_to_i32, "-2147483648 -> -1.0, 2147483647 -> 1.0 (rounded).",
        "-1.0 and below -> -2147483648, NaN -> 0, 1.0 and above -> 2147483647.";
    i64, i64_to_f32, f32_to_i64, "-2^63 -> -1.0, 2^63 - 1 -> 1.0 (rounded).",
        "-1.0 and below -> -2^63, NaN -> 0, 1.0 and above -> 2^63 - 1.";
    f64, f64_to_f32, f32_to_f64, "to nearest; finite values stay finite, and NaN and infinities what they are.",
        "exact; NaN -> 0, infinities -> 1.0 of their sign.";
    crate::MuLaw, mulaw_to_f32, f32_to_mulaw, "0x00 -> -0.98034668, 0xFF and 0x7F -> 0.0, 0x80 -> 0.98034668.",
        "by way of 16 bits; -1.0 and below -> 0x00, NaN -> 0xFF, 1.0 and above -> 0x80.";
    crate::ALaw, alaw_to_f32, f32_to_alaw, "0x2A -> -0.984375, 0xD5 -> 0.00024414062, 0xAA -> 0.984375.",
        "by way of 16 bits; -1.0 and below -> 0x2A, NaN -> 0xD5, 1.0 and above -> 0xAA.";
}

macro_rules! named_f64 {
    ($($type:ty, $to:ident, $from:ident;)*) => {$(
        #[doc = concat!("[`to_f64`] for `", stringify!($type), "`.")]
        pub fn $to(src: &[$type], dst: &mut [f64]) -> usize {
            to_f64(src, dst)
        }

        #[doc = concat!("[`from_f64`] for `", stringify!($type), "`.")]
        pub fn $from(src: &[f64], dst: &mut [$type]) -> usize {
            from_f64(src, dst)
        }
    )*};
}

named_f64! {
    u32, u32_to_f64, f64_to_u32;
    i32, i32_to_f64, f64_to_i32;
    i64, i64_to_f64, f64_to_i64;
}

/// Makes every sample finite: NaN becomes 0.0, an infinity 1.0 of its sign; finite values, however large,
/// are untouched. Returns how many were changed. For other formats, and bytes at any alignment, see
/// [`bytes::clean_non_finite`].
pub fn clean_non_finite(samples: &mut [f32]) -> usize {
    bytes::clean_non_finite(SampleFormat::F32, cast::as_bytes_mut(samples))
}

/// Whether [`clean_non_finite`] would find nothing to change. Only reads.
///
/// ```
/// assert!(pcm_convert::all_finite(&[0.5, -1e30]));
/// assert!(!pcm_convert::all_finite(&[0.5, f32::NAN]));
/// ```
#[must_use]
#[inline]
pub fn all_finite(samples: &[f32]) -> bool {
    simd::largest(Selected::detect(), samples) < f32::INFINITY.to_bits() as i32
}
