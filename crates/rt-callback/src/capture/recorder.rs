//! The recorder: takes the device's blocks into the queue.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::num::NonZeroUsize;
use core::sync::atomic::Ordering;
use core::time::Duration;

use pcm_convert::Sample;

use crate::capture::config::CaptureConfig;
use crate::capture::counters::Recorded;
use crate::capture::gap::headroom;
use crate::capture::marker::{Change, Marker, MarkerKind};
use crate::capture::shared::Shared;
use crate::capture::usual::Usual;
use crate::config::{Clock, ConfigError, check_rate};
use crate::link::queue::Sender;
use crate::link::since::Since;
use crate::link::stamp::{Stamp, StampSender};
use crate::link::timed::TimedSender;
use crate::plan::Plan;
use crate::plan::recipe::Recipe;
use crate::span::frames_in;
use crate::spec::StreamSpec;

/// What happened to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordStatus {
    /// The whole block is queued.
    Recorded,
    /// The queue is full. The end of the block, or all of it, is lost.
    Overrun {
        /// How many device frames are lost.
        dropped_frames: usize,
    },
    /// The block is no whole number of frames, or has another format than the device's. It was not recorded.
    ShapeMismatch,
}

/// User code in place of the queue. [`Recorder::into_sink`] makes a recorder that gives it the device's blocks.
///
/// A sink runs in the audio callback and is bound by its rules: it must not allocate, lock or wait.
pub trait BlockSink: Send {
    /// Takes a block of whole frames, as bytes of the device's format.
    fn take(&mut self, block: &[u8]);

    /// Takes the device's latency: the device frames between the microphone and the callback.
    fn set_device_latency(&mut self, frames: u64) {
        let _ = frames;
    }
}

struct Sink(Box<dyn BlockSink>);

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

/// Takes the device's blocks into the queue. The audio callback owns it.
///
/// [`record`](Self::record) never allocates, locks, waits, logs, formats or panics, and costs a copy of the block. A
/// block may have any number of frames, also 0. Dropping the recorder declares the end.
///
/// ```
/// use rt_callback::{CaptureConfig, capture};
///
/// let config = CaptureConfig::new("48000x2:s16le".parse()?, "48000x1:f32le".parse()?);
/// let (mut recorder, mut reader) = capture(&config)?;
/// recorder.record(&[16_384_i16; 2 * 480]); // the audio callback
/// let mut speech = [0.0_f32; 480];
/// assert_eq!(reader.read(&mut speech), 480); // the application's thread
/// assert_eq!(speech, [0.5; 480]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Recorder {
    queue: TimedSender,
    markers: Sender<Marker>,
    shared: Arc<Shared>,
    recipe: Recipe,
    device: StreamSpec,
    since: Since,
    clock: Option<Clock>,
    counters: Recorded,
    /// Frames lost since the queue became full or the device went, of which the reader does not know yet.
    gap_frames: u64,
    blocks: Usual,
    /// The sink, in place of the queue.
    sink: Option<Sink>,
    /// The stamps, if there is a timeline (and so a clock).
    stamps: Option<StampSender>,
}

impl Recorder {
    pub(super) fn new(
        config: &CaptureConfig,
        queue: TimedSender,
        markers: Sender<Marker>,
        shared: Arc<Shared>,
        recipe: Recipe,
    ) -> Self {
        Self {
            queue,
            markers,
            shared,
            recipe,
            device: config.device,
            since: Since::start(config.device.rate_hz),
            clock: config.clock,
            counters: Recorded::default(),
            gap_frames: 0,
            blocks: Usual::default(),
            sink: None,
            stamps: None,
        }
    }

    pub(super) fn note_stamps(&mut self, stamps: Option<StampSender>) {
        self.stamps = stamps;
    }

    /// Gives the device's blocks to `sink` from here on. Allocates.
    pub(super) fn hand_to(&mut self, sink: Box<dyn BlockSink>) {
        self.sink = Some(Sink(sink));
    }

