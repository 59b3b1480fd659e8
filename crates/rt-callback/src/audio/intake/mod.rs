//! The intake: the renderer's side of the queue. It reads in stream order, obeys markers, and keeps the positions.

mod cancels;
mod cut;
mod ending;
mod ends;
mod gate;
pub(crate) mod incoming;
mod interrupting;
mod marks;
mod next;
mod pull;
#[cfg(feature = "std")]
mod rebind;
mod sounding;
mod steady;
mod step;
mod utterance;

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use pcm_convert::SampleFormat;

use crate::audio::intake::cancels::Cancels;
use crate::audio::intake::cut::Cuts;
use crate::audio::intake::ends::{Ends, Notices};
use crate::audio::intake::gate::Gate;
use crate::audio::intake::incoming::{Incoming, Queues};
use crate::audio::intake::marks::Marks;
use crate::audio::intake::sounding::Sounding;
use crate::audio::intake::step::Boundary;
use crate::audio::intake::utterance::Utterance;
use crate::audio::segment::Segment;
use crate::config::Config;
use crate::event::{EventKind, UtteranceId};
use crate::link::counters::Counters;
use crate::link::report::Reporter;
use crate::link::shared::Shared;
use crate::plan::Plan;
use crate::span::nanoseconds;

#[derive(Debug)]
#[repr(C)] // in the order of use
pub(crate) struct Intake {
    segment: Segment,
    sounding: Sounding,
    shared: Arc<Shared>,
    /// Samples that were not finite in the source, and were made finite.
    pub(crate) non_finite_samples: u64,
    /// How many of the next frames were queued without a boundary before or among them, when last looked at.
    clear_frames: usize,
    utterance: Option<Utterance>,
    incoming: Incoming,
    pub(crate) plan: Plan,
    gate: Gate,
    cuts: Cuts,
    /// The reason for which the segment ends, once it has been read to its end. Only the resampler's tail is left then.
    flushing: Option<Boundary>,
    notices: Notices,
    cancels: Cancels,
    pub(crate) report: Reporter,
    ends: Ends,
    marks: Marks,
    /// The latest utterance before the present one of which a frame has sounded, and how many frames of it were heard.
    before: Option<(UtteranceId, u64)>,
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
            incoming: Incoming::new(queues, config.marker_capacity),
            plan,
            report,
            shared,
            segment: Segment::default(),
            flushing: None,
            clear_frames: 0,
            gate: Gate::new(config),
            sounding: Sounding::default(),
            utterance: None,
            before: None,
            marks: Marks::default(),
            cuts: Cuts::new(config.ramp_frames),
            cancels: Cancels::default(),
            ends: Ends::default(),
            notices: Notices::default(),
            non_finite_samples: 0,
        }
    }

    /// Whether something has sounded that has not come to its end.
    pub(crate) fn is_sounding(&self) -> bool {
        self.sounding.is_sounding()
    }

    /// How many device frames after `now` a held-back sound begins by itself, if there is one.
    pub(crate) fn held_back_frames(&self, now: u64) -> Option<u64> {
        Some(self.gate.opens_at()?.saturating_sub(now))
    }

    /// An upper bound of the boundaries that can be passed in a row.
    pub(crate) fn most_boundaries(&self) -> usize {
        self.incoming.most_boundaries()
    }

    /// Notes that the queue ran dry at device frame `now`.
    pub(crate) fn note_dry(&mut self, now: u64) {
        if self.sounding.note_dry(now, self.segment.position()) {
            self.learn_heard();
            // If the gate is closed, a sound is already held back behind a resampler's tail, and keeps its wait.
            if self.gate.is_open() {
                self.gate.close_in_gap();
            }
        }
    }

    /// Notes that sound has gone on after a gap of `missing_frames` device frames, which was an underrun.
    pub(crate) fn note_recovered(&mut self, missing_frames: u64, now: u64) {
        let gap_ns = nanoseconds(missing_frames, self.report.rate_hz());
        self.gate.learn_gap(gap_ns);
        let kind = EventKind::Recovered { missing_frames };
        self.report.event(now, kind);
    }

    fn learn_heard(&mut self) {
        let times = &self.shared.source_times;
        self.gate
            .learn_heard(self.segment.heard(&self.plan), |from, to| {
                times.between(from, to)
            });
    }

    /// Whether nothing is queued and nothing is sounding.
    pub(crate) fn is_exhausted(&self) -> bool {
        let is_empty = self.incoming.ring.available() == 0 && self.incoming.marker().is_none();
        is_empty && !self.segment.is_active()
    }

    /// Whether the feeder has been dropped: nothing more will be queued.
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    /// Takes whether the stream is silenced. Nobody hears the rest of a fade then, and it is not heard later.
    pub(crate) fn set_paused(&mut self, paused: bool) {
        if paused {
            self.break_off();
        }
        self.cuts.set_paused(paused);
    }

    /// Ends the fade of an interruption where it is. The seam takes what sounds to zero.
    fn break_off(&mut self) {
        self.notices.falls |= self.cuts.break_off();
    }

    /// Whether a declared end or an interruption's end was passed since the last call.
    pub(crate) fn take_ended(&mut self) -> bool {
        core::mem::take(&mut self.notices.ended)
    }

    /// Whether the sound that ended had not faded to zero.
    pub(crate) fn take_falls(&mut self) -> bool {
        core::mem::take(&mut self.notices.falls)
    }

    /// How many more source frames must be queued so that `frames` device frames can be rendered.
    pub(crate) fn missing_frames(&self, frames: usize) -> usize {
        self.plan
            .source_frames_for(frames)
            .saturating_sub(self.queued_frames())
    }

    pub(crate) fn queued_frames(&self) -> usize {
        self.plan.frames_in(self.incoming.ring.available())
    }

    /// Whether the next frames can be copied unchanged into a block of this format.
    pub(crate) fn can_copy_to(&self, format: SampleFormat) -> bool {
        let is_format = self.plan.source().format == format;
        is_format && !self.cuts.is_under_way() && self.plan.moves().is_some()
    }

    /// Whether there was no boundary at the present position when the last frames were read.
    pub(crate) fn is_clear(&self) -> bool {
        self.clear_frames > 0 && !self.cuts.is_under_way()
    }

    /// The utterance that is sounding, or that sounded last, and how many frames of it have been heard at the position
    /// `heard`. One that has begun and not sounded is not told yet.
    #[inline]
    fn sounded(&self, heard: u64) -> Option<(UtteranceId, u64)> {
        let present = self.utterance.as_ref().filter(|it| it.has_started());
        let present = present.map(|it| (it.id, it.heard_frames(heard)));
        present.or(self.before)
    }

    /// Writes the intake's counters.
    pub(crate) fn count(&self, counters: &mut Counters) {
        self.count_on(counters);
        counters.utterance = self.sounded(counters.heard_frames).map(|(id, _)| id);
        counters.events_lost = self.report.lost;
        counters.end = self.ends.last();
    }
}
