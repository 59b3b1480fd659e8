//! Whom the async calls of a stream or a capture wake, and when. The audio thread is no part of it: it publishes what
//! it has rendered as it always does, and others look.

#[cfg(feature = "std")]
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::task::Waker;

use atomic_waker::AtomicWaker;

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
}

/// What a task may wait for.
#[cfg(feature = "std")]
pub(crate) trait Watched: Send + Sync {
    fn waiting(&self) -> &Waiting;

    /// Another number whenever the audio thread has moved on.
    fn sequence(&self) -> u64;

    /// The audio thread's half is gone.
    fn is_over(&self) -> bool;
}

/// Wakes the waiting tasks of all streams of the process, by looking every 5 ms whether a block has
/// been rendered. The thread runs while somebody waits, and a second longer.
#[cfg(feature = "std")]
pub(crate) mod ticker {
    use alloc::sync::Arc;
    use alloc::vec::Vec;
    use core::sync::atomic::Ordering;
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
        let waiting = stream.waiting();
        waiting.seen.store(seen, Ordering::Release);
        if waiting.ticking.swap(true, Ordering::AcqRel) {
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
                if has_moved_on(stream.as_ref()) {
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

    fn has_moved_on(stream: &dyn Watched) -> bool {
        let seen = stream.waiting().seen.load(Ordering::Acquire);
        stream.sequence() != seen || stream.is_over()
    }

    /// A task that registers from here on is listed anew; one that has done so just now is woken.
    fn wake(stream: &dyn Watched) {
        stream.waiting().ticking.swap(false, Ordering::AcqRel);
        // Wakers are code of the executor's. If one panics, others' tasks are still woken.
        let _ = catch_unwind(AssertUnwindSafe(|| stream.waiting().wake()));
    }
}
