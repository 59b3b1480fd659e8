//! The workshop: `cargo xtask test` sets up what it needs and checks everything.
// It talks to a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod command;
mod files;
mod front;
mod house;
mod no_std;
mod prove;
mod python;
mod servers;
mod setup;
mod stages;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask test [--exhaustive] [STAGE ...]   check everything, or these stages
       cargo xtask prove [PART ...]                  show what the project says of itself (--long, --record, --broken)
       cargo xtask house [--imports CRATE]           the shape of the source, or who imports whom in a crate
       cargo xtask bench [--full] [--c-peers]        measure, and write benches/report (--check, --record, --only)
       cargo xtask wheel                             build the Python package's wheel, and check it";

/// What a verb takes.
fn help(verb: &str) -> Result<(), String> {
    let usage = match verb {
        "test" => format!("{}\nstages: {}", stages::USAGE, stages::names()),
        "prove" => prove::usage(),
        "house" => house::USAGE.to_owned(),
        "bench" => bench::USAGE.to_owned(),
        "wheel" => python::USAGE.to_owned(),
        _ => return Err(format!("unknown verb {verb}\n{USAGE}")),
    };
    println!("{usage}");
    Ok(())
}

fn main() -> ExitCode {
    if let Some(compiler) = command::compiler() {
        return match command::run(compiler) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asks = |word: &String| word == "--help" || word == "-h" || word == "help";
    let result = match arguments.split_first() {
        Some((verb, _)) if asks(verb) => {
            println!("{USAGE}\nstages: {}", stages::names());
            Ok(())
        }
        Some((verb, rest)) if rest.iter().any(asks) => help(verb),
        Some((verb, rest)) if verb == "test" => stages::test(rest),
        Some((verb, rest)) if verb == "prove" => prove::run(rest),
        Some((verb, rest)) if verb == "house" => house::run(rest),
        Some((verb, rest)) if verb == "bench" => bench::bench(rest),
        Some((verb, rest)) if verb == "wheel" => python::wheel(rest),
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
