//! How the tool ends when it does not succeed.

use std::fmt::Display;
use std::io::{self, Write};

use crate::console::lines;

/// What ended the tool, and with which exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was asked for something that makes no sense: 2.
    Usage(String),
    /// It could not do what it was asked for: 1.
    Failed(String),
    /// The same, and it has been said: 1.
    Told,
    /// Whoever read the output has gone: quietly 0.
    PipeClosed,
}

impl Failure {
    pub(crate) fn usage(words: impl Display) -> Self {
        Self::Usage(words.to_string())
    }

    pub(crate) fn failed(words: impl Display) -> Self {
        Self::Failed(words.to_string())
    }

    /// Something about a file.
    pub(crate) fn at(path: &str, words: impl Display) -> Self {
        Self::Failed(format!("{path}: {words}"))
    }

    /// Writing to a pipe failed.
    pub(crate) fn writing(path: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::at(path, error),
        }
    }

    /// Writing words to standard output failed.
    pub(crate) fn telling(error: &io::Error) -> Self {
        Self::writing("standard output", error)
    }

    /// With something more to be said.
    pub(crate) fn with(self, rest: &str) -> Self {
        match self {
            Self::Usage(words) => Self::Usage(words + rest),
            Self::Failed(words) => Self::Failed(words + rest),
            Self::Told | Self::PipeClosed => self,
        }
    }

    /// One line on standard error.
    pub(crate) fn say(&self) {
        if let Self::Usage(words) | Self::Failed(words) = self {
            say(&format!("outdata: {words}"));
        }
    }

    /// One line on standard error, and the exit status.
    pub(crate) fn report(self) -> u8 {
        self.say();
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) | Self::Told => 1,
            Self::PipeClosed => 0,
        }
    }
}

impl Failure {
    /// A command line that is wrong, on one line: clap's first paragraph, which says what it is, its tips, and whose help
    /// says more.
    pub(crate) fn of_command_line(error: &clap::Error, command: Option<&str>) -> Self {
        let words = error.render().to_string();
        let lines = words.lines().map(str::trim);
        let paragraph = lines.clone().take_while(|line| !line.is_empty());
        let mut words = paragraph.collect::<Vec<_>>().join(" ");
        for tip in lines.filter_map(|line| line.strip_prefix("tip: ")) {
            words += "; ";
            words += tip;
        }
        let words = words.strip_prefix("error: ").unwrap_or(&words);
        let command = command.map_or_else(String::new, |name| format!("{name} "));
        Self::Usage(format!("{words}; see outdata {command}--help"))
    }
}

/// Something that is worth saying although the work went on.
pub(crate) fn warn(words: impl Display) {
    say(&format!("outdata: warning: {words}"));
}

/// Words on standard error, ending a line. If nobody reads them, nothing can be done about it.
pub(crate) fn say(words: &str) {
    let _ = write!(io::stderr(), "{}", lines(words.trim_end()));
}

/// Words on standard output, ending a line.
pub(crate) fn tell(words: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", words.trim_end()).map_err(|error| Failure::telling(&error))
}
