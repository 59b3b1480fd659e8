//! Where the next output stands in the input: integers only, so that nothing drifts in days.

use core::num::NonZero;

use crate::ratio::{Divisor, Ratio};

/// Bits of a trim: a step is `from * (2^32 + trim)` in units of 1/(`to` * 2^32) input frame, so exact in any case.
const TRIM_BITS: u32 = 32;

/// The position between two input frames, the step per output frame, and the ramp of that step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    from: NonZero<u64>,
    /// One input frame, in units of the position.
    denominator: Divisor,
    /// How far the position is past the frame at or before it: below `denominator`.
    remainder: u64,
    trim: i64,
    target: i64,
    /// Size of one step of the ramp.
    slope: i64,
    adjustable: bool,
}

impl Clock {
    pub(crate) fn new(ratio: Ratio, adjustable: bool) -> Self {
        let to = NonZero::<u64>::from(ratio.to);
        let shift = if adjustable { TRIM_BITS } else { 0 };
        Self {
            from: ratio.from.into(),
            // Below 2^20 << 32, so never 0.
            denominator: Divisor::new(NonZero::new(to.get() << shift).unwrap_or(to)),
            remainder: 0,
            trim: 0,
            target: 0,
            slope: 0,
            adjustable,
        }
    }

    /// Back to the start of a stream; a trim stays, a ramp ends at once.
    pub(crate) fn reset(&mut self) {
        self.remainder = 0;
        self.trim = self.target;
    }

    pub(crate) const fn remainder(&self) -> u64 {
        self.remainder
    }

    /// The position after the frame at or before it, in input frames: 0.0..1.0.
    pub(crate) fn fraction(&self) -> f64 {
        // Both below 2^52, so exact until they are divided; the quotient of two that differ does not round up to 1.
        self.remainder as f64 / self.units()
    }

    /// How many units of a remainder there are to an input frame.
    pub(crate) const fn units(&self) -> f64 {
        self.denominator.get() as f64
    }

    /// Lets the step move to `from / to * (1 + trim)` within `ramp_frames` output frames.
    pub(crate) fn set_trim(&mut self, trim: f64, ramp_frames: u32) {
        self.target = (trim * (1_u64 << TRIM_BITS) as f64) as i64;
        let distance = self.target.abs_diff(self.trim);
        let slope =
            NonZero::new(u64::from(ramp_frames)).map_or(distance, |n| distance.div_ceil(n.get()));
        self.slope = slope as i64;
        if ramp_frames == 0 {
            self.trim = self.target;
        }
    }

    pub(crate) fn trim(&self) -> f64 {
        self.trim as f64 / (1_u64 << TRIM_BITS) as f64
    }

    fn step(&self) -> NonZero<u64> {
        if self.adjustable {
            // Below 2^20 * 1.02 * 2^32; a trim is above -1, so never 0.
            let factor = (1_i64 << TRIM_BITS)
                .saturating_add(self.trim)
                .unsigned_abs();
            NonZero::new(self.from.get().wrapping_mul(factor)).unwrap_or(self.from)
        } else {
            self.from
        }
    }

    /// Moves on by one output; returns the whole input frames passed.
    #[inline]
    pub(crate) fn tick(&mut self) -> u64 {
        let at = self.remainder.wrapping_add(self.step().get());
        let (passed, remainder) = self.denominator.divide(at);
        self.remainder = remainder;
        let left = self.target - self.trim;
        self.trim += left.min(self.slope).max(-self.slope);
        passed
    }

    /// The step of every output, while the trim is not ramped: whole input frames, and what is left of one.
    #[inline]
    pub(crate) fn steady(&self) -> Option<(u64, u64)> {
        let is_steady = self.trim == self.target;
        is_steady.then(|| self.denominator.divide(self.step().get()))
    }

    /// Back to the frame at or before the position.
    pub(crate) const fn put_on_frame(&mut self) {
        self.remainder = 0;
    }

