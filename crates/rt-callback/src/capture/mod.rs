//! The way in: device -> [`Recorder`] -> ring -> [`Reader`] -> the application's format, rate and
//! channels.
//!
//! The conversion runs on the application's thread. The callback could as well do it, as the
//! renderer's does, but need not: an application that captures always has a thread that waits for
//! samples, so there the work costs no one a deadline. The callback is then one copy into the ring,
//! however dear the resampler; the ring holds the device's own bytes, so that a format that is
//! replaced on the way (a headset that becomes mono at 16 kHz) loses nothing that is queued; and a
//! reader may choose its format block by block.

mod config;
mod controller;
mod counters;
mod reader;
mod recorder;
pub(crate) mod usual;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use core::time::Duration;

pub use config::{CaptureConfig, Gaps};
pub use controller::CaptureController;
pub use counters::{CaptureCounters, CaptureMonitor};
pub use reader::{CapturePosition, Reader};
pub use recorder::{BlockSink, RecordStatus, Recorder};

use channel_mix::Decibels;

use self::controller::CaptureControls;
use crate::config::ConfigError;
use crate::link::queue::{self, ByteReceiver};
use crate::link::seqlock::SeqLock;
use crate::link::stamp::stamps;
use crate::link::timed::TimedSender;
#[cfg(feature = "futures")]
use crate::link::waiting::Waiting;
use crate::plan::Plan;
use crate::plan::recipe::Recipe;
use crate::span::{Span, nanoseconds};

/// Frames that the reader will never see: the queue was full, the device was gone, or the reader was too late for
/// them ([`Gaps::Live`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them, in device frames since the start of the capture, whatever rates the devices since then
    /// had.
    pub at_frame: u64,
    /// The rate of the device that delivered them, in Hz.
    pub rate_hz: u32,
    /// How many, in device frames.
    pub frames: u64,
}

impl Gap {
    /// How long they last.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(nanoseconds(self.frames, self.rate_hz))
    }
}

/// Makes a capture and hands out its two halves: one for the device's callback, one for the
/// application.
///
/// Everything that the capture will need is allocated here; later only [`Recorder::rebind`]
/// allocates.
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
/// [`ConfigError`] says what cannot be done.
pub fn capture(config: &CaptureConfig) -> Result<(Recorder, Reader), ConfigError> {
    config.check()?;
    let recipe = Recipe::of_capture(config);
    let plan = Plan::new(config.device, &recipe)?;
    let shared = Arc::new(Shared::new(config.gain));
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

/// Gaps and changes of device that may be queued; a gap that finds no room goes on until it does.
const MARKER_CAPACITY: usize = 64;

/// How much of a queue is kept free for what is recorded between two reads, in any unit: a quarter of it, but no
/// more than 200 ms and no less than two blocks, unless that were more than half.
fn headroom(queue: u64, second: u64, block: u64) -> u64 {
    let room = (queue / 4).min(second / 5).max(block.saturating_mul(2));
    room.min(queue / 2).max(1)
}

/// State reached from both halves. Nothing here is ever waited for.
#[derive(Debug)]
struct Shared {
    controls: CaptureControls,
    /// Written by the recorder, once a block.
    recorded: SeqLock<{ counters::RECORDED_WORDS }>,
    /// Written by the reader, once a call.
    read: SeqLock<{ counters::READ_WORDS }>,
    /// The recorder is gone: what is queued is all there will be.
    closed: AtomicBool,
    /// Device frames between the microphone and the callback, as the device last said.
    device_latency_frames: AtomicU64,
    /// The largest magnitude since the monitor last looked, as f32 bits.
    peak_bits: AtomicU32,
    /// The task that waits for sound.
    #[cfg(feature = "futures")]
    waiting: Waiting,
}

impl Shared {
    fn new(gain: Decibels) -> Self {
        Self {
            controls: CaptureControls::new(gain),
            recorded: SeqLock::default(),
            read: SeqLock::default(),
            closed: AtomicBool::new(false),
            device_latency_frames: AtomicU64::new(0),
            peak_bits: AtomicU32::new(0),
            #[cfg(feature = "futures")]
            waiting: Waiting::default(),
        }
    }
}

/// What the recorder says about a position in the stream. It is published **before** the bytes
/// behind that position; the reader looks at the bytes first, then at the markers.
#[derive(Debug)]
struct Marker {
    /// In device frames since the start of the capture.
    at_frame: u64,
    kind: MarkerKind,
}

#[derive(Debug)]
enum MarkerKind {
    /// So many frames are missing here.
    Gap(u64),
    /// From here on another device is heard.
    Device(Box<Change>),
}

/// Another device: what it delivers is in a queue of its own.
#[derive(Debug)]
struct Change {
    plan: Plan,
    ring: ByteReceiver,
}

#[cfg(all(feature = "futures", feature = "std"))]
impl crate::link::waiting::Watched for Shared {
    fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    fn sequence(&self) -> u64 {
        self.recorded.sequence()
    }

    fn is_over(&self) -> bool {
        self.closed.load(core::sync::atomic::Ordering::Acquire)
    }
}
