//! The tool as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(outdata::run(std::env::args_os()))
}
