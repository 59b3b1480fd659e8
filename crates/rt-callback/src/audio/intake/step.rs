//! The steps of the intake: what comes next in the stream, and why a segment ends.

/// What comes next in the stream.
pub(super) enum Next {
    /// Device frames can be made from at most this many more source frames.
    Read(usize),
    /// The resampler's tail is to be written.
    Flush,
    Starved,
    Starting,
    Idle,
}

/// Why a segment ends. A segment runs from one flush of the resampler to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    /// A marker that needs the segment's end: a declared end, or a source of another rate or layout.
    Marker,
    /// The feeder has been dropped.
    Closed,
    /// An interruption's fade is longer than the sound before its cut.
    Cut,
}
