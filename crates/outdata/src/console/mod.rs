//! What is said to whoever runs the tool, and the keys that they press.

mod bar;
mod clipping;
mod failure;
mod machine;
mod report;
mod terminal;

pub(crate) use bar::{level, measuring_bar, progress_bar};
pub(crate) use clipping::{peak, warn_of_clipping};
pub(crate) use failure::{Failure, say, tell, warn};
pub(crate) use machine::{backends, processor};
pub(crate) use report::{
    Parameters, Report, ReportForm, duration, nanoseconds, outlier_ns, outlier_words, versions,
};
pub(crate) use terminal::{Key, Terminal, columns, lines};
