//! The measurement of one row.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use super::row::Row;
use super::streams::Streams;
use super::times::{Summary, Times};
use crate::console::Failure;

/// How the time is shared out: the rest is for calls in a row.
const FLOOR_SHARE: f64 = 0.05;
const COLD_SHARE: f64 = 0.4;
/// Between two cold calls everybody sleeps, and the processor does something else.
pub(super) const PAUSE: Duration = Duration::from_millis(3);
/// So many calls are measured, however long they take.
const LEAST_CALLS: u64 = 16;
const LEAST_COLD_CALLS: u64 = 4;
/// How often it is shown how far it has come.
const SHOWN_EVERY: Duration = Duration::from_millis(50);
/// What is called so often is warm.
const WARM_CALLS: usize = 8;
/// One copy is too short to be timed.
const COPIES: u32 = 32;

/// Everything about one run of the command.
pub(super) struct Run {
    pub(super) processor: String,
    /// What reading the clock takes. It is taken off every time.
    pub(super) clock_ns: u64,
    pub(super) rows: Vec<Measured>,
}

/// What came of a row.
pub(super) struct Measured {
    pub(super) row: Row,
    /// The callback, called again and again.
    pub(super) render: Times,
    /// What the application does before it.
    pub(super) push: Summary,
    /// The callback after a pause, as a device calls it.
    pub(super) cold: Times,
    /// The time of half of the copies of as many bytes as the callback writes.
    pub(super) memcpy_ns: f64,
}

/// What it takes to read the clock.
pub(super) fn clock_ns() -> u64 {
    let read = |_| {
        let begin = Instant::now();
        nanoseconds(begin, Instant::now())
    };
    let mut times: Vec<_> = (0..1_001).map(read).collect();
    times.sort_unstable();
    times.get(500).copied().unwrap_or(0)
}

/// Measures for about so long. `tick` is called now and then, when nothing is timed.
pub(super) fn measure(
    row: Row,
    time: Duration,
    clock_ns: u64,
    tick: impl Fn(),
) -> Result<Measured, Failure> {
    let spent = |begin, end| nanoseconds(begin, end).saturating_sub(clock_ns);
    let mut streams = Streams::new(&row)?;
    let memcpy_ns = floor(&row, time.mul_f64(FLOOR_SHARE), clock_ns)?;

    let (mut pushes, mut renders) = (Times::new()?, Times::new()?);
    let cold_time = time.mul_f64(COLD_SHARE);
    let until = Instant::now() + time.mul_f64(1.0 - FLOOR_SHARE - COLD_SHARE);
    let mut calls = 0;
    while calls < LEAST_CALLS || Instant::now() < until {
        tick();
        for _ in 0..WARM_CALLS {
            streams.push()?;
            streams.render()?;
        }
        let pause = until.min(Instant::now() + SHOWN_EVERY);
        loop {
            let (begin, pushed) = streams.push()?;
            let rendered = streams.render()?;
            pushes.add(spent(begin, pushed));
            renders.add(spent(pushed, rendered));
            calls += 1;
            if rendered >= pause {
                break;
            }
        }
    }

    let mut cold = Times::new()?;
    let until = Instant::now() + cold_time;
    let mut calls = 0;
    while calls < LEAST_COLD_CALLS || Instant::now() < until {
        tick();
        streams.push()?;
        thread::sleep(PAUSE);
        let begin = Instant::now();
        let end = streams.render()?;
        cold.add(spent(begin, end));
        calls += 1;
    }
    Ok(Measured {
        row,
        render: renders,
        push: pushes.summary(),
        cold,
        memcpy_ns,
    })
}

/// Nobody writes as many bytes faster.
fn floor(row: &Row, time: Duration, clock_ns: u64) -> Result<f64, Failure> {
    let source = vec![1_u8; row.block_bytes()];
    let mut blocks: Vec<_> = (0..row.streams).map(|_| source.clone()).collect();
    let mut copies = Times::new()?;
    let begin = Instant::now();
    loop {
        let from = Instant::now();
        for _ in 0..COPIES {
            for block in &mut blocks {
                black_box(&mut **block).copy_from_slice(black_box(&source));
            }
        }
        let to = Instant::now();
        copies.add(nanoseconds(from, to).saturating_sub(clock_ns));
        if to - begin >= time {
            break;
        }
    }
    Ok(copies.summary().p50 as f64 / f64::from(COPIES))
}

fn nanoseconds(from: Instant, to: Instant) -> u64 {
    u64::try_from((to - from).as_nanos()).unwrap_or(u64::MAX)
}
