//! From a chosen backend to its kernels.
#![allow(unsafe_code)]
// Where there are only plain loops there is nothing to call.
#![allow(unused_imports, unused_macros)]

/// A function for each kernel; `$arms` are the backends beside the plain one, and the modules in which the kernels are
/// stamped for them. `unsafe` are those that are compiled for more than the target.
macro_rules! dispatch {
    ($arms:tt) => {
        use core::num::NonZeroUsize;

        use crate::encoding::{Encoding, Float};
        use crate::noise::LANES;
        use crate::policy::Rounding;
        #[allow(unused_imports)] // where there are no arms
        use crate::simd::dispatch::call;
        use crate::simd::{Backend, Selected, plain};
        use crate::step::Step;

        dispatch! { $arms decode, by, [F], (src, dst):
            [F: Encoding] (src: &[F::Raw], dst: &mut [f32]) }
        dispatch! { $arms encode, by, [F, R], (src, dst):
            [F: Encoding, const R: u8] (src: &[f32], dst: &mut [F::Raw]) }
        dispatch! { $arms encode_largest, by, [F, R], (src, dst):
            [F: Encoding, const R: u8] (src: &[f32], dst: &mut [F::Raw]) -> i32 }
        dispatch! { $arms decode_f64, by, [F], (src, dst):
            [F: Encoding] (src: &[F::Raw], dst: &mut [f64]) }
        dispatch! { $arms encode_f64, by, [F, R], (src, dst):
            [F: Encoding, const R: u8] (src: &[f64], dst: &mut [F::Raw]) }
        dispatch! { $arms convert, by, [A, B], (src, dst):
            [A: Encoding, B: Encoding] (src: &[A::Raw], dst: &mut [B::Raw]) }
        dispatch! { $arms take_channel, by, [S], (src, channels, channel, plane):
            [S: Step] (src: &[S::From], channels: NonZeroUsize, channel: usize, plane: &mut [S::To]) }
        dispatch! { $arms put_channel, by, [S], (plane, channels, channel, dst):
            [S: Step] (plane: &[S::From], channels: NonZeroUsize, channel: usize, dst: &mut [S::To]) }
        dispatch! { $arms take_stereo, by, [S], (src, left, right):
            [S: Step] (src: &[S::From], left: &mut [S::To], right: &mut [S::To]) }
        dispatch! { $arms put_stereo, by, [S], (left, right, dst):
            [S: Step] (left: &[S::From], right: &[S::From], dst: &mut [S::To]) }
        dispatch! { $arms count, by, [], (src, above):
            [] (src: &[f32], above: f32) -> (u32, u32) }
        dispatch! { $arms largest, by, [], (src):
            [] (src: &[f32]) -> i32 }
        dispatch! { $arms clean, by, [F], (samples):
            [F: Float] (samples: &mut [F::Raw]) -> u32 }
        dispatch! { $arms noise, by, [], (words, src, lsb, dst, triangular):
            [] (words: &mut [u32; LANES], src: &[[f32; LANES]], lsb: f32, dst: &mut [[f32; LANES]], triangular: bool) }
        dispatch! { $arms add_noise, by, [], (src, noise, lsb, dst, round):
            [] (src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32], round: Option<Rounding>) }
    };
    ([$($safety:tt $backend:ident => $module:ident),*] $name:ident, $by:ident, $generics:tt, $args:tt:
        [$($declared:tt)*] ($($params:tt)*) $(-> $out:ty)?) => {
        #[inline]
        pub(crate) fn $name<$($declared)*>($by: Selected, $($params)*) $(-> $out)? {
            match $by.get() {
                $(Backend::$backend => call!($safety ($module::$name) $generics $args),)*
                _ => call!(safe (plain::$name) $generics $args),
            }
        }
    };
}
pub(in crate::simd) use dispatch;

macro_rules! call {
    (unsafe ($($kernel:tt)*) [$($generics:tt)*] ($($args:tt)*)) => {
        // SAFETY: a `Selected` exists only for a backend whose instructions this CPU was found to have.
        unsafe { $($kernel)*::<$($generics)*>($($args)*) }
    };
    (safe ($($kernel:tt)*) [$($generics:tt)*] ($($args:tt)*)) => {
        $($kernel)*::<$($generics)*>($($args)*)
    };
}
pub(in crate::simd) use call;
