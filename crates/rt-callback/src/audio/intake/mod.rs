//! The renderer's source side: reads the queue in stream order, obeys its markers, keeps the
//! positions.

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
use crate::event::EventKind;
use crate::link::counters::Counters;
use crate::link::report::Reporter;
use crate::link::shared::Shared;
use crate::plan::Plan;
use crate::span::nanoseconds;

#[derive(Debug)]
pub(crate) struct Intake {
    incoming: Incoming,
    pub(crate) plan: Plan,
    pub(crate) report: Reporter,
    shared: Arc<Shared>,
    segment: Segment,
    /// The segment has been read to its end; what is left of it is the resampler's tail.
    flushing: Option<Boundary>,
    /// Frames behind those that are queued with no boundary before or among them, as far as was seen last.
    clear_frames: usize,
    gate: Gate,
    sounding: Sounding,
    utterance: Option<Utterance>,
    marks: Marks,
    cuts: Cuts,
    cancels: Cancels,
    ends: Ends,
    notices: Notices,
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
            marks: Marks::default(),
            cuts: Cuts::new(config.ramp_frames),
            cancels: Cancels::default(),
            ends: Ends::default(),
            notices: Notices::default(),
            non_finite_samples: 0,
        }
    }

    /// Something has sounded that has not come to its end.
    pub(crate) fn is_sounding(&self) -> bool {
        self.sounding.is_sounding()
    }

    /// For how many device frames from `now` on something is held back that time alone will bring.
    pub(crate) fn held_back_frames(&self, now: u64) -> Option<u64> {
        Some(self.gate.opens_at()?.saturating_sub(now))
    }

    /// More than the boundaries that can be passed in one go.
    pub(crate) fn most_boundaries(&self) -> usize {
        self.incoming.most_boundaries()
    }

    /// The queue ran dry at device frame `now`: silence follows.
    pub(crate) fn note_dry(&mut self, now: u64) {
        if self.sounding.note_dry(now, self.segment.position()) {
            self.learn_heard();
            // A resampler's tail may sound while a sound behind it is held back already, and waits on.
            if self.gate.is_open() {
                self.gate.close_in_gap();
            }
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
        self.gate
            .learn_heard(self.segment.heard(&self.plan), |from, to| {
                times.between(from, to)
            });
    }

    /// Nothing is queued and nothing is sounding.
    pub(crate) fn is_exhausted(&self) -> bool {
        let is_empty = self.incoming.ring.available() == 0 && self.incoming.marker().is_none();
        is_empty && !self.segment.is_active()
    }

    /// The feeder is gone: what is queued is all there will be.
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    pub(crate) fn set_paused(&mut self, paused: bool) {
        self.cuts.set_paused(paused);
    }

    /// Whether a declared end or an interruption's end was passed since the last call.
    pub(crate) fn take_ended(&mut self) -> bool {
        core::mem::take(&mut self.notices.ended)
    }

    /// Whether what ended had not faded to zero.
    pub(crate) fn take_falls(&mut self) -> bool {
        core::mem::take(&mut self.notices.falls)
    }

    /// How many more source frames must be queued so that `frames` device frames can be rendered.
    pub(crate) fn missing_frames(&self, frames: usize) -> usize {
        self.plan
            .source_frames_for(frames)
            .saturating_sub(self.queued_frames())
    }

    fn queued_frames(&self) -> usize {
        self.plan.frames_in(self.incoming.ring.available())
    }

    /// Whether what comes next can be copied into a block of this format as it is.
    pub(crate) fn can_copy_to(&self, format: SampleFormat) -> bool {
        let is_format = self.plan.source().format == format;
        is_format && !self.cuts.is_under_way() && self.plan.map().is_some()
    }

    /// Whether no boundary stands at the present position, as far as was seen when the last frames were read.
    pub(crate) fn is_clear(&self) -> bool {
        self.clear_frames > 0 && !self.cuts.is_under_way()
    }

    /// Writes what this side counts.
    pub(crate) fn count(&self, counters: &mut Counters) {
        self.segment.count(&self.plan, counters);
        counters.utterance = self.utterance.map(|utterance| utterance.id);
        counters.utterance_heard_frames = self
            .utterance
            .map_or(0, |utterance| utterance.heard_frames(counters.heard_frames));
        counters.events_lost = self.report.lost;
        counters.end = self.ends.last();
    }
}
