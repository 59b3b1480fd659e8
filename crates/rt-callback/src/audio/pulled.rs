//! What an input gives the renderer.

/// What a pull gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// So many device frames.
    Frames(usize),
    /// Nothing, in the middle of something.
    Starved,
    /// Nothing yet of what has begun, or what has come of it is held back.
    Starting,
    /// Nothing, and nothing is missed.
    Idle,
    /// Nothing: a source claims to have filled so many samples, more than it was asked for.
    Mismatch { samples: usize },
}
