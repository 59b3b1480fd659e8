//! The steady state: nothing is queued but sound that goes on.

use crate::audio::intake::Intake;
use crate::link::counters::Counters;

impl Intake {
    /// Whether the sound that was read last only goes on: no boundary is queued or under way, and nothing waits to be
    /// told. It stays so until something is steered or marked, the queue runs dry, or the feeder is dropped.
    pub(crate) fn is_steady(&self) -> bool {
        let is_told = self
            .utterance
            .is_none_or(|it| it.is_over() || it.is_sounding());
        is_told
            && self.marks.is_empty()
            && self.gate.is_open()
            && self.sounding.is_heard()
            && self.flushing.is_none()
            && !self.cuts.is_under_way()
            && self.to_be_dropped().is_none()
            && self.incoming.marker().is_none()
    }

    /// Whether `frames` device frames are queued. Behind the feeder's last frame comes an end, which is a boundary.
    #[inline]
    pub(crate) fn has(&self, frames: usize) -> bool {
        !self.is_closed() && self.plan.source_frames_for(frames) <= self.queued_frames()
    }

    /// Writes those of the intake's counters that change in the steady state.
    #[inline]
    pub(crate) fn count_on(&self, counters: &mut Counters) {
        self.segment.count(&self.plan, counters);
        counters.non_finite_samples = self.non_finite_samples;
        counters.utterance_heard_frames = self
            .sounded(counters.heard_frames)
            .map_or(0, |(_, frames)| frames);
    }
}
