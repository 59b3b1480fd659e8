//! The load: how long the callbacks take, also as a share of their block's duration.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::link::sync::{AtomicU64, Ordering, OwnWord, or_modelled};

/// Values below this have a bucket each. Above it, each doubling has this many buckets, which are 3 % wide.
const STEPS: u64 = or_modelled(32, 2) as u64;
/// All values above 2^36 (in nanoseconds 68 s) count as the same.
const MAX_BITS: u32 = or_modelled(36, 4) as u32;
const BUCKETS: usize = ((MAX_BITS - STEPS.ilog2() + 1) as u64 * STEPS) as usize;
/// How many units of a share make a whole block.
const SHARE_UNITS: f64 = (1 << 20) as f64;

fn bucket(value: u64) -> usize {
    let value = value.min((1 << MAX_BITS) - 1);
    if value < STEPS {
        return value as usize;
    }
    let shift = value.ilog2() - STEPS.ilog2();
    (u64::from(shift) * STEPS + (value >> shift)) as usize
}

/// The largest value of a bucket.
fn ceiling(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < STEPS {
        return bucket;
    }
    let shift = bucket / STEPS - 1;
    ((bucket - shift * STEPS + 1) << shift) - 1
}

/// A histogram that the audio thread alone writes, and any thread reads.
#[derive(Debug)]
struct Histogram {
    counts: Box<[AtomicU64]>,
    max: AtomicU64,
}

impl Histogram {
    fn new() -> Self {
        Self {
            counts: core::iter::repeat_with(AtomicU64::default)
                .take(BUCKETS)
                .collect(),
            max: AtomicU64::new(0),
        }
    }

    fn add(&self, value: u64) {
        if let Some(count) = self.counts.get(bucket(value)) {
            bump(count, 1);
        }
        if value > self.max.own() {
            self.max.store(value, Ordering::Relaxed);
        }
    }

