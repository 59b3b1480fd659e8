//! What happened, for people and for programs.

use std::fmt::Write;
use std::sync::OnceLock;
use std::time::Instant;

use clap::ValueEnum;
use rt_callback::{Counters, Event, EventKind, Load, StreamSpec};
use serde_json::{Map, Value, json};

use crate::console::say;

/// Nanoseconds since the first call: the clock that the engine is given.
pub(crate) fn nanoseconds() -> u64 {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let elapsed = ORIGIN.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

/// What a report is given as, where it is for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    /// One JSON object
    Json,
}

/// Everything about one run.
pub(crate) struct Report {
    pub(crate) source: StreamSpec,
    pub(crate) device: StreamSpec,
    pub(crate) frames_in: u64,
    pub(crate) frames_out: u64,
    pub(crate) latency_frames: usize,
    pub(crate) counters: Counters,
    /// The loudest sample, before it was clipped; 1.0 is full scale. Known where it was measured.
    pub(crate) peak: Option<f32>,
    /// How long the callbacks took.
    pub(crate) load: Option<Load>,
    pub(crate) events: Vec<Event>,
    /// Of the sample bytes written, where any were.
    pub(crate) sha256: Option<String>,
}

impl Report {
    /// On standard error, in the form that was asked for; as a last line, where that is JSON.
    pub(crate) fn say(&self, form: Option<ReportForm>) {
        say(&match form {
            Some(ReportForm::Json) => self.json(),
            None => self.text(),
        });
    }

    /// The time that this share of the callbacks did not exceed.
    fn nanoseconds(&self, quantile: f64) -> u64 {
        self.load
            .as_ref()
            .map_or(0, |load| load.nanoseconds(quantile))
    }

    /// Time in callbacks, of the time that their blocks last.
    fn load_percent(&self) -> f64 {
        self.load.as_ref().map_or(0.0, Load::mean_share) * 100.0
    }

    /// One JSON object on one line.
    pub(crate) fn json(&self) -> String {
        let counters = &self.counters;
        let events: Vec<Value> = self.events.iter().map(event_json).collect();
        json!({
            "frames_in": self.frames_in,
            "frames_out": self.frames_out,
            "blocks": counters.blocks,
            "underruns": counters.underruns,
            "underrun_frames": counters.underrun_frames,
            "shape_mismatches": counters.shape_mismatches,
            "clipped_samples": counters.clipped_samples,
            "non_finite_samples": counters.non_finite_samples,
            "latency_frames": self.latency_frames,
            "callback_ns": {
                "p50": self.nanoseconds(0.5),
                "p99": self.nanoseconds(0.99),
                "max": self.nanoseconds(1.0),
            },
            "load_percent": self.load_percent(),
            "events": events,
            "sha256": self.sha256,
        })
        .to_string()
    }

    /// A few lines.
    pub(crate) fn text(&self) -> String {
        let counters = &self.counters;
        let mut text = String::new();
        let seconds = self.frames_out as f64 / f64::from(self.device.rate_hz);
        let mut line = |name: &str, words: String| {
            let _ = writeln!(text, "{name:>10}  {words}");
        };
        line("formats", format!("{} -> {}", self.source, self.device));
        line(
            "frames",
            format!(
                "{} in, {} out ({seconds:.2} s) in {} blocks",
                self.frames_in, self.frames_out, counters.blocks
            ),
        );
        line(
            "faults",
            format!(
                "{} underruns, {} guard trips, {} clipped, {} not finite",
                counters.underruns,
                counters.shape_mismatches,
                counters.clipped_samples,
                counters.non_finite_samples
            ),
        );
        line(
            "callback",
            format!(
                "p50 {}, p99 {}, max {}; {:.3} % of the block's budget",
                duration(self.nanoseconds(0.5)),
                duration(self.nanoseconds(0.99)),
                duration(self.nanoseconds(1.0)),
                self.load_percent()
            ),
        );
        text
    }
}

fn duration(nanoseconds: u64) -> String {
    match nanoseconds {
        0..10_000 => format!("{nanoseconds} ns"),
        10_000..10_000_000 => format!("{:.1} us", nanoseconds as f64 / 1e3),
        _ => format!("{:.1} ms", nanoseconds as f64 / 1e6),
    }
}

fn event_json(event: &Event) -> Value {
    let mut object = Map::new();
    object.insert("at_frame".into(), event.at_frame.into());
    object.insert("rate_hz".into(), event.rate_hz.into());
    let mut put = |name: &str, value: Value| object.insert(name.into(), value);
    match event.kind {
        EventKind::Started { utterance } => {
            put("kind", "Started".into());
            put("utterance", utterance.0.into());
        }
        EventKind::Mark { mark } => {
            put("kind", "Mark".into());
            put("mark", mark.0.into());
        }
        EventKind::Finished {
            utterance,
            heard_frames,
        } => {
            put("kind", "Finished".into());
            put("utterance", utterance.0.into());
            put("heard_frames", heard_frames.into());
        }
        EventKind::Interrupted {
            utterance,
            heard_frames,
            device_latency_frames,
        } => {
            put("kind", "Interrupted".into());
            put("utterance", utterance.map(|utterance| utterance.0).into());
            put("heard_frames", heard_frames.into());
            put("device_latency_frames", device_latency_frames.into());
        }
        EventKind::Underrun => {
            put("kind", "Underrun".into());
        }
        EventKind::Recovered { missing_frames } => {
            put("kind", "Recovered".into());
            put("missing_frames", missing_frames.into());
        }
        EventKind::SourceChanged => {
            put("kind", "SourceChanged".into());
        }
        _ => {
            put("kind", "Other".into());
        }
    }
    Value::Object(object)
}