    /// The format, rate and channels that the device delivers.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        &self.device
    }

    /// Sets the device's latency: the device frames between the microphone and the callback.
    pub fn set_device_latency(&mut self, frames: u64) {
        self.shared
            .device_latency_frames
            .store(frames, Ordering::Relaxed);
        if let Some(Sink(sink)) = &mut self.sink {
            sink.set_device_latency(frames);
        }
    }

    /// Queues a block (frames x device channels, interleaved) of the device's format.
    ///
    /// If the queue is full, the newest frames are lost. They are counted, and the reader learns their position.
    ///
    /// From then on whole blocks are lost until there is enough room: a quarter of the queue, or 200 ms if that is
    /// less, but at least two blocks, and never more than half of the queue. So a reader that is a little too slow gets
    /// few long gaps instead of one in every block. A reader that had stopped, and goes on at the pace of the device,
    /// loses no more.
    pub fn record<S: Sample>(&mut self, block: &[S]) -> RecordStatus {
        if S::FORMAT != self.device.format {
            return self.mismatch(block.len());
        }
        self.record_bytes(S::as_bytes(block))
    }

    /// Queues a block of bytes as [`record`](Self::record) does.
    pub fn record_bytes(&mut self, block: &[u8]) -> RecordStatus {
        let frame_bytes = self.device.frame_size();
        if block.len() % frame_bytes != 0 {
            return self.mismatch(block.len() / self.device.format.bytes_per_sample());
        }
        if let Some(Sink(sink)) = &mut self.sink {
            sink.take(block);
            return RecordStatus::Recorded;
        }
        self.take(block, frame_bytes)
    }

    /// Notes that the device delivered nothing for `time`, because it was gone or another one was searched for.
    ///
    /// The frames that it would have delivered at its rate count as captured and dropped. For the reader they are a
    /// gap, together with frames lost just before. Call this before [`rebind`](Self::rebind).
    ///
    /// A recorder [with a sink](Self::into_sink) only counts the frames.
    pub fn lose(&mut self, time: Duration) {
        /// The count is bounded, so that no sum overflows a `u64`.
        const MOST: u64 = 1 << 62;
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let frames = frames_in(nanoseconds, self.device.rate_hz)
            .min(MOST.saturating_sub(self.counters.captured_frames));
        self.counters.captured_frames += frames;
        self.counters.dropped_frames += frames;
        self.counters.absent_frames += frames;
        if self.sink.is_none() {
            self.gap_frames += frames;
        }
        self.shared.recorded.write(&self.counters.to_words());
    }

    /// Continues the capture with another device, or one that has changed its format, rate or channels.
    ///
    /// The queued frames stay, and are read in their own format; the reader meets the change in order. The queue holds
    /// the same time of the new device as of the old. If `device` is the same as before, nothing happens.
    ///
    /// **Do not** call this in the callback: it allocates. It is for the thread that reopens the device.
    ///
    /// # Errors
    /// [`ConfigError`] if the device's frames cannot be converted for the application, or if too many changes wait for
    /// the reader ([`MarkersFull`](ConfigError::MarkersFull)). Nothing changes then.
    pub fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        if device == self.device {
            return Ok(());
        }
        check_rate(&device)?;
        if self.sink.is_some() {
            self.device = device;
            return Ok(());
        }
        let (next, ring) = self.queue.prepare(&device)?;
        let plan = Plan::new(device, &self.recipe)?;
        if self.markers.free() < 2 {
            return Err(ConfigError::MarkersFull);
        }
        self.close_gap();
        let at_frame = self.counters.captured_frames;
        let since = self.since.changed(at_frame, device.rate_hz);
        let marker = Marker {
            at_frame,
            kind: MarkerKind::Device(Box::new(Change { plan, ring, since })),
        };
        self.markers
            .push(marker)
            .map_err(|_| ConfigError::MarkersFull)?;
        self.queue.change(next);
        self.device = device;
        self.begin(since);
        Ok(())
    }

    /// Begins with another device. Blocks of the device before say nothing about its own.
    fn begin(&mut self, since: Since) {
        self.since = since;
        self.shared.set_since(since);
        self.blocks = Usual::default();
        self.counters.block_frames = 0;
        self.counters.last_block_frames = 0;
        self.shared.recorded.write(&self.counters.to_words());
    }

    fn take(&mut self, block: &[u8], frame_bytes: NonZeroUsize) -> RecordStatus {
        let frames = block.len() / frame_bytes;
        self.stamp(frames);
        self.blocks.note(frames as u64);
        self.counters.block_frames = self.blocks.get();
        self.counters.last_block_frames = frames as u64;
        let free = self.queue.free_frames();
        let open = self.gap_frames == 0 || (self.goes_on(frames, free) && self.close_gap());
        let mut taken = if open { frames.min(free) } else { 0 };
        let whole = block.get(..taken * frame_bytes.get()).unwrap_or_default();
        if taken > 0 && !self.queue.push_bytes(whole) {
            taken = 0;
        }
        let dropped_frames = frames - taken;
        if dropped_frames > 0 {
            self.counters.overruns += u64::from(self.gap_frames == 0);
            self.counters.dropped_frames += dropped_frames as u64;
            self.gap_frames += dropped_frames as u64;
        }
        self.counters.captured_frames += frames as u64;
        self.publish();
        if dropped_frames > 0 {
            RecordStatus::Overrun { dropped_frames }
        } else {
            RecordStatus::Recorded
        }
    }

    /// Whether a gap ends with a block of `frames` frames: there is room for it, and for what comes next.
    fn goes_on(&self, frames: usize, free: usize) -> bool {
        let capacity = self.queue.capacity_frames() as u64;
        let block = self.counters.block_frames.max(frames as u64 / 2);
        let room = headroom(capacity, u64::from(self.device.rate_hz), block);
        frames > 0 && free as u64 >= room
    }

    /// Notes when the block came. The stamp is published before a frame of the block can be read.
    fn stamp(&mut self, frames: usize) {
        if let Some(stamps) = self.stamps.as_mut().filter(|_| frames > 0)
            && let Some(now) = self.clock
        {
            stamps.note(Stamp {
                at_frame: self.counters.captured_frames,
                rate_hz: self.device.rate_hz,
                at_ns: now(),
                latency_frames: self.shared.device_latency_frames.load(Ordering::Relaxed),
            });
        }
    }

    fn mismatch(&mut self, samples: usize) -> RecordStatus {
        self.counters.shape_mismatches += 1;
        self.counters.mismatch_samples = samples as u64;
        self.publish();
        RecordStatus::ShapeMismatch
    }

    /// Publishes the gap that ends here, before any byte behind it. Returns false if the queue of markers is full: the
    /// gap then goes on.
    fn close_gap(&mut self) -> bool {
        if self.gap_frames == 0 {
            return true;
        }
        let marker = Marker {
            at_frame: self.counters.captured_frames - self.gap_frames,
            kind: MarkerKind::Gap(self.gap_frames),
        };
        let told = self.markers.push(marker).is_ok();
        if told {
            self.gap_frames = 0;
        }
        told
    }

    fn publish(&mut self) {
        self.counters.blocks += 1;
        if let Some(now) = self.clock {
            self.counters.block_at_ns = now();
        }
        self.shared.recorded.write(&self.counters.to_words());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // A gap that finds no place is known all the same: at the end the reader misses what was counted.
        self.close_gap();
        self.shared.closed.store(true, Ordering::Release);
    }
}
