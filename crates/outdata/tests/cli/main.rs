//! The tool as its users meet it: exact bytes, exit statuses, one-line errors.
#![allow(missing_docs, clippy::unwrap_used)]

mod bench;
#[cfg(all(feature = "cpal", target_os = "linux"))]
mod cards;
#[cfg(unix)]
mod containers;
mod cost;
#[cfg(unix)]
mod cut_chunks;
#[cfg(unix)]
mod damage;
mod declared;
mod device;
mod endings;
mod files;
mod formats;
mod help;
#[cfg(unix)]
mod joined;
#[cfg(unix)]
mod layouts;
#[cfg(unix)]
mod lengths;
mod make_flac;
#[cfg(unix)]
mod make_mov;
#[cfg(unix)]
mod make_mp3;
#[cfg(unix)]
mod make_ogg;
#[cfg(unix)]
mod outputs;
mod play;
mod record;
mod refusals;
mod render;
mod script;
mod selection;
#[cfg(unix)]
mod tracks;
#[cfg(unix)]
mod unfinished;
mod wavs;
mod ways;
