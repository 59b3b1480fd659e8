//! The scalar definition of every format: how its bytes are read, written and scaled. The kernels are
//! loops over these functions.
// `Sample` names these types through its sealed supertrait, so they must be `pub`, though nobody can reach them.
#![allow(unreachable_pub)]

use crate::arith::{
    f64_to_f32, finite_f32, finite_f64, narrow_i32, narrow_i64, quantize, quantize_f64,
    quantize_i32, quantize_i64, quantize_i64_f64, scale_f32, scale_f64,
};
use crate::format::SampleFormat;
use crate::g711;
use crate::policy::NEAREST;

/// The bytes of one sample, `[u8; N]`.
pub trait Raw: Copy + 'static {
    /// Bytes per sample.
    const BYTES: usize;
    /// Whole samples at the front of `bytes`.
    fn samples(bytes: &[u8]) -> &[Self];
    /// Whole samples at the front of `bytes`.
    fn samples_mut(bytes: &mut [u8]) -> &mut [Self];
    /// The bytes of all samples.
    fn flat(samples: &[Self]) -> &[u8];
    /// The bytes of all samples.
    fn flat_mut(samples: &mut [Self]) -> &mut [u8];
    /// The bytes at the front of 8.
    fn widen(self) -> [u8; 8];
    /// The front of 8 bytes.
    fn narrow(bytes: [u8; 8]) -> Self;
}

impl<const N: usize> Raw for [u8; N] {
    const BYTES: usize = N;
    #[inline(always)]
    fn samples(bytes: &[u8]) -> &[Self] {
        bytes.as_chunks().0
    }
    #[inline(always)]
    fn samples_mut(bytes: &mut [u8]) -> &mut [Self] {
        bytes.as_chunks_mut().0
    }
    #[inline(always)]
    fn flat(samples: &[Self]) -> &[u8] {
        samples.as_flattened()
    }
    #[inline(always)]
    fn flat_mut(samples: &mut [Self]) -> &mut [u8] {
        samples.as_flattened_mut()
    }
    #[inline(always)]
    fn widen(self) -> [u8; 8] {
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().zip(self) {
            *to = from;
        }
        wide
    }
    #[inline(always)]
    fn narrow(bytes: [u8; 8]) -> Self {
        let mut narrow = [0; N];
        for (to, from) in narrow.iter_mut().zip(bytes) {
            *to = from;
        }
        narrow
    }
}

/// Through what two formats meet without loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An integer of at most 32 bits.
    Int,
    /// A 64-bit integer.
    Long,
    /// `f32`.
    Float,
    /// `f64`.
    Double,
}

/// One format. `R` is a [`Rounding`](crate::Rounding) as its discriminant.
pub trait Encoding: 'static {
    /// Its bytes.
    type Raw: Raw;
    /// Its name.
    const FORMAT: SampleFormat;
    /// What it holds.
    const KIND: Kind;
    /// Resolution of an integer format, 0 for floats.
    const BITS: u32;

    /// To full scale 1.0; correctly rounded where `f32` is too small.
    fn to_f32(raw: Self::Raw) -> f32;
    /// From full scale 1.0: rounded and clipped, NaN to 0. To a float: only made finite.
    fn from_f32<const R: u8>(x: f32) -> Self::Raw;
    /// To full scale 1.0.
    fn to_f64(raw: Self::Raw) -> f64;
    /// As `from_f32`.
    fn from_f64<const R: u8>(x: f64) -> Self::Raw;
    /// To full scale 2^31, ties to even where the format has more.
    fn to_i32(raw: Self::Raw) -> i32;
    /// From full scale 2^31, ties to even, clipped.
    fn from_i32(v: i32) -> Self::Raw;
    /// To full scale 2^63.
    fn to_i64(raw: Self::Raw) -> i64;
    /// From full scale 2^63, ties to even, clipped.
    fn from_i64(v: i64) -> Self::Raw;
}

/// A format that can hold what is not finite.
pub trait Float: Encoding {
    /// As wide as a sample.
    type Bits: Copy + Ord + From<u8>;
    /// The bits of the exponent that are not set: none in NaN and in infinities, and in nothing else. Where they are
    /// stored, so that no byte need be moved.
    fn unset(raw: Self::Raw) -> Self::Bits;
    /// NaN to 0, an infinity to 1.0 of its sign; finite values pass.
    fn finite(raw: Self::Raw) -> Self::Raw;
}

