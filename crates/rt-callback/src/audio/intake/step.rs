//! What the stream holds next, and why a segment ends.

/// What the stream holds next.
pub(super) enum Next {
    /// Device frames can be made, of at most so many more source frames.
    Read(usize),
    /// The resampler's tail.
    Flush,
    Starved,
    Starting,
    Idle,
}

/// Why a segment, which runs from one flush of the resampler to the next, comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    /// A marker that cannot be passed before: an end, or a source of another rate or layout.
    Marker,
    /// The feeder is gone.
    Closed,
    /// An interruption's fade is longer than what there is to fade.
    Cut,
}
