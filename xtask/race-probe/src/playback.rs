//! Feeder, controllers, renderer, monitor, readings and tap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rt_callback::{
    Config, Controller, Decibels, FeedError, Feeder, Level, Monitor, Ramp, Readings, Renderer, Tap,
    UtteranceId, stream,
};

use crate::planted::Handover;
use crate::random::Random;

const SOURCES: [&str; 4] = [
    "48000x1:s16le",
    "24000x2:f32le",
    "48000x2:u8",
    "16000x1:s24le",
];

static HANDOVER: Handover = Handover::new(cfg!(feature = "planted-in-playback"));

pub(crate) fn run(items: u64) -> String {
    let mut config = Config::new(
        SOURCES[0].parse().unwrap(),
        "48000x2:f32le".parse().unwrap(),
    );
    config.queue_frames = 2_000;
    config.prebuffer_frames = 400;
    config.meter = true;
    config.tap_frames = 1_000;
    config.clock = Some(crate::clock);
    let (feeder, controller, renderer, monitor) = stream(&config).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let latest = Arc::new(AtomicU64::new(u64::MAX));
    let readings = monitor.readings();
    let steering: Vec<_> = (1..=2)
        .map(|seed| {
            let (controller, latest) = (controller.clone(), Arc::clone(&latest));
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || (steer(&controller, &latest, &is_over, seed), controller))
        })
        .collect();
    let over = Arc::clone(&is_over);
    let watching = thread::spawn(move || watch(monitor, &over));
    let over = Arc::clone(&is_over);
    let reading = thread::spawn(move || (read(&readings, &over), readings));
    let over = Arc::clone(&is_over);
    let rendering = thread::spawn(move || render(renderer, &over));
    let pushed = feed(feeder, items, &latest);
    // Whoever steers may have paused it for good.
    is_over.store(true, Ordering::Release);
    // What they have is dropped here, when all of them have ended: an `Arc` orders its last drop by a fence, which
    // ThreadSanitizer does not see.
    let steered: Vec<_> = steering.into_iter().map(|it| it.join().unwrap()).collect();
    let (blocks, _renderer) = rendering.join().unwrap();
    let (polls, _monitor) = watching.join().unwrap();
    let (looks, _readings) = reading.join().unwrap();
    let commands: u64 = steered.iter().map(|(commands, _)| commands).sum();
    let polls = polls + looks;
    assert!(pushed >= items && blocks > 0 && commands > 0 && polls > 0);
    format!("{pushed} frames pushed, {blocks} blocks, {commands} commands, {polls} looks")
}

/// Tells of an utterance without ordering anything: whoever cancels may know its number from anywhere.
fn announce(latest: &AtomicU64, id: UtteranceId) {
    latest.store(id.0, Ordering::Relaxed);
}

fn told(latest: &AtomicU64) -> Option<UtteranceId> {
    let number = latest.load(Ordering::Relaxed);
    (number != u64::MAX).then_some(UtteranceId(number))
}

/// Utterances of all sources, in pieces, by every call that pushes.
fn feed(mut feeder: Feeder, items: u64, latest: &AtomicU64) -> u64 {
    let mut random = Random::new(7);
    let samples = vec![1_000_i16; 4_000];
    let bytes = vec![1_u8; 4_000];
    let sources = SOURCES.map(|words| words.parse().unwrap());
    while feeder.pushed_frames() < items {
        HANDOVER.give(feeder.pushed_frames() + 1);
        let result = match random.below(12) {
            0 => feeder.begin_utterance().map(|id| announce(latest, id)),
            1 => feeder.end_utterance(),
            2 => feeder.mark().map(drop),
            3 => feeder.set_source(sources[random.below(sources.len())]),
            4 => {
                let piece = &bytes[..random.below(2_000)];
                let pushed = feeder.push_bytes_blocking(piece, Duration::from_millis(1));
                pushed.map(drop)
            }
            5..8 if *feeder.source() == sources[0] && feeder.partial_bytes() == 0 => {
                feeder.push(&samples[..random.below(800)]).map(drop)
            }
            _ => feeder.push_bytes(&bytes[..random.below(2_000)]).map(drop),
        };
        match result {
            Ok(()) => {}
            Err(FeedError::Interrupted { .. }) => {
                let _ = feeder.end_utterance();
            }
            Err(FeedError::MarkersFull) => thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
        if feeder.free_frames() == 0 {
            thread::yield_now();
        }
    }
    feeder.pushed_frames()
}

fn steer(controller: &Controller, latest: &AtomicU64, is_over: &AtomicBool, seed: u64) -> u64 {
    let mut random = Random::new(seed);
    let mut commands = 0;
    while !is_over.load(Ordering::Acquire) {
        match random.below(10) {
            0 => controller.interrupt(Ramp::None),
            1 => controller.interrupt(Ramp::Milliseconds(1.0)),
            2 => controller.hold(),
            3 => controller.discard(),
            4 => controller.pause(),
            5 => controller.set_gain(Decibels(-6.0), Ramp::Milliseconds(2.0)),
            6 => controller.mute(),
            7 => controller.unmute(),
            8 => {
                if let Some(id) = told(latest) {
                    controller.cancel(id, Ramp::None);
                }
            }
            _ => {
                assert!(controller.gain().0 <= 0.0);
                let _ = controller.is_muted() || controller.is_paused() || controller.is_held();
            }
        }
        controller.resume();
        controller.resume();
        commands += 1;
        for _ in 0..random.below(4) {
            thread::yield_now();
        }
    }
    controller.resume();
    controller.resume();
    commands
}

/// Blocks of all sizes, until there is nothing left.
fn render(mut renderer: Renderer, is_over: &AtomicBool) -> (u64, Renderer) {
    let mut random = Random::new(3);
    let mut block = vec![0.0_f32; 2 * 700];
    let mut blocks = 0;
    while !(is_over.load(Ordering::Acquire) && renderer.is_at_end()) {
        renderer.set_device_latency(random.below(1_000) as u64);
        let samples = match random.below(50) {
            0 => 1,
            _ => 2 * random.below(700),
        };
        renderer.render(&mut block[..samples]);
        assert!(block[..samples].iter().all(|sample| sample.is_finite()));
        std::hint::black_box(HANDOVER.take());
        blocks += 1;
    }
    (blocks, renderer)
}

fn watch(mut monitor: Monitor, is_over: &AtomicBool) -> (u64, (Monitor, Tap)) {
    let mut tap = monitor.take_tap().unwrap();
    let mut tapped = vec![0.0_f32; 2_000];
    let mut polls = 0;
    while !is_over.load(Ordering::Acquire) {
        monitor.poll(|event| {
            std::hint::black_box(event);
        });
        tap.read(&mut tapped);
        assert!(monitor.take_levels().len() <= 2);
        polls += 1;
    }
    (polls, (monitor, tap))
}

fn read(readings: &Readings, is_over: &AtomicBool) -> u64 {
    let mut looks = 0;
    let mut heard = 0;
    while !is_over.load(Ordering::Acquire) {
        let counters = readings.snapshot();
        assert_eq!(
            counters.pushed_frames,
            counters.heard_frames
                + counters.in_flight_frames
                + counters.queued_frames
                + counters.dropped_frames
        );
        let now = readings.heard().frames;
        assert!(now >= heard, "{now} < {heard}");
        heard = now;
        readings.take_levels(&mut [Level::default(); 2]);
        let load = readings.load().unwrap();
        assert!(load.mean_share() <= load.max_share().max(1.0) * 2.0);
        std::hint::black_box(load.nanoseconds(0.5));
        looks += 1;
    }
    looks
}
