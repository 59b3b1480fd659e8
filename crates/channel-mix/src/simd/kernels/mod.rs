//! The inner loops.

pub(crate) mod io;
pub(crate) mod rows;
pub(crate) mod tile;
