//! What criterion's benchmarks do not measure: the cold path, costs over something, the callback again and again, and
//! what resamplers do to sound.

mod callbacks;
mod lines;
mod sounds;

use std::error::Error;

use benches::clock::{Call, cold};
use benches::kernels::floor;
use benches::machine::Machine;
use benches::paths::PATHS;
use benches::rows::{Kind, Measured, Row};

/// Measures everything; for longer, where it is to be full.
pub(crate) fn everything(is_full: bool) -> Result<Measured, Box<dyn Error>> {
    let machine = Machine::here();
    println!("cold calls");
    let rows = cold_rows(if is_full { 1_000 } else { 200 })?;
    println!("costs over blocks, channels, rates and streams");
    let lines = lines::measure(is_full)?;
    println!("callbacks");
    let callbacks = callbacks::measure(if is_full { 60_000 } else { 6_000 })?;
    println!("resamplers");
    let sounds = sounds::measure()?;
    Ok(Measured {
        machine: machine.done(),
        rows,
        sounds,
        lines,
        callbacks,
        skipped: Vec::new(),
    })
}

/// The paths, called as a device calls.
fn cold_rows(calls: usize) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for path in PATHS {
        let mut works: Vec<Call> = vec![floor(path.block_bytes())];
        let mut who = vec![("memcpy".to_owned(), Kind::Floor)];
        for resample in path.qualities {
            let mut stream = path.open(*resample)?;
            works.push(Box::new(move || stream.push_and_render()));
            who.push((path.who(*resample), Kind::Ours));
        }
        for (cost, (who, kind)) in cold(calls, &mut works).into_iter().zip(who) {
            rows.push(Row {
                work: path.work(),
                who,
                kind,
                ns: None,
                spread: 0.0,
                cold_ns: Some(cost.median_ns),
            });
        }
    }
    Ok(rows)
}
