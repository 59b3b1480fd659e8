//! Samples taken apart: a channel to a plane.

use core::num::NonZero;

/// Frames in a tile: four vectors of 256 bits, enough of them to hide the latency of an addition.
pub(crate) const TILE_FRAMES: usize = 32;

/// One channel of a tile.
pub(crate) type Plane = [f32; TILE_FRAMES];

/// The planes of a tile: a multiple of eight, so that squares fit, and maybe more than there are
/// channels; what is in those does not matter.
pub(crate) type Planes = [Plane];

/// Which frames, and of how many channels.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) channels: NonZero<usize>,
    pub(crate) first: usize,
    /// At most [`TILE_FRAMES`].
    pub(crate) count: usize,
}
