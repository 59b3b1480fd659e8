//! The callback allocates and frees nothing, whatever happens in it, and two threads agree.

use crate::common::allocator::{forbidden, in_callback};
use crate::common::{config, samples, spec};
use rt_callback::{CaptureConfig, Decibels, Ramp, RenderStatus, capture, stream};

#[test]
fn the_callback_allocates_and_frees_nothing() {
    in_callback(|| drop(vec![1]));
    assert_eq!(forbidden(), 2, "the allocator watches");

    let mut config = config("24000x1:s16le", "48000x2:f32le");
    config.meter = true;
    config.clock = Some(|| 0);
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let data = samples(2_400);
    let mut block = vec![0.0_f32; 2 * 700];
    let mut bytes = vec![0_u8; 4 * 2 * 64];
    for round in 0..200_usize {
        let source = ["24000x1:s16le", "44100x1:s16le", "48000x2:s16le"][round / 3 % 3];
        feeder.set_source(spec(source)).unwrap();
        let _ = feeder.begin_utterance();
        let _ = feeder.mark();
        feeder.push(&data).unwrap();
        match round % 8 {
            1 => controller.interrupt(Ramp::Frames(100)),
            2 => controller.pause(),
            3 => controller.resume(),
            4 => controller.set_gain(Decibels(-6.0), Ramp::Frames(100)),
            5 => controller.mute(),
            6 => controller.unmute(),
            _ => {}
        }
        in_callback(|| {
            renderer.render(&mut block);
            renderer.render_bytes(&mut bytes);
            renderer.render(&mut block[..3]);
        });
        if round % 10 == 0 {
            monitor.poll(|_| ());
        }
    }
    assert!(monitor.snapshot().heard_frames > 0);
    assert_eq!(forbidden(), 0);

    // More changes of source in one block than there is room for on their way back: they wait, and are freed by
    // the feeder.
    for _ in 0..20 {
        for source in ["48000x1:u8", "48000x1:s16le"].into_iter().cycle().take(9) {
            let _ = feeder.set_source(spec(source));
            let _ = feeder.push_bytes(&[128; 16]);
        }
        in_callback(|| renderer.render(&mut block));
    }
    assert_eq!(forbidden(), 0);

    // The other way: overruns, wrong blocks and a device that changes.
    let mut config = CaptureConfig::new(spec("48000x2:s16le"), spec("16000x1:s16le"));
    config.queue_frames = 2_000;
    config.clock = Some(|| 0);
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let mut speech = vec![0_i16; 300];
    for round in 0..200_usize {
        let device = ["48000x2:s16le", "16000x1:s16le"][round / 20 % 2];
        recorder.rebind(spec(device)).unwrap();
        in_callback(|| {
            recorder.set_device_latency(round as u64);
            recorder.record(&data[..round * 10]);
            recorder.record_bytes(&bytes);
            recorder.record(&data[..3]);
            recorder.record(&[0.5_f32; 4]);
        });
        reader.read(&mut speech);
    }
    let counters = reader.snapshot();
    assert!(counters.overruns > 3 && counters.delivered_frames > 0);
    assert_eq!(forbidden(), 0);
}

/// A feeder, a controller and a renderer on threads of their own, formats changing all the while:
/// no byte is ever decoded under another format than its own, and snapshots always add up.
#[test]
fn three_threads_agree() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 333;
    config.ramp_frames = 0;
    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
    const FRAMES: usize = 400_000;
    let feeding = std::thread::spawn(move || {
        // Each format says the same value in other bytes.
        let formats: [(&str, &[u8]); 3] = [
            ("48000x1:s16le", &16_384_i16.to_ne_bytes()),
            ("48000x1:u8", &[192]),
            ("48000x1:s24le", &[0, 0, 64]),
        ];
        let mut sent = 0;
        for round in 0.. {
            let (format, sample) = formats[round % 3];
            while feeder.set_source(spec(format)).is_err() {
                std::thread::yield_now();
            }
            let frames = (round * 7 % 97).min(FRAMES - sent);
            let bytes: Vec<u8> = sample
                .iter()
                .copied()
                .cycle()
                .take(frames * sample.len())
                .collect();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let taken = feeder.push_bytes(rest).unwrap();
                rest = &rest[taken..];
                if taken == 0 {
                    std::thread::yield_now();
                }
            }
            sent += frames;
            if sent == FRAMES {
                return;
            }
        }
    });
    let steering = std::thread::spawn(move || {
        for round in 0..2_000 {
            controller.interrupt(Ramp::None);
            if round % 100 == 0 {
                std::thread::yield_now();
            }
        }
    });
    let rendering = std::thread::spawn(move || {
        let mut block = [0.0_f32; 61];
        loop {
            let status = renderer.render(&mut block);
            assert!(
                block.iter().all(|sample| *sample == 0.5 || *sample == 0.0),
                "{block:?}"
            );
            if status == RenderStatus::Idle {
                std::thread::yield_now();
            }
            if renderer.is_at_end() {
                return;
            }
        }
    });
    while !rendering.is_finished() {
        let now = monitor.snapshot();
        assert_eq!(
            now.pushed_frames,
            now.heard_frames + now.in_flight_frames + now.queued_frames + now.dropped_frames
        );
        std::thread::yield_now();
    }
    // If it has failed, the feeder waits for room for ever.
    rendering.join().unwrap();
    feeding.join().unwrap();
    steering.join().unwrap();
    let end = monitor.snapshot();
    assert_eq!(end.pushed_frames, FRAMES as u64);
    assert_eq!(end.heard_frames + end.dropped_frames, FRAMES as u64);
}

/// The stamps of a timeline, with room for them and without.
#[test]
fn noting_the_time_of_blocks_allocates_nothing() {
    fn clock() -> u64 {
        0
    }
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.clock = Some(clock);
    config.tap_frames = 4_800;
    let (_feeder, _controller, mut renderer, _monitor) = stream(&config).unwrap();
    let mut config = CaptureConfig::new(spec("48000x1:s16le"), spec("48000x1:s16le"));
    config.clock = Some(clock);
    config.timeline = true;
    let (mut recorder, _reader) = capture(&config).unwrap();
    let mut block = [0_i16; 480];
    for _ in 0..400 {
        in_callback(|| {
            renderer.set_device_latency(960);
            renderer.render(&mut block);
            recorder.set_device_latency(480);
            recorder.record(&block);
        });
    }
    assert_eq!(forbidden(), 0);
}
