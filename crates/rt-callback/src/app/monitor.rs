//! The half that watches, and that says aloud what the audio thread may not.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU64;

use crate::event::Event;
use crate::instruments::load::Load;
use crate::instruments::meters::{Level, MeterReader};
use crate::instruments::tap::Tap;
use crate::link::counters::Counters;
use crate::link::heard::Heard;
use crate::link::queue::Receiver;
use crate::link::shared::Shared;
use crate::spec::MAX_CHANNELS;

/// How many shape mismatches make one warning, unless [`Monitor::log_every`] says otherwise.
pub const DEFAULT_LOG_EVERY: NonZeroU64 = NonZeroU64::new(100).unwrap();

/// Watches a stream from the application's side; the audio thread never waits for it.
///
/// If nobody calls [`poll`](Self::poll), events are lost (and counted), and nothing else happens. What can be
/// read at any time, by anybody, is in the [`Readings`].
#[derive(Debug)]
pub struct Monitor {
    readings: Readings,
    events: Receiver<Event>,
    levels: Vec<Level>,
    tap: Option<Box<Tap>>,
    log_every: NonZeroU64,
    /// Mismatches that the last warning covered.
    warned_at: u64,
}

/// What a stream counts and measures: clones read the same one, from any thread. [`Monitor::readings`] hands it
/// out.
///
/// ```
/// use rt_callback::{Config, stream};
///
/// let config = Config::new("24000x1:s16le".parse()?, "48000x2:f32le".parse()?);
/// let (_feeder, _controller, mut renderer, monitor) = stream(&config)?;
/// let readings = monitor.readings();
/// let watcher = std::thread::spawn(move || readings.snapshot().rendered_frames);
/// renderer.render(&mut [0.0_f32; 2 * 480]);
/// assert!(watcher.join().unwrap() <= 480);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Readings {
    shared: Arc<Shared>,
    meter: Option<MeterReader>,
    load: Option<Load>,
}

impl Readings {
    pub(crate) fn new(shared: Arc<Shared>, meter: Option<MeterReader>, load: Option<Load>) -> Self {
        Self {
            shared,
            meter,
            load,
        }
    }

    /// All counters, as they stood together after one block.
    #[must_use]
    pub fn snapshot(&self) -> Counters {
        self.shared.snapshot()
    }

    /// The position as it is heard by now, through resampling and the device's latency (if it says that:
    /// [`Renderer::set_device_latency`](crate::Renderer::set_device_latency)). It never runs back, nor ahead of what
    /// is heard: with a [`Config::clock`](crate::Config::clock) it moves between two blocks, without one it
    /// stands at the beginning of the latest.
    ///
    /// With a latency it is read off a history of positions a twelfth of that latency apart (or a block, if
    /// that is longer), in proportion between two of them: exact while the stream runs evenly, and no
    /// further off than that around an underrun or a pause. When the latency grows by more than a third at
    /// once, positions that were not kept are answered as the oldest that was, until the history has grown.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.shared.heard()
    }

    /// Peak and RMS of each of the device's channels since the last call, by whichever clone, into `levels`;
    /// returns how many channels that are. None unless [`Config::meter`](crate::Config::meter) is on.
    ///
    /// They are those of what is rendered, before it is rounded and clipped to the device's format,
    /// so that a peak above 1.0 shows what was clipped. Silence counts towards the RMS.
    pub fn take_levels(&self, levels: &mut [Level]) -> usize {
        let channels = self.shared.device_channels().min(levels.len());
        let levels = levels.get_mut(..channels).unwrap_or_default();
        self.meter.as_ref().map_or(0, |meter| meter.take(levels))
    }

    /// How long the callbacks take, `None` unless [`Config::clock`](crate::Config::clock) is set. It
    /// may be kept, and read from any thread.
    #[must_use]
    pub fn load(&self) -> Option<&Load> {
        self.load.as_ref()
    }
}

impl Monitor {
    pub(crate) fn new(readings: Readings, events: Receiver<Event>, tap: Option<Box<Tap>>) -> Self {
        let is_metered = readings.meter.is_some();
        Self {
            readings,
            events,
            levels: vec![Level::default(); if is_metered { MAX_CHANNELS } else { 0 }],
            tap,
            log_every: DEFAULT_LOG_EVERY,
            warned_at: 0,
        }
    }

    /// The rate of the present device, in Hz.
    pub(crate) fn device_rate_hz(&self) -> u32 {
        self.readings.shared.device_rate_hz()
    }

    /// What can be read from any thread, as often as is wanted.
    #[must_use]
    pub fn readings(&self) -> Readings {
        self.readings.clone()
    }

    /// [`Readings::snapshot`]
    #[must_use]
    pub fn snapshot(&self) -> Counters {
        self.readings.snapshot()
    }

    /// [`Readings::heard`]
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.readings.heard()
    }

    /// Peak and RMS of each of the device's channels since the last call: [`Readings::take_levels`].
    pub fn take_levels(&mut self) -> &[Level] {
        let channels = self.readings.take_levels(&mut self.levels);
        self.levels.get(..channels).unwrap_or_default()
    }

    /// [`Readings::load`]
    #[must_use]
    pub fn load(&self) -> Option<&Load> {
        self.readings.load()
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
        self.readings.shared.waiting.wake();
        let counters = self.snapshot();
        let mismatches = counters.shape_mismatches;
        if mismatches / self.log_every > self.warned_at / self.log_every {
            self.warned_at = mismatches;
            log::warn!(
                "Shape mismatch: block of {} samples != a whole number of {}-channel frames; \
                 {mismatches} blocks so far were filled with silence",
                counters.mismatch_samples,
                self.readings.shared.device_channels(),
            );
        }
    }
}
