//! Underruns, pauses, gains and interruptions: no click, and every frame accounted for.

use crate::common::{config, render_blocks, samples, spec, told};
use rt_callback::{
    Command, Controller, Decibels, EventKind, Ramp, RenderStatus, Timed, UtteranceId, stream,
};

fn largest_step(signal: &[f32], from: f32) -> f32 {
    let before = std::iter::once(&from).chain(signal);
    before
        .zip(signal)
        .map(|(a, b)| (b - a).abs())
        .fold(0.0, f32::max)
}

/// Regression classes: "a click at underrun" (mattgodbolt/jsbeeb#893) and "stale samples replayed
/// on underrun" (teamclouday/AndroidMic#152, RustAudio/rodio#138).
#[test]
fn an_underrun_decays_and_fades_back_in() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 64;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 100]).unwrap();
    let mut out = render_blocks(&mut renderer, 100, &[100]);
    let mut block = [9.0_f32; 200];
    assert_eq!(
        renderer.render(&mut block),
        RenderStatus::Underrun {
            missing_frames: 200
        }
    );
    out.extend_from_slice(&block);
    out.extend(render_blocks(&mut renderer, 50, &[13]));
    feeder.push(&[16384_i16; 100]).unwrap();
    out.extend(render_blocks(&mut renderer, 100, &[17]));
    assert!(largest_step(&out[1..], 0.5) <= 0.5 / 64.0 + 1e-6);
    assert!(out[100 + 64..350].iter().all(|sample| *sample == 0.0));
    assert!(out[350 + 64..].iter().all(|sample| *sample == 0.5));
    let counters = monitor.snapshot();
    assert_eq!((counters.underruns, counters.underrun_frames), (1, 250));
    assert_eq!(counters.heard_frames, 200);
    assert_eq!(
        told(&mut monitor),
        [
            (100, EventKind::Underrun),
            (
                350,
                EventKind::Recovered {
                    missing_frames: 250
                }
            ),
        ]
    );
}

/// An underrun freezes the filter: the resampled signal goes on where it stopped.
#[test]
fn an_underrun_takes_nothing_out_of_the_signal() {
    let data = samples(400);
    let mut config = config("22050x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    let render = |first: usize| {
        let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&data[..first]).unwrap();
        let mut out = Vec::new();
        let mut block = [9.0_f32; 64];
        loop {
            match renderer.render(&mut block) {
                RenderStatus::Underrun { missing_frames } => {
                    out.extend_from_slice(&block[..64 - missing_frames]);
                    break;
                }
                _ => out.extend_from_slice(&block),
            }
        }
        feeder.push(&data[first..]).unwrap();
        feeder.end_utterance().unwrap();
        out.extend(render_blocks(&mut renderer, 871 - out.len(), &[64]));
        out
    };
    // 400 frames give ceil(400 x 48000 / 22050) = 871.
    assert!(render(100) == render(399));
    assert!(render(300) == render(399));
}

/// "The first block has 96,000 frames": it plays what is there, and that is no underrun.
#[test]
fn a_first_block_larger_than_the_queue_is_no_underrun() {
    let (mut feeder, _, mut renderer, monitor) =
        stream(&config("48000x1:s16le", "48000x2:f32le")).unwrap();
    let mut block = vec![9.0_f32; 960];
    assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
    feeder.push(&samples(4_800)).unwrap();
    let mut block = vec![9.0_f32; 2 * 96_000];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert!(
        block[2 * 4_800 + 2 * 96..]
            .iter()
            .all(|sample| *sample == 0.0)
    );
    let counters = monitor.snapshot();
    assert_eq!((counters.underruns, counters.heard_frames), (0, 4_800));
    assert_eq!(counters.startup_silence_frames, 480 + 96_000 - 4_800);
    renderer.render(&mut block);
    let counters = monitor.snapshot();
    assert_eq!((counters.starved_frames, counters.underruns), (96_000, 0));
    // More of it comes: then it was one.
    feeder.push(&samples(480)).unwrap();
    renderer.render(&mut block[..2 * 480]);
    let counters = monitor.snapshot();
    assert_eq!((counters.starved_frames, counters.underruns), (0, 1));
    assert_eq!(counters.underrun_frames, 96_000);
}

