//! The counters that the renderer publishes once a block.

use crate::event::UtteranceId;
use crate::heard::Heard;
use crate::shared::COUNTER_WORDS;

/// One consistent snapshot of a stream.
///
/// Always: `pushed_frames == heard_frames + in_flight_frames + queued_frames + dropped_frames`.
/// Those five, and `utterance_heard_frames`, are source frames. The others are device frames
/// unless their name says otherwise. Counters only grow, and cannot overflow within a lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Source frames that the feeder has queued.
    pub pushed_frames: u64,
    /// Source frames that have been rendered. [`Monitor::heard`](crate::Monitor::heard) knows the
    /// device's latency as well.
    pub heard_frames: u64,
    /// Source frames that the resampler has read ahead.
    pub in_flight_frames: u64,
    /// Source frames that wait in the queue.
    pub queued_frames: u64,
    /// Source frames that an interruption discarded.
    pub dropped_frames: u64,
    /// The utterance that is sounding, or that sounded last.
    pub utterance: Option<UtteranceId>,
    /// Source frames of that utterance that have been rendered.
    pub utterance_heard_frames: u64,
    /// Device frames written, silence included.
    pub rendered_frames: u64,
    /// Calls of the callback.
    pub blocks: u64,
    /// Times that the queue ran dry while something was sounding.
    pub underruns: u64,
    /// Frames of silence for that reason.
    pub underrun_frames: u64,
    /// Frames of silence before the first sound, and in the rest of its block.
    pub startup_silence_frames: u64,
    /// Frames of silence between a declared end and the next beginning.
    pub idle_frames: u64,
    /// Frames of silence while paused.
    pub paused_frames: u64,
    /// Blocks whose length was no whole number of frames.
    pub shape_mismatches: u64,
    /// Length of the last such block, in samples.
    pub mismatch_samples: u64,
    /// Samples that lay outside an integer format's range.
    pub clipped_samples: u64,
    /// Samples that were NaN or infinite, on the way in or by arithmetic.
    pub non_finite_samples: u64,
    /// Events that found the event queue full.
    pub events_lost: u64,
    /// When the latest block was asked for, by [`Config::clock`](crate::Config::clock).
    pub block_at_ns: u64,
    /// The device frame at which it began.
    pub block_at_frame: u64,
}

impl Counters {
    /// Everything that was pushed has been rendered or dropped.
    #[must_use]
    pub fn is_played_out(&self) -> bool {
        self.queued_frames == 0 && self.in_flight_frames == 0
    }

    /// How long the underruns have lasted, in milliseconds, at the device's rate in Hz: W3C's
    /// `underrunDuration`, whose `underrunEvents` are [`underruns`](Self::underruns).
    #[must_use]
    pub fn underrun_duration_ms(&self, rate_hz: u32) -> f64 {
        self.underrun_frames as f64 * 1000.0 / f64::from(rate_hz.max(1))
    }

    /// The position as far as it has been rendered.
    pub(crate) fn rendered(&self) -> Heard {
        Heard {
            frames: self.heard_frames,
            utterance: self.utterance,
            utterance_frames: self.utterance_heard_frames,
        }
    }

    pub(crate) fn to_words(self) -> [u64; COUNTER_WORDS] {
        [
            self.heard_frames,
            self.in_flight_frames,
            self.dropped_frames,
            u64::from(self.utterance.is_some()),
            self.utterance.map_or(0, |utterance| utterance.0),
            self.utterance_heard_frames,
            self.rendered_frames,
            self.blocks,
            self.underruns,
            self.underrun_frames,
            self.startup_silence_frames,
            self.idle_frames,
            self.paused_frames,
            self.shape_mismatches,
            self.mismatch_samples,
            self.clipped_samples,
            self.non_finite_samples,
            self.events_lost,
            self.block_at_ns,
            self.block_at_frame,
        ]
    }

    /// The published words, with the queue's part worked out from what has been pushed by now:
    /// more may have been since the block was rendered, never less.
    pub(crate) fn from_words(words: [u64; COUNTER_WORDS], committed_frames: u64) -> Self {
        let [
            heard_frames,
            in_flight_frames,
            dropped_frames,
            has_utterance,
            utterance,
            utterance_heard_frames,
            rendered_frames,
            blocks,
            underruns,
            underrun_frames,
            startup_silence_frames,
            idle_frames,
            paused_frames,
            shape_mismatches,
            mismatch_samples,
            clipped_samples,
            non_finite_samples,
            events_lost,
            block_at_ns,
            block_at_frame,
        ] = words;
        let read_frames = heard_frames + in_flight_frames + dropped_frames;
        // The renderer may see bytes a moment before the feeder has counted them.
        let pushed_frames = committed_frames.max(read_frames);
        Self {
            pushed_frames,
            heard_frames,
            in_flight_frames,
            queued_frames: pushed_frames - read_frames,
            dropped_frames,
            utterance: (has_utterance != 0).then_some(UtteranceId(utterance)),
            utterance_heard_frames,
            rendered_frames,
            blocks,
            underruns,
            underrun_frames,
            startup_silence_frames,
            idle_frames,
            paused_frames,
            shape_mismatches,
            mismatch_samples,
            clipped_samples,
            non_finite_samples,
            events_lost,
            block_at_ns,
            block_at_frame,
        }
    }
}
