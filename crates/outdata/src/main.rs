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

use std::ffi::OsStr;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::args::{Arguments, Command};
use crate::commands::{bench, demo, devices, doctor, info, manual, play, record, render};
use crate::console::Failure;

fn main() -> ExitCode {
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,symphonia=off"),
    )
    .format_target(false)
    .init();
    signals::outlive_file_size_limit();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            // Help or the version, asked for.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nothing was asked for: what could be.
            let _ = error.print();
            return ExitCode::from(2);
        }
        Err(error) => {
            let commands = Arguments::command();
            let named = std::env::args_os().nth(1);
            let named = named.as_deref().and_then(OsStr::to_str);
            let named = named.filter(|name| commands.find_subcommand(name).is_some());
            return Failure::of_command_line(&error, named).report();
        }
    };
    let done = match arguments.command {
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
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
