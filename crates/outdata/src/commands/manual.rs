//! What the command line knows of itself, for shells and for `man`.

use std::io;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::args::Arguments;
use crate::console::{Failure, tell};

pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "outdata", &mut script);
    tell(&String::from_utf8_lossy(&script))
}

/// One page: the tool's, and behind it that of each command.
pub(crate) fn page() -> Result<(), Failure> {
    let command = Arguments::command();
    let mut pages = Vec::new();
    let rendered = render(command.clone(), &mut pages).and_then(|()| {
        let mut subcommands = command.get_subcommands();
        subcommands.try_for_each(|one| render(one.clone().bin_name(one.get_name()), &mut pages))
    });
    rendered.map_err(|error| Failure::telling(&error))?;
    tell(&String::from_utf8_lossy(&pages))
}

fn render(command: Command, pages: &mut Vec<u8>) -> io::Result<()> {
    Man::new(command).render(pages)
}
