//! A capture, and a sink in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rt_callback::{
    BlockSink, CaptureConfig, Decibels, Gaps, Ramp, Recorder, Resample, StreamSpec, capture,
};

use super::{CALLBACKS, block_frames, clock, dither, noise, pass_time, spec};
use crate::covered::Covered;
use crate::dice::Dice;
use crate::watch::Watch;

pub(super) fn run(watch: &mut Watch, dice: &mut Dice, covered: &mut Covered) {
    let mut config = CaptureConfig::new(spec(dice), spec(dice));
    config.queue_frames = dice.pick(&[500, 5_000, 48_000]);
    config.gaps = dice.pick(&[Gaps::Silence, Gaps::Skip, Gaps::LIVE]);
    config.pre_roll_frames = dice.pick(&[0, 1_000]);
    config.resample = dice.pick(&[Resample::Linear, Resample::Balanced]);
    config.dither = dither(dice);
    config.meter = dice.one_in(2);
    config.clock = Some(clock);
    config.timeline = dice.one_in(2);
    let (mut recorder, mut reader) = capture(&config).expect("a capture of any specs");
    let controller = reader.controller();
    for _ in 0..CALLBACKS {
        if dice.one_in(40) {
            let _ = recorder.rebind(spec(dice));
        }
        record(watch, dice, &mut recorder);
        match dice.below(8) {
            0 => controller.set_gain(Decibels(-6.0), Ramp::Frames(100)),
            1 => controller.mute(),
            2 => controller.unmute(),
            3 => drop(reader.rewind(300)),
            4 => drop(reader.discard(100)),
            _ => {
                let mut out = vec![0.0_f32; dice.below(2_000) * reader.application().channels()];
                reader.read(&mut out);
            }
        }
        reader.poll(|_| ());
    }
    covered.input(&reader.snapshot());

    let device: StreamSpec = spec(dice);
    let sink = Sink::default();
    let taken = Arc::clone(&sink.0);
    let mut recorder = Recorder::into_sink(device, Box::new(sink)).expect("a sink of any device");
    for _ in 0..CALLBACKS / 8 {
        record(watch, dice, &mut recorder);
    }
    covered.add("sink frames", taken.load(Ordering::Relaxed));
}

#[derive(Default)]
struct Sink(Arc<AtomicU64>);

impl BlockSink for Sink {
    fn take(&mut self, block: &[u8]) {
        self.0.fetch_add(block.len() as u64, Ordering::Relaxed);
    }
}

pub(super) fn record(watch: &mut Watch, dice: &mut Dice, recorder: &mut Recorder) {
    let frames = block_frames(dice);
    pass_time(frames as u64 * 20_833);
    let lost = dice
        .one_in(30)
        .then(|| Duration::from_millis(dice.below(50) as u64));
    let latency = dice.one_in(4).then(|| dice.below(5_000) as u64);
    let samples = frames * recorder.device().channels();
    let wrong = usize::from(dice.one_in(30));
    let kind = dice.below(4);
    let bytes = noise(dice, frames * recorder.device().frame_bytes() + wrong);
    let floats = vec![0.5_f32; samples + wrong];
    let integers = vec![100_i16; samples + wrong];
    watch.callback(|| {
        if let Some(time) = lost {
            recorder.lose(time);
        }
        if let Some(frames) = latency {
            recorder.set_device_latency(frames);
        }
        match kind {
            0..=1 => recorder.record_bytes(&bytes),
            2 => recorder.record(&floats),
            _ => recorder.record(&integers),
        };
    });
}
