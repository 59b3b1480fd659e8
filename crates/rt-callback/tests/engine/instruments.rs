//! What is measured and copied on the way: levels, load, the tap; and the silence that wakes a device.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::common::{config, samples};
use rt_callback::{Command, Dither, Level, RenderStatus, Tapped, Timed, stream};

#[test]
fn levels_are_those_of_each_channel_and_any_cutting_gives_the_same() {
    for (source, device, channels) in [
        ("48000x2:s16le", "48000x2:f32le", 2),
        ("48000x3:s16le", "48000x3:s16le", 3),
        ("48000x6:f32le", "48000x6:f32le", 6),
    ] {
        let mut config = config(source, device);
        config.meter = true;
        let mut first = None;
        for block in [480, 1, 96] {
            let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
            // Channel c has a square wave of amplitude 1/(c + 1).
            let frames = (0..480).flat_map(|frame| {
                (0..channels).map(move |c| {
                    let sign = if frame / 10 % 2 == 0 { 1.0 } else { -1.0 };
                    (sign * 32_000.0 / (c + 1) as f32) as i16
                })
            });
            let data: Vec<i16> = frames.collect();
            if source.ends_with("f32le") {
                let floats: Vec<f32> = data.iter().map(|s| f32::from(*s) / 32_768.0).collect();
                feeder.push(&floats).unwrap();
            } else {
                feeder.push(&data).unwrap();
            }
            if device.ends_with("s16le") {
                let mut out = vec![0_i16; block * channels];
                for _ in 0..480_usize.div_ceil(block) {
                    renderer.render(&mut out);
                }
            } else {
                crate::common::render_blocks(&mut renderer, 480, &[block]);
            }
            let levels: Vec<Level> = monitor.take_levels().to_vec();
            assert_eq!(levels.len(), channels);
            for (c, level) in levels.iter().enumerate() {
                let amplitude = (32_000.0 / (c + 1) as f32).floor() / 32_768.0;
                assert!((level.peak - amplitude).abs() < 1e-6, "{level:?}");
                assert!((level.rms / amplitude - 1.0).abs() < 1e-5, "{level:?}");
            }
            let first = first.get_or_insert_with(|| levels.clone());
            for (level, first) in levels.iter().zip(first.iter()) {
                assert_eq!(level.peak, first.peak);
            }
            let quiet = monitor.take_levels().to_vec();
            assert_eq!(quiet, vec![Level::default(); channels], "taken");
        }
    }
}

#[test]
fn a_decay_and_silence_are_measured_too() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.meter = true;
    config.ramp_frames = 50;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 100]).unwrap();
    renderer.render(&mut [0.0_f32; 100]);
    monitor.take_levels();
    let mut block = [0.0_f32; 400];
    renderer.render(&mut block);
    let rms = (block.iter().map(|s| s * s).sum::<f32>() / 400.0).sqrt();
    let level = monitor.take_levels()[0];
    assert!(
        (level.peak - 0.49).abs() < 1e-6 && (level.rms - rms).abs() < 1e-6,
        "{level:?} {rms}"
    );
}

#[test]
fn without_a_meter_or_a_clock_there_are_no_levels_and_no_load() {
    let (_feeder, _, _, mut monitor) = stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    assert!(monitor.take_levels().is_empty());
    assert!(monitor.load().is_none());
    assert!(monitor.take_tap().is_none());
}

