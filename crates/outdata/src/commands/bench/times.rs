//! How long calls took.

use hdrhistogram::Histogram;

use crate::console::{Failure, outlier_ns};

/// Times are told apart to a thousandth.
const DIGITS: u8 = 3;
/// Longer times, of more than a minute, count as this.
const MOST_NS: u64 = 1 << 36;

/// Times of calls, in nanoseconds.
pub(super) struct Times(Histogram<u64>);

/// Calls that took so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) from_ns: u64,
    /// And less than this.
    pub(super) below_ns: u64,
    pub(super) calls: u64,
}

/// What is told of the times of calls. A call that took so long that the system must have interrupted it is counted
/// apart, and is in none of the quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    /// All of them.
    pub(super) calls: u64,
    pub(super) p50: u64,
    pub(super) p99: u64,
    pub(super) p99_9: u64,
    /// The longest of all.
    pub(super) max: u64,
    /// How many took longer than `above`.
    pub(super) outliers: u64,
    pub(super) above: u64,
}

impl Times {
    pub(super) fn new() -> Result<Self, Failure> {
        Histogram::new_with_bounds(1, MOST_NS, DIGITS)
            .map(Self)
            .map_err(Failure::failed)
    }

    pub(super) fn add(&mut self, nanoseconds: u64) {
        self.0.saturating_record(nanoseconds);
    }

    pub(super) fn least(&self) -> u64 {
        self.0.min()
    }

    pub(super) fn summary(&self) -> Summary {
        let calls = self.0.len();
        let above = outlier_ns(self.0.value_at_quantile(0.5));
        let outliers = self.sum(|nanoseconds| nanoseconds > above);
        let share = (calls - outliers) as f64 / calls.max(1) as f64;
        let quantile = |quantile: f64| self.0.value_at_quantile(quantile * share);
        Summary {
            calls,
            p50: quantile(0.5),
            p99: quantile(0.99),
            p99_9: quantile(0.999),
            max: self.0.max(),
            outliers,
            above,
        }
    }

    /// At most `most` bins, each as much longer than the one before in proportion, from the shortest time to
    /// `last_ns`; and one for the rest.
    pub(super) fn bins(&self, most: usize, last_ns: u64) -> Vec<Bin> {
        if self.0.is_empty() {
            return Vec::new();
        }
        // A bin that begins at 0 has no proportion to the next.
        let (least, last) = (self.0.min().max(1), last_ns + 1);
        let ratio = last as f64 / least as f64;
        let edge = |index| least as f64 * ratio.powf(index as f64 / most as f64);
        let mut edges: Vec<_> = (1..most).map(|index| edge(index).round() as u64).collect();
        edges.insert(0, self.0.min());
        edges.extend([last, self.0.max() + 1]);
        edges.sort_unstable();
        edges.dedup();
        let pairs = edges.iter().zip(edges.iter().skip(1));
        let bin = |(from_ns, below_ns): (&u64, &u64)| Bin {
            from_ns: *from_ns,
            below_ns: *below_ns,
            calls: self.sum(|nanoseconds| (*from_ns..*below_ns).contains(&nanoseconds)),
        };
        pairs.map(bin).collect()
    }

    /// How many calls took a time that is such a one.
    fn sum(&self, is_one: impl Fn(u64) -> bool) -> u64 {
        let recorded = self.0.iter_recorded();
        let those = recorded.filter(|value| is_one(value.value_iterated_to()));
        those.map(|value| value.count_at_value()).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// 9,980 calls of 1 to 9.99 us, and twenty of a second.
    fn interrupted() -> Times {
        let mut times = Times::new().unwrap();
        (0..9_980).for_each(|n| times.add(1_000 + n * 9_000 / 9_980));
        (0..20).for_each(|_| times.add(1_000_000_000));
        times
    }

    #[track_caller]
    fn assert_near(value: u64, expected: u64) {
        let error = value as f64 / expected as f64 - 1.0;
        assert!(error.abs() < 0.002, "{value} is not {expected}");
    }

    #[test]
    fn what_the_system_interrupts_is_counted_apart() {
        let summary = interrupted().summary();
        assert_eq!((summary.calls, summary.outliers), (10_000, 20));
        assert_near(summary.p50, 5_500);
        assert_near(summary.p99, 9_910);
        assert_near(summary.p99_9, 9_991);
        assert_near(summary.max, 1_000_000_000);
        assert_near(summary.above, 10 * 5_508);
    }

    #[test]
    fn bins_hold_every_call_once() {
        let times = interrupted();
        for most in [1, 2, 10, 60] {
            let bins = times.bins(most, times.summary().p99_9);
            assert_eq!(bins.iter().map(|bin| bin.calls).sum::<u64>(), 10_000);
            assert!(bins.windows(2).all(|two| two[0].below_ns == two[1].from_ns));
            assert_eq!(bins.len(), most + 1);
            // What is left is the slowest thousandth, and the outliers.
            assert!((20..=31).contains(&bins[most].calls), "{bins:?}");
        }
    }

    /// A clock that is too coarse sees calls that take no time.
    #[test]
    fn calls_of_no_time_are_calls() {
        let mut times = Times::new().unwrap();
        assert_eq!((times.summary().calls, times.bins(5, 0)), (0, Vec::new()));
        (0..7).for_each(|_| times.add(0));
        let bin = Bin {
            from_ns: 0,
            below_ns: 1,
            calls: 7,
        };
        assert_eq!(times.bins(5, 0), [bin]);
        times.add(u64::MAX);
        let summary = times.summary();
        assert_eq!(
            (summary.p99_9, summary.outliers, summary.above),
            (0, 1, 1_000)
        );
        assert_eq!(times.bins(5, 0).iter().map(|bin| bin.calls).sum::<u64>(), 8);
    }
}
