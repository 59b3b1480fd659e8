//! However what is pushed and what is asked for is cut into calls, the same comes out: scripts by a seeded generator
//! and, at length, by libFuzzer.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Effort, Outcome, Part};
use crate::command::{cargo, command, root, run};

pub(super) const PART: Part = Part {
    name: "cuttings",
    shows: "any two cuttings of random use give the same bits, events and counts; every frame is accounted for; the \
            end comes",
    run: prove,
    broken,
};

const QUICK_SCRIPTS: &str = "50000";
const LONG_SCRIPTS: &str = "10000000";
const LIBFUZZER_SECONDS: u32 = 600;

const CORPUS: &str = "fuzz/corpus/cuttings";

/// What it takes to have libFuzzer see where a script leads: the flags that `cargo fuzz` gives.
const COVERAGE: &str = "--cfg=fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
                        -Ccodegen-units=1";

fn prove(effort: Effort) -> Result<Outcome, String> {
    build()?;
    let [scripts, seed] = match effort {
        Effort::Quick => [QUICK_SCRIPTS, "1"],
        Effort::Long => [LONG_SCRIPTS, "2"],
    };
    let corpus = corpus()?;
    let mut seeded = seeded();
    seeded.args([scripts, seed]).args(&corpus);
    run(seeded)?;
    let mut figure = format!("{scripts} scripts and {} of a corpus", corpus.len());
    if effort == Effort::Long {
        figure += "; ";
        figure += &libfuzzer()?;
    }
    Ok(Outcome::Passed(figure))
}

fn broken() -> Result<Outcome, String> {
    const TWINS: [&str; 5] = ["bit", "ramp", "unwritten", "counter", "endless"];
    build()?;
    for twin in TWINS {
        let mut seeded = seeded();
        seeded.args([QUICK_SCRIPTS, "1", &format!("--broken={twin}")]);
        let output = seeded
            .output()
            .map_err(|error| format!("cannot run {seeded:?}: {error}"))?;
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().last().unwrap_or_default();
        if output.status.success() || !last.starts_with("script ") {
            return Err(format!("the twin {twin} was not caught: {last}"));
        }
        println!("{twin}: {last}");
    }
    Ok(Outcome::Passed(
        "caught: a bit that depends on the block, a ramp that begins with each, a byte that is not written, a count \
         that is off by one, an end that never comes"
            .to_owned(),
    ))
}

fn build() -> Result<(), String> {
    run(cargo([
        "build",
        "--locked",
        "--release",
        "--manifest-path=fuzz/Cargo.toml",
        "--target-dir=target/fuzz",
        "--bin=cuttings-seeded",
    ]))
}

fn seeded() -> Command {
    command(root().join("target/fuzz/release/cuttings-seeded"))
}

/// Scripts that once failed, and those that lead where others do not.
fn corpus() -> Result<Vec<PathBuf>, String> {
    let told = |error: std::io::Error| format!("{CORPUS}: {error}");
    let entries = fs::read_dir(root().join(CORPUS)).map_err(told)?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(told))
        .collect()
}

/// libFuzzer, from the corpus on; what it finds goes under `target`. It is C++, and a crate that nothing else needs.
fn libfuzzer() -> Result<String, String> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = cargo([
        "build",
        "--locked",
        "--release",
        "--manifest-path=fuzz/Cargo.toml",
        "--target-dir=target/libfuzzer",
        "--features=libfuzzer",
        "--bin=cuttings",
    ]);
    // With a target, what runs while building is not looked into.
    build.args(["--target", &target]).env("RUSTFLAGS", COVERAGE);
    if let Err(words) = run(build) {
        return Ok(format!(
            "libFuzzer skipped: it takes a C++ compiler, and its crate from the registry ({words})"
        ));
    }
    let found = root().join("target/libfuzzer/found");
    fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
    let program = format!("target/libfuzzer/{target}/release/cuttings");
    let mut fuzzer = command(root().join(program));
    // Without the first, scripts would stay short for hours.
    fuzzer
        .args(["-len_control=0", "-max_len=600", "-print_final_stats=1"])
        .arg(format!("-max_total_time={LIBFUZZER_SECONDS}"))
        .arg("-artifact_prefix=target/libfuzzer/")
        .args([found, root().join(CORPUS)]);
    run(fuzzer)?;
    Ok(format!("libFuzzer for {LIBFUZZER_SECONDS} s"))
}
