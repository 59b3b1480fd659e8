//! cpal's real ALSA host on sound cards that are made up.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cards;
mod formats;
mod leaks;
mod life;
mod microphones;
mod playing;
mod recording;
