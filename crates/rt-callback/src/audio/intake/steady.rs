//! The steady state: nothing is queued but sound that goes on.

use crate::audio::intake::Intake;
use crate::audio::intake::utterance::Utterance;
use crate::audio::target::Target;
use crate::link::counters::Counters;
use crate::plan::Queued;

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

    /// Copies `frames` device frames of the steady state into `target`.
    #[inline]
    pub(crate) fn copy_on(&mut self, target: &mut Target<'_>, frames: usize, now: u64) {
        self.transfer(target, 0, frames);
        self.note_read(frames);
        self.note_written(frames, now);
    }

    /// Makes device frames of the steady state in `out` (interleaved), and returns how many.
    pub(crate) fn make_on(&mut self, out: &mut [f32], now: u64) -> usize {
        let readable = self.queued_frames();
        let mut queued = Queued {
            ring: &mut self.incoming.ring,
            non_finite: &mut self.non_finite_samples,
        };
        let done = self.plan.produce(&mut queued, readable, out);
        self.note_read(done.frames_read);
        self.note_written(done.frames_written, now);
        done.frames_written
    }

    /// Writes those of the intake's counters that change in the steady state.
    #[inline]
    pub(crate) fn count_on(&self, counters: &mut Counters) {
        self.segment.count(&self.plan, counters);
        counters.non_finite_samples = self.non_finite_samples;
        counters.utterance_heard_frames = self.utterance_heard(counters.heard_frames);
    }

    /// How many source frames of the present utterance have been heard, of `heard_frames` of the stream.
    pub(super) fn utterance_heard(&self, heard_frames: u64) -> u64 {
        let utterance = self.utterance.as_ref();
        utterance.map_or(0, |utterance: &Utterance| {
            utterance.heard_frames(heard_frames)
        })
    }
}
