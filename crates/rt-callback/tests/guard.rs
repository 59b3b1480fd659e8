//! The soft guard: silence, a counter, a rare log. Nothing stops the stream.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "engine/common/mod.rs"]
mod common;

use std::sync::Mutex;

use common::{config, samples};
use rt_callback::{RenderStatus, stream};

static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOGGED.lock().unwrap().push(format!(
            "{} {} {}",
            record.level(),
            record.target(),
            record.args()
        ));
    }

    fn flush(&self) {}
}

fn logged() -> Vec<String> {
    core::mem::take(&mut LOGGED.lock().unwrap())
}

/// Regression class: "an assert in the callback crashes the app"
/// (mozilla/cubeb-coreaudio-rs#277). One test, since there is one logger.
#[test]
fn a_wrong_shape_is_silence_a_counter_and_a_rare_log() {
    log::set_logger(&Capture).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let (mut feeder, _, mut renderer, mut monitor) =
        stream(&config("48000x2:s16le", "48000x2:u8")).unwrap();
    feeder.push(&samples(100)).unwrap();
    let mut mismatch = |times: usize| {
        for _ in 0..times {
            let mut block = [7_u8; 5];
            assert_eq!(renderer.render(&mut block), RenderStatus::ShapeMismatch);
            assert_eq!(block, [128; 5]);
        }
    };
    mismatch(99);
    monitor.poll(|_| ());
    assert!(logged().is_empty());
    mismatch(1);
    assert!(logged().is_empty(), "the audio thread logs nothing");
    monitor.poll(|_| ());
    let lines = logged();
    assert_eq!(lines.len(), 1);
    let begin = "WARN rt_callback Shape mismatch: ";
    assert!(lines[0].starts_with(begin), "{lines:?}");
    assert!(
        lines[0].contains("5 samples") && lines[0].contains("2-channel"),
        "{lines:?}"
    );
    monitor.poll(|_| ());
    assert!(logged().is_empty());
    // Several thresholds crossed between two polls are one warning.
    mismatch(350);
    monitor.poll(|_| ());
    assert_eq!(logged().len(), 1);
    mismatch(49);
    monitor.poll(|_| ());
    assert!(logged().is_empty());
    mismatch(1);
    monitor.poll(|_| ());
    assert_eq!(logged().len(), 1);
    // The threshold can be set, down to each one.
    monitor.log_every(core::num::NonZeroU64::MIN);
    mismatch(1);
    monitor.poll(|_| ());
    assert_eq!(logged().len(), 1);

    // Nothing was consumed, and the stream goes on.
    let counters = monitor.snapshot();
    assert_eq!(counters.shape_mismatches, 501);
    assert_eq!(counters.heard_frames, 0);
    let mut block = [7_u8; 100];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);

    // Bytes: a part of a frame is a wrong shape as well.
    let mut block = [7_u8; 3];
    assert_eq!(
        renderer.render_bytes(&mut block),
        RenderStatus::ShapeMismatch
    );
    assert_eq!(block, [128; 3]);
}

/// Regression class: "a block of 0 frames" (mozilla/cubeb-coreaudio-rs#91, mozilla/cubeb#295).
#[test]
fn a_block_of_no_frames_is_fine() {
    let (mut feeder, _, mut renderer, monitor) =
        stream(&config("24000x1:s16le", "48000x2:f32le")).unwrap();
    assert_eq!(renderer.render::<f32>(&mut []), RenderStatus::Rendered);
    feeder.push(&samples(10)).unwrap();
    assert_eq!(renderer.render::<f32>(&mut []), RenderStatus::Rendered);
    assert_eq!(monitor.snapshot().heard_frames, 0);
    assert_eq!(monitor.snapshot().shape_mismatches, 0);
}
