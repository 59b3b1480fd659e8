//! The reader's blocking calls. A blocked call polls, because the audio thread does not wake it: waking is a system
//! call.

use std::time::Duration;

use pcm_convert::Sample;

use super::Reader;
use crate::link::deadline::Deadline;

impl Reader {
    /// Fills all of `out`, and waits up to `timeout` in all for the frames. Returns how many frames were read: fewer
    /// than `out` holds after `timeout` or at the end. A waiting call looks every 5 ms.
    pub fn read_blocking<S: Sample>(&mut self, out: &mut [S], timeout: Duration) -> usize {
        let deadline = Deadline::after(timeout);
        self.read_waiting(out, || deadline.wait())
    }

    /// [`read_blocking`](Self::read_blocking), waiting for as long as `is_wanted` says, which is asked every 5 ms.
    pub fn read_blocking_while<S: Sample>(
        &mut self,
        out: &mut [S],
        mut is_wanted: impl FnMut() -> bool,
    ) -> usize {
        self.read_waiting(out, || is_wanted() && Deadline::NEVER.wait())
    }

    fn read_waiting<S: Sample>(&mut self, out: &mut [S], mut wait: impl FnMut() -> bool) -> usize {
        let channels = self.application.channels();
        let frames = out.len() / channels;
        let mut done = 0;
        loop {
            done += self.read(out.get_mut(done * channels..).unwrap_or_default());
            if done == frames || self.is_at_end() || !wait() {
                return done;
            }
        }
    }

    /// Fills all of `out` as [`read_exact`](Self::read_exact) does, and waits up to `timeout` for enough frames.
    /// Returns false after `timeout` or at the end. Nothing is taken then.
    pub fn read_exact_blocking<S: Sample>(&mut self, out: &mut [S], timeout: Duration) -> bool {
        let deadline = Deadline::after(timeout);
        loop {
            if self.read_exact(out) {
                return true;
            }
            if self.has_ended() || !deadline.wait() {
                return false;
            }
        }
    }
}
