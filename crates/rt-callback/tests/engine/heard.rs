//! The heard position as a whole: frames, utterance and times, which never contradict each other or run back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::common::{config, events, render_blocks, samples, spec};
use rt_callback::{
    Config, Counters, EventKind, Feeder, Heard, Monitor, Ramp, Renderer, Resample, UtteranceId,
    stream,
};

thread_local! {
    /// Each test has a clock of its own.
    static NOW_NS: AtomicU64 = const { AtomicU64::new(0) };
}

fn clock() -> u64 {
    NOW_NS.with(|now| now.load(Ordering::Relaxed))
}

fn set_clock(frames: u64) {
    NOW_NS.with(|now| now.store((frames * 1_000_000_000).div_ceil(48_000), Ordering::Relaxed));
}

fn plain() -> Config {
    config("48000x1:s16le", "48000x1:f32le")
}

fn say(feeder: &mut Feeder, frames: usize) -> UtteranceId {
    let id = feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&samples(frames)), Ok(frames));
    id
}

fn told(monitor: &Monitor) -> (u64, Option<u64>, u64) {
    let heard = monitor.heard();
    let utterance = heard.utterance.map(|utterance| utterance.0);
    (heard.frames, utterance, heard.utterance_frames)
}

/// Where stretches begin and end in the stream, each with its utterance if it is one.
type Layout = [(u64, u64, Option<u64>)];

/// What must be told at a position.
fn expected(layout: &Layout, frames: u64) -> (u64, Option<u64>, u64) {
    let spoken = layout
        .iter()
        .rev()
        .find(|(begin, _, id)| id.is_some() && *begin < frames);
    spoken.map_or((frames, None, 0), |(begin, end, id)| {
        (frames, *id, frames.min(*end) - begin)
    })
}

/// A Bluetooth device says its latency late: the position stands, and so does its utterance.
#[test]
fn a_latency_that_grows_takes_no_utterance_back() {
    for looks_before in [true, false] {
        let (mut feeder, _, mut renderer, monitor) = stream(&plain()).unwrap();
        renderer.set_device_latency(480);
        say(&mut feeder, 960);
        say(&mut feeder, 20_000);
        for block in 0..14 {
            render_blocks(&mut renderer, 240, &[240]);
            if looks_before || block == 13 {
                let _ = monitor.heard();
            }
        }
        assert_eq!(told(&monitor), (2_640, Some(1), 1_680));
        renderer.set_device_latency(2_880);
        for _ in 0..10 {
            render_blocks(&mut renderer, 240, &[240]);
            assert_eq!(told(&monitor), (2_640, Some(1), 1_680));
        }
        render_blocks(&mut renderer, 480, &[240]);
        assert_eq!(told(&monitor), (3_120, Some(1), 2_160));
    }
    // Nothing is remembered yet when the latency comes.
    let (mut feeder, _, mut renderer, monitor) = stream(&plain()).unwrap();
    say(&mut feeder, 960);
    say(&mut feeder, 10_000);
    render_blocks(&mut renderer, 1_440, &[240]);
    assert_eq!(told(&monitor), (1_200, Some(1), 240));
    renderer.set_device_latency(48_000);
    render_blocks(&mut renderer, 240, &[240]);
    assert_eq!(told(&monitor), (1_200, Some(1), 240));
}

/// Utterances that begin within a block, are shorter than a block, or are cancelled in silence, and sound outside any;
/// with and without a clock, and with every latency.
#[test]
fn an_utterance_is_told_from_its_first_frame_to_its_last() {
    for has_clock in [false, true] {
        for latency in [0, 100, 480, 3_000] {
            for block in [480, 1_000, 2_400] {
                let mut config = plain();
                config.clock = has_clock.then_some(clock);
                set_clock(0);
                let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
                let mut layout = Vec::new();
                let mut at = 0;
                for (frames, is_utterance) in [
                    (1_200, true),
                    (100, true),
                    (50, false),
                    (0, true),
                    (3_000, true),
                    (700, false),
                    (17, true),
                    (19, true),
                    (4_000, true),
                ] {
                    let id = is_utterance.then(|| feeder.begin_utterance().unwrap().0);
                    assert_eq!(feeder.push(&samples(frames)), Ok(frames));
                    feeder.end_utterance().unwrap();
                    layout.push((at, at + frames as u64, id.filter(|_| frames > 0)));
                    at += frames as u64;
                    if frames == 50 {
                        let silent = say(&mut feeder, 300);
                        assert!(controller.cancel(silent, Ramp::None));
                    }
                }
                let looks = if has_clock { block as u64 / 40 } else { 1 };
                let (mut before, mut seen) = (0, Vec::new());
                for n in 0..at.div_ceil(block as u64) + 20 {
                    renderer.set_device_latency(latency);
                    set_clock(n * block as u64);
                    render_blocks(&mut renderer, block, &[block]);
                    for look in 0..looks {
                        set_clock(n * block as u64 + look * 40);
                        let heard = told(&monitor);
                        let context = format!("{has_clock} {latency} {block}");
                        assert_eq!(heard, expected(&layout, heard.0), "{context}");
                        assert!(heard.0 >= before, "{context}");
                        before = heard.0;
                        if seen.last() != Some(&heard.1) {
                            seen.push(heard.1);
                        }
                    }
                }
                assert_eq!(before, at);
                // Every one that lasts longer than from one look to the next, in order.
                seen.retain(|id| !matches!(id, Some(5 | 6)));
                let ids = [None, Some(0), Some(1), Some(4), Some(7)];
                assert!(!has_clock || seen == ids, "{seen:?}");
            }
        }
    }
}

