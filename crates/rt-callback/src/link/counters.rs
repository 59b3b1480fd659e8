//! The counters that the renderer publishes once a block.

use crate::event::UtteranceId;

/// A consistent snapshot of a stream's counters.
///
/// This always holds: `pushed_frames == heard_frames + in_flight_frames + queued_frames + dropped_frames`. Those five
/// and `utterance_heard_frames` are source frames. The others are device frames unless their name says otherwise.
/// Counters only grow, except `queued_frames`, `in_flight_frames`, `starved_frames` and those of the present utterance.
/// They cannot overflow within a lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Source frames that the feeder has queued.
    pub pushed_frames: u64,
    /// Source frames that have been rendered. [`Monitor::heard`](crate::Monitor::heard) takes the device's latency into
    /// account as well.
    pub heard_frames: u64,
    /// Source frames that the resampler has read and not yet rendered.
    pub in_flight_frames: u64,
    /// Source frames that wait in the queue.
    pub queued_frames: u64,
    /// Source frames that an interruption, a discard or a cancellation dropped.
    pub dropped_frames: u64,
    /// The utterance that is sounding, or that sounded last.
    pub utterance: Option<UtteranceId>,
    /// Source frames of that utterance that have been rendered.
    pub utterance_heard_frames: u64,
    /// Device frames that have been rendered, silence included.
    pub rendered_frames: u64,
    /// How often the callback was called.
    pub blocks: u64,
    /// The time of [`Config::clock`](crate::Config::clock) at which the callback asked for the latest block.
    pub block_at_ns: u64,
    /// The device frame at which the latest block began.
    pub block_at_frame: u64,
    /// The source frames that had been rendered before the latest block.
    pub(crate) block_heard_frames: u64,
    /// Samples that lay outside an integer format's range and were clipped.
    pub clipped_samples: u64,
    /// Samples that were NaN or infinite, in the source or by arithmetic, and were made finite.
    pub non_finite_samples: u64,
    /// How often the queue ran dry while something was sounding, and more of it came later.
    pub underruns: u64,
    /// Device frames of silence in those underruns.
    pub underrun_frames: u64,
    /// Device frames of silence since the queue ran dry, while more may still come. If more comes, they move to
    /// `underrun_frames`. If the end is declared instead, they move to `idle_frames`.
    pub starved_frames: u64,
    /// Device frames of silence before a sound begins. For the first sound these are all frames before it, and the rest
    /// of its block. For a later sound they count from when its first frame has been pushed.
    pub startup_silence_frames: u64,
    /// Device frames of silence between an end and the next beginning.
    pub idle_frames: u64,
    /// Device frames of silence while paused, held, or [without a device](crate::Renderer::set_absent).
    pub paused_frames: u64,
    /// Blocks whose length was no whole number of frames.
    pub shape_mismatches: u64,
    /// Length of the last block with a shape mismatch, in samples.
    pub mismatch_samples: u64,
    /// Events that were lost because the event queue was full.
    pub events_lost: u64,
    pub(crate) end: End,
}

/// The latest declared end that the renderer has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct End {
    /// How many ends the renderer has passed, including this one.
    pub(crate) number: u64,
    /// The device frame at which its sound ended.
    pub(crate) at_frame: u64,
    /// Whether something between the end before and this one was dropped.
    pub(crate) is_cut: bool,
}

/// How many words the published counters take.
pub(crate) const COUNTER_WORDS: usize = 23;

/// Where the words end that change in a block of silence that goes on; they are the first.
pub(crate) const SILENCE_END: usize = 8;
/// Where the words begin and end that change in a block of sound that goes on.
pub(crate) const SOUND_BEGIN: usize = 3;
pub(crate) const SOUND_END: usize = 11;

/// The bit of [`End::is_cut`] in the word of the utterance.
const CUT_SHIFT: u32 = 63;

impl Counters {
    /// Whether everything that was pushed has been rendered or dropped.
    #[must_use]
    pub fn is_played_out(&self) -> bool {
        self.queued_frames == 0 && self.in_flight_frames == 0
    }

    /// How long the underruns have lasted, in milliseconds, at the device's rate in Hz.
    ///
    /// This is the `underrunDuration` of W3C, and [`underruns`](Self::underruns) are its `underrunEvents`.
    #[must_use]
    pub fn underrun_duration_ms(&self, rate_hz: u32) -> f64 {
        self.underrun_frames as f64 * 1000.0 / f64::from(rate_hz.max(1))
    }

    /// The words, in an order in which those that change together stand together.
    #[inline(always)]
    pub(crate) fn words(&self) -> [u64; COUNTER_WORDS] {
        [
            self.startup_silence_frames,
            self.idle_frames,
            self.paused_frames,
            self.rendered_frames,
            self.blocks,
            self.block_at_ns,
            self.block_at_frame,
            self.block_heard_frames,
            self.heard_frames,
            self.in_flight_frames,
            self.utterance_heard_frames,
            self.dropped_frames,
            UtteranceId::to_word(self.utterance) | u64::from(self.end.is_cut) << CUT_SHIFT,
            self.underruns,
            self.underrun_frames,
            self.starved_frames,
            self.shape_mismatches,
            self.mismatch_samples,
            self.clipped_samples,
            self.non_finite_samples,
            self.events_lost,
            self.end.number,
            self.end.at_frame,
        ]
    }

    /// Makes counters from the published words. `committed_frames` is the present count of pushed frames, from which
    /// `queued_frames` follows: it may have grown since the block was rendered.
    pub(crate) fn from_words(words: [u64; COUNTER_WORDS], committed_frames: u64) -> Self {
        let [
            startup_silence_frames,
            idle_frames,
            paused_frames,
            rendered_frames,
            blocks,
            block_at_ns,
            block_at_frame,
            block_heard_frames,
            heard_frames,
            in_flight_frames,
            utterance_heard_frames,
            dropped_frames,
            utterance,
            underruns,
            underrun_frames,
            starved_frames,
            shape_mismatches,
            mismatch_samples,
            clipped_samples,
            non_finite_samples,
            events_lost,
            end_number,
            end_at_frame,
        ] = words;
        let read_frames = heard_frames + in_flight_frames + dropped_frames;
        // The feeder counts frames before it queues them, and the words are older than this count. Without a feeder the
        // count is 0.
        let pushed_frames = committed_frames.max(read_frames);
        Self {
            pushed_frames,
            heard_frames,
            in_flight_frames,
            queued_frames: pushed_frames - read_frames,
            dropped_frames,
            utterance: UtteranceId::from_word(utterance & !(1 << CUT_SHIFT)),
            utterance_heard_frames,
            rendered_frames,
            blocks,
            underruns,
            underrun_frames,
            starved_frames,
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
            block_heard_frames,
            end: End {
                number: end_number,
                at_frame: end_at_frame,
                is_cut: utterance >> CUT_SHIFT != 0,
            },
        }
    }
}
