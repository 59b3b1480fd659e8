//! What the project says of itself, shown: each part is a check that runs alone, and has a broken twin that it is seen
//! to catch.

mod callback;
mod cuttings;
mod exhaustive;
mod features;
mod leaves;
mod loom;
mod mutants;
mod panic;
mod processors;
mod races;
mod regressions;
mod table;
mod tests_of;

use std::time::Instant;

pub(crate) use features::packages;

const USAGE: &str = "\
usage: cargo xtask prove [PART ...] [--long] [--record]   run these parts, or all; --long takes hours, --record
                                                          writes what came of them into the README
       cargo xtask prove --broken [PART ...]              break what each part looks after, and see it caught";

/// How much is to be tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// What `cargo xtask test` does.
    Quick,
    /// As much as is worth it when nobody waits.
    Long,
}

/// What came of a part that did not fail.
pub(crate) enum Outcome {
    /// It passed, and this much was covered.
    Passed(String),
    /// This machine lacks what it takes.
    Skipped(String),
}

/// A check.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// What is so if it passes.
    pub(crate) shows: &'static str,
    pub(crate) run: fn(Effort) -> Result<Outcome, String>,
    /// Breaks what it looks after, one way after the other, and says which ways were tried; fails where one passes.
    pub(crate) broken: fn() -> Result<Outcome, String>,
}

const PARTS: &[Part] = &[
    cuttings::PART,
    leaves::PART,
    callback::PART,
    panic::PART,
    loom::PART,
    races::PART,
    mutants::PART,
    processors::PART,
    features::PART,
    regressions::PART,
    exhaustive::PART,
];

/// A part that was run.
pub(crate) struct Row {
    pub(crate) part: &'static Part,
    pub(crate) result: Result<Outcome, String>,
    pub(crate) seconds: f64,
}

/// What it takes, and which parts there are.
pub(crate) fn usage() -> String {
    let mut usage = format!("{USAGE}\nparts:");
    for part in PARTS {
        usage += &format!("\n  {:12} {}", part.name, part.shows);
    }
    usage
}

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let (flags, names): (Vec<_>, Vec<_>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with('-'));
    let known = ["--long", "--record", "--broken"];
    if let Some(unknown) = flags.iter().find(|flag| !known.contains(flag)) {
        return Err(format!("unknown option {unknown}\n{USAGE}"));
    }
    if let Some(unknown) = names
        .iter()
        .find(|name| PARTS.iter().all(|part| part.name != **name))
    {
        let parts: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        return Err(format!(
            "unknown part {unknown}; there are: {}\n{USAGE}",
            parts.join(" ")
        ));
    }
    let effort = if flags.contains(&"--long") {
        Effort::Long
    } else {
        Effort::Quick
    };
    let is_broken = flags.contains(&"--broken");
    let wanted = PARTS
        .iter()
        .filter(|part| names.is_empty() || names.contains(&part.name));
    let rows: Vec<_> = wanted
        .map(|part| {
            println!("== {}", part.name);
            let begin = Instant::now();
            let result = if is_broken {
                (part.broken)()
            } else {
                (part.run)(effort)
            };
            Row {
                part,
                result,
                seconds: begin.elapsed().as_secs_f64(),
            }
        })
        .collect();
    table::print(&rows);
    if flags.contains(&"--record") && !is_broken {
        table::record(&rows, effort)?;
    }
    let failed: Vec<_> = rows
        .iter()
        .filter_map(|row| row.result.as_ref().err().map(|words| (row.part, words)))
        .map(|(part, words)| format!("{}: {words}", part.name))
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("\n"))
    }
}

/// The parts that `cargo xtask test` runs: those that need little time of their own, building included.
pub(crate) fn quick() -> Result<(), String> {
    run(&[
        "cuttings",
        "panic",
        "loom",
        "races",
        "mutants",
        "regressions",
        "exhaustive",
    ]
    .map(str::to_owned))
}
