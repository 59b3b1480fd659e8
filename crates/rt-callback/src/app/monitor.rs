//! The monitor: reads counters, hands out events, and logs what the audio thread may not log.

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

/// How many shape mismatches make one warning, until [`Monitor::log_every`] is called.
pub const DEFAULT_LOG_EVERY: NonZeroU64 = NonZeroU64::new(100).unwrap();

/// Watches a stream from the application's side. The audio thread never waits for it.
///
/// If nobody calls [`poll`](Self::poll), events are lost and counted, and nothing else happens. The [`Readings`] hold
/// what any thread can read at any time.
///
/// ```
/// use rt_callback::{Config, EventKind, stream};
///
/// let config = Config::new("48000x1:s16le".parse()?, "48000x1:s16le".parse()?);
/// let (mut feeder, _controller, mut renderer, mut monitor) = stream(&config)?;
/// let sentence = feeder.begin_utterance()?;
/// feeder.push(&[0_i16; 480])?;
/// feeder.end_utterance()?;
/// renderer.render(&mut [0_i16; 512]);
///
/// let mut told = Vec::new();
/// monitor.poll(|event| told.push(event.kind));
/// assert_eq!(told[0], EventKind::Started { utterance: sentence });
/// assert_eq!(told[1], EventKind::Finished { utterance: sentence, heard_frames: 480 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// The counters and measurements of a stream, for any thread. Clones read the same stream.
///
/// [`Monitor::readings`] returns one.
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

    /// Returns all counters, as they stood together after one block.
    #[must_use]
    pub fn snapshot(&self) -> Counters {
        self.shared.snapshot()
    }

    /// Returns the position that is heard now, behind the resampler and the device's latency.
    ///
    /// [`Renderer::set_device_latency`](crate::Renderer::set_device_latency) sets that latency. The position never runs
    /// back, and never ahead of what is heard. With a [`Config::clock`](crate::Config::clock) it moves between two
    /// blocks. Without one it stands at the beginning of the latest block.
    ///
    /// With a latency, the position is interpolated in a history. Its entries lie a twelfth of the latency apart, or a
    /// block if that is longer. The result is exact while the stream runs evenly. Around an underrun or a pause it is
    /// off by at most the distance of two entries. When the latency grows by more than a third at once, the history is
    /// too short for a while, and its oldest position is returned until it has grown.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.shared.heard()
    }

    /// Writes peak and RMS of each device channel since the last call, by any clone, into `levels`. Returns how many
    /// channels were written: 0 unless [`Config::meter`](crate::Config::meter) is on.
    ///
    /// Samples are measured before they are rounded and clipped to the device's format, so a peak above 1.0 shows
    /// clipping. Silence counts towards the RMS.
    pub fn take_levels(&self, levels: &mut [Level]) -> usize {
        let channels = self.shared.device_channels().min(levels.len());
        let levels = levels.get_mut(..channels).unwrap_or_default();
        self.meter.as_ref().map_or(0, |meter| meter.take(levels))
    }

    /// How long the callbacks take. `None` unless [`Config::clock`](crate::Config::clock) is set. A clone can be kept
    /// and read from any thread.
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

    /// Returns the counters and measurements for any thread to read.
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

    /// Returns the reader of the rendered frames, if [`Config::tap_frames`](crate::Config::tap_frames) is set. Later
    /// calls return `None`.
    pub fn take_tap(&mut self) -> Option<Tap> {
        self.tap.take().map(|tap| *tap)
    }

    /// Sets how many shape mismatches make one warning. The default is [`DEFAULT_LOG_EVERY`].
    pub fn log_every(&mut self, count: NonZeroU64) {
        self.log_every = count;
    }

    /// Hands out the waiting events, oldest first, and warns of shape mismatches.
    ///
    /// The warning goes through the `log` crate, target `rt_callback`, when the count of mismatches has passed another
    /// multiple of [`log_every`](Self::log_every). A call logs at most one warning, however many multiples were passed.
    ///
    /// With the feature `futures` this also wakes the task that waits for the stream to move on.
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
                target: "rt_callback",
                "Shape mismatch: block of {} samples != a whole number of {}-channel frames; \
                 {mismatches} blocks so far were filled with silence",
                counters.mismatch_samples,
                self.readings.shared.device_channels(),
            );
        }
    }
}
