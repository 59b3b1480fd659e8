//! A renderer or a recorder that is lent to a device's callback. The lender can have it back at any time, even from a
//! stream that never finishes closing.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::atomic::AtomicCell;
use rt_callback::{RecordStatus, Recorder, RenderStatus, Renderer, StreamSpec};

use crate::seam::{DeviceEvent, Progress};

/// How long to wait for the end of a block that is being worked on.
const RECALL: Duration = Duration::from_secs(2);

/// What can be lent to a callback.
pub(crate) trait Lent: Send {
    fn device(&self) -> &StreamSpec;
}

impl Lent for Renderer {
    fn device(&self) -> &StreamSpec {
        self.device()
    }
}

impl Lent for Recorder {
    fn device(&self) -> &StreamSpec {
        self.device()
    }
}

struct Shared<T> {
    /// Empty while a block is worked on, and from the recall on. A pointer is swapped, so that neither side ever
    /// waits for a lock.
    lent: AtomicCell<Option<Box<T>>>,
    /// The callback may not take it any more.
    recalled: AtomicBool,
    blocks: AtomicU64,
    frames: AtomicU64,
    panics: AtomicU64,
}

/// The lender's end.
pub(crate) struct Lease<T: Lent = Renderer> {
    device: StreamSpec,
    shared: Arc<Shared<T>>,
    /// Panics that have been told of.
    told: u64,
}

/// The borrower's end, for the callback.
pub(crate) struct Borrower<T: Lent = Renderer> {
    shared: Arc<Shared<T>>,
    device: StreamSpec,
}

impl<T: Lent> Lease<T> {
    pub(crate) fn new(lent: T) -> Self {
        // A swap behind a lock would make the callback wait.
        const { assert!(AtomicCell::<Option<Box<T>>>::is_lock_free()) };
        let device = *lent.device();
        Self {
            device,
            shared: Arc::new(Shared {
                lent: AtomicCell::new(Some(Box::new(lent))),
                recalled: AtomicBool::new(false),
                blocks: AtomicU64::new(0),
                frames: AtomicU64::new(0),
                panics: AtomicU64::new(0),
            }),
            told: 0,
        }
    }

    /// The end for a callback. A second one may be made if the first was never called.
    pub(crate) fn borrower(&self) -> Borrower<T> {
        Borrower {
            shared: Arc::clone(&self.shared),
            device: self.device,
        }
    }

    /// Ends the loan: from here on the callback gives silence, or takes nothing. `None` where a block does not end.
    pub(crate) fn recall(self) -> Option<T> {
        self.shared.recalled.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + RECALL;
        loop {
            if let Some(lent) = self.shared.lent.take() {
                return Some(*lent);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// How far the callback has come.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            blocks: self.shared.blocks.load(Ordering::Relaxed),
            frames: self.shared.frames.load(Ordering::Relaxed),
        }
    }

    /// How many blocks have panicked; `None` where that is no more than when last asked.
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        let count = self.shared.panics.load(Ordering::Relaxed);
        let more = count > self.told;
        self.told = count;
        more.then_some(DeviceEvent::Panicked { count })
    }
}

impl<T: Lent> Borrower<T> {
    /// Works on a block of `bytes` bytes with what was lent. `None` where that was recalled, or where it panicked:
    /// the user's code may run in it, and must not take the audio system's thread down.
    fn with<R>(&self, bytes: usize, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let shared = &*self.shared;
        let frames = bytes / self.device.frame_bytes();
        shared.frames.fetch_add(frames as u64, Ordering::Relaxed);
        shared.blocks.fetch_add(1, Ordering::Relaxed);
        let mut lent = match shared.recalled.load(Ordering::SeqCst) {
            true => None,
            false => shared.lent.take(),
        }?;
        let worked = panic::catch_unwind(AssertUnwindSafe(|| work(&mut lent)));
        // Nothing is dropped here: only this end fills the place, so it is empty.
        shared.lent.store(Some(lent));
        match worked {
            Ok(result) => Some(result),
            Err(payload) => {
                shared.panics.fetch_add(1, Ordering::Relaxed);
                // Its destructor is user code as well, and could panic again.
                std::mem::forget(payload);
                None
            }
        }
    }
}

impl Borrower<Renderer> {
    /// Fills the block; with silence where the renderer was recalled or panicked. The block's first frame is heard
    /// `latency_frames` device frames after it was asked for. Every device tells the renderer so, even with 0: the
    /// last one may have told it otherwise.
    pub(crate) fn render(&self, block: &mut [u8], latency_frames: u64) -> Option<RenderStatus> {
        let rendered = self.with(block.len(), |renderer| {
            renderer.set_device_latency(latency_frames);
            renderer.render_bytes(block)
        });
        if rendered.is_none() {
            self.device.format.fill_equilibrium(block);
        }
        rendered
    }
}

impl Borrower<Recorder> {
    /// Takes the block, whose first frame was captured `latency_frames` device frames ago.
    pub(crate) fn record(&self, block: &[u8], latency_frames: u64) -> Option<RecordStatus> {
        self.with(block.len(), |recorder| {
            recorder.set_device_latency(latency_frames);
            recorder.record_bytes(block)
        })
    }
}
