//! What happens when people talk: barge-ins, words that come late, replies that stall, and what was heard of
//! them. Each test is named after what went wrong somewhere, and cites where.

mod barge_ins;
mod fades;
mod gaps;
mod thresholds;
mod told;

use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::common::{config, events, render_blocks, samples, spec, told};
use rt_callback::{
    Config, Controller, DrainError, Drained, EventKind, FeedError, Feeder, Ramp, RenderStatus,
    Resample, UtteranceId, stream,
};

const HALF: i16 = 16_384;
const REFUSED: FeedError = FeedError::Interrupted { queued: 0 };

fn plain() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    config
}

fn finished(utterance: UtteranceId, heard_frames: u64) -> EventKind {
    EventKind::Finished {
        utterance,
        heard_frames,
    }
}

fn interrupted(utterance: Option<UtteranceId>, heard_frames: u64) -> EventKind {
    EventKind::Interrupted {
        utterance,
        heard_frames,
        device_latency_frames: 0,
    }
}
