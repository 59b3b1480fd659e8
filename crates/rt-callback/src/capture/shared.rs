//! What the halves of a capture share.

use channel_mix::Decibels;

use crate::capture::controls::CaptureControls;
use crate::capture::counters::{CaptureCounters, READ_WORDS, RECORDED_WORDS};
use crate::link::snapshot::SeqLock;
use crate::link::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};
#[cfg(feature = "futures")]
use crate::link::waiting::Waiting;

/// State reached from both halves. Nothing here is ever waited for.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) controls: CaptureControls,
    /// Written by the recorder, once a block.
    pub(super) recorded: SeqLock<{ RECORDED_WORDS }>,
    /// Written by the reader, once a call.
    pub(super) read: SeqLock<{ READ_WORDS }>,
    /// The recorder is gone: what is queued is all there will be.
    pub(super) closed: AtomicBool,
    /// Device frames between the microphone and the callback, as the device last said.
    pub(super) device_latency_frames: AtomicU64,
    /// The largest magnitude since the monitor last looked, as f32 bits.
    pub(super) peak_bits: AtomicU32,
    /// The task that waits for sound.
    #[cfg(feature = "futures")]
    pub(super) waiting: Waiting,
}

impl Shared {
    pub(super) fn new(gain: Decibels) -> Self {
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

impl Shared {
    /// How many frames have been captured, the lost ones included.
    pub(super) fn captured_frames(&self) -> u64 {
        self.snapshot().captured_frames
    }

    /// The reader's part first: what it has taken has been captured by the time the recorder's is
    /// looked at.
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
        // The reader may see bytes a moment before the recorder has counted them.
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
