//! A change that is spread over many frames: integers only, and the sum over any number of them at once.

use core::num::NonZero;

/// A way that is divided evenly among frames: after `k` of them it has come `way * k / frames`, rounded towards the
/// start, so that it is at its end after the last of them and not before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ramp {
    frames: NonZero<u64>,
    left: u64,
    /// What every frame takes of the way, and how many `frames`-ths of one more: `part < frames`.
    whole: i64,
    part: u64,
    /// What has come of the parts without making one more: `rest < frames`.
    rest: u64,
}

impl Ramp {
    pub(crate) const NONE: Self = Self {
        frames: NonZero::<u64>::MIN,
        left: 0,
        whole: 0,
        part: 0,
        rest: 0,
    };

    pub(crate) fn new(way: i64, frames: u32) -> Self {
        let n = i64::from(frames).max(1);
        match NonZero::new(u64::from(frames)) {
            Some(frames) if way != 0 => Self {
                frames,
                left: frames.get(),
                whole: way.div_euclid(n),
                part: way.rem_euclid(n).unsigned_abs(),
                // The parts are rounded down: where the way leads down, that is away from the start.
                rest: if way < 0 { frames.get() - 1 } else { 0 },
            },
            _ => Self::NONE,
        }
    }

    /// Frames to its end.
    #[inline]
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// Takes one frame; returns what it takes of the way.
    #[inline]
    pub(crate) fn tick(&mut self) -> i64 {
        if self.left == 0 {
            return 0;
        }
        self.left -= 1;
        self.rest += self.part;
        match self.rest.checked_sub(self.frames.get()) {
            Some(rest) => {
                self.rest = rest;
                self.whole + 1
            }
            None => self.whole,
        }
    }

    /// As many ticks; returns what they take of the way, and the sum of what had been taken before each. There are no
    /// more `ticks` than are left.
    pub(crate) fn advance(&mut self, ticks: u64) -> (i64, i128) {
        let pairs = u128::from(ticks) * u128::from(ticks.saturating_sub(1)) / 2;
        let parts = floor_sum(ticks, self.frames, self.part, self.rest);
        let before = i128::from(self.whole) * pairs as i128 + i128::from(parts);
        // Each factor is below 2^32.
        let at = self.part * ticks + self.rest;
        self.rest = at % self.frames;
        self.left -= ticks;
        let taken = self.whole * ticks as i64 + (at / self.frames) as i64;
        (taken, before)
    }
}

/// The sum of `(slope * i + start) / divisor`, each rounded down, for `i` in `0..count`.
///
/// It counts the whole points under a line. What is a multiple of `divisor` is summed as a series; the rest is a line
/// that rises by less than 1 a column, and its points are counted by rows, which is such a sum again. The numbers get
/// less as in Euclid's algorithm, so there are 50 turns at most.
///
/// Both `count` and `divisor` are below 2^32, and `slope` and `start` below `divisor`: nothing here exceeds 64 bits.
fn floor_sum(mut count: u64, mut divisor: NonZero<u64>, mut slope: u64, mut start: u64) -> u64 {
    let mut sum = 0;
    while count > 0 {
        sum += count * (count - 1) / 2 * (slope / divisor) + count * (start / divisor);
        slope %= divisor;
        start %= divisor;
        let Some(flat) = NonZero::new(slope) else {
            break;
        };
        // From the last column back, and each row from its right end.
        let end = slope * count + start;
        (count, start) = (end / divisor, end % divisor);
        (divisor, slope) = (flat, divisor.get());
    }
    sum
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_sum_of_floors_is_what_adding_them_gives() {
        for divisor in (1..40).chain([997, u64::from(u32::MAX)]) {
            let some = [0, 1, 2, 3, 5, 8, 13, 21, 34, divisor / 2, divisor - 1];
            let fit = some.into_iter().filter(|n| *n < divisor);
            for (slope, start) in fit.clone().flat_map(|a| fit.clone().map(move |b| (a, b))) {
                let mut sum = 0;
                for count in 0..100 {
                    let found = floor_sum(count, NonZero::new(divisor).unwrap(), slope, start);
                    assert_eq!(found, sum, "{count} {divisor} {slope} {start}");
                    sum += (slope * count + start) / divisor;
                }
            }
        }
        // The largest that there are.
        let most = u64::from(u32::MAX);
        let found = floor_sum(most, NonZero::new(most).unwrap(), most - 1, most - 1);
        assert_eq!(found, (most - 1) * most / 2);
    }
}
