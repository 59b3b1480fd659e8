#![doc = include_str!("../README.md")]
//!
//! ## Where to begin
//!
//! - [`Player`], [`Microphone`], [`Call`]: a device and its stream in one.
//! - [`play`], [`record`]: in one line.
//! - [`Backend`]: what opens devices; [`Null`], [`Offline`] and [`WavFile`] without any.
//! - [`Supervised`]: stays open when a device goes.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod faults;
mod front;
mod loan;
mod lock;
mod negotiate;
mod seam;
mod software;
mod supervised;
#[cfg(feature = "wav")]
pub mod wav;

#[cfg(feature = "cpal")]
mod cpal;

#[cfg(feature = "cpal")]
pub use crate::cpal::Cpal;
#[cfg(feature = "realtime")]
pub use crate::cpal::may_run_in_real_time;
pub use error::DeviceError;
pub use faults::{Fault, FaultInjector, Faults};
pub use front::{
    Call, CallBuilder, CallEvent, Error, Microphone, MicrophoneBuilder, MicrophoneEvent, Player,
    PlayerBuilder, PlayerEvent, now_ns, play, record,
};
pub use negotiate::{Choice, Conversion, Explanation, Negotiated, Reason};
pub use seam::{
    Backend, BlockLength, DeviceEvent, DeviceInfo, Input, InputRequest, Output, OutputRequest,
    Progress, SupportedFormats,
};
pub use software::{Clock, Null, Offline};
pub use supervised::{Absent, Policy, Supervised, SupervisedInput, Supervision};
#[cfg(feature = "wav")]
pub use wav::WavFile;

/// The program at the top of the repository runs with this crate's tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct RepositoryReadme;

/// Those that stand beside other libraries' are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/coming-from.md")]
struct ComingFrom;
