//! Wait-free queues of one producer and one consumer. This is the only file that knows the ring.

use crate::link::sync::ring::{Consumer, Producer, PushError, RingBuffer};

/// The writing half of a bounded queue of items.
#[derive(Debug)]
pub(crate) struct Sender<T>(Producer<T>);

/// The reading half of a bounded queue of items.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Consumer<T>);

/// Makes a queue of at most `capacity` items. Allocates here and never again.
pub(crate) fn items<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (producer, consumer) = RingBuffer::new(capacity);
    (Sender(producer), Receiver(consumer))
}

impl<T> Sender<T> {
    /// Queues the item, or gives it back if the queue is full.
    pub(crate) fn push(&mut self, item: T) -> Result<(), T> {
        self.0.push(item).map_err(|PushError::Full(item)| item)
    }

    pub(crate) fn free(&self) -> usize {
        self.0.slots()
    }
}

impl<T: Copy> Sender<T> {
    /// Queues all of the items, or none if they do not fit.
    pub(crate) fn push_slice(&mut self, items: &[T]) -> bool {
        self.0.push_entire_slice(items).is_ok()
    }
}

impl<T: Copy> Receiver<T> {
    /// How many items can be read now.
    pub(crate) fn available(&self) -> usize {
        self.0.slots()
    }

    /// Fills `out` with the oldest items, or does nothing if there are fewer.
    pub(crate) fn pop_slice(&mut self, out: &mut [T]) -> bool {
        self.0.pop_entire_slice(out).is_ok()
    }
}

impl<T> Receiver<T> {
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.0.pop().ok()
    }

    pub(crate) fn peek(&self) -> Option<&T> {
        self.0.peek().ok()
    }

    /// Whether the queue is full.
    pub(crate) fn is_full(&self) -> bool {
        self.0.slots() == self.0.buffer().capacity()
    }
}

/// Bytes of the longest sample (`s64`, `f64`).
pub(crate) const MAX_SAMPLE_BYTES: usize = 8;

/// Bytes of the longest frame: 64 channels of such samples.
pub(crate) const MAX_FRAME_BYTES: usize = 64 * MAX_SAMPLE_BYTES;

/// The writing half of the byte ring.
#[derive(Debug)]
pub(crate) struct ByteSender(Producer<u8>);

/// The reading half of the byte ring.
#[derive(Debug)]
pub(crate) struct ByteReceiver(Consumer<u8>);

/// Makes a ring of `capacity` bytes. Allocates here and never again.
pub(crate) fn bytes(capacity: usize) -> (ByteSender, ByteReceiver) {
    let (producer, consumer) = RingBuffer::new(capacity);
    (ByteSender(producer), ByteReceiver(consumer))
}

impl ByteSender {
    /// How many bytes the ring can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.0.buffer().capacity()
    }

    pub(crate) fn free(&self) -> usize {
        self.0.slots()
    }

    /// Queues all of the bytes, or none if they do not fit.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) -> bool {
        self.0.push_entire_slice(bytes).is_ok()
    }
}

impl ByteReceiver {
    /// How many bytes can be read now. After this call, everything that the same thread queued before them is visible,
    /// in any other queue too.
    pub(crate) fn available(&self) -> usize {
        self.0.slots()
    }

    /// Takes up to `units` samples or frames of `size` bytes (`1..=512`), and returns how many.
    ///
    /// `take` gets them in order, as slices of whole units: one slice, or up to three if the ring's end is crossed.
    #[inline(always)]
    pub(crate) fn read_units(
        &mut self,
        units: usize,
        size: usize,
        mut take: impl FnMut(&[u8]),
    ) -> usize {
        let mut units = units;
        // A second time at most: what was there once is there.
        let chunk = loop {
            match self.0.read_chunk(units.saturating_mul(size)) {
                Ok(chunk) => break chunk,
                Err(_) => units = units_in(self.0.slots() as u64, size as u64) as usize,
            }
        };
        let (first, second) = chunk.as_slices();
        if second.is_empty() {
            take(first);
        } else {
            take_both(first, second, size, take);
        }
        chunk.commit_all();
        units
    }

    /// Drops up to `count` bytes unread, and returns how many.
    pub(crate) fn skip(&mut self, count: usize) -> usize {
        let count = count.min(self.0.slots());
        self.0.read_chunk(count).map_or(0, |chunk| {
            chunk.commit_all();
            count
        })
    }
}

/// How many whole units of `size` (at least 1) `all` holds. Sizes are mostly powers of two, and a division costs as
/// much as everything else in a short block.
pub(crate) fn units_in(all: u64, size: u64) -> u64 {
    if size.is_power_of_two() {
        all >> size.trailing_zeros()
    } else {
        all / size.max(1)
    }
}

/// Shows two adjoining slices as whole units of `size` bytes.
#[cold]
fn take_both(first: &[u8], second: &[u8], size: usize, mut take: impl FnMut(&[u8])) {
    let whole = first.len() - first.len() % size.max(1);
    let (before, head) = first.split_at_checked(whole).unwrap_or_default();
    if !before.is_empty() {
        take(before);
    }
    let mut after = second;
    if !head.is_empty() {
        // A unit may straddle the ring's end: it is put together in a small scratch.
        let missing = (size - head.len()).min(second.len());
        let (tail, rest) = second.split_at_checked(missing).unwrap_or_default();
        let mut whole = [0; MAX_FRAME_BYTES];
        for (to, from) in whole.iter_mut().zip(head.iter().chain(tail)) {
            *to = *from;
        }
        take(whole.get(..size).unwrap_or(&whole));
        after = rest;
    }
    if !after.is_empty() {
        take(after);
    }
}
