#![doc = include_str!("../README.md")]

mod cli;
mod commands;
mod console;
mod decode;
mod hosts;
mod input;
mod output;
mod script;
mod signals;
mod source;
mod spec;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::args::{Arguments, Command};
use crate::commands::{bench, demo, devices, doctor, info, manual, play, record, render};
use crate::console::Failure;

/// Runs the tool with these arguments, of which the first is the program's name, and returns its exit status.
///
/// It writes to the standard streams, handles the process's signals and logs to standard error, unless a logger is there
/// already. So it is for a program that does nothing else.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    // A logger that is there stays.
    let _ = env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,symphonia=off"),
    )
    .format_target(false)
    .try_init();
    signals::outlive_file_size_limit();
    let arguments: Vec<_> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) if !error.use_stderr() => {
            // Help or the version, asked for.
            let told = error.print().and_then(|()| io::stdout().flush());
            return told.map_or_else(|error| Failure::telling(&error).report(), |()| 0);
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nothing was asked for: what could be.
            let _ = error.print();
            return 2;
        }
        Err(error) => {
            let commands = Arguments::command();
            let named = arguments.get(1).and_then(|name| name.to_str());
            let named = named.filter(|name| commands.find_subcommand(name).is_some());
            return Failure::of_command_line(&error, named).report();
        }
    };
    let done = match parsed.command {
        Command::Demo(demo) => demo::run(&demo),
        Command::Render(render) => render::run(&render),
        Command::Play(play) => play::run(&play),
        Command::Record(record) => record::run(&record),
        Command::Bench(bench) => bench::run(&bench),
        Command::Info(info) => info::run(&info),
        Command::Devices(devices) => devices::run(&devices),
        Command::Doctor(doctor) => doctor::run(&doctor),
        Command::Completions(completions) => manual::completions(completions.shell),
        Command::Man => manual::page(),
    };
    match done {
        Ok(()) => 0,
        Err(failure) => failure.report(),
    }
}
