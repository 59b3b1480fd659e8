//! Thresholds, holds, and the calls that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::common::{config, events, render_blocks, samples, spec};
use rt_callback::{
    CaptureConfig, ConfigError, DrainError, Drained, EventKind, FeedError, Ramp, RenderStatus,
    capture, stream,
};

#[test]
fn a_sound_waits_for_its_prebuffer_unless_an_end_is_declared() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    config.prebuffer_frames = 100;
    config.rebuffer_frames = 50;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    let mut block = [9.0_f32; 10];
    feeder.push(&[16384_i16; 99]).unwrap();
    assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
    feeder.push(&[16384_i16]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 100, &[10]), [0.5; 100]);
    assert_eq!(
        renderer.render(&mut block),
        RenderStatus::Underrun { missing_frames: 10 }
    );
    feeder.push(&[16384_i16; 49]).unwrap();
    assert_eq!(
        renderer.render(&mut block),
        RenderStatus::Underrun { missing_frames: 10 }
    );
    feeder.push(&[16384_i16]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 50, &[10]), [0.5; 50]);
    assert_eq!(monitor.snapshot().underruns, 1);
    assert!((monitor.snapshot().underrun_duration_ms(48_000) - 20.0 / 48.0).abs() < 1e-9);
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    // The next sound waits again, and a short word plays all the same.
    feeder.push(&[16384_i16; 20]).unwrap();
    assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
    feeder.mark().unwrap();
    feeder.end_utterance().unwrap();
    assert_eq!(render_blocks(&mut renderer, 20, &[10]), [0.5; 20]);
    // So does the last word of a feeder that is dropped.
    feeder.push(&[16384_i16; 20]).unwrap();
    assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
    drop(feeder);
    assert_eq!(render_blocks(&mut renderer, 20, &[10]), [0.5; 20]);
    assert_eq!(monitor.snapshot().underruns, 1);
}

#[test]
fn a_threshold_above_the_capacity_is_refused() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 100;
    config.rebuffer_frames = 101;
    assert_eq!(stream(&config).unwrap_err(), ConfigError::PrebufferTooLarge);
}

#[test]
fn what_is_held_can_be_resumed_or_discarded() {
    let data = samples(1_000);
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    for discard in [false, true] {
        let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
        let utterance = feeder.begin_utterance().unwrap();
        feeder.push(&data).unwrap();
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 300, &[100]);
        controller.hold();
        feeder.push(&[16384_i16; 50]).unwrap();
        assert_eq!(render_blocks(&mut renderer, 100, &[100]), [0.0; 100]);
        if discard {
            controller.discard();
            let out = render_blocks(&mut renderer, 50, &[20]);
            assert_eq!(out, [0.5; 50]);
            let kind = EventKind::Interrupted {
                utterance: Some(utterance),
                heard_frames: 300,
                device_latency_frames: 0,
            };
            assert!(events(&mut monitor).iter().any(|event| event.kind == kind));
            assert_eq!(monitor.snapshot().dropped_frames, 700);
        } else {
            controller.resume();
            let out = render_blocks(&mut renderer, 750, &[20]);
            let expected: Vec<_> = data[300..]
                .iter()
                .map(|s| f32::from(*s) / 32_768.0)
                .collect();
            assert_eq!(out[..700], expected);
            assert_eq!(out[700..], [0.5; 50]);
            assert_eq!(monitor.snapshot().dropped_frames, 0);
        }
    }
}

#[test]
fn a_blocking_push_waits_for_room_and_no_longer_than_it_may() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = 100;
    config.ramp_frames = 0;
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    let begin = Instant::now();
    let timeout = Duration::from_millis(30);
    assert_eq!(feeder.push_blocking(&[1_i16; 150], timeout).unwrap(), 100);
    assert!(begin.elapsed() >= timeout);
    let is_drained = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&is_drained);
    let rendering = std::thread::spawn(move || {
        let mut heard: Vec<i16> = Vec::new();
        while heard.len() < 600 || !is_over.load(Ordering::Relaxed) {
            let mut block = [0_i16; 10];
            renderer.render(&mut block);
            heard.extend(block.iter().filter(|sample| **sample != 0));
            std::thread::sleep(Duration::from_micros(200));
        }
        heard
    });
    let data = vec![2_i16; 500];
    assert_eq!(
        feeder
            .push_blocking(&data, Duration::from_secs(20))
            .unwrap(),
        500
    );
    assert_eq!(feeder.drain(Duration::from_secs(20)), Ok(Drained::Heard));
    is_drained.store(true, Ordering::Relaxed);
    let heard = rendering.join().unwrap();
    assert_eq!(heard.len(), 600);
    assert_eq!(heard.iter().filter(|sample| **sample == 1).count(), 100);
}

