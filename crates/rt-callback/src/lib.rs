#![doc = include_str!("../README.md")]
//!
//! ## Where to begin
//!
//! - [`stream`] and its [`Config`]: a stream, in four halves.
//! - [`Feeder`], [`Controller`], [`Renderer`] and [`Monitor`]: the halves.
//! - [`capture`]: the way from a microphone, with its [`Recorder`] and [`Reader`].
//! - [`duplex`]: both ways, and the drift between them.
//! - [`Mixer`]: many streams in one callback.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod app;
mod audio;
mod capture;
mod config;
mod instruments;
mod link;
#[cfg(feature = "std")]
#[doc = include_str!("../docs/conversations.md")]
pub mod conversations {}
mod duplex;
mod event;
mod mixer;
#[cfg(all(test, rt_callback_loom))]
mod model;
pub mod original;
mod plan;
mod ramp;
mod reference;
mod script;
mod span;
mod spec;
mod stream;
mod volume;

pub use app::controller::Controller;
#[cfg(feature = "futures")]
pub use app::feeder::Abandoned;
#[cfg(feature = "std")]
pub use app::feeder::DrainError;
#[cfg(any(feature = "std", feature = "futures"))]
pub use app::feeder::Drained;
pub use app::feeder::{FeedError, Feeder};
pub use app::monitor::{DEFAULT_LOG_EVERY, Monitor, Readings};
pub use audio::renderer::{RenderStatus, Renderer};
pub use audio::source::FrameSource;
pub use capture::{
    BlockSink, CaptureConfig, CaptureController, CaptureCounters, CaptureMonitor, CapturePosition,
    Gap, Gaps, Reader, RecordStatus, Recorder, capture,
};
pub use channel_mix::{ChannelLayout, Decibels, MixOptions, MixRules};
pub use config::{Buffering, Clock, Config, ConfigError};
pub use duplex::drift::{DriftControl, MAX_DRIFT_TRIM};
pub use duplex::{Duplex, DuplexConfig, DuplexCounters, duplex};
pub use event::{Event, EventKind, MarkId, UtteranceId};
pub use instruments::load::Load;
pub use instruments::meters::Level;
pub use instruments::tap::{Tap, Tapped};
pub use link::counters::Counters;
pub use link::heard::Heard;
pub use mixer::{Mixer, MixerInputs};
pub use pcm_convert::{Dither, Rounding, Sample, SampleFormat};
pub use plan::resample::{Resample, ResampleTables, UnknownResample};
pub use ramp::Ramp;
pub use rate_convert::{Quality, RateError};
pub use reference::{Reference, Referenced};
pub use script::{Command, Timed};
pub use spec::{MAX_RATE_HZ, SpecError, StreamSpec};
pub use stream::{stream, stream_from};
