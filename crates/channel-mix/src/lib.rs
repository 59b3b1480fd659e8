#![doc = include_str!("../README.md")]
#![no_std]

mod error;
mod gain;
mod layout;
mod matrix;
mod mixer;
mod rules;
mod speakers;
mod terms;

pub use error::MixError;
pub use gain::{Decibels, GainRamp, MAX_GAIN};
pub use layout::{ChannelLayout, MAX_CHANNELS, ParseLayoutError, Position};
pub use matrix::MixMatrix;
pub use mixer::{LargeMixer, Mixer};
pub use rules::{MixOptions, MixRules, ParseRulesError};