    /// The least value that a share of `quantile` (`0.0..=1.0`) of the added values does not exceed, within 3 %.
    fn quantile(&self, quantile: f64) -> u64 {
        let total: u64 = self.counts.iter().map(|n| n.load(Ordering::Relaxed)).sum();
        let rank = libm::ceil(quantile.clamp(0.0, 1.0) * total as f64).max(1.0) as u64;
        let max = self.max.load(Ordering::Relaxed);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count.load(Ordering::Relaxed);
            seen >= rank
        });
        found.map_or(max, |found| ceiling(found).min(max))
    }

    /// How many of the added values are larger, but for those within 3 % of it.
    fn count_above(&self, value: u64) -> u64 {
        let above = self.counts.iter().skip(bucket(value) + 1);
        above.map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

/// Adds without a locked instruction, because there is one writer. A thread that sees the sum also sees what was
/// written before it.
fn bump(count: &AtomicU64, by: u64) {
    let sum = count.own().saturating_add(by);
    count.store(sum, Ordering::Release);
}

#[derive(Debug)]
struct Times {
    nanoseconds: Histogram,
    shares: Histogram,
    blocks: AtomicU64,
    spent_ns: AtomicU64,
    lasted_ns: AtomicU64,
}

/// The audio thread's side.
#[derive(Debug)]
pub(crate) struct LoadMeter(Arc<Times>);

/// How long the callbacks of a stream have taken since it began, by [`Config::clock`](crate::Config::clock).
///
/// Reads never block, and the numbers go on growing between them.
#[derive(Debug, Clone)]
pub struct Load(Arc<Times>);

/// Makes a load meter and its reader. Allocates about 17 KiB.
pub(crate) fn load_meter() -> (LoadMeter, Load) {
    let times = Arc::new(Times {
        nanoseconds: Histogram::new(),
        shares: Histogram::new(),
        blocks: AtomicU64::new(0),
        spent_ns: AtomicU64::new(0),
        lasted_ns: AtomicU64::new(0),
    });
    (LoadMeter(Arc::clone(&times)), Load(times))
}

impl LoadMeter {
    /// Adds a block of `frames` frames whose callback took `spent_ns`.
    pub(crate) fn add(&self, spent_ns: u64, frames: usize, rate_hz: u32) {
        let times = &*self.0;
        let lasted_ns = frames as u64 * 1_000_000_000 / u64::from(rate_hz.max(1));
        times.nanoseconds.add(spent_ns);
        if lasted_ns > 0 {
            let share = spent_ns as f64 / lasted_ns as f64;
            times.shares.add((share * SHARE_UNITS) as u64);
        }
        // Readers load these in the opposite order. A reader that sees `spent_ns` also sees the `lasted_ns` of the same
        // blocks, so no mean share is too large. The number of blocks comes last, so what is read after it covers them
        // all.
        bump(&times.lasted_ns, lasted_ns);
        bump(&times.spent_ns, spent_ns);
        bump(&times.blocks, 1);
    }
}

impl Load {
    /// How many blocks were timed. What is read after this covers all of them.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.0.blocks.load(Ordering::Acquire)
    }

    /// The time in nanoseconds that a share of `quantile` (`0.0..=1.0`) of the callbacks did not exceed, within 3 %. A
    /// `quantile` of 0.5 gives the median. Returns 0 if no callback was timed.
    #[must_use]
    pub fn nanoseconds(&self, quantile: f64) -> u64 {
        self.0.nanoseconds.quantile(quantile)
    }

    /// How many callbacks took longer than this, but for those that did so by less than 3 %.
    #[must_use]
    pub fn longer_than(&self, nanoseconds: u64) -> u64 {
        self.0.nanoseconds.count_above(nanoseconds)
    }

    /// The longest time in nanoseconds, exactly.
    #[must_use]
    pub fn max_nanoseconds(&self) -> u64 {
        self.0.nanoseconds.max.load(Ordering::Relaxed)
    }

    /// The part of their block's duration that a share of `quantile` (`0.0..=1.0`) of the callbacks did not exceed,
    /// within 3 %. At 1.0 a callback misses its deadline.
    #[must_use]
    pub fn share(&self, quantile: f64) -> f64 {
        self.0.shares.quantile(quantile) as f64 / SHARE_UNITS
    }

    /// The largest part of a block's duration that a callback took.
    #[must_use]
    pub fn max_share(&self) -> f64 {
        self.0.shares.max.load(Ordering::Relaxed) as f64 / SHARE_UNITS
    }

    /// The time in all callbacks, as a part of the duration of their blocks.
    #[must_use]
    pub fn mean_share(&self) -> f64 {
        let spent = self.0.spent_ns.load(Ordering::Acquire);
        let lasted = self.0.lasted_ns.load(Ordering::Relaxed).max(1);
        spent as f64 / lasted as f64
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_buckets_are_narrow() {
        let mut last = 0;
        for value in (0..5_000).chain((13..MAX_BITS).map(|bits| (1_u64 << bits) + 77)) {
            let bucket = bucket(value);
            assert!(last <= bucket && bucket < BUCKETS);
            assert!(value <= ceiling(bucket), "{value}");
            assert!(ceiling(bucket) <= value + value / STEPS, "{value}");
            last = bucket;
        }
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn quantiles_are_those_of_what_was_added() {
        let (meter, load) = load_meter();
        assert_eq!((load.nanoseconds(0.5), load.mean_share()), (0, 0.0));
        for value in 1..=100 {
            meter.add(value * 1_000, 48, 48_000);
        }
        assert_eq!(load.blocks(), 100);
        for (quantile, expected) in [(0.5, 50_000.0), (0.99, 99_000.0), (0.01, 1_000.0)] {
            let measured = load.nanoseconds(quantile) as f64;
            assert!((measured / expected - 1.0).abs() < 0.032, "{measured}");
            let share = load.share(quantile);
            assert!((share / (expected / 1e6) - 1.0).abs() < 0.032, "{share}");
        }
        assert_eq!(load.max_nanoseconds(), 100_000);
        // 51,000 and 100,000 are in the buckets of 50,400 and 99,000.
        for (nanoseconds, longer) in [(0, 100), (50_400, 49), (99_000, 0), (u64::MAX, 0)] {
            assert_eq!(load.longer_than(nanoseconds), longer, "{nanoseconds}");
        }
        assert!((load.max_share() - 0.1).abs() < 1e-5);
        assert!((load.mean_share() - 0.0505).abs() < 1e-9);
    }
}
