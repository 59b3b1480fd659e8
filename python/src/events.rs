//! What a stream and its device tell, as dictionaries that become dataclasses.

use device_io::DeviceEvent;
use pyo3::IntoPyObject;
use rt_callback::{Counters, Event, EventKind, Gap, Heard, Readings};

/// The fields of the dataclass `Event`.
#[derive(Default, IntoPyObject)]
pub(crate) struct Told {
    kind: &'static str,
    at_frame: Option<u64>,
    at_seconds: Option<f64>,
    utterance: Option<u64>,
    mark: Option<u64>,
    heard_frames: Option<u64>,
    heard_seconds: Option<f64>,
    missing_frames: Option<u64>,
    message: Option<String>,
}

/// The fields of the dataclass `Receipt`.
#[derive(Clone, IntoPyObject)]
pub(crate) struct Receipt {
    pub(crate) utterance: Option<u64>,
    pub(crate) heard_frames: u64,
    pub(crate) heard_seconds: f64,
}

impl Receipt {
    /// The receipt of an interruption, if the event is one.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event.kind {
            EventKind::Interrupted {
                utterance,
                heard_frames,
                ..
            } => Some(Self {
                utterance: utterance.map(|id| id.0),
                heard_frames,
                heard_seconds: event.heard_time().as_secs_f64(),
            }),
            _ => None,
        }
    }
}

impl Told {
    pub(crate) fn of_stream(event: &Event) -> Self {
        let told = Self {
            at_frame: Some(event.at_frame),
            at_seconds: Some(event.time().as_secs_f64()),
            ..Self::default()
        };
        let heard_seconds = Some(event.heard_time().as_secs_f64());
        match event.kind {
            EventKind::Started { utterance } => Self {
                kind: "started",
                utterance: Some(utterance.0),
                ..told
            },
            EventKind::Mark { mark } => Self {
                kind: "mark",
                mark: Some(mark.0),
                ..told
            },
            EventKind::Finished {
                utterance,
                heard_frames,
            } => Self {
                kind: "finished",
                utterance: Some(utterance.0),
                heard_frames: Some(heard_frames),
                heard_seconds,
                ..told
            },
            EventKind::Interrupted {
                utterance,
                heard_frames,
                ..
            } => Self {
                kind: "interrupted",
                utterance: utterance.map(|id| id.0),
                heard_frames: Some(heard_frames),
                heard_seconds,
                ..told
            },
            EventKind::Underrun => Self {
                kind: "underrun",
                ..told
            },
            EventKind::Recovered { missing_frames } => Self {
                kind: "recovered",
                missing_frames: Some(missing_frames),
                ..told
            },
            EventKind::SourceChanged => Self {
                kind: "source_changed",
                ..told
            },
            _ => Self {
                kind: "other",
                message: Some(format!("{:?}", event.kind)),
                ..told
            },
        }
    }

    pub(crate) fn of_device(event: &DeviceEvent) -> Self {
        let kind = match event {
            DeviceEvent::Lost(_) | DeviceEvent::Invalidated(_) => "device_lost",
            DeviceEvent::Stalled(_) | DeviceEvent::Spinning { .. } => "device_stalled",
            DeviceEvent::Reopened { .. } => "device_reopened",
            DeviceEvent::Failed(_) => "device_failed",
            DeviceEvent::Held | DeviceEvent::Waiting => "device_waiting",
            _ => "device",
        };
        Self {
            kind,
            message: Some(format!("{event:?}")),
            ..Self::default()
        }
    }

    pub(crate) fn of_gap(gap: &Gap) -> Self {
        Self {
            kind: "gap",
            at_frame: Some(gap.at_frame),
            missing_frames: Some(gap.frames),
            message: Some(format!("{:?} at {} Hz", gap.duration(), gap.rate_hz)),
            ..Self::default()
        }
    }
}

/// The fields of the dataclass `Position`.
#[derive(IntoPyObject)]
pub(crate) struct Position {
    frames: u64,
    seconds: f64,
    utterance: Option<u64>,
    utterance_frames: u64,
    utterance_seconds: f64,
}

impl From<Heard> for Position {
    fn from(heard: Heard) -> Self {
        Self {
            frames: heard.frames,
            seconds: heard.time().as_secs_f64(),
            utterance: heard.utterance.map(|id| id.0),
            utterance_frames: heard.utterance_frames,
            utterance_seconds: heard.utterance_time().as_secs_f64(),
        }
    }
}

/// The fields of the dataclass `Metrics`.
#[derive(IntoPyObject)]
pub(crate) struct Metrics {
    pushed_frames: u64,
    heard_frames: u64,
    in_flight_frames: u64,
    queued_frames: u64,
    dropped_frames: u64,
    rendered_frames: u64,
    blocks: u64,
    underruns: u64,
    underrun_frames: u64,
    starved_frames: u64,
    startup_silence_frames: u64,
    idle_frames: u64,
    paused_frames: u64,
    shape_mismatches: u64,
    mismatch_samples: u64,
    clipped_samples: u64,
    non_finite_samples: u64,
    events_lost: u64,
    callback_ns_median: u64,
    callback_ns_max: u64,
}

impl Metrics {
    /// `untold` events were given up because nobody took them from this package.
    pub(crate) fn new(readings: &Readings, untold: u64) -> Self {
        let counters: Counters = readings.snapshot();
        let load = readings.load();
        Self {
            pushed_frames: counters.pushed_frames,
            heard_frames: counters.heard_frames,
            in_flight_frames: counters.in_flight_frames,
            queued_frames: counters.queued_frames,
            dropped_frames: counters.dropped_frames,
            rendered_frames: counters.rendered_frames,
            blocks: counters.blocks,
            underruns: counters.underruns,
            underrun_frames: counters.underrun_frames,
            starved_frames: counters.starved_frames,
            startup_silence_frames: counters.startup_silence_frames,
            idle_frames: counters.idle_frames,
            paused_frames: counters.paused_frames,
            shape_mismatches: counters.shape_mismatches,
            mismatch_samples: counters.mismatch_samples,
            clipped_samples: counters.clipped_samples,
            non_finite_samples: counters.non_finite_samples,
            events_lost: counters.events_lost + untold,
            callback_ns_median: load.map_or(0, |load| load.nanoseconds(0.5)),
            callback_ns_max: load.map_or(0, |load| load.max_nanoseconds()),
        }
    }
}
