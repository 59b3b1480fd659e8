//! Where the next output stands in the input: integers only, so that nothing drifts in days.

use core::num::NonZero;

use super::ramp::Ramp;
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
    ramp: Ramp,
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
            ramp: Ramp::NONE,
            adjustable,
        }
    }

    /// Back to the start of a stream; a trim stays, a ramp ends at once.
    pub(crate) fn reset(&mut self) {
        self.remainder = 0;
        self.trim = self.target;
        self.ramp = Ramp::NONE;
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

    /// Lets the step move to `from / to * (1 + trim)`, where it is after `ramp_frames` ticks.
    pub(crate) fn set_trim(&mut self, trim: f64, ramp_frames: u32) {
        self.target = (trim * (1_u64 << TRIM_BITS) as f64) as i64;
        self.ramp = Ramp::new(self.target - self.trim, ramp_frames);
        if ramp_frames == 0 {
            self.trim = self.target;
        }
    }

    pub(crate) fn trim(&self) -> f64 {
        self.trim as f64 / (1_u64 << TRIM_BITS) as f64
    }

    fn step(&self) -> NonZero<u64> {
        self.step_at(self.trim)
    }

    fn step_at(&self, trim: i64) -> NonZero<u64> {
        if self.adjustable {
            // Below 2^20 * 1.02 * 2^32; a trim is above -1, so never 0.
            let factor = (1_i64 << TRIM_BITS).saturating_add(trim).unsigned_abs();
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
        self.trim += self.ramp.tick();
        passed
    }

    /// The step of every output, while the trim is not ramped: whole input frames, and what is left of one.
    #[inline]
    pub(crate) fn steady(&self) -> Option<(u64, u64)> {
        let is_steady = self.ramp.left() == 0;
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
        let near = self.ramp.left() == 0 && outputs < far;
        near.then(|| outputs * self.step().get() + self.remainder)
    }

    #[cold]
    fn advance_far(&mut self, outputs: u64) -> u64 {
        let ramped = outputs.min(self.ramp.left());
        let ramp = self.move_ramp(ramped);
        // Below 2^64 * 2^53.
        let steady = u128::from(outputs - ramped) * u128::from(self.step().get());
        let way = u128::from(self.remainder) + ramp + steady;
        let denominator = u128::from(self.denominator.get()).max(1);
        self.remainder = (way % denominator) as u64;
        u64::try_from(way / denominator).unwrap_or(u64::MAX)
    }

    /// Moves the trim on by so many outputs of its ramp; returns the way that they take.
    fn move_ramp(&mut self, outputs: u64) -> u128 {
        if outputs == 0 {
            return 0;
        }
        let (taken, before) = self.ramp.advance(outputs);
        let factors =
            ((1_i128 << TRIM_BITS) + i128::from(self.trim)) * i128::from(outputs) + before;
        self.trim += taken;
        u128::from(self.from.get()) * factors.unsigned_abs()
    }

    /// How many outputs, from the next on, stand less than `frames` whole input frames ahead. There are no more `frames`
    /// than a history holds.
    pub(crate) fn outputs_within(&self, frames: u64) -> u64 {
        let mut clock = *self;
        let (mut count, mut passed) = (0_u64, 0_u64);
        while clock.ramp.left() > 0 && passed < frames {
            // As many as if every step were the longest. A 25th of the way is left then at most, so this ends soon.
            let longest = clock.step_at(clock.trim.max(clock.target));
            let sure = clock
                .within(frames - passed, longest)
                .min(clock.ramp.left());
            if sure > 0 {
                count += sure;
                passed += clock.advance(sure);
            } else {
                count += 1;
                passed += clock.tick();
            }
        }
        match frames.checked_sub(passed) {
            None | Some(0) => count,
            Some(left) => count
                .saturating_add(clock.within(left, clock.step()))
                .saturating_add(1),
        }
    }

    /// How many steps of this length do not lead out of the next `frames` whole input frames; there is at least one.
    fn within(&self, frames: u64, step: NonZero<u64>) -> u64 {
        // The largest j with remainder + j * step < frames * denominator. That product is below 2^62: no history is longer
        // than 1000 frames at equal rates, and a longer one is longer by the ratio by which the denominator is less.
        let way = frames.saturating_mul(self.denominator.get());
        way.saturating_sub(1).saturating_sub(self.remainder) / step
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const RATIOS: [(u32, u32); 7] = [
        (48_000, 48_000),
        (44_100, 48_000),
        (48_000, 44_100),
        (384_000, 1_500),
        (1_500, 384_000),
        (767_999, 768_000),
        (1, 7),
    ];
    /// Where a trim comes from, where it goes, and within how many frames.
    const RAMPS: [(f64, f64, u32); 12] = [
        (0.0, 0.02, 0),
        (0.0, 0.02, 1),
        (0.02, -0.02, 2),
        (-0.02, 0.02, 999),
        (0.0, 1e-6, 4_000),
        (1e-6, -1e-6, 3_999),
        (0.0, 3e-10, 1_000),
        (3e-10, 0.0, 1_000),
        (0.001, -0.013, 300),
        (-0.013, 0.02, 17_777),
        (0.01, 0.010_000_1, 1 << 20),
        (-0.02, 0.02, u32::MAX),
    ];

    fn ramped(from: u32, to: u32, (start, end, frames): (f64, f64, u32)) -> Clock {
        let mut clock = Clock::new(Ratio::new(from, to).unwrap(), true);
        clock.set_trim(start, 0);
        clock.tick();
        clock.set_trim(end, frames);
        clock
    }

    #[test]
    fn a_step_without_a_division_leads_where_one_with_it_does() {
        for (from, to) in RATIOS {
            for (adjustable, trim) in [(false, 0.0), (true, 0.0), (true, 0.02), (true, -1.3e-5)] {
                let mut clock = Clock::new(Ratio::new(from, to).unwrap(), adjustable);
                clock.set_trim(trim, 100);
                for output in 0..2_000 {
                    let Some(step) = clock.steady() else {
                        assert!(adjustable && output < 100, "a ramp has an end");
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

    #[test]
    fn a_ramp_is_even_and_ends_with_its_last_frame() {
        for ramp in RAMPS {
            let mut clock = ramped(48_000, 44_100, ramp);
            let (start, way) = (clock.trim, i128::from(clock.target - clock.trim));
            let frames = i128::from(ramp.2);
            for frame in 0..frames.min(20_000) {
                // This quotient is rounded towards 0.
                assert_eq!(
                    i128::from(clock.trim - start),
                    way * frame / frames,
                    "{ramp:?}"
                );
                assert!(clock.steady().is_none() && clock.trim != clock.target);
                clock.tick();
            }
            if frames <= 20_000 {
                assert!(
                    clock.steady().is_some() && clock.trim == clock.target,
                    "{ramp:?}"
                );
                clock.tick();
                assert_eq!(clock.trim, clock.target);
            }
        }
    }

    #[test]
    fn a_ramp_that_leads_nowhere_is_none() {
        let mut clock = ramped(1, 1, (0.01, 0.01, 100));
        assert!(clock.steady().is_some());
        clock.set_trim(0.02, 100);
        clock.reset();
        assert!(clock.steady().is_some() && clock.trim == clock.target);
        clock.tick();
        assert_eq!(clock.trim, clock.target);
    }

    /// Whatever was asked in the middle of a ramp, and how often.
    #[test]
    fn many_outputs_lead_where_one_after_the_other_does() {
        const FAR: u64 = 3_000;
        for (from, to) in RATIOS {
            for ramp in RAMPS {
                let start = ramped(from, to, ramp);
                let (mut clock, mut hops) = (start, start);
                let (mut passed, mut hopped, mut hop) = (0, 0, 0);
                for output in 0..FAR {
                    let mut far = start;
                    let case = (from, to, ramp, output);
                    assert_eq!(start.passed(output), passed, "{case:?}");
                    assert_eq!(far.advance(output), passed, "{case:?}");
                    assert_eq!(state(&far), state(&clock), "{case:?}");
                    if output % 7 == 0 {
                        hopped += hops.advance(output - hop);
                        hop = output;
                        assert_eq!((hopped, state(&hops)), (passed, state(&clock)), "{case:?}");
                    }
                    passed += clock.tick();
                }
            }
        }
    }

    fn state(clock: &Clock) -> (u64, i64, Ramp) {
        (clock.remainder, clock.trim, clock.ramp)
    }

    #[test]
    fn outputs_within_some_frames_are_those_that_ticking_finds() {
        for (from, to) in RATIOS {
            for ramp in RAMPS {
                let mut clock = ramped(from, to, ramp);
                for turn in 0..30 {
                    for frames in [1, 2, 3, 40, 700] {
                        let (mut count, mut passed, mut ticks) = (0, 0, clock);
                        while passed < frames {
                            count += 1;
                            passed += ticks.tick();
                        }
                        let case = (from, to, ramp, turn, frames);
                        assert_eq!(clock.outputs_within(frames), count, "{case:?}");
                    }
                    clock.advance(77);
                }
            }
        }
    }

    #[test]
    fn the_longest_ramp_is_summed_in_integers() {
        let clock = ramped(1, 1, (-0.02, 0.02, u32::MAX));
        let (way, frames) = (i128::from(clock.target - clock.trim), i128::from(u32::MAX));
        let (mut gcd, mut rest) = (way, frames);
        while rest > 0 {
            (gcd, rest) = (rest, gcd % rest);
        }
        // The points under the diagonal of a rectangle.
        let under = ((way - 1) * (frames - 1) + gcd - 1) / 2;
        let factors = frames * ((1 << TRIM_BITS) + i128::from(clock.trim)) + under;
        let at = (factors + i128::from(clock.remainder)) as u128;
        let mut end = clock;
        let passed = u128::from(end.advance(u64::from(u32::MAX)));
        assert_eq!((passed << TRIM_BITS) + u128::from(end.remainder), at);
        assert!(end.steady().is_some());
        // Saturated.
        assert_eq!(clock.passed(u64::MAX), u64::MAX);
    }
}
