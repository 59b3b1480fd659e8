//! Markers: what the recorder declares about positions in the capture.

use alloc::boxed::Box;

use crate::link::queue::ByteReceiver;
use crate::link::since::Since;
use crate::plan::Plan;

/// How many gaps and changes of device may be queued. A gap that finds no room goes on until it does.
pub(super) const MARKER_CAPACITY: usize = 64;

/// A declaration about a position in the capture. The recorder publishes it **before** the bytes behind that position.
/// The reader looks at the bytes first, then at the markers.
#[derive(Debug)]
pub(super) struct Marker {
    /// The position, in device frames since the start of the capture.
    pub(super) at_frame: u64,
    pub(super) kind: MarkerKind,
}

#[derive(Debug)]
pub(super) enum MarkerKind {
    /// This many frames are missing here.
    Gap(u64),
    /// From here on the frames come from another device.
    Device(Box<Change>),
}

/// A change of device. The new device's frames are in a queue of their own.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) plan: Plan,
    pub(super) ring: ByteReceiver,
    pub(super) since: Since,
}
