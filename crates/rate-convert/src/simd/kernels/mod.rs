//! The inner loops. Each is written once, as a macro that the file of a family of processors stamps for one set of
//! words. `$attr` is what its functions are compiled with, and `$inline` what its helpers have besides. `Word`,
//! `Line` and `Ints` are looked up where the macro is stamped.
//!
//! They are macros because nothing else takes an instruction set along. A trait's functions cannot be compiled for
//! more than the target, and a generic function does not inherit what its caller may use. A closure does, but it
//! stays a call in the generic function that it is given to, with every vector spilled around it: hence options are
//! matched here, not mapped.
//!
//! Every output adds up its taps from both ends of the filter towards its centre, in two accumulators, with one
//! multiply-add a tap. The small products come first, so that little is rounded away. The lanes of a vector are
//! different outputs, so that its width changes no bit. Only in `interpolated`, where neighbouring outputs share no
//! coefficients, do the lanes run along the taps. There each of the two accumulators is sixteen lanes wide on every
//! machine, and is folded at the end in a fixed order. (Lanes across outputs would need each row of coefficients
//! transposed first, at more than twice the cost.)

// No family of processors stamps all of them.
#![allow(dead_code, unused_imports, unused_macros)]

pub(super) mod banded;
pub(super) mod frames;
pub(super) mod half_band;
pub(super) mod interpolated;
pub(super) mod linear;
pub(super) mod moves;
pub(super) mod pair;
pub(super) mod place;

// What the macros name, for the modules in which they are stamped.
pub(super) use super::phases::{self, Phases, Position, Run, part_of};
pub(super) use super::walk::{Cycle, Mirrored, Near, NearMut, Reach, Walk};
pub(super) use super::{BANK, Bank, Cubics, LANES, Offset, Points};
pub(super) use banded::{banded, banded_halves};
pub(super) use frames::frames;
pub(super) use half_band::{half_band, half_band_lines, half_band_pairs};
pub(super) use interpolated::interpolated;
pub(super) use linear::linear;
pub(super) use moves::moves;
pub(super) use pair::pair;
pub(super) use place::{Place, Way, sample};
