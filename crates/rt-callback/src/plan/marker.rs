//! What the feeder says about positions in the stream: it travels with the plans, and comes back with those that they
//! replaced.

use alloc::boxed::Box;

use crate::event::{MarkId, UtteranceId};
use crate::link::queue::ByteReceiver;
use crate::plan::Plan;

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
    /// An utterance begins. What was before it, if anything, ends.
    Begin {
        utterance: UtteranceId,
        ends: Option<End>,
    },
    End(End),
    Mark(MarkId),
    Source(Box<Change>),
}

impl MarkerKind {
    /// Whether it declares the end of what was before it.
    pub(crate) const fn is_end(&self) -> bool {
        matches!(self, Self::End(_) | Self::Begin { ends: Some(_), .. })
    }
}

/// A declared end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The utterance was interrupted while it was being pushed, be there any of it or not.
    pub(crate) is_cut: bool,
}

/// Another source: what is behind its marker is in a queue of its own, as long in time as the one before. On
/// its way back it holds what it replaced.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) plan: Plan,
    pub(crate) ring: ByteReceiver,
    /// How long everything lasts that was queued before it.
    pub(crate) before_ns: u64,
    /// Others that are on their way back with it.
    pub(crate) others: Option<Box<Change>>,
}

/// Frees a list one by one: in a chain of drops each would stand on the stack of the one before.
impl Drop for Change {
    fn drop(&mut self) {
        let mut others = self.others.take();
        while let Some(mut change) = others {
            others = change.others.take();
        }
    }
}
