//! What the callbacks came to: a run that does nothing must not pass.

use std::collections::BTreeMap;

use rt_callback::{CaptureCounters, Counters, EventKind};

#[derive(Default)]
pub(crate) struct Covered(BTreeMap<&'static str, u64>);

/// What every run must come to.
const WANTED: [&str; 26] = [
    "captured frames",
    "clipped",
    "cuts of a duplex",
    "dropped frames",
    "events lost",
    "finished",
    "heard frames",
    "idle frames",
    "inputs that went",
    "interrupted",
    "levels",
    "lost capture frames",
    "marks",
    "not finite",
    "overruns",
    "paused frames",
    "recorded shape mismatches",
    "recovered",
    "shape mismatches",
    "sink frames",
    "source changes",
    "started",
    "startup frames",
    "tapped frames",
    "underruns",
    "worked on",
];

impl Covered {
    pub(crate) fn add(&mut self, what: &'static str, count: u64) {
        *self.0.entry(what).or_default() += count;
    }

    pub(crate) fn event(&mut self, kind: EventKind) {
        let what = match kind {
            EventKind::Started { .. } => "started",
            EventKind::Mark { .. } => "marks",
            EventKind::Finished { .. } => "finished",
            EventKind::Interrupted { .. } => "interrupted",
            EventKind::Underrun => "underruns",
            EventKind::Recovered { .. } => "recovered",
            EventKind::SourceChanged => "source changes",
            _ => "other events",
        };
        self.add(what, 1);
    }

    pub(crate) fn output(&mut self, counters: &Counters) {
        self.add("heard frames", counters.heard_frames);
        self.add("dropped frames", counters.dropped_frames);
        self.add("paused frames", counters.paused_frames);
        self.add("idle frames", counters.idle_frames);
        self.add("startup frames", counters.startup_silence_frames);
        self.add("shape mismatches", counters.shape_mismatches);
        self.add("clipped", counters.clipped_samples);
        self.add("not finite", counters.non_finite_samples);
        self.add("events lost", counters.events_lost);
    }

    pub(crate) fn input(&mut self, counters: &CaptureCounters) {
        self.add("captured frames", counters.captured_frames);
        self.add("overruns", counters.overruns);
        self.add("lost capture frames", counters.absent_frames);
        self.add("recorded shape mismatches", counters.shape_mismatches);
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let missing = |what: &&str| self.0.get(what).copied().unwrap_or(0) == 0;
        let missing: Vec<_> = WANTED.into_iter().filter(|what| missing(what)).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("never came to: {}", missing.join(", ")))
        }
    }
}
