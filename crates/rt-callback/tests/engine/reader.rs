//! What a reader does besides reading: frames of a fixed length, again what was before, quieter, or not at all.

use std::time::{Duration, Instant};

use crate::common::{samples, spec};
use proptest::prelude::*;
use rt_callback::{CaptureConfig, Decibels, Ramp, Reader, Recorder, capture};

fn config(device: &str, application: &str) -> CaptureConfig {
    let mut config = CaptureConfig::new(spec(device), spec(application));
    config.queue_frames = 100_000;
    config
}

fn started(config: &CaptureConfig) -> (Recorder, Reader) {
    capture(config).unwrap()
}

/// What a reader gives that reads whatever there is.
fn whole(config: &CaptureConfig, blocks: &[&[i16]]) -> Vec<f32> {
    let (mut recorder, mut reader) = started(config);
    for block in blocks {
        recorder.record(block);
    }
    drop(recorder);
    let mut out = vec![0.0; 100_000];
    let frames = reader.read(&mut out);
    assert!(reader.is_at_end());
    out.truncate(frames * reader.application().channels());
    out
}

/// A detector of speech takes 10, 20 or 30 ms or nothing, and misses nothing.
#[test]
fn a_read_gives_whole_frames_or_none() {
    let data = samples(20_000);
    for (device, application) in [
        ("48000x1:s16le", "16000x1:f32le"),
        ("44100x1:s16le", "16000x1:f32le"),
        ("16000x1:s16le", "16000x1:f32le"),
        ("8000x1:s16le", "16000x2:f32le"),
    ] {
        for length in [160, 320, 480, 512, 1] {
            let config = config(device, application);
            let expected = whole(&config, &[&data]);
            let (mut recorder, mut reader) = started(&config);
            let channels = reader.application().channels();
            let mut frame = vec![0.0_f32; length * channels];
            let mut heard = Vec::new();
            for block in data.chunks(441) {
                recorder.record(block);
                let (position, lag) = (reader.position(), reader.lag());
                if length > 400 && !reader.read_exact(&mut frame) {
                    assert!(reader.position().abs_diff(position) <= 1);
                    assert!(reader.lag().abs_diff(lag) <= Duration::from_micros(200));
                    continue;
                } else if length > 400 {
                    heard.extend_from_slice(&frame);
                }
                while reader.read_exact(&mut frame) {
                    heard.extend_from_slice(&frame);
                }
            }
            drop(recorder);
            while reader.read_exact(&mut frame) {
                heard.extend_from_slice(&frame);
            }
            // What is no whole frame is not at the end, but can be read.
            assert_eq!(reader.is_at_end(), heard.len() == expected.len());
            let rest = reader.read(&mut frame);
            assert!(rest < length.max(2));
            heard.extend_from_slice(&frame[..rest * channels]);
            assert!(heard == expected, "{device} {application} {length}");
            assert!(reader.is_at_end());
            let delivered = reader.snapshot().delivered_frames as usize;
            assert_eq!(delivered * channels, heard.len());
        }
    }
}

#[test]
fn what_was_read_can_be_read_again() {
    let data = samples(3_000);
    let mut config = config("48000x1:s16le", "16000x1:s16le");
    config.pre_roll_frames = 320;
    let (mut recorder, mut reader) = started(&config);
    assert_eq!(reader.rewind(10), 0, "nothing has been read");
    recorder.record(&data);
    let mut first = vec![0_i16; 600];
    assert_eq!(reader.read(&mut first), 600);
    assert_eq!(reader.position(), 1_800);
    assert_eq!(reader.rewind(200), 200);
    assert_eq!((reader.position(), reader.rewind(0)), (1_200, 0));
    let lag = Duration::from_nanos(200 * 62_500);
    assert!(reader.lag() >= lag);
    // Further than is kept.
    assert_eq!(reader.rewind(1_000), 120);
    let mut again = vec![0_i16; 320];
    assert!(reader.read_exact(&mut again));
    assert_eq!(again, first[280..]);
    // And on with what is new, in one read with what is old.
    assert_eq!(reader.rewind(100), 100);
    let mut both = vec![0_i16; 200];
    assert_eq!(reader.read(&mut both), 200);
    assert_eq!(both[..100], first[500..]);
    let expected = whole(&config, &[&data]);
    let expected: Vec<i16> = expected
        .iter()
        .map(|s| (s * 32_768.0).round() as i16)
        .collect();
    assert_eq!(both, expected[500..700]);
    assert_eq!(reader.snapshot().delivered_frames, 700);
    // What is discarded is not read again.
    reader.rewind(50);
    reader.discard(1);
    assert!(reader.position() > 2_000);
}

