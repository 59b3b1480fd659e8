#![doc = include_str!("../README.md")]
//!
//! ## Where to begin
//!
//! - [`ChannelLayout`]: which speakers the channels are.
//! - [`MixMatrix`] and [`MixOptions`]: the gains from one layout to another.
//! - [`Mixer`]: applies them, with ramps.
//! - [`ChannelMap`]: moves samples of any type.
//! - [`GainRamp`] and [`Decibels`]: volume.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

#[cfg(feature = "audioadapter")]
mod adapters;
mod error;
mod gain;
mod kernel;
mod layout;
mod map;
mod matrix;
mod mixer;
mod plan;
mod rules;
mod simd;
mod speakers;

pub use error::MixError;
pub use gain::{Decibels, GainRamp, MAX_GAIN};
pub use layout::{ChannelLayout, MAX_CHANNELS, ParseLayoutError, Position};
pub use map::{ChannelMap, mono_to_stereo, mono_to_stereo_in_place};
pub use matrix::MixMatrix;
pub use mixer::{LargeMixer, Mixer};
pub use rules::{MixOptions, MixRules, ParseRulesError};
pub use simd::Backend;
