#![doc = include_str!("../README.md")]

mod args;
mod clipping;
mod decode;
mod demo;
mod devices;
mod doctor;
mod failure;
#[cfg(test)]
mod fuzz;
mod help;
mod info;
mod input;
mod output;
mod play;
mod real;
mod record;
mod render;
mod report;
mod script;
mod signals;
mod simulator;
mod spec;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::failure::Failure;

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
        Err(error) => return Failure::from(error).report(),
    };
    let done = match arguments.command {
        Command::Demo(demo) => demo::run(&demo),
        Command::Render(render) => render::run(&render),
        Command::Play(play) => play::run(&play),
        Command::Record(record) => record::run(&record),
        Command::Info(info) => info::run(&info),
        Command::Devices(devices) => devices::run(&devices),
        Command::Doctor(doctor) => doctor::run(&doctor),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
