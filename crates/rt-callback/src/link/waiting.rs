//! The task that waits in an async call of a stream or a capture, and what wakes it. The audio thread wakes no task: it
//! publishes what it has rendered, and other threads look. They look for everything that can end a wait: what has been
//! rendered, what was steered, and the time that has passed.

use core::task::Waker;

#[cfg(feature = "std")]
use crate::link::sync::AtomicBool;
use crate::link::sync::{AtomicU64, AtomicWaker, Ordering};

/// The task that waits for a stream to move on. There is at most one, because it holds the feeder or the reader.
#[derive(Debug)]
pub(crate) struct Waiting {
    waker: AtomicWaker,
    /// The stream's [sequence number](Watched::sequence) when the task last looked.
    #[cfg(feature = "std")]
    seen: AtomicU64,
    /// The device frame that the task waits to be heard, or [`NO_FRAME`].
    due_frame: AtomicU64,
    /// Whether the ticker has the stream in its list.
    #[cfg(feature = "std")]
    ticking: AtomicBool,
}

/// A sequence number that equals none: no stream comes so far.
#[cfg(feature = "std")]
const NOBODY: u64 = u64::MAX;

/// A device frame that is never heard.
const NO_FRAME: u64 = u64::MAX;

impl Default for Waiting {
    fn default() -> Self {
        Self {
            waker: AtomicWaker::default(),
            #[cfg(feature = "std")]
            seen: AtomicU64::new(NOBODY),
            due_frame: AtomicU64::new(NO_FRAME),
            #[cfg(feature = "std")]
            ticking: AtomicBool::new(false),
        }
    }
}

impl Waiting {
    /// Registers the task that the next [`wake`](Self::wake) wakes.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Removes the task.
    pub(crate) fn forget(&self) {
        #[cfg(feature = "std")]
        self.seen.store(NOBODY, Ordering::Release);
        self.wake_at(None);
        self.waker.take();
    }

    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// Sets the device frame that wakes the task when it is heard, although no block comes. (The ticker may see this
    /// late, and looks again.)
    pub(crate) fn wake_at(&self, device_frame: Option<u64>) {
        let due_frame = device_frame.unwrap_or(NO_FRAME);
        self.due_frame.store(due_frame, Ordering::Relaxed);
    }

    /// The device frame that the task waits to be heard, if it waits for one.
    #[cfg(feature = "std")]
    pub(crate) fn due_frame(&self) -> Option<u64> {
        let due_frame = self.due_frame.load(Ordering::Relaxed);
        (due_frame != NO_FRAME).then_some(due_frame)
    }

    /// Makes the registered task wait until the stream's sequence number differs from `seen`. Returns whether the
    /// ticker has to list the stream: it may still be listed from an earlier wait.
    #[cfg(feature = "std")]
    pub(crate) fn watch(&self, seen: u64) -> bool {
        self.seen.store(seen, Ordering::Release);
        !self.ticking.swap(true, Ordering::AcqRel)
    }

    /// Notes that the ticker lists the stream no longer.
    #[cfg(feature = "std")]
    pub(crate) fn unlist(&self) {
        self.ticking.swap(false, Ordering::AcqRel);
    }
}

/// A stream or a capture that a task may wait for.
#[cfg(feature = "std")]
pub(crate) trait Watched: Send + Sync {
    fn waiting(&self) -> &Waiting;

    /// A number that grows whenever the audio thread has moved on, or another thread has changed what a wait may end
    /// with.
    fn sequence(&self) -> u64;

    /// Whether the audio thread's half has been dropped.
    fn is_over(&self) -> bool;

    /// Whether the time has come that the task [waits for](Waiting::wake_at).
    fn is_due(&self) -> bool {
        false
    }

    fn has_moved_on(&self) -> bool {
        let seen = self.waiting().seen.load(Ordering::Acquire);
        self.sequence() != seen || self.is_over() || self.is_due()
    }

    /// Takes the stream off the list, and wakes the task. A task that registers later is listed anew. A task that has
    /// registered in between is woken.
    fn wake(&self) {
        self.waiting().unlist();
        self.waiting().wake();
    }
}

/// One thread that wakes the waiting tasks of all streams of the process. It looks every 5 ms whether a stream has
/// moved on. It runs while a task waits, and a second longer.
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
        /// The streams whose task has not been woken yet.
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

    /// Wakes the registered task when the stream's sequence number differs from `seen`, or sooner.
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
            // A task that is woken too often is better than one that never is.
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

    /// Wakers run the executor's code. If one panics, the tasks of other streams are still woken.
    fn wake(stream: &dyn Watched) {
        let _ = catch_unwind(AssertUnwindSafe(|| stream.wake()));
    }
}
