//! The ways in which the same bytes get into the tool.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Output;
use std::thread;

use crate::bench::{Bench, text};

pub(crate) fn asset_path(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/assets")
        .join(name);
    path.into_os_string().into_string().unwrap()
}

pub(crate) fn asset(name: &str) -> Vec<u8> {
    std::fs::read(asset_path(name)).unwrap()
}

/// Renders from a file, a pipe by both its names, and a FIFO, to this spec.
#[cfg(unix)]
pub(crate) fn by_every_way(bytes: &[u8], name: &str, to: &str) -> Vec<(&'static str, Output)> {
    let bench = Bench::new();
    let render = |from: &str| ["render", from, "-", "--to", to].map(str::to_owned);
    let run = |input: &[u8], from: &str| {
        let arguments = render(from);
        bench.run_with(input, &arguments.each_ref().map(String::as_str))
    };
    bench.file(name, bytes);
    let mut outputs = vec![
        ("file", run(&[], name)),
        ("pipe", run(bytes, "-")),
        // What `<(...)` is, too: a pipe with a name.
        ("/dev/stdin", run(bytes, "/dev/stdin")),
    ];
    let fifo = bench.path("fifo");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let bytes = bytes.to_vec();
    // Who never opens it keeps this thread waiting, and fails the test by what it renders.
    thread::spawn(move || {
        let mut fifo = OpenOptions::new().write(true).open(fifo).unwrap();
        let _ = fifo.write_all(&bytes);
    });
    outputs.push(("FIFO", run(&[], "fifo")));
    outputs
}

/// What all ways bring, which must be the same: samples, and what is said.
#[cfg(unix)]
pub(crate) fn samples_by_every_way(bytes: &[u8], name: &str, to: &str) -> (Vec<u8>, String) {
    let outputs = by_every_way(bytes, name, to);
    let (_, file) = &outputs[0];
    let warnings = |output: &Output, name: &str| {
        let said = text(&output.stderr).replace(name, "IN");
        let warnings = said.lines().filter(|line| line.starts_with("outdata: "));
        warnings.collect::<Vec<_>>().join("\n")
    };
    let said = warnings(file, name);
    for (way, output) in &outputs {
        let name_there = match *way {
            "file" => name,
            "pipe" => "standard input",
            "FIFO" => "fifo",
            other => other,
        };
        assert_eq!(
            output.status.code(),
            Some(0),
            "{name} by {way}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout == file.stdout, "{name} by {way}: {said}");
        assert_eq!(warnings(output, name_there), said, "{name} by {way}");
    }
    (file.stdout.clone(), said.replace("IN", name))
}
