//! What a recording came to, for people and for programs.

use std::fmt::Write;

use rt_callback::{CaptureCounters, Gap};
use serde_json::json;

use crate::console::{Parameters, ReportForm, say};

/// Gaps that people are told of one by one.
const SHOWN_GAPS: usize = 10;

/// Everything about one recording.
pub(super) struct Report {
    /// From what the device delivered at first.
    pub(super) parameters: Parameters,
    /// Frames in the output.
    pub(super) frames_out: u64,
    pub(super) latency_frames: usize,
    pub(super) counters: CaptureCounters,
    pub(super) gaps: Vec<Gap>,
    /// Gaps of the device's own.
    pub(super) xruns: u64,
    /// Of the samples, where all of them could be written.
    pub(super) sha256: Option<String>,
}

impl Report {
    /// On standard error, in the form that was asked for; as a last line, where that is JSON.
    pub(super) fn say(&self, form: Option<ReportForm>) {
        say(&match form {
            Some(ReportForm::Json) => self.json(),
            None => self.text(),
        });
    }

    /// One JSON object on one line.
    fn json(&self) -> String {
        let counters = &self.counters;
        let gaps: Vec<_> = self
            .gaps
            .iter()
            .map(|gap| {
                json!({"at_frame": gap.at_frame, "frames": gap.frames, "rate_hz": gap.rate_hz})
            })
            .collect();
        self.parameters.json(json!({
            "frames_in": counters.captured_frames,
            "frames_out": self.frames_out,
            "blocks": counters.blocks,
            "overruns": counters.overruns,
            "dropped_frames": counters.dropped_frames,
            "gaps": gaps,
            "xruns": self.xruns,
            "shape_mismatches": counters.shape_mismatches,
            "clipped_samples": counters.clipped_samples,
            "non_finite_samples": counters.non_finite_samples,
            "latency_frames": self.latency_frames,
            "device_latency_frames": counters.device_latency_frames,
            "sha256": self.sha256,
        }))
    }

    /// A few lines.
    fn text(&self) -> String {
        let counters = &self.counters;
        let mut text = String::new();
        let mut line = |name: &str, words: String| {
            let _ = writeln!(text, "{name:>10}  {words}");
        };
        let Parameters { from, to, .. } = &self.parameters;
        line("formats", format!("{from} -> {to}"));
        line(
            "frames",
            format!(
                "{} ({:.2} s) of {} in {} blocks",
                self.frames_out,
                seconds(self.frames_out, to.rate_hz),
                counters.captured_frames,
                counters.blocks
            ),
        );
        line(
            "faults",
            format!(
                "{} overruns, {} xruns, {} guard trips, {} clipped, {} not finite",
                counters.overruns,
                self.xruns,
                counters.shape_mismatches,
                counters.clipped_samples,
                counters.non_finite_samples
            ),
        );
        for gap in self.gaps.iter().take(SHOWN_GAPS) {
            line(
                "gap",
                format!(
                    "{:.3} s from frame {} on, at {} Hz",
                    seconds(gap.frames, gap.rate_hz),
                    gap.at_frame,
                    gap.rate_hz
                ),
            );
        }
        if let Some(more) = self.gaps.len().checked_sub(SHOWN_GAPS).filter(|n| *n > 0) {
            line("gap", format!("and {more} more; --report json lists them"));
        }
        text
    }
}

pub(super) fn seconds(frames: u64, rate_hz: u32) -> f64 {
    frames as f64 / f64::from(rate_hz)
}
