//! How long each of many callbacks takes, quiet and beside busy threads.

use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use benches::paths::PATHS;
use benches::rows::Callbacks;
use rt_callback::Resample;

/// Between two callbacks: shorter than a device's, or a run would take minutes.
const PAUSE: Duration = Duration::from_micros(500);
/// Busy threads for each core.
const CROWD: usize = 2;

/// Measures so many callbacks of each.
pub(crate) fn measure(count: usize) -> Result<Callbacks, Box<dyn Error>> {
    let quiet = times(count)?;
    let stop = AtomicBool::new(false);
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let loaded = thread::scope(|scope| {
        for _ in 0..CROWD * cores {
            scope.spawn(|| busy(&stop));
        }
        let loaded = times(count).map_err(|error| error.to_string());
        stop.store(true, Ordering::Relaxed);
        loaded
    })?;
    Ok(Callbacks { quiet, loaded })
}

/// Speech at the default quality; the push is off the clock, as it is another thread's.
fn times(count: usize) -> Result<Vec<u32>, Box<dyn Error>> {
    let [speech, ..] = PATHS;
    let mut stream = speech.open(Resample::Balanced)?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        stream.push();
        thread::sleep(PAUSE);
        let begin = Instant::now();
        stream.render();
        times.push(begin.elapsed().as_nanos() as u32);
    }
    match stream.starved_frames() {
        0 => Ok(times),
        frames => Err(format!("{frames} frames were not there: the times mean nothing").into()),
    }
}

/// Reads and writes more memory than the caches hold.
fn busy(stop: &AtomicBool) {
    let (mut from, mut to) = (vec![1_u8; 1 << 24], vec![0_u8; 1 << 24]);
    while !stop.load(Ordering::Relaxed) {
        black_box(&mut to[..]).copy_from_slice(black_box(&from));
        std::mem::swap(&mut from, &mut to);
    }
}
