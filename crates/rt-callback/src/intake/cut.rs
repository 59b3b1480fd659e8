//! Interruptions and cancellations: what is dropped, and how it fades first.

use channel_mix::GainRamp;
use heapless::Vec;

use crate::event::UtteranceId;
use crate::intake::{Boundary, Intake};
use crate::shared::{CANCELS, OWN_RAMP, Shared};

/// An interruption under way: what was queued before `at_frame` fades out, then goes. Without a
/// frame it is the present utterance that goes.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) at_frame: Option<u64>,
    pub(super) fade: GainRamp,
    pub(super) fade_left: usize,
}

/// Utterances that have been cancelled and have not begun.
#[derive(Debug, Default)]
pub(super) struct Cancels {
    waiting: Vec<UtteranceId, CANCELS>,
    /// How many cancellations had been asked for when the shared ones were last looked at.
    seen: u64,
    /// Some of those had no room here, and wait where they were.
    is_full: bool,
}

impl Cancels {
    /// Whether this utterance has been cancelled; it is asked once, as it begins.
    pub(super) fn take(&mut self, id: UtteranceId, shared: &Shared) -> bool {
        if self.is_full {
            self.collect(shared, None);
        }
        let found = self.waiting.iter().position(|waiting| *waiting == id);
        if let Some(index) = found {
            self.waiting.swap_remove(index);
        }
        found.is_some()
    }

    /// Takes what was asked for since the last call. `present` is the latest utterance that has
    /// begun, and whether it is over; returns whether that one is cancelled.
    fn collect(&mut self, shared: &Shared, present: Option<(UtteranceId, bool)>) -> bool {
        let asked = shared.controls.cancels_asked();
        if asked == self.seen && !self.is_full {
            return false;
        }
        self.seen = asked;
        self.is_full = false;
        let mut cancels_present = false;
        shared.controls.take_cancels(|id| match present {
            Some((present, is_over)) if id <= present => {
                cancels_present |= id == present && !is_over;
                true
            }
            _ => {
                let taken = self.waiting.push(id).is_ok();
                self.is_full |= !taken;
                taken
            }
        });
        cancels_present
    }
}

impl Intake {
    /// Obeys cancellations: of the present utterance at once, of others as they begin.
    pub(crate) fn obey_cancels(&mut self, now: u64) {
        let present = self.utterance.map(|now| (now.id, now.end.is_some()));
        if !self.cancels.collect(&self.shared, present) {
            return;
        }
        if let Some(utterance) = &mut self.utterance {
            utterance.cancelled = true;
        }
        let is_heard = self.is_heard();
        if !is_heard {
            self.receipt(now);
        }
        if self.cut.is_none() {
            self.begin_cut(None, self.ramp_frames, is_heard);
        }
    }

    /// Whether there is something to fade out: after a pause there is not, and as one begins it is the
    /// seam that brings the sound down.
    fn is_heard(&self) -> bool {
        self.is_active() && !self.paused && !self.was_paused
    }

    fn begin_cut(&mut self, at_frame: Option<u64>, fade_frames: u32, is_heard: bool) {
        self.falls |= self.is_active() && !is_heard;
        let mut fade = GainRamp::new(1.0);
        fade.set(0.0, fade_frames);
        self.cut = Some(Cut {
            at_frame,
            fade,
            fade_left: if is_heard { fade_frames as usize } else { 0 },
        });
    }

    /// How many of the next source frames are to be dropped unheard; more may be than are known.
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
    pub(super) fn notices_cut(&mut self) -> bool {
        let (at_frame, fade_frames) = self.shared.controls.latest_cut();
        if let Some(cut) = &mut self.cut {
            if at_frame > self.drop_until {
                cut.at_frame = cut.at_frame.max(Some(at_frame));
            }
            return false;
        }
        if at_frame <= self.drop_until {
            return false;
        }
        let is_heard = self.is_heard();
        let fade_frames = if fade_frames == OWN_RAMP {
            self.ramp_frames
        } else {
            fade_frames
        };
        self.begin_cut(Some(at_frame), fade_frames, is_heard);
        self.owes_receipt = is_heard || at_frame > self.read_frames;
        true
    }

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
        }
        if self.flushing.take() == Some(Boundary::End) {
            self.end_utterance(now);
        }
        self.leave_segment();
        self.marks.clear();
        self.drop_until = cut.at_frame.unwrap_or(self.drop_until);
        self.ended = true;
        self.waiting_frames = self.thresholds.begin;
    }

    pub(super) fn drop_frames(&mut self, count: usize, now: u64) {
        self.ring.skip(count * self.plan.source().frame_bytes());
        self.read_frames += count as u64;
        self.dropped_frames += count as u64;
        self.receipt(now);
    }
}
