//! The audio thread's half: takes the device's block, whatever it is.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use core::fmt;
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
use crate::link::stamp::{Stamp, StampSender};
use crate::link::timed::TimedSender;
use crate::plan::recipe::Recipe;
use crate::plan::{PIECE_FRAMES, Plan};
use crate::span::frames_in;
use crate::spec::StreamSpec;

/// What became of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordStatus {
    /// All of it is queued.
    Recorded,
    /// The queue is full: the end of the block, or all of it, is lost.
    Overrun {
        /// Device frames that are lost.
        dropped_frames: usize,
    },
    /// It is no whole number of frames, or of another format than the device's. Nothing of it was
    /// taken.
    ShapeMismatch,
}

/// User code in place of the queue: [`Recorder::into_sink`] hands it what the device delivers.
///
/// It runs in the audio callback and is bound by its rules: no allocation, no lock, no waiting.
pub trait BlockSink: Send {
    /// Takes a block of whole frames, bytes of the device's format. One of the device's blocks may
    /// come as several.
    fn take(&mut self, block: &[u8]);

    /// Learns how many device frames lie between the microphone and the callback.
    fn set_device_latency(&mut self, frames: u64) {
        let _ = frames;
    }
}

/// A sink, and room for samples that come typed.
struct Sink {
    sink: Box<dyn BlockSink>,
    bytes: Box<[u8]>,
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

/// Takes the device's blocks into the queue. It belongs into the audio callback.
///
/// [`record`](Self::record) never allocates, locks, waits, logs, formats or panics, and costs a
/// copy of the block. Blocks of any size are right, 0 frames too. Dropping it declares the end.
#[derive(Debug)]
pub struct Recorder {
    queue: TimedSender,
    markers: Sender<Marker>,
    shared: Arc<Shared>,
    recipe: Recipe,
    device: StreamSpec,
    clock: Option<Clock>,
    counters: Recorded,
    /// Frames lost since the queue became full, or the device went, and not told to the reader yet.
    gap_frames: u64,
    blocks: Usual,
    /// Where there is no queue.
    sink: Option<Sink>,
    /// Where there is a timeline, and so a clock.
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

    /// From here on what the device delivers goes to `sink`. Allocates.
    pub(super) fn hand_to(&mut self, sink: Box<dyn BlockSink>) {
        let bytes = PIECE_FRAMES * self.device.frame_bytes();
        self.sink = Some(Sink {
            sink,
            bytes: vec![0; bytes].into_boxed_slice(),
        });
    }

    /// What the device delivers.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        &self.device
    }

    /// Says how long, in device frames, what is recorded now took from the microphone to here.
    pub fn set_device_latency(&mut self, frames: u64) {
        self.shared
            .device_latency_frames
            .store(frames, Ordering::Relaxed);
        if let Some(Sink { sink, .. }) = &mut self.sink {
            sink.set_device_latency(frames);
        }
    }

    /// Queues a block (frames x device channels, interleaved) of the device's format.
    ///
    /// Where the queue is full the newest frames are lost; that is counted, and the reader learns
    /// where. From then on blocks are lost whole until a quarter of the queue is free, or 200 ms if that is less
    /// (and two blocks, or half of the queue), so that a reader that is a little too slow meets few long gaps and
    /// not one in every block, and one that had stood still and goes on at the pace of the device loses no more.
    pub fn record<S: Sample>(&mut self, block: &[S]) -> RecordStatus {
        let channels = self.device.channel_count();
        if S::FORMAT != self.device.format || block.len() % channels != 0 {
            return self.mismatch(block.len());
        }
        if let Some(Sink { sink, bytes }) = &mut self.sink {
            for piece in block.chunks(PIECE_FRAMES * channels.get()) {
                let count = S::write_bytes(piece, bytes) * S::FORMAT.bytes_per_sample();
                sink.take(bytes.get(..count).unwrap_or_default());
            }
            return RecordStatus::Recorded;
        }
        self.take(block.len() / channels, |queue, frames| {
            queue.push_samples(block.get(..frames * channels.get()).unwrap_or_default())
        })
    }

