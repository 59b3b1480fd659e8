//! Events: what the renderer tells the application about a stream.

use core::time::Duration;

/// Names an utterance: a stretch of the stream with a declared beginning and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtteranceId(pub u64);

impl UtteranceId {
    /// The word that crosses the threads: 0 is `None`.
    pub(crate) fn to_word(utterance: Option<Self>) -> u64 {
        utterance.map_or(0, |utterance| utterance.0.saturating_add(1))
    }

    pub(crate) fn from_word(word: u64) -> Option<Self> {
        word.checked_sub(1).map(Self)
    }
}

/// A position in the stream that [`Feeder::mark`](crate::Feeder::mark) named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkId(pub u64);

/// Something that happened in the stream, reported by [`Monitor::poll`](crate::Monitor::poll).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The device frame at which it happened, counted from the start of the stream. The count goes on through changes
    /// of the device's rate.
    pub at_frame: u64,
    /// The rate of the device at that frame, in Hz.
    pub rate_hz: u32,
    /// What happened.
    pub kind: EventKind,
    pub(crate) time_ns: u64,
    pub(crate) heard_ns: u64,
}

impl Event {
    /// When it happened: the duration of everything that was rendered before it. Silence counts, and so does what
    /// earlier devices of the stream were given.
    #[must_use]
    pub const fn time(&self) -> Duration {
        Duration::from_nanos(self.time_ns)
    }

    /// How long the utterance of a receipt was heard: the duration of its `heard_frames` at the rate with which they
    /// were pushed. Zero for other events.
    #[must_use]
    pub const fn heard_time(&self) -> Duration {
        Duration::from_nanos(self.heard_ns)
    }
}

/// The kinds of [`Event`]. Frames are source frames unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// The first frame of an utterance sounds.
    Started {
        /// Which one.
        utterance: UtteranceId,
    },
    /// The first frame behind a mark sounds.
    Mark {
        /// Which one.
        mark: MarkId,
    },
    /// The receipt of an utterance that was rendered to its end. If the queue ran dry before that end was declared, the
    /// utterance ended where the queue ran dry.
    Finished {
        /// Which one.
        utterance: UtteranceId,
        /// How many frames of it were rendered.
        heard_frames: u64,
    },
    /// The receipt of an interruption, at the end of its fade.
    Interrupted {
        /// The utterance that was cut, if one had been begun.
        utterance: Option<UtteranceId>,
        /// How many of its frames were rendered, including those under the fade.
        heard_frames: u64,
        /// The device's latency: the end of the fade is heard so many device frames later. 0 if the device does not
        /// say.
        device_latency_frames: u64,
    },
    /// The queue ran dry while something was sounding. If more is pushed, [`Recovered`](Self::Recovered) follows. If
    /// the end is declared instead, no frame was missed, and the receipt follows.
    Underrun,
    /// The stream went on after an underrun.
    Recovered {
        /// How many device frames were missing.
        missing_frames: u64,
    },
    /// A queued source change took effect.
    SourceChanged,
}

impl EventKind {
    /// Whether this is a receipt. Receipts have places of their own in the queue of events.
    pub(crate) const fn is_receipt(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Interrupted { .. })
    }
}
