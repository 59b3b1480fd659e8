//! What happened, for people and for programs.

use std::fmt::Write;
use std::sync::OnceLock;
use std::time::Instant;

use clap::ValueEnum;
use rt_callback::{Counters, Event, EventKind, Load, Resample, StreamSpec};
use serde_json::{Map, Value, json};

use crate::console::{backends, say};

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

/// A callback that took longer than this was most likely interrupted by the system: ten times the median, and no less
/// than a clock's reading and an interrupt may take.
pub(crate) fn outlier_ns(median_ns: u64) -> u64 {
    median_ns.saturating_mul(10).max(1_000)
}

/// What made a report: the tool's version, and the instruction set of each crate that has a choice.
pub(crate) fn versions() -> Value {
    let backends = backends().map(|(name, backend)| (name.to_owned(), backend.into()));
    json!({
        "backend": Map::from_iter(backends),
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// What a run was asked for. It stands in front of its report.
pub(crate) struct Parameters {
    pub(crate) from: StreamSpec,
    pub(crate) to: StreamSpec,
    /// The frames that callbacks ask for, in turn; none where a device does not say.
    pub(crate) block: Vec<usize>,
    pub(crate) resample: Resample,
}

impl Parameters {
    /// One JSON object on one line, of these and of what came of them.
    pub(crate) fn json(&self, rest: Value) -> String {
        let block = match self.block[..] {
            [] => Value::Null,
            [frames] => frames.into(),
            _ => self.block.clone().into(),
        };
        let asked = json!({
            "from": self.from.to_string(),
            "to": self.to.to_string(),
            "block": block,
            "resample": self.resample.name(),
        });
        let parts = [asked, versions(), rest].into_iter();
        let members = parts.filter_map(|part| match part {
            Value::Object(members) => Some(members),
            _ => None,
        });
        Value::Object(members.flatten().collect()).to_string()
    }
}

/// Everything about one run.
pub(crate) struct Report {
    pub(crate) parameters: Parameters,
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

    /// How many callbacks took so long that the system must have interrupted them, and how long that is.
    fn outliers(&self) -> (u64, u64) {
        let above_ns = outlier_ns(self.nanoseconds(0.5));
        let longer_than = |load: &Load| load.longer_than(above_ns);
        (self.load.as_ref().map_or(0, longer_than), above_ns)
    }

    /// One JSON object on one line.
    pub(crate) fn json(&self) -> String {
        let (outliers, above_ns) = self.outliers();
        let counters = &self.counters;
        let events: Vec<Value> = self.events.iter().map(event_json).collect();
        self.parameters.json(json!({
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
                "outliers": {"calls": outliers, "above": above_ns},
            },
            "load_percent": self.load_percent(),
            "events": events,
            "sha256": self.sha256,
        }))
    }

    /// A few lines.
    pub(crate) fn text(&self) -> String {
        let counters = &self.counters;
        let mut text = String::new();
        let Parameters { from, to, .. } = &self.parameters;
        let seconds = self.frames_out as f64 / f64::from(to.rate_hz);
        let mut line = |name: &str, words: String| {
            let _ = writeln!(text, "{name:>10}  {words}");
        };
        line("formats", format!("{from} -> {to}"));
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
        let (outliers, above_ns) = self.outliers();
        if outliers > 0 {
            let blocks = counters.blocks;
            line("outliers", outlier_words(outliers, blocks, above_ns));
        }
        text
    }
}

/// What is said of callbacks that took that long.
pub(crate) fn outlier_words(outliers: u64, calls: u64, above_ns: u64) -> String {
    let above = duration(above_ns);
    match outliers {
        0 => format!("none of {calls} took over {above}"),
        _ => format!("{outliers} of {calls} took over {above}: the system's"),
    }
}

/// A time in the unit that suits it.
pub(crate) fn duration(nanoseconds: u64) -> String {
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
