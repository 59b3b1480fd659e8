//! The calls that wait, on the application's side, by looking now and then.

use core::fmt;
use std::time::{Duration, Instant};

use pcm_convert::Sample;

use crate::feeder::draining::Draining;
use crate::feeder::{FeedError, Feeder};

impl Feeder {
    /// Queues all of the samples, waiting for room where there is too little, but no longer than
    /// `timeout` in all. Looks for room every 5 ms: the audio thread wakes nobody, since that is a
    /// system call. Returns how many frames were taken.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_blocking<S: Sample>(
        &mut self,
        samples: &[S],
        timeout: Duration,
    ) -> Result<usize, FeedError> {
        let begin = Instant::now();
        let channels = self.source.channels();
        let frames = samples.len() / channels;
        let mut taken = 0;
        loop {
            taken += self.push(samples.get(taken * channels..).unwrap_or_default())?;
            if taken == frames || begin.elapsed() >= timeout {
                return Ok(taken);
            }
            std::thread::sleep(TICK.min(timeout.saturating_sub(begin.elapsed())));
        }
    }

    /// Declares an end and waits until the last frame has been *heard*: out of the queue, out of the
    /// resampler, and through the device ([`Renderer::set_device_latency`](crate::Renderer)), by
    /// what has been rendered and not by a timer.
    ///
    /// # Errors
    /// [`TimedOut`] after `timeout`, as when the stream is paused or the device has died. The end
    /// stays declared.
    pub fn drain(&mut self, timeout: Duration) -> Result<(), TimedOut> {
        let begin = Instant::now();
        let mut draining = Draining::default();
        while !draining.is_heard(self) {
            if begin.elapsed() >= timeout {
                return Err(TimedOut);
            }
            std::thread::sleep(TICK.min(timeout.saturating_sub(begin.elapsed())));
        }
        Ok(())
    }
}

/// How often a waiting call looks again.
const TICK: Duration = Duration::from_millis(5);

/// [`Feeder::drain`] gave up waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the stream was not heard to its end in time: is it paused, or the device gone?",
        )
    }
}

impl core::error::Error for TimedOut {}