/// Integers of at most 24 bits, and G.711: `$get` and `$put` go between the bytes and the signed value.
macro_rules! narrow {
    ($($name:ident, $bytes:literal, $bits:literal, $get:expr, $put:expr, $float:expr;)*) => {$(
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Encoding for $name {
            type Raw = [u8; $bytes];
            const FORMAT: SampleFormat = SampleFormat::$name;
            const KIND: Kind = Kind::Int;
            const BITS: u32 = $bits;
            #[inline(always)]
            fn to_f32(raw: Self::Raw) -> f32 {
                let float: fn(Self::Raw) -> f32 = $float;
                float(raw)
            }
            #[inline(always)]
            fn from_f32<const R: u8>(x: f32) -> Self::Raw {
                let put: fn(i32) -> Self::Raw = $put;
                put(quantize::<$bits, R>(x))
            }
            #[inline(always)]
            fn to_f64(raw: Self::Raw) -> f64 {
                f64::from(Self::to_f32(raw))
            }
            #[inline(always)]
            fn from_f64<const R: u8>(x: f64) -> Self::Raw {
                let put: fn(i32) -> Self::Raw = $put;
                put(quantize_f64::<$bits, R>(x))
            }
            #[inline(always)]
            fn to_i32(raw: Self::Raw) -> i32 {
                let get: fn(Self::Raw) -> i32 = $get;
                get(raw) << (32 - $bits)
            }
            #[inline(always)]
            fn from_i32(v: i32) -> Self::Raw {
                let put: fn(i32) -> Self::Raw = $put;
                put(narrow_i32::<$bits>(v))
            }
            #[inline(always)]
            fn to_i64(raw: Self::Raw) -> i64 {
                i64::from(Self::to_i32(raw)) << 32
            }
            #[inline(always)]
            fn from_i64(v: i64) -> Self::Raw {
                let put: fn(i32) -> Self::Raw = $put;
                put(narrow_i64::<$bits>(v) as i32)
            }
        }
    )*};
}

/// The value of a `bits` wide integer as `f32`: exact up to 24 bits.
#[inline(always)]
fn unit<const BITS: u32>(v: i32) -> f32 {
    v as f32 * (1.0 / scale_f32(BITS))
}

#[inline(always)]
fn get24(low: u8, middle: u8, high: u8) -> i32 {
    i32::from_le_bytes([0, low, middle, high]) >> 8
}

const U24_OFFSET: i32 = 1 << 23;

narrow! {
    U8, 1, 8, |[b]| i32::from(b) - 128, |v| [(v + 128) as u8], |[b]| unit::<8>(i32::from(b) - 128);
    S8, 1, 8, |[b]| i32::from(b as i8), |v| [v as u8], |[b]| unit::<8>(i32::from(b as i8));
    U16Le, 2, 16, |r| i32::from(u16::from_le_bytes(r)) - 32_768, |v| ((v + 32_768) as u16).to_le_bytes(),
        |r| unit::<16>(i32::from(u16::from_le_bytes(r)) - 32_768);
    U16Be, 2, 16, |r| i32::from(u16::from_be_bytes(r)) - 32_768, |v| ((v + 32_768) as u16).to_be_bytes(),
        |r| unit::<16>(i32::from(u16::from_be_bytes(r)) - 32_768);
    S16Le, 2, 16, |r| i32::from(i16::from_le_bytes(r)), |v| (v as i16).to_le_bytes(),
        |r| unit::<16>(i32::from(i16::from_le_bytes(r)));
    S16Be, 2, 16, |r| i32::from(i16::from_be_bytes(r)), |v| (v as i16).to_be_bytes(),
        |r| unit::<16>(i32::from(i16::from_be_bytes(r)));
    U24Le, 3, 24, |[a, b, c]| get24(a, b, c ^ 0x80), |v| { let [a, b, c, _] = (v + U24_OFFSET).to_le_bytes(); [a, b, c] },
        |[a, b, c]| unit::<24>(get24(a, b, c ^ 0x80));
    U24Be, 3, 24, |[c, b, a]| get24(a, b, c ^ 0x80), |v| { let [a, b, c, _] = (v + U24_OFFSET).to_le_bytes(); [c, b, a] },
        |[c, b, a]| unit::<24>(get24(a, b, c ^ 0x80));
    S24Le, 3, 24, |[a, b, c]| get24(a, b, c), |v| { let [a, b, c, _] = v.to_le_bytes(); [a, b, c] },
        |[a, b, c]| unit::<24>(get24(a, b, c));
    S24Be, 3, 24, |[c, b, a]| get24(a, b, c), |v| { let [a, b, c, _] = v.to_le_bytes(); [c, b, a] },
        |[c, b, a]| unit::<24>(get24(a, b, c));
    S24In32Le, 4, 24, |r| i32::from_le_bytes(r) << 8 >> 8, |v| v.to_le_bytes(),
        |r| unit::<24>(i32::from_le_bytes(r) << 8 >> 8);
    S24In32Be, 4, 24, |r| i32::from_be_bytes(r) << 8 >> 8, |v| v.to_be_bytes(),
        |r| unit::<24>(i32::from_be_bytes(r) << 8 >> 8);
    S24In32HighLe, 4, 24, |r| i32::from_le_bytes(r) >> 8, |v| (v << 8).to_le_bytes(),
        |r| unit::<24>(i32::from_le_bytes(r) >> 8);
    S24In32HighBe, 4, 24, |r| i32::from_be_bytes(r) >> 8, |v| (v << 8).to_be_bytes(),
        |r| unit::<24>(i32::from_be_bytes(r) >> 8);
    MuLaw, 1, 16, |[b]| g711::mu_law_decode(b), |v| [g711::mu_law_encode(v)], |[b]| g711::mu_law_to_f32(b);
    ALaw, 1, 16, |[b]| g711::a_law_decode(b), |v| [g711::a_law_encode(v)], |[b]| g711::a_law_to_f32(b);
}

