//! Desks: where a started renderer or recorder waits until the application's thread works with it.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use crate::lock::locked;

/// The place of what one handle has started. No audio thread takes its lock.
#[derive(Debug)]
pub(super) struct Desk<T> {
    place: Mutex<Place<T>>,
    /// Tells of the end of a block.
    is_back: Condvar,
}

#[derive(Debug)]
struct Place<T> {
    /// How often something has been started.
    starts: u64,
    /// The number of the start that has not been stopped.
    started: Option<u64>,
    /// What was started. Empty while a block is worked on.
    lent: Option<T>,
    /// The thread that works on a block.
    at_work: Option<ThreadId>,
}

impl<T> Default for Desk<T> {
    fn default() -> Self {
        Self {
            place: Mutex::new(Place {
                starts: 0,
                started: None,
                lent: None,
                at_work: None,
            }),
            is_back: Condvar::new(),
        }
    }
}

impl<T> Desk<T> {
    /// Takes what is started, and returns the number to stop it by. If something has been started already, what is new
    /// is given back.
    pub(super) fn start(&self, lent: T) -> Result<u64, T> {
        let mut place = locked(&self.place);
        if place.started.is_some() {
            return Err(lent);
        }
        place.starts += 1;
        place.started = Some(place.starts);
        place.lent = Some(lent);
        Ok(place.starts)
    }

    /// Stops what was started by this number, behind the block that another thread works on. `None` if it was stopped
    /// before, or is stopped by the application's code in its own block. That block's end drops it.
    pub(super) fn stop(&self, number: u64) -> Option<T> {
        let mut place = locked(&self.place);
        while place.started == Some(number) {
            let is_own = place.at_work == Some(thread::current().id());
            if is_own || place.lent.is_some() {
                place.started = None;
                return place.lent.take();
            }
            let waited = self.is_back.wait(place);
            place = waited.unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    /// Works with what was started. The place is not locked meanwhile: the application's code in it may stop and start
    /// what it likes. `None` if nothing was started.
    pub(super) fn work<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut taken = {
            let mut place = locked(&self.place);
            let lent = place.lent.take()?;
            place.at_work = Some(thread::current().id());
            Taken {
                desk: self,
                number: place.started,
                lent: Some(lent),
            }
        };
        taken.lent.as_mut().map(work)
    }

    /// Looks at what was started.
    pub(super) fn look<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        locked(&self.place).lent.as_ref().map(look)
    }
}

/// What is worked with. Its end, also by a panic, brings it back.
struct Taken<'a, T> {
    desk: &'a Desk<T>,
    number: Option<u64>,
    lent: Option<T>,
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        let mut place = locked(&self.desk.place);
        place.at_work = None;
        if place.started == self.number {
            place.lent = self.lent.take();
        }
        drop(place);
        self.desk.is_back.notify_all();
    }
}
