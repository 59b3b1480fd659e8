//! Every public function of the leaves with exact-size buffers at odd offsets and hostile samples, every backend against
//! the plain one, under AddressSanitizer where nightly is; and damaged texts and headers for what reads them.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use super::{Effort, Outcome, Part};
use crate::command::{cargo, command, root, run};

pub(super) const PART: Part = Part {
    name: "leaves",
    shows: "no access beyond a buffer, no overflow, and the plain backend's bits from every other, for every public \
            function of the leaves and hostile samples; damaged specs, layouts, headers and files are refused or read",
    run: prove,
    broken,
};

const NO_NIGHTLY: &str = "no AddressSanitizer (`rustup toolchain install nightly`)";
/// Calls are about eleven times as many with the backends of x86-64: nearly 10^8 in the long form.
const QUICK_CASES: u64 = 40_000;
const LONG_CASES: u64 = 8_000_000;
/// Of the fuzzers of WAV headers and of `outdata`'s input, once each under the sanitizer.
const PARSERS: [[&str; 3]; 2] = [
    ["--package=device-io", "--test=wav_fuzz", ""],
    ["--package=outdata", "--bin=outdata", "input::fuzz"],
];

fn prove(effort: Effort) -> Result<Outcome, String> {
    let sanitized = has_nightly()?;
    let probe = build(sanitized, effort)?;
    let plain = build_plain(effort)?;
    let cases = match effort {
        Effort::Quick => QUICK_CASES,
        Effort::Long => LONG_CASES,
    };
    // At once: there are two processors at least.
    let plain = start(&plain, cases, None)?;
    let lines = lines(&finish(start(&probe, cases, None)?)?)?;
    let plain = self::lines(&finish(plain)?)?;
    compare(&lines, &plain)?;
    let calls = lines.last().map_or("", String::as_str);
    if !sanitized {
        return Ok(Outcome::Passed(format!("{calls}; {NO_NIGHTLY}")));
    }
    if effort == Effort::Quick {
        return Ok(Outcome::Passed(format!("{calls} under AddressSanitizer")));
    }
    for parser in PARSERS {
        run(fuzzer(parser))?;
    }
    Ok(Outcome::Passed(format!(
        "{calls}, and the fuzzers of WAV headers and of outdata's input, under AddressSanitizer"
    )))
}

fn broken() -> Result<Outcome, String> {
    let sanitized = has_nightly()?;
    let probe = build(sanitized, Effort::Quick)?;
    let mut ways = vec![
        ("add", "attempt to add with overflow"),
        ("lane", "failed: --first"),
    ];
    if sanitized {
        ways.push(("read", "AddressSanitizer"));
    }
    for (way, words) in &ways {
        let output = output(start(&probe, 1_000, Some(way))?)?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !said.contains(words) {
            return Err(format!("not caught: {way}: {said}"));
        }
    }
    // What differs between two builds, and nothing in one.
    let [here, plain] = [probe, build_plain(Effort::Quick)?].map(|probe| {
        let child = start(&probe, 1_000, Some("build"))?;
        lines(&finish(child)?)
    });
    if compare(&here?, &plain?).is_ok() {
        return Err("not caught: other bits than a plain build's".to_owned());
    }
    let read = if sanitized {
        "a read past the end"
    } else {
        NO_NIGHTLY
    };
    Ok(Outcome::Passed(format!(
        "caught: an overflowing sum, one lane that is off by one, bits that a plain build has not; {read}"
    )))
}

/// Where digests differ, one of the cases before is to blame; the last line is what was done.
fn compare(lines: &[String], plain: &[String]) -> Result<(), String> {
    let digests = |lines: &[String]| lines.split_last().map(|(_, digests)| digests.to_vec());
    let (here, plain) = (digests(lines), digests(plain));
    if here.as_ref().is_none_or(Vec::is_empty) {
        return Err("the probe printed no digests".to_owned());
    }
    let mut pairs = here.iter().flatten().zip(plain.iter().flatten());
    match pairs.find(|(here, plain)| here != plain) {
        Some((here, plain)) => Err(format!("{here}; a plain build has {plain}")),
        None if here == plain => Ok(()),
        None => Err("a plain build did another number of cases".to_owned()),
    }
}

fn has_nightly() -> Result<bool, String> {
    let mut nightly = sanitizing("--version");
    nightly.stderr(Stdio::null());
    let output = nightly.output().map_err(|error| error.to_string())?;
    Ok(output.status.success() && cfg!(all(target_os = "linux", target_arch = "x86_64")))
}

/// With all backends; under the sanitizer, or as stable builds it. Sums are checked in both.
fn build(sanitized: bool, effort: Effort) -> Result<PathBuf, String> {
    let mut build = match sanitized {
        true => sanitizing("build"),
        false => cargo(["build"]),
    };
    let folder = if sanitized { "asan" } else { "stable" };
    build.args(probe_arguments(folder, effort));
    if sanitized {
        build.args(["--target", HOST]);
    }
    run(build)?;
    let host = if sanitized { HOST } else { "" };
    Ok(program(folder).join(host).join("release/leaf-probe"))
}

/// With the plain backend only, and optimized less: that is sooner done, and changes no bit.
fn build_plain(effort: Effort) -> Result<PathBuf, String> {
    let mut build = cargo(["build"]);
    build
        .args(probe_arguments("plain", effort))
        .args(["--config", "profile.release.opt-level=1"])
        .env("RUSTFLAGS", "--cfg dsp_force_scalar");
    run(build)?;
    Ok(program("plain").join("release/leaf-probe"))
}

const HOST: &str = "x86_64-unknown-linux-gnu";

fn program(folder: &str) -> PathBuf {
    root().join("target/leaf-probe").join(folder)
}

fn probe_arguments(folder: &str, effort: Effort) -> Vec<String> {
    let mut arguments = vec![
        "--locked".to_owned(),
        "--release".to_owned(),
        "--manifest-path=xtask/leaf-probe/Cargo.toml".to_owned(),
        format!("--target-dir=target/leaf-probe/{folder}"),
    ];
    if effort == Effort::Long {
        arguments.push("--features=all-pairs".to_owned());
    }
    arguments
}

/// Nightly's cargo. A target is named so that build scripts and macros go without the sanitizer.
fn sanitizing(what: &str) -> Command {
    let mut command = command("cargo");
    // The stable cargo that runs this says which compiler it is.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command
        .args(["+nightly", what])
        .env("RUSTFLAGS", "-Zsanitizer=address");
    command
}

fn fuzzer([package, target, filter]: [&str; 3]) -> Command {
    let mut command = sanitizing("test");
    command
        .args(["--locked", "--release", package, target])
        .args(["--target", HOST, "--target-dir=target/leaf-probe/asan"])
        .args(["--", filter])
        // The tests bound the memory in use; the sanitizer keeps what was freed.
        .env("ASAN_OPTIONS", "quarantine_size_mb=16");
    command
}

fn start(probe: &PathBuf, cases: u64, planted: Option<&str>) -> Result<Child, String> {
    let mut command = command(probe);
    command
        .args(["--cases", &cases.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(planted) = planted {
        command.args(["--planted", planted]);
    }
    command
        .spawn()
        .map_err(|error| format!("{}: {error}", probe.display()))
}

fn output(child: Child) -> Result<Output, String> {
    child.wait_with_output().map_err(|error| error.to_string())
}

fn finish(child: Child) -> Result<Output, String> {
    let output = output(child)?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!(
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn lines(output: &Output) -> Result<Vec<String>, String> {
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(str::to_owned).collect())
}
