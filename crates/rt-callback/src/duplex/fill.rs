//! The fill: decides how much sound should be between two devices, and how to get there. It knows no queues.

use crate::capture::usual::Usual;
use crate::duplex::config::DuplexCounters;
use crate::duplex::drift::DriftControl;

/// A device stands still when it has not called for this long and twice a block.
const STANDING_S: f64 = 0.5;
/// How many blocks of each device must come before anything is played, because the first ones may have any length.
const SETTLING_BLOCKS: u64 = 2;
/// How much is kept beyond a block of each device and the time between two calls, for late callbacks.
const MARGIN_S: f64 = 0.010;
/// The largest shortage that the trim corrects. For a larger one silence is inserted at once.
const SLACK_S: f64 = 0.005;
/// The target falls when this part of it, or the least fill, would be enough.
const FALL: f64 = 0.75;

/// The state of one of the devices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    /// How many blocks have come.
    pub(super) blocks: u64,
    /// The length of the latest block, and the usual length.
    pub(super) last_s: f64,
    pub(super) usual_s: f64,
    /// The time since the latest block.
    pub(super) age_s: f64,
}

impl Side {
    fn stands(&self) -> bool {
        self.blocks == 0 || self.age_s > STANDING_S + 2.0 * self.last_s.max(self.usual_s)
    }
}

/// A measurement of the duplex.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The time since the last measurement.
    pub(super) elapsed_s: f64,
    pub(super) input: Side,
    pub(super) output: Side,
    /// How much sound is between the devices.
    pub(super) fill_s: f64,
    /// Whether the output is paused or held.
    pub(super) is_paused: bool,
}

/// What the duplex does next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// Does not play what is captured.
    Wait,
    /// Cuts off what is queued, and does not play what is captured.
    Cut,
    /// Inserts silence, then plays what is captured.
    Play { silence_s: f64 },
}

#[derive(Debug)]
enum Phase {
    Standing,
    /// Both devices run. The fields are their counts of blocks, input and output, when that began.
    Settling(u64, u64),
    Running,
}

#[derive(Debug)]
pub(super) struct Fill {
    phase: Phase,
    pub(super) drift: DriftControl,
    least_s: f64,
    most_s: f64,
    /// The time between two calls, in nanoseconds.
    interval: Usual,
    /// Holds only the counters of decisions made here.
    pub(super) counters: DuplexCounters,
}

impl Fill {
    pub(super) fn new(least_s: f64, most_s: f64) -> Self {
        Self {
            phase: Phase::Standing,
            drift: DriftControl::new(least_s),
            least_s,
            most_s,
            interval: Usual::default(),
            counters: DuplexCounters::default(),
        }
    }

    pub(super) fn interval_s(&self) -> f64 {
        self.interval.get() as f64 / 1e9
    }

    pub(super) fn look(&mut self, look: &Look) -> Step {
        self.aim(look);
        let Look { input, output, .. } = look;
        let stands = input.stands() || output.stands();
        let is_far_too_much = look.fill_s > 2.0 * self.drift.target_s() + output.last_s;
        match self.phase {
            Phase::Standing | Phase::Settling(..) if stands || look.is_paused => {
                self.phase = Phase::Standing;
                Step::Wait
            }
            Phase::Standing => {
                self.phase = Phase::Settling(input.blocks, output.blocks);
                Step::Wait
            }
            Phase::Settling(inputs, outputs) => {
                let settled = input.blocks >= inputs + SETTLING_BLOCKS
                    && output.blocks >= outputs + SETTLING_BLOCKS;
                // What a device brings at once after a stall would be taken for a fill that lasts.
                if !settled || is_far_too_much {
                    return Step::Wait;
                }
                self.phase = Phase::Running;
                self.play(look)
            }
            Phase::Running if stands || look.is_paused => {
                self.counters.stalls += u64::from(stands);
                self.phase = Phase::Standing;
                self.cut()
            }
            Phase::Running if is_far_too_much => {
                self.phase = Phase::Settling(input.blocks, output.blocks);
                self.cut()
            }
            Phase::Running => self.play(look),
        }
    }

    fn cut(&mut self) -> Step {
        self.drift.reset();
        Step::Cut
    }

