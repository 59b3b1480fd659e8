//! What is read next, and why a stretch of the stream ends.

use alloc::boxed::Box;

use crate::capture::marker::Change;

/// Gaps that wait for [`Reader::poll`](crate::Reader::poll).
pub(super) const GAP_CAPACITY: usize = 64;

/// Why a stretch of the stream comes to its end.
#[derive(Debug)]
pub(super) enum Boundary {
    /// So many frames are missing, and nothing is read in their place.
    Gap(u64),
    Device(Box<Change>),
    /// The recorder is gone. This stays.
    End {
        flushed: bool,
    },
}

/// What can be read next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Next {
    /// Of so many device frames in the queue, perhaps 0.
    Queued(usize),
    /// Of so many device frames of silence.
    Silence(usize),
    /// The resampler's tail.
    Flush,
    Nothing,
}
