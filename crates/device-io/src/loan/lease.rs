//! Leases: a renderer or a recorder is lent to a device's callback. The lender can recall it at any time, even from a
//! stream that never finishes closing.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::atomic::AtomicCell;
use rt_callback::{RecordStatus, Recorder, RenderStatus, Renderer, StreamSpec};

use crate::seam::{DeviceEvent, Progress};

/// How long to wait for the end of the present block.
const RECALL: Duration = Duration::from_secs(2);

/// A renderer or recorder, which can be lent to a callback.
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
    /// Empty while a block is worked on, and after the recall. The pointer is swapped atomically, so that neither side
    /// ever waits for a lock.
    lent: AtomicCell<Option<Box<T>>>,
    /// Whether the lender has recalled it: the callback may not take it any more.
    recalled: AtomicBool,
    blocks: AtomicU64,
    frames: AtomicU64,
    panics: AtomicU64,
}

/// The lender's end.
pub(crate) struct Lease<T: Lent = Renderer> {
    device: StreamSpec,
    shared: Arc<Shared<T>>,
    /// How many panics have been reported.
    told: u64,
}

/// The borrower's end, for the callback.
pub(crate) struct Borrower<T: Lent = Renderer> {
    shared: Arc<Shared<T>>,
    device: StreamSpec,
}

impl<T: Lent> Lease<T> {
    pub(crate) fn new(lent: T) -> Self {
        // With a swap behind a lock, the callback would wait.
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

    /// Makes the end for a callback. A second one may be made if the first was never called.
    pub(crate) fn borrower(&self) -> Borrower<T> {
        Borrower {
            shared: Arc::clone(&self.shared),
            device: self.device,
        }
    }

    /// Ends the loan. From here on the callback gives silence, or takes nothing. `None` if the present block does not
    /// end.
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

    /// Reports how many blocks have panicked. `None` if there were no more since the last call.
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        let count = self.shared.panics.load(Ordering::Relaxed);
        let more = count > self.told;
        self.told = count;
        more.then_some(DeviceEvent::Panicked { count })
    }
}

impl<T: Lent> Borrower<T> {
    /// Works on a block of `bytes` bytes with what was lent. `None` if it was recalled, or if it panicked: user code
    /// may run in it, and must not unwind into the audio system's thread.
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
        // This drops nothing: only this end fills the place, so it is empty.
        shared.lent.store(Some(lent));
        match worked {
            Ok(result) => Some(result),
            Err(payload) => {
                shared.panics.fetch_add(1, Ordering::Relaxed);
                // The payload's destructor is user code too, and could panic again.
                std::mem::forget(payload);
                None
            }
        }
    }
}

impl Borrower<Renderer> {
    /// Fills the block, with silence if the renderer was recalled or panicked.
    ///
    /// `latency_frames` is the device's latency for this block. Every device sets it, even to 0, because an earlier
    /// device may have set another.
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
    /// Records the block, whose first frame was captured `latency_frames` device frames ago.
    pub(crate) fn record(&self, block: &[u8], latency_frames: u64) -> Option<RecordStatus> {
        self.with(block.len(), |recorder| {
            recorder.set_device_latency(latency_frames);
            recorder.record_bytes(block)
        })
    }
}
