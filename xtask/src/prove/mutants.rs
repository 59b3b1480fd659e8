//! Changes to the sources that the tests must notice. Those that they cannot notice are listed with their reasons.
//!
//! All of them take many hours. One file is tried so, with the tests that [`MUTATED`] leaves out left out behind `-- --`:
//!
//! ```sh
//! CARGO_TARGET_DIR=target/mutants/build cargo mutants --output=target/mutants --package=rt-callback --profile=mutants \
//!     --all-features --timeout=60 --file=crates/rt-callback/src/audio/seam.rs --cargo-arg=--lib \
//!     --cargo-arg=--test=engine -- -- --skip=soak:: --skip=duplex::
//! ```

use std::collections::BTreeSet;
use std::fs;

use super::{Effort, Outcome, Part};
use crate::command::{cargo, root};
use crate::files::read;

pub(super) const PART: Part = Part {
    name: "mutants",
    shows: "a change of the leaves' arithmetic, the intake, the feeder, the renderer, the mix or the captures fails a test",
    run: prove,
    broken,
};

const LIST: &str = "xtask/mutants.txt";
const NEEDED: &str = "cargo install --locked cargo-mutants";

/// Whose changes are tried, and with what.
struct Mutated {
    package: &'static str,
    files: &'static [&'static str],
    /// Which of its programs of tests are built and run.
    targets: &'static [&'static str],
    /// Tests that take longer than the change takes to be built: what only they notice lacks a test of its own.
    skipped: &'static [&'static str],
}

const MUTATED: [Mutated; 4] = [
    Mutated {
        package: "pcm-convert",
        files: &[
            "arith.rs",
            "encoding.rs",
            "format.rs",
            "g711.rs",
            "packed.rs",
            "policy.rs",
            "quantizer/*.rs",
        ],
        targets: &["--lib", "--tests"],
        skipped: &[],
    },
    Mutated {
        package: "channel-mix",
        files: &[
            "gain.rs",
            "layout.rs",
            "map.rs",
            "matrix.rs",
            "rules.rs",
            "speakers.rs",
        ],
        targets: &["--lib", "--tests"],
        skipped: &[],
    },
    Mutated {
        package: "rate-convert",
        files: &[
            "linear.rs",
            "ratio.rs",
            "simd/cubics.rs",
            "sinc/clock.rs",
            "sinc/history.rs",
            "sinc/plan.rs",
        ],
        targets: &["--lib", "--tests"],
        skipped: &[],
    },
    Mutated {
        package: "rt-callback",
        files: &[
            "audio/intake/*.rs",
            "audio/renderer/*.rs",
            "audio/*.rs",
            "app/feeder/*.rs",
            "plan/moves.rs",
            "plan/stage.rs",
            "capture/**/*.rs",
        ],
        targets: &["--lib", "--test=engine"],
        skipped: &[
            "arrivals::adaptive",
            "arrivals::other_blocks",
            "arrivals::the_same",
            "awaiting::a_ticker",
            "cuttings::",
            "duplex::",
            "echo_cancel::",
            "invariants::",
            "reader::no_order",
            "realtime::three",
            "reference::a_stretch",
            "reference::the_reference",
            "soak::",
            "stalls::after",
            "stalls::whatever",
            "told::a_stream_ends",
        ],
    },
];

impl Mutated {
    /// What cargo-mutants is told, but for where it writes.
    fn arguments(&self) -> Vec<String> {
        let Self {
            package,
            files,
            targets,
            skipped,
        } = self;
        let mut arguments = vec![
            format!("--package={package}"),
            "--profile=mutants".to_owned(),
            "--all-features".to_owned(),
            // A change that makes a test hang is noticed; all of them take a tenth of this.
            "--timeout=60".to_owned(),
            // Of what tests are made of themselves: not every module of them is known as one.
            "--exclude-re= tests::".to_owned(),
        ];
        let files = files.iter();
        arguments.extend(files.map(|file| format!("--file=crates/{package}/src/{file}")));
        let targets = targets.iter();
        arguments.extend(targets.map(|target| format!("--cargo-arg={target}")));
        if !skipped.is_empty() {
            // What stands behind the first is for cargo's tests, and behind the second for their programs.
            arguments.extend(["--", "--"].map(str::to_owned));
            arguments.extend(skipped.iter().map(|test| format!("--skip={test}")));
        }
        arguments
    }
}

/// A change that no test notices.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Accepted {
    file: String,
    change: String,
}

