//! The functions of rtrb that the engine uses, over indices of loom.
//!
//! As in rtrb, each side keeps its own index and the last one that it saw of the other side. It publishes with release
//! what the other side loads with acquire. That this makes the items visible is rtrb's own guarantee. The models
//! explore what the engine does with it.

extern crate std;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{Cell, OnceCell};
use core::fmt;
use std::sync::{Mutex, MutexGuard};

use loom::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct RingBuffer<T> {
    capacity: usize,
    /// The lock is never contended, because loom switches threads only at its own operations.
    items: Mutex<VecDeque<T>>,
    written: AtomicUsize,
    read: AtomicUsize,
}

pub(crate) struct Producer<T> {
    ring: Arc<RingBuffer<T>>,
    written: usize,
}

pub(crate) struct Consumer<T> {
    ring: Arc<RingBuffer<T>>,
    read: usize,
    /// The index of the producer when it was last seen.
    seen: Cell<usize>,
    front: OnceCell<T>,
}

#[derive(Debug)]
pub(crate) struct TooFew;

#[derive(Debug)]
pub(crate) enum PushError<T> {
    Full(T),
}

impl<T> RingBuffer<T> {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(capacity: usize) -> (Producer<T>, Consumer<T>) {
        let ring = Arc::new(Self {
            capacity,
            items: Mutex::default(),
            written: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
        });
        let producer = Producer {
            ring: Arc::clone(&ring),
            written: 0,
        };
        let consumer = Consumer {
            ring,
            read: 0,
            seen: Cell::new(0),
            front: OnceCell::new(),
        };
        (producer, consumer)
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    fn items(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.items.lock().unwrap()
    }
}

impl<T> Producer<T> {
    pub(crate) fn buffer(&self) -> &RingBuffer<T> {
        &self.ring
    }

    pub(crate) fn slots(&self) -> usize {
        self.ring.capacity - (self.written - self.ring.read.load(Ordering::Acquire))
    }

    pub(crate) fn push(&mut self, item: T) -> Result<(), PushError<T>> {
        if self.slots() == 0 {
            return Err(PushError::Full(item));
        }
        self.commit(core::iter::once(item));
        Ok(())
    }

    fn commit(&mut self, items: impl IntoIterator<Item = T>) {
        let mut queued = self.ring.items();
        let before = queued.len();
        queued.extend(items);
        self.written += queued.len() - before;
        drop(queued);
        self.ring.written.store(self.written, Ordering::Release);
    }
}

impl<T: Copy> Producer<T> {
    pub(crate) fn push_entire_slice(&mut self, items: &[T]) -> Result<(), TooFew> {
        if self.slots() < items.len() {
            return Err(TooFew);
        }
        self.commit(items.iter().copied());
        Ok(())
    }
}

impl<T> Consumer<T> {
    pub(crate) fn buffer(&self) -> &RingBuffer<T> {
        &self.ring
    }

    pub(crate) fn slots(&self) -> usize {
        self.seen.set(self.ring.written.load(Ordering::Acquire));
        self.seen.get() - self.read
    }

    pub(crate) fn peek(&self) -> Result<&T, TooFew> {
        if self.seen.get() == self.read && self.slots() == 0 {
            return Err(TooFew);
        }
        let first = || self.ring.items().pop_front().unwrap();
        Ok(self.front.get_or_init(first))
    }

    pub(crate) fn pop(&mut self) -> Result<T, TooFew> {
        self.peek()?;
        let item = self.front.take().ok_or(TooFew);
        self.advance(1);
        item
    }

    fn advance(&mut self, count: usize) {
        self.read += count;
        self.ring.read.store(self.read, Ordering::Release);
    }
}

impl<T: Copy> Consumer<T> {
    pub(crate) fn read_chunk(&mut self, count: usize) -> Result<ReadChunk<'_, T>, TooFew> {
        if self.seen.get() - self.read < count && self.slots() < count {
            return Err(TooFew);
        }
        let items = self.ring.items().iter().take(count).copied().collect();
        Ok(ReadChunk { from: self, items })
    }

    pub(crate) fn pop_entire_slice(&mut self, out: &mut [T]) -> Result<(), TooFew> {
        let chunk = self.read_chunk(out.len())?;
        out.copy_from_slice(&chunk.items);
        chunk.commit_all();
        Ok(())
    }
}

pub(crate) struct ReadChunk<'a, T> {
    from: &'a mut Consumer<T>,
    items: Vec<T>,
}

impl<T> ReadChunk<'_, T> {
    pub(crate) fn as_slices(&self) -> (&[T], &[T]) {
        (&self.items, &[])
    }

    pub(crate) fn commit_all(self) {
        self.from.ring.items().drain(..self.items.len());
        self.from.advance(self.items.len());
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Producer")
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Consumer")
    }
}
