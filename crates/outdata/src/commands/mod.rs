//! What the tool does, a file or a folder for each command, and what some of them have in common.

pub(crate) mod bench;
mod config;
pub(crate) mod demo;
pub(crate) mod devices;
pub(crate) mod doctor;
pub(crate) mod info;
pub(crate) mod manual;
pub(crate) mod play;
pub(crate) mod record;
pub(crate) mod render;
mod simulator;