/// In another format it is what was read, converted.
#[test]
fn what_is_read_again_may_be_read_in_another_format() {
    let data = samples(1_000);
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.pre_roll_frames = 500;
    let (mut recorder, mut reader) = started(&config);
    recorder.record(&data);
    assert_eq!(reader.read(&mut [0_i16; 1_000]), 1_000);
    assert_eq!(reader.rewind(400), 400);
    let mut floats = [0.0_f32; 200];
    assert_eq!(reader.read(&mut floats), 200);
    let exact: Vec<f32> = data[600..800]
        .iter()
        .map(|s| f32::from(*s) / 32_768.0)
        .collect();
    assert_eq!(floats[..], exact);
    let mut back = [0_i16; 200];
    assert_eq!(reader.read(&mut back), 200);
    assert_eq!(back[..], data[800..]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is rewound and asked for in whole frames: the stream is the same, and goes on where it was.
    #[test]
    fn no_order_of_calls_loses_a_frame(
        calls in prop::collection::vec((0_u8..4, 0_usize..400), 1..80),
        resampled: bool,
    ) {
        let device = if resampled { "44100x1:s16le" } else { "16000x1:s16le" };
        let mut config = config(device, "16000x1:f32le");
        config.pre_roll_frames = 250;
        let data = samples(100_000);
        let expected = whole(&config, &[&data[..40_000]]);
        let (mut recorder, mut reader) = started(&config);
        let (mut recorded, mut at, mut furthest) = (0, 0, 0);
        for (call, size) in calls {
            match call {
                0 => {
                    recorder.record(&data[recorded..recorded + size]);
                    recorded += size;
                }
                1 => {
                    let mut out = vec![0.0; size];
                    let frames = reader.read(&mut out);
                    prop_assert_eq!(&out[..frames], &expected[at..at + frames]);
                    at += frames;
                }
                2 => {
                    let mut out = vec![0.0; size];
                    if reader.read_exact(&mut out) {
                        prop_assert_eq!(&out[..], &expected[at..at + size]);
                        at += size;
                    }
                }
                _ => {
                    let frames = reader.rewind(size);
                    prop_assert!(frames == size || furthest - (at - frames) >= 250.min(furthest));
                    at -= frames;
                }
            }
            furthest = furthest.max(at);
        }
    }
}

/// At the gain's own frames, with a ramp; exact copies are taken up again behind it.
#[test]
fn the_gain_moves_in_a_straight_line() {
    let (mut recorder, mut reader) = started(&config("48000x2:s16le", "48000x2:s16le"));
    let controller = reader.controller();
    recorder.record(&[10_000_i16; 2 * 4_800]);
    let mut out = [0_i16; 2 * 480];
    reader.read(&mut out);
    assert_eq!(out, [10_000; 960]);
    controller.set_gain(Decibels::from_gain(0.5), Ramp::Milliseconds(5.0));
    assert_eq!(controller.gain(), Decibels::from_gain(0.5));
    reader.read(&mut out);
    for (i, frame) in out.chunks(2).enumerate() {
        let ramp = (i as f64 + 1.0).min(240.0) / 240.0;
        let expected = 10_000.0 * (1.0 - 0.5 * ramp);
        assert!((f64::from(frame[0]) - expected).abs() <= 1.0, "{i}");
        assert_eq!(frame[0], frame[1]);
    }
    controller.set_gain(Decibels::UNITY, Ramp::None);
    reader.read(&mut out);
    assert_eq!(out, [10_000; 960]);
    // Configured from the start.
    let mut quiet = config("48000x1:s16le", "48000x1:s16le");
    quiet.gain = Decibels::from_gain(0.25);
    let (mut recorder, mut reader) = started(&quiet);
    recorder.record(&[10_000_i16; 10]);
    let mut out = [0_i16; 10];
    reader.read(&mut out);
    assert_eq!(out, [2_500; 10]);
}

/// Who mutes a microphone means it: nothing that was said meanwhile is heard, however late it is read.
#[test]
fn what_was_said_while_it_was_muted_is_never_heard() {
    for (device, application) in [
        ("48000x1:s16le", "48000x1:s16le"),
        ("48000x1:s16le", "16000x1:f32le"),
        ("44100x1:s16le", "48000x1:f32le"),
    ] {
        for pieces in [7, 160, 10_000] {
            let (mut recorder, mut reader) = started(&config(device, application));
            let controller = reader.controller();
            controller.mute();
            assert!(controller.is_muted());
            // Loud while muted, and not a whole block of it; then quiet.
            recorder.record(&[30_000_i16; 12_345]);
            controller.unmute();
            assert!(!controller.is_muted());
            recorder.record(&[1_000_i16; 12_000]);
            drop(recorder);
            let mut heard = Vec::new();
            while !reader.is_at_end() {
                let mut out = vec![0.0_f32; pieces];
                let frames = reader.read(&mut out);
                heard.extend_from_slice(&out[..frames]);
            }
            let quiet = 1_000.0 / 32_768.0;
            let loudest = heard.iter().fold(0.0_f32, |most, s| most.max(s.abs()));
            assert!(
                loudest < quiet * 1.2,
                "{device} {application} {pieces} {loudest}"
            );
            let from = reader.application().rate_hz as usize;
            let opened = 12_345 * from / reader.device().rate_hz as usize;
            assert!(heard[..opened].iter().all(|s| *s == 0.0));
            // Open again after the ramp of 2 ms, and what the resampler looks ahead.
            let open = opened + from / 500 + from / 200;
            assert!((heard[open] - quiet).abs() < 0.01 * quiet);
        }
    }
}

/// Muting takes effect with the next read, and what follows is silent, gaps and rewinding included.
#[test]
fn muting_is_at_once() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.pre_roll_frames = 4_800;
    let (mut recorder, mut reader) = started(&config);
    let controller = reader.controller();
    recorder.record(&[20_000_i16; 9_600]);
    let mut out = [0_i16; 960];
    reader.read(&mut out);
    controller.mute();
    reader.read(&mut out);
    assert!(out.windows(2).all(|pair| pair[1] <= pair[0]));
    assert!(out[96..].iter().all(|s| *s == 0));
    // Muted and unmuted between two reads: what was queued stays silent.
    controller.unmute();
    controller.mute();
    controller.unmute();
    reader.read(&mut out);
    assert_eq!(out, [0; 960]);
    reader.rewind(960);
    reader.read(&mut out);
    assert_eq!(out, [0; 960]);
    assert_eq!(reader.discard(usize::MAX), 9_600 - 3 * 960);
    recorder.record(&[20_000_i16; 960]);
    reader.read(&mut out);
    assert_eq!(out[95..], [20_000; 865]);
}

