//! The renderer's source side: reads the queue in stream order, obeys its markers, keeps the
//! positions.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use heapless::Deque;
use pcm_convert::SampleFormat;

use crate::audio::intake::cut::{Cancels, Cut};
use crate::audio::intake::gate::Gate;
use crate::audio::intake::incoming::{Queues, Retired};
use crate::audio::intake::next::Next;
use crate::audio::intake::utterance::Utterance;
use crate::audio::target::Target;
use crate::config::Config;
use crate::event::{EventKind, MarkId};
use crate::link::counters::{self, Counters};
use crate::link::queue::{ByteReceiver, Receiver};
use crate::link::report::Reporter;
use crate::link::shared::Shared;
use crate::plan::marker::Marker;
use crate::plan::{Plan, Queued};
use crate::span::nanoseconds;

mod cut;
mod gate;
pub(crate) mod incoming;
mod next;
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
    /// Nothing yet of what has begun, or what has come of it is held back.
    Starting,
    /// Nothing, and nothing is missed.
    Idle,
    /// Nothing: a source claims to have filled so many samples, more than it was asked for.
    Mismatch { samples: usize },
}

/// Why a segment, which runs from one flush of the resampler to the next, comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boundary {
    /// A marker that cannot be passed before: an end, or a source of another rate or layout.
    Marker,
    /// The feeder is gone.
    Closed,
    /// An interruption's fade is longer than what there is to fade.
    Cut,
}

/// Where the queue ran dry in the middle of something.
#[derive(Debug, Clone, Copy)]
struct Dry {
    /// The device frame.
    at_frame: u64,
    /// What had been read by then.
    read_frames: u64,
}

/// The boundaries that so many markers can bring, and then some.
fn boundaries_of(markers: usize) -> usize {
    markers.saturating_mul(2).saturating_add(8)
}

#[derive(Debug)]
pub(crate) struct Intake {
    ring: ByteReceiver,
    markers: Receiver<Marker>,
    /// Markers that were taken out of their queue when the device changed, and come before it.
    taken_markers: VecDeque<Marker>,
    retired: Retired,
    pub(crate) plan: Plan,
    pub(crate) report: Reporter,
    shared: Arc<Shared>,
    /// Bounds the boundaries passed in one go: more than all that can be queued bring. The rest comes with a
    /// later call.
    most_boundaries: usize,
    /// Length of a discarded stretch's fade.
    ramp_frames: u32,
    gate: Gate,
    /// Nothing is heard at present, so an interruption has nothing to fade.
    paused: bool,
    /// Nor was anything just before.
    was_paused: bool,
    /// Another source has taken effect, or something has ended, since the last look: what follows may be made in
    /// another way.
    has_turned: bool,
    /// Source frames taken out of the queue, heard or dropped.
    read_frames: u64,
    /// How many of them came before the present source, and how long they lasted.
    source_begin: (u64, u64),
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
    /// Something has sounded since the last end: what is missing now is missed.
    is_sounding: bool,
    /// The device frame behind the last that sounded.
    sounded_until: u64,
    dry: Option<Dry>,
    utterance: Option<Utterance>,
    /// Marks read but not yet sounding, with their device frame in the segment.
    marks: Deque<(u64, MarkId), PENDING_MARKS>,
    cut: Option<Cut>,
    cancels: Cancels,
    /// Everything before this source frame goes, as soon as it is seen.
    drop_until: u64,
    /// An interruption outside any utterance has not had its receipt.
    owes_receipt: bool,
    /// Something has been dropped since the last declared end.
    is_cut_since_end: bool,
    end: counters::End,
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
        Self {
            ring: queues.ring,
            markers: queues.markers,
            taken_markers: VecDeque::new(),
            retired: Retired::new(queues.retired),
            plan,
            report,
            shared,
            most_boundaries: boundaries_of(config.marker_capacity),
            ramp_frames: config.ramp_frames,
            gate: Gate::new(config),
            paused: false,
            was_paused: false,
            has_turned: false,
            read_frames: 0,
            source_begin: (0, 0),
            clear_frames: 0,
            heard_before: 0,
            dropped_frames: 0,
            segment_read: 0,
            segment_written: 0,
            flushing: None,
            is_sounding: false,
            sounded_until: 0,
            dry: None,
            utterance: None,
            marks: Deque::new(),
            cut: None,
            cancels: Cancels::default(),
            drop_until: 0,
            owes_receipt: false,
            is_cut_since_end: false,
            end: counters::End::default(),
            ended: false,
            falls: false,
            non_finite_samples: 0,
        }
    }

    /// Something has been read that has not come to its end.
    fn is_active(&self) -> bool {
        self.segment_read > 0
    }

    /// Something has sounded that has not come to its end.
    pub(crate) fn is_sounding(&self) -> bool {
        self.is_sounding
    }

    /// Whether silence lasts until somebody changes something: time alone may bring what is held back.
    pub(crate) fn waits_for_changes(&self) -> bool {
        !self.gate.is_timed()
    }

    /// For how many device frames from `now` on something is held back that time alone will bring.
    pub(crate) fn held_back_frames(&self, now: u64) -> Option<u64> {
        let frames = self.gate.opens_at()?.saturating_sub(now);
        (frames > 0).then_some(frames)
    }

    /// More than the boundaries that can be passed in one go.
    pub(crate) fn most_boundaries(&self) -> usize {
        self.most_boundaries
    }

    /// The queue ran dry at device frame `now`: silence follows.
    pub(crate) fn note_dry(&mut self, now: u64) {
        if self.is_sounding && self.dry.is_none() {
            self.dry = Some(Dry {
                at_frame: now,
                read_frames: self.read_frames,
            });
            self.learn_heard();
            self.gate.close_in_gap();
        }
    }

    /// The gap, of so many device frames, was an underrun: sound has gone on.
    pub(crate) fn note_recovered(&mut self, missing_frames: u64, now: u64) {
        let gap_ns = nanoseconds(missing_frames, self.report.rate_hz());
        self.gate.learn_gap(gap_ns);
        let kind = EventKind::Recovered { missing_frames };
        self.report.event(now, kind);
    }

    fn learn_heard(&mut self) {
        let times = &self.shared.source_times;
        let heard = self.heard_before + self.segment_heard();
        self.gate
            .learn_heard(heard, |from, to| times.between(from, to));
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
        counters.end = self.end;
    }

    /// Device frames into `out` (interleaved), as many as there are up to the next boundary.
    /// `now` is the device frame at which they will sound.
    pub(crate) fn pull(&mut self, out: &mut [f32], now: u64) -> Pulled {
        let channels = self.plan.device_channels();
        for _ in 0..self.most_boundaries {
            self.has_turned = false;
            let next = self.next(now);
            if self.falls || self.has_turned {
                // The renderer is to know first: what follows begins over what is left of the fade, or is made in
                // another way.
                return Pulled::Frames(0);
            }
            let room = match &self.cut {
                Some(cut) => out.len().min(cut.fade_left.saturating_mul(channels)),
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
                Next::Starting => return Pulled::Starting,
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
        Pulled::Frames(0)
    }

    /// Copies up to `frames` device frames into `target` from sample `at` on, as many as there are
    /// up to the next boundary; none where that boundary brings something that [cannot be
    /// copied](Self::can_copy_to). What is not finite is cleaned in the target.
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
            Next::Starting => return Pulled::Starting,
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
        let copied = position - at;
        self.non_finite_samples += target.clean_non_finite(at, copied) as u64;
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
