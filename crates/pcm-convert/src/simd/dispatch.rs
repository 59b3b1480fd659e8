//! From a chosen backend to its code.
#![allow(unsafe_code)]

#[allow(unused_imports)] // unused where `Scalar` is the only backend
use super::Backend;
#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    not(dsp_force_scalar)
))]
use super::neon;
#[cfg(all(
    target_arch = "wasm32",
    target_feature = "simd128",
    not(dsp_force_scalar)
))]
use super::simd128;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
use super::x86::{avx2, avx512, sse2};
use super::{Selected, plain};
use core::num::NonZeroUsize;

use crate::encoding::{Encoding, Float};
use crate::noise::LANES;
use crate::step::Step;

macro_rules! dispatch {
    ($($name:ident $([$($generic:tt)*] [$($arg:tt)*])? ($($param:ident: $type:ty),*) $(-> $out:ty)?;)*) => {$(
        #[inline]
        pub(crate) fn $name $(<$($generic)*>)? (selected: Selected, $($param: $type),*) $(-> $out)? {
            // SAFETY of the calls below: a `Selected` exists only for a backend whose instructions this CPU
            // was found to have.
            match selected.get() {
                #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
                // SAFETY: see above.
                Backend::Sse2 => unsafe { sse2::$name $(::<$($arg)*>)? ($($param),*) },
                #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
                // SAFETY: see above.
                Backend::Avx2 => unsafe { avx2::$name $(::<$($arg)*>)? ($($param),*) },
                #[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), not(dsp_force_scalar)))]
                // SAFETY: see above.
                Backend::Avx512 => unsafe { avx512::$name $(::<$($arg)*>)? ($($param),*) },
                #[cfg(all(target_arch = "aarch64", target_feature = "neon", not(dsp_force_scalar)))]
                // SAFETY: see above.
                Backend::Neon => unsafe { neon::$name $(::<$($arg)*>)? ($($param),*) },
                #[cfg(all(target_arch = "wasm32", target_feature = "simd128", not(dsp_force_scalar)))]
                Backend::Simd128 => simd128::$name $(::<$($arg)*>)? ($($param),*),
                _ => plain::$name $(::<$($arg)*>)? ($($param),*),
            }
        }
    )*};
}

dispatch! {
    decode [F: Encoding] [F] (src: &[F::Raw], dst: &mut [f32]);
    encode [F: Encoding, const TZ: bool] [F, TZ] (src: &[f32], dst: &mut [F::Raw]);
    decode_f64 [F: Encoding] [F] (src: &[F::Raw], dst: &mut [f64]);
    encode_f64 [F: Encoding, const TZ: bool] [F, TZ] (src: &[f64], dst: &mut [F::Raw]);
    convert [A: Encoding, B: Encoding] [A, B] (src: &[A::Raw], dst: &mut [B::Raw]);
    take_channel [S: Step] [S] (src: &[S::From], channels: NonZeroUsize, channel: usize, plane: &mut [S::To]);
    put_channel [S: Step] [S] (plane: &[S::From], channels: NonZeroUsize, channel: usize, dst: &mut [S::To]);
    take_stereo [S: Step] [S] (src: &[S::From], left: &mut [S::To], right: &mut [S::To]);
    put_stereo [S: Step] [S] (left: &[S::From], right: &[S::From], dst: &mut [S::To]);
    count(src: &[f32], above: f32) -> (u32, u32);
    largest(src: &[f32]) -> i32;
    clean [F: Float] [F] (samples: &mut [F::Raw]) -> u32;
    noise(words: &mut [u32; LANES], src: &[[f32; LANES]], lsb: f32, dst: &mut [[f32; LANES]], triangular: bool);
    add_noise(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32], round: bool);
}