    fn play(&mut self, look: &Look) -> Step {
        // A late block has not been played yet: its time is not missing.
        let late_s = (look.output.age_s - look.output.last_s).max(0.0);
        let missing_s = self.drift.target_s() - (look.fill_s + late_s);
        if missing_s > SLACK_S {
            self.drift.reset();
            self.counters.refills += 1;
            return Step::Play {
                silence_s: missing_s,
            };
        }
        self.drift.update(look.fill_s, look.elapsed_s);
        Step::Play { silence_s: 0.0 }
    }

    /// Sets the target to what the devices need.
    fn aim(&mut self, look: &Look) {
        if look.elapsed_s < STANDING_S {
            self.interval.note((look.elapsed_s * 1e9) as u64);
        }
        let blocks_s = look.input.usual_s + look.output.usual_s;
        let needed_s = (blocks_s + self.interval_s() + MARGIN_S).clamp(self.least_s, self.most_s);
        let target_s = self.drift.target_s();
        let falls = needed_s < target_s && needed_s <= self.least_s.max(FALL * target_s);
        if needed_s > target_s || falls {
            self.drift.set_target(needed_s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(blocks: u64, block_s: f64) -> Side {
        Side {
            blocks,
            last_s: block_s,
            usual_s: block_s,
            age_s: 0.0,
        }
    }

    fn look(blocks: u64, block_s: f64, fill_s: f64) -> Look {
        Look {
            elapsed_s: 0.005,
            input: side(blocks, block_s),
            output: side(blocks, block_s),
            fill_s,
            is_paused: false,
        }
    }

    /// A fill that runs, with blocks of this length.
    fn running(block_s: f64) -> Fill {
        let mut fill = Fill::new(0.060, 1.0);
        assert_eq!(fill.look(&look(1, block_s, 0.0)), Step::Wait);
        assert_eq!(fill.look(&look(2, block_s, 0.0)), Step::Wait);
        let Step::Play { silence_s } = fill.look(&look(3, block_s, 0.020)) else {
            unreachable!()
        };
        assert!((silence_s - (fill.drift.target_s() - 0.020)).abs() < 1e-9);
        fill
    }

    #[test]
    fn the_target_follows_the_blocks() {
        assert_eq!(running(0.010).drift.target_s(), 0.060);
        let mut fill = running(0.100);
        assert!((fill.drift.target_s() - 0.215).abs() < 1e-9);
        // The blocks become longer, and silence is inserted once.
        let Step::Play { silence_s } = fill.look(&look(4, 0.200, 0.215)) else {
            unreachable!()
        };
        assert!((silence_s - 0.200).abs() < 1e-9);
        assert_eq!(
            fill.look(&look(5, 0.200, 0.415)),
            Step::Play { silence_s: 0.0 }
        );
        // A little shorter is not worth a change, much shorter is.
        fill.look(&look(6, 0.190, 0.415));
        assert!((fill.drift.target_s() - 0.415).abs() < 1e-9);
        fill.look(&look(7, 0.010, 0.415));
        assert_eq!(fill.drift.target_s(), 0.060);
    }

    #[test]
    fn a_device_that_stands_is_one_stall_and_one_cut() {
        let mut fill = running(0.010);
        let mut standing = look(4, 0.010, 0.060);
        standing.output.age_s = 0.6;
        assert_eq!(fill.look(&standing), Step::Cut);
        for _ in 0..100 {
            assert_eq!(fill.look(&standing), Step::Wait);
        }
        assert_eq!(fill.look(&look(5, 0.010, 0.9)), Step::Wait);
        assert_eq!(fill.look(&look(6, 0.010, 0.9)), Step::Wait);
        assert!(matches!(fill.look(&look(7, 0.010, 0.0)), Step::Play { .. }));
        assert_eq!(fill.counters.stalls, 1);
    }

    #[test]
    fn what_is_brought_at_once_is_not_played_and_steers_nothing() {
        let mut fill = running(0.010);
        assert_eq!(fill.look(&look(4, 0.010, 0.131)), Step::Cut);
        assert_eq!(fill.look(&look(50, 0.010, 0.462)), Step::Wait);
        let Step::Play { silence_s } = fill.look(&look(51, 0.010, 0.020)) else {
            unreachable!()
        };
        assert!((silence_s - 0.040).abs() < 1e-9);
        assert_eq!(fill.drift.trim(), 0.0);
    }

    #[test]
    fn a_late_block_is_no_want_of_sound() {
        let mut fill = running(0.010);
        let mut late = look(4, 0.010, 0.040);
        late.output.age_s = 0.030;
        assert_eq!(fill.look(&late), Step::Play { silence_s: 0.0 });
    }
}
