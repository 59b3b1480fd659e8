//! What happens to a device while it runs.

use std::time::Duration;

use rt_callback::StreamSpec;

/// Something that happened to a running output or input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// The device is said to be gone. That may be too early: some audio systems tell a moment later that they moved
    /// the stream to another device.
    Lost(String),
    /// The stream is dead and can only be opened anew: its server is gone, or the device has become
    /// another.
    Invalidated(String),
    /// The audio system moved the stream to another device; it goes on.
    Changed,
    /// The device ran dry although it was being fed: a gap that the renderer cannot know of.
    Xrun,
    /// Any other complaint, and how often it was made since it was last told.
    Errors {
        /// The last one's words.
        words: String,
        /// How many.
        count: u64,
    },
    /// The application's own code panicked in the callback. Those blocks were silent; the stream goes on.
    Panicked {
        /// In how many blocks so far.
        count: u64,
    },
    /// Real-time scheduling was asked for and refused; the stream goes on without (feature
    /// `realtime`).
    RealtimeRefused,
    /// [Supervised](crate::Supervised): the device asked for nothing, or delivered nothing, for this long. It is
    /// given up.
    Stalled(Duration),
    /// [Supervised](crate::Supervised): the device gave errors and hardly anything else. It is given up.
    Spinning {
        /// How many.
        errors: u64,
    },
    /// [Supervised](crate::Supervised): another device is the default now, by its id.
    DefaultChanged(String),
    /// [Supervised](crate::Supervised): the stream goes on, on this device. It may be the one that was asked for, to
    /// which the stream returns ([`Supervision::returns`](crate::Supervision::returns)), or the first that there is
    /// ([`Supervision::absent`](crate::Supervision::absent)).
    Reopened {
        /// The device's id; `None` is the default one.
        device: Option<String>,
        /// What it takes or delivers.
        spec: StreamSpec,
    },
    /// [Supervised](crate::Supervised), with [`Supervision::absent`](crate::Supervision::absent): there is no device,
    /// and one is looked for.
    Waiting,
    /// [Supervised](crate::Supervised): it waits to be
    /// [resumed](crate::Supervised::resume), with its queue and position kept.
    Held,
    /// [Supervised](crate::Supervised): no device was found to go on with, or the policy is not to look for one, or
    /// the backend's own code panicked. Nothing is played or recorded; the queue and the position are kept.
    Failed(String),
}
