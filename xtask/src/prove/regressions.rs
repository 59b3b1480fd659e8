//! Each fault that another project met has a test here that says so: `docs/regressions.md` lists them, and a test's doc
//! comment cites them.

use std::collections::BTreeSet;

use super::tests_of::{Test, all_tests};
use super::{Effort, Outcome, Part};
use crate::command::root;
use crate::files::read;

pub(super) const PART: Part = Part {
    name: "regressions",
    shows: "each fault that another project met is cited by a test",
    run: prove,
    broken,
};

const LIST: &str = "docs/regressions.md";

fn prove(_: Effort) -> Result<Outcome, String> {
    let list = read(&root().join(LIST))?;
    look_up(&list, &all_tests()?).map(Outcome::Passed)
}

fn broken() -> Result<Outcome, String> {
    let list = read(&root().join(LIST))?;
    let mut tests = all_tests()?;
    look_up(&list, &tests)?;
    for (way, line) in [
        ("a thread that nobody cites", "a fault | RustAudio/cpal#60"),
        (
            "a measurement that nobody cites",
            "a fault | measured in vain",
        ),
        ("what is no thread", "a fault | somewhere"),
        ("a fault without a thread", "a fault |"),
        ("a line of three cells", "a | fault | RustAudio/cpal#600"),
    ] {
        if look_up(&format!("{list}| {line} |\n"), &tests).is_ok() {
            return Err(format!("{way} was not caught"));
        }
    }
    if look_up("| what went wrong | seen in |\n", &tests).is_ok() {
        return Err("an empty list was not caught".to_owned());
    }
    let lost = "RustAudio/rodio#334";
    tests.retain(|test| !test.cites(lost));
    if look_up(&list, &tests).is_ok() {
        return Err(format!("the loss of the tests for {lost} was not caught"));
    }
    Ok(Outcome::Passed(
        "a thread and a measurement that no test cites, a line with none or with other words, an empty list and a lost \
         test are caught"
            .to_owned(),
    ))
}

/// Finds a test for everything that is listed, or says for what there is none.
fn look_up(list: &str, tests: &[Test]) -> Result<String, String> {
    let mut faults = Vec::new();
    let mut citing = BTreeSet::new();
    let (mut kinds, mut reports) = (0, 0);
    // The first line is the table's head.
    for line in list.lines().filter(|line| line.starts_with("| ")).skip(1) {
        kinds += 1;
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [what, seen_in] = cells[..] else {
            faults.push(format!("{LIST}: \"{line}\" has not two cells"));
            continue;
        };
        for report in seen_in.split(';').map(str::trim) {
            reports += 1;
            let mut found = tests.iter().filter(|test| test.cites(report)).peekable();
            if !is_report(report) {
                faults.push(format!(
                    "{LIST}: \"{report}\" ({what}) is no OWNER/NAME#NUMBER, and not measured"
                ));
            } else if found.peek().is_none() {
                faults.push(format!("{report} ({what}) is cited by no test"));
            }
            citing.extend(found.map(|test| (&test.file, &test.name)));
        }
    }
    if kinds == 0 {
        faults.push(format!("{LIST} lists nothing"));
    }
    if faults.is_empty() {
        let tests = citing.len();
        Ok(format!(
            "{reports} reports of {kinds} kinds of fault, cited by {tests} tests"
        ))
    } else {
        Err(faults.join("\n"))
    }
}

/// `OWNER/NAME#NUMBER`, or `measured in ...`.
fn is_report(report: &str) -> bool {
    let is_thread = report.split_once('#').is_some_and(|(repository, number)| {
        let names: Vec<_> = repository.split('/').collect();
        let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        is_number && names.len() == 2 && names.iter().all(|name| !name.is_empty())
    });
    is_thread || report.starts_with("measured in ")
}
