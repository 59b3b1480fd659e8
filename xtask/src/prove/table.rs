//! What came of the parts: on the terminal, and in the README.

use std::fs;

use super::{Effort, Outcome, PARTS, Row};
use crate::command::{command, root};

const BEGIN: &str = "<!-- written by `cargo xtask prove --record` -->";
const END: &str = "<!-- until here -->";
const HEADER: &str = "\
| part | what it shows | quick | long |
|---|---|---|---|
";

pub(super) fn print(rows: &[Row]) {
    println!(
        "\n{:<11} {:<8} {:>7}  what came of it",
        "part", "verdict", "seconds"
    );
    for row in rows {
        let (verdict, words) = match &row.result {
            Ok(Outcome::Passed(figure)) => ("passed", figure.as_str()),
            Ok(Outcome::Skipped(why)) => ("SKIPPED", why.as_str()),
            Err(words) => ("FAILED", words.lines().next().unwrap_or_default()),
        };
        println!(
            "{:<11} {verdict:<8} {:>7.0}  {words}",
            row.part.name, row.seconds
        );
    }
}

/// Writes what passed into the README's table. What was not run, or was skipped here, stays as it stands there.
pub(super) fn record(rows: &[Row], effort: Effort) -> Result<(), String> {
    let path = root().join("README.md");
    let text = fs::read_to_string(&path).map_err(|error| format!("README.md: {error}"))?;
    let (before, rest) = text
        .split_once(BEGIN)
        .ok_or_else(|| format!("README.md: there is no line {BEGIN}"))?;
    let (table, after) = rest
        .split_once(END)
        .ok_or_else(|| format!("README.md: there is no line {END}"))?;
    let date = today()?;
    let mut lines = String::new();
    for part in PARTS {
        let [mut quick, mut long] = cells(table, part.name);
        if let Some(row) = rows.iter().find(|row| row.part.name == part.name)
            && let Ok(Outcome::Passed(figure)) = &row.result
        {
            let cell = format!("{figure}; {:.0} s, {date}", row.seconds);
            match effort {
                Effort::Quick => quick = cell,
                Effort::Long => long = cell,
            }
        }
        lines += &format!("| `{}` | {} | {quick} | {long} |\n", part.name, part.shows);
    }
    let text = format!("{before}{BEGIN}\n{HEADER}{lines}{END}{after}");
    fs::write(&path, text).map_err(|error| format!("README.md: {error}"))
}

/// What stands in the last two columns of a part's line.
fn cells(table: &str, name: &str) -> [String; 2] {
    let begin = format!("| `{name}` |");
    let line = table.lines().find(|line| line.starts_with(&begin));
    let cells: Vec<_> = line.unwrap_or_default().split('|').map(str::trim).collect();
    let cell = |at: usize| (*cells.get(at).unwrap_or(&"")).to_owned();
    [cell(3), cell(4)]
}

fn today() -> Result<String, String> {
    let output = command("date")
        .arg("+%Y-%m-%d")
        .output()
        .map_err(|error| format!("date: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_table_is_found_again() {
        let table = "| a | b |\n|---|---|\n| `panic` | it does not | 47; 1 s | 12 |\n";
        assert_eq!(cells(table, "panic"), ["47; 1 s", "12"]);
        assert_eq!(cells(table, "loom"), ["", ""]);
    }
}
