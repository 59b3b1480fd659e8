//! The tests that are too long for every day: each is listed here, and run in the long form.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::tests_of::{Test, all_tests};
use super::{Effort, Outcome, Part};
use crate::command::command;
use crate::stages::ignored_tests;

pub(super) const PART: Part = Part {
    name: "exhaustive",
    shows: "every f32 on every backend, 25 h of audio, a million faults, and the other tests that take minutes",
    run: prove,
    broken,
};

/// The tests that are ignored otherwise, and where they stand below `crates`.
const TESTS: [(&str, &str); 12] = [
    ("pcm-convert/tests/exhaustive.rs", "f32_patterns_to_s16_all"),
    (
        "pcm-convert/tests/exhaustive.rs",
        "s32_through_f64_is_exact_all",
    ),
    (
        "rate-convert/tests/slow.rs",
        "input_that_decays_into_denormals_costs_no_more",
    ),
    (
        "rt-callback/tests/engine/soak.rs",
        "twenty_five_hours_of_audio",
    ),
    ("rt-callback/tests/engine/soak.rs", "a_million_faults"),
    (
        "device-io/tests/wav/sizes.rs",
        "a_file_of_2_to_4_gib_is_read_to_its_length",
    ),
    (
        "device-io/tests/wav_fuzz/main.rs",
        "what_is_no_header_is_refused_or_read_many_millions_of_times",
    ),
    (
        "device-io/tests/alsa/leaks.rs",
        "opening_and_closing_1000_times_leaks_nothing",
    ),
    (
        "device-io/tests/alsa/leaks.rs",
        "opening_and_closing_both_ways_1000_times_leaks_nothing",
    ),
    (
        "device-io/tests/alsa/leaks.rs",
        "unplugging_100_times_leaks_and_loses_nothing",
    ),
    (
        "device-io/tests/alsa/leaks.rs",
        "unplugging_both_ways_100_times_leaks_and_loses_nothing",
    ),
    (
        "outdata/src/input/fuzz.rs",
        "many_damaged_files_neither_panic_nor_hang_nor_take_memory",
    ),
];

fn prove(effort: Effort) -> Result<Outcome, String> {
    compare(&TESTS, &all_tests()?)?;
    if effort == Effort::Quick {
        return Ok(Outcome::Skipped(format!(
            "{} tests are there; type: cargo xtask prove exhaustive --long",
            TESTS.len()
        )));
    }
    let passed = passed()?;
    missing(&TESTS, &passed)?;
    Ok(Outcome::Passed(format!(
        "{} tests, of the sources {}",
        TESTS.len(),
        sources()?
    )))
}

fn broken() -> Result<Outcome, String> {
    let tests = all_tests()?;
    compare(&TESTS, &tests)?;
    let renamed = TESTS.map(|(file, name)| (file, name.trim_end_matches("_all")));
    if compare(&TESTS[1..], &tests).is_ok() || compare(&renamed, &tests).is_ok() {
        return Err(
            "a test that is not listed, or a name that no test has, was not caught".to_owned(),
        );
    }
    let lines = TESTS.map(|(_, name)| format!("test module::{name} ... ok"));
    let names: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| name_of_passed(line))
        .collect();
    missing(&TESTS, &names)?;
    for line in [
        "test twenty_five_hours_of_audio ... FAILED",
        "test twenty_five_hours_of_audio ... ignored",
    ] {
        let others = lines
            .iter()
            .filter(|line| !line.contains("twenty_five_hours"));
        let others = others.map(String::as_str).chain([line]);
        let names: BTreeSet<_> = others.filter_map(name_of_passed).collect();
        if missing(&TESTS, &names).is_ok() {
            return Err(format!("that it did not pass was not seen: {line}"));
        }
    }
    Ok(Outcome::Passed(
        "an ignored test that is not listed, a listed one that is not there, and one that did not pass are caught".to_owned(),
    ))
}

/// What is listed is what is ignored.
fn compare(listed: &[(&str, &str)], tests: &[Test]) -> Result<(), String> {
    let listed = listed
        .iter()
        .map(|(file, name)| (format!("crates/{file}"), (*name).to_owned()));
    let listed: BTreeSet<_> = listed.collect();
    let ignored = tests.iter().filter(|test| test.is_ignored);
    let ignored: BTreeSet<_> = ignored
        .map(|test| (test.file.clone(), test.name.clone()))
        .collect();
    let gone = listed
        .difference(&ignored)
        .map(|(file, name)| format!("{file}: there is no ignored test {name}"));
    let new = ignored
        .difference(&listed)
        .map(|(file, name)| format!("{file}: {name} is ignored, and not listed"));
    let faults: Vec<_> = gone.chain(new).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// Runs them all, and returns the names of those that passed.
fn passed() -> Result<BTreeSet<String>, String> {
    let mut tests = ignored_tests()
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo test: {error}"))?;
    let mut names = BTreeSet::new();
    if let Some(output) = tests.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            names.extend(name_of_passed(&line));
        }
    }
    let status = tests
        .wait()
        .map_err(|error| format!("cargo test: {error}"))?;
    if status.success() {
        Ok(names)
    } else {
        Err(format!("a test failed ({status})"))
    }
}

fn name_of_passed(line: &str) -> Option<String> {
    let path = line.strip_prefix("test ")?.strip_suffix(" ... ok")?;
    Some(path.rsplit("::").next()?.to_owned())
}

fn missing(listed: &[(&str, &str)], passed: &BTreeSet<String>) -> Result<(), String> {
    let missing = listed.iter().filter(|(_, name)| !passed.contains(*name));
    let missing: Vec<_> = missing.map(|(_, name)| *name).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("not run, or not passed: {}", missing.join(" ")))
    }
}

/// A digest of the sources that were tested.
fn sources() -> Result<String, String> {
    let git = |arguments: &[&str]| {
        let output = command("git").args(arguments).output();
        let output = output.map_err(|error| format!("git: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let digest = git(&["rev-parse", "--short=12", "HEAD:crates"])?;
    let changes = git(&["status", "--porcelain", "--", "crates"])?;
    let and_more = if changes.is_empty() {
        ""
    } else {
        ", changed since"
    };
    Ok(digest + and_more)
}
