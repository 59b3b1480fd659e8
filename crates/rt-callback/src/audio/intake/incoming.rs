//! The renderer's ends of the queues.

use alloc::boxed::Box;

use crate::link::queue::{ByteReceiver, Receiver, Sender};
use crate::plan::marker::{Change, Marker};

/// Changes that have been made, on their way back to the feeder, which frees them. Those that find no room wait
/// in a list, so that nothing has to be postponed, or freed here, where nobody collects them.
#[derive(Debug)]
pub(super) struct Retired {
    sender: Sender<Box<Change>>,
    waiting: Option<Box<Change>>,
}

impl Retired {
    pub(super) fn new(sender: Sender<Box<Change>>) -> Self {
        Self {
            sender,
            waiting: None,
        }
    }

    pub(super) fn push(&mut self, mut change: Box<Change>) {
        change.others = self.waiting.take();
        self.waiting = self.sender.push(change).err();
    }
}

/// The renderer's ends of the queues.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) ring: ByteReceiver,
    pub(crate) markers: Receiver<Marker>,
    pub(crate) retired: Sender<Box<Change>>,
}
