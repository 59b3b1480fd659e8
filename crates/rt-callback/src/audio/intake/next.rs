//! The protocol: what comes next in the stream. Markers are obeyed on the way.

use alloc::boxed::Box;
use core::sync::atomic::Ordering;

use crate::audio::intake::Intake;
use crate::audio::intake::step::{Boundary, Next};
use crate::audio::intake::utterance::Utterance;
use crate::event::{EventKind, UtteranceId};
use crate::plan::marker::{Change, MarkerKind};

impl Intake {
    /// Passes boundaries until there are frames to read, or nothing is left.
    pub(super) fn next(&mut self, now: u64) -> Next {
        self.clear_frames = 0;
        for _ in 0..self.most_boundaries() {
            if self.cut_is_over() {
                self.finish_cut(now);
                continue;
            }
            if let Some(boundary) = self.flushing {
                if self.segment.tail_frames(&self.plan) > 0 {
                    return Next::Flush;
                }
                self.end_segment(boundary, now);
                continue;
            }
            // The order of these loads is the protocol. The feeder sets `closed` after its last byte, so the ring that
            // is looked at next is complete. It publishes a marker or a cut before the bytes behind it. So each byte
            // that is seen in the ring lies before every marker and cut that is not seen then.
            let closed = self.is_closed();
            let queued = self.queued_frames();
            if self.notices_cut(now) {
                continue;
            }
            let marker = self.incoming.marker().map(|marker| marker.at_frame);
            let to_marker = self.frames_to(marker);
            if let Some(to_end) = self.to_be_dropped() {
                let count = queued.min(to_marker).min(to_end);
                if count > 0 {
                    self.drop_frames(count, now);
                } else if to_marker == 0 {
                    self.pass_marker(true, now);
                } else {
                    return Next::Idle;
                }
                continue;
            }
            let to_cut = self.frames_to(self.cuts.end());
            let readable = queued.min(to_marker).min(to_cut);
            // The source frames that have been read may be enough for another device frame.
            if readable > 0 || self.segment.is_active() && self.plan.source_frames_for(1) == 0 {
                if self.is_held_back(closed, now) {
                    break;
                }
                self.clear_frames = readable;
                return Next::Read(readable);
            }
            if to_cut == 0 {
                self.flushing = Some(Boundary::Cut);
            } else if to_marker == 0 {
                self.pass_marker(false, now);
            } else if closed
                && marker.is_none()
                && (self.segment.is_active() || self.sounding.is_sounding())
            {
                self.end_sound(Boundary::Closed, now);
            } else {
                break;
            }
        }
        if self.sounding.is_sounding() {
            Next::Starved
        } else if self.is_starting() {
            Next::Starting
        } else {
            Next::Idle
        }
    }

    /// How many source frames lie from the present position to `position`. `None` is infinitely far.
    fn frames_to(&self, position: Option<u64>) -> usize {
        position.map_or(usize::MAX, |position| {
            let frames = position.saturating_sub(self.segment.position());
            usize::try_from(frames).unwrap_or(usize::MAX)
        })
    }

    /// Whether a sound has begun of which nothing has been rendered yet.
    fn is_starting(&self) -> bool {
        let has_begun = self.utterance.as_ref().is_some_and(Utterance::is_starting);
        has_begun || self.segment.is_active() || self.gate.is_timed()
    }

    /// Whether too little is queued to begin, or to go on.
    ///
    /// A declared end opens the gate, and so does a full queue of markers. A full queue of frames holds at least the
    /// time of every threshold.
    fn is_held_back(&mut self, closed: bool, now: u64) -> bool {
        if self.gate.is_open() {
            return false;
        }
        let position = self.segment.position();
        let has_end = self.shared.ended_frames.load(Ordering::Acquire) > position;
        if has_end || closed || self.incoming.is_full_of_markers() {
            self.gate.open();
            return false;
        }
        let rate_hz = self.plan.source().rate_hz;
        let before_ns = self.incoming.nanoseconds_before(position, rate_hz);
        let queued_ns = self.shared.queued_ns.load(Ordering::Relaxed);
        self.gate
            .holds_back(queued_ns.saturating_sub(before_ns), now)
    }

    /// Obeys the marker at the present position. If the marker ends the segment, the segment is first rendered to its
    /// end, and the marker is obeyed by a later call.
    pub(super) fn pass_marker(&mut self, dropping: bool, now: u64) {
        let ends_segment = match self.incoming.marker().map(|marker| &marker.kind) {
            Some(MarkerKind::Source(change)) => !self.plan.continues_in(&change.plan),
            Some(kind) => kind.is_end(),
            None => false,
        };
        if ends_segment && self.segment.is_active() {
            self.end_sound(Boundary::Marker, now);
            return;
        }
        match self.incoming.pop_marker().map(|marker| marker.kind) {
            Some(MarkerKind::Begin { utterance, ends }) => {
                if let Some(end) = ends {
                    self.end_utterance(end, now);
                }
                self.begin_utterance(utterance, now);
            }
            Some(MarkerKind::End(end)) => self.end_utterance(end, now),
            Some(MarkerKind::Mark(mark)) if !dropping && !self.is_interrupted() => {
                let at = self.segment.next_frame(&self.plan);
                if !self.marks.push(at, mark) {
                    self.report.lost += 1;
                }
            }
            Some(MarkerKind::Mark(_)) | None => {}
            Some(MarkerKind::Source(change)) => self.change_source(change, now),
        }
    }

    fn begin_utterance(&mut self, id: UtteranceId, now: u64) {
        let is_cancelled = self.cancels.take(id, &self.shared);
        let begin = self.segment.heard(&self.plan);
        self.before = self.sounded(begin);
        self.utterance = Some(Utterance::new(id, begin, is_cancelled));
        if is_cancelled {
            // A fade under way is of the sound before it.
            self.cuts.finish();
            self.receipt(now);
        }
    }

    /// Changes the source and its plan for what is read from here on.
    fn change_source(&mut self, mut change: Box<Change>, now: u64) {
        if self.segment.is_active() {
            change.plan.continue_from(&mut self.plan);
        }
        let (before_hz, rate_hz) = (self.plan.source().rate_hz, change.plan.source().rate_hz);
        if rate_hz != before_hz {
            let heard = self.segment.heard(&self.plan);
            self.shared.source_times.change(heard, rate_hz);
            if let Some(utterance) = &mut self.utterance {
                utterance.change_rate(heard, before_hz);
            }
        }
        core::mem::swap(&mut self.plan, &mut change.plan);
        self.incoming.turn_to(change, self.segment.position());
        self.notices.turned = true;
        self.report.event(now, EventKind::SourceChanged);
    }
}
