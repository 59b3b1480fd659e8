//! The public API of each library is listed in `api`: a change of it is a change of its list, and is seen as such.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Crate, available, has_toolchain};
use crate::command::{command, root, run};
use crate::files::read;

const NIGHTLY: &str = "nightly";

/// Compares each library with its list.
pub(super) fn check(crates: &[Crate]) -> Result<String, String> {
    if let Some(why) = lacking(crates) {
        return Ok(why);
    }
    let mut items = 0;
    let mut faults = Vec::new();
    for one in crates.iter().filter(|one| one.is_library) {
        let api = api(one)?;
        items += api.len();
        let made = made(&one.name);
        let lines: String = api.iter().map(|line| format!("{line}\n")).collect();
        let written = fs::create_dir_all(made.parent().unwrap_or(Path::new("")));
        written
            .and_then(|()| fs::write(&made, lines))
            .map_err(|error| format!("{}: {error}", made.display()))?;
        let listed = read(&root().join(list(&one.name))).unwrap_or_default();
        if let Err(words) = compare(&one.name, &api, &listed) {
            faults.push(words);
        }
    }
    if faults.is_empty() {
        Ok(format!("{items} public items, as listed"))
    } else {
        Err(faults.join("\n"))
    }
}

/// What this machine lacks for it.
fn lacking(crates: &[Crate]) -> Option<String> {
    if !has_toolchain(NIGHTLY) {
        return Some("skipped: the public API (rustup toolchain install nightly)".to_owned());
    }
    // The lists are those of an x86 machine with Linux: other ones have other backends and devices.
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("skipped: the public API (its lists are of x86-64 and Linux)".to_owned());
    }
    let mut left_out = BTreeSet::new();
    for one in crates {
        available(&without_headers(one), &mut left_out);
    }
    let what = left_out.into_iter().next()?;
    Some(format!("skipped: the public API needs {what}"))
}

fn list(name: &str) -> String {
    format!("api/{name}.txt")
}

/// Where the list is written that would be right now.
fn made(name: &str) -> PathBuf {
    root().join("target").join(list(name))
}

/// All features but those that take headers of their own and add nothing to what is public.
fn without_headers(one: &Crate) -> Vec<String> {
    let features = one.features.iter();
    features
        .filter(|feature| *feature != "jack")
        .cloned()
        .collect()
}

/// What is public in a library, with all its features.
fn api(one: &Crate) -> Result<Vec<String>, String> {
    let mut document = command("cargo");
    document
        .arg(format!("+{NIGHTLY}"))
        .args([
            "rustdoc",
            "--quiet",
            "--locked",
            "--lib",
            "--target-dir=target/api",
        ])
        .args(["--package", &one.name])
        .arg(format!("--features={}", without_headers(one).join(",")))
        .args([
            "--",
            "-Zunstable-options",
            "--output-format=json",
            "-Awarnings",
        ]);
    run(document)?;
    let path = format!("target/api/doc/{}.json", one.name.replace('-', "_"));
    let api = public_api::Builder::from_rustdoc_json(root().join(path))
        .omit_blanket_impls(true)
        .build()
        .map_err(|error| format!("what this nightly's rustdoc writes cannot be read: {error}"))?;
    let lines = api.items().map(ToString::to_string);
    Ok(lines.filter(|line| is_promised(line)).collect())
}

/// Of the traits that the compiler implements by itself, these are what users go by; the others' names change.
fn is_promised(line: &str) -> bool {
    let Some((is_auto, kind)) = auto(line) else {
        return true;
    };
    !is_auto || ["Send", "Sync"].contains(&kind)
}

/// Whether a line says that a type is, or is not, of a trait in `core` that comes by itself, and which.
fn auto(line: &str) -> Option<(bool, &str)> {
    let (head, _) = line.split_once(" for ")?;
    let (_, path) = head.split_once("core::")?;
    if !head.starts_with("impl") {
        return None;
    }
    let name = path.rsplit("::").next()?;
    let names = [
        "Send",
        "Sync",
        "Unpin",
        "UnsafeUnpin",
        "Freeze",
        "UnwindSafe",
        "RefUnwindSafe",
    ];
    Some((names.contains(&name), name))
}

/// The first few differences. Lines may be the same: each `fmt` of a type is.
fn compare(name: &str, api: &[String], listed: &str) -> Result<(), String> {
    let mut counts = BTreeMap::<&str, i32>::new();
    for line in api {
        *counts.entry(line).or_default() += 1;
    }
    for line in listed.lines() {
        *counts.entry(line).or_default() -= 1;
    }
    counts.retain(|_, count| *count != 0);
    let differences = counts.iter().map(|(line, count)| {
        let sign = if *count > 0 { '+' } else { '-' };
        format!("  {sign} {line}")
    });
    let differences: Vec<_> = differences.collect();
    if differences.is_empty() {
        return Ok(());
    }
    let list = list(name);
    let shown = differences
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    Err(format!(
        "{} changes in what {name} has public (if they are meant: cp target/{list} {list}):\n{shown}",
        differences.len()
    ))
}

pub(super) fn broken() -> Result<Vec<&'static str>, String> {
    let crates = super::crates(None)?;
    if lacking(&crates).is_some() {
        return Ok(Vec::new());
    }
    let name = "rate-convert";
    let one = crates.iter().find(|one| one.name == name);
    let api = api(one.ok_or("there is no rate-convert")?)?;
    let lines = |but: usize| -> String {
        let lines = api.iter().enumerate().filter(|(at, _)| *at != but);
        lines.map(|(_, line)| format!("{line}\n")).collect()
    };
    compare(name, &api, &lines(usize::MAX))?;
    for at in 0..api.len() {
        if compare(name, &api, &lines(at)).is_ok() {
            return Err(format!("a list without \"{}\" was not caught", api[at]));
        }
    }
    let more = lines(usize::MAX) + "pub fn rate_convert::gone()\n";
    if compare(name, &api, &more).is_ok() {
        return Err("a listed function that is gone was not caught".to_owned());
    }
    if !api
        .iter()
        .any(|line| line.starts_with("impl core::marker::Send for rate_convert::Linear"))
    {
        return Err("that a type may go to another thread is not in the list".to_owned());
    }
    Ok(vec![
        "any line that is missing in a list of the API",
        "one that is gone",
    ])
}
