//! `cargo xtask bench`: the report of what everything costs, the counts that may not rise, and criterion alone.

mod c_peers;
mod counts;
mod report;

use crate::command::{cargo, run};

pub(crate) const USAGE: &str = "\
usage: cargo xtask bench [--full] [--c-peers]   measure, and write benches/report (--full: every benchmark, for longer;
                                                --c-peers: beside C libraries too, which it installs where it may)
       cargo xtask bench --check                count what the hot works touch; fail where it rises (needs valgrind)
       cargo xtask bench --record               the same, and write it into benches/counts.txt
       cargo xtask bench --only [FILTER] [CRITERION'S OPTIONS]
                                                run the benchmarks whose names contain FILTER, and write no report";

pub(crate) fn bench(arguments: &[String]) -> Result<(), String> {
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--only", criterion @ ..] => only(criterion),
        ["--check"] => counts::check(),
        ["--record"] => counts::record(),
        flags => {
            let known = ["--full", "--c-peers"];
            if let Some(unknown) = flags.iter().find(|flag| !known.contains(flag)) {
                return Err(format!("unknown option {unknown}\n{USAGE}"));
            }
            report::make(flags.contains(&"--full"), flags.contains(&"--c-peers"))
        }
    }
}

fn only(criterion: &[&str]) -> Result<(), String> {
    let mut command = cargo(["bench", "--locked", "--package=benches", "--"]);
    command.args(criterion);
    run(command)
}
