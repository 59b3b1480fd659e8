//! The call that waits without a thread: for any executor.

use alloc::sync::Arc;
use core::future::poll_fn;
use core::task::{Context, Poll};

use pcm_convert::Sample;

use super::Reader;
use crate::capture::shared::Shared;
#[cfg(feature = "std")]
use crate::link::waiting::{Watched, ticker};

impl Reader {
    /// Fills all of `out` (frames x application channels, interleaved), waiting until there is enough, and
    /// returns how many frames that were: fewer than `out` holds only at the end.
    ///
    /// The audio thread wakes nobody. The task is woken by [`CaptureMonitor::poll`](crate::CaptureMonitor::poll)
    /// and, with the feature `std`, by one thread for all the streams of a process, which looks every 5 ms
    /// whether a block has come. A future that is dropped has taken nothing: what it waited for is read by the
    /// next call. Allocates as [`read_exact`](Self::read_exact) does.
    pub async fn read_async<S: Sample>(&mut self, out: &mut [S]) -> usize {
        let frames = out.len() / self.application.channel_count();
        let wait = Wait(Arc::clone(&self.shared));
        let mut attempt = || {
            if self.read_exact(out) {
                return Some(frames);
            }
            self.has_ended().then(|| self.read(out))
        };
        let poll = |cx: &mut Context<'_>| {
            #[cfg(feature = "std")]
            let seen = wait.0.sequence();
            if let Some(frames) = attempt() {
                return Poll::Ready(frames);
            }
            wait.0.waiting.register(cx.waker());
            #[cfg(feature = "std")]
            ticker::look_after(Arc::clone(&wait.0) as Arc<dyn Watched>, seen);
            // A block may have come between the two.
            attempt().map_or(Poll::Pending, Poll::Ready)
        };
        poll_fn(poll).await
    }
}

/// A call that waits, until it is dropped.
struct Wait(Arc<Shared>);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.waiting.forget();
    }
}
