//! A stream without a device: it keeps its place, and everything else goes on.

use std::time::Duration;

use crate::common::{config, render_blocks, told};
use rt_callback::{
    Decibels, DrainError, Drained, EventKind, Ramp, RenderStatus, UtteranceId, stream,
};

/// yamanahlawat/banshee#51: a conversation that begins before its headset is there.
#[test]
fn a_stream_without_a_device_keeps_its_place_and_is_faded_in_on_the_next() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 64;
    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 1_000]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    renderer.set_absent(true);
    let mut block = [9.0_f32; 200];
    for _ in 0..3 {
        assert_eq!(renderer.render(&mut block), RenderStatus::Paused);
    }
    assert_eq!(block, [0.0; 200]);
    assert!(!controller.is_paused() && !controller.is_held());
    // What the application lifts and sets is its own.
    controller.resume();
    assert_eq!(renderer.render(&mut block), RenderStatus::Paused);
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.paused_frames), (100, 800));
    renderer.set_absent(false);
    let out = render_blocks(&mut renderer, 900, &[128]);
    for (at, sample) in out.iter().enumerate() {
        let share = ((at + 1) as f32 / 64.0).min(1.0);
        assert!((sample - 0.5 * share).abs() < 1e-6, "{at}: {sample}");
    }
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.underruns), (1_000, 0));
}

/// A device that comes back before anything was missed is not heard to have been away.
#[test]
fn an_absence_in_which_nothing_was_rendered_changes_no_sample() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 200]).unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    renderer.set_absent(true);
    renderer.set_absent(false);
    assert_eq!(render_blocks(&mut renderer, 100, &[100]), [0.5; 100]);
}

#[test]
fn a_pause_that_the_application_asked_for_outlasts_the_absence() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, _) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 500]).unwrap();
    renderer.set_absent(true);
    let mut block = [9.0_f32; 50];
    renderer.render(&mut block);
    controller.pause();
    renderer.set_absent(false);
    for _ in 0..2 {
        assert_eq!(renderer.render(&mut block), RenderStatus::Paused);
    }
    controller.resume();
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
}

#[test]
fn interruptions_cancellations_and_ramps_go_on_without_a_device() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut block = [0.0_f32; 480];
    for _ in 0..2 {
        feeder.begin_utterance().unwrap();
        feeder.push(&[16384_i16; 480]).unwrap();
        feeder.end_utterance().unwrap();
    }
    renderer.render(&mut block[..100]);
    renderer.set_absent(true);
    renderer.render(&mut block);
    renderer.render(&mut block);
    assert!(controller.cancel(UtteranceId(1), Ramp::None));
    controller.set_gain(Decibels(-6.0206), Ramp::Frames(480));
    renderer.render(&mut block);
    controller.interrupt(Ramp::None);
    renderer.render(&mut block);
    let receipts: Vec<_> = told(&mut monitor)
        .into_iter()
        .filter_map(|(_, kind)| match kind {
            EventKind::Interrupted {
                utterance,
                heard_frames,
                ..
            } => Some((utterance, heard_frames)),
            _ => None,
        })
        .collect();
    assert_eq!(
        receipts,
        [(Some(UtteranceId(0)), 100), (Some(UtteranceId(1)), 0)]
    );
    // The ramp has come to its end meanwhile.
    feeder.push(&[16384_i16; 480]).unwrap();
    renderer.set_absent(false);
    renderer.render(&mut block);
    assert!((block[479] - 0.25).abs() < 1e-6, "{}", block[479]);
}

#[test]
fn a_drain_waits_for_a_device() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 100]).unwrap();
    renderer.set_absent(true);
    let mut block = [0.0_f32; 480];
    renderer.render(&mut block);
    assert_eq!(
        feeder.drain(Duration::from_millis(20)),
        Err(DrainError::TimedOut)
    );
    renderer.render(&mut block);
    renderer.set_absent(false);
    renderer.render(&mut block);
    renderer.render(&mut block);
    assert_eq!(feeder.drain(Duration::from_secs(5)), Ok(Drained::Heard));
}
