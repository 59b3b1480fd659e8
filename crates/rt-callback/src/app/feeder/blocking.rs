//! The calls that wait, on the application's side, by looking now and then.

use core::fmt;
use std::io;
use std::time::Duration;

use pcm_convert::Sample;

use crate::app::feeder::draining::{Drained, Draining};
use crate::app::feeder::{FeedError, Feeder};
use crate::event::{MarkId, UtteranceId};
use crate::link::deadline::Deadline;
use crate::spec::StreamSpec;

/// The calls that wait look every 5 ms: the audio thread wakes nobody, since that is a system call. None of
/// them waits for a renderer that has been dropped.
impl Feeder {
    /// Queues all of the samples, waiting for room where there is too little, but no longer than
    /// `timeout` in all. Returns how many frames were taken: fewer than all after `timeout`, or where the
    /// renderer has been dropped.
    ///
    /// # Errors
    /// As [`push`](Self::push). An interruption that comes meanwhile ends the call, inside an utterance or not:
    /// [`FeedError::Interrupted`] says how many frames it had queued.
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

    /// Queues all of the bytes, as [`push_bytes`](Self::push_bytes) does, waiting for room as
    /// [`push_blocking`](Self::push_blocking) does. Returns how many bytes were taken.
    ///
    /// # Errors
    /// [`FeedError::Interrupted`], as there; it says how many bytes had been queued.
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

    /// Has `push` take what is left, until all of it is taken.
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

    /// [`begin_utterance`](Self::begin_utterance), waiting for a place for its marker, but no longer than
    /// `timeout`.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] after `timeout`, or where the renderer has been dropped.
    pub fn begin_utterance_blocking(
        &mut self,
        timeout: Duration,
    ) -> Result<UtteranceId, FeedError> {
        self.mark_waiting(timeout, Self::begin_utterance)
    }

    /// [`end_utterance`](Self::end_utterance), waiting as
    /// [`begin_utterance_blocking`](Self::begin_utterance_blocking) does.
    ///
    /// # Errors
    /// As there.
    pub fn end_utterance_blocking(&mut self, timeout: Duration) -> Result<(), FeedError> {
        self.mark_waiting(timeout, Self::end_utterance)
    }

    /// [`mark`](Self::mark), waiting as [`begin_utterance_blocking`](Self::begin_utterance_blocking) does.
    ///
    /// # Errors
    /// As there.
    pub fn mark_blocking(&mut self, timeout: Duration) -> Result<MarkId, FeedError> {
        self.mark_waiting(timeout, Self::mark)
    }

    /// [`set_source`](Self::set_source), waiting as
    /// [`begin_utterance_blocking`](Self::begin_utterance_blocking) does.
    ///
    /// # Errors
    /// As there, and [`FeedError::Config`].
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

    /// Declares an end and waits until the last frame has been *heard*: out of the queue, out of the
    /// resampler, and through the device ([`Renderer::set_device_latency`](crate::Renderer)), by
    /// what has been rendered and not by a timer. Says whether all of it was heard, or an interruption came.
    ///
    /// Where there is a [`Config::clock`](crate::Config::clock) it ends when the last frame is heard, else with
    /// the block after that.
    ///
    /// # Errors
    /// [`DrainError::TimedOut`] after `timeout`, as when the stream is paused or the device stands, and
    /// [`DrainError::Abandoned`] at once, if the renderer has been dropped before. The end stays declared.
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

/// Queues all of the bytes, waiting for room as long as it takes.
///
/// Fails with [`ConnectionAborted`](io::ErrorKind::ConnectionAborted) around a [`FeedError::Interrupted`], which
/// says how many bytes had been queued, and with [`BrokenPipe`](io::ErrorKind::BrokenPipe) where the renderer has
/// been dropped. (`Interrupted` would be the wrong kind: `write_all` tries again after it.)
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

/// [`Feeder::drain`] ended before the last frame was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DrainError {
    /// The time was over.
    TimedOut,
    /// The renderer has been dropped: nobody reads what is queued.
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