#[test]
fn a_pause_keeps_its_place() {
    let data = samples(1_000);
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 10;
    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&data).unwrap();
    let mut out = render_blocks(&mut renderer, 300, &[100]);
    controller.pause();
    let gap = render_blocks(&mut renderer, 200, &[64]);
    assert!(largest_step(&gap, out[299]) <= out[299].abs() / 10.0 + 1e-6);
    assert!(gap[10..].iter().all(|sample| *sample == 0.0));
    assert_eq!(monitor.snapshot().paused_frames, 200);
    assert_eq!(monitor.snapshot().heard_frames, 300);
    controller.resume();
    out.extend(render_blocks(&mut renderer, 700, &[100]));
    for (i, (sample, source)) in out.iter().zip(&data).enumerate() {
        let expected = f32::from(*source) / 32768.0;
        if (300..310).contains(&i) {
            assert!((sample - expected * (i - 299) as f32 / 10.0).abs() < 1e-6);
        } else {
            assert_eq!(*sample, expected, "{i}");
        }
    }
    assert_eq!(monitor.snapshot().underruns, 0);
}

/// Regression class: "volume change pops" (librespot-org/librespot#472).
#[test]
fn a_change_of_gain_is_a_ramp() {
    let (mut feeder, controller, mut renderer, _) =
        stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    feeder.push(&[16384_i16; 3_000]).unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    controller.set_gain(Decibels(-20.0), Ramp::Frames(100));
    let out = render_blocks(&mut renderer, 300, &[33]);
    assert!(largest_step(&out, 0.5) <= 0.45 / 100.0 + 1e-6);
    assert!((out[299] - 0.05).abs() < 1e-6);
    controller.mute();
    let out = render_blocks(&mut renderer, 300, &[33]);
    assert!(largest_step(&out, 0.05) <= 0.05 / 96.0 + 1e-6);
    assert_eq!(out[299], 0.0);
    controller.set_gain(Decibels(0.0), Ramp::Milliseconds(1.0));
    assert_eq!(render_blocks(&mut renderer, 300, &[33]), [0.0; 300]);
    controller.unmute();
    let out = render_blocks(&mut renderer, 300, &[33]);
    assert!(largest_step(&out, 0.0) <= 0.5 / 96.0 + 1e-6);
    assert_eq!(out[299], 0.5);
}