    /// Queues a block as [`record`](Self::record) does, of bytes.
    pub fn record_bytes(&mut self, block: &[u8]) -> RecordStatus {
        let frame_bytes = self.device.frame_size();
        if block.len() % frame_bytes != 0 {
            return self.mismatch(block.len() / self.device.format.bytes_per_sample());
        }
        if let Some(Sink { sink, .. }) = &mut self.sink {
            sink.take(block);
            return RecordStatus::Recorded;
        }
        self.take(block.len() / frame_bytes, |queue, frames| {
            queue.push_bytes(block.get(..frames * frame_bytes.get()).unwrap_or_default())
        })
    }

    /// Says that the device delivered nothing for so long: it was gone, or another one was looked for. What it
    /// would have delivered at its rate counts as captured and lost, and is a gap for the reader, in one with what
    /// the queue had no room for before it. Call it before [`rebind`](Self::rebind).
    ///
    /// Of a recorder [with a sink](Self::into_sink) it is only counted.
    pub fn lose(&mut self, time: Duration) {
        /// No sum of lengths gets near the end of a `u64`.
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

    /// Goes on with another device, or with one that has changed its format, rate or channels. What
    /// is queued stays, and is read as what it is; the reader meets the change in order. The queue holds as long
    /// a time of the new device as of the old. Where the device is the same nothing happens.
    ///
    /// Allocates: this is for the thread that reopens the device, not for its callback.
    ///
    /// # Errors
    /// [`ConfigError`] where what the device delivers cannot be converted for the application, or where the
    /// reader has not come past the last changes ([`MarkersFull`](ConfigError::MarkersFull)). Nothing changes
    /// then.
    pub fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        if device == self.device {
            return Ok(());
        }
        check_rate(&device)?;
        if let Some(Sink { bytes, .. }) = &mut self.sink {
            *bytes = vec![0; PIECE_FRAMES * device.frame_bytes()].into_boxed_slice();
            self.device = device;
            return Ok(());
        }
        let (next, ring) = self.queue.prepare(&device)?;
        let plan = Plan::new(device, &self.recipe)?;
        if self.markers.free() < 2 {
            return Err(ConfigError::MarkersFull);
        }
        self.close_gap();
        let marker = Marker {
            at_frame: self.counters.captured_frames,
            kind: MarkerKind::Device(Box::new(Change { plan, ring })),
        };
        self.markers
            .push(marker)
            .map_err(|_| ConfigError::MarkersFull)?;
        self.queue.change(next);
        self.device = device;
        self.blocks = Usual::default();
        Ok(())
    }

    fn take(
        &mut self,
        frames: usize,
        push: impl FnOnce(&mut TimedSender, usize) -> bool,
    ) -> RecordStatus {
        self.stamp(frames);
        self.blocks.note(frames as u64);
        self.counters.block_frames = self.blocks.get();
        self.counters.last_block_frames = frames as u64;
        let free = self.queue.free_frames();
        let open = self.gap_frames == 0 || (self.goes_on(frames, free) && self.close_gap());
        let mut taken = if open { frames.min(free) } else { 0 };
        if taken > 0 && !push(&mut self.queue, taken) {
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

    /// Whether a gap ends with a block of so many frames: there is room for it, and for what comes next.
    fn goes_on(&self, frames: usize, free: usize) -> bool {
        let capacity = self.queue.capacity_frames() as u64;
        let block = self.counters.block_frames.max(frames as u64 / 2);
        let room = headroom(capacity, u64::from(self.device.rate_hz), block);
        frames > 0 && free as u64 >= room
    }

    /// Notes when the block came, before a frame of it can be read.
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

    /// Tells the reader of the gap that ends here, before any byte behind it. False where the queue
    /// of markers is full: then the gap goes on.
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
        self.close_gap();
        self.shared.closed.store(true, Ordering::Release);
    }
}
