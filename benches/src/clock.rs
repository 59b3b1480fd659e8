//! How long a call takes: in a loop, and as a device calls, cold.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What one call costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// The fastest batch, in nanoseconds a call.
    pub min_ns: f64,
    /// The median batch, in nanoseconds a call.
    pub median_ns: f64,
}

impl Cost {
    /// The cost of a batch of calls from each batch's time, in any order. Zero of no batches.
    #[must_use]
    pub fn of(mut batches: Vec<f64>) -> Self {
        batches.sort_by(f64::total_cmp);
        let at = |index: usize| batches.get(index).copied().unwrap_or(0.0);
        Self {
            min_ns: at(0),
            median_ns: at(batches.len() / 2),
        }
    }

    /// How far the median stands above the minimum, as a part of it.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.median_ns / self.min_ns - 1.0
    }
}

/// A batch is at least so long, so that reading the clock does not count.
const BATCH: Duration = Duration::from_micros(50);
/// So many batches are measured even where the budget is spent before.
const LEAST_BATCHES: usize = 25;

/// The cost of a call in a loop, with warm caches.
pub fn hot(budget: Duration, mut call: impl FnMut()) -> Cost {
    let mut batch = |calls: u32| {
        let begin = Instant::now();
        for _ in 0..calls {
            call();
            black_box(());
        }
        begin.elapsed()
    };
    let mut calls = 1;
    while batch(calls) < BATCH && calls < 1 << 20 {
        calls *= 2;
    }
    let begin = Instant::now();
    let mut batches = Vec::with_capacity(4_096);
    while batches.len() < LEAST_BATCHES
        || (begin.elapsed() < budget && batches.len() < batches.capacity())
    {
        batches.push(batch(calls).as_nanos() as f64 / f64::from(calls));
    }
    Cost::of(batches)
}

/// A work, ready to be called.
pub type Call = Box<dyn FnMut()>;

/// The cost of single calls with a sleep before each, as a device calls.
///
/// The works take turns, in another order each time. So all of them meet the same machine, and none is always behind the
/// one with which it shares code.
pub fn cold(calls: usize, works: &mut [Call]) -> Vec<Cost> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut order: Vec<usize> = (0..works.len()).collect();
    let mut times = vec![Vec::with_capacity(calls); works.len()];
    for round in 0..calls + WARM_UP {
        random.shuffle(&mut order);
        for &turn in &order {
            let (Some(work), Some(times)) = (works.get_mut(turn), times.get_mut(turn)) else {
                continue;
            };
            std::thread::sleep(Duration::from_millis(3));
            let begin = Instant::now();
            work();
            black_box(());
            let time = begin.elapsed().as_nanos() as f64;
            if round >= WARM_UP {
                times.push(time);
            }
        }
    }
    times.into_iter().map(Cost::of).collect()
}

/// Cold calls that are not counted, since the first ones may make what they need.
const WARM_UP: usize = 8;
