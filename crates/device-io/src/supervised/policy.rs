//! How a stream is supervised.

use std::time::Duration;

use super::life::Limits;

/// What happens to a stream whose device is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Policy {
    /// The stream goes on: on the requested device if it can be opened again, else on the default one. A stream on the
    /// default device moves when another becomes the default, as soon as that can be opened, and plays on until then.
    #[default]
    Follow,
    /// The stream waits for [`Supervised::resume`](crate::Supervised::resume), as a music player does when the
    /// headphones are pulled out.
    Pause,
    /// The stream ends.
    Fail,
}

/// What happens to a stream while there is no device for it: at the start, during a search, and while the stream is
/// [held](crate::DeviceEvent::Held).
///
/// For an input both are the same. There is nothing to record, and the reader gets one gap when a device comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// The stream keeps its position, as if it were paused, and is faded in on the next device. Interruptions,
    /// cancellations, ramps and receipts go on. A drain waits.
    Hold,
    /// The stream is rendered in real time, unheard. A drain ends as if it had been heard.
    Discard,
}

/// How a [`Supervised`](crate::Supervised) output or a [`SupervisedInput`](crate::SupervisedInput) is supervised. Any
/// duration is allowed, also [`Duration::MAX`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Supervision {
    /// What happens to the stream when its device is gone. Default: [`Policy::Follow`].
    pub policy: Policy,
    /// A device is dead when no callback comes for this long and twice the last block's length. Default: 1 s.
    pub watchdog: Duration,
    /// A device is dead when no first callback comes for this long. Default: 5 s.
    pub first_block: Duration,
    /// How long to wait, after a report that the device is gone, for a report that the stream was only moved. Some
    /// systems send that a moment later. Default: 250 ms.
    pub second_thoughts: Duration,
    /// How long to search for another device before the stream has [failed](crate::DeviceEvent::Failed). The pause
    /// between two attempts doubles from 50 ms to 5 s. One attempt is made in any case. Default: `None`, for ever.
    pub patience: Option<Duration>,
    /// How often a stream that follows the default device asks which one that is. It asks only if the backend [can
    /// say](crate::Backend::default_device) and does not report a change by itself. Default: 1 s.
    pub default_interval: Duration,
    /// Whether a stream that went to the default device returns to the requested one when that comes back
    /// ([`Policy::Follow`]).
    ///
    /// The pause between two looks doubles from 50 ms to 5 s. The stream plays on until the requested device is open.
    /// If that does not start, or dies at once, the stream goes back to the default device. Default: `true`.
    pub returns: bool,
    /// What happens to the stream while there is no device.
    ///
    /// With `Some`, opening succeeds also without a device, and [`DeviceEvent::Waiting`](crate::DeviceEvent::Waiting)
    /// is reported. With `None`, opening without a device is an error, and a stream that loses its device stands still
    /// until there is another. Default: `None`.
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
