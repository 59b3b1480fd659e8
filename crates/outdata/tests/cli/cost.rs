//! `outdata bench`: what it says is consistent. How long a call took is another matter on each machine.

use serde_json::{Value, json};

use crate::bench::{Bench, assert_fails, text};

/// As little as is measured.
const QUICK: [&str; 3] = ["bench", "--seconds", "0.001"];

/// What stands on standard output.
fn told(bench: &Bench, arguments: &[&str]) -> String {
    let output = bench.run(&[&QUICK, arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn measured(arguments: &[&str]) -> Value {
    let told = told(&Bench::new(), &[arguments, &["--report", "json"]].concat());
    assert_eq!(told.lines().count(), 1, "nothing else is told: {told}");
    serde_json::from_str(&told).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// In one measurement, everything adds up.
fn assert_consistent(row: &Value) {
    let times = ["render_ns", "cold_ns", "push_ns"];
    for times in times.map(|name| &row[name]) {
        let quantiles = ["p50", "p99", "p99_9", "max"].map(|name| number(&times[name]));
        assert!(quantiles.is_sorted(), "{times}");
        let outliers = &times["outliers"];
        // At least half take no longer than the median.
        assert!(number(&outliers["calls"]) <= number(&times["calls"]) / 2.0);
        assert!(quantiles[2] <= number(&outliers["above"]), "{times}");
        let is_over = quantiles[3] > number(&outliers["above"]);
        assert_eq!(is_over, number(&outliers["calls"]) > 0.0, "{times}");
    }
    for name in ["render", "cold"] {
        let times = &row[format!("{name}_ns")];
        let bins = row[format!("{name}_histogram")].as_array().unwrap();
        let calls: f64 = bins.iter().map(|bin| number(&bin["calls"])).sum();
        assert_eq!(calls, number(&times["calls"]));
        let edges = bins
            .iter()
            .flat_map(|bin| [&bin["from_ns"], &bin["below_ns"]]);
        assert!(edges.map(number).is_sorted());
        let last = &bins.last().unwrap()["below_ns"];
        assert_eq!(number(last), number(&times["max"]) + 1.0);
    }
    let (percent, times) = (&row["budget_percent"], &row["render_ns"]);
    for name in ["p50", "p99", "p99_9", "max"] {
        let expected = number(&times[name]) / number(&row["budget_ns"]) * 100.0;
        assert!((number(&percent[name]) - expected).abs() <= expected * 1e-9);
    }
    assert!(number(&row["render_ns"]["calls"]) >= 16.0);
    assert!(number(&row["cold_ns"]["calls"]) >= 4.0);
    assert!(number(&row["memcpy_ns"]) >= 0.0);
}

#[test]
fn each_source_is_measured_with_each_block() {
    let from = "s16le:24000:1,44100x2:f32le";
    let report = measured(&[
        "--from",
        from,
        "--to",
        "48000x5.1:s24le",
        "--block",
        "64,480",
    ]);
    let rows = report["measurements"].as_array().unwrap();
    let asked = rows
        .iter()
        .map(|row| (row["from"].as_str().unwrap(), &row["block"]));
    let asked: Vec<_> = asked
        .map(|(from, block)| (from, block.as_u64().unwrap()))
        .collect();
    let expected = ["24000x1:s16le", "44100x2:f32le"].map(|from| [(from, 64), (from, 480)]);
    assert_eq!(asked, expected.concat());
    for row in rows {
        assert_consistent(row);
        assert_eq!(row["to"], "48000x6:s24le");
        let budget_ns = row["block"].as_u64().unwrap() as f64 / 48_000.0 * 1e9;
        assert!((number(&row["budget_ns"]) - budget_ns).abs() < 1e-3);
    }
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert!(!report["processor"].as_str().unwrap().is_empty());
    for leaf in ["pcm-convert", "channel-mix", "rate-convert"] {
        let backend = report["backend"][leaf].as_str().unwrap();
        let known = ["scalar", "sse2", "avx2", "avx512", "neon", "simd128"];
        assert!(known.contains(&backend), "{backend}");
    }
}

#[test]
fn without_options_speech_is_measured_in_three_blocks() {
    let report = measured(&[]);
    let rows = report["measurements"].as_array().unwrap();
    let blocks: Vec<_> = rows
        .iter()
        .map(|row| row["block"].as_u64().unwrap())
        .collect();
    assert_eq!(blocks, [64, 128, 480]);
    for row in rows {
        assert_eq!(row["from"], "24000x1:s16le");
        assert_eq!(
            (&row["to"], &row["streams"]),
            (&"48000x2:f32le".into(), &1.into())
        );
        assert_eq!(row["resample"], "balanced");
    }
}

/// Whatever is asked of the samples, every block is rendered: one that is not ends it with an error.
#[test]
fn all_that_is_asked_of_the_samples_is_measured_and_said() {
    let report = measured(&[
        "--from",
        "f64be:96000:5.1",
        "--to",
        "44100x2:s16le",
        "--block",
        "1,37,4096",
        "--streams",
        "3",
        "--resample",
        "high",
        "--mix",
        "speakers",
        "--lfe",
        "keep",
        "--normalize",
        "--round",
        "half-away",
        "--dither",
        "tpdf",
        "--seed",
        "7",
    ]);
    for row in report["measurements"].as_array().unwrap() {
        assert_consistent(row);
        let said = ["resample", "mix", "round", "dither"].map(|name| row[name].as_str().unwrap());
        assert_eq!(said, ["high", "speakers", "half-away", "tpdf"]);
        assert_eq!(row["streams"], 3);
    }
}

/// From every format, and to it; up and down, and not at all.
#[test]
fn every_format_is_measured() {
    let formats = rt_callback::SampleFormat::ALL;
    let from: Vec<_> = formats
        .iter()
        .map(|format| format!("{format}:44100:2"))
        .collect();
    let report = measured(&[
        "--from",
        &from.join(","),
        "--to",
        "8000x1:alaw",
        "--block",
        "16",
    ]);
    assert_eq!(
        report["measurements"].as_array().unwrap().len(),
        formats.len()
    );
    for format in ["u8", "s24_32hbe", "f64le", "mulaw"] {
        let to = format!("96000x2:{format}");
        let report = measured(&[
            "--from",
            "s16le:44100:2,s16le:96000:2",
            "--to",
            &to,
            "--block",
            "16",
        ]);
        report["measurements"]
            .as_array()
            .unwrap()
            .iter()
            .for_each(assert_consistent);
    }
}

#[test]
fn a_table_has_a_row_for_each_measurement() {
    let bench = Bench::new();
    let table = told(&bench, &["--block", "16,32", "--report", "markdown"]);
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].contains(env!("CARGO_PKG_VERSION")) && lines[0].contains("rate-convert "));
    assert_eq!((lines[1], lines.len()), ("", 6));
    let cells = |line: &str| line.split('|').count();
    assert!(
        lines[2..].iter().all(|line| cells(line) == cells(lines[2])),
        "{table}"
    );
    assert!(lines[5].starts_with("| 24000x1:s16le | 48000x2:f32le | 32 | balanced | 1 | "));

    let table = told(
        &bench,
        &["--block", "16,32", "--streams", "2", "--report", "csv"],
    );
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 3);
    let named = |line: &str, name: &str| {
        let number = lines[0].split(',').position(|one| one == name).unwrap();
        // The processor's name alone is quoted, and alone may hold a comma.
        let (before, rest) = line.split_once('"').unwrap();
        let (_, behind) = rest.rsplit_once('"').unwrap();
        let line = format!("{before}processor{behind}");
        assert_eq!(line.split(',').count(), lines[0].split(',').count());
        line.split(',').nth(number).unwrap().to_owned()
    };
    for (line, block) in lines[1..].iter().zip(["16", "32"]) {
        let asked = ["version", "from", "to", "block", "streams"].map(|name| named(line, name));
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            asked,
            [version, "24000x1:s16le", "48000x2:f32le", block, "2"]
        );
        for name in ["render_p50_ns", "cold_max_ns", "push_outliers", "memcpy_ns"] {
            assert!(named(line, name).parse::<f64>().unwrap() >= 0.0);
        }
    }
}

