//! The steps of the reader: what is read next, and why a stretch ends.

use alloc::boxed::Box;

use crate::capture::marker::Change;

/// How many gaps are kept for [`Reader::poll`](crate::Reader::poll).
pub(super) const GAP_CAPACITY: usize = 64;

/// Why a stretch of the capture ends.
#[derive(Debug)]
pub(super) enum Boundary {
    /// Frames are missing, and nothing is read in their place.
    Gap,
    Device(Box<Change>),
    /// The recorder has been dropped. This is final.
    End {
        flushed: bool,
    },
}

/// What is read next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Next {
    /// At most this many device frames from the queue. May be 0.
    Queued(usize),
    /// At most this many device frames of silence.
    Silence(usize),
    /// The resampler's tail.
    Flush,
    Nothing,
}
