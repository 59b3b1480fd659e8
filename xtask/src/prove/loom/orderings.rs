//! Every ordering that the models meet, weakened, one at a time: a model has to miss it. What none misses stands here,
//! with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::{executions, models, output};
use crate::command::{command, root};
use crate::prove::Outcome;

/// Orderings that are stronger than what is needed today, and why they stay.
const STRONGER: &[(&str, &str)] = &[
    (
        "src/app/controller.rs cancel: load Acquire -> Relaxed",
        NUMBER,
    ),
    (
        "src/app/feeder/mod.rs begin_utterance: store Release -> Relaxed",
        NUMBER,
    ),
    (
        "src/capture/reader/next.rs is_short_of_room: load Acquire -> Relaxed",
        "it is asked whether new sound could be lost, and what is read is decided by another look",
    ),
    ("src/link/waiting.rs forget: store Release -> Relaxed", LOOK),
    ("src/link/waiting.rs watch: store Release -> Relaxed", LOOK),
    (
        "src/link/waiting.rs has_moved_on: load Acquire -> Relaxed",
        LOOK,
    ),
    ("src/link/waiting.rs watch: swap AcqRel -> Acquire", WAKER),
    ("src/link/waiting.rs watch: swap AcqRel -> Release", WAKER),
    ("src/link/waiting.rs unlist: swap AcqRel -> Acquire", WAKER),
    ("src/link/waiting.rs unlist: swap AcqRel -> Release", WAKER),
];

const NUMBER: &str = "only the number is compared: nothing else is read by it";
const LOOK: &str = "an older number than the latest wakes once too often, and never too seldom";
const WAKER: &str = "registering and waking order more: each sees what came before the other";

/// Where the models say what they use.
const USED: &str = "target/loom/orderings";

/// A use of an ordering, as the models name it: a file, a line, a column, which of the call's it is, and the ordering.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use(String);

pub(super) fn broken() -> Result<Outcome, String> {
    let used = used()?;
    let program = program()?;
    let (mut caught, mut unseen) = (0, BTreeSet::new());
    for (at, models) in &used {
        for to in at.weaker() {
            let name = at.name(to)?;
            let by = models
                .iter()
                .find_map(|model| match misses(&program, model, at, to) {
                    Ok(true) => Some(Ok(model)),
                    Ok(false) => None,
                    Err(words) => Some(Err(words)),
                });
            match by.transpose()? {
                Some(model) => {
                    println!("{name}: caught by {model}");
                    caught += 1;
                }
                None => {
                    let known = STRONGER.iter().find(|(known, _)| *known == name);
                    let why = known.map_or("NOT KNOWN WHY", |(_, why)| why);
                    println!("{name}: not seen by {} models: {why}", models.len());
                    unseen.insert(name);
                }
            }
        }
    }
    let known: BTreeSet<_> = STRONGER
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let unknown: Vec<_> = unseen.difference(&known).cloned().collect();
    let gone: Vec<_> = known.difference(&unseen).cloned().collect();
    if !unknown.is_empty() || !gone.is_empty() {
        return Err(format!(
            "weakened, and no model misses it:\n{}\nsaid to be stronger than needed, and it is not so:\n{}",
            unknown.join("\n"),
            gone.join("\n")
        ));
    }
    Ok(Outcome::Passed(format!(
        "{caught} weakened orderings of {} are caught; {} are stronger than needed, with reasons",
        caught + known.len(),
        known.len()
    )))
}

/// What is used, each by which models: those that take the fewest executions first.
fn used() -> Result<BTreeMap<Use, Vec<String>>, String> {
    let path = root().join(USED);
    let _ = fs::remove_file(&path);
    let arguments = ["--", "--nocapture", "--skip=is_caught", "model::"];
    let output = output(models().args(arguments).env("RT_CALLBACK_ORDERINGS", &path))?;
    let words = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("a model failed:\n{words}"));
    }
    let lines = fs::read_to_string(&path).map_err(|error| format!("{USED}: {error}"))?;
    let mut executions = executions(&words);
    executions.sort_by_key(|(_, count)| *count);
    let mut used: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (model, _) in executions {
        for line in lines.lines() {
            if let Some((_, at)) = line.split_once(' ').filter(|(name, _)| *name == model) {
                let models = used.entry(Use(at.to_owned())).or_default();
                models.push(model.clone());
            }
        }
    }
    if used.is_empty() {
        return Err("the models use no orderings".to_owned());
    }
    Ok(used)
}

/// The program that the models are in.
fn program() -> Result<String, String> {
    let output = output(models().arg("--no-run"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    let program = words.lines().find_map(|line| {
        let (_, program) = line
            .trim()
            .split_once("Executable unittests src/lib.rs (")?;
        program.strip_suffix(')')
    });
    let program = program.ok_or_else(|| format!("the models are not built:\n{words}"))?;
    Ok(program.to_owned())
}

/// Whether the model fails where this use is weakened.
fn misses(program: &str, model: &str, at: &Use, to: &str) -> Result<bool, String> {
    let mut models = command(root().join(program));
    models
        .args(["--exact", model])
        .env("RT_CALLBACK_WEAKENED", format!("{} {to}", at.0));
    let output = output(&mut models)?;
    let words = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && words.contains("1 passed") {
        Ok(false)
    } else if words.contains("test result: FAILED") {
        Ok(true)
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("{model} could not be run:\n{words}{errors}"))
    }
}

impl Use {
    /// What the ordering can be weakened to, in one step.
    fn weaker(&self) -> &'static [&'static str] {
        match self.0.rsplit(' ').next() {
            Some("AcqRel") => &["Acquire", "Release"],
            _ => &["Relaxed"],
        }
    }

    /// What it is called here: lines move, functions seldom.
    fn name(&self, to: &str) -> Result<String, String> {
        let mut words = self.0.rsplitn(5, ' ');
        let mut next = || words.next().ok_or_else(|| format!("no use: {}", self.0));
        let (ordering, which, column, line, file) = (next()?, next()?, next()?, next()?, next()?);
        let number = |words: &str| words.parse::<usize>().map_err(|error| error.to_string());
        let (line, column) = (number(line)?, number(column)?);
        let text = fs::read_to_string(root().join(file)).map_err(|error| error.to_string())?;
        let lines: Vec<_> = text.lines().take(line).collect();
        let call = lines
            .last()
            .and_then(|line| line.get(column.saturating_sub(1)..));
        let call = identifier(call.unwrap_or_default());
        let function = lines.iter().rev().find_map(|line| line.split_once("fn "));
        let function = identifier(function.map_or("", |(_, rest)| rest));
        let which = if which == "1" { " (failing)" } else { "" };
        let file = file.trim_start_matches("crates/rt-callback/");
        Ok(format!(
            "{file} {function}: {call}{which} {ordering} -> {to}"
        ))
    }
}

/// The name that a text begins with.
fn identifier(text: &str) -> &str {
    let end = text.find(|sign: char| sign != '_' && !sign.is_ascii_alphanumeric());
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}
