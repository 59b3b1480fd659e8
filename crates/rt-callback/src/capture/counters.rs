//! The counters of a capture, of both halves.

/// A consistent snapshot of a capture's counters.
///
/// This always holds: `captured_frames == read_frames + queued_frames + dropped_frames + discarded_frames`. Frames are
/// device frames unless a field says otherwise. Counters only grow, except `queued_frames` and those of the latest
/// blocks. They cannot overflow within a lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CaptureCounters {
    /// Frames that the device has delivered, and lost ones. This is the position of the capture.
    pub captured_frames: u64,
    /// Frames that the reader has taken out of the queue, including the resampler's look-ahead. Those that a
    /// [`read_exact`](crate::Reader::read_exact) which failed gave back count as queued.
    pub read_frames: u64,
    /// Frames that wait in the queue.
    pub queued_frames: u64,
    /// Frames that were lost because the queue was full or the device was gone. A full queue drops the newest frames,
    /// so that the queued ones have no gap.
    pub dropped_frames: u64,
    /// Those of the dropped frames that a device that was gone did not deliver: see
    /// [`Recorder::lose`](crate::Recorder::lose).
    pub absent_frames: u64,
    /// Frames that [`Reader::discard`](crate::Reader::discard) dropped, or that a late reader skipped
    /// ([`Gaps::Live`](crate::Gaps::Live)).
    pub discarded_frames: u64,
    /// How often the queue became full. An overrun ends when there is enough room again: see
    /// [`Recorder::record`](crate::Recorder::record).
    pub overruns: u64,
    /// Frames of silence that were read in place of dropped ones.
    pub silence_frames: u64,
    /// Frames of silence that were not given for dropped ones, because new sound would have been lost.
    pub forgone_silence_frames: u64,
    /// Application frames that have been read. Frames that are read again after a [`rewind`](crate::Reader::rewind)
    /// count once.
    pub delivered_frames: u64,
    /// How often the callback was called.
    pub blocks: u64,
    /// The length of the device's larger blocks of late, in frames. A single block that is longer than its neighbours
    /// is ignored. 0 until two blocks of the device have come.
    pub block_frames: u64,
    /// The length of the latest block, in frames.
    pub last_block_frames: u64,
    /// Blocks that were no whole number of frames, or had another format. They are not recorded.
    pub shape_mismatches: u64,
    /// Length of the last block with a shape mismatch, in samples.
    pub mismatch_samples: u64,
    /// Samples that lay outside the application's integer format and were clipped.
    pub clipped_samples: u64,
    /// Samples that were NaN or infinite, and were made finite.
    pub non_finite_samples: u64,
    /// The device's latency: the frames between the microphone and the callback.
    pub device_latency_frames: u64,
    /// The time of [`CaptureConfig::clock`](crate::CaptureConfig::clock) at which the latest block came.
    pub block_at_ns: u64,
}

pub(super) const RECORDED_WORDS: usize = 10;
pub(super) const READ_WORDS: usize = 7;

/// The recorder's counters.
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

/// The reader's counters.
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
