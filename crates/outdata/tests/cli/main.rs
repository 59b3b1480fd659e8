//! The tool as its users meet it: exact bytes, exit statuses, one-line errors.
#![allow(missing_docs, clippy::unwrap_used)]

mod bench;
#[cfg(all(feature = "cpal", target_os = "linux"))]
mod cards;
mod device;
mod endings;
mod files;
mod formats;
#[cfg(unix)]
mod outputs;
mod play;
mod record;
mod refusals;
mod render;
mod script;
#[cfg(unix)]
mod unfinished;
mod wavs;
