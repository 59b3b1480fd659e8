//! Every interleaving of the engine's threads, up to a number of preemptions, with everything that weak memory allows.

mod orderings;

use std::process::{Command, Output};

use super::{Effort, Outcome, Part};
use crate::command::cargo;

pub(super) const PART: Part = Part {
    name: "loom",
    shows: "every order of the loads and stores of the engine's halves, up to a number of preemptions",
    run: prove,
    broken: orderings::broken,
};

/// How many preemptions more the long form allows in each model.
const MORE: &str = "1";

fn prove(effort: Effort) -> Result<Outcome, String> {
    let mut models = models();
    if effort == Effort::Long {
        models.env("RT_CALLBACK_PREEMPTIONS", MORE);
    }
    let output = output(models.args(["--", "--nocapture", "model::"]))?;
    let words = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("a model failed:\n{words}{errors}"));
    }
    let executions = executions(&words);
    if executions.is_empty() {
        return Err("no model was explored".to_owned());
    }
    let all: u64 = executions.iter().map(|(_, count)| count).sum();
    let twins = words.matches("is_caught - should panic ... ok").count();
    Ok(Outcome::Passed(format!(
        "{} models, {all} executions; {twins} twins in the wrong order are caught",
        executions.len()
    )))
}

/// The models, to be run.
fn models() -> Command {
    let mut command = cargo(["test", "--locked", "--target-dir=target/loom"]);
    command
        .args(["--package=rt-callback", "--features=rt-callback/futures"])
        .args(["--lib"])
        .env("RUSTFLAGS", "--cfg rt_callback_loom");
    command
}

fn output(command: &mut Command) -> Result<Output, String> {
    command
        .output()
        .map_err(|error| format!("cannot run ({error}): {command:?}"))
}

/// The models that were explored to their end, and in how many executions.
fn executions(words: &str) -> Vec<(String, u64)> {
    words
        .lines()
        .filter_map(|line| line.strip_suffix(" executions"))
        .filter_map(|line| line.rsplit_once(": "))
        .filter_map(|(name, count)| {
            let name = name.rsplit(' ').next()?;
            Some((name.to_owned(), count.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_found_wherever_the_harness_puts_them() {
        let words = "model::a: 12 executions\ntest model::b ... model::b: 3 executions\nok\n";
        let expected = [("model::a".to_owned(), 12), ("model::b".to_owned(), 3)];
        assert_eq!(executions(words), expected);
    }
}
