//! What is said to whoever runs the tool, and the keys that they press.

mod bar;
mod clipping;
mod failure;
mod report;
mod terminal;

pub(crate) use bar::{level, progress_bar};
pub(crate) use clipping::{peak, warn_of_clipping};
pub(crate) use failure::{Failure, say, tell, warn};
pub(crate) use report::{Report, ReportForm, nanoseconds};
pub(crate) use terminal::{Key, Terminal, lines};
