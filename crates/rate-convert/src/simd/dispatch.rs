//! From a chosen backend to its kernels.
#![allow(unsafe_code)]
// Where there are only plain words there is nothing to call.
#![allow(unused_imports, unused_macros)]

/// Defines a function for each kernel, which calls the chosen backend's. `$arms` are the backends besides the plain
/// one, each with the module in which its kernels are stamped. `unsafe` marks those that are compiled for more than
/// the target.
macro_rules! dispatch {
    ($arms:tt) => {
        #[allow(unused_imports)] // where there are no arms
        use crate::simd::dispatch::call;
        use crate::simd::{Backend, Bank, Cubics, Offset, Points, Run, plain};

        dispatch! { $arms half_band [], by, (half_row, x, out):
            (half_row: &[f32], x: &[f32], out: &mut [f32]) }
        dispatch! { $arms banded [], by, (rows, half, x, at, out):
            (rows: &[f32], half: usize, x: &[f32], at: &[usize], out: &mut Bank) }
        dispatch! { $arms banded_pair [], by, (rows, half, apart, x, at, out):
            (rows: [&[f32]; 2], half: usize, apart: usize, x: &[f32], at: &[usize], out: &mut [Bank; 2]) }
        dispatch! { $arms interpolated [const N: usize], by, (cubics, x, first, points, out):
            (cubics: &Cubics<'_>, x: [&[f32]; N], first: Offset, points: &Points, out: [&mut [f32]; N]) }
        dispatch! { $arms linear [], by, (run, out):
            (run: &Run<'_>, out: &mut [f32]) }
        dispatch! { $arms copy_clean [], by, (x, out):
            (x: &[f32], out: &mut [f32]) }
        dispatch! { $arms split_clean [], by, (x, even, odd):
            (x: &[f32], even: &mut [f32], odd: &mut [f32]) }
        dispatch! { $arms split_pairs [], by, (x, even, odd):
            (x: &[f32], even: [&mut [f32]; 2], odd: [&mut [f32]; 2]) }
        dispatch! { $arms weave [], by, (even, odd, out):
            (even: &[f32], odd: &[f32], out: &mut [f32]) }
        dispatch! { $arms weave_pairs [], by, (even, odd, out):
            (even: [&[f32]; 2], odd: [&[f32]; 2], out: &mut [f32]) }
    };
    ([$($safety:tt $backend:ident => $module:ident),*]
        $name:ident [$($of:tt)*], $by:ident, $args:tt: ($($params:tt)*)) => {
        #[inline(always)]
        pub(crate) fn $name<$($of)*>($by: Backend, $($params)*) {
            match $by {
                $(Backend::$backend => call!($safety $module::$name $args),)*
                _ => plain::$name $args,
            }
        }
    };
}
pub(in crate::simd) use dispatch;

macro_rules! call {
    (unsafe $call:expr) => {
        // SAFETY: a `Backend` other than `Scalar` is only chosen after its instructions were found.
        unsafe { $call }
    };
    (safe $call:expr) => {
        $call
    };
}
pub(in crate::simd) use call;