/// Regression classes: "interruption is a hard cut" (pipecat-ai/pipecat#1305) and "nobody knows
/// what was heard at an interruption" (livekit/agents#4101).
#[test]
fn an_interruption_fades_then_is_silent_and_says_what_was_heard() {
    let (mut feeder, controller, mut renderer, mut monitor) =
        stream(&config("24000x1:s16le", "48000x1:f32le")).unwrap();
    let first = feeder.begin_utterance().unwrap();
    feeder.push(&[16384_i16; 2_000]).unwrap();
    let dropped = feeder.begin_utterance().unwrap();
    feeder.push(&[16384_i16; 1_000]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    controller.interrupt(Ramp::Milliseconds(10.0));
    let kept = feeder.begin_utterance().unwrap();
    feeder.push(&[-16384_i16; 100]).unwrap();
    feeder.end_utterance().unwrap();
    let out = render_blocks(&mut renderer, 1_000, &[77]);
    assert!(largest_step(&out[..480], 0.5) <= 0.5 / 480.0 + 1e-6);
    assert!(out[479].abs() < 1e-6);
    assert_eq!(out[480..680], [-0.5; 200]);
    assert_eq!(out[680..], [0.0; 320]);
    let told = told(&mut monitor);
    assert_eq!(
        told,
        [
            (0, EventKind::Started { utterance: first }),
            (
                960,
                EventKind::Interrupted {
                    utterance: Some(first),
                    heard_frames: 480,
                    device_latency_frames: 0,
                }
            ),
            (
                960,
                EventKind::Interrupted {
                    utterance: Some(dropped),
                    heard_frames: 0,
                    device_latency_frames: 0,
                }
            ),
            (960, EventKind::Started { utterance: kept }),
            (
                1_160,
                EventKind::Finished {
                    utterance: kept,
                    heard_frames: 100
                }
            ),
        ]
    );
    let counters = monitor.snapshot();
    assert_eq!(counters.heard_frames, 580);
    assert_eq!(counters.dropped_frames, 2_520);
    assert_eq!((counters.in_flight_frames, counters.queued_frames), (0, 0));
    assert_eq!(counters.underruns, 0);
}

/// openai/openai-agents-python#4122: a clock told more than there had been. What was heard is at most what was pushed,
/// however long the fade is.
#[test]
fn an_interruption_longer_than_what_is_left_comes_down_behind_it() {
    let config = config("24000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 100]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    controller.interrupt(Ramp::Frames(48_000));
    let out = render_blocks(&mut renderer, 300, &[60]);
    assert!(out[149] > 0.49);
    let down = config.ramp_frames as usize;
    assert!(largest_step(&out[150..], out[149]) <= 0.5 / down as f32 + 1e-6);
    assert_eq!(out[150 + down..], vec![0.0; 150 - down]);
    assert_eq!(
        told(&mut monitor),
        [(
            200,
            EventKind::Interrupted {
                utterance: None,
                heard_frames: 100,
                device_latency_frames: 0,
            }
        )]
    );
    assert_eq!(monitor.snapshot().underruns, 0);
}

#[test]
fn an_interruption_before_anything_sounded_drops_what_is_queued() {
    let (mut feeder, controller, mut renderer, mut monitor) =
        stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    controller.interrupt(Ramp::None);
    render_blocks(&mut renderer, 10, &[10]);
    assert!(told(&mut monitor).is_empty(), "nothing was cut");
    feeder.push(&[16384_i16; 100]).unwrap();
    controller.interrupt(Ramp::Milliseconds(5.0));
    feeder.push(&[8192_i16; 10]).unwrap();
    let out = render_blocks(&mut renderer, 10, &[3]);
    assert_eq!(out, [0.25; 10]);
    assert_eq!(monitor.snapshot().dropped_frames, 100);
    assert_eq!(
        told(&mut monitor),
        [(
            10,
            EventKind::Interrupted {
                utterance: None,
                heard_frames: 0,
                device_latency_frames: 0,
            }
        )]
    );
}

/// RustAudio/cpal#807: what a pause left behind was heard when it ended, before what was to be heard instead.
#[test]
fn a_paused_stream_can_be_interrupted() {
    let (mut feeder, controller, mut renderer, monitor) =
        stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    feeder.push(&[16384_i16; 1_000]).unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    controller.pause();
    render_blocks(&mut renderer, 200, &[200]);
    controller.interrupt(Ramp::Milliseconds(10.0));
    render_blocks(&mut renderer, 10, &[10]);
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.dropped_frames), (100, 900));
    feeder.push(&[8192_i16; 10]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 10, &[10]), [0.0; 10]);
    controller.resume();
    assert_eq!(render_blocks(&mut renderer, 10, &[10]), [0.25; 10]);
}

#[test]
fn sources_change_inside_what_an_interruption_drops() {
    let (mut feeder, controller, mut renderer, monitor) =
        stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    feeder.push(&[16384_i16; 100]).unwrap();
    feeder.set_source(spec("24000x2:s24le")).unwrap();
    feeder.push_bytes(&[0; 600]).unwrap();
    feeder.set_source(spec("48000x1:u8")).unwrap();
    feeder.push_bytes(&[0; 50]).unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    controller.interrupt(Ramp::None);
    feeder.push_bytes(&[192; 20]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 20, &[20]), [0.5; 20]);
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.dropped_frames), (30, 240));
}

#[test]
fn a_lost_event_is_counted() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.event_capacity = 2;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&[1_i16; 10]).unwrap();
    for _ in 0..5 {
        feeder.mark().unwrap();
        feeder.push(&[1_i16; 10]).unwrap();
    }
    render_blocks(&mut renderer, 60, &[60]);
    assert_eq!(monitor.snapshot().events_lost, 3);
}