    /// [`Self::tick`], by the step that [`Self::steady`] gave: without a division, for which the next would wait.
    #[inline]
    pub(crate) fn move_on(&mut self, (whole, part): (u64, u64)) -> u64 {
        let at = self.remainder + part;
        let (passed, remainder) = match at.checked_sub(self.denominator.get()) {
            Some(remainder) => (whole + 1, remainder),
            None => (whole, at),
        };
        self.remainder = remainder;
        passed
    }

    /// Moves on by `outputs`; returns the whole input frames passed, at most `u64::MAX`.
    #[inline]
    pub(crate) fn advance(&mut self, outputs: u64) -> u64 {
        let (passed, remainder) = match self.steady_way(outputs) {
            Some(way) => self.denominator.divide(way),
            None => return self.advance_far(outputs),
        };
        self.remainder = remainder;
        passed
    }

    /// The whole input frames that [`Self::advance`] would pass.
    #[inline]
    pub(crate) fn passed(&self, outputs: u64) -> u64 {
        match self.steady_way(outputs) {
            Some(way) => self.denominator.divide(way).0,
            None => { *self }.advance_far(outputs),
        }
    }

    /// The way from the frame at or before the position to `outputs` outputs further on; `None` while the trim is
    /// ramped, or where that is far.
    #[inline]
    fn steady_way(&self, outputs: u64) -> Option<u64> {
        // A step is below 2^53 and a remainder below 2^52; both below 2^20 where they cannot be trimmed.
        let far = if self.adjustable { 1 << 10 } else { 1 << 40 };
        let near = self.trim == self.target && outputs < far;
        near.then(|| outputs * self.step().get() + self.remainder)
    }

    #[cold]
    fn advance_far(&mut self, mut outputs: u64) -> u64 {
        let mut whole = 0_u64;
        while self.trim != self.target && outputs > 0 {
            whole = whole.saturating_add(self.tick());
            outputs -= 1;
        }
        let way = u128::from(outputs) * u128::from(self.step().get()) + u128::from(self.remainder);
        let denominator = u128::from(self.denominator.get()).max(1);
        self.remainder = (way % denominator) as u64;
        whole.saturating_add(u64::try_from(way / denominator).unwrap_or(u64::MAX))
    }

    /// How many outputs, from the next on, stand less than `frames` whole input frames ahead. There are no more `frames`
    /// than a history holds.
    pub(crate) fn outputs_within(&self, frames: u64) -> u64 {
        let mut clock = *self;
        let (mut count, mut passed) = (0_u64, 0_u64);
        while clock.trim != clock.target && passed < frames {
            count += 1;
            passed += clock.tick();
        }
        let Some(left) = frames.checked_sub(passed).and_then(NonZero::new) else {
            return count;
        };
        // The largest j with remainder + j * step < left * denominator. That product is below 2^62: no history is longer
        // than 1000 frames at equal rates, and a longer one is longer by the ratio by which the denominator is less.
        let way = left.get().saturating_mul(clock.denominator.get());
        let last = (way - 1 - clock.remainder) / clock.step();
        count.saturating_add(last).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_step_without_a_division_leads_where_one_with_it_does() {
        for (from, to) in [(48_000, 48_000), (44_100, 48_000), (384_000, 1_500), (1, 7)] {
            for (adjustable, trim) in [(false, 0.0), (true, 0.0), (true, 0.02), (true, -1.3e-5)] {
                let mut clock = Clock::new(Ratio::new(from, to).unwrap(), adjustable);
                clock.set_trim(trim, 100);
                for output in 0..2_000 {
                    let Some(step) = clock.steady() else {
                        assert!(adjustable && output < 101, "a ramp has an end");
                        clock.tick();
                        continue;
                    };
                    let mut other = clock;
                    assert_eq!(other.move_on(step), clock.tick(), "{from} {to} {trim}");
                    assert_eq!(other.remainder(), clock.remainder());
                }
                assert!(clock.steady().is_some());
            }
        }
    }
}
