//! The same stream on another device: what was queued is kept, and so is what was said about it.

use crate::common::{config, events, render_blocks, samples, spec, told};
use rt_callback::{ConfigError, Decibels, EventKind, Ramp, RenderStatus, Resample, stream};

#[test]
fn the_queue_and_the_position_move_to_the_next_device() {
    for resample in Resample::ALL {
        for device in [
            "48000x2:f32le",
            "48000x1:f32le",
            "44100x6:f32le",
            "16000x1:f32le",
        ] {
            let mut config = config("24000x1:s16le", "48000x2:f32le");
            config.resample = *resample;
            let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
            feeder.begin_utterance().unwrap();
            feeder.push(&samples(4_800)).unwrap();
            feeder.end_utterance().unwrap();
            renderer.render(&mut [0.0_f32; 2 * 960]);
            let before = monitor.snapshot();
            assert_eq!(before.heard_frames, 480);

            renderer.rebind(spec(device)).unwrap();
            assert_eq!(renderer.device(), &spec(device));
            let mut block = vec![f32::NAN; 1_000 * renderer.device().channels()];
            while renderer.render(&mut block) != RenderStatus::Idle {}
            let after = monitor.snapshot();
            assert_eq!(after.pushed_frames, 4_800);
            assert_eq!(after.heard_frames + after.dropped_frames, 4_800);
            if device.starts_with("48000") {
                assert_eq!(after.dropped_frames, 0, "{resample} {device}");
            } else {
                assert_eq!(after.dropped_frames, before.in_flight_frames);
            }
            assert_eq!(after.underruns, 0);
            let heard = after.heard_frames;
            assert!(events(&mut monitor).iter().any(|event| {
                matches!(event.kind, EventKind::Finished { heard_frames, .. } if heard_frames == heard)
            }));
        }
    }
}

/// With the same rate and mix, nothing but the fade-in tells that there was a break.
#[test]
fn the_same_device_again_continues_where_it_was() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    let render = |breaks: bool| {
        let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&samples(4_800)).unwrap();
        let mut sound = vec![0.0_f32; 2_000];
        let (first, second) = sound.split_at_mut(700);
        renderer.render(first);
        if breaks {
            renderer.rebind(config.device).unwrap();
        }
        renderer.render(second);
        sound
    };
    let (whole, broken) = (render(false), render(true));
    let faded = 700..700 + config.ramp_frames as usize - 1;
    for (frame, (whole, broken)) in whole.iter().zip(&broken).enumerate() {
        if faded.contains(&frame) {
            let share = (frame - 699) as f32 / config.ramp_frames as f32;
            assert!((whole * share - broken).abs() < 1e-6, "{frame}");
        } else {
            assert_eq!(whole, broken, "{frame}");
        }
    }
}

#[test]
fn sources_that_are_queued_are_planned_anew() {
    let config = config("24000x1:s16le", "48000x2:f32le");
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&samples(240)).unwrap();
    feeder.set_source(spec("44100x2:s16le")).unwrap();
    feeder.push(&samples(882)).unwrap();
    feeder.set_source(spec("16000x1:s16le")).unwrap();
    renderer.rebind(spec("44100x1:f32le")).unwrap();
    // Planned after the change, and behind those that were planned before it.
    feeder.push(&samples(160)).unwrap();
    feeder.set_source(spec("8000x3:s16le")).unwrap();
    feeder.push(&samples(3 * 80)).unwrap();
    feeder.end_utterance().unwrap();
    let mut sound = vec![f32::NAN; 441 * 4];
    assert_eq!(renderer.render(&mut sound), RenderStatus::Rendered);
    assert_eq!(renderer.render(&mut [0.0_f32; 10]), RenderStatus::Idle);
    assert!(sound.iter().all(|sample| sample.abs() < 1.0));
    let changes = events(&mut monitor);
    let changes = changes
        .iter()
        .filter(|event| event.kind == EventKind::SourceChanged);
    let at: Vec<u64> = changes.map(|event| event.at_frame).collect();
    assert_eq!(at, [441, 882, 1_323]);
    let counters = monitor.snapshot();
    assert_eq!(
        (counters.heard_frames, counters.dropped_frames),
        (240 + 441 + 160 + 80, 0)
    );
}

#[test]
fn pause_gain_and_mute_are_kept() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    let (mut feeder, controller, mut renderer, _) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 400]).unwrap();
    controller.set_gain(Decibels(-20.0), Ramp::None);
    controller.pause();
    renderer.render(&mut [0.0_f32; 10]);
    renderer.rebind(spec("48000x2:s16le")).unwrap();
    let mut block = [7_i16; 8];
    assert_eq!(renderer.render(&mut block), RenderStatus::Paused);
    assert_eq!(block, [0; 8]);
    controller.resume();
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block, [1_638; 8]);
    controller.mute();
    renderer.render(&mut block);
    renderer.rebind(spec("48000x1:s16le")).unwrap();
    renderer.render(&mut block);
    assert_eq!(block, [0; 8]);
}

#[test]
fn a_fade_that_the_device_took_with_it_is_over() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 4_000]).unwrap();
    renderer.render(&mut [0.0_f32; 100]);
    controller.interrupt(Ramp::Frames(1_000));
    renderer.render(&mut [0.0_f32; 100]);
    renderer.rebind(spec("48000x2:f32le")).unwrap();
    feeder.push(&[16_384_i16; 100]).unwrap();
    let mut block = [f32::NAN; 2 * 100];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(
        block, [0.5; 200],
        "what was pushed after the interruption, at once"
    );
    let kinds: Vec<EventKind> = events(&mut monitor).iter().map(|e| e.kind).collect();
    let receipt = EventKind::Interrupted {
        utterance: None,
        heard_frames: 200,
        device_latency_frames: 0,
    };
    assert_eq!(kinds, [receipt]);
}

#[test]
fn a_device_that_cannot_be_changes_nothing() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 10]).unwrap();
    feeder.set_source(spec("1000x1:s16le")).unwrap();
    feeder.push(&[16_384_i16; 10]).unwrap();
    let refused = renderer.rebind(spec("768000x1:f32le"));
    assert_eq!(refused, Err(ConfigError::Ratio(1_000, 768_000)));
    assert_eq!(renderer.device(), &config.device);
    let mut block = [f32::NAN; 48];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block[..10], [0.5; 10]);
}

/// A gap that goes on on another device is as long as it was: its frames are told at that device's rate.
#[test]
fn a_gap_across_a_change_of_device_keeps_its_time() {
    let (mut feeder, _, mut renderer, mut monitor) =
        stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    feeder.push(&[1_000_i16; 480]).unwrap();
    render_blocks(&mut renderer, 960, &[480]); // 10 ms of it are a gap
    renderer.rebind(spec("8000x1:f32le")).unwrap();
    render_blocks(&mut renderer, 80, &[80]);
    feeder.push(&[1_000_i16; 4_800]).unwrap();
    render_blocks(&mut renderer, 80, &[80]);
    let recovered = told(&mut monitor)
        .into_iter()
        .find_map(|(_, kind)| match kind {
            EventKind::Recovered { missing_frames } => Some(missing_frames),
            _ => None,
        });
    assert_eq!(recovered, Some(160), "20 ms at 8 kHz");
    // Of the device's own frames 480 and 80 were silent.
    assert_eq!(monitor.snapshot().underrun_frames, 560);
}
