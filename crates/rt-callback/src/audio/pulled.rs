//! The result of a pull.

/// What the renderer's input gave for a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// This many device frames.
    Frames(usize),
    /// Nothing, although a sound has not come to its end.
    Starved,
    /// Nothing yet: a sound has begun whose first frames have not come, or are held back.
    Starting,
    /// Nothing, and no frame is missing.
    Idle,
    /// Nothing, because a source claims to have filled more samples than it was asked for.
    Mismatch { samples: usize },
}
