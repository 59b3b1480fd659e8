//! The inner loops, each written once, as a macro that `simd`'s other files stamp for one set of words. `$attr` is what
//! its functions are compiled with; `Line` and `IntLine` are looked up where it is stamped.
//!
//! Most are plain loops over the definition of a sample: compiled again for an instruction set, they are vectorized for
//! it. Written over lines of words is what compilers do badly: integers, 24 bits packed in 3 bytes, and the dither
//! lanes. What is left behind the last whole line goes to the plain loops.

// Not every family of processors stamps all of them.
#![allow(dead_code, unused_imports, unused_macros)]

pub(super) mod counts;
pub(super) mod dither;
pub(super) mod lines;
pub(super) mod loops;
pub(super) mod planes;

// What the macros name, for the modules in which they are stamped.
pub(super) use core::num::NonZeroUsize;

pub(super) use super::{LINE, PIECE};
pub(super) use crate::arith::scale_f32;
pub(super) use crate::cast;
pub(super) use crate::encoding::{Encoding, Float, Raw, S24In32HighLe as S24High};
pub(super) use crate::noise::{self, LANES};
pub(super) use crate::policy::Rounding;
pub(super) use crate::step::Step;
pub(super) use counts::counts;
pub(super) use dither::{dither, dither_loops, dither_of};
pub(super) use lines::{fills_its_bytes, in_chunks, lines, pack24, pack24_pairs, unpack24};
pub(super) use loops::loops;
pub(super) use planes::planes;
