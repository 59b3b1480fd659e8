//! The clocks: which position of the output was heard when a frame was captured.

use alloc::collections::VecDeque;

use super::timeline::{Place, Seen, Timeline};
use crate::link::stamp::{Stamp, Stamps};

/// How many stamps may wait for the stretch that they belong to. This bounds the memory.
const PENDING: usize = 1 << 14;

/// The timelines of both devices.
#[derive(Debug)]
pub(super) struct Clocks {
    input: Side,
    output: Side,
    /// The origin of all times, by the streams' clock.
    epoch_ns: Option<u64>,
}

impl Clocks {
    pub(super) fn new(input: Stamps, output: Stamps) -> Self {
        Self {
            input: Side::new(Direction::Input, input),
            output: Side::new(Direction::Output, output),
            epoch_ns: None,
        }
    }

    /// Takes the callbacks' stamps, so that their queues have room.
    pub(super) fn collect(&mut self) {
        self.input.collect();
        self.output.collect();
        if self.epoch_ns.is_none() {
            // Nothing was heard before the first stamp of the output.
            self.epoch_ns = self.output.pending.front().map(|stamp| stamp.at_ns);
        }
    }

    /// The position that was heard `later_ns` after the device captured the frame `captured`. `None` if nothing was
    /// heard then, or if a time is not known.
    ///
    /// This uses up the stamps until then, so frames should be asked for in order.
    pub(super) fn heard(&mut self, captured: f64, later_ns: f64) -> Option<Place> {
        let epoch_ns = self.epoch_ns?;
        self.input.reach_frame(captured, epoch_ns);
        let time_ns = self.input.timeline.time_of(captured)?;
        self.output.reach_time(time_ns, epoch_ns);
        self.output.timeline.at(time_ns + later_ns)
    }
}

/// The direction in which a device's latency counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// From the block's time until the frame is heard.
    Output,
    /// From when the frame was captured until the block's time.
    Input,
}

/// The stamps of one device, and the timeline of those that have been used.
///
/// A stamp is used when reading has come to its time, not when it arrives. So the result does not depend on when the
/// application reads.
#[derive(Debug)]
struct Side {
    direction: Direction,
    stamps: Stamps,
    pending: VecDeque<Stamp>,
    timeline: Timeline,
}

impl Side {
    fn new(direction: Direction, stamps: Stamps) -> Self {
        Self {
            direction,
            stamps,
            pending: VecDeque::new(),
            timeline: Timeline::default(),
        }
    }

    fn collect(&mut self) {
        while self.pending.len() < PENDING
            && let Some(stamp) = self.stamps.pop()
        {
            self.pending.push_back(stamp);
        }
    }

    /// Uses the stamps up to this frame, including that of its own block.
    fn reach_frame(&mut self, frame: f64, epoch_ns: u64) {
        while let Some(stamp) = self.pending.front()
            && stamp.at_frame as f64 <= frame
        {
            self.take_in(epoch_ns);
        }
    }

    /// Uses the stamps up to this time.
    fn reach_time(&mut self, time_ns: f64, epoch_ns: u64) {
        while let Some(stamp) = self.pending.front()
            && since(stamp.at_ns, epoch_ns) <= time_ns
        {
            self.take_in(epoch_ns);
        }
    }

    fn take_in(&mut self, epoch_ns: u64) {
        if let Some(stamp) = self.pending.pop_front() {
            let latency_ns = stamp.latency_frames as f64 * 1e9 / f64::from(stamp.rate_hz.max(1));
            let at_ns = since(stamp.at_ns, epoch_ns);
            self.timeline.note(Seen {
                frame: stamp.at_frame,
                rate_hz: stamp.rate_hz,
                time_ns: match self.direction {
                    Direction::Output => at_ns + latency_ns,
                    Direction::Input => at_ns - latency_ns,
                },
            });
        }
    }
}

/// Nanoseconds since the epoch. Negative before it.
fn since(at_ns: u64, epoch_ns: u64) -> f64 {
    at_ns.wrapping_sub(epoch_ns).cast_signed() as f64
}

#[cfg(test)]
mod tests;
