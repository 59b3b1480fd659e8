//! The report: criterion's rows, what `benches/examples/report` measures besides, Python's package, and C libraries where
//! asked for.

use std::fs;
use std::path::Path;

use super::c_peers;
use crate::command::{cargo, root, run};
use crate::python;

/// Where the parts are collected. It is made anew, so that no row of another run is among them.
const PARTS: &str = "target/bench-report";
const REPORT: &str = "benches/report";

/// Which benchmarks a quick report runs, as criterion's regular expressions.
const QUICK: [(&str, &str); 4] = [
    (
        "convert",
        "^convert/(s16le-f32le|f32le-s16le|s24le-f32le|f32le-s24le|s32le-f32le|f32le-s32le|u8-f32le|quantize-s16le-tpdf)/960/",
    ),
    ("mix", "^mix/(mono to stereo|stereo to mono|5.1 to stereo)/"),
    (
        "resample",
        "^resample/(24000-48000|44100-48000|44100-48000 x[68]|48000-48000 adjustable)/",
    ),
    ("paths", ""),
];

/// Benchmarks that have no times of their own.
const PLAIN: [(&str, &str); 2] = [("record", ""), ("render", "^render/(idle|paused)$")];

const FULL: [&str; 4] = ["convert", "mix", "resample", "paths"];

/// Measures everything and writes the report.
pub(super) fn make(is_full: bool, has_c_peers: bool) -> Result<(), String> {
    let parts = root().join(PARTS);
    let _ = fs::remove_dir_all(&parts);
    fs::create_dir_all(&parts).map_err(|error| format!("{PARTS}: {error}"))?;
    // First, since it is built for this, which may fail.
    let in_python = parts.join("python.json");
    python::measure(&in_python)?;
    if is_full {
        for bench in FULL {
            criterion(&parts, bench, "", &[])?;
        }
    } else {
        for (bench, filter) in QUICK {
            criterion(&parts, bench, filter, &[])?;
        }
    }
    let times = if is_full { ["1", "3"] } else { ["0.2", "0.6"] };
    let [warm_up, measurement] = times.map(str::to_owned);
    let times = [
        "--warm-up-time",
        &warm_up,
        "--measurement-time",
        &measurement,
    ];
    for (bench, filter) in PLAIN {
        criterion(&parts, bench, filter, &times)?;
    }
    let mut measure = vec!["measure".to_owned(), shown(&parts.join("measured.json"))];
    if is_full {
        measure.push("--full".to_owned());
    }
    report(&measure)?;
    let mut draw = vec![
        "draw".to_owned(),
        REPORT.to_owned(),
        shown(&parts.join("criterion")),
        shown(&parts.join("measured.json")),
        shown(&in_python),
    ];
    if has_c_peers {
        let rows = parts.join("c-peers.json");
        c_peers::measure(&rows, is_full)?;
        draw.push(shown(&rows));
    }
    report(&draw)
}

fn criterion(parts: &Path, bench: &str, filter: &str, more: &[&str]) -> Result<(), String> {
    let bench = format!("--bench={bench}");
    let mut command = cargo(["bench", "--locked", "--package=benches", &bench, "--"]);
    command
        .args(["--noplot", "--quiet"])
        .args(more)
        .env("CRITERION_HOME", parts.join("criterion"));
    if !filter.is_empty() {
        command.arg(filter);
    }
    run(command)
}

fn report(arguments: &[String]) -> Result<(), String> {
    let program = ["run", "--locked", "--release", "--package=benches"];
    let mut command = cargo(program);
    command.args(["--example=report", "--"]).args(arguments);
    run(command)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
