//! Typed samples.

use core::fmt::Debug;

use crate::cast::{self, RawOf, Sealed};
use crate::encoding::{self, Encoding, Raw};
use crate::format::SampleFormat;
use crate::g711::{ALaw, MuLaw};
use crate::packed::{I24, U24};
use crate::policy::NEAREST;

/// A PCM sample type: `u8 i8 u16 i16 u32 i32 i64 f32 f64`, [`I24`], [`U24`], [`MuLaw`], [`ALaw`].
///
/// Full scale is 2^(bits-1) for both signs: `i16` -32768 is -1.0, 32767 is 0.999969482421875.
///
/// ```
/// use pcm_convert::Sample;
///
/// fn loudest<S: Sample>(samples: &[S]) -> f32 {
///     samples.iter().map(|sample| sample.to_f32().abs()).fold(0.0, f32::max)
/// }
/// assert_eq!(loudest(&[0_i16, -16_384]), 0.5);
/// assert_eq!(loudest(&[128_u8, 255]), 127.0 / 128.0);
/// ```
pub trait Sample: Sealed + Copy + Default + PartialEq + Debug + Send + Sync + 'static {
    /// The format of a slice of these in memory, in this machine's byte order. (`I24` and `U24` are
    /// little-endian on every machine.)
    const FORMAT: SampleFormat;
    /// Silence: 128 for `u8`, 32768 for `u16`, 0xFF for `MuLaw`, 0xD5 for `ALaw`, else 0.
    const EQUILIBRIUM: Self;

    /// To full scale 1.0. Exact up to 24 bits; wider integers and `f64` round to nearest. What is not finite passes
    /// ([the rule](crate#what-is-not-finite)), but a finite `f64` beyond the `f32` range stops at `f32::MAX`.
    fn to_f32(self) -> f32;

    /// From full scale 1.0: to nearest, ties to even, clipped to the range of the type, NaN to 0. `f32` and `f64` are
    /// not clipped, only made finite ([the rule](crate#what-is-not-finite)).
    fn from_f32(x: f32) -> Self;

    /// To full scale 1.0. Exact for everything but `i64`, which rounds to nearest. What is not finite passes.
    fn to_f64(self) -> f64;

    /// As [`from_f32`](Self::from_f32), from `f64`.
    fn from_f64(x: f64) -> Self;

    /// The samples' own memory, as bytes of [`FORMAT`](Self::FORMAT).
    #[must_use]
    fn as_bytes(samples: &[Self]) -> &[u8] {
        cast::as_bytes(samples)
    }

    /// The samples' own memory, as bytes of [`FORMAT`](Self::FORMAT).
    #[must_use]
    fn as_bytes_mut(samples: &mut [Self]) -> &mut [u8] {
        cast::as_bytes_mut(samples)
    }

    /// Copies whole samples from bytes of [`FORMAT`](Self::FORMAT), of any alignment; returns how many.
    fn read_bytes(src: &[u8], dst: &mut [Self]) -> usize {
        let raw = cast::as_raw_mut(dst);
        copy(RawOf::<Self>::samples(src), raw)
    }
}

/// Copies what fits; returns how many.
pub(crate) fn copy<T: Copy>(src: &[T], dst: &mut [T]) -> usize {
    let n = src.len().min(dst.len());
    if let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) {
        dst.copy_from_slice(src);
    }
    n
}

macro_rules! sample {
    ($($type:ty, $le:ident, $be:ident, $equilibrium:expr, |$raw:ident| $from_raw:expr, |$value:ident| $to_raw:expr $(, { $($hooks:tt)* })?;)*) => {$(
        impl Sealed for $type {
            #[cfg(target_endian = "little")]
            type Encoding = encoding::$le;
            #[cfg(target_endian = "big")]
            type Encoding = encoding::$be;
            $($($hooks)*)?
        }

        impl Sample for $type {
            const FORMAT: SampleFormat = <<Self as Sealed>::Encoding as Encoding>::FORMAT;
            const EQUILIBRIUM: Self = $equilibrium;

            #[inline]
            fn to_f32(self) -> f32 {
                let $value = self;
                <<Self as Sealed>::Encoding as Encoding>::to_f32($to_raw)
            }

            #[inline]
            fn from_f32(x: f32) -> Self {
                let $raw = <<Self as Sealed>::Encoding as Encoding>::from_f32::<NEAREST>(x);
                $from_raw
            }

            #[inline]
            fn to_f64(self) -> f64 {
                let $value = self;
                <<Self as Sealed>::Encoding as Encoding>::to_f64($to_raw)
            }

            #[inline]
            fn from_f64(x: f64) -> Self {
                let $raw = <<Self as Sealed>::Encoding as Encoding>::from_f64::<NEAREST>(x);
                $from_raw
            }
        }
    )*};
}

sample! {
    u8, U8, U8, 128, |raw| u8::from_ne_bytes(raw), |v| v.to_ne_bytes();
    i8, S8, S8, 0, |raw| i8::from_ne_bytes(raw), |v| v.to_ne_bytes();
    u16, U16Le, U16Be, 32_768, |raw| u16::from_ne_bytes(raw), |v| v.to_ne_bytes();
    i16, S16Le, S16Be, 0, |raw| i16::from_ne_bytes(raw), |v| v.to_ne_bytes();
    U24, U24Le, U24Le, U24::from_int(8_388_608), |raw| U24::from_le_bytes(raw), |v| v.to_le_bytes();
    I24, S24Le, S24Le, I24::from_int(0), |raw| I24::from_le_bytes(raw), |v| v.to_le_bytes();
    u32, U32Le, U32Be, 2_147_483_648, |raw| u32::from_ne_bytes(raw), |v| v.to_ne_bytes();
    i32, S32Le, S32Be, 0, |raw| i32::from_ne_bytes(raw), |v| v.to_ne_bytes();
    i64, S64Le, S64Be, 0, |raw| i64::from_ne_bytes(raw), |v| v.to_ne_bytes();
    f32, F32Le, F32Be, 0.0, |raw| f32::from_ne_bytes(raw), |v| v.to_ne_bytes(),
        {
            #[inline(always)]
            fn as_f32(slice: &[f32]) -> Option<&[f32]> {
                Some(slice)
            }
            #[inline(always)]
            fn as_f32_mut(slice: &mut [f32]) -> Option<&mut [f32]> {
                Some(slice)
            }
        };
    f64, F64Le, F64Be, 0.0, |raw| f64::from_ne_bytes(raw), |v| v.to_ne_bytes();
    MuLaw, MuLaw, MuLaw, MuLaw(0xFF), |raw| MuLaw(u8::from_ne_bytes(raw)), |v| [v.0];
    ALaw, ALaw, ALaw, ALaw(0xD5), |raw| ALaw(u8::from_ne_bytes(raw)), |v| [v.0];
}
