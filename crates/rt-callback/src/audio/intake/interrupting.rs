//! Obeying interruptions and cancellations.

use crate::audio::intake::Intake;
use crate::audio::intake::step::Boundary;
use crate::audio::intake::utterance::Utterance;
use crate::link::controls::OWN_RAMP;
use crate::plan::marker::End;

impl Intake {
    /// Obeys a cancellation of the present utterance. Others are obeyed when their utterance begins.
    pub(crate) fn obey_cancels(&mut self, now: u64) {
        let present = self.utterance.as_ref();
        let Some(cancel) = self.cancels.collect(present, &self.shared) else {
            return;
        };
        if let Some(utterance) = &mut self.utterance {
            utterance.cancel();
        }
        let is_heard = self.is_heard();
        if !is_heard {
            self.receipt(now);
        }
        if !self.cuts.is_under_way() {
            self.begin_cut(None, cancel.fade_frames, is_heard);
        } else if is_heard {
            self.cuts.hasten(cancel.fade_frames);
        } else {
            self.break_off();
        }
    }

    /// Whether the present utterance is cancelled, and not over.
    pub(super) fn is_cancelled(&self) -> bool {
        self.utterance.as_ref().is_some_and(Utterance::is_cancelled)
    }

    /// Whether the present utterance has had the receipt of an interruption, and is not over.
    pub(super) fn is_interrupted(&self) -> bool {
        self.utterance
            .as_ref()
            .is_some_and(Utterance::is_interrupted)
    }

    /// Whether there is sound to fade out. In a gap or after a pause there is none.
    fn is_heard(&self) -> bool {
        self.segment.is_active() && self.sounding.is_heard() && !self.cuts.is_silenced()
    }

    fn begin_cut(&mut self, end: Option<u64>, fade_frames: u32, is_heard: bool) {
        // The seam handles a sound that is decaying or being faded in.
        self.notices.falls |= self.sounding.is_sounding() && !is_heard;
        self.cuts.begin(end, fade_frames, is_heard);
    }

    /// How many of the next source frames to drop. The number may be larger than what is queued.
    #[inline]
    pub(super) fn to_be_dropped(&self) -> Option<usize> {
        let position = self.segment.position();
        let frames = self.cuts.to_be_dropped(position, self.is_cancelled())?;
        Some(usize::try_from(frames).unwrap_or(usize::MAX))
    }

    /// Looks for a new interruption, and returns whether something has changed for the frames to read. An interruption
    /// fades out what was queued before it, or drops it at once if nothing is heard.
    #[inline]
    pub(super) fn notices_cut(&mut self, now: u64) -> bool {
        let (end, fade_frames) = self.shared.controls.latest_cut();
        self.cuts.is_news(end) && self.note_cut(end, fade_frames, now)
    }

    /// Handles a new interruption.
    #[cold]
    fn note_cut(&mut self, end: u64, fade_frames: u32, now: u64) -> bool {
        let position = self.segment.position();
        let fade_frames = if fade_frames == OWN_RAMP {
            self.cuts.ramp_frames
        } else {
            fade_frames
        };
        if self.cuts.extend(end) {
            self.cuts.hasten(fade_frames);
            return false;
        }
        if end < position {
            // The interruption comes too late: frames behind it have been read already.
            self.cuts.drop_until(end);
            return false;
        }
        if self.is_rendered_to_its_end() {
            // The sound ended before the interruption. If it did not, its end is marked as cut.
            self.end_segment(Boundary::Marker, now);
            self.pass_marker(false, now);
            return true;
        }
        self.begin_cut(Some(end), fade_frames, self.is_heard());
        self.cuts.owes_receipt = self.segment.is_active() || end > position;
        true
    }

    /// Whether there is an end at the present position, and everything before it has been written.
    fn is_rendered_to_its_end(&self) -> bool {
        let position = self.segment.position();
        let marker = self.incoming.marker();
        let is_end =
            marker.is_some_and(|marker| marker.at_frame == position && marker.kind.is_end());
        is_end && self.segment.is_active() && self.segment.tail_frames(&self.plan) == 0
    }

    #[inline]
    pub(super) fn cut_is_over(&self) -> bool {
        self.cuts.is_over(
            self.segment.position(),
            self.is_cancelled(),
            self.segment.is_active(),
        )
    }

    /// Ends an interruption whose fade is over, or which has nothing left to fade. The rest is dropped.
    pub(super) fn finish_cut(&mut self, now: u64) {
        if self.segment.is_active() {
            self.receipt(now);
            self.ends.note_dropped();
        }
        // The sound may have been shorter than the fade. The seam takes the rest of it to zero.
        self.notices.falls |= self.cuts.is_fading();
        if self.flushing.take() == Some(Boundary::Closed) {
            self.end_utterance(End { is_cut: true }, now);
        }
        self.segment.leave(&mut self.plan);
        self.marks.clear();
        self.cuts.finish();
        self.note_silence();
    }

    pub(super) fn drop_frames(&mut self, count: usize, now: u64) {
        let bytes = count * self.plan.frame_bytes();
        self.incoming.ring.skip(bytes);
        self.segment.note_dropped(count);
        self.ends.note_dropped();
        self.receipt(now);
    }
}
