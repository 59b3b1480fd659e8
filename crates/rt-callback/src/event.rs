//! What is said across the threads: markers in the stream, events out of it.

use alloc::boxed::Box;

use crate::plan::Plan;

/// An utterance: a stretch of the stream with a declared beginning and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtteranceId(pub u64);

/// A point in the stream that the application named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkId(pub u64);

/// Something that happened in the stream, reported by [`Monitor::poll`](crate::Monitor::poll).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The device frame at which it holds, counted from the start of the stream.
    pub at_frame: u64,
    /// What happened.
    pub kind: EventKind,
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
    /// The utterance has been rendered to its end.
    Finished {
        /// Which one.
        utterance: UtteranceId,
        /// How many frames it had.
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
    /// The queue ran dry while something was sounding.
    Underrun,
    /// The stream went on after an underrun.
    Recovered {
        /// How many device frames were missing.
        missing_frames: u64,
    },
    /// A queued source change took effect.
    SourceChanged,
}

/// What the feeder says about a position in the stream. It is published **before** the bytes
/// behind that position.
#[derive(Debug)]
pub(crate) struct Marker {
    /// In source frames since the start of the stream.
    pub(crate) at_frame: u64,
    pub(crate) kind: MarkerKind,
}

#[derive(Debug)]
pub(crate) enum MarkerKind {
    Begin(UtteranceId),
    End,
    Mark(MarkId),
    Source(Box<Plan>),
}
