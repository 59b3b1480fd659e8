//! The renderer's ends of the queues.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use crate::link::queue::{ByteReceiver, Receiver, Sender};
use crate::plan::marker::{Change, Marker};
use crate::span::nanoseconds;

/// The renderer's ends of the queues, as they are handed over.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) ring: ByteReceiver,
    pub(crate) markers: Receiver<Marker>,
    pub(crate) retired: Sender<Box<Change>>,
}

/// The incoming bytes, and the markers between them.
#[derive(Debug)]
#[repr(C)] // in the order of use
pub(super) struct Incoming {
    /// The source frame with which the ring's bytes begin, and how long the frames before it lasted, in nanoseconds.
    begin: (u64, u64),
    markers: Receiver<Marker>,
    /// Markers that were taken out of their queue when the device changed. They come before those in the queue.
    taken: VecDeque<Marker>,
    retired: Retired,
    most_boundaries: usize,
    /// Stands last: every block looks at it, and at the plan behind it.
    pub(super) ring: ByteReceiver,
}

impl Incoming {
    pub(super) fn new(queues: Queues, marker_capacity: usize) -> Self {
        Self {
            ring: queues.ring,
            begin: (0, 0),
            markers: queues.markers,
            taken: VecDeque::new(),
            retired: Retired {
                sender: queues.retired,
                waiting: None,
            },
            most_boundaries: boundaries_of(marker_capacity),
        }
    }

    /// The next marker, if there is one.
    pub(super) fn marker(&self) -> Option<&Marker> {
        self.taken.front().or_else(|| self.markers.peek())
    }

    pub(super) fn pop_marker(&mut self) -> Option<Marker> {
        self.taken.pop_front().or_else(|| self.markers.pop())
    }

    /// Whether the queue of markers is full.
    pub(super) fn is_full_of_markers(&self) -> bool {
        self.markers.is_full()
    }

    /// An upper bound of the boundaries that all markers can bring. It bounds the loops that pass boundaries; a later
    /// call passes the rest.
    pub(super) fn most_boundaries(&self) -> usize {
        self.most_boundaries
    }

    /// Takes all markers out of their queue, so that they can be changed. Allocates.
    #[cfg(feature = "std")]
    pub(super) fn take_markers(&mut self) -> &mut VecDeque<Marker> {
        while let Some(marker) = self.markers.pop() {
            self.taken.push_back(marker);
            self.most_boundaries = self.most_boundaries.saturating_add(boundaries_of(1));
        }
        &mut self.taken
    }

    /// Changes to the ring of `change` from source frame `position` on. `change` goes back to the feeder with the old
    /// ring.
    pub(super) fn turn_to(&mut self, mut change: Box<Change>, position: u64) {
        core::mem::swap(&mut self.ring, &mut change.ring);
        self.begin = (position, change.before_ns);
        self.retired.push(change);
    }

    /// How long everything before this position lasts, in nanoseconds. `rate_hz` is the rate of the ring's frames.
    pub(super) fn nanoseconds_before(&self, position: u64, rate_hz: u32) -> u64 {
        let (begin, before_ns) = self.begin;
        before_ns.saturating_add(nanoseconds(position - begin, rate_hz))
    }
}

/// An upper bound of the boundaries that `markers` markers can bring.
fn boundaries_of(markers: usize) -> usize {
    markers.saturating_mul(2).saturating_add(8)
}

/// Changes that go back to the feeder, which frees them. A change that finds no room waits in a list. So none has to be
/// postponed or freed in the callback if the feeder does not collect them.
#[derive(Debug)]
struct Retired {
    sender: Sender<Box<Change>>,
    waiting: Option<Box<Change>>,
}

impl Retired {
    fn push(&mut self, mut change: Box<Change>) {
        change.others = self.waiting.take();
        self.waiting = self.sender.push(change).err();
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::event::MarkId;
    use crate::link::queue::{bytes, items};
    use crate::plan::Plan;
    use crate::plan::marker::MarkerKind;
    use crate::plan::recipe::Recipe;

    fn change(before_ns: u64) -> Box<Change> {
        let source = "24000x1:s16le".parse().unwrap();
        let config = Config::new(source, "48000x1:s16le".parse().unwrap());
        Box::new(Change {
            plan: Plan::new(source, &Recipe::from(&config)).unwrap(),
            ring: bytes(16).1,
            before_ns,
            others: None,
        })
    }

    #[test]
    fn changes_that_find_no_room_go_back_with_the_next_that_does() {
        let (retired, mut returned) = items(1);
        let queues = Queues {
            ring: bytes(16).1,
            markers: items(1).1,
            retired,
        };
        let mut incoming = Incoming::new(queues, 1);
        for n in 1..=3 {
            incoming.turn_to(change(n), 10 * n);
        }
        assert_eq!(incoming.nanoseconds_before(30, 24_000), 3);
        assert_eq!(incoming.nanoseconds_before(54, 24_000), 1_000_003);
        assert_eq!(returned.pop().map(|change| change.before_ns), Some(1));
        incoming.turn_to(change(4), 40);
        let last = returned.pop().unwrap();
        assert_eq!(last.before_ns, 4);
        let third = last.others.as_ref().unwrap();
        assert_eq!(third.before_ns, 3);
        assert_eq!(third.others.as_ref().unwrap().before_ns, 2);
    }

    #[cfg(feature = "std")]
    #[test]
    fn markers_that_were_taken_come_before_those_in_the_queue() {
        let (mut sender, markers) = items(2);
        let queues = Queues {
            ring: bytes(16).1,
            markers,
            retired: items(1).0,
        };
        let mut incoming = Incoming::new(queues, 2);
        let most = incoming.most_boundaries();
        let mark = |at_frame| Marker {
            at_frame,
            kind: MarkerKind::Mark(MarkId(at_frame)),
        };
        for at_frame in 1..=2 {
            assert!(sender.push(mark(at_frame)).is_ok());
        }
        assert!(incoming.is_full_of_markers());
        assert_eq!(incoming.take_markers().len(), 2);
        assert!(incoming.most_boundaries() > most);
        assert!(sender.push(mark(3)).is_ok());
        let order: [_; 3] = core::array::from_fn(|_| incoming.pop_marker().unwrap().at_frame);
        assert_eq!(order, [1, 2, 3]);
        assert!(incoming.marker().is_none());
    }
}
