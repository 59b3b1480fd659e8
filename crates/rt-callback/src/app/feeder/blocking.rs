//! The feeder's blocking calls.

use core::fmt;
use std::io;
use std::time::Duration;

use pcm_convert::Sample;

use crate::app::feeder::draining::{Drained, Draining};
use crate::app::feeder::{FeedError, Feeder};
use crate::event::{MarkId, UtteranceId};
use crate::link::deadline::Deadline;
use crate::spec::StreamSpec;

/// The calls that block.
///
/// A blocked call looks every 5 ms whether it can go on. The audio thread does not wake it, because waking is a system
/// call. No call waits for a renderer that has been dropped.
impl Feeder {
    /// Queues all of the samples, and waits for room up to `timeout` in all. Returns how many frames were taken: fewer
    /// than all after `timeout`, or if the renderer has been dropped.
    ///
    /// # Errors
    /// Those of [`push`](Self::push). An interruption while the call waits ends it with [`FeedError::Interrupted`],
    /// inside an utterance or not. The error says how many frames the call had queued.
    pub fn push_blocking<S: Sample>(
        &mut self,
        samples: &[S],
        timeout: Duration,
    ) -> Result<usize, FeedError> {
        let deadline = Deadline::after(timeout);
        self.push_samples_while(samples, || deadline.wait())
    }

    /// [`push_blocking`](Self::push_blocking), waiting for as long as `is_wanted` says. It is asked every 5 ms while
    /// there is too little room: whether the device can still come back, say, or the user has given up.
    ///
    /// # Errors
    /// As there.
    pub fn push_blocking_while<S: Sample>(
        &mut self,
        samples: &[S],
        mut is_wanted: impl FnMut() -> bool,
    ) -> Result<usize, FeedError> {
        self.push_samples_while(samples, || is_wanted() && Deadline::NEVER.wait())
    }

    fn push_samples_while<S: Sample>(
        &mut self,
        samples: &[S],
        wait: impl FnMut() -> bool,
    ) -> Result<usize, FeedError> {
        let channels = self.source.channels();
        self.begin_call()?;
        self.push_waiting(samples.len() / channels, wait, |feeder, taken| {
            let rest = samples.get(taken * channels..).unwrap_or_default();
            feeder.queue_samples(rest, true)
        })
    }

    /// Queues all of the bytes as [`push_bytes`](Self::push_bytes) does, and waits for room up to `timeout` in all.
    /// Returns how many bytes were taken: fewer than all after `timeout`, or if the renderer has been dropped.
    ///
    /// # Errors
    /// [`FeedError::Interrupted`], as for [`push_blocking`](Self::push_blocking). It says how many bytes the call had
    /// queued.
    pub fn push_bytes_blocking(
        &mut self,
        bytes: &[u8],
        timeout: Duration,
    ) -> Result<usize, FeedError> {
        let deadline = Deadline::after(timeout);
        self.push_bytes_while(bytes, || deadline.wait())
    }

    /// [`push_bytes_blocking`](Self::push_bytes_blocking), waiting as
    /// [`push_blocking_while`](Self::push_blocking_while) does.
    ///
    /// # Errors
    /// As there.
    pub fn push_bytes_blocking_while(
        &mut self,
        bytes: &[u8],
        mut is_wanted: impl FnMut() -> bool,
    ) -> Result<usize, FeedError> {
        self.push_bytes_while(bytes, || is_wanted() && Deadline::NEVER.wait())
    }

    fn push_bytes_while(
        &mut self,
        bytes: &[u8],
        wait: impl FnMut() -> bool,
    ) -> Result<usize, FeedError> {
        self.begin_call()?;
        self.push_waiting(bytes.len(), wait, |feeder, taken| {
            feeder.queue_bytes(bytes.get(taken..).unwrap_or_default(), true)
        })
    }

    /// Calls `push` with the count taken so far, until `all` are taken.
    fn push_waiting(
        &mut self,
        all: usize,
        mut wait: impl FnMut() -> bool,
        mut push: impl FnMut(&mut Self, usize) -> Result<usize, FeedError>,
    ) -> Result<usize, FeedError> {
        let mut taken = 0;
        loop {
            taken += push(self, taken).map_err(|error| error.after(taken))?;
            if taken >= all || self.shared.is_abandoned() || !wait() {
                return Ok(taken);
            }
        }
    }

    /// [`begin_utterance`](Self::begin_utterance) that waits up to `timeout` for a place for its marker.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] after `timeout`, or if the renderer has been dropped.
    pub fn begin_utterance_blocking(
        &mut self,
        timeout: Duration,
    ) -> Result<UtteranceId, FeedError> {
        self.mark_waiting(timeout, Self::begin_utterance)
    }

