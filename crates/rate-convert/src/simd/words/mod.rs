//! Vectors of samples. A `Word` is what a register holds. A `Line` is the sixteen samples that the kernels work side
//! by side on any machine. Each family of processors declares the files of its own words.

pub(super) mod line;
pub(super) mod partial;
pub(super) mod plain;
