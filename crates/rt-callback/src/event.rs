//! What happens in a stream, as it is told to the application.

use core::time::Duration;

/// An utterance: a stretch of the stream with a declared beginning and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtteranceId(pub u64);

impl UtteranceId {
    /// As it crosses the threads: 0 is none.
    pub(crate) fn to_word(utterance: Option<Self>) -> u64 {
        utterance.map_or(0, |utterance| utterance.0.saturating_add(1))
    }

    pub(crate) fn from_word(word: u64) -> Option<Self> {
        word.checked_sub(1).map(Self)
    }
}

/// A point in the stream that the application named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkId(pub u64);

/// Something that happened in the stream, reported by [`Monitor::poll`](crate::Monitor::poll).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The device frame at which it holds, counted from the start of the stream, whatever rates the
    /// devices since then had.
    pub at_frame: u64,
    /// The rate of the device at that frame, in Hz.
    pub rate_hz: u32,
    /// What happened.
    pub kind: EventKind,
    pub(crate) time_ns: u64,
    pub(crate) heard_ns: u64,
}

impl Event {
    /// When it holds: how long everything lasts that was rendered before it, silence included, through all
    /// devices that the stream has had.
    #[must_use]
    pub const fn time(&self) -> Duration {
        Duration::from_nanos(self.time_ns)
    }

    /// How long the utterance of a receipt was heard, in the source's time: the length of its `heard_frames` at
    /// the rate that they were pushed with. Zero for other events.
    #[must_use]
    pub const fn heard_time(&self) -> Duration {
        Duration::from_nanos(self.heard_ns)
    }
}

/// The kinds of [`Event`]. Frames are source frames unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// The utterance's first frame sounds.
    Started {
        /// Which one.
        utterance: UtteranceId,
    },
    /// The frame behind the mark sounds.
    Mark {
        /// Which one.
        mark: MarkId,
    },
    /// The receipt of an utterance that was rendered to its end. Where it had run dry before that end was
    /// declared, it ended where it ran dry.
    Finished {
        /// Which one.
        utterance: UtteranceId,
        /// How many frames of it were rendered.
        heard_frames: u64,
    },
    /// The receipt of an interruption, at the end of its fade.
    Interrupted {
        /// The utterance that was cut, where one had been begun.
        utterance: Option<UtteranceId>,
        /// How many of its frames were rendered, those under the fade included.
        heard_frames: u64,
        /// How many device frames later that is heard, as far as the device says.
        device_latency_frames: u64,
    },
    /// The queue ran dry while something was sounding. If more comes, [`Recovered`](Self::Recovered) follows;
    /// if its end is declared instead, nothing was missed, and its receipt follows.
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
    /// The end of an utterance, or of what an interruption cut: it has a place of its own in the queue.
    pub(crate) const fn is_receipt(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Interrupted { .. })
    }
}
