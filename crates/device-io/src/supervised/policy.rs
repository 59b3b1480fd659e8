//! How a stream is looked after.

use std::time::Duration;

use super::life::Limits;

/// What becomes of a stream whose device is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// It goes on: on the device that was asked for if that can be had again, else on the default
    /// one. Where it is on the default device and another becomes it, it goes there.
    #[default]
    Follow,
    /// It waits for [`Supervised::resume`](crate::Supervised::resume), as a music player does when the headphones are pulled
    /// out.
    Pause,
    /// It ends.
    Fail,
}

/// What becomes of a stream while there is no device for it: at the start, while one is looked for, and while it is
/// [held](crate::DeviceEvent::Held).
///
/// An input has nothing to record then, whichever it is: its reader sees one gap when a device comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// What is queued keeps its place, as if the stream were paused, and is faded in on the device that comes.
    /// Interruptions, cancellations, ramps and receipts go on; a drain waits.
    Hold,
    /// It is rendered in real time and passes unheard; a drain ends as if it had been heard.
    Discard,
}

/// How a [`Supervised`](crate::Supervised) output or a [`SupervisedInput`](crate::SupervisedInput) is looked after. Any duration is right, [`Duration::MAX`] too.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Supervision {
    /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`].
    pub policy: Policy,
    /// A device that asks for nothing, or delivers nothing, for so long (and twice the last block's length) is dead.
    /// Default: 1 s.
    pub watchdog: Duration,
    /// The same before its first block. Default: 5 s.
    pub first_block: Duration,
    /// A device that is said to be gone may only have been moved, which is said a moment later: so
    /// long it is waited for that. Default: 250 ms.
    pub second_thoughts: Duration,
    /// For so long another device is looked for, again and again, with a pause between two attempts that doubles
    /// from 50 ms to 5 s. After that the stream has [failed](crate::DeviceEvent::Failed). Default: `None`, for ever.
    pub patience: Option<Duration>,
    /// How often it is asked which device is the default, by a stream that is on it and follows, where the backend
    /// [can say](crate::Backend::default_device) and does not tell of a change by itself. Default: 1 s.
    pub default_interval: Duration,
    /// Whether a stream that asked for a certain device, and went to the default one, returns when the other comes
    /// back ([`Policy::Follow`]). That is looked for with a pause that doubles from 50 ms to 5 s. The stream plays on
    /// until the other is open; where that one does not start, or dies at once, it goes back. Default: `true`.
    pub returns: bool,
    /// What becomes of the stream while there is no device, also at its start: then opening it succeeds without one,
    /// and [`DeviceEvent::Waiting`](crate::DeviceEvent::Waiting) is told. Default: `None`: opening it without a device is an error, and a stream that
    /// loses its device stands still until there is another.
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