#[test]
fn the_load_is_what_the_clock_says() {
    static NOW: AtomicU64 = AtomicU64::new(0);
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    // Each look is 1 us later than the last: 1 us a block, whose 48 frames last 1 ms.
    config.clock = Some(|| NOW.fetch_add(1_000, Ordering::Relaxed));
    let (_feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    for _ in 0..100 {
        renderer.render(&mut [0.0_f32; 48]);
    }
    let load = monitor.load().unwrap();
    assert_eq!((load.blocks(), load.max_nanoseconds()), (100, 1_000));
    assert_eq!(load.nanoseconds(0.99), 1_000);
    assert!((load.mean_share() - 0.001).abs() < 1e-9);
    assert!((load.share(0.5) - 0.001).abs() < 1e-5);
}

/// The tap holds exactly what the device got: faded, dithered, rounded, silent.
#[test]
fn the_tap_is_what_was_rendered() {
    let mut config = config("24000x1:s16le", "48000x2:s16le");
    config.tap_frames = 4_000;
    config.dither = Dither::Triangular;
    config.script = vec![Timed {
        at_frame: 500,
        command: Command::Mute,
    }];
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut tap = monitor.take_tap().unwrap();
    assert!(monitor.take_tap().is_none(), "there is one");
    feeder.push(&samples(600)).unwrap();
    let mut expected = Vec::new();
    for frames in [480, 1, 0, 700, 333] {
        let mut block = vec![0_i16; 2 * frames];
        renderer.render(&mut block);
        expected.extend(block.iter().map(|sample| f32::from(*sample) / 32_768.0));
        assert_eq!(
            renderer.render(&mut [0_i16; 3]),
            RenderStatus::ShapeMismatch
        );
    }
    let (mut tapped, mut at_frame) = (Vec::new(), 0);
    loop {
        let mut out = [f32::NAN; 2 * 100];
        let read = tap.read(&mut out);
        if read.frames == 0 {
            break;
        }
        assert_eq!((read.at_frame, read.channels), (at_frame, 2));
        at_frame += read.frames as u64;
        tapped.extend_from_slice(&out[..2 * read.frames]);
    }
    assert_eq!(tapped, expected);
}

#[test]
fn a_tap_that_nobody_reads_loses_whole_blocks_and_says_where() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.tap_frames = 100;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut tap = monitor.take_tap().unwrap();
    feeder.push(&samples(1_000)).unwrap();
    let mut blocks = Vec::new();
    for _ in 0..5 {
        let mut block = [0.0_f32; 40];
        renderer.render(&mut block);
        blocks.push(block);
    }
    let mut out = [f32::NAN; 200];
    let read = |at_frame, frames| Tapped {
        at_frame,
        rate_hz: 48_000,
        frames,
        channels: 1,
    };
    assert_eq!(tap.read(&mut out), read(0, 80));
    assert_eq!(out[40..80], blocks[1]);
    let mut block = [0.0_f32; 40];
    renderer.render(&mut block);
    assert_eq!(tap.read(&mut out), read(200, 40));
    assert_eq!(out[..40], block);
}

#[test]
fn a_lead_in_is_silence_from_the_first_frame_on() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.lead_in_frames = 30;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 100]).unwrap();
    let sound = crate::common::render_blocks(&mut renderer, 130, &[7, 20]);
    assert_eq!(sound[..30], [0.0; 30]);
    assert_eq!(sound[30..], [0.5; 100]);
    let counters = monitor.snapshot();
    assert_eq!(
        (counters.startup_silence_frames, counters.underruns),
        (30, 0)
    );

    // Silence that leads in to a sound is no sound: what is missing behind it is no underrun.
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.begin_utterance().unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 20]), RenderStatus::Idle);
    renderer.render(&mut [0.0_f32; 40]);
    let counters = monitor.snapshot();
    let silent = (counters.startup_silence_frames, counters.idle_frames);
    assert_eq!((silent, counters.underruns), ((60, 0), 0));

    // A device that has been running in silence for that long is awake.
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    renderer.render(&mut [0.0_f32; 100]);
    feeder.push(&[16_384_i16; 10]).unwrap();
    let sound = crate::common::render_blocks(&mut renderer, 10, &[10]);
    assert_eq!(sound, [0.5; 10]);
}

#[test]
fn a_device_that_fell_asleep_gets_another_lead_in() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.lead_in_frames = 30;
    config.keep_alive_frames = Some(200);
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    let mut play = |silence: usize| {
        crate::common::render_blocks(&mut renderer, silence, &[50]);
        feeder.push(&[16_384_i16; 10]).unwrap();
        feeder.end_utterance().unwrap();
        crate::common::render_blocks(&mut renderer, 50, &[13])
    };
    let awake = play(30);
    assert_eq!((awake[0], awake[9], awake[10]), (0.5, 0.5, 0.0));
    let awake = play(150);
    assert_eq!(awake[0], 0.5, "190 frames of silence keep it awake");
    let asleep = play(201);
    assert_eq!(asleep[..30], [0.0; 30]);
    assert_eq!(asleep[30..40], [0.5; 10]);
}

/// A block of floats that is not aligned as such passes through a small piece.
#[test]
fn a_block_at_any_address_is_measured_to_its_last_frame() {
    for start in 0..4 {
        let mut config = config("48000x1:f32le", "48000x1:f32le");
        config.meter = true;
        config.ramp_frames = 4;
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        let mut sound = [0.25_f32; 300];
        sound[299] = 0.75;
        feeder.push(&sound).unwrap();
        let mut bytes = [0_u8; 4 * 300 + 4];
        renderer.render_bytes(&mut bytes[start..start + 4 * 300]);
        let level = monitor.take_levels()[0];
        assert_eq!(level.peak, 0.75, "{start}");
        // What decays is the last frame.
        renderer.render_bytes(&mut bytes[start..start + 16]);
        let first = f32::from_ne_bytes(bytes[start..start + 4].try_into().unwrap());
        assert!((first - 0.75 * 0.75).abs() < 1e-6, "{start}: {first}");
    }
}
