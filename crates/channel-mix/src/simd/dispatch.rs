//! From a chosen backend to its kernels.
#![allow(unsafe_code)]
// Where there are only plain kernels there is nothing to call.
#![allow(unused_imports, unused_macros)]

/// A function for each kernel; `$arms` are the backends beside the plain one, and the modules in which the kernels are
/// stamped for them. `unsafe` are those that are compiled for more than the target.
macro_rules! dispatch {
    ($arms:tt) => {
        use crate::simd::backend::Backend;
        #[allow(unused_imports)] // where there are no arms
        use crate::simd::dispatch::call;
        use crate::simd::kernels::{Io, Job, Lanes, PairGains, Quads};
        use crate::simd::plain;

        dispatch! { $arms duplicate [S: Copy], by, (x, y):
            (x: &[S], y: &mut [S]) -> () }
        dispatch! { $arms duplicate_in_place [S: Copy], by, (block, at, frames):
            (block: &mut [S], at: usize, frames: usize) -> () }
        dispatch! { $arms average [], by, (x, y):
            (x: &[f32], y: &mut [f32]) -> () }
        dispatch! { $arms pairs [], by, (inputs, gains, x, y):
            (inputs: usize, gains: &PairGains, x: &[f32], y: &mut [f32]) -> usize }
        dispatch! { $arms lanes [], by, (table, job, x, y):
            (table: &Lanes, job: &Job<'_>, x: &[f32], y: &mut [f32]) -> usize }
        dispatch! { $arms columns [], by, (table, job, x, y):
            (table: &Quads, job: &Job<'_>, x: &[f32], y: &mut [f32]) -> usize }
        dispatch! { $arms tile [], by, (job, io, first, end):
            (job: &Job<'_>, io: &mut impl Io, first: usize, end: usize) -> () }
    };
    ([$($safety:tt $backend:ident => $module:ident),*]
        $name:ident [$($of:tt)*], $by:ident, $args:tt: ($($params:tt)*) -> $returns:ty) => {
        // A family may stamp no kernel of its own, but name the plain one.
        #[allow(unused_unsafe)]
        #[inline(always)]
        pub(crate) fn $name<$($of)*>($by: Backend, $($params)*) -> $returns {
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
