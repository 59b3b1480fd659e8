//! How a stream is looked after.

use std::time::Duration;

use super::life::Limits;

/// What becomes of a stream whose device is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The stream goes on: on the device that was asked for if that can be had again, else on the default one. A
    /// stream on the default device moves when another becomes the default.
    #[default]
    Follow,
    /// The stream waits for [`Supervised::resume`](crate::Supervised::resume), as a music player does when the
    /// headphones are pulled out.
    Pause,
    /// The stream ends.
    Fail,
}

/// What becomes of a stream while there is no device for it: at the start, while one is looked for, and while it is
/// [held](crate::DeviceEvent::Held).
///
/// Either is the same for an input, which has nothing to record then: its reader sees one gap when a device comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// What is queued keeps its place, as if the stream were paused, and is faded in on the device that comes.
    /// Interruptions, cancellations, ramps and receipts go on; a drain waits.
    Hold,
    /// It is rendered in real time and passes unheard; a drain ends as if it had been heard.
    Discard,
}

/// How a [`Supervised`](crate::Supervised) output or a [`SupervisedInput`](crate::SupervisedInput) is looked after.
/// Any duration is allowed, [`Duration::MAX`] too.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Supervision {
    /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`].
    pub policy: Policy,
    /// A device is dead when it asks for nothing, or delivers nothing, for this long and twice the last block's
    /// length. Default: 1 s.
    pub watchdog: Duration,
    /// The same time before the first block. Default: 5 s.
    pub first_block: Duration,
    /// How long to wait, after a device is said to be gone, for word that the stream was only moved: some systems say
    /// that a moment later. Default: 250 ms.
    pub second_thoughts: Duration,
    /// How long another device is looked for before the stream has [failed](crate::DeviceEvent::Failed). The pause
    /// between two attempts doubles from 50 ms to 5 s. Default: `None`, for ever.
    pub patience: Option<Duration>,
    /// How often a stream that follows the default device asks which one that is. It asks only where the backend [can
    /// say](crate::Backend::default_device) and does not tell of a change by itself. Default: 1 s.
    pub default_interval: Duration,
    /// Whether a stream that asked for a certain device and went to the default one returns when the first comes back
    /// ([`Policy::Follow`]). The pause between two looks doubles from 50 ms to 5 s. The stream plays on until the
    /// first device is open; if that does not start, or dies at once, the stream goes back to the default one.
    /// Default: `true`.
    pub returns: bool,
    /// What becomes of the stream while there is no device. With `Some`, opening it succeeds without a device too,
    /// and [`DeviceEvent::Waiting`](crate::DeviceEvent::Waiting) is told. Default: `None`, with which opening it
    /// without a device is an error, and a stream that loses its device stands still until there is another.
    pub absent: Option<Absent>,
}

impl Supervision {
    /// The defaults, with this policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            watchdog: Duration::from_secs(1),
            first_block: Duration::from_secs(5),
            second_thoughts: Duration::from_millis(250),
            patience: None,
            default_interval: Duration::from_secs(1),
            returns: true,
            absent: None,
        }
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            block: self.watchdog,
            first_block: self.first_block,
            second_thoughts: self.second_thoughts,
        }
    }
}

impl Default for Supervision {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}
