//! What the reader reads next, and what it skips.

use core::sync::atomic::Ordering;

use crate::capture::config::Gaps;
use crate::capture::gap::{Gap, headroom};
use crate::capture::marker::MarkerKind;
use crate::capture::reader::Reader;
use crate::capture::reader::step::{Boundary, Next};
use crate::span::{Span, nanoseconds};

impl Reader {
    /// What comes next, up to where a ramp of the gain begins or ends, and how many of `wanted` application frames may
    /// be made of it.
    pub(super) fn steered_next(&mut self, wanted: usize) -> (Next, usize) {
        let next = self.next();
        let to_change = self.steer();
        let most = to_change.map_or(usize::MAX, |frames| {
            usize::try_from(frames).unwrap_or(usize::MAX)
        });
        let next = match next {
            Next::Queued(count) => Next::Queued(count.min(most)),
            Next::Silence(count) => Next::Silence(count.min(most)),
            next => next,
        };
        let wanted = wanted.min(self.steering.volume.frames_to_end().unwrap_or(wanted));
        (next, wanted)
    }

    /// What comes next. Obeys the markers that have been reached.
    pub(super) fn next(&mut self) -> Next {
        loop {
            match self.boundary {
                Some(Boundary::End { flushed: true }) => return Next::Nothing,
                Some(_) => return Next::Flush,
                None => {}
            }
            if self.silence_left > 0 {
                if !self.is_short_of_room() {
                    let frames = usize::try_from(self.silence_left).unwrap_or(usize::MAX);
                    return Next::Silence(frames);
                }
                let forgone = core::mem::take(&mut self.silence_left);
                self.counters.forgone_silence_frames += forgone;
                self.end_at_gap(forgone);
                return Next::Flush;
            }
            // The order of these loads is the protocol. Nothing is queued after `closed` is set. A marker is published
            // before the bytes behind it, so each byte that is seen here lies before every marker that is not seen.
            let closed = self.shared.closed.load(Ordering::Acquire);
            let available = self.available_frames();
            match self.frames_to_marker() {
                Some(0) => self.reach_marker(),
                Some(ahead) => return Next::Queued(available.min(ahead)),
                None if available == 0 && closed => self.reach_end(),
                None => return Next::Queued(available),
            }
        }
    }

    fn available_frames(&self) -> usize {
        self.plan.frames_in(self.ring.available())
    }

    /// How many device frames lie before the next marker, if there is one.
    fn frames_to_marker(&self) -> Option<usize> {
        let ahead = self.markers.peek()?.at_frame - self.at;
        Some(usize::try_from(ahead).unwrap_or(usize::MAX))
    }

    fn reach_marker(&mut self) {
        match self.markers.pop().map(|marker| marker.kind) {
            Some(MarkerKind::Gap(frames)) => self.reach_gap(frames),
            Some(MarkerKind::Device(change)) => self.boundary = Some(Boundary::Device(change)),
            None => {}
        }
    }

    fn reach_gap(&mut self, frames: u64) {
        let known = self.forgone_to.saturating_sub(self.at).min(frames);
        self.miss(frames);
        self.at += frames;
        match self.gaps {
            Gaps::Silence => self.silence_left = frames - known,
            Gaps::Skip | Gaps::Live { .. } => self.end_at_gap(frames),
        }
    }

    /// Ends the capture, all of whose bytes have been read. What was captured and has not come is a last gap, for whose
    /// marker the recorder had no place.
    fn reach_end(&mut self) {
        match self.shared.captured_frames().saturating_sub(self.at) {
            0 => {
                self.close_gap();
                self.boundary = Some(Boundary::End { flushed: false });
            }
            lost => self.reach_gap(lost),
        }
    }

    /// Ends the stretch before a gap of `frames` frames: the resampler's tail is read first.
    fn end_at_gap(&mut self, frames: u64) {
        self.boundary = Some(Boundary::Gap);
        self.passed_frames += frames;
    }

    /// The device frame behind the latest one that was read, or given as silence. Skipped frames count once the tail
    /// before them has been read.
    pub(super) fn reached(&self) -> u64 {
        self.at - self.silence_left - self.passed_frames
    }

