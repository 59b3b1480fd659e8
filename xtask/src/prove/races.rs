//! No data race: every half of a stream and of a capture on its own thread, watched by ThreadSanitizer.

use std::process::Output;

use super::{Effort, Outcome, Part};
use crate::command::{command, run};

pub(super) const PART: Part = Part {
    name: "races",
    shows: "ThreadSanitizer sees no data race between feeder, controllers, renderer, monitor, readings, tap, recorder, \
            reader and their watchers",
    run: prove,
    broken,
};

/// What is pushed and recorded, in frames.
const QUICK: u64 = 300_000;
const LONG: u64 = 10_000_000;

/// What ThreadSanitizer exits with.
const RACE: i32 = 66;

fn prove(effort: Effort) -> Result<Outcome, String> {
    let Some(host) = nightly()? else {
        return Ok(skipped());
    };
    let probe = build(&host, &[])?;
    let items = if effort == Effort::Long { LONG } else { QUICK };
    let output = execute(&probe, items)?;
    let words = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(0) => Ok(Outcome::Passed(words.trim().to_owned())),
        Some(RACE) => Err(format!("a data race:\n{}", errors(&output))),
        _ => Err(format!("{}: {}", output.status, errors(&output))),
    }
}

fn broken() -> Result<Outcome, String> {
    let Some(host) = nightly()? else {
        return Ok(skipped());
    };
    let planted = ["planted-in-playback", "planted-in-capture"];
    for feature in planted {
        let probe = build(&host, &[feature])?;
        let output = execute(&probe, QUICK)?;
        if output.status.code() != Some(RACE) || !errors(&output).contains("planted.rs") {
            return Err(format!("a race that was {feature} was not caught"));
        }
    }
    Ok(Outcome::Passed(format!(
        "{} planted races are caught",
        planted.len()
    )))
}

/// The host, where nightly is there.
fn nightly() -> Result<Option<String>, String> {
    let output = command("rustup")
        .args(["run", "nightly", "rustc", "-vV"])
        .output();
    let Ok(output) = output else {
        return Ok(None);
    };
    if !output.status.success() {
        return Ok(None);
    }
    let words = String::from_utf8_lossy(&output.stdout);
    let host = words.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("nightly does not name its host")?;
    // Where it has the sanitizer's runtime.
    let has_it = host.contains("-linux-gnu") || host.contains("-apple-darwin");
    Ok(has_it.then(|| host.to_owned()))
}

fn skipped() -> Outcome {
    Outcome::Skipped(
        "no nightly with ThreadSanitizer here (rustup toolchain install nightly; Linux or macOS)"
            .to_owned(),
    )
}

/// Builds the probe, and returns where it is.
fn build(host: &str, features: &[&str]) -> Result<String, String> {
    let mut build = command("rustup");
    build
        .args(["run", "nightly", "cargo", "build", "--locked", "--release"])
        .arg("--manifest-path=xtask/race-probe/Cargo.toml")
        .arg(format!("--target={host}"))
        .arg("--target-dir=target/races")
        .arg(format!("--features={}", features.join(",")))
        .env(
            "RUSTFLAGS",
            "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer",
        )
        .env_remove("CARGO");
    run(build)?;
    Ok(format!("target/races/{host}/release/race-probe"))
}

fn execute(probe: &str, items: u64) -> Result<Output, String> {
    command(crate::command::root().join(probe))
        .arg(items.to_string())
        .env("TSAN_OPTIONS", format!("halt_on_error=1 exitcode={RACE}"))
        .output()
        .map_err(|error| format!("cannot run {probe}: {error}"))
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
