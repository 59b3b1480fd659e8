//! The command-line tool.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the tool with these arguments, of which the first is the program's name, and returns its exit status.
#[pyfunction]
pub(crate) fn run_tool(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| outdata::run(arguments))
}
