//! A thread that asks for blocks at the pace of a real device.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rt_callback::{Renderer, StreamSpec};

use crate::backend::{DeviceEvent, Progress};
use crate::error::DeviceError;
use crate::lease::Lease;

/// What is done with each block that was played.
pub(crate) type Sink = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send>;

/// A running thread, which ends with the first error of its sink.
pub(crate) struct Paced {
    stop: Arc<AtomicBool>,
    lease: Lease,
    thread: JoinHandle<io::Result<()>>,
}

impl Paced {
    /// Asks for `block_frames` frames at a time, at the rate of `spec`. A block that comes late is
    /// followed by the next at its own time, as a device's would.
    pub(crate) fn start(
        renderer: Renderer,
        spec: StreamSpec,
        block_frames: usize,
        mut sink: Sink,
    ) -> Result<Self, DeviceError> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let mut block = vec![0; block_frames * spec.frame_bytes()];
        let lease = Lease::new(renderer);
        let borrower = lease.borrower();
        let thread = thread::Builder::new()
            .name("paced output".into())
            .spawn(move || {
                let begin = Instant::now();
                let mut frames = 0_u64;
                while !stopped.load(Ordering::Acquire) {
                    borrower.render(&mut block, None);
                    sink(&block)?;
                    frames += block_frames as u64;
                    let due = begin + duration_of(frames, spec.rate_hz);
                    // In slices, so that a long block does not hold up a stop.
                    while let Some(left) = due.checked_duration_since(Instant::now())
                        && !left.is_zero()
                        && !stopped.load(Ordering::Acquire)
                    {
                        thread::sleep(left.min(Duration::from_millis(50)));
                    }
                }
                Ok(())
            })?;
        Ok(Self {
            stop,
            lease,
            thread,
        })
    }

    /// Ends the thread.
    pub(crate) fn stop(self) -> (Option<Renderer>, io::Result<()>) {
        self.stop.store(true, Ordering::Release);
        let sunk = self.thread.join();
        (self.lease.recall(), sunk.unwrap_or(Ok(())))
    }

    /// How much has been rendered.
    pub(crate) fn progress(&self) -> Progress {
        self.lease.progress()
    }

    /// Blocks in which user code panicked, where there are more than when last asked.
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        self.lease.poll_panics()
    }

    /// The thread has ended by itself: its sink failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.thread.is_finished()
    }
}

fn duration_of(frames: u64, rate_hz: u32) -> Duration {
    let rate = u64::from(rate_hz.max(1));
    let nanoseconds = frames % rate * 1_000_000_000 / rate;
    Duration::from_secs(frames / rate) + Duration::from_nanos(nanoseconds)
}