/// Regression class: "the last words are cut: 'wait until played' is a timer"
/// (livekit/node-sdks#693, pipecat-ai/pipecat#4647, spatialaudio/python-sounddevice#283, RustAudio/cpal#600).
#[test]
fn a_drain_counts_the_resampler_and_the_device() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = rt_callback::Resample::Balanced;
    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
    renderer.set_device_latency(700);
    feeder.push(&samples(240)).unwrap();
    controller.pause();
    render_blocks(&mut renderer, 10, &[10]);
    // Without any time it looks, and says what it sees.
    let mut look = || feeder.drain(Duration::ZERO);
    assert_eq!(look(), Err(DrainError::TimedOut));
    controller.resume();
    // The last frame is rendered, but not heard: 480 frames, and 700 in the device.
    render_blocks(&mut renderer, 480, &[480]);
    assert!(monitor.snapshot().is_played_out());
    assert_eq!(look(), Err(DrainError::TimedOut));
    render_blocks(&mut renderer, 699, &[699]);
    assert_eq!(look(), Err(DrainError::TimedOut));
    // Rendered by now, and asked for: the last frame is heard as the next block is asked for.
    render_blocks(&mut renderer, 1, &[1]);
    assert_eq!(look(), Err(DrainError::TimedOut));
    render_blocks(&mut renderer, 1, &[1]);
    assert_eq!(look(), Ok(Drained::Heard));
}

/// It ends by what is rendered, while it waits.
#[test]
fn a_drain_that_waits_ends_with_the_block_that_was_missing() {
    let config = config("48000x1:s16le", "48000x1:s16le");
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    feeder.push(&samples(240)).unwrap();
    let draining = std::thread::spawn(move || feeder.drain(Duration::from_secs(20)));
    while !draining.is_finished() {
        renderer.render(&mut [0_i16; 48]);
        std::thread::sleep(Duration::from_micros(200));
    }
    assert_eq!(draining.join().unwrap(), Ok(Drained::Heard));
}

/// What is heard lags behind what is rendered by the device's latency, utterance by utterance, and
/// never runs back, not even where the latency grows.
#[test]
fn the_heard_position_counts_with_the_devices_latency() {
    let config = config("24000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let ids = [0, 1].map(|_| {
        let id = feeder.begin_utterance().unwrap();
        feeder.push(&samples(1_200)).unwrap();
        id
    });
    feeder.end_utterance().unwrap();
    renderer.set_device_latency(960);
    let mut last = 0;
    for block in 1..=21_u64 {
        renderer.render(&mut [0.0_f32; 240]);
        let heard = monitor.heard();
        // When a block was asked for, what came before it was rendered, and 960 frames were on their way.
        let expected = (240 * (block - 1)).saturating_sub(960) / 2;
        assert_eq!(heard.frames, expected);
        let utterance = match expected {
            0 => None,
            1..1_200 => Some(ids[0]),
            _ => Some(ids[1]),
        };
        if expected % 1_200 > 0 {
            assert_eq!(heard.utterance, utterance);
            assert_eq!(heard.utterance_frames, expected % 1_200);
        }
        last = heard.frames;
    }
    renderer.set_device_latency(2_000);
    renderer.render(&mut [0.0_f32; 240]);
    assert_eq!(monitor.heard().frames, last);
    feeder.push(&samples(240)).unwrap();
    renderer.render(&mut [0.0_f32; 240]);
    controller.interrupt(Ramp::None);
    renderer.render(&mut [0.0_f32; 240]);
    let receipt = crate::common::events(&mut monitor).pop().unwrap();
    assert!(matches!(
        receipt.kind,
        EventKind::Interrupted {
            device_latency_frames: 2_000,
            ..
        }
    ));
}

/// A caller that gives up says so itself: not the clock.
#[test]
fn a_call_that_waits_asks_whether_it_is_wanted() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = 100;
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    let mut asked = 0;
    let pushed = feeder.push_blocking_while(&[1_i16; 150], || {
        asked += 1;
        asked < 3
    });
    assert_eq!((pushed.unwrap(), asked), (100, 3));
    assert_eq!(feeder.push_bytes_blocking_while(&[0; 2], || false), Ok(0));
    // The renderer plays while the caller is asked, so there is room then.
    let pushed = feeder.push_blocking_while(&[2_i16; 150], || {
        renderer.render(&mut [0_i16; 50]);
        true
    });
    assert_eq!(pushed, Ok(150));
    assert_eq!(feeder.drain_while(|| false), Err(DrainError::TimedOut));
    let drained = feeder.drain_while(|| {
        renderer.render(&mut [0_i16; 50]);
        true
    });
    assert_eq!(drained, Ok(Drained::Heard));
}

