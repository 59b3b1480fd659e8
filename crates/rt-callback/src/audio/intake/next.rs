//! What comes next: in the order of the stream, markers obeyed on the way.

use core::sync::atomic::Ordering;

use crate::audio::intake::utterance::Utterance;
use crate::audio::intake::{Boundary, Dry, Intake};
use crate::event::EventKind;
use crate::plan::marker::{End, Marker, MarkerKind};
use crate::span::nanoseconds;

/// What the stream holds next.
pub(super) enum Next {
    /// Device frames can be made, of at most so many more source frames.
    Read(usize),
    /// The resampler's tail.
    Flush,
    Starved,
    Starting,
    Idle,
}

impl Intake {
    /// Passes boundaries until there is something to read, or nothing at all.
    pub(super) fn next(&mut self, now: u64) -> Next {
        self.clear_frames = 0;
        for _ in 0..self.most_boundaries {
            if self.cut_is_over() {
                self.finish_cut(now);
                continue;
            }
            if let Some(boundary) = self.flushing {
                if self.segment_written < self.plan.device_frame_of(self.segment_read) {
                    return Next::Flush;
                }
                self.end_segment(boundary, now);
                continue;
            }
            // The order of these loads is the protocol. The feeder closes after its last byte, so
            // a ring that is looked at after that is complete. A marker or a cut is published
            // before the bytes behind it, so no byte that is seen in the ring can lie behind one
            // that is not seen then.
            let closed = self.is_closed();
            let queued = self.plan.frames_in(self.ring.available());
            if self.notices_cut(now) {
                continue;
            }
            let marker = self.next_marker().map(|marker| marker.at_frame);
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
            let to_cut = self.frames_to(self.cut.as_ref().and_then(|cut| cut.at_frame));
            let readable = queued.min(to_marker).min(to_cut);
            // What has been read may be enough for another frame.
            if readable > 0 || self.is_active() && self.plan.source_frames_for(1) == 0 {
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
            } else if closed && marker.is_none() && (self.is_active() || self.is_sounding) {
                self.end_sound(Boundary::Closed, now);
            } else {
                break;
            }
        }
        if self.is_sounding {
            Next::Starved
        } else if self.is_starting() {
            Next::Starting
        } else {
            Next::Idle
        }
    }

    /// Something has begun of which nothing has sounded yet.
    fn is_starting(&self) -> bool {
        let has_begun = self.utterance.as_ref().is_some_and(Utterance::is_starting);
        has_begun || self.is_active() || self.gate.is_timed()
    }

    /// Whether too little is queued to begin, or to go on. A declared end is enough, and so is a queue that
    /// takes no more: of frames, which holds at least the time that can be waited for, or of markers.
    fn is_held_back(&mut self, closed: bool, now: u64) -> bool {
        if self.gate.is_open() {
            return false;
        }
        let has_end = self.shared.ended_frames.load(Ordering::Acquire) > self.read_frames;
        if has_end || closed || self.markers.is_full() {
            self.gate.open();
            return false;
        }
        let (begin_frame, begin_ns) = self.source_begin;
        let read_ns = nanoseconds(self.read_frames - begin_frame, self.plan.source().rate_hz);
        let queued_ns = self.shared.queued_ns.load(Ordering::Relaxed);
        let waiting_ns = queued_ns.saturating_sub(begin_ns.saturating_add(read_ns));
        self.gate.holds_back(waiting_ns, now)
    }

    pub(super) fn next_marker(&self) -> Option<&Marker> {
        self.taken_markers.front().or_else(|| self.markers.peek())
    }

    fn pop_marker(&mut self) -> Option<Marker> {
        self.taken_markers
            .pop_front()
            .or_else(|| self.markers.pop())
    }

    /// Obeys the marker at the present position; where what is before it has not been rendered to its end, that
    /// comes first, and then the marker again.
    pub(super) fn pass_marker(&mut self, dropping: bool, now: u64) {
        let ends_segment = match self.next_marker().map(|marker| &marker.kind) {
            Some(MarkerKind::Source(change)) => !self.plan.continues_in(&change.plan),
            Some(kind) => kind.is_end(),
            None => false,
        };
        if ends_segment && self.is_active() {
            self.end_sound(Boundary::Marker, now);
            return;
        }
        match self.pop_marker().map(|marker| marker.kind) {
            Some(MarkerKind::Begin { utterance, ends }) => {
                if let Some(end) = ends {
                    self.end_utterance(end, now);
                }
                self.begin_utterance(utterance, now);
            }
            Some(MarkerKind::End(end)) => self.end_utterance(end, now),
            Some(MarkerKind::Mark(mark)) if !dropping && !self.is_interrupted() => {
                let at = self.plan.device_frame_of(self.segment_read);
                if self.marks.push_back((at, mark)).is_err() {
                    self.report.lost += 1;
                }
            }
            Some(MarkerKind::Mark(_)) | None => {}
            Some(MarkerKind::Source(mut change)) => {
                if self.is_active() {
                    change.plan.continue_from(&mut self.plan);
                }
                self.note_rate(change.plan.source().rate_hz);
                core::mem::swap(&mut self.plan, &mut change.plan);
                core::mem::swap(&mut self.ring, &mut change.ring);
                self.source_begin = (self.read_frames, change.before_ns);
                self.retired.push(change);
                self.has_turned = true;
                self.report.event(now, EventKind::SourceChanged);
            }
        }
    }

    /// All of the segment has been read, and nothing more belongs to it. Its tail is rendered, unless it ran
    /// dry: then it has ended there, and the decay stood for the tail.
    fn end_sound(&mut self, boundary: Boundary, now: u64) {
        let ran_dry = |dry: Dry| dry.read_frames == self.read_frames;
        let is_end = !matches!(
            self.next_marker().map(|marker| &marker.kind),
            Some(MarkerKind::Source(_))
        );
        match self.dry.filter(|dry| is_end && ran_dry(*dry)) {
            Some(dry) => self.end_segment(boundary, dry.at_frame.min(now)),
            None => self.flushing = Some(boundary),
        }
    }

    /// The segment's last frame has been written.
    pub(super) fn end_segment(&mut self, boundary: Boundary, now: u64) {
        self.flushing = None;
        self.fire_marks(now);
        if boundary == Boundary::Cut {
            // What there was to fade was shorter than the fade: the rest is the seam's.
            self.falls = self.cut.as_ref().is_some_and(|cut| cut.fade_left > 0);
            self.receipt(now);
        }
        self.leave_segment();
        if boundary == Boundary::Closed {
            self.end_utterance(End { is_cut: false }, now);
        }
    }

    pub(super) fn fire_marks(&mut self, now: u64) {
        while let Some((_, mark)) = self.marks.pop_front() {
            self.report.event(now, EventKind::Mark { mark });
        }
    }
}
