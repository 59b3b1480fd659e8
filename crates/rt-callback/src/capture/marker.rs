//! What the recorder says about positions in the stream.

use alloc::boxed::Box;

use crate::link::queue::ByteReceiver;
use crate::plan::Plan;

/// Gaps and changes of device that may be queued; a gap that finds no room goes on until it does.
pub(super) const MARKER_CAPACITY: usize = 64;

/// What the recorder says about a position in the stream. It is published **before** the bytes
/// behind that position; the reader looks at the bytes first, then at the markers.
#[derive(Debug)]
pub(super) struct Marker {
    /// In device frames since the start of the capture.
    pub(super) at_frame: u64,
    pub(super) kind: MarkerKind,
}

#[derive(Debug)]
pub(super) enum MarkerKind {
    /// So many frames are missing here.
    Gap(u64),
    /// From here on another device is heard.
    Device(Box<Change>),
}

/// Another device: what it delivers is in a queue of its own.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) plan: Plan,
    pub(super) ring: ByteReceiver,
}
