//! The report's page and its figures for programs.

use std::error::Error;
use std::fs;
use std::path::Path;

use benches::rows::{Measured, Python, Sound};
use serde_json::{Value, json};

use crate::draw::PICTURES;
use crate::table;

/// Writes `report.md` and `report.json`.
pub(crate) fn write(
    folder: &Path,
    measured: &Measured,
    python: &Python,
    c_peers: Option<&Measured>,
) -> Result<(), Box<dyn Error>> {
    fs::write(folder.join("report.md"), page(measured, python, c_peers))?;
    let figures = json!({
        "rust": figures(measured)?,
        "c": c_peers.map(figures).transpose()?,
        "python": python,
    });
    let text = serde_json::to_string_pretty(&figures)?;
    fs::write(folder.join("report.json"), text + "\n")?;
    println!("written: {}", folder.join("report.md").display());
    Ok(())
}

fn page(measured: &Measured, python: &Python, c_peers: Option<&Measured>) -> String {
    let machine = &measured.machine;
    let mut text = format!(
        "\
# What it costs

Written by `cargo xtask bench` on {date}: {cpu}, {cores} cores, {system}, kernels up to {backend}; version {version},
{rustc}, {flags}; {before:.1} threads wanted to run when it began, {after:.1} when it ended.

Nanoseconds a call, the fastest sample of each row. `!` marks a row whose median sample lies more than 10 % above its
fastest. Conversions are of 960 samples, everything else gives 480 frames; a `path` is a push and a rendered block.
memcpy copies the bytes that the work writes. *Cold* is the median of single calls, each after 3 ms of sleep; those who
do the same work take turns. A resampler stands beside ours if its noise is at most 10 dB higher, by the worse of two
tones (997 Hz, and 0.9 of the lower Nyquist frequency); which are louder is in the scatter below.

## By work, beside Rust crates

{table}
",
        date = machine.date,
        cpu = machine.cpu,
        cores = machine.cores,
        system = machine.system,
        backend = machine.backend,
        version = machine.version,
        rustc = machine.rustc,
        flags = machine.flags,
        before = machine.load[0],
        after = machine.load[1],
        table = table::markdown(measured),
    );
    text += "## By work, beside C libraries and Web Audio\n\n";
    match c_peers {
        None => text += "Not measured in this run: `cargo xtask bench --c-peers` does.\n\n",
        Some(c_peers) => {
            text += &format!(
                "One process, the libraries' default and best settings; web-audio-api renders a second at a time, and what that \
                 costs is counted for a block. {:.1} threads wanted to run when it began, {:.1} when it ended.\n\n{}\n",
                c_peers.machine.load[0],
                c_peers.machine.load[1],
                table::markdown(c_peers)
            );
            for skipped in &c_peers.skipped {
                text += &format!("Skipped: {skipped}\n\n");
            }
        }
    }
    text += &format!("## From Python\n\n{}\n", table::python(python));
    text += "## Pictures\n\n";
    for (file, words) in PICTURES {
        text += &format!("{words}\n\n![{words}]({file})\n\n");
    }
    text += &format!("## Resamplers\n\n{}\n", sounds(measured, c_peers));
    text += &format!("## All rows\n\n{}", table::all_rows(measured));
    if let Some(c_peers) = c_peers {
        text += &format!(
            "\nBeside C libraries and Web Audio:\n\n{}",
            table::all_rows(c_peers)
        );
    }
    text
}

fn sounds(measured: &Measured, c_peers: Option<&Measured>) -> String {
    let mut text = String::from(
        "| work | who | 997 Hz over the rest, dB | 0.9 of Nyquist over the rest, dB |\n|---|---|--:|--:|\n",
    );
    let c = c_peers.map_or(&[][..], |c_peers| &c_peers.sounds);
    for sound in measured.sounds.iter().chain(c) {
        text += &format!(
            "| {} | {} | {:.1} | {:.1} |\n",
            sound.work, sound.who, sound.low_db, sound.high_db
        );
    }
    text
}

/// What was measured without what only pictures need.
fn figures(measured: &Measured) -> Result<Value, Box<dyn Error>> {
    let callbacks = |times: &[u32]| {
        let [p50, p99, p999, max] = crate::draw::percentiles(times);
        json!({ "count": times.len(), "p50_ns": p50, "p99_ns": p99, "p99_9_ns": p999, "max_ns": max })
    };
    let sound = |sound: &Sound| Sound {
        response: Vec::new(),
        sweep: Vec::new(),
        ..sound.clone()
    };
    let mut figures = serde_json::to_value(&Measured {
        sounds: measured.sounds.iter().map(sound).collect(),
        ..measured.clone()
    })?;
    if let Some(figures) = figures.as_object_mut() {
        figures.remove("callbacks");
        let quiet = callbacks(&measured.callbacks.quiet);
        let loaded = callbacks(&measured.callbacks.loaded);
        figures.insert(
            "callback".to_owned(),
            json!({ "quiet": quiet, "loaded": loaded }),
        );
    }
    Ok(figures)
}
