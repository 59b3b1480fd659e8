//! A thread that asks for blocks, or delivers them, at the pace of a real device.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rt_callback::{Recorder, Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::{Lease, Lent};
use crate::seam::{DeviceEvent, Progress};

/// What is done with each block that was played.
pub(crate) type Sink = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send>;

/// Where each block that is captured comes from: fills it from its front and says how many bytes
/// that gave; fewer than asked for are the end.
pub(crate) type Spring = Box<dyn FnMut(&mut [u8]) -> io::Result<usize> + Send>;

/// A running thread, which ends with the first error of its sink or spring.
pub(crate) struct Paced<T: Lent = Renderer> {
    stop: Arc<AtomicBool>,
    lease: Lease<T>,
    thread: JoinHandle<io::Result<()>>,
}

impl Paced<Renderer> {
    /// Asks for `block_frames` frames at a time, at the rate of `spec`. A block that comes late is
    /// followed by the next at its own time, as a device's would.
    pub(crate) fn start(
        renderer: Renderer,
        spec: StreamSpec,
        block_frames: usize,
        sink: Sink,
    ) -> Result<Self, DeviceError> {
        // It is asked for when its first frame is due.
        Self::start_after(renderer, spec, block_frames, 0, sink).map_err(|(_, error)| error.into())
    }

    /// As [`start`](Self::start), but not before so many frames have gone by. What could not be started can be recalled.
    pub(crate) fn start_after(
        renderer: Renderer,
        spec: StreamSpec,
        block_frames: usize,
        first: u64,
        mut sink: Sink,
    ) -> Result<Self, (Lease, io::Error)> {
        let mut block = vec![0; block_frames * spec.frame_bytes()];
        let lease = Lease::new(renderer);
        let borrower = lease.borrower();
        let pace = Pace::new("paced output", spec.rate_hz, block_frames);
        let running = pace.run(first, move || {
            borrower.render(&mut block, 0);
            sink(&block).map(|()| true)
        });
        match running {
            Ok((stop, thread)) => Ok(Self {
                stop,
                lease,
                thread,
            }),
            Err(error) => Err((lease, error)),
        }
    }
}

impl Paced<Recorder> {
    /// Delivers `block_frames` frames at a time, at the rate of `spec`, each block when its last
    /// frame is due: its first was captured the block's own length ago.
    pub(crate) fn start_input(
        recorder: Recorder,
        spec: StreamSpec,
        block_frames: usize,
        mut spring: Spring,
    ) -> Result<Self, DeviceError> {
        let mut block = vec![0; block_frames * spec.frame_bytes()];
        let lease = Lease::new(recorder);
        let borrower = lease.borrower();
        let pace = Pace::new("paced input", spec.rate_hz, block_frames);
        let block_frames = block_frames as u64;
        let (stop, thread) = pace.run(block_frames, move || {
            let bytes = spring(&mut block)?;
            borrower.record(block.get(..bytes).unwrap_or(&block), block_frames);
            Ok(bytes == block.len())
        })?;
        Ok(Self {
            stop,
            lease,
            thread,
        })
    }
}

impl<T: Lent> Paced<T> {
    /// Ends the thread.
    pub(crate) fn stop(self) -> (Option<T>, io::Result<()>) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let sunk = self.thread.join();
        (self.lease.recall(), sunk.unwrap_or(Ok(())))
    }

    /// Takes back what was lent and ends the thread. `None` where the user's code in a block does not end; the thread
    /// is then left to itself.
    pub(crate) fn recall(self) -> Option<T> {
        self.stop.store(true, Ordering::Release);
        let lent = self.lease.recall()?;
        self.thread.thread().unpark();
        let _ = self.thread.join();
        Some(lent)
    }

    /// How much has been asked for or delivered.
    pub(crate) fn progress(&self) -> Progress {
        self.lease.progress()
    }

    /// How many blocks the user's code has panicked in; `None` where that is no more than when last asked.
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        self.lease.poll_panics()
    }

    /// The thread has ended by itself: its sink failed, or its spring has run dry.
    pub(crate) fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }
}

struct Pace {
    name: &'static str,
    rate_hz: u32,
    block_frames: usize,
}

impl Pace {
    fn new(name: &'static str, rate_hz: u32, block_frames: usize) -> Self {
        Self {
            name,
            rate_hz,
            block_frames,
        }
    }

    /// Calls `step` on a thread of its own once for every block, from the one that is due after
    /// `first` frames, until it is stopped or `step` says that it is over.
    fn run(
        self,
        first: u64,
        mut step: impl FnMut() -> io::Result<bool> + Send + 'static,
    ) -> io::Result<(Arc<AtomicBool>, JoinHandle<io::Result<()>>)> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name(self.name.into())
            .spawn(move || {
                let begin = Instant::now();
                let mut frames = first;
                loop {
                    let due = begin + duration_of(frames, self.rate_hz);
                    // A stop wakes it, so that a long block does not hold up the stop.
                    while let Some(left) = due.checked_duration_since(Instant::now())
                        && !left.is_zero()
                        && !stopped.load(Ordering::Acquire)
                    {
                        thread::park_timeout(left);
                    }
                    if stopped.load(Ordering::Acquire) || !step()? {
                        return Ok(());
                    }
                    frames += self.block_frames as u64;
                }
            })?;
        Ok((stop, thread))
    }
}

fn duration_of(frames: u64, rate_hz: u32) -> Duration {
    let rate = u64::from(rate_hz.max(1));
    let nanoseconds = frames % rate * 1_000_000_000 / rate;
    Duration::from_secs(frames / rate) + Duration::from_nanos(nanoseconds)
}
