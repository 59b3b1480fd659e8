//! The calls that wait without a thread: for any executor.

use alloc::sync::Arc;
use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};

use pcm_convert::Sample;

use crate::app::feeder::draining::{Drained, Draining};
use crate::app::feeder::{FeedError, Feeder};
use crate::event::{MarkId, UtteranceId};
use crate::link::shared::Shared;
#[cfg(feature = "std")]
use crate::link::waiting::{Watched, ticker};
use crate::spec::StreamSpec;

/// The audio thread wakes nobody. A task that waits is woken by
/// [`Monitor::poll`](crate::Monitor::poll) and, with the feature `std`, by one thread for all the
/// streams of a process, which looks every 5 ms whether a block has been rendered. It is started by
/// the first call that has to wait, and ends a second after the last. Without `std` somebody must
/// call `Monitor::poll` now and then.
///
/// Any executor will do, and any of its timeouts: a future that is dropped leaves the feeder in order.
impl Feeder {
    /// Waits until the queue has room for `frames` source frames, or for as many as it can hold.
    /// Then [`push`](Self::push) takes them.
    ///
    /// A future that is dropped has done nothing.
    ///
    /// # Errors
    /// [`Abandoned`] if the renderer has been dropped and there is no room.
    pub async fn room(&mut self, frames: usize) -> Result<(), Abandoned> {
        let wanted = self.queue.capacity_frames().min(frames);
        self.wait_for(|feeder| (feeder.free_frames() >= wanted).then_some(()))
            .await
    }

