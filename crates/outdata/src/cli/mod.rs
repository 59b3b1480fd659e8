//! The command line: what can be asked for, and the help that says so.

pub(crate) mod args;
mod help;
pub(crate) mod options;
