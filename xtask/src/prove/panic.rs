//! No path to a panic is linked from an entry point: each is linked alone, with a panic handler that calls a function
//! which is nowhere.

use std::ffi::OsString;
use std::fs;

use super::{Effort, Outcome, Part};
use crate::command::{cargo, command, root, run};

pub(super) const PART: Part = Part {
    name: "panic",
    shows: "no path to a panic from `render`, `record`, `read`, `push` and the leaves' functions, at link time",
    run: prove,
    broken,
};

const FOLDER: &str = "xtask/panic-probe";

fn prove(_: Effort) -> Result<Outcome, String> {
    build(&[])?;
    let entries = entries()?;
    let panicking: Vec<_> = entries
        .iter()
        .map(|entry| links(entry).map(|links| (entry, links)))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .filter(|(_, links)| !links)
        .map(|(entry, _)| entry.as_str())
        .collect();
    if panicking.is_empty() {
        return Ok(Outcome::Passed(format!("{} entry points", entries.len())));
    }
    Err(format!(
        "a panic can be reached from: {}",
        panicking.join(" ")
    ))
}

fn broken() -> Result<Outcome, String> {
    build(&["--features=broken-twin"])?;
    if links("indexes_past_the_end")? {
        return Err("an index past the end was not caught".to_owned());
    }
    if !links("set_device_latency")? {
        return Err("what cannot panic does not link either: the probe proves nothing".to_owned());
    }
    Ok(Outcome::Passed(
        "an index past the end is caught".to_owned(),
    ))
}

fn build(features: &[&str]) -> Result<(), String> {
    let mut build = cargo([
        "build",
        "--locked",
        "--release",
        "--manifest-path=xtask/panic-probe/Cargo.toml",
        "--target-dir=target/panic-probe",
    ]);
    build.args(features);
    run(build)
}

/// The names of the probe's functions, but for the broken twin's.
fn entries() -> Result<Vec<String>, String> {
    let path = root().join(FOLDER).join("src/lib.rs");
    let text =
        fs::read_to_string(&path).map_err(|error| format!("{FOLDER}/src/lib.rs: {error}"))?;
    let (text, _) = text
        .split_once("#[cfg(feature = \"broken-twin\")]")
        .unwrap_or((&text, ""));
    let names: Vec<_> = text
        .split("entries! {")
        .skip(1)
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("    "))
        .filter_map(|line| line.split_once('('))
        .map(|(name, _)| name)
        .filter(|name| {
            name.chars()
                .all(|sign| sign == '_' || sign.is_ascii_alphanumeric())
        })
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Err(format!("{FOLDER}: no entry points were found"));
    }
    Ok(names)
}

/// Whether a function, and all that it reaches, links without the one that is nowhere.
fn links(entry: &str) -> Result<bool, String> {
    let folder = root().join("target/panic-probe/release");
    let cc = std::env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
    let output = command(cc)
        .args(["-nostartfiles", "-Wl,--gc-sections"])
        .arg(format!("-Wl,--entry={entry},--undefined={entry}"))
        .arg(folder.join("libpanic_probe.a"))
        .arg("-lm")
        .arg("-o")
        .arg(folder.join("linked"))
        .output()
        .map_err(|error| format!("cannot run the C compiler ({error})"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    match (
        output.status.success(),
        words.contains("a_panic_is_reachable"),
    ) {
        (true, _) if words.contains("cannot find entry") => {
            Err(format!("{entry} is not in the library"))
        }
        (true, _) => Ok(true),
        (false, true) => Ok(false),
        (false, false) => Err(format!("{entry} does not link: {words}")),
    }
}
