//! The shapes that kernels work in, whatever the machine.

/// Samples that are worked side by side.
pub(crate) const LANES: usize = 16;
/// The most places at which one group of coefficients is used at once.
pub(crate) const BANK: usize = 4;

/// Results of a banded group, one line per place.
pub(crate) type Bank = [[f32; LANES]; BANK];
