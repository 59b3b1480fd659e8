//! The half that watches, and that says aloud what the audio thread may not.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::num::NonZeroU64;

use crate::counters::Counters;
use crate::event::Event;
use crate::heard::Heard;
use crate::load::Load;
use crate::meters::{Level, MeterReader};
use crate::queue::Receiver;
use crate::shared::Shared;
use crate::tap::Tap;

/// How many shape mismatches make one warning, unless [`Monitor::log_every`] says otherwise.
pub const DEFAULT_LOG_EVERY: NonZeroU64 = NonZeroU64::new(100).unwrap();

/// Watches a stream from the application's side; the audio thread never waits for it.
///
/// If nobody calls [`poll`](Self::poll), events are lost (and counted), and nothing else happens.
#[derive(Debug)]
pub struct Monitor {
    shared: Arc<Shared>,
    events: Receiver<Event>,
    meter: Option<Box<MeterReader>>,
    load: Option<Load>,
    tap: Option<Box<Tap>>,
    last_heard: Heard,
    log_every: NonZeroU64,
    /// Mismatches that the last warning covered.
    warned_at: u64,
}

impl Monitor {
    pub(crate) fn new(
        shared: Arc<Shared>,
        events: Receiver<Event>,
        meter: Option<Box<MeterReader>>,
        load: Option<Load>,
        tap: Option<Box<Tap>>,
    ) -> Self {
        Self {
            shared,
            events,
            meter,
            load,
            tap,
            last_heard: Heard::default(),
            log_every: DEFAULT_LOG_EVERY,
            warned_at: 0,
        }
    }

    /// The rate of the present device, in Hz.
    pub(crate) fn device_rate_hz(&self) -> u32 {
        self.shared.device_rate_hz()
    }

    /// All counters, as they stood together after one block.
    #[must_use]
    pub fn snapshot(&self) -> Counters {
        self.shared.snapshot()
    }

    /// The position as it is heard by now, through resampling and the device's latency (if it says that:
    /// [`Renderer::set_device_latency`](crate::Renderer::set_device_latency)); it never runs back.
    ///
    /// With a latency it is read off a history of positions a twelfth of that latency apart (or a block, if
    /// that is longer), in proportion between two of them: exact while the stream runs evenly, and no
    /// further off than that around an underrun or a pause. When the latency grows by more than a third at
    /// once, positions that were not kept are answered as the oldest that was, until the history has grown.
    pub fn heard(&mut self) -> Heard {
        let heard = self.shared.heard();
        if heard.frames >= self.last_heard.frames {
            self.last_heard = heard;
        }
        self.last_heard
    }

    /// Peak and RMS of each of the device's channels since the last call, or none unless
    /// [`Config::meter`](crate::Config::meter) is on.
    ///
    /// They are those of what is rendered, before it is rounded and clipped to the device's format,
    /// so that a peak above 1.0 shows what was clipped. Silence counts towards the RMS.
    pub fn take_levels(&mut self) -> &[Level] {
        let channels = self.shared.device_channels();
        self.meter
            .as_mut()
            .map_or(&[], |meter| meter.take(channels))
    }

    /// How long the callbacks take, `None` unless [`Config::clock`](crate::Config::clock) is set. It
    /// may be kept, and read from any thread.
    #[must_use]
    pub fn load(&self) -> Option<&Load> {
        self.load.as_ref()
    }

    /// The reader of what was rendered, once, where [`Config::tap_frames`](crate::Config::tap_frames)
    /// is set.
    pub fn take_tap(&mut self) -> Option<Tap> {
        self.tap.take().map(|tap| *tap)
    }

    /// One warning is logged at every `count`th shape mismatch: 100 unless this is called, 1 for
    /// each of them.
    pub fn log_every(&mut self, count: NonZeroU64) {
        self.log_every = count;
    }

    /// Hands out the events that have happened, oldest first, and logs a warning (through the
    /// `log` crate, target `rt_callback`) where the shape mismatches have passed another
    /// [threshold](Self::log_every). At most one warning a call, however many were passed.
    ///
    /// With the feature `futures` it also wakes the task that waits for the stream to move on.
    pub fn poll(&mut self, mut on_event: impl FnMut(Event)) {
        while let Some(event) = self.events.pop() {
            on_event(event);
        }
        #[cfg(feature = "futures")]
        self.shared.waiting.wake();
        let counters = self.snapshot();
        let mismatches = counters.shape_mismatches;
        if mismatches / self.log_every > self.warned_at / self.log_every {
            self.warned_at = mismatches;
            log::warn!(
                "Shape mismatch: block of {} samples != a whole number of {}-channel frames; \
                 {mismatches} blocks so far were filled with silence",
                counters.mismatch_samples,
                self.shared.device_channels(),
            );
        }
    }
}
