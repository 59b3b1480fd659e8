//! Interruptions and cancellations: what is dropped, and how it fades first.

use channel_mix::GainRamp;

use crate::audio::intake::utterance::Utterance;
use crate::audio::intake::{Boundary, Intake};
use crate::event::UtteranceId;
use crate::link::controls::{Cancel, OWN_RAMP};
use crate::link::shared::Shared;
use crate::plan::marker::End;

/// An interruption under way: what was queued before `at_frame` fades out, then goes. Without a
/// frame it is the present utterance that goes.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) at_frame: Option<u64>,
    pub(super) fade: GainRamp,
    pub(super) fade_left: usize,
}

/// How far the cancellations have been looked at. Those of utterances that have not begun wait where they are.
#[derive(Debug, Default)]
pub(super) struct Cancels {
    /// How many had been asked for when they were last looked at.
    seen: u64,
    is_waiting: bool,
}

impl Cancels {
    /// Whether this utterance has been cancelled; it is asked as it begins.
    pub(super) fn take(&mut self, id: UtteranceId, shared: &Shared) -> bool {
        let mut found = false;
        if self.is_waiting || shared.controls.cancels_asked() != self.seen {
            self.is_waiting = shared.cancels.take(|cancel| {
                found |= cancel.utterance == id;
                cancel.utterance <= id
            });
        }
        found
    }

    /// What was asked for since the last call that concerns `present`, the latest utterance that has begun.
    fn collect(&mut self, present: Option<&Utterance>, shared: &Shared) -> Option<Cancel> {
        let asked = shared.controls.cancels_asked();
        if asked == self.seen {
            return None;
        }
        self.seen = asked;
        let mut found = None;
        self.is_waiting = shared.cancels.take(|cancel| {
            let Some(present) = present.filter(|present| cancel.utterance <= present.id) else {
                return false;
            };
            let concerns = cancel.utterance == present.id && present.end.is_none();
            if concerns && !(cancel.only_if_silent && present.has_started()) {
                found = Some(cancel);
            }
            true
        });
        found
    }
}

impl Intake {
    /// Obeys cancellations: of the present utterance at once, of others as they begin.
    pub(crate) fn obey_cancels(&mut self, now: u64) {
        let present = self.utterance.as_ref();
        let Some(cancel) = self.cancels.collect(present, &self.shared) else {
            return;
        };
        if let Some(utterance) = &mut self.utterance {
            utterance.cancelled = true;
        }
        let is_heard = self.is_heard();
        if !is_heard {
            self.receipt(now);
        }
        if self.cut.is_none() {
            self.begin_cut(None, cancel.fade_frames, is_heard);
        }
    }

    /// Whether there is something to fade out: in a gap or after a pause there is not, and as they begin it is the
    /// seam that brings the sound down.
    fn is_heard(&self) -> bool {
        self.is_active()
            && self.is_sounding
            && self.dry.is_none()
            && !self.paused
            && !self.was_paused
    }

    fn begin_cut(&mut self, at_frame: Option<u64>, fade_frames: u32, is_heard: bool) {
        self.falls |= self.is_sounding && !is_heard;
        let mut fade = GainRamp::new(1.0);
        fade.set(0.0, fade_frames);
        self.cut = Some(Cut {
            at_frame,
            fade,
            fade_left: if is_heard { fade_frames as usize } else { 0 },
        });
    }

    /// How many of the next source frames are to be dropped unheard; more may be than are known.
    #[inline]
    pub(super) fn to_be_dropped(&self) -> Option<usize> {
        if self.read_frames < self.drop_until {
            Some(self.frames_to(Some(self.drop_until)))
        } else if self.is_cancelled() && self.cut.is_none() {
            Some(usize::MAX)
        } else {
            None
        }
    }

    /// Whether an interruption has begun: what was queued before it is faded out, or goes at once
    /// where nothing is heard.
    #[inline]
    pub(super) fn notices_cut(&mut self, now: u64) -> bool {
        let (at_frame, fade_frames) = self.shared.controls.latest_cut();
        at_frame > self.drop_until && self.note_cut(at_frame, fade_frames, now)
    }

    /// An interruption has come that has not been obeyed yet.
    #[cold]
    fn note_cut(&mut self, at_frame: u64, fade_frames: u32, now: u64) -> bool {
        if let Some(cut) = &mut self.cut {
            cut.at_frame = cut.at_frame.max(Some(at_frame));
            return false;
        }
        if at_frame < self.read_frames {
            // It comes too late: what was pushed behind it has been read already.
            self.drop_until = at_frame;
            return false;
        }
        if self.is_rendered_to_its_end() {
            // It ended before the interruption, or its end says that it did not.
            self.end_segment(Boundary::Marker, now);
            self.pass_marker(false, now);
            return true;
        }
        let is_heard = self.is_heard();
        let fade_frames = if fade_frames == OWN_RAMP {
            self.ramp_frames
        } else {
            fade_frames
        };
        self.begin_cut(Some(at_frame), fade_frames, is_heard);
        self.owes_receipt = self.is_active() || at_frame > self.read_frames;
        true
    }

    /// Whether everything has been written of something whose end stands at the present position.
    fn is_rendered_to_its_end(&self) -> bool {
        let is_end = self
            .next_marker()
            .is_some_and(|marker| marker.at_frame == self.read_frames && marker.kind.is_end());
        let is_written = self.segment_written >= self.plan.device_frame_of(self.segment_read);
        is_end && self.is_active() && is_written
    }

    #[inline]
    pub(super) fn cut_is_over(&self) -> bool {
        self.cut.as_ref().is_some_and(|cut| {
            let is_read = match cut.at_frame {
                Some(at_frame) => at_frame <= self.read_frames,
                None => !self.is_cancelled(),
            };
            cut.fade_left == 0 || is_read && !self.is_active()
        })
    }

    /// The fade is over, or there is nothing left to fade: the rest goes.
    pub(super) fn finish_cut(&mut self, now: u64) {
        let Some(cut) = self.cut.take() else { return };
        if self.is_active() {
            self.receipt(now);
            self.is_cut_since_end = true;
        }
        if self.flushing.take() == Some(Boundary::Closed) {
            self.end_utterance(End { is_cut: true }, now);
        }
        self.leave_segment();
        self.marks.clear();
        self.drop_until = cut.at_frame.unwrap_or(self.drop_until);
        self.note_silence();
    }

    pub(super) fn drop_frames(&mut self, count: usize, now: u64) {
        self.ring.skip(count * self.plan.source().frame_bytes());
        self.read_frames += count as u64;
        self.dropped_frames += count as u64;
        self.is_cut_since_end = true;
        self.receipt(now);
    }
}
