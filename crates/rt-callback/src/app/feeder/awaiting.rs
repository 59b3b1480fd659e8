//! The feeder's async calls, for any executor.

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

/// The calls that wait as futures.
///
/// The audio thread wakes no task. [`Monitor::poll`](crate::Monitor::poll) wakes the task that waits. With the feature
/// `std`, one thread for all streams of the process does so too: it looks every 5 ms whether a block has been rendered,
/// the stream was interrupted, or what a drain waits for has been heard. The first call that has to wait starts this
/// thread, and it ends a second after the last such call. Without `std`, the application must call `Monitor::poll` now
/// and then.
///
/// Any executor works, with any of its timeouts: the feeder stays usable when a future is dropped.
impl Feeder {
    /// Waits until the queue has room for `frames` source frames, or is empty if it holds fewer. Then
    /// [`push`](Self::push) takes them.
    ///
    /// Dropping the future has no effect on the stream.
    ///
    /// # Errors
    /// [`Abandoned`] if the renderer has been dropped and there is no room.
    pub async fn room(&mut self, frames: usize) -> Result<(), Abandoned> {
        let wanted = self.queue.capacity_frames().min(frames);
        self.wait_for(|feeder| (feeder.free_frames() >= wanted).then_some(()))
            .await
    }

    /// Queues all of the samples as [`push`](Self::push) does, and waits for room when there is too little. Returns how
    /// many frames were taken: fewer than all only if the renderer has been dropped.
    ///
    /// When the future is dropped, the frames that have been taken stay queued. The growth of
    /// [`pushed_frames`](Self::pushed_frames) since the call says how many those are. Or await [`room`](Self::room) and
    /// then `push`, which never waits.
    ///
    /// # Errors
    /// Those of `push`. An interruption while the call waits ends it with [`FeedError::Interrupted`], inside an
    /// utterance or not. The error says how many frames the call had queued.
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

    /// Queues all of the bytes as [`push_bytes`](Self::push_bytes) does, and waits for room when there is too little.
    /// Returns how many bytes were taken: fewer than all only if the renderer has been dropped.
    ///
    /// When the future is dropped, the bytes that have been taken stay queued. The growth of
    /// [`pushed_frames`](Self::pushed_frames) and [`partial_bytes`](Self::partial_bytes) since the call says how many
    /// those are.
    ///
    /// # Errors
    /// [`FeedError::Interrupted`], as for [`push_async`](Self::push_async). It says how many bytes the call had queued.
    pub async fn push_bytes_async(&mut self, bytes: &[u8]) -> Result<usize, FeedError> {
        self.begin_call()?;
        self.push_awaiting(bytes.len(), |feeder, taken| {
            feeder.queue_bytes(bytes.get(taken..).unwrap_or_default(), true)
        })
        .await
    }

    /// Calls `push` with the count taken so far, until `all` are taken.
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
            // When the renderer is gone, the count is short, which tells the caller.
            Ok(Ok(())) | Err(Abandoned) => Ok(taken),
        }
    }

    /// [`begin_utterance`](Self::begin_utterance) that waits for a place for its marker.
    ///
    /// # Errors
    /// [`FeedError::MarkersFull`] if the renderer has been dropped and the queue of markers is full.
    pub async fn begin_utterance_async(&mut self) -> Result<UtteranceId, FeedError> {
        self.mark_awaiting(Self::begin_utterance).await
    }

    /// [`end_utterance`](Self::end_utterance) that waits for a place for its marker.
    ///
    /// # Errors
    /// Those of [`begin_utterance_async`](Self::begin_utterance_async).
    pub async fn end_utterance_async(&mut self) -> Result<(), FeedError> {
        self.mark_awaiting(Self::end_utterance).await
    }

    /// [`mark`](Self::mark) that waits for a place for its marker.
    ///
    /// # Errors
    /// Those of `mark`, with [`FeedError::MarkersFull`] only if the renderer has been dropped.
    pub async fn mark_async(&mut self) -> Result<MarkId, FeedError> {
        self.mark_awaiting(Self::mark).await
    }

    /// [`set_source`](Self::set_source) that waits for a place for its marker.
    ///
    /// # Errors
    /// Those of `set_source`, with [`FeedError::MarkersFull`] only if the renderer has been dropped.
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

    /// Declares an end and waits until the last frame has been *heard*, as [`drain`](Self::drain) does. On a paused
    /// stream this waits until the stream is resumed.
    ///
    /// When the future is dropped, the end stays declared, unless the queue of markers was full. Another call goes on
    /// waiting for it.
    ///
    /// # Errors
    /// [`Abandoned`] if the renderer has been dropped before the last frame was heard.
    pub async fn drain_async(&mut self) -> Result<Drained, Abandoned> {
        let mut draining = Draining::default();
        // Before the wait, so that this is no change for which the task is woken.
        draining.declare(self);
        self.wait_for(|feeder| {
            let drained = draining.look(feeder);
            // With a clock it is heard between two blocks, or with no further block at all.
            feeder.shared.waiting.wake_at(draining.heard_at);
            drained
        })
        .await
    }

    /// Repeats `attempt` whenever the stream may have moved on, until it returns a result.
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
            // `Monitor::poll` may have run between the attempt and the registration, and found no task to wake.
            attempt(self).map_or(Poll::Pending, |result| Poll::Ready(Ok(result)))
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

/// The [`Renderer`](crate::Renderer) has been dropped, so nothing reads the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned;

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream's renderer has been dropped: nobody reads what is queued")
    }
}

impl core::error::Error for Abandoned {}
