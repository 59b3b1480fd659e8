//! What criterion's benchmarks do not measure: the cold path, costs over something, the callback again and again, and
//! what resamplers do to sound.

mod callbacks;
mod lines;
mod sounds;

use std::error::Error;

use benches::clock::cold;
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
    let mut add = |work: String, who: String, kind, call: &mut dyn FnMut()| {
        rows.push(Row {
            work,
            who,
            kind,
            ns: None,
            spread: 0.0,
            cold_ns: Some(cold(calls, call).median_ns),
        });
    };
    for path in PATHS {
        let mut memcpy = floor(path.block_bytes());
        add(path.work(), "memcpy".to_owned(), Kind::Floor, &mut memcpy);
        for resample in path.qualities {
            let mut stream = path.open(*resample)?;
            let mut call = || stream.push_and_render();
            add(path.work(), path.who(*resample), Kind::Ours, &mut call);
        }
    }
    Ok(rows)
}
