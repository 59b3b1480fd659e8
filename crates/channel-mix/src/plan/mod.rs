//! The tables that a mixer computes before it mixes.

pub(crate) mod job;
pub(crate) mod lanes;
pub(crate) mod pairs;
pub(crate) mod quads;
pub(crate) mod terms;
