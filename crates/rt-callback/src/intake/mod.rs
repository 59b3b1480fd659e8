//! The renderer's source side: reads the queue in stream order, obeys its markers, keeps the
//! positions.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use heapless::Deque;
use pcm_convert::SampleFormat;

use crate::config::Config;
use crate::counters::Counters;
use crate::event::{Event, EventKind, MarkId, Marker, MarkerKind};
use crate::intake::cut::{Cancels, Cut};
use crate::intake::utterance::Utterance;
use crate::plan::{Plan, Queued};
use crate::queue::{ByteReceiver, Receiver, Sender};
use crate::shared::Shared;
use crate::target::Target;

mod cut;
#[cfg(feature = "std")]
mod rebind;
mod utterance;

/// Marks that may wait, read but not yet sounding, inside the resampler's look-ahead.
const PENDING_MARKS: usize = 16;

/// What a pull gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// So many device frames.
    Frames(usize),
    /// Nothing, in the middle of something.
    Starved,
    /// Nothing, and nothing is missed.
    Idle,
    /// Nothing: a source claims to have filled so many samples, more than it was asked for.
    Mismatch { samples: usize },
}

/// What the stream holds next.
enum Next {
    /// Device frames can be made, of at most so many more source frames.
    Read(usize),
    /// The resampler's tail.
    Flush,
    Starved,
    Idle,
}

/// Why a segment, which runs from one flush of the resampler to the next, comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boundary {
    /// Its end was declared.
    End,
    /// A source of another rate or layout follows.
    Source,
    /// An interruption's fade is longer than what there is to fade.
    Cut,
}

/// Sends events; counts those that find the queue full.
#[derive(Debug)]
pub(crate) struct Reporter {
    events: Sender<Event>,
    pub(crate) lost: u64,
}

impl Reporter {
    pub(crate) fn new(events: Sender<Event>) -> Self {
        Self { events, lost: 0 }
    }

    pub(crate) fn event(&mut self, at_frame: u64, kind: EventKind) {
        if self.events.push(Event { at_frame, kind }).is_err() {
            self.lost += 1;
        }
    }
}

/// The renderer's ends of the queues.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) ring: ByteReceiver,
    pub(crate) markers: Receiver<Marker>,
    pub(crate) retired: Sender<Box<Plan>>,
}

/// Source frames that must be queued before a sound begins, and before it goes on.
#[derive(Debug, Clone, Copy)]
struct Thresholds {
    begin: usize,
    go_on: usize,
}

#[derive(Debug)]
pub(crate) struct Intake {
    ring: ByteReceiver,
    markers: Receiver<Marker>,
    /// Markers that were taken out of their queue when the device changed, and come before it.
    taken_markers: VecDeque<Marker>,
    retired: Sender<Box<Plan>>,
    pub(crate) plan: Plan,
    pub(crate) report: Reporter,
    shared: Arc<Shared>,
    /// Bounds the boundaries passed in one go: the queue of markers holds no more.
    marker_capacity: usize,
    /// Length of a cancelled utterance's fade, in device frames.
    ramp_frames: u32,
    /// Source frames to be queued before a sound begins, and before it goes on after an underrun.
    thresholds: Thresholds,
    /// What is waited for at present; 0 once it has come.
    waiting_frames: usize,
    /// Nothing is heard at present, so an interruption has nothing to fade.
    paused: bool,
    /// Nor was anything just before.
    was_paused: bool,
    /// Source frames taken out of the queue, heard or dropped.
    read_frames: u64,
    /// Frames behind those that are queued with no boundary before or among them, as far as was seen last.
    clear_frames: usize,
    /// Source frames heard before the present segment.
    heard_before: u64,
    dropped_frames: u64,
    /// The present segment: source frames read, device frames written.
    segment_read: u64,
    segment_written: u64,
    /// The segment has been read to its end; what is left of it is the resampler's tail.
    flushing: Option<Boundary>,
    utterance: Option<Utterance>,
    /// Marks read but not yet sounding, with their device frame in the segment.
    marks: Deque<(u64, MarkId), PENDING_MARKS>,
    cut: Option<Cut>,
    cancels: Cancels,
    /// Everything before this source frame goes, as soon as it is seen.
    drop_until: u64,
    /// What is dropped outside any utterance is still owed a receipt.
    owes_receipt: bool,
    ended: bool,
    /// What ended was cut off before its fade had come to zero.
    falls: bool,
    /// Samples cleaned at decode.
    pub(crate) non_finite_samples: u64,
}