fn prove(effort: Effort) -> Result<Outcome, String> {
    for Mutated { package, files, .. } in MUTATED {
        files.iter().try_for_each(|file| is_there(package, file))?;
    }
    let accepted = accepted(&read(&root().join(LIST))?)?;
    if effort == Effort::Quick {
        return Ok(Outcome::Passed(format!(
            "{} accepted survivors, each of a function that is there",
            accepted.len()
        )));
    }
    if !is_installed() {
        return Ok(Outcome::Skipped(format!("cargo-mutants ({NEEDED})")));
    }
    let mut all = Tried::default();
    for mutated in MUTATED {
        let folder = format!("target/mutants/{}", mutated.package);
        all.add(mutate(&mutated.arguments(), &folder)?);
    }
    judge(&all, &accepted)?;
    Ok(Outcome::Passed(format!(
        "{} changes noticed, {} accepted",
        all.caught,
        accepted.len()
    )))
}

/// Of a file that is not there cargo-mutants changes nothing, and says nothing.
fn is_there(package: &str, file: &str) -> Result<(), String> {
    // What stands before a star is a folder.
    let path = file.split_once('*').map_or(file, |(folder, _)| folder);
    let path = format!("crates/{package}/src/{path}");
    match root().join(&path).exists() {
        true => Ok(()),
        false => Err(format!("to be changed, and not there: {path}")),
    }
}

/// What came of the changes.
#[derive(Default)]
struct Tried {
    caught: usize,
    missed: Vec<Accepted>,
}

impl Tried {
    fn add(&mut self, more: Self) {
        self.caught += more.caught;
        self.missed.extend(more.missed);
    }
}

