//! Gaps: stretches of frames that the reader never gets.

use core::time::Duration;

use crate::span::nanoseconds;

/// A stretch of frames that the reader never gets, because the queue was full, the device was gone, or the reader was
/// late ([`Gaps::Live`](crate::Gaps::Live)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The first missing device frame, counted from the start of the capture. The count goes on through changes of the
    /// device's rate.
    pub at_frame: u64,
    /// The rate of the device whose frames are missing, in Hz.
    pub rate_hz: u32,
    /// How many device frames are missing.
    pub frames: u64,
}

impl Gap {
    /// `frames` missing from `at_frame` on, of a device at `rate_hz`: for comparing with a gap that was reported.
    #[must_use]
    pub const fn new(at_frame: u64, rate_hz: u32, frames: u64) -> Self {
        Self {
            at_frame,
            rate_hz,
            frames,
        }
    }

    /// How long the missing frames last.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(nanoseconds(self.frames, self.rate_hz))
    }
}

/// How much of a queue is kept free for what is recorded between two reads, in the unit of the arguments.
///
/// It is a quarter of the queue, at most 200 ms, at least two blocks, and never more than half of the queue. `second`
/// is a second and `block` a block of the device.
pub(super) fn headroom(queue: u64, second: u64, block: u64) -> u64 {
    let room = (queue / 4).min(second / 5).max(block.saturating_mul(2));
    room.min(queue / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_kept_free_and_no_less_than_two_blocks_and_no_more_than_half() {
        assert_eq!(headroom(1_000, 48_000, 10), 250);
        assert_eq!(headroom(100_000, 48_000, 10), 9_600, "200 ms");
        assert_eq!(headroom(1_000, 48_000, 200), 400);
        assert_eq!(headroom(1_000, 48_000, 400), 500);
        assert_eq!(headroom(1_000, 48_000, u64::MAX), 500);
        assert_eq!(headroom(1, 48_000, 0), 1);
    }
}
