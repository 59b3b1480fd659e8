#![doc = include_str!("../README.md")]
#![no_std]

mod backend;
mod error;
mod gain;
mod io;
mod kernel;
mod layout;
mod map;
mod matrix;
mod mixer;
mod plan;
mod rows;
mod rules;
mod speakers;
mod tile;

pub use backend::Backend;
pub use error::MixError;
pub use gain::{Decibels, GainRamp, MAX_GAIN};
pub use layout::{ChannelLayout, MAX_CHANNELS, ParseLayoutError, Position};
pub use map::{ChannelMap, mono_to_stereo_in_place};
pub use matrix::MixMatrix;
pub use mixer::{LargeMixer, Mixer};
pub use rules::{MixOptions, MixRules, ParseRulesError};
