//! The inner loops, each written once, as a macro that `simd`'s other files stamp for one set of words. `$attr` is what
//! its functions are compiled with, `$inline` what its helpers are besides; `Word`, `Line` and `Ints` are looked up where
//! it is stamped.
//!
//! A trait's functions cannot be compiled for more than the target, and generic ones do not inherit what their caller may
//! use. Closures do, but such a closure stays a call within the generic function that it is given to, with every vector
//! spilled around it: options are matched here, not mapped.
//!
//! Every output accumulates its taps from both ends of the filter towards its centre, in two accumulators, one
//! multiply-add a tap; the small products come first, so that little is rounded away, and the lanes of a vector are
//! different outputs, so that its width does not matter. Only where neighbouring outputs share no coefficients
//! (`interpolated`) do the lanes run along the taps; there each of the two accumulators is sixteen lanes wide on
//! every machine, folded at the end in a fixed order. (Sums across outputs would need each row of coefficients
//! transposed first, at more than twice the cost.)

// Not every family of processors stamps all of them.
#![allow(dead_code, unused_imports, unused_macros)]

pub(super) mod banded;
pub(super) mod half_band;
pub(super) mod interpolated;
pub(super) mod linear;
pub(super) mod moves;
pub(super) mod pair;
pub(super) mod place;

// What the macros name, for the modules in which they are stamped.
pub(super) use super::phases::{self, Phases, Run, part_of};
pub(super) use super::walk::{Cycle, Near, Reach, Walk};
pub(super) use super::{BANK, Bank, LANES, Point};
pub(super) use banded::{banded, banded_halves};
pub(super) use half_band::{half_band, half_band_lines, half_band_pairs};
pub(super) use interpolated::{columns, interpolated};
pub(super) use linear::linear;
pub(super) use moves::moves;
pub(super) use pair::pair;
pub(super) use place::{Place, Way, sample};
