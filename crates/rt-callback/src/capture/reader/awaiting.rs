//! The reader's async call, for any executor.

use alloc::sync::Arc;
use core::future::poll_fn;
use core::task::{Context, Poll};

use pcm_convert::Sample;

use super::Reader;
use crate::capture::shared::Shared;
#[cfg(feature = "std")]
use crate::link::waiting::{Watched, ticker};

impl Reader {
    /// Fills all of `out` (frames x application channels, interleaved), and waits until there are enough frames.
    /// Returns how many frames were read: fewer than `out` holds only at the end.
    ///
    /// The audio thread wakes no task. [`CaptureMonitor::poll`](crate::CaptureMonitor::poll) wakes it. With the feature
    /// `std`, one thread for all streams of the process does so too: it looks every 5 ms whether a block has come.
    ///
    /// A future that is dropped has taken nothing: the next call reads the frames that it waited for. Allocates as
    /// [`read_exact`](Self::read_exact) does.
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
            // A block may have come between the attempt and the registration.
            attempt().map_or(Poll::Pending, Poll::Ready)
        };
        poll_fn(poll).await
    }
}

/// The registration of a waiting call, until it is dropped.
struct Wait(Arc<Shared>);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.waiting.forget();
    }
}