    /// Notes that the reader will not get `frames` frames from the present position on.
    fn miss(&mut self, frames: u64) {
        let rate_hz = self.plan.source().rate_hz;
        if let Some(gap) = &mut self.gap
            && gap.rate_hz == rate_hz
            && gap.at_frame + gap.frames == self.at
        {
            gap.frames += frames;
            return;
        }
        self.close_gap();
        self.gap = Some(Gap {
            at_frame: self.at,
            rate_hz,
            frames,
        });
    }

    /// Queues a gap that grows no more, for [`poll`](Self::poll).
    pub(super) fn close_gap(&mut self) {
        if let Some(gap) = self.gap.take() {
            if self.met.is_full() {
                self.met.pop_front();
            }
            // There is always room here.
            let _ = self.met.push_back(gap);
        }
    }

    /// Whether new sound would be lost if the silence of a gap were given.
    fn is_short_of_room(&self) -> bool {
        if self.shared.closed.load(Ordering::Acquire) {
            return false;
        }
        let queue_ns = self.queue.nanoseconds();
        let captured = self.shared.snapshot();
        let block_ns = self.recorded_ns(captured.block_frames);
        let room_ns = headroom(queue_ns, 1_000_000_000, block_ns);
        let behind_ns = self.behind_ns(self.captured_ns(captured.captured_frames));
        behind_ns > queue_ns.saturating_sub(room_ns)
    }

    /// How long the recorder's device takes for `frames` frames.
    fn recorded_ns(&self, frames: u64) -> u64 {
        nanoseconds(frames, self.shared.since().rate_hz)
    }

    /// The time from the start of the capture to the end of `captured_frames`, whatever the rates were.
    pub(super) fn captured_ns(&self, captured_frames: u64) -> u64 {
        self.shared.since().ns_to(captured_frames)
    }

    /// The time from the present position to `captured_ns`, including lost frames.
    fn behind_ns(&self, captured_ns: u64) -> u64 {
        captured_ns.saturating_sub(self.since.ns_to(self.at))
    }

    /// Skips frames that are too old, if the capture is [`Gaps::Live`].
    pub(super) fn keep_up(&mut self) {
        let Gaps::Live { max_lag } = self.gaps else {
            return;
        };
        let captured = self.shared.snapshot();
        let captured_ns = self.captured_ns(captured.captured_frames);
        let block_ns = self.recorded_ns(captured.block_frames);
        // A block that is longer than those before is late by its own length.
        let last_ns = self.recorded_ns(captured.last_block_frames);
        let wanted_ns = nanoseconds(self.at_once as u64, self.application.rate_hz);
        let limit_ns = u64::try_from(max_lag.as_nanos())
            .unwrap_or(u64::MAX)
            .max(block_ns.saturating_add(block_ns.max(last_ns)))
            .max(wanted_ns.saturating_add(block_ns));
        if self.behind_ns(captured_ns) > limit_ns {
            self.pass_over(captured_ns, limit_ns / 2);
        }
    }

    /// Skips all but the latest `keep_ns` of what was captured up to `captured_ns`, as one gap. It stops at a change of
    /// device, where a tail has to be read first.
    fn pass_over(&mut self, captured_ns: u64, keep_ns: u64) {
        while matches!(self.boundary, None | Some(Boundary::Gap)) {
            let over_ns = self.behind_ns(captured_ns).saturating_sub(keep_ns);
            let over = Span::new(over_ns, 1_000_000_000);
            let over = over.covering_frames_at(self.plan.source().rate_hz);
            let over = usize::try_from(over).unwrap_or(usize::MAX);
            // The order of the loads is that of `next`.
            let available = self.available_frames();
            let frames = match self.frames_to_marker() {
                Some(0) => {
                    self.reach_marker();
                    continue;
                }
                Some(ahead) => available.min(ahead).min(over),
                None => available.min(over),
            };
            if frames == 0 {
                return;
            }
            self.miss(frames as u64);
            self.skip(frames);
            self.end_at_gap(frames as u64);
        }
    }

    /// Drops frames of the queue unread.
    pub(super) fn skip(&mut self, frames: usize) {
        self.ring.skip(frames * self.plan.frame_bytes());
        self.at += frames as u64;
        self.counters.discarded_frames += frames as u64;
    }
}
