//! Ends of segments and utterances, and their receipts.

use core::sync::atomic::Ordering;

use crate::audio::intake::Intake;
use crate::audio::intake::step::Boundary;
use crate::event::EventKind;
use crate::plan::marker::{End, MarkerKind};
use crate::span::nanoseconds;

impl Intake {
    /// Ends a segment that has been read to its end. Its tail is rendered, unless the queue ran dry: then the sound has
    /// ended there, and the decay took the place of the tail.
    pub(super) fn end_sound(&mut self, boundary: Boundary, now: u64) {
        let is_end = !matches!(
            self.incoming.marker().map(|marker| &marker.kind),
            Some(MarkerKind::Source(_))
        );
        if is_end && self.sounding.has_ended_dry(self.segment.position()) {
            self.end_segment(boundary, self.sounding.end_frame(now));
        } else {
            self.flushing = Some(boundary);
        }
    }

    /// Ends a segment whose last frame has been written.
    pub(super) fn end_segment(&mut self, boundary: Boundary, now: u64) {
        self.flushing = None;
        self.fire_marks(now);
        if boundary == Boundary::Cut {
            self.receipt(now);
        }
        self.segment.leave(&mut self.plan);
        if boundary == Boundary::Closed {
            self.end_utterance(End { is_cut: false }, now);
        }
    }

    /// Reports the waiting marks. No more frames will sound before them.
    pub(super) fn fire_marks(&mut self, now: u64) {
        while let Some(mark) = self.marks.pop() {
            self.report.event(now, EventKind::Mark { mark });
        }
    }

    /// Passes a declared end. Everything before it has been rendered or dropped.
    pub(super) fn end_utterance(&mut self, end: End, now: u64) {
        let now = self.sounding.end_frame(now);
        if self.is_cancelled() || end.is_cut {
            self.receipt(now);
        }
        self.ends.pass(self.sounding.until(), end.is_cut);
        self.note_silence();
        let heard = self.segment.heard(&self.plan);
        let rate_hz = self.plan.source().rate_hz;
        if let Some(utterance) = self.utterance.as_mut().filter(|it| !it.is_over()) {
            let finished = utterance.finish(heard, rate_hz);
            utterance.note_ended(&self.shared);
            if let Some((kind, heard_ns)) = finished {
                self.report.receipt(now, kind, heard_ns);
            }
        }
    }

    /// Notes that the sound has come to an end: the silence behind it is no underrun.
    pub(super) fn note_silence(&mut self) {
        self.notices.ended = true;
        self.notices.turned = true;
        self.sounding.end();
        self.learn_heard();
        self.gate.close_for_beginning();
    }

    /// Sends the receipt of what was cut, once for an interruption and once for an utterance.
    pub(super) fn receipt(&mut self, now: u64) {
        let rate_hz = self.plan.source().rate_hz;
        let (utterance, heard_frames, heard_ns) = match &mut self.utterance {
            Some(utterance) if !utterance.is_over() => {
                if !utterance.interrupt() {
                    return;
                }
                let heard = self.segment.heard(&self.plan);
                let heard_ns = utterance.heard_ns(heard, rate_hz);
                (Some(utterance.id), utterance.heard_frames(heard), heard_ns)
            }
            _ if self.cuts.owes_receipt => {
                let heard_frames = self.segment.heard_of_it(&self.plan);
                (None, heard_frames, nanoseconds(heard_frames, rate_hz))
            }
            _ => return,
        };
        self.cuts.owes_receipt = false;
        let kind = EventKind::Interrupted {
            utterance,
            heard_frames,
            device_latency_frames: self.shared.device_latency_frames.load(Ordering::Relaxed),
        };
        self.report.receipt(now, kind, heard_ns);
    }
}
