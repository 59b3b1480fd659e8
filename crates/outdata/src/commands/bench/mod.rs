//! What the callback costs on this machine.

mod forms;
mod measure;
mod picture;
mod row;
mod streams;
mod text;
mod times;

use std::path::Path;
use std::time::{Duration, Instant};

use rt_callback::StreamSpec;

use self::measure::{Run, clock_ns, measure};
use self::row::Row;
use crate::cli::args::{Bench, BenchForm};
use crate::commands::config::{untimed, warn_of_dropped};
use crate::console::{Failure, columns, measuring_bar, processor, tell, warn};
use crate::output::{Output, Target};
use crate::signals;

/// How wide the text is where no terminal says.
const COLUMNS: usize = 80;

pub(crate) fn run(arguments: &Bench) -> Result<(), Failure> {
    let rows = rows(arguments)?;
    let picture = arguments.svg.as_deref().map(begin).transpose()?;
    if cfg!(debug_assertions) {
        warn("this is a debug build, which takes many times as long as one with --release");
    }
    let run = measure_all(rows, Duration::from_secs_f64(arguments.seconds))?;
    if let Some(mut output) = picture {
        output.write(picture::svg(&run).as_bytes())?;
        output.finish()?;
    }
    tell(&match arguments.report {
        Some(BenchForm::Json) => forms::json(&run),
        Some(BenchForm::Markdown) => forms::markdown(&run),
        Some(BenchForm::Csv) => forms::csv(&run),
        None => text::text(&run, columns().unwrap_or(COLUMNS)),
    })
}

fn rows(arguments: &Bench) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for source in &arguments.from {
        let config = untimed(&arguments.conversion, *source, arguments.to);
        warn_of_dropped(&config);
        for block in &arguments.block {
            let row = Row::new(config.clone(), block.get(), arguments.streams);
            row.check()?;
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The file appears when it is whole. That it can be written is known before anything is measured.
fn begin(path: &Path) -> Result<Output, Failure> {
    if path.as_os_str() == "-" {
        return Err(Failure::usage(
            "--svg draws into a file; standard output has the report",
        ));
    }
    signals::leave_nothing_unfinished()?;
    // Bytes, as far as an output is concerned.
    let bytes: StreamSpec = "1x1:u8".parse().map_err(Failure::failed)?;
    Output::create(&Target::of_bytes(path), &bytes, None)
}

fn measure_all(rows: Vec<Row>, time: Duration) -> Result<Run, Failure> {
    let share = time.div_f64(rows.len().max(1) as f64);
    let bar = measuring_bar(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    let clock_ns = clock_ns();
    let begin = Instant::now();
    let rows = rows.into_iter().map(|row| {
        bar.set_message(format!("{} {}", row.config.source, row.block_frames));
        let tick = || bar.set_position(u64::try_from(begin.elapsed().as_millis()).unwrap_or(0));
        measure(row, share, clock_ns, tick)
    });
    let rows: Result<_, _> = rows.collect();
    bar.finish_and_clear();
    Ok(Run {
        processor: processor(),
        clock_ns,
        rows: rows?,
    })
}
