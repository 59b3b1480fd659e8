//! The workshop: `cargo xtask test` sets up what it needs and checks everything.
// It talks to a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod command;
mod files;
mod house;
mod no_std;
mod prove;
mod servers;
mod setup;
mod stages;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask test [--exhaustive] [STAGE ...]   check everything, or these stages
       cargo xtask prove [PART ...]                  show what the project says of itself (--long, --record, --broken)
       cargo xtask house [--imports CRATE]           the shape of the source, or who imports whom in a crate
       cargo xtask bench [ARGUMENT ...]              run the benchmarks (criterion's arguments)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((verb, rest)) if verb == "test" => stages::test(rest),
        Some((verb, rest)) if verb == "prove" => prove::run(rest),
        Some((verb, rest)) if verb == "house" => house::run(rest),
        Some((verb, rest)) if verb == "bench" => stages::bench(rest),
        _ => Err(format!("{USAGE}\nstages: {}", stages::names())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}
