//! Events of a running device.

use std::time::Duration;

use rt_callback::StreamSpec;

/// Something that happened to a running output or input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// The device is reported as gone. The report may be too early: some audio systems report a moment later that they
    /// moved the stream to another device.
    Lost(String),
    /// The stream is dead and has to be opened anew, because its server is gone or the device has become another.
    Invalidated(String),
    /// The audio system moved the stream to another device. The stream goes on.
    Changed,
    /// The device had a gap of its own (an xrun), which the renderer cannot know of.
    Xrun,
    /// Any other error of the audio system.
    Errors {
        /// The words of the last error.
        words: String,
        /// How many errors there were since the last event of this kind.
        count: u64,
    },
    /// The application's own code panicked in the callback. Those blocks were silent, and the stream goes on.
    Panicked {
        /// How many blocks have panicked so far.
        count: u64,
    },
    /// Real-time scheduling was requested and refused (feature `realtime`). The stream goes on without it.
    RealtimeRefused,
    /// [Supervised](crate::Supervised): no callback came for this long. The device is given up.
    Stalled(Duration),
    /// [Supervised](crate::Supervised): the device gave errors and hardly anything else. The device is given up.
    Spinning {
        /// How many errors there were.
        errors: u64,
    },
    /// [Supervised](crate::Supervised): another device is the default now. The field is its id.
    DefaultChanged(String),
    /// [Supervised](crate::Supervised): the stream goes on, on this device.
    ///
    /// It may also be the requested device, to which the stream returns
    /// ([`Supervision::returns`](crate::Supervision::returns)), or the first device that the stream has at all
    /// ([`Supervision::absent`](crate::Supervision::absent)).
    Reopened {
        /// The device's id. `None` is the default device.
        device: Option<String>,
        /// The format, rate and channels that the device takes or delivers.
        spec: StreamSpec,
    },
    /// [Supervised](crate::Supervised), with [`Supervision::absent`](crate::Supervision::absent): there is no device,
    /// and the supervisor searches for one.
    Waiting,
    /// [Supervised](crate::Supervised): the stream waits to be [resumed](crate::Supervised::resume). Its queue and
    /// position are kept.
    Held,
    /// [Supervised](crate::Supervised): the stream stands still, because no device was found, the policy is not to
    /// search for one, or the backend's own code panicked. The queue and the position are kept.
    Failed(String),
}

impl DeviceEvent {
    /// The words of a [`Lost`](Self::Lost) input that has delivered all there was. They are what a supervisor knows an
    /// end by, through any backend that passes events on.
    const AT_END: &'static str = "the file has come to its end";

    /// The end of an input that has one.
    #[cfg(any(feature = "wav", test))]
    pub(crate) fn end() -> Self {
        Self::Lost(Self::AT_END.into())
    }

    /// Whether an input has delivered all there was. Nothing is gained by opening it again.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::Lost(words) if words == Self::AT_END)
    }
}
