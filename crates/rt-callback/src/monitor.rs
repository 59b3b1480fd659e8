//! The half that watches, and that says aloud what the audio thread may not.

use alloc::sync::Arc;
use core::num::NonZeroU64;
use core::sync::atomic::Ordering;

use crate::counters::Counters;
use crate::event::Event;
use crate::queue::Receiver;
use crate::renderer::BlockTiming;
use crate::shared::Shared;

/// How many shape mismatches make one warning, unless [`Monitor::log_every`] says otherwise.
pub const DEFAULT_LOG_EVERY: NonZeroU64 = NonZeroU64::new(100).unwrap();

/// Watches a stream from the application's side; the audio thread never waits for it.
///
/// If nobody calls [`poll`](Self::poll), events are lost (and counted), and nothing else happens.
#[derive(Debug)]
pub struct Monitor {
    shared: Arc<Shared>,
    events: Receiver<Event>,
    timings: Receiver<BlockTiming>,
    channels: usize,
    log_every: NonZeroU64,
    /// Mismatches that the last warning covered.
    warned_at: u64,
}

impl Monitor {
    pub(crate) fn new(
        shared: Arc<Shared>,
        events: Receiver<Event>,
        timings: Receiver<BlockTiming>,
        channels: usize,
    ) -> Self {
        Self {
            shared,
            events,
            timings,
            channels,
            log_every: DEFAULT_LOG_EVERY,
            warned_at: 0,
        }
    }

    /// All counters, as they stood together after one block.
    #[must_use]
    pub fn snapshot(&self) -> Counters {
        self.shared.snapshot()
    }

    /// The largest magnitude (1.0 is full scale) since the last call; 0 unless
    /// [`Config::meter`](crate::Config::meter) is on.
    pub fn take_peak(&mut self) -> f32 {
        f32::from_bits(self.shared.peak_bits.swap(0, Ordering::Relaxed))
    }

    /// One warning is logged at every `count`th shape mismatch: 100 unless this is called, 1 for
    /// each of them.
    pub fn log_every(&mut self, count: NonZeroU64) {
        self.log_every = count;
    }

    /// Hands out the events that have happened, oldest first, and logs a warning (through the
    /// `log` crate, target `rt_callback`) where the shape mismatches have passed another
    /// [threshold](Self::log_every). At most one warning a call, however many were passed.
    pub fn poll(&mut self, mut on_event: impl FnMut(Event)) {
        while let Some(event) = self.events.pop() {
            on_event(event);
        }
        let counters = self.snapshot();
        let mismatches = counters.shape_mismatches;
        if mismatches / self.log_every > self.warned_at / self.log_every {
            self.warned_at = mismatches;
            log::warn!(
                "Shape mismatch: block of {} samples != a whole number of {}-channel frames; \
                 {mismatches} blocks so far were filled with silence",
                counters.mismatch_samples,
                self.channels,
            );
        }
    }

    /// Hands out the blocks' durations, oldest first. There are none unless
    /// [`Config::clock`](crate::Config::clock) is set, and only the oldest are kept where this is
    /// called too rarely.
    pub fn poll_timings(&mut self, mut on_timing: impl FnMut(BlockTiming)) {
        while let Some(timing) = self.timings.pop() {
            on_timing(timing);
        }
    }
}