#[test]
fn who_waits_for_a_whole_frame_gets_it_or_leaves_it() {
    let (mut recorder, mut reader) = started(&config("48000x1:s16le", "48000x1:s16le"));
    recorder.record(&[1_i16; 300]);
    let mut out = [0_i16; 480];
    let begin = Instant::now();
    assert!(!reader.read_exact_blocking(&mut out, Duration::from_millis(20)));
    assert!(begin.elapsed() >= Duration::from_millis(20));
    let recording = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        recorder.record(&[1_i16; 300]);
        recorder
    });
    assert!(reader.read_exact_blocking(&mut out, Duration::MAX));
    assert_eq!(out, [1; 480]);
    drop(recording.join().unwrap());
    assert!(
        !reader.read_exact_blocking(&mut out, Duration::MAX),
        "the end"
    );
    assert_eq!(reader.read_blocking(&mut out, Duration::MAX), 120);
    assert!(reader.is_at_end());
}

#[cfg(feature = "futures")]
mod awaiting {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake, Waker};

    #[test]
    fn a_task_that_waits_for_sound_is_woken_when_there_is_enough() {
        let (mut recorder, mut reader) = started(&config("48000x1:s16le", "16000x1:s16le"));
        let recording = std::thread::spawn(move || {
            for block in 0..40_i16 {
                std::thread::sleep(Duration::from_millis(2));
                recorder.record(&[block; 480]);
            }
        });
        let mut frames = 0;
        pollster::block_on(async {
            let mut out = [0_i16; 480];
            for _ in 0..13 {
                assert_eq!(reader.read_async(&mut out).await, 480);
                frames += 480;
            }
            // The recorder is gone: what is left, and then nothing.
            assert_eq!(reader.read_async(&mut out).await, 6_400 - frames);
            assert_eq!(reader.read_async(&mut out).await, 0);
        });
        recording.join().unwrap();
        assert!(reader.is_at_end());
    }

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_future_that_is_dropped_has_taken_nothing() {
        let (mut recorder, mut reader) = started(&config("48000x1:s16le", "48000x1:s16le"));
        recorder.record(&[5_i16; 300]);
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        let mut out = [0_i16; 480];
        for _ in 0..3 {
            let mut future = pin!(reader.read_async(&mut out));
            let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
            assert_eq!(poll, Poll::Pending);
        }
        let mut waiting = pin!(reader.read_async(&mut out));
        let mut cx = Context::from_waker(&waker);
        assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
        recorder.record(&[5_i16; 180]);
        let begin = Instant::now();
        while count.0.load(Ordering::SeqCst) == 0 {
            assert!(begin.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Ready(480));
    }
}
