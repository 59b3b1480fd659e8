//! The state that the halves of a capture share.

use channel_mix::Decibels;

use crate::capture::controls::CaptureControls;
use crate::capture::counters::{CaptureCounters, READ_WORDS, RECORDED_WORDS};
use crate::link::since::{SINCE_WORDS, Since};
use crate::link::snapshot::SeqLock;
use crate::link::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};
#[cfg(feature = "futures")]
use crate::link::waiting::Waiting;

/// The state that both halves reach. No half ever waits for any of it.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) controls: CaptureControls,
    /// The recorder's counters, written once a block.
    pub(super) recorded: SeqLock<{ RECORDED_WORDS }>,
    /// Since when the recorder's device has its rate. Written before any of its frames is counted.
    since: SeqLock<{ SINCE_WORDS }>,
    /// The reader's counters, written once a call.
    pub(super) read: SeqLock<{ READ_WORDS }>,
    /// Whether the recorder has been dropped: nothing more will be queued.
    pub(super) closed: AtomicBool,
    /// The device's latency: the device frames between the microphone and the callback.
    pub(super) device_latency_frames: AtomicU64,
    /// The largest magnitude since the monitor last took it, as f32 bits.
    pub(super) peak_bits: AtomicU32,
    /// The task that waits for frames.
    #[cfg(feature = "futures")]
    pub(super) waiting: Waiting,
}

impl Shared {
    pub(super) fn new(gain: Decibels, rate_hz: u32) -> Self {
        let shared = Self {
            controls: CaptureControls::new(gain),
            recorded: SeqLock::default(),
            since: SeqLock::default(),
            read: SeqLock::default(),
            closed: AtomicBool::new(false),
            device_latency_frames: AtomicU64::new(0),
            peak_bits: AtomicU32::new(0),
            #[cfg(feature = "futures")]
            waiting: Waiting::default(),
        };
        shared.set_since(Since::start(rate_hz));
        shared
    }
}

impl Shared {
    /// How many frames have been captured, including lost ones.
    pub(super) fn captured_frames(&self) -> u64 {
        self.snapshot().captured_frames
    }

    /// Publishes since when the device has its rate. Only the recorder's thread may call this.
    pub(super) fn set_since(&self, since: Since) {
        self.since.write(&since.to_words());
    }

    /// Since when the recorder's device has its rate. Load it after the count of captured frames, so that no frame is
    /// counted at the rate of the device before.
    pub(super) fn since(&self) -> Since {
        Since::from_words(self.since.read())
    }

    /// All counters. The reader's part is loaded first, so that what it has read has been captured when the recorder's
    /// part is loaded.
    pub(super) fn snapshot(&self) -> CaptureCounters {
        let [
            read_frames,
            discarded_frames,
            silence_frames,
            delivered_frames,
            clipped_samples,
            non_finite_samples,
            forgone_silence_frames,
        ] = self.read.read();
        let [
            captured_frames,
            dropped_frames,
            overruns,
            blocks,
            shape_mismatches,
            mismatch_samples,
            block_at_ns,
            block_frames,
            absent_frames,
            last_block_frames,
        ] = self.recorded.read();
        let gone_frames = read_frames + discarded_frames + dropped_frames;
        // The reader may see bytes shortly before the recorder has counted them.
        let captured_frames = captured_frames.max(gone_frames);
        CaptureCounters {
            captured_frames,
            read_frames,
            queued_frames: captured_frames - gone_frames,
            dropped_frames,
            absent_frames,
            discarded_frames,
            overruns,
            silence_frames,
            forgone_silence_frames,
            delivered_frames,
            blocks,
            block_frames,
            last_block_frames,
            shape_mismatches,
            mismatch_samples,
            clipped_samples,
            non_finite_samples,
            device_latency_frames: self.device_latency_frames.load(Ordering::Relaxed),
            block_at_ns,
        }
    }
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
        self.closed.load(Ordering::Acquire)
    }
}
