//! Stretches that the reader will never see.

use core::time::Duration;

use crate::span::nanoseconds;

/// Frames that the reader will never see: the queue was full, the device was gone, or the reader was too late for
/// them ([`Gaps::Live`](crate::Gaps::Live)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them, in device frames since the start of the capture, whatever rates the devices since then
    /// had.
    pub at_frame: u64,
    /// The rate of the device that delivered them, in Hz.
    pub rate_hz: u32,
    /// How many, in device frames.
    pub frames: u64,
}

impl Gap {
    /// How long they last.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(nanoseconds(self.frames, self.rate_hz))
    }
}

/// How much of a queue is kept free for what is recorded between two reads, in any unit: a quarter of it, but no
/// more than 200 ms and no less than two blocks, unless that were more than half.
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