    /// [`end_utterance`](Self::end_utterance) that waits up to `timeout` for a place for its marker.
    ///
    /// # Errors
    /// Those of [`begin_utterance_blocking`](Self::begin_utterance_blocking).
    pub fn end_utterance_blocking(&mut self, timeout: Duration) -> Result<(), FeedError> {
        self.mark_waiting(timeout, Self::end_utterance)
    }

    /// [`mark`](Self::mark) that waits up to `timeout` for a place for its marker.
    ///
    /// # Errors
    /// Those of `mark`, with [`FeedError::MarkersFull`] only after `timeout`, or if the renderer has been dropped.
    pub fn mark_blocking(&mut self, timeout: Duration) -> Result<MarkId, FeedError> {
        self.mark_waiting(timeout, Self::mark)
    }

    /// [`set_source`](Self::set_source) that waits up to `timeout` for a place for its marker.
    ///
    /// # Errors
    /// Those of `set_source`, with [`FeedError::MarkersFull`] only after `timeout`, or if the renderer has been
    /// dropped.
    pub fn set_source_blocking(
        &mut self,
        source: StreamSpec,
        timeout: Duration,
    ) -> Result<(), FeedError> {
        self.mark_waiting(timeout, |feeder| feeder.set_source(source))
    }

    fn mark_waiting<T>(
        &mut self,
        timeout: Duration,
        mut mark: impl FnMut(&mut Self) -> Result<T, FeedError>,
    ) -> Result<T, FeedError> {
        let deadline = Deadline::after(timeout);
        loop {
            let marked = mark(self);
            if !matches!(marked, Err(FeedError::MarkersFull))
                || self.shared.is_abandoned()
                || !deadline.wait()
            {
                return marked;
            }
        }
    }

    /// Declares an end and waits until the last frame has been *heard*: out of the queue, out of the resampler, and
    /// through the device's latency ([`Renderer::set_device_latency`](crate::Renderer::set_device_latency)).
    ///
    /// The rendered frames decide this, not a timer. Returns whether all of it was heard, or whether an interruption
    /// came.
    ///
    /// With a [`Config::clock`](crate::Config::clock) the wait ends when the last frame is heard, without one at the
    /// block after that.
    ///
    /// # Errors
    /// [`DrainError::TimedOut`] after `timeout`, for example because the stream is paused or the device has stopped.
    /// [`DrainError::Abandoned`] at once, if the renderer has been dropped before the last frame was heard. The end
    /// stays declared.
    pub fn drain(&mut self, timeout: Duration) -> Result<Drained, DrainError> {
        let deadline = Deadline::after(timeout);
        self.drain_waiting(|| deadline.wait())
    }

    /// [`drain`](Self::drain), waiting for as long as `is_wanted` says, which is asked every 5 ms.
    ///
    /// # Errors
    /// As there: [`DrainError::TimedOut`] where it was not wanted any more.
    pub fn drain_while(
        &mut self,
        mut is_wanted: impl FnMut() -> bool,
    ) -> Result<Drained, DrainError> {
        self.drain_waiting(|| is_wanted() && Deadline::NEVER.wait())
    }

    fn drain_waiting(&mut self, mut wait: impl FnMut() -> bool) -> Result<Drained, DrainError> {
        let mut draining = Draining::default();
        loop {
            let is_abandoned = self.shared.is_abandoned();
            if let Some(drained) = draining.look(self) {
                return Ok(drained);
            }
            if is_abandoned {
                return Err(DrainError::Abandoned);
            }
            if !wait() {
                return Err(DrainError::TimedOut);
            }
        }
    }
}

/// Queues all of the bytes, and waits for room as long as it takes.
///
/// A call that is interrupted fails with [`ConnectionAborted`](io::ErrorKind::ConnectionAborted) around a
/// [`FeedError::Interrupted`], which says how many bytes the call had queued. The kind is not
/// [`Interrupted`](io::ErrorKind::Interrupted), because `write_all` tries again after that. A call fails with
/// [`BrokenPipe`](io::ErrorKind::BrokenPipe) if the renderer has been dropped.
impl io::Write for Feeder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.push_bytes_while(bytes, || Deadline::NEVER.wait());
        match written {
            Ok(0) if !bytes.is_empty() => Err(io::ErrorKind::BrokenPipe.into()),
            Ok(taken) => Ok(taken),
            Err(error) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why [`Feeder::drain`] ended before the last frame was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DrainError {
    /// The timeout passed.
    TimedOut,
    /// The renderer has been dropped, so nothing reads the queue.
    Abandoned,
}

impl fmt::Display for DrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => {
                "the stream was not heard to its end in time: is it paused, or the device gone?"
            }
            Self::Abandoned => {
                "the stream's renderer has been dropped: nobody reads what is queued"
            }
        })
    }
}

impl core::error::Error for DrainError {}
