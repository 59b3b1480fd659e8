//! What is dropped unread.

use crate::capture::reader::Reader;
use crate::capture::reader::ledger::Ledger;
use crate::capture::reader::step::{Boundary, Next};

/// How far a number of application frames may lie below a whole one, and be that: rounding errors are smaller.
const ROUNDING: f64 = 1e-7;

impl Reader {
    /// Drops up to `frames` of the oldest device frames, and returns how many.
    ///
    /// They may be queued frames, the silence of gaps, and frames of a gap that still grows. It stops at a change of
    /// device. Frames that a [`rewind`](Self::rewind) left to read again are dropped too, and not counted. The
    /// resampler begins anew, so that no old sound runs into the new.
    ///
    /// The oldest frames may be some that a [`read_exact`](Self::read_exact) which failed had to leave. They have been
    /// converted, so they are dropped in whole application frames. If not all of them are dropped, the rest is read
    /// as it would have been.
    pub fn discard(&mut self, frames: usize) -> usize {
        self.pre_roll.forget_rewound();
        let were_given_back = self.pre_roll.given_back() > 0;
        let mut left = frames - self.discard_given_back(frames);
        if self.pre_roll.given_back() == 0 && (left > 0 || !were_given_back) {
            left -= self.discard_queued(left);
        }
        self.publish();
        frames - left
    }

    /// Drops frames that were given back which last as long as `frames` device frames, or less. Returns how many device
    /// frames these are.
    fn discard_given_back(&mut self, frames: usize) -> usize {
        let mut left = frames;
        while self.pre_roll.given_back() > 0 {
            let place = self.place();
            let fits = (left as f64 / place.position.step + ROUNDING) as usize;
            let count = self.pre_roll.again_to_break().min(fits);
            if count == 0 {
                break;
            }
            let end = place.moved(count as f64).position.frame;
            let dropped = end.saturating_sub(place.position.frame);
            self.pre_roll.drop_given_back(count, place);
            self.counters.delivered_frames -= count as u64;
            self.count_discarded(dropped);
            left -= usize::try_from(dropped).map_or(left, |dropped| dropped.min(left));
        }
        if self.pre_roll.given_back() == 0 {
            self.given_back = Ledger::default();
        }
        frames - left
    }

    /// Counts `dropped` of the frames that were given back as discarded. Silence among them is no frame of the device.
    fn count_discarded(&mut self, dropped: u64) {
        let sound = self.given_back.take(dropped);
        self.counters.read_frames -= sound;
        self.counters.discarded_frames += sound;
    }

    fn discard_queued(&mut self, frames: usize) -> usize {
        self.pre_roll.break_off(self.new_place());
        self.plan.reset();
        self.passed_frames = 0;
        let mut left = frames;
        while left > 0 {
            // This load comes before the queue's: frames that are captured now and not in the queue then are missing.
            let captured = self.shared.captured_frames();
            match self.next() {
                Next::Queued(count @ 1..) => {
                    let count = count.min(left);
                    self.skip(count);
                    left -= count;
                }
                Next::Silence(count) => {
                    let count = count.min(left);
                    self.silence_left -= count as u64;
                    self.close_gap();
                    left -= count;
                }
                // The resampler was reset, so there is no tail.
                Next::Flush if matches!(self.boundary, Some(Boundary::Gap)) => {
                    self.boundary = None;
                    self.passed_frames = 0;
                }
                Next::Queued(0) if self.markers.peek().is_none() => {
                    let from = self.at.max(self.forgone_to);
                    let open = usize::try_from(captured.saturating_sub(from));
                    let count = open.unwrap_or(usize::MAX).min(left);
                    self.forgone_to = from + count as u64;
                    left -= count;
                    break;
                }
                Next::Queued(_) | Next::Flush | Next::Nothing => break,
            }
        }
        frames - left
    }
}