fn is_installed() -> bool {
    let version = cargo(["mutants", "--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

/// Tries every change, and reads what is written of it. A change that makes a test hang is noticed.
fn mutate(arguments: &[String], folder: &str) -> Result<Tried, String> {
    let mut command = cargo(["mutants", "--jobs=1", "--no-shuffle", "--colors=never"]);
    command.arg(format!("--output={folder}")).args(arguments);
    // The copies of the tree, whose paths differ, share what is built of other people's crates.
    command.env("CARGO_TARGET_DIR", root().join("target/mutants/build"));
    let status = command
        .status()
        .map_err(|error| format!("cargo mutants: {error}"))?;
    // 2: some were missed; 3: some hung.
    if !status.success() && !matches!(status.code(), Some(2 | 3)) {
        return Err(format!("cargo mutants failed ({status})"));
    }
    let lines = |name: &str| -> Result<Vec<String>, String> {
        let text = read(&root().join(folder).join("mutants.out").join(name))?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    let missed = lines("missed.txt")?;
    let missed = missed.iter().map(|line| {
        parse(line).ok_or_else(|| format!("cargo mutants says, and nobody understands: {line}"))
    });
    Ok(Tried {
        caught: lines("caught.txt")?.len() + lines("timeout.txt")?.len(),
        missed: missed.collect::<Result<_, _>>()?,
    })
}

/// `FILE:LINE:COLUMN: CHANGE`. The place is left out: it moves with what stands above it.
fn parse(line: &str) -> Option<Accepted> {
    let (place, change) = line.split_once(": ")?;
    let file = place.split(':').next()?;
    let is_a_file = file.ends_with(".rs") && !change.is_empty();
    is_a_file.then(|| Accepted {
        file: file.to_owned(),
        change: change.to_owned(),
    })
}

/// Every survivor is accepted, and whatever is accepted survives.
fn judge(tried: &Tried, accepted: &BTreeSet<Accepted>) -> Result<(), String> {
    let missed: BTreeSet<_> = tried.missed.iter().collect();
    let accepted: BTreeSet<_> = accepted.iter().collect();
    let words = |one: &&Accepted| format!("{}: {}", one.file, one.change);
    let new = missed
        .difference(&accepted)
        .map(|one| format!("no test notices: {}", words(one)));
    let old = accepted
        .difference(&missed)
        .map(|one| format!("{LIST}: a test notices it: {}", words(one)));
    let faults: Vec<_> = new.chain(old).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// The list: `FILE: CHANGE`, and on the next line, indented, the reason.
fn accepted(list: &str) -> Result<BTreeSet<Accepted>, String> {
    let mut accepted = BTreeSet::new();
    let mut lines = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    while let Some(line) = lines.next() {
        let one = parse(line).ok_or_else(|| format!("{LIST}: this is no FILE: CHANGE: {line}"))?;
        let reason = lines.next().and_then(|line| line.strip_prefix("    "));
        if reason.is_none_or(|reason| reason.trim().len() < 10) {
            return Err(format!("{LIST}: there is no reason below: {line}"));
        }
        let text = read(&root().join(&one.file))?;
        let function =
            function(&one.change).ok_or_else(|| format!("{LIST}: of which function: {line}"))?;
        if !text.contains(&format!("fn {function}(")) && !text.contains(&format!("fn {function}<"))
        {
            return Err(format!("{LIST}: {} has no function {function}", one.file));
        }
        if !accepted.insert(one) {
            return Err(format!("{LIST}: twice: {line}"));
        }
    }
    Ok(accepted)
}

/// The function that is changed: `replace PATH -> TYPE with VALUE`, or `... in PATH`. A path may have spaces.
fn function(change: &str) -> Option<&str> {
    let path = match change.rsplit_once(" in ") {
        Some((_, path)) => path,
        None => {
            let rest = change.strip_prefix("replace ")?;
            let (path, _) = rest
                .split_once(" -> ")
                .or_else(|| rest.split_once(" with "))?;
            path
        }
    };
    let name = path.rsplit("::").next()?;
    let is_name = name
        .chars()
        .all(|sign| sign == '_' || sign.is_ascii_alphanumeric());
    (is_name && !name.is_empty()).then_some(name)
}

/// A crate of two functions, of which its test looks at one.
const TWIN: &str = "\
/// Looked at.
pub fn is_even(number: u32) -> bool { number % 2 == 0 }
/// Not looked at.
pub fn is_odd(number: u32) -> bool { number % 2 == 1 }
#[test]
fn it_is_even() { assert!(is_even(2) && !is_even(3)); }
";

fn broken() -> Result<Outcome, String> {
    let good = format!(
        "# A comment.\ncrates/pcm-convert/src/arith.rs: replace {} with 0\n    It is the same number.\n",
        some_function()?
    );
    accepted(&good)?;
    for (way, list) in [
        (
            "a line that is no change",
            "arith.rs\n    It is what it is.\n".to_owned(),
        ),
        ("no reason", good.replace("    It is the same number.", "")),
        ("the same twice", good.repeat(2)),
        (
            "a function that is gone",
            good.replace("replace ", "replace gone_"),
        ),
    ] {
        if accepted(&list).is_ok() {
            return Err(format!("{way} was not caught"));
        }
    }
    if is_there("pcm-convert", "gone.rs").is_ok() || is_there("pcm-convert", "gone/*.rs").is_ok() {
        return Err("files that are gone were not told of".to_owned());
    }
    if !is_installed() {
        return Ok(Outcome::Skipped(format!(
            "the list's ways are caught; no tests: cargo-mutants ({NEEDED})"
        )));
    }
    let folder = root().join("target/mutants-twin");
    let manifest =
        "[package]\nname = \"twin\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    let write = || {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/lib.rs"), TWIN)
    };
    write().map_err(|error| format!("target/mutants-twin: {error}"))?;
    let arguments = ["--dir=target/mutants-twin".to_owned()];
    let tried = mutate(&arguments, "target/mutants-twin/out")?;
    let is_of_odd = |one: &Accepted| function(&one.change) == Some("is_odd");
    if tried.caught == 0 || tried.missed.is_empty() || !tried.missed.iter().all(is_of_odd) {
        return Err(
            "of two functions of which one is tested, the other's changes were not missed"
                .to_owned(),
        );
    }
    let words = judge(&tried, &BTreeSet::new()).err();
    if words.is_none_or(|words| !words.contains("no test notices: src/lib.rs: replace is_odd")) {
        return Err("a survivor that nobody accepted was not told of".to_owned());
    }
    let accepted: BTreeSet<_> = tried
        .missed
        .iter()
        .map(|one| Accepted {
            file: one.file.clone(),
            change: one.change.clone(),
        })
        .collect();
    judge(&tried, &accepted)?;
    if judge(&Tried::default(), &accepted).is_ok() {
        return Err("what is accepted and does not survive was not told of".to_owned());
    }
    Ok(Outcome::Passed(
        "a function without a test, an accepted survivor that is none, a file that is gone, and four ways in which the list may be wrong are caught"
            .to_owned(),
    ))
}

/// Any function in the file that the list above speaks of.
fn some_function() -> Result<String, String> {
    let text = read(&root().join("crates/pcm-convert/src/arith.rs"))?;
    let name = text
        .split("fn ")
        .nth(1)
        .and_then(|rest| rest.split(['(', '<']).next());
    name.map(str::to_owned)
        .ok_or_else(|| "arith.rs has no function".to_owned())
}
