//! Whom the async calls of a stream or a capture wake, and when. The audio thread is no part of it: it publishes what
//! it has rendered as it always does, and others look.

use core::task::Waker;

use crate::link::sync::AtomicWaker;
#[cfg(feature = "std")]
use crate::link::sync::{AtomicBool, AtomicU64, Ordering};

/// The task that waits for a stream to move on. There is at most one: it holds the feeder, or the reader.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    waker: AtomicWaker,
    /// The sequence number of the counters up to which the task knows that it has to wait.
    #[cfg(feature = "std")]
    seen: AtomicU64,
    /// The ticker looks after it.
    #[cfg(feature = "std")]
    ticking: AtomicBool,
}

/// A sequence number that never stands: those of counters that are not being written are even.
#[cfg(feature = "std")]
const NOBODY: u64 = u64::MAX;

impl Waiting {
    /// The task is woken by the next [`wake`](Self::wake).
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Nobody waits any longer.
    pub(crate) fn forget(&self) {
        #[cfg(feature = "std")]
        self.seen.store(NOBODY, Ordering::Release);
        self.waker.take();
    }

    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// The task that has just been registered waits until the counters' sequence number is another than `seen`.
    /// Returns whether it has to be listed with those that are looked after: it may still be, from an earlier time.
    #[cfg(feature = "std")]
    pub(crate) fn watch(&self, seen: u64) -> bool {
        self.seen.store(seen, Ordering::Release);
        !self.ticking.swap(true, Ordering::AcqRel)
    }

    /// It is listed no longer.
    #[cfg(feature = "std")]
    pub(crate) fn unlist(&self) {
        self.ticking.swap(false, Ordering::AcqRel);
    }
}

/// What a task may wait for.
#[cfg(feature = "std")]
pub(crate) trait Watched: Send + Sync {
    fn waiting(&self) -> &Waiting;

    /// Another number whenever the audio thread has moved on.
    fn sequence(&self) -> u64;

    /// The audio thread's half is gone.
    fn is_over(&self) -> bool;

    fn has_moved_on(&self) -> bool {
        let seen = self.waiting().seen.load(Ordering::Acquire);
        self.sequence() != seen || self.is_over()
    }

    /// Wakes the task, which is listed no longer. One that registers from here on is listed anew; one that has done
    /// so just now is woken.
    fn wake(&self) {
        self.waiting().unlist();
        self.waiting().wake();
    }
}

/// Wakes the waiting tasks of all streams of the process, by looking every 5 ms whether a block has
/// been rendered. The thread runs while somebody waits, and a second longer.
#[cfg(feature = "std")]
pub(crate) mod ticker {
    use alloc::sync::Arc;
    use alloc::vec::Vec;
    use core::time::Duration;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

    use super::Watched;

    const TICK: Duration = Duration::from_millis(5);
    const LINGER: Duration = Duration::from_secs(1);

    struct Ticker {
        /// Streams whose task has not been woken yet.
        streams: Vec<Arc<dyn Watched>>,
        running: bool,
    }

    static TICKER: Mutex<Ticker> = Mutex::new(Ticker {
        streams: Vec::new(),
        running: false,
    });
    static ADDED: Condvar = Condvar::new();

    fn ticker() -> MutexGuard<'static, Ticker> {
        TICKER.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the task that has just been registered once the counters' sequence number is another
    /// than `seen`, or sooner.
    pub(crate) fn look_after(stream: Arc<dyn Watched>, seen: u64) {
        if !stream.waiting().watch(seen) {
            return;
        }
        let mut ticker = ticker();
        ticker.streams.push(stream);
        if ticker.running {
            ADDED.notify_one();
            return;
        }
        let thread = std::thread::Builder::new().name("rt-callback-ticker".into());
        ticker.running = thread.spawn(run).is_ok();
        if !ticker.running {
            // Better a task that is woken too often than one that sleeps for ever.
            let streams = core::mem::take(&mut ticker.streams);
            drop(ticker);
            streams.iter().for_each(|stream| wake(stream.as_ref()));
        }
    }

    fn run() {
        let mut still_waiting = Vec::new();
        loop {
            std::thread::sleep(TICK);
            let mut waiting = core::mem::take(&mut ticker().streams);
            for stream in waiting.drain(..) {
                if stream.has_moved_on() {
                    wake(stream.as_ref());
                } else {
                    still_waiting.push(stream);
                }
            }
            let mut ticker = ticker();
            ticker.streams.append(&mut still_waiting);
            if ticker.streams.is_empty() {
                ticker = ADDED
                    .wait_timeout_while(ticker, LINGER, |ticker| ticker.streams.is_empty())
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                if ticker.streams.is_empty() {
                    ticker.running = false;
                    return;
                }
            }
        }
    }

    /// Wakers are code of the executor's. If one panics, others' tasks are still woken.
    fn wake(stream: &dyn Watched) {
        let _ = catch_unwind(AssertUnwindSafe(|| stream.wake()));
    }
}
