//! Vectors of samples. A `Word` is what a register holds, `Line` what the kernels work side by side on any machine. The
//! families of processors have the files of their own words.

pub(super) mod line;
pub(super) mod partial;
pub(super) mod plain;
