//! Paced threads: they ask for blocks, or deliver them, at the pace of a real device.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rt_callback::{Recorder, Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::{Lease, Lent};
use crate::seam::{DeviceEvent, Progress};

/// Takes each block that was played.
pub(crate) type Sink = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send>;

/// Fills each block to capture from its front, and returns how many bytes were filled. Fewer than the block holds are
/// the end.
pub(crate) type Spring = Box<dyn FnMut(&mut [u8]) -> io::Result<usize> + Send>;

/// What could not be started, to be recalled, and why.
pub(crate) type Refused<T, E = io::Error> = (Lease<T>, E);

/// A thread, and what ends it.
type Thread = (Arc<AtomicBool>, JoinHandle<io::Result<()>>);

/// A running thread. It ends at the first error of its sink or spring.
pub(crate) struct Paced<T: Lent = Renderer> {
    stop: Arc<AtomicBool>,
    lease: Lease<T>,
    thread: JoinHandle<io::Result<()>>,
}

impl Paced<Renderer> {
    /// Asks for `block_frames` frames at a time, at the rate of `spec`. After a late block the next one still comes at
    /// its own time, as with a device.
    pub(crate) fn start(
        renderer: Renderer,
        spec: StreamSpec,
        block_frames: usize,
        sink: Sink,
    ) -> Result<Self, Refused<Renderer>> {
        // A block is asked for when its first frame is due.
        Self::start_after(renderer, spec, block_frames, 0, sink)
    }

    /// Starts as [`start`](Self::start) does, after the time of `first` frames.
    pub(crate) fn start_after(
        renderer: Renderer,
        spec: StreamSpec,
        block_frames: usize,
        first: u64,
        mut sink: Sink,
    ) -> Result<Self, Refused<Renderer>> {
        let mut block = vec![0; block_frames * spec.frame_bytes()];
        let lease = Lease::new(renderer);
        let borrower = lease.borrower();
        let pace = Pace::new("paced output", spec.rate_hz, block_frames);
        let running = pace.run(first, move || {
            borrower.render(&mut block, 0);
            sink(&block).map(|()| true)
        });
        Self::of(lease, running)
    }
}

impl Paced<Recorder> {
    /// Delivers `block_frames` frames at a time, at the rate of `spec`. Each block comes when its last frame is due, so
    /// its first frame was captured one block's length ago.
    pub(crate) fn start_input(
        recorder: Recorder,
        spec: StreamSpec,
        block_frames: usize,
        mut spring: Spring,
    ) -> Result<Self, Refused<Recorder>> {
        let mut block = vec![0; block_frames * spec.frame_bytes()];
        let lease = Lease::new(recorder);
        let borrower = lease.borrower();
        let pace = Pace::new("paced input", spec.rate_hz, block_frames);
        let block_frames = block_frames as u64;
        let running = pace.run(block_frames, move || {
            let bytes = spring(&mut block)?;
            borrower.record(block.get(..bytes).unwrap_or(&block), block_frames);
            Ok(bytes == block.len())
        });
        Self::of(lease, running)
    }
}

impl<T: Lent> Paced<T> {
    fn of(lease: Lease<T>, running: io::Result<Thread>) -> Result<Self, Refused<T>> {
        match running {
            Ok((stop, thread)) => Ok(Self {
                stop,
                lease,
                thread,
            }),
            Err(error) => Err((lease, error)),
        }
    }

    /// Ends the thread, and returns what was lent and the sink's or spring's error.
    ///
    /// The application's code in a block may call this too. Then the thread ends behind that block, and takes along
    /// what was lent.
    pub(crate) fn stop(self) -> (Option<T>, io::Result<()>) {
        self.stop.store(true, Ordering::Release);
        if self.thread.thread().id() == thread::current().id() {
            // A thread cannot wait for its own end, nor for the end of a block that it is in.
            return (None, Ok(()));
        }
        self.thread.thread().unpark();
        let sunk = self.thread.join();
        (self.lease.recall(), sunk.unwrap_or(Ok(())))
    }

    /// Takes back what was lent, and ends the thread. `None` if the user's code in a block does not end. The thread is
    /// then left running.
    pub(crate) fn recall(self) -> Option<T> {
        self.stop.store(true, Ordering::Release);
        let lent = self.lease.recall()?;
        self.thread.thread().unpark();
        let _ = self.thread.join();
        Some(lent)
    }

    /// How far the blocks have come.
    pub(crate) fn progress(&self) -> Progress {
        self.lease.progress()
    }

    /// Reports how many blocks have panicked. `None` if there were no more since the last call.
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        self.lease.poll_panics()
    }

    #[cfg(feature = "wav")]
    fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }
}

/// The thread of a handle, and what could not be started.
pub(crate) struct Run<T: Lent> {
    paced: Option<Paced<T>>,
    /// It is given back by the next stop.
    refused: Option<T>,
    /// Whether the thread's own end has been told.
    #[cfg(feature = "wav")]
    told: bool,
}

impl<T: Lent> Run<T> {
    pub(crate) const NONE: Self = Self {
        paced: None,
        refused: None,
        #[cfg(feature = "wav")]
        told: false,
    };

    /// Refuses a second start.
    pub(crate) fn check_stopped(&self) -> Result<(), DeviceError> {
        if self.is_running() {
            return Err(DeviceError::AlreadyStarted);
        }
        Ok(())
    }

    /// Keeps what was started, or what could not be.
    pub(crate) fn keep<E: Into<DeviceError>>(
        &mut self,
        started: Result<Paced<T>, Refused<T, E>>,
    ) -> Result<(), DeviceError> {
        #[cfg(feature = "wav")]
        {
            self.told = false;
        }
        match started {
            Ok(paced) => {
                self.paced = Some(paced);
                Ok(())
            }
            Err((lease, error)) => {
                self.refused = lease.recall();
                Err(error.into())
            }
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.paced.is_some()
    }

    /// Stops the thread, as [`Paced::stop`] does. If there is none, gives back what could not be started.
    pub(crate) fn stop(&mut self) -> (Option<T>, io::Result<()>) {
        match self.paced.take() {
            Some(paced) => paced.stop(),
            None => (self.refused.take(), Ok(())),
        }
    }

    /// See [`Paced::progress`].
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.paced.as_ref().map(Paced::progress)
    }

    /// See [`Paced::poll_panics`].
    pub(crate) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        self.paced.as_mut()?.poll_panics()
    }

    /// Whether the thread has ended by itself, because its sink failed or its spring came to its end. Told once.
    #[cfg(feature = "wav")]
    pub(crate) fn has_just_ended(&mut self) -> bool {
        let has_ended = self.paced.as_ref().is_some_and(Paced::has_ended);
        has_ended && !core::mem::replace(&mut self.told, true)
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

    /// Calls `step` on a thread of its own, once for every block, until it is stopped or `step` returns false. The
    /// first block is due after `first` frames.
    fn run(
        self,
        first: u64,
        mut step: impl FnMut() -> io::Result<bool> + Send + 'static,
    ) -> io::Result<Thread> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name(self.name.into())
            .spawn(move || {
                let begin = Instant::now();
                let mut frames = first;
                loop {
                    let due = begin + duration_of(frames, self.rate_hz);
                    // A stop wakes the thread, so that it need not wait for a long block.
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