/// The counters name what sounds, or sounded last: not what has only begun, or was dropped whole.
#[test]
fn what_has_begun_and_not_sounded_is_counted_as_nothing() {
    let (mut feeder, controller, mut renderer, monitor) = stream(&plain()).unwrap();
    let now = |renderer: &mut Renderer| {
        render_blocks(renderer, 100, &[100]);
        let Counters {
            utterance,
            utterance_heard_frames,
            ..
        } = monitor.snapshot();
        (utterance.map(|it| it.0), utterance_heard_frames)
    };
    feeder.begin_utterance().unwrap();
    assert_eq!(now(&mut renderer), (None, 0));
    feeder.push(&samples(150)).unwrap();
    assert_eq!(now(&mut renderer), (Some(0), 100));
    feeder.begin_utterance().unwrap();
    assert_eq!(now(&mut renderer), (Some(0), 150));
    let dropped = say(&mut feeder, 300);
    controller.cancel(dropped, Ramp::None);
    feeder.end_utterance().unwrap();
    assert_eq!(now(&mut renderer), (Some(0), 150));
    feeder.push(&samples(1_000)).unwrap();
    feeder.end_utterance().unwrap();
    assert_eq!(now(&mut renderer), (Some(0), 150), "outside any");
    assert_eq!(now(&mut renderer), (Some(0), 150), "steady");
    feeder.begin_utterance().unwrap();
    feeder.push(&samples(1_000)).unwrap();
    let all = render_blocks(&mut renderer, 800, &[100]);
    assert_eq!(all.len(), 800);
    assert_eq!(now(&mut renderer), (Some(3), 100));
    assert_eq!(now(&mut renderer), (Some(3), 200));
}

/// Pieces of 100 ms at rate after rate in one utterance: its time is the sum, however many there are.
#[test]
fn the_time_of_an_utterance_outlasts_its_changes_of_rate() {
    let rates = [8_000, 16_000, 24_000, 48_000, 8_000, 16_000, 32_000];
    let mut config = config("8000x1:s16le", "48000x1:f32le");
    config.resample = Resample::Linear;
    config.marker_capacity = 100;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&samples(80)).unwrap();
    feeder.begin_utterance().unwrap();
    let mut all = 10;
    let block = |renderer: &mut Renderer| render_blocks(renderer, 480, &[480]);
    block(&mut renderer);
    for rate in rates.iter().cycle().take(30) {
        let piece = spec(&format!("{rate}x1:s16le"));
        feeder.set_source(piece).unwrap();
        feeder.push(&samples(*rate as usize / 10)).unwrap();
        for _ in 0..10 {
            block(&mut renderer);
            let Heard {
                utterance_frames, ..
            } = monitor.heard();
            let lasted = monitor.heard().utterance_time().as_micros();
            let time = monitor.heard().time().as_micros();
            // At a block's begin, to a frame at 8 kHz.
            assert!(time.abs_diff(all * 1_000) <= 130, "{time} at {all}");
            assert!(
                lasted.abs_diff((all - 10) * 1_000) <= 130,
                "{lasted} at {all}"
            );
            assert!(utterance_frames > 0 || all == 10);
            all += 10;
        }
    }
    feeder.end_utterance().unwrap();
    block(&mut renderer);
    block(&mut renderer);
    let heard = monitor.heard();
    let receipt = events(&mut monitor).pop().unwrap();
    assert!(
        matches!(receipt.kind, EventKind::Finished { heard_frames, .. }
        if heard_frames == heard.utterance_frames)
    );
    let difference = receipt.heard_time().abs_diff(heard.utterance_time());
    assert!(difference < Duration::from_nanos(100), "{difference:?}");
}

/// Several threads ask at once, while the latency comes and goes: nobody is told of an utterance that is not at its
/// position, and nobody sees the position run back.
#[test]
fn whoever_asks_is_told_the_same_position() {
    const FRAMES: u64 = 50;
    let mut config = plain();
    config.queue_frames = 48_000;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> = (0..3)
        .map(|_| {
            let (readings, is_over) = (monitor.readings(), Arc::clone(&is_over));
            std::thread::spawn(move || {
                let mut before = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let heard = readings.heard();
                    assert!(heard.frames >= before);
                    before = heard.frames;
                    let at = heard.frames.checked_sub(1).map(|last| last / FRAMES);
                    if let (Some(at), None) = (at, heard.utterance) {
                        // This thread stood still while twelve others began, which is as many as are remembered.
                        let rendered = readings.snapshot().heard_frames / FRAMES;
                        assert!(rendered >= at + 12, "{heard:?} at {rendered}");
                        continue;
                    }
                    assert_eq!(heard.utterance.map(|it| it.0), at, "{heard:?}");
                    let begin = at.unwrap_or(0) * FRAMES;
                    assert_eq!(heard.utterance_frames, heard.frames - begin, "{heard:?}");
                }
            })
        })
        .collect();
    for round in 0..4_000_u64 {
        renderer.set_device_latency(round * 37 % 400);
        feeder.begin_utterance().unwrap();
        feeder.push(&[1_i16; FRAMES as usize]).unwrap();
        renderer.render(&mut [0.0_f32; FRAMES as usize]);
    }
    is_over.store(true, Ordering::Relaxed);
    asking.into_iter().for_each(|asking| asking.join().unwrap());
}
