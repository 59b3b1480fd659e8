//! The shapes that kernels work in, whatever the machine.

/// Samples that are worked side by side.
pub(crate) const LANES: usize = 16;
/// The most places at which one group of coefficients is used at once.
pub(crate) const BANK: usize = 4;

/// Results of a banded group, one line per place.
pub(crate) type Bank = [[f32; LANES]; BANK];

/// Outputs of an interpolated table that are worked together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Points {
    /// Where each output's window begins in the history, and the first of its four rows.
    pub(crate) places: [(usize, usize); LANES],
    /// How far it is from the second of these rows to the third, 0.0..=1.0.
    pub(crate) above: [f64; LANES],
}