/// As [`a_call_that_waits_asks_whether_it_is_wanted`], the other way.
#[test]
fn a_read_that_waits_asks_whether_it_is_wanted() {
    let spec = spec("48000x1:s16le");
    let (mut recorder, mut reader) = capture(&CaptureConfig::new(spec, spec)).unwrap();
    let mut out = [0_i16; 100];
    recorder.record(&[1_i16; 60]);
    assert_eq!(reader.read_blocking_while(&mut out, || false), 60);
    let read = reader.read_blocking_while(&mut out, || {
        recorder.record(&[2_i16; 30]);
        true
    });
    assert_eq!((read, out), (100, [2; 100]));
}

/// Stereo: what is taken is counted in frames, and the rest begins behind them.
#[test]
fn a_blocking_push_goes_on_behind_the_frames_that_were_taken() {
    let mut config = config("48000x2:s16le", "48000x2:s16le");
    config.queue_frames = 10;
    config.ramp_frames = 0;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    let data: Vec<i16> = (1..=60).collect();
    assert_eq!(feeder.push(&data[..6]), Ok(3));
    let begin = Instant::now();
    let renders = std::thread::spawn(move || {
        let mut heard = Vec::new();
        while heard.len() < 60 && begin.elapsed() < Duration::from_secs(10) {
            let mut block = [0_i16; 4];
            renderer.render(&mut block);
            heard.extend(block.into_iter().filter(|sample| *sample != 0));
        }
        (heard, renderer)
    });
    assert_eq!(
        feeder.push_blocking(&data[6..], Duration::from_secs(5)),
        Ok(27)
    );
    // At once when the last is queued, and not when the time is over.
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(renders.join().unwrap().0, data);
}

#[test]
fn what_is_declared_by_a_call_that_may_wait_is_declared() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.marker_capacity = 4;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let second = Duration::from_secs(1);
    let utterance = feeder.begin_utterance_blocking(second).unwrap();
    feeder.push(&[1_000_i16; 10]).unwrap();
    feeder
        .set_source_blocking(crate::common::spec("24000x1:s16le"), second)
        .unwrap();
    assert_eq!(feeder.source().rate_hz, 24_000);
    feeder.push(&[1_000_i16; 10]).unwrap();
    let mark = feeder.mark_blocking(second).unwrap();
    feeder.end_utterance_blocking(second).unwrap();
    // There is no place, and nobody makes any.
    let full = Err(FeedError::MarkersFull);
    let begin = Instant::now();
    assert_eq!(feeder.mark_blocking(Duration::from_millis(20)), full);
    assert!(begin.elapsed() >= Duration::from_millis(20));
    render_blocks(&mut renderer, 60, &[60]);
    let kinds: Vec<_> = events(&mut monitor)
        .iter()
        .map(|event| event.kind)
        .collect();
    let finished = EventKind::Finished {
        utterance,
        heard_frames: 20,
    };
    let started = EventKind::Started { utterance };
    let mark = EventKind::Mark { mark };
    assert_eq!(kinds, [started, EventKind::SourceChanged, mark, finished]);
    while feeder.mark().is_ok() {}
    drop(renderer);
    let begin = Instant::now();
    assert_eq!(feeder.mark_blocking(Duration::from_secs(60)), full);
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_writer_whose_renderer_is_gone_says_so_and_nothing_can_always_be_written() {
    use std::io::Write;
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 10;
    let (mut feeder, _, renderer, _monitor) = stream(&config).unwrap();
    assert_eq!(feeder.write(&[1; 20]).unwrap(), 20);
    drop(renderer);
    let error = feeder.write(&[1; 2]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    assert_eq!(feeder.write(&[]).unwrap(), 0);
}

#[test]
fn an_error_says_what_it_is_about() {
    use rt_callback::SampleFormat;
    let format = FeedError::Format {
        source: SampleFormat::S16Le,
        pushed: SampleFormat::F32Le,
    };
    for (error, word) in [
        (DrainError::TimedOut.to_string(), "in time"),
        (DrainError::Abandoned.to_string(), "dropped"),
        (FeedError::Interrupted { queued: 7 }.to_string(), "7"),
        (format.to_string(), "s16le"),
    ] {
        assert!(error.contains(word), "{error}");
    }
}
