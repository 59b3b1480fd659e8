//! Models of waiting tasks, and of the ticker that wakes them.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::task::Waker;

use loom::sync::Mutex;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{explore, shared, spawn};
use crate::app::controller::Controller;
use crate::link::shared::Shared;
use crate::link::snapshot::SeqLock;
use crate::link::waiting::{Waiting, Watched};
use crate::ramp::Ramp;

/// A stream that counts its blocks, and the task that waits for them.
struct Stream {
    rendered: SeqLock<1>,
    is_over: AtomicBool,
    waiting: Waiting,
    /// How often the ticker has it in its list.
    listed: Mutex<usize>,
}

impl Watched for Stream {
    fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    fn sequence(&self) -> u64 {
        self.rendered.sequence()
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Stream {
    fn new() -> Self {
        Self {
            rendered: SeqLock::default(),
            is_over: AtomicBool::new(false),
            waiting: Waiting::default(),
            listed: Mutex::new(0),
        }
    }

    /// Polls a task that waits for the block `wanted`, in the same steps as the engine. Returns whether it has come.
    fn poll(&self, wanted: u64, woken: &Arc<Woken>) -> bool {
        let attempt = || self.rendered.read() == [wanted];
        let seen = self.sequence();
        if attempt() {
            return true;
        }
        self.waiting.register(&Waker::from(Arc::clone(woken)));
        if self.waiting.watch(seen) {
            *self.listed.lock().unwrap() += 1;
        }
        attempt()
    }

    /// Runs one round of the ticker.
    fn tick(&self, wake: impl Fn(&Self)) {
        let listed = core::mem::take(&mut *self.listed.lock().unwrap());
        assert!(listed <= 1, "listed twice");
        if listed > 0 {
            if self.has_moved_on() {
                wake(self);
            } else {
                *self.listed.lock().unwrap() += 1;
            }
        }
    }
}

/// Polls a task twice, beside a ticker and a thread that renders. Once the block has come and the ticker has looked,
/// the task has been woken since its last poll, or that poll has seen the block.
fn wait_for_a_block(wake: impl Fn(&Stream) + Copy + Send + 'static) {
    let stream = Arc::new(Stream::new());
    let woken: Arc<Woken> = Arc::default();
    let (rendered, ticked) = (Arc::clone(&stream), Arc::clone(&stream));
    assert!(!stream.poll(2, &woken));
    let rendering = spawn(move || {
        rendered.rendered.write(&[1]);
        rendered.rendered.write(&[2]);
    });
    let ticking = spawn(move || {
        ticked.tick(wake);
        ticked.tick(wake);
    });
    let before = woken.0.load(Ordering::Relaxed);
    let is_ready = stream.poll(2, &woken);
    rendering.join().unwrap();
    ticking.join().unwrap();
    stream.tick(wake);
    let is_woken = woken.0.load(Ordering::Relaxed) > before;
    assert!(is_ready || is_woken, "a task that sleeps for ever");
}

#[test]
fn loom_a_task_that_waits_is_woken() {
    explore(2, 3_000, || wait_for_a_block(Stream::wake));
}

#[test]
#[should_panic(expected = "a task that sleeps for ever")]
fn loom_a_task_that_is_woken_before_it_is_unlisted_is_caught() {
    explore(2, 1, || {
        wait_for_a_block(|stream| {
            // The wrong order.
            stream.waiting.wake();
            stream.waiting.unlist();
        });
    });
}

/// The end of the audio thread's half wakes the task too.
#[test]
fn loom_a_task_is_woken_by_the_end() {
    explore(5, 5, || {
        let stream = Arc::new(Stream::new());
        let woken: Arc<Woken> = Arc::default();
        let ending = Arc::clone(&stream);
        let ending = spawn(move || ending.is_over.store(true, Ordering::Release));
        let is_ready = stream.poll(1, &woken);
        stream.tick(Stream::wake);
        ending.join().unwrap();
        stream.tick(Stream::wake);
        assert!(!is_ready && woken.0.load(Ordering::Relaxed) == 1);
    });
}

/// A wait that is given up does not disturb the next one.
#[test]
fn loom_a_wait_that_is_given_up_leaves_the_next_one_whole() {
    explore(4, 80, || {
        let stream = Arc::new(Stream::new());
        let woken: Arc<Woken> = Arc::default();
        assert!(!stream.poll(1, &Arc::default()));
        let ticked = Arc::clone(&stream);
        let ticking = spawn(move || ticked.tick(Stream::wake));
        stream.waiting.forget();
        assert!(!stream.poll(1, &woken));
        ticking.join().unwrap();
        stream.rendered.write(&[1]);
        let before = woken.0.load(Ordering::Relaxed);
        stream.tick(Stream::wake);
        let woken = woken.0.load(Ordering::Relaxed);
        assert!(woken == 1 && before <= 1, "a task that sleeps for ever");
    });
}

/// A task looks whether it is interrupted, as a push does, beside a thread that interrupts. If it sees nothing, the
/// ticker sees that it has to look again, although no block comes.
fn wait_beside(interrupt: impl Fn(Arc<Shared>) + Copy + Send + 'static) {
    let shared = shared();
    let interrupting = Arc::clone(&shared);
    let interrupting = spawn(move || interrupt(interrupting));
    let seen = shared.sequence();
    let is_cut = shared.feed.cut().is_some();
    interrupting.join().unwrap();
    let has_moved_on = shared.sequence() != seen;
    assert!(is_cut || has_moved_on, "a task that sleeps for ever");
}

#[test]
fn loom_a_task_that_waits_is_woken_by_an_interruption() {
    explore(4, 10, || {
        wait_beside(|shared| Controller::new(shared).interrupt(Ramp::None));
    });
}

#[test]
#[should_panic(expected = "a task that sleeps for ever")]
fn loom_an_interruption_that_is_announced_before_it_comes_is_caught() {
    explore(4, 1, || {
        wait_beside(|shared| {
            // The wrong order.
            shared.controls.note_steered();
            shared.feed.interrupt();
        });
    });
}
