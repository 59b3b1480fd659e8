//! Markers: what the feeder declares about positions in the stream. A change of the source carries the new plan, and
//! brings back the plan that it replaced.

use alloc::boxed::Box;

use crate::event::{MarkId, UtteranceId};
use crate::link::queue::ByteReceiver;
use crate::plan::Plan;

/// A declaration about a position in the stream. The feeder publishes it **before** the bytes behind that position.
#[derive(Debug)]
pub(crate) struct Marker {
    /// The position, in source frames since the start of the stream.
    pub(crate) at_frame: u64,
    pub(crate) kind: MarkerKind,
}

#[derive(Debug)]
pub(crate) enum MarkerKind {
    /// An utterance begins. With `ends`, what was open before it ends here.
    Begin {
        utterance: UtteranceId,
        ends: Option<End>,
    },
    End(End),
    Mark(MarkId),
    Source(Box<Change>),
}

impl MarkerKind {
    /// Whether it declares an end.
    pub(crate) const fn is_end(&self) -> bool {
        matches!(self, Self::End(_) | Self::Begin { ends: Some(_), .. })
    }
}

/// A declared end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Whether the utterance was interrupted while it was being pushed, even if none of it had been pushed yet.
    pub(crate) is_cut: bool,
}

/// A change of the source. The frames behind its marker are in a queue of their own, which holds the same time as the
/// one before. On its way back to the feeder it holds the plan and the queue that it replaced.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) plan: Plan,
    pub(crate) ring: ByteReceiver,
    /// How long everything queued before it lasts, in nanoseconds.
    pub(crate) before_ns: u64,
    /// Other changes that go back with it.
    pub(crate) others: Option<Box<Change>>,
}

/// Frees the list in a loop. The derived drop would recurse, and take stack for each element.
impl Drop for Change {
    fn drop(&mut self) {
        let mut others = self.others.take();
        while let Some(mut change) = others {
            others = change.others.take();
        }
    }
}