#[test]
fn people_are_told_in_lines_that_fit() {
    let told = told(&Bench::new(), &["--block", "480", "--streams", "2"]);
    for words in [
        "processor  ",
        "backend  pcm-convert ",
        "block  480 frames, 10.00 ms of sound, 2 streams",
        "render  p50 ",
        "of budget  p50 ",
        "cold  p50 ",
        "push  p50 ",
        "memcpy  ",
        "outliers  ",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(
        told.lines().all(|line| line.chars().count() <= 80),
        "{told}"
    );
    // The bars are of all calls.
    let bars = told.lines().filter(|line| line.contains('#'));
    let shares = bars.map(|line| line.split_whitespace().rev().nth(1).unwrap());
    let sum: f64 = shares.map(|share| share.parse::<f64>().unwrap()).sum();
    assert!((sum - 100.0).abs() < 0.1, "{told}");
}

#[test]
fn a_picture_is_drawn_beside_the_report() {
    let bench = Bench::new();
    bench.file("there.svg", b"old");
    let report = told(
        &bench,
        &["--block", "16,32", "--report", "json", "--svg", "there.svg"],
    );
    assert!(report.starts_with('{'));
    assert_eq!(bench.names(), ["there.svg"]);
    let svg = std::fs::read_to_string(bench.path("there.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("24000x1:s16le -&gt; 48000x2:f32le").count(), 2);
    // A ground, and bars of both kinds for each.
    assert!(svg.matches("<rect ").count() > 4);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    for tag in ["svg", "text", "title", "tspan"] {
        let (opened, closed) = (format!("<{tag}"), format!("</{tag}>"));
        assert_eq!(
            svg.matches(&opened).count(),
            svg.matches(&closed).count(),
            "{tag}"
        );
    }
}

/// Before anything is measured.
#[test]
fn a_picture_that_cannot_be_drawn_is_refused() {
    let bench = Bench::new();
    let slow = ["bench", "--seconds", "86400", "--svg"];
    let run = |name| bench.run(&[&slow[..], &[name]].concat());
    assert_fails(&run("no/such/folder.svg"), 1, "no/such/folder.svg");
    std::fs::create_dir(bench.path("folder.svg")).unwrap();
    assert_fails(&run("folder.svg"), 1, "folder.svg");
    assert_fails(&run("-"), 2, "--svg draws into a file");
    assert_eq!(bench.names(), ["folder.svg"]);
}

#[cfg(unix)]
#[test]
fn a_measurement_that_is_ended_leaves_no_picture() {
    use crate::bench::Running;
    use rustix::process::Signal;
    use std::process::{Command, Stdio};

    for signal in [Signal::INT, Signal::TERM] {
        let bench = Bench::new();
        let child = Running::start(
            Command::new(env!("CARGO_BIN_EXE_outdata"))
                .args(["bench", "--seconds", "86400", "--svg", "out.svg"])
                .current_dir(bench.folder.path())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        );
        bench.wait_for_a_file();
        assert_ne!(
            bench.names(),
            ["out.svg"],
            "nothing yet under the final name"
        );
        child.signal(signal);
        let output = child.output();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).contains("out.svg: ended by SIG"));
        assert!(bench.names().is_empty(), "{:?}", bench.names());
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let bench = Bench::new();
    let cases: &[(&[&str], &str)] = &[
        (&["--from", "s16:48000:1"], "did you mean s16le?"),
        (&["--from", "s16le:24000:1,"], "FORMAT:RATE:CHANNELS"),
        (&["--from", "24000x1"], "RATExCHANNELS:FORMAT"),
        (&["--from", "s16le:0:1"], "rate"),
        (&["--to", "48000x0:s16le"], "channels"),
        (&["--block", "64,0"], "1 to"),
        (&["--block", ""], "1 to"),
        (&["--streams", "0"], "from 1 to 10000"),
        (&["--streams", "10001"], "from 1 to 10000"),
        (&["--seconds", "0"], "0.001"),
        (&["--seconds", "nan"], "0.001"),
        (&["--resample", "cubic"], "balanced"),
        (&["--report", "xml"], "markdown"),
        (
            &["--streams", "10000", "--block", "4194304"],
            "lower --streams or --block",
        ),
        (&["in.wav"], "in.wav"),
    ];
    for (arguments, words) in cases {
        assert_fails(&bench.run(&[&["bench"], *arguments].concat()), 2, words);
    }
}

/// The other commands say as well what they were asked for, and what ran it.
#[test]
fn every_report_says_what_it_is_of() {
    let bench = Bench::new();
    let sound = [7; 9_600];
    let raw = ["--raw", "s16le:24000:1", "--report", "json"];
    let of = |arguments: &[&str]| {
        let output = bench.run_with(&sound, &[arguments, &raw].concat());
        crate::bench::report(&output)
    };
    let asked = |report: &Value| {
        assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
        assert!(report["backend"]["rate-convert"].is_string());
        ["from", "to", "block", "resample"].map(|name| report[name].clone())
    };
    let to = ["--to", "48000x2:s16le", "--resample", "linear"];
    let report = of(&[&["render", "-", "a.wav", "--block", "100"], &to[..]].concat());
    let expected = json!(["24000x1:s16le", "48000x2:s16le", 100, "linear"]);
    assert_eq!(json!(asked(&report)), expected);
    let outliers = &report["callback_ns"]["outliers"];
    assert!(outliers["calls"].as_u64() <= report["blocks"].as_u64());
    assert!(number(&outliers["above"]) >= 10.0 * number(&report["callback_ns"]["p50"]));
    let report = of(&[&["render", "-", "a.wav", "--blocks", "100,7"], &to[..]].concat());
    assert_eq!(report["block"], Value::from(vec![100, 7]));
    let report = of(&[
        &["play", "-", "--device", "null", "--block", "480"],
        &to[..],
    ]
    .concat());
    let expected = json!(["24000x1:s16le", "48000x2:s16le", 480, "linear"]);
    assert_eq!(json!(asked(&report)), expected);
    let record = [
        "record",
        "--device",
        "a.wav",
        "--to",
        "16000x1:s16le",
        "b.wav",
        "--report",
        "json",
    ];
    let report = crate::bench::report(&bench.run(&record));
    let [from, to, _, resample] = asked(&report);
    assert_eq!(
        [from, to, resample],
        ["48000x2:s16le", "16000x1:s16le", "balanced"].map(Value::from)
    );
}