impl Intake {
    pub(crate) fn new(
        queues: Queues,
        shared: Arc<Shared>,
        plan: Plan,
        report: Reporter,
        config: &Config,
    ) -> Self {
        let thresholds = Thresholds {
            begin: config.prebuffer_frames,
            go_on: config.rebuffer_frames,
        };
        Self {
            ring: queues.ring,
            markers: queues.markers,
            taken_markers: VecDeque::new(),
            retired: queues.retired,
            plan,
            report,
            shared,
            marker_capacity: config.marker_capacity,
            ramp_frames: config.ramp_frames,
            thresholds,
            waiting_frames: thresholds.begin,
            paused: false,
            was_paused: false,
            read_frames: 0,
            clear_frames: 0,
            heard_before: 0,
            dropped_frames: 0,
            segment_read: 0,
            segment_written: 0,
            flushing: None,
            utterance: None,
            marks: Deque::new(),
            cut: None,
            cancels: Cancels::default(),
            drop_until: 0,
            owes_receipt: false,
            ended: false,
            falls: false,
            non_finite_samples: 0,
        }
    }

    /// Something has been read that has not come to its end.
    pub(crate) fn is_active(&self) -> bool {
        self.segment_read > 0
    }

    /// Nothing is queued and nothing is sounding.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.ring.available() == 0 && self.next_marker().is_none() && !self.is_active()
    }

    /// The feeder is gone: what is queued is all there will be.
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    /// Whether something could sound at device frame `now`.
    pub(crate) fn is_ready(&mut self, now: u64) -> bool {
        matches!(self.next(now), Next::Read(_) | Next::Flush)
    }

    pub(crate) fn set_paused(&mut self, paused: bool) {
        self.was_paused = core::mem::replace(&mut self.paused, paused);
    }

    /// Whether a declared end or an interruption's end was passed since the last call.
    pub(crate) fn take_ended(&mut self) -> bool {
        core::mem::take(&mut self.ended)
    }

    /// Whether what ended had not faded to zero.
    pub(crate) fn take_falls(&mut self) -> bool {
        core::mem::take(&mut self.falls)
    }

    /// How many more source frames must be queued so that `frames` device frames can be rendered.
    pub(crate) fn missing_frames(&self, frames: usize) -> usize {
        let queued = self.plan.frames_in(self.ring.available());
        self.plan.source_frames_for(frames).saturating_sub(queued)
    }

    /// Whether what comes next can be copied into a block of this format as it is.
    pub(crate) fn can_copy_to(&self, format: SampleFormat) -> bool {
        self.plan.source().format == format && self.cut.is_none() && self.plan.map().is_some()
    }

    /// Writes what this side counts.
    pub(crate) fn count(&self, counters: &mut Counters) {
        let heard = self.segment_heard();
        counters.heard_frames = self.heard_before + heard;
        counters.in_flight_frames = self.segment_read - heard;
        counters.dropped_frames = self.dropped_frames;
        counters.utterance = self.utterance.map(|utterance| utterance.id);
        counters.utterance_heard_frames = self.utterance_heard(counters.heard_frames);
        counters.events_lost = self.report.lost;
    }

    /// Device frames into `out` (interleaved), as many as there are up to the next boundary.
    /// `now` is the device frame at which they will sound.
    pub(crate) fn pull(&mut self, out: &mut [f32], now: u64) -> Pulled {
        let channels = self.plan.device_channels();
        loop {
            let next = self.next(now);
            if self.falls {
                // What follows begins over what is left of the fade: that is the renderer's to know first.
                return Pulled::Frames(0);
            }
            let room = match &self.cut {
                Some(cut) => out.len().min(cut.fade_left * channels),
                None => out.len(),
            };
            let out = out.get_mut(..room).unwrap_or_default();
            let written = match next {
                Next::Read(readable) => {
                    let mut queued = Queued {
                        ring: &mut self.ring,
                        non_finite: &mut self.non_finite_samples,
                    };
                    let done = self.plan.produce(&mut queued, readable, out);
                    self.note_read(done.frames_read);
                    done.frames_written
                }
                Next::Flush => self.plan.flush(out),
                Next::Starved => return Pulled::Starved,
                Next::Idle => return Pulled::Idle,
            };
            if written > 0 {
                self.note_written(written, now);
                if let Some(cut) = &mut self.cut {
                    let sounding = out.get_mut(..written * channels).unwrap_or_default();
                    cut.fade.apply_interleaved(sounding, channels);
                    cut.fade_left -= written.min(cut.fade_left);
                }
                return Pulled::Frames(written);
            }
        }
    }

    /// Copies up to `frames` device frames into `target` from sample `at` on, as many as there are
    /// up to the next boundary; none where that boundary brings something that [cannot be
    /// copied](Self::can_copy_to).
    pub(crate) fn copy(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        frames: usize,
        now: u64,
    ) -> Pulled {
        let readable = match self.next(now) {
            Next::Read(readable) if self.can_copy_to(target.format()) && !self.falls => readable,
            Next::Read(_) | Next::Flush => return Pulled::Frames(0),
            Next::Starved => return Pulled::Starved,
            Next::Idle => return Pulled::Idle,
        };
        let frames = frames.min(readable);
        let source = self.plan.source();
        let mut position = at;
        match self.plan.map() {
            Some(map) if !self.plan.is_copy() => {
                self.ring
                    .read_units(frames, source.frame_bytes(), |frames| {
                        position += target.copy_mapped(position, frames, map);
                    });
            }
            _ => {
                let samples = frames * source.channels();
                self.ring
                    .read_units(samples, source.format.bytes_per_sample(), |samples| {
                        position += target.copy(position, samples);
                    });
            }
        }
        self.note_read(frames);
        self.note_written(frames, now);
        Pulled::Frames(frames)
    }

    /// Passes the boundaries that stand at the present position, so that their events are reported
    /// with the block that reached them.
    pub(crate) fn settle(&mut self, now: u64) {
        self.next(now);
    }

    /// Whether no boundary stands at the present position, as far as was seen when the last frames were read.
    pub(crate) fn is_clear(&self) -> bool {
        self.clear_frames > 0 && self.cut.is_none()
    }

    /// Passes boundaries until there is something to read, or nothing at all.
    fn next(&mut self, now: u64) -> Next {
        self.clear_frames = 0;
        for _ in 0..2 * self.marker_capacity + 8 {
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
            if self.notices_cut() {
                continue;
            }
            let marker = self.next_marker().map(|marker| marker.at_frame);
            let to_marker = self.frames_to(marker);
            if let Some(to_end) = self.to_be_dropped() {
                let count = queued.min(to_marker).min(to_end);
                if count > 0 {
                    self.drop_frames(count, now);
                } else if to_marker > 0 || !self.pass_marker(true, now) {
                    return Next::Idle;
                }
                continue;
            }
            let to_cut = self.frames_to(self.cut.as_ref().and_then(|cut| cut.at_frame));
            let readable = queued.min(to_marker).min(to_cut);
            // What has been read may be enough for another frame.
            if readable > 0 || self.is_active() && self.plan.source_frames_for(1) == 0 {
                if self.is_waiting(closed) {
                    break;
                }
                self.clear_frames = readable;
                return Next::Read(readable);
            }
            if to_cut == 0 {
                self.flushing = Some(Boundary::Cut);
            } else if to_marker == 0 {
                if !self.pass_marker(false, now) {
                    break;
                }
            } else if closed && marker.is_none() && self.is_active() {
                self.flushing = Some(Boundary::End);
            } else {
                break;
            }
        }
        if self.is_active() {
            self.waiting_frames = self.thresholds.go_on;
            Next::Starved
        } else {
            Next::Idle
        }
    }

    /// Whether too little is queued to begin, or to go on. Once enough has been, it is not asked
    /// again before the next beginning or underrun.
    fn is_waiting(&mut self, closed: bool) -> bool {
        if self.waiting_frames > 0 {
            let committed = self.shared.committed_frames.load(Ordering::Acquire);
            let queued = committed.saturating_sub(self.read_frames);
            let ended = self.shared.ended_frames.load(Ordering::Acquire);
            if queued >= self.waiting_frames as u64 || ended > self.read_frames || closed {
                self.waiting_frames = 0;
            }
        }
        self.waiting_frames > 0
    }

    fn next_marker(&self) -> Option<&Marker> {
        self.taken_markers.front().or_else(|| self.markers.peek())
    }

    fn pop_marker(&mut self) -> Option<Marker> {
        self.taken_markers
            .pop_front()
            .or_else(|| self.markers.pop())
    }

    /// Obeys the marker at the present position. False where that must be postponed.
    fn pass_marker(&mut self, dropping: bool, now: u64) -> bool {
        if let Some(MarkerKind::Source(plan)) = self.next_marker().map(|marker| &marker.kind) {
            if self.is_active() && !self.plan.continues_in(plan) {
                self.flushing = Some(Boundary::Source);
                return true;
            }
            if self.retired.free() == 0 {
                return false;
            }
        }
        match self.pop_marker().map(|marker| marker.kind) {
            Some(MarkerKind::Begin(id)) => self.begin_utterance(id, now),
            Some(MarkerKind::End) if self.is_active() => self.flushing = Some(Boundary::End),
            Some(MarkerKind::End) => self.end_utterance(now),
            Some(MarkerKind::Mark(mark)) if !dropping => {
                let at = self.plan.device_frame_of(self.segment_read);
                if self.marks.push_back((at, mark)).is_err() {
                    self.report.lost += 1;
                }
            }
            Some(MarkerKind::Mark(_)) | None => {}
            Some(MarkerKind::Source(mut plan)) => {
                if self.is_active() {
                    plan.continue_from(&mut self.plan);
                }
                core::mem::swap(&mut self.plan, &mut *plan);
                if let Err(plan) = self.retired.push(plan) {
                    // Not reached: there was room. Freeing it here would be this thread's work.
                    core::mem::forget(plan);
                }
                self.report.event(now, EventKind::SourceChanged);
            }
        }
        true
    }

    /// The segment's last frame has been written.
    fn end_segment(&mut self, boundary: Boundary, now: u64) {
        self.flushing = None;
        self.fire_marks(now);
        match boundary {
            Boundary::End => self.end_utterance(now),
            Boundary::Cut => {
                // What there was to fade was shorter than the fade: the rest is the seam's.
                self.falls = self.cut.as_ref().is_some_and(|cut| cut.fade_left > 0);
                self.receipt(now);
            }
            Boundary::Source => {}
        }
        self.leave_segment();
    }

    fn fire_marks(&mut self, now: u64) {
        while let Some((_, mark)) = self.marks.pop_front() {
            self.report.event(now, EventKind::Mark { mark });
        }
    }

    /// What the segment has sounded is heard, what else it has read is dropped.
    fn leave_segment(&mut self) {
        let heard = self.segment_heard();
        self.heard_before += heard;
        self.dropped_frames += self.segment_read - heard;
        self.segment_read = 0;
        self.segment_written = 0;
        self.plan.reset();
    }

    fn note_read(&mut self, frames: usize) {
        self.read_frames += frames as u64;
        self.segment_read += frames as u64;
        self.clear_frames = self.clear_frames.saturating_sub(frames);
    }

    fn segment_heard(&self) -> u64 {
        self.plan
            .heard_frames(self.segment_written)
            .min(self.segment_read)
    }

    fn heard(&self) -> u64 {
        self.heard_before + self.segment_heard()
    }

    /// Source frames from the present position to that one; a position that is none is far away.
    fn frames_to(&self, position: Option<u64>) -> usize {
        position.map_or(usize::MAX, |position| {
            usize::try_from(position.saturating_sub(self.read_frames)).unwrap_or(usize::MAX)
        })
    }
}
