//! The shapes that kernels work in, whatever the machine.

/// Samples that are worked side by side.
pub(crate) const LANES: usize = 16;
/// The most places at which one group of coefficients is used at once.
pub(crate) const BANK: usize = 4;

/// Results of a banded group, one line per place.
pub(crate) type Bank = [[f32; LANES]; BANK];

/// One output of an interpolated table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Point {
    /// Where its window begins in the history.
    pub(crate) at: usize,
    /// The first of its four rows.
    pub(crate) row: usize,
    pub(crate) weights: [f32; 4],
}