    /// Queues all of the samples, as [`push`](Self::push) does, waiting for room where there is too
    /// little. Returns how many frames were taken: fewer than all only if the renderer has been
    /// dropped.
    ///
    /// What has been taken when a future is dropped stays queued, and is counted in
    /// [`pushed_frames`](Self::pushed_frames): compare that with what it was before the call, or use
    /// [`room`](Self::room) and `push`, between which nothing waits.
    ///
    /// # Errors
    /// As `push`. An interruption that comes meanwhile ends the call, inside an utterance or not:
    /// [`FeedError::Interrupted`] says how many frames it had queued.
    ///
    /// # As a sink
    /// ```
    /// # use futures_util::{SinkExt, sink};
    /// # use rt_callback::{Config, stream};
    /// # let config = Config::new("24000x1:s16le".parse()?, "48000x2:f32le".parse()?);
    /// # let (feeder, ..) = stream(&config)?;
    /// let sink = sink::unfold(feeder, |mut feeder, chunk: Vec<i16>| async move {
    ///     feeder.push_async(&chunk).await?;
    ///     Ok::<_, rt_callback::FeedError>(feeder)
    /// });
    /// # futures_util::pin_mut!(sink);
    /// # pollster::block_on(async {
    /// sink.send(vec![0; 240]).await?;
    /// # Ok::<_, Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub async fn push_async<S: Sample>(&mut self, samples: &[S]) -> Result<usize, FeedError> {
        let channels = self.source.channels();
        self.begin_call()?;
        self.push_awaiting(samples.len() / channels, |feeder, taken| {
            let rest = samples.get(taken * channels..).unwrap_or_default();
            feeder.queue_samples(rest, true)
        })
        .await
    }

    /// Queues all of the bytes, as [`push_bytes`](Self::push_bytes) does, waiting for room where there
    /// is too little. Returns how many were taken: fewer than all only if the renderer has been
    /// dropped.
    ///
    /// What has been taken when a future is dropped stays queued: so many bytes as
    /// [`pushed_frames`](Self::pushed_frames) and [`partial_bytes`](Self::partial_bytes) have grown
    /// by.
    ///
    /// # Errors
    /// [`FeedError::Interrupted`], as [`push_async`](Self::push_async); it says how many bytes had been queued.
    pub async fn push_bytes_async(&mut self, bytes: &[u8]) -> Result<usize, FeedError> {
        self.begin_call()?;
        self.push_awaiting(bytes.len(), |feeder, taken| {
            feeder.queue_bytes(bytes.get(taken..).unwrap_or_default(), true)
        })
        .await
    }

    /// Has `push` take what is left, until all of it is taken.
    async fn push_awaiting(
        &mut self,
        all: usize,
        mut push: impl FnMut(&mut Self, usize) -> Result<usize, FeedError>,
    ) -> Result<usize, FeedError> {
        let mut taken = 0;
        let pushed = self.wait_for(|feeder| match push(feeder, taken) {
            Ok(count) => {
                taken += count;
                (taken >= all).then_some(Ok(()))
            }
            Err(error) => Some(Err(error.after(taken))),
        });
        match pushed.await {
            Ok(Err(error)) => Err(error),
            // Where the renderer is gone, what was taken says so.
            Ok(Ok(())) | Err(Abandoned) => Ok(taken),
        }
    }

    /// [`begin_utterance`](Self::begin_utterance), waiting for a place for its marker.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if the renderer has been dropped and there is no place.
    pub async fn begin_utterance_async(&mut self) -> Result<UtteranceId, FeedError> {
        self.mark_awaiting(Self::begin_utterance).await
    }

    /// [`end_utterance`](Self::end_utterance), waiting for a place for its marker.
    ///
    /// # Errors
    /// As [`begin_utterance_async`](Self::begin_utterance_async).
    pub async fn end_utterance_async(&mut self) -> Result<(), FeedError> {
        self.mark_awaiting(Self::end_utterance).await
    }

    /// [`mark`](Self::mark), waiting for a place for its marker.
    ///
    /// # Errors
    /// As `mark`; [`FeedError::MarkersFull`] only if the renderer has been dropped.
    pub async fn mark_async(&mut self) -> Result<MarkId, FeedError> {
        self.mark_awaiting(Self::mark).await
    }

    /// [`set_source`](Self::set_source), waiting for a place for its marker.
    ///
    /// # Errors
    /// As `set_source`; [`FeedError::MarkersFull`] only if the renderer has been dropped.
    pub async fn set_source_async(&mut self, source: StreamSpec) -> Result<(), FeedError> {
        self.mark_awaiting(|feeder| feeder.set_source(source)).await
    }

    async fn mark_awaiting<T>(
        &mut self,
        mut mark: impl FnMut(&mut Self) -> Result<T, FeedError>,
    ) -> Result<T, FeedError> {
        let marked = self.wait_for(|feeder| match mark(feeder) {
            Err(FeedError::MarkersFull) => None,
            marked => Some(marked),
        });
        marked.await.unwrap_or(Err(FeedError::MarkersFull))
    }

    /// Declares an end and waits until the last frame has been *heard*, as
    /// [`drain`](Self::drain) does. On a stream that is paused that takes until it is resumed.
    ///
    /// When a future is dropped the end stays declared (unless the queue of markers was full), and
    /// another call goes on waiting.
    ///
    /// # Errors
    /// [`Abandoned`] if the renderer has been dropped before.
    pub async fn drain_async(&mut self) -> Result<Drained, Abandoned> {
        let mut draining = Draining::default();
        self.wait_for(|feeder| draining.look(feeder)).await
    }

    /// Tries whenever the stream may have moved on, until there is a result.
    async fn wait_for<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Self) -> Option<T>,
    ) -> Result<T, Abandoned> {
        let wait = Wait(Arc::clone(&self.shared));
        let poll = |cx: &mut Context<'_>| {
            #[cfg(feature = "std")]
            let seen = wait.0.sequence();
            if let Some(result) = attempt(self) {
                return Poll::Ready(Ok(result));
            }
            if wait.0.is_abandoned() {
                return Poll::Ready(Err(Abandoned));
            }
            wait.0.waiting.register(cx.waker());
            #[cfg(feature = "std")]
            ticker::look_after(Arc::clone(&wait.0) as Arc<dyn Watched>, seen);
            // `Monitor::poll` may have looked for somebody to wake between the two.
            attempt(self).map_or(Poll::Pending, |result| Poll::Ready(Ok(result)))
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

/// The [`Renderer`](crate::Renderer) has been dropped: nobody will read what is queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned;

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream's renderer has been dropped: nobody reads what is queued")
    }
}

impl core::error::Error for Abandoned {}