/// 32-bit integers; `$flip` is the sign bit for unsigned ones.
macro_rules! wide {
    ($($name:ident, $from:ident, $to:ident, $flip:expr;)*) => {$(
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Encoding for $name {
            type Raw = [u8; 4];
            const FORMAT: SampleFormat = SampleFormat::$name;
            const KIND: Kind = Kind::Int;
            const BITS: u32 = 32;
            #[inline(always)]
            fn to_f32(raw: Self::Raw) -> f32 {
                Self::to_i32(raw) as f32 * (1.0 / scale_f32(32))
            }
            #[inline(always)]
            fn from_f32<const R: u8>(x: f32) -> Self::Raw {
                Self::from_i32(quantize_i32::<R>(x))
            }
            #[inline(always)]
            fn to_f64(raw: Self::Raw) -> f64 {
                f64::from(Self::to_i32(raw)) * (1.0 / scale_f64(32))
            }
            #[inline(always)]
            fn from_f64<const R: u8>(x: f64) -> Self::Raw {
                Self::from_i32(quantize_f64::<32, R>(x))
            }
            #[inline(always)]
            fn to_i32(raw: Self::Raw) -> i32 {
                i32::$from(raw) ^ $flip
            }
            #[inline(always)]
            fn from_i32(v: i32) -> Self::Raw {
                (v ^ $flip).$to()
            }
            #[inline(always)]
            fn to_i64(raw: Self::Raw) -> i64 {
                i64::from(Self::to_i32(raw)) << 32
            }
            #[inline(always)]
            fn from_i64(v: i64) -> Self::Raw {
                Self::from_i32(narrow_i64::<32>(v) as i32)
            }
        }
    )*};
}

wide! {
    S32Le, from_le_bytes, to_le_bytes, 0;
    S32Be, from_be_bytes, to_be_bytes, 0;
    U32Le, from_le_bytes, to_le_bytes, i32::MIN;
    U32Be, from_be_bytes, to_be_bytes, i32::MIN;
}

macro_rules! long {
    ($($name:ident, $from:ident, $to:ident;)*) => {$(
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Encoding for $name {
            type Raw = [u8; 8];
            const FORMAT: SampleFormat = SampleFormat::$name;
            const KIND: Kind = Kind::Long;
            const BITS: u32 = 64;
            #[inline(always)]
            fn to_f32(raw: Self::Raw) -> f32 {
                i64::$from(raw) as f32 * (1.0 / scale_f32(64))
            }
            #[inline(always)]
            fn from_f32<const R: u8>(x: f32) -> Self::Raw {
                quantize_i64::<R>(x).$to()
            }
            #[inline(always)]
            fn to_f64(raw: Self::Raw) -> f64 {
                i64::$from(raw) as f64 * (1.0 / scale_f64(64))
            }
            #[inline(always)]
            fn from_f64<const R: u8>(x: f64) -> Self::Raw {
                quantize_i64_f64::<R>(x).$to()
            }
            #[inline(always)]
            fn to_i32(raw: Self::Raw) -> i32 {
                narrow_i64::<32>(i64::$from(raw)) as i32
            }
            #[inline(always)]
            fn from_i32(v: i32) -> Self::Raw {
                (i64::from(v) << 32).$to()
            }
            #[inline(always)]
            fn to_i64(raw: Self::Raw) -> i64 {
                i64::$from(raw)
            }
            #[inline(always)]
            fn from_i64(v: i64) -> Self::Raw {
                v.$to()
            }
        }
    )*};
}

