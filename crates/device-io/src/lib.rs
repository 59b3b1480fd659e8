#![doc = include_str!("../README.md")]

mod error;
mod faults;
mod front;
mod loan;
mod negotiate;
mod seam;
mod software;
mod supervised;
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
pub use wav::WavFile;

/// The example at the top of the repository is compiled with this crate, and run by `tests/front.rs`.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct RepositoryReadme;

/// So are those that stand beside other libraries'.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/coming-from.md")]
struct ComingFrom;
