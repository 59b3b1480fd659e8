//! Recorder, reader, controller and monitor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rt_callback::{
    CaptureConfig, CaptureController, CaptureMonitor, Decibels, Ramp, Reader, Recorder, capture,
};

use crate::planted::Handover;
use crate::random::Random;

static HANDOVER: Handover = Handover::new(cfg!(feature = "planted-in-capture"));

pub(crate) fn run(items: u64) -> String {
    let mut config = CaptureConfig::new(
        "48000x2:s16le".parse().unwrap(),
        "16000x1:f32le".parse().unwrap(),
    );
    config.queue_frames = 2_000;
    config.meter = true;
    config.clock = Some(crate::clock);
    config.pre_roll_frames = 100;
    let (recorder, reader) = capture(&config).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let (controller, monitor) = (reader.controller(), reader.monitor());
    let over = Arc::clone(&is_over);
    let steering = thread::spawn(move || (steer(&controller, &over), controller));
    let over = Arc::clone(&is_over);
    let watching = thread::spawn(move || (watch(&monitor, &over), monitor));
    let recording = thread::spawn(move || record(recorder, items));
    let (given, _reader) = read(reader);
    is_over.store(true, Ordering::Release);
    // As in `playback`: dropped here, when all have ended.
    let blocks = recording.join().unwrap();
    let (commands, _controller) = steering.join().unwrap();
    let (looks, _monitor) = watching.join().unwrap();
    let looks = commands + looks;
    assert!(blocks > 0 && given > 0 && looks > 0);
    format!("{items} frames recorded in {blocks} blocks, {given} read, {looks} looks")
}

fn record(mut recorder: Recorder, items: u64) -> u64 {
    let mut random = Random::new(5);
    let block = vec![1_000_i16; 2 * 700];
    let (mut blocks, mut recorded) = (0, 0);
    while recorded < items {
        if random.below(1_000) == 0 {
            let device = ["48000x2:s16le", "16000x1:s16le"][random.below(2)];
            // The reader may not have come past the changes before.
            let _ = recorder.rebind(device.parse().unwrap());
        }
        recorder.set_device_latency(random.below(500) as u64);
        HANDOVER.give(recorded + 1);
        let frames = random.below(700);
        recorder.record(&block[..frames * recorder.device().channels()]);
        if random.below(200) == 0 {
            recorder.lose(Duration::from_millis(1));
        }
        recorded += frames as u64;
        blocks += 1;
        if random.below(4) == 0 {
            thread::yield_now();
        }
    }
    blocks
}

/// Reads in every way, to the end.
fn read(mut reader: Reader) -> (u64, Reader) {
    let mut random = Random::new(9);
    let mut out = vec![0.0_f32; 400];
    let mut given = 0;
    while !reader.is_at_end() {
        let frames = random.below(400);
        given += match random.below(8) {
            0 => u64::from(reader.read_exact(&mut out[..frames])),
            1 => reader.read_stretch(&mut out[..frames]).1 as u64,
            2 => reader.discard(random.below(20)) as u64,
            3 => reader.rewind(random.below(50)) as u64,
            _ => reader.read(&mut out[..frames]) as u64,
        };
        assert!(out.iter().all(|sample| sample.abs() <= 1.0));
        std::hint::black_box(HANDOVER.take());
        reader.poll(|gap| assert!(gap.frames > 0));
    }
    (given, reader)
}

fn steer(controller: &CaptureController, is_over: &AtomicBool) -> u64 {
    let mut random = Random::new(2);
    let mut commands = 0;
    while !is_over.load(Ordering::Acquire) {
        match random.below(4) {
            0 => controller.mute(),
            1 => controller.set_gain(Decibels(-3.0), Ramp::Milliseconds(1.0)),
            2 => assert!(controller.gain().0 <= 0.0),
            _ => controller.unmute(),
        }
        commands += 1;
        thread::yield_now();
    }
    commands
}

fn watch(monitor: &CaptureMonitor, is_over: &AtomicBool) -> u64 {
    let mut looks = 0;
    let mut captured = 0;
    while !is_over.load(Ordering::Acquire) {
        let counters = monitor.snapshot();
        assert!(counters.captured_frames >= captured);
        captured = counters.captured_frames;
        assert!(monitor.take_peak() <= 1.0);
        looks += 1;
        thread::yield_now();
    }
    looks
}