long! {
    S64Le, from_le_bytes, to_le_bytes;
    S64Be, from_be_bytes, to_be_bytes;
}

macro_rules! float {
    ($($name:ident, $float:ty, $bits:ty, $bytes:literal, $kind:ident, $from:ident, $to:ident, $finite:ident,
       $to_f32:expr, $from_f32:expr, $to_f64:expr, $from_f64:expr;)*) => {$(
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Encoding for $name {
            type Raw = [u8; $bytes];
            const FORMAT: SampleFormat = SampleFormat::$name;
            const KIND: Kind = Kind::$kind;
            const BITS: u32 = 0;
            #[inline(always)]
            fn to_f32(raw: Self::Raw) -> f32 {
                let to: fn($float) -> f32 = $to_f32;
                to(<$float>::$from(raw))
            }
            #[inline(always)]
            fn from_f32<const R: u8>(x: f32) -> Self::Raw {
                let from: fn(f32) -> $float = $from_f32;
                from(x).$to()
            }
            #[inline(always)]
            fn to_f64(raw: Self::Raw) -> f64 {
                let to: fn($float) -> f64 = $to_f64;
                to(<$float>::$from(raw))
            }
            #[inline(always)]
            fn from_f64<const R: u8>(x: f64) -> Self::Raw {
                let from: fn(f64) -> $float = $from_f64;
                from(x).$to()
            }
            #[inline(always)]
            fn to_i32(raw: Self::Raw) -> i32 {
                quantize_f64::<32, NEAREST>(Self::to_f64(raw))
            }
            #[inline(always)]
            fn from_i32(v: i32) -> Self::Raw {
                Self::from_f64::<NEAREST>(f64::from(v) * (1.0 / scale_f64(32)))
            }
            #[inline(always)]
            fn to_i64(raw: Self::Raw) -> i64 {
                quantize_i64_f64::<NEAREST>(Self::to_f64(raw))
            }
            #[inline(always)]
            fn from_i64(v: i64) -> Self::Raw {
                // Straight from the integer, so that it is rounded once.
                (v as $float * (1.0 / scale_f64(64) as $float)).$to()
            }
        }

        impl Float for $name {
            type Bits = $bits;
            #[inline(always)]
            fn unset(raw: Self::Raw) -> $bits {
                // Infinity is an exponent of ones, and all else zero.
                !<$bits>::from_ne_bytes(raw) & <$bits>::from_ne_bytes(<$float>::INFINITY.$to())
            }
            #[inline(always)]
            fn finite(raw: Self::Raw) -> Self::Raw {
                $finite(<$float>::$from(raw)).$to()
            }
        }
    )*};
}

float! {
    F32Le, f32, u32, 4, Float, from_le_bytes, to_le_bytes, finite_f32,
        |x| x, finite_f32, f64::from, |x| f64_to_f32(finite_f64(x));
    F32Be, f32, u32, 4, Float, from_be_bytes, to_be_bytes, finite_f32,
        |x| x, finite_f32, f64::from, |x| f64_to_f32(finite_f64(x));
    F64Le, f64, u64, 8, Double, from_le_bytes, to_le_bytes, finite_f64,
        f64_to_f32, |x| f64::from(finite_f32(x)), |x| x, finite_f64;
    F64Be, f64, u64, 8, Double, from_be_bytes, to_be_bytes, finite_f64,
        f64_to_f32, |x| f64::from(finite_f32(x)), |x| x, finite_f64;
}

/// Runs `$body` with `$E` standing for the encoding that `$format` names.
macro_rules! with_encoding {
    ($format:expr, $E:ident => $body:expr) => {{
        use $crate::encoding as e;
        use $crate::format::SampleFormat as F;
        $crate::encoding::with_encoding!(@ $format, $E, $body;
            U8 S8 U16Le U16Be S16Le S16Be U24Le U24Be S24Le S24Be S24In32Le S24In32Be S24In32HighLe
            S24In32HighBe U32Le U32Be S32Le S32Be S64Le S64Be F32Le F32Be F64Le F64Be MuLaw ALaw)
    }};
    (@ $format:expr, $E:ident, $body:expr; $($name:ident)*) => {
        match $format { $(F::$name => { type $E = e::$name; $body })* }
    };
}
pub(crate) use with_encoding;
