//! A renderer that is lent to a device's callback, and that can be had back at any time: also from
//! a stream that is stuck in its own end.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::atomic::AtomicCell;
use rt_callback::{RenderStatus, Renderer, SampleFormat, StreamSpec};

use crate::backend::{DeviceEvent, Progress};

/// How long a block that is being rendered may take to give its renderer back.
const RECALL: Duration = Duration::from_secs(2);

struct Shared {
    /// Empty while a block is rendered, and for ever once it has been recalled. A pointer is
    /// swapped, so that neither side ever waits for a lock.
    renderer: AtomicCell<Option<Box<Renderer>>>,
    /// The callback may not take it any more.
    recalled: AtomicBool,
    blocks: AtomicU64,
    frames: AtomicU64,
    panics: AtomicU64,
}

/// The lender's end.
pub(crate) struct Lease {
    device: StreamSpec,
    shared: Arc<Shared>,
    /// Panics that have been told of.
    told: u64,
}

/// The borrower's end, for the callback.
pub(crate) struct Borrower {
    shared: Arc<Shared>,
    format: SampleFormat,
    frame_bytes: usize,
}

impl Lease {
    pub(crate) fn new(renderer: Renderer) -> Self {
        // A swap behind a lock would make the callback wait.
        const { assert!(AtomicCell::<Option<Box<Renderer>>>::is_lock_free()) };
        let device = *renderer.device();
        Self {
            device,
            shared: Arc::new(Shared {
                renderer: AtomicCell::new(Some(Box::new(renderer))),
                recalled: AtomicBool::new(false),
                blocks: AtomicU64::new(0),
                frames: AtomicU64::new(0),
                panics: AtomicU64::new(0),
            }),
            told: 0,
        }
    }

    /// An end for a callback. Another may be had for another callback where one was never called.
    pub(crate) fn borrower(&self) -> Borrower {
        Borrower {
            shared: Arc::clone(&self.shared),
            format: self.device.format,
            frame_bytes: self.device.frame_bytes(),
        }
    }

    /// Ends the loan; from here on the callback gives silence. `None` where a block does not end.
    pub(crate) fn recall(self) -> Option<Renderer> {
        self.shared.recalled.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + RECALL;
        loop {
            if let Some(renderer) = self.shared.renderer.take() {
                return Some(*renderer);
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

    /// How many blocks have panicked, where that is more than when last asked.
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        let count = self.shared.panics.load(Ordering::Relaxed);
        let more = count > self.told;
        self.told = count;
        more.then_some(DeviceEvent::Panicked { count })
    }
}

impl Borrower {
    /// Fills the block, with silence where there is no renderer any more or where it panicked: user
    /// code may run in it, and must not take the audio system's thread down. What is rendered now
    /// is heard `latency_frames` device frames later, where that is known.
    pub(crate) fn render(
        &self,
        block: &mut [u8],
        latency_frames: Option<u64>,
    ) -> Option<RenderStatus> {
        let shared = &*self.shared;
        let frames = block.len() / self.frame_bytes;
        shared.frames.fetch_add(frames as u64, Ordering::Relaxed);
        shared.blocks.fetch_add(1, Ordering::Relaxed);
        let renderer = match shared.recalled.load(Ordering::SeqCst) {
            true => None,
            false => shared.renderer.take(),
        };
        let Some(mut renderer) = renderer else {
            self.format.fill_equilibrium(block);
            return None;
        };
        let rendered = panic::catch_unwind(AssertUnwindSafe(|| {
            if let Some(frames) = latency_frames {
                renderer.set_device_latency(frames);
            }
            renderer.render_bytes(block)
        }));
        // Nothing is dropped here: the place is empty, as only this end fills it.
        shared.renderer.store(Some(renderer));
        match rendered {
            Ok(status) => Some(status),
            Err(payload) => {
                shared.panics.fetch_add(1, Ordering::Relaxed);
                self.format.fill_equilibrium(block);
                // Its destructor is user code as well, and could panic again.
                std::mem::forget(payload);
                None
            }
        }
    }
}
