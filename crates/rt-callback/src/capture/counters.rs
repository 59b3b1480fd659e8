//! What both halves of a capture count, put together.

/// One consistent snapshot of a capture.
///
/// Always: `captured_frames == read_frames + queued_frames + dropped_frames + discarded_frames`.
/// Frames are device frames unless their name says otherwise. Counters only grow, but for the
/// queue, and cannot overflow within a lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CaptureCounters {
    /// Frames that the device has delivered: the position of the capture.
    pub captured_frames: u64,
    /// Frames that the reader has taken out of the queue, the resampler's look-ahead included.
    pub read_frames: u64,
    /// Frames that wait in the queue.
    pub queued_frames: u64,
    /// Frames that found the queue full (the newest, so that what was queued stays whole), and those that a
    /// device that was gone did not deliver.
    pub dropped_frames: u64,
    /// The latter alone: see [`Recorder::lose`](crate::Recorder::lose).
    pub absent_frames: u64,
    /// Frames that [`Reader::discard`](crate::Reader::discard) threw away, or that the reader was too late for
    /// ([`Gaps::Live`](crate::Gaps::Live)).
    pub discarded_frames: u64,
    /// Times that the queue became full. It ends when there is room for a whole block again.
    pub overruns: u64,
    /// Frames of silence that were read in the place of dropped ones.
    pub silence_frames: u64,
    /// Frames of silence that were owed and not given, since new sound would have been lost for them.
    pub forgone_silence_frames: u64,
    /// Application frames that have been read. Those that are read again after a
    /// [`rewind`](crate::Reader::rewind) do not count again.
    pub delivered_frames: u64,
    /// Calls of the callback.
    pub blocks: u64,
    /// Frames in the device's larger blocks of late: one that is longer than those around it is not counted.
    pub block_frames: u64,
    /// Frames in the latest block.
    pub last_block_frames: u64,
    /// Blocks that were no whole number of frames, or of another format. Nothing of them is taken.
    pub shape_mismatches: u64,
    /// Length of the last such block, in samples.
    pub mismatch_samples: u64,
    /// Samples that lay outside the application's integer format.
    pub clipped_samples: u64,
    /// Samples that were NaN or infinite.
    pub non_finite_samples: u64,
    /// Frames between the microphone and the callback, as the device last said.
    pub device_latency_frames: u64,
    /// When the latest block came, by [`CaptureConfig::clock`](crate::CaptureConfig::clock).
    pub block_at_ns: u64,
}

pub(super) const RECORDED_WORDS: usize = 10;
pub(super) const READ_WORDS: usize = 7;

/// What the recorder counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Recorded {
    pub(super) captured_frames: u64,
    pub(super) dropped_frames: u64,
    pub(super) overruns: u64,
    pub(super) blocks: u64,
    pub(super) shape_mismatches: u64,
    pub(super) mismatch_samples: u64,
    pub(super) block_at_ns: u64,
    pub(super) block_frames: u64,
    pub(super) absent_frames: u64,
    pub(super) last_block_frames: u64,
}

impl Recorded {
    pub(super) fn to_words(self) -> [u64; RECORDED_WORDS] {
        [
            self.captured_frames,
            self.dropped_frames,
            self.overruns,
            self.blocks,
            self.shape_mismatches,
            self.mismatch_samples,
            self.block_at_ns,
            self.block_frames,
            self.absent_frames,
            self.last_block_frames,
        ]
    }
}

/// What the reader counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Read {
    pub(super) read_frames: u64,
    pub(super) discarded_frames: u64,
    pub(super) silence_frames: u64,
    pub(super) delivered_frames: u64,
    pub(super) clipped_samples: u64,
    pub(super) non_finite_samples: u64,
    pub(super) forgone_silence_frames: u64,
}

impl Read {
    pub(super) fn to_words(self) -> [u64; READ_WORDS] {
        [
            self.read_frames,
            self.discarded_frames,
            self.silence_frames,
            self.delivered_frames,
            self.clipped_samples,
            self.non_finite_samples,
            self.forgone_silence_frames,
        ]
    }
}
