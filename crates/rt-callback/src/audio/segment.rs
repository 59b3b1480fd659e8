//! Segments: how far a stream has been read and heard.

use crate::link::counters::Counters;
use crate::plan::Plan;

/// The positions in the stream. A segment runs from one flush of the resampler to the next.
///
/// Every source frame that was taken from the queue has been heard, was dropped, or was read in the present segment.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// Source frames heard before the segment.
    heard_before: u64,
    /// Source frames that were taken and not heard, in all.
    dropped: u64,
    /// Source frames read in the segment.
    read: u64,
    /// Device frames written in the segment.
    written: u64,
}

impl Segment {
    /// Source frames taken since the start of the stream.
    pub(super) fn position(&self) -> u64 {
        self.heard_before + self.dropped + self.read
    }

    /// Whether the segment has begun: source frames have been read in it.
    pub(super) fn is_active(&self) -> bool {
        self.read > 0
    }

    /// Device frames written in the segment.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// The device frame of the segment at which the next source frame that is read will sound.
    pub(super) fn next_frame(&self, plan: &Plan) -> u64 {
        plan.device_frame_of(self.read)
    }

    /// How many device frames the source frames read still give.
    pub(super) fn tail_frames(&self, plan: &Plan) -> u64 {
        self.next_frame(plan).saturating_sub(self.written)
    }

    /// Source frames heard of the segment.
    pub(super) fn heard_of_it(&self, plan: &Plan) -> u64 {
        plan.heard_frames(self.written).min(self.read)
    }

    /// Source frames heard since the start of the stream.
    pub(super) fn heard(&self, plan: &Plan) -> u64 {
        self.heard_before + self.heard_of_it(plan)
    }

    /// Source frames read of the segment and not heard yet.
    pub(super) fn in_flight(&self, plan: &Plan) -> u64 {
        self.read - self.heard_of_it(plan)
    }

    pub(super) fn note_read(&mut self, source_frames: usize) {
        self.read += source_frames as u64;
    }

    pub(super) fn note_written(&mut self, device_frames: usize) {
        self.written += device_frames as u64;
    }

    /// Counts source frames that were taken and will not be heard. They lie before or behind a segment, never in it.
    pub(super) fn note_dropped(&mut self, source_frames: usize) {
        self.dropped += source_frames as u64;
    }

    /// Ends the segment. The source frames that have sounded count as heard, the others as dropped, and the plan is
    /// reset.
    pub(super) fn leave(&mut self, plan: &mut Plan) {
        let heard = self.heard_of_it(plan);
        self.heard_before += heard;
        self.dropped += self.read - heard;
        self.read = 0;
        self.written = 0;
        plan.reset();
    }

    #[inline]
    pub(super) fn count(&self, plan: &Plan, counters: &mut Counters) {
        let heard = self.heard_of_it(plan);
        counters.heard_frames = self.heard_before + heard;
        counters.in_flight_frames = self.read - heard;
        counters.dropped_frames = self.dropped;
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::plan::recipe::Recipe;

    /// From 24 to 48 kHz.
    fn plan() -> Plan {
        let source = "24000x1:s16le".parse().unwrap();
        let config = Config::new(source, "48000x1:s16le".parse().unwrap());
        Plan::new(source, &Recipe::from(&config)).unwrap()
    }

    fn counted(segment: &Segment, plan: &Plan) -> (u64, u64, u64) {
        let mut counters = Counters::default();
        segment.count(plan, &mut counters);
        (
            counters.heard_frames,
            counters.in_flight_frames,
            counters.dropped_frames,
        )
    }

    #[test]
    fn what_is_taken_is_heard_in_flight_or_dropped() {
        let mut plan = plan();
        let mut segment = Segment::default();
        assert!(!segment.is_active());
        segment.note_dropped(5);
        segment.note_read(100);
        segment.note_written(150);
        assert!(segment.is_active());
        assert_eq!(counted(&segment, &plan), (75, 25, 5));
        assert_eq!((segment.position(), segment.heard(&plan)), (105, 75));
        assert_eq!(
            (segment.tail_frames(&plan), segment.in_flight(&plan)),
            (50, 25)
        );
        segment.leave(&mut plan);
        assert_eq!(counted(&segment, &plan), (75, 0, 30));
        assert_eq!((segment.position(), segment.written()), (105, 0));
        segment.note_read(10);
        segment.note_written(20);
        assert_eq!(counted(&segment, &plan), (85, 0, 30));
        assert_eq!((segment.position(), segment.tail_frames(&plan)), (115, 0));
    }

    #[test]
    fn no_more_is_heard_than_was_read() {
        let plan = plan();
        let mut segment = Segment::default();
        segment.note_read(3);
        segment.note_written(7);
        assert_eq!(segment.heard_of_it(&plan), 3);
        assert_eq!(segment.tail_frames(&plan), 0);
    }
}