/// One script in any cutting of blocks: the same samples, and events at the same frames.
#[test]
fn a_script_acts_at_its_frames_whatever_the_blocks() {
    let data = samples(4_000);
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.queue_frames = 4_000;
    config.script = [
        (5_000, Command::Interrupt(Ramp::Frames(300))),
        (1_001, Command::Pause),
        (1_703, Command::Resume),
        (2_500, Command::Gain(Decibels(-12.0), Ramp::Frames(200))),
        (2_600, Command::Mute),
        (3_300, Command::Unmute),
    ]
    .map(|(at_frame, command)| Timed { at_frame, command })
    .to_vec();
    let render = |blocks: &[usize]| {
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        let utterance = feeder.begin_utterance().unwrap();
        feeder.push(&data).unwrap();
        let out = render_blocks(&mut renderer, 6_000, blocks);
        (out, told(&mut monitor), utterance)
    };
    let (whole, told, utterance) = render(&[6_000]);
    for blocks in [&[1][..], &[7], &[480, 17], &[1_000, 1]] {
        let (cut, events, _) = render(blocks);
        assert!(cut == whole, "{blocks:?}");
        assert_eq!(events, told, "{blocks:?}");
    }
    // 702 frames of pause: 5,300 - 702 = 4,598 frames have sounded.
    assert_eq!(
        told.last().unwrap(),
        &(
            5_300,
            EventKind::Interrupted {
                utterance: Some(utterance),
                heard_frames: 2_299,
                device_latency_frames: 0,
            }
        )
    );
    assert!(whole[5_299].abs() < 1e-6 && whole[5_300..] == [0.0; 700]);
    assert!(whole[1_001 + 96..1_703].iter().all(|sample| *sample == 0.0));
}

/// What is pushed after an interruption begins over what is left of the way down, wherever pieces end.
#[test]
fn a_fade_that_runs_out_of_sound_comes_down_under_what_follows() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 64;
    for block in [1_000, 7, 64] {
        let (mut feeder, controller, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&[16_384_i16; 300]).unwrap();
        let mut out = render_blocks(&mut renderer, 10, &[10]);
        controller.interrupt(Ramp::Frames(48_000));
        feeder.push(&[0_i16; 700]).unwrap();
        out.extend(render_blocks(&mut renderer, 990, &[block]));
        assert!(largest_step(&out, 0.5) <= 0.5 / 64.0 + 1e-6, "{block}");
        assert!(out[310] > 0.4, "{block}: comes down at once");
        assert_eq!(out[364..], vec![0.0; 1_000 - 364]);
    }
}

/// What is heard, from the last sample before it on, when something is done between two blocks of full scale.
fn after(act: impl Fn(&Controller, UtteranceId)) -> Vec<f32> {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 64;
    let (mut feeder, controller, mut renderer, _) = stream(&config).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[i16::MAX; 2_000]).unwrap();
    let mut sound = render_blocks(&mut renderer, 480, &[480]).split_off(479);
    act(&controller, id);
    sound.extend(render_blocks(&mut renderer, 480, &[480]));
    sound
}

#[test]
fn what_is_cut_as_a_pause_begins_comes_down_the_ramp() {
    let cuts: [fn(&Controller, UtteranceId); 4] = [
        |controller, _| {
            controller.interrupt(Ramp::Frames(64));
            controller.pause();
        },
        |controller, id| {
            assert!(controller.cancel(id, Ramp::Frames(64)));
            controller.pause();
        },
        |controller, _| {
            controller.hold();
            controller.discard();
        },
        |controller, _| {
            controller.hold();
            controller.interrupt(Ramp::None);
        },
    ];
    for (index, cut) in cuts.into_iter().enumerate() {
        let sound = after(cut);
        assert!(
            largest_step(&sound, sound[0]) <= 1.0 / 64.0 + 1e-6,
            "{index}: {sound:?}"
        );
        assert_eq!(sound[65..], [0.0; 416], "{index}");
    }
}

#[test]
fn what_is_cut_as_a_pause_ends_is_not_heard_again() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 64;
    for discard in [false, true] {
        let (mut feeder, controller, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&[i16::MAX; 2_000]).unwrap();
        render_blocks(&mut renderer, 480, &[480]);
        controller.hold();
        render_blocks(&mut renderer, 480, &[480]);
        if discard {
            controller.discard();
        } else {
            controller.resume();
            controller.interrupt(Ramp::Frames(64));
        }
        assert_eq!(render_blocks(&mut renderer, 480, &[480]), [0.0; 480]);
    }
}
