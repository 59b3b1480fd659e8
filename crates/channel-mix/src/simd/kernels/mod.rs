//! The inner loops, each written once, as a macro that `simd`'s other files stamp for one set of words. `$attr` is what
//! its functions are compiled with, `$inline` what its helpers are besides; `Word`, `Order` and `Mask` are looked up where
//! it is stamped.
//!
//! A trait's functions cannot be compiled for more than the target, and generic ones do not inherit what their caller may
//! use, unless they are inlined always: so the plain loops of `moves` and `tile` are compiled again. `rows`, which reads
//! and writes sample by sample, is not: it is the same on every machine.

// Not every family of processors stamps all of them.
#![allow(dead_code, unused_imports, unused_macros)]

pub(super) mod columns;
pub(crate) mod io;
pub(super) mod lanes;
pub(super) mod moves;
pub(super) mod pairs;
pub(super) mod planes;
pub(crate) mod rows;
pub(super) mod squares;
pub(super) mod tile;

// What the macros name, for the modules in which they are stamped.
pub(super) use super::strided::{Rows, RowsMut, Steps};
pub(super) use crate::layout::MAX_CHANNELS;
pub(super) use crate::plan::job::Job;
pub(super) use crate::plan::lanes::Lanes;
pub(super) use crate::plan::pairs::{MAX_PAIRS, PairGains, has_centre};
pub(super) use crate::plan::quads::{Quad, Quads};
pub(super) use columns::columns;
pub(super) use io::Io;
pub(super) use lanes::{by_frames, by_words, lanes};
pub(super) use moves::{averages, moves};
pub(super) use pairs::{eight_to_two, four, pairs, pairs_of, six_to_two};
pub(super) use planes::Plane;
pub(super) use squares::{ByWords, Plain, Transpose, eights, fours, squares};
pub(super) use tile::tile;
