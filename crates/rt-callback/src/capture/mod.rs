//! Captures: device -> [`Recorder`] -> ring -> [`Reader`] -> the application's format, rate and channels.
//!
//! The conversion runs on the application's thread, for three reasons. An application that captures always has a thread
//! that waits for samples, so the work endangers no deadline, and the callback is one copy into the ring, however
//! costly the resampler is. The ring holds the device's own bytes, so that nothing queued is lost when the format
//! changes (a headset that becomes mono at 16 kHz). And a reader may choose its format block by block.

mod config;
mod controller;
mod controls;
mod counters;
mod gap;
mod marker;
mod monitor;
mod reader;
mod recorder;
mod shared;
pub(crate) mod usual;

use alloc::boxed::Box;
use alloc::sync::Arc;

pub use config::{CaptureConfig, Gaps};
pub use controller::CaptureController;
pub use counters::CaptureCounters;
pub use gap::Gap;
pub use monitor::CaptureMonitor;
pub use reader::Reader;
pub use reader::place::CapturePosition;
pub use recorder::{BlockSink, RecordStatus, Recorder};

use crate::capture::marker::MARKER_CAPACITY;
use crate::capture::shared::Shared;
use crate::config::ConfigError;
use crate::link::queue;
use crate::link::stamp::stamps;
use crate::link::timed::TimedSender;
use crate::plan::Plan;
use crate::plan::recipe::Recipe;
use crate::span::Span;
use crate::spec::StreamSpec;

/// Makes a capture and returns its two halves: the recorder for the device's callback, the reader for the application.
///
/// Allocates what the capture needs. Later only [`Recorder::rebind`] allocates, and a few calls of the [`Reader`] that
/// say so.
///
/// ```
/// use rt_callback::{CaptureConfig, RecordStatus, capture};
///
/// // 48 kHz stereo f32 in, 16 kHz mono s16 for a speech recognizer.
/// let config = CaptureConfig::new("48000x2:f32le".parse()?, "16000x1:s16le".parse()?);
/// let (mut recorder, mut reader) = capture(&config)?;
///
/// // The callback, in whatever blocks the device likes:
/// assert_eq!(recorder.record(&[0.25_f32; 2 * 480]), RecordStatus::Recorded);
///
/// // The application; 44 frames are still on their way through the resampler.
/// let mut speech = [0_i16; 160];
/// let frames = reader.read(&mut speech);
/// assert!(frames > 100 && frames < 160);
/// let counters = reader.snapshot();
/// assert_eq!((counters.captured_frames, counters.overruns), (480, 0));
///
/// // The end: the rest comes out, 160 frames in all.
/// drop(recorder);
/// assert_eq!(frames + reader.read(&mut speech), 160);
/// assert!(reader.is_at_end());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ConfigError`] if a value of `config` is out of range, or the device's frames cannot be converted for the
/// application.
pub fn capture(config: &CaptureConfig) -> Result<(Recorder, Reader), ConfigError> {
    config.check()?;
    let recipe = Recipe::from(config);
    let plan = Plan::new(config.device, &recipe)?;
    let shared = Arc::new(Shared::new(config.gain, config.device.rate_hz));
    let length = Span::new(config.queue_frames as u64, config.device.rate_hz);
    let (queue, ring) = TimedSender::new(length, &config.device)?;
    let (marker_sender, marker_receiver) = queue::items(MARKER_CAPACITY);
    let (stamps, read_stamps) = config.timeline.then(stamps).unzip();
    let mut recorder = Recorder::new(config, queue, marker_sender, Arc::clone(&shared), recipe);
    recorder.note_stamps(stamps);
    let mut reader = Reader::new(config, ring, marker_receiver, shared, plan);
    reader.keep_stamps(read_stamps);
    Ok((recorder, reader))
}

impl Recorder {
    /// Makes a recorder that gives the blocks of `device` to `sink`, and has no reader. Allocates.
    ///
    /// # Errors
    /// [`ConfigError::Rate`] if the device's rate is out of range.
    pub fn into_sink(device: StreamSpec, sink: Box<dyn BlockSink>) -> Result<Self, ConfigError> {
        let mut config = CaptureConfig::new(device, device);
        config.queue_frames = 1;
        let (mut recorder, _) = capture(&config)?;
        recorder.hand_to(sink);
        Ok(recorder)
    }
}
