//! Stamps: when a callback's block came, and the device's latency then.

use crate::link::queue::{Receiver, Sender, items};

/// How many stamps may wait for the application: those of half a second at least.
const STAMPS: usize = 256;
/// The most blocks that are noted in a second.
const NOTED_PER_SECOND: u32 = 500;

/// When a block came, by the stream's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    /// The block's first device frame, counted from the start of the stream.
    pub(crate) at_frame: u64,
    pub(crate) rate_hz: u32,
    /// When the callback was called.
    pub(crate) at_ns: u64,
    /// The device's latency: the frames between `at_ns` and when the block's first frame is heard, or was captured.
    pub(crate) latency_frames: u64,
}

/// The audio thread's side.
#[derive(Debug)]
pub(crate) struct StampSender {
    stamps: Sender<Stamp>,
    /// The next stamp that is noted is at or after this frame, or has another rate.
    due_frame: u64,
    rate_hz: u32,
}

/// The application's side.
pub(crate) type Stamps = Receiver<Stamp>;

pub(crate) fn stamps() -> (StampSender, Stamps) {
    let (sender, receiver) = items(STAMPS);
    let sender = StampSender {
        stamps: sender,
        due_frame: 0,
        rate_hz: 0,
    };
    (sender, receiver)
}

impl StampSender {
    /// Queues the stamp, unless the last one is very near. A stamp that finds the queue full is lost. Neither matters,
    /// because the reader fits a line through the stamps it gets.
    pub(crate) fn note(&mut self, stamp: Stamp) {
        if stamp.at_frame >= self.due_frame || stamp.rate_hz != self.rate_hz {
            let is_queued = self.stamps.push(stamp).is_ok();
            if is_queued {
                self.due_frame = stamp.at_frame + u64::from(stamp.rate_hz / NOTED_PER_SECOND);
                self.rate_hz = stamp.rate_hz;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(sender: &mut StampSender, blocks: core::ops::Range<u64>, frames: u64, rate_hz: u32) {
        for block in blocks {
            sender.note(Stamp {
                at_frame: block * frames,
                rate_hz,
                at_ns: block,
                latency_frames: 0,
            });
        }
    }

    #[test]
    fn short_blocks_are_noted_now_and_then() {
        let (mut sender, mut stamps) = stamps();
        // 100 ms of blocks of 16 frames at 48 kHz: one stamp in 2 ms.
        note(&mut sender, 0..300, 16, 48_000);
        let mut expected = 0;
        while let Some(stamp) = stamps.pop() {
            assert_eq!(stamp.at_frame, expected);
            expected += 96;
        }
        assert_eq!(expected, 50 * 96);
        // Another rate is noted at once, and so is every block of a usual length.
        note(&mut sender, 300..301, 16, 16_000);
        assert_eq!(stamps.pop().map(|stamp| stamp.rate_hz), Some(16_000));
        note(&mut sender, 50..60, 160, 16_000);
        assert_eq!(stamps.available(), 10);
    }

    #[test]
    fn what_finds_no_room_is_lost_and_what_comes_later_is_noted() {
        let (mut sender, mut stamps) = stamps();
        note(&mut sender, 0..1_000, 480, 48_000);
        assert_eq!(stamps.available(), STAMPS);
        while stamps.pop().is_some() {}
        note(&mut sender, 1_000..1_002, 480, 48_000);
        assert_eq!(stamps.pop().map(|stamp| stamp.at_frame), Some(480_000));
        assert_eq!(stamps.pop().map(|stamp| stamp.at_frame), Some(480_480));
    }
}
