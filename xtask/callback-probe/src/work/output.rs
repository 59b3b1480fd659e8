//! A queue, and a source that is asked.

use std::time::Duration;

use rt_callback::{
    Buffering, Config, Feeder, Monitor, Renderer, Resample, Rounding, Tap, Timed, stream,
    stream_from,
};

use super::{CALLBACKS, block_frames, clock, command, dither, noise, pass_time, spec, steer};
use crate::covered::Covered;
use crate::dice::Dice;
use crate::watch::Watch;

pub(super) fn run(watch: &mut Watch, dice: &mut Dice, covered: &mut Covered) {
    let config = config(dice);
    let (mut feeder, controller, mut renderer, mut monitor) =
        stream(&config).expect("a stream of any specs");
    let tap = &mut monitor.take_tap();
    for _ in 0..CALLBACKS {
        feed(dice, &mut feeder);
        steer(dice, &controller);
        if dice.one_in(40) {
            renderer.rebind(spec(dice)).expect("a device of any spec");
        }
        render(watch, dice, &mut renderer);
        listen(dice, &mut monitor, tap, covered);
    }
    covered.output(&monitor.snapshot());

    let mut phase = 0.0_f32;
    let mut left = dice.below(200_000);
    let tone = move |block: &mut [f32]| {
        for sample in &mut *block {
            phase = (phase + 0.01).fract();
            *sample = phase;
        }
        let frames = block.len().min(left);
        left -= frames;
        frames
    };
    let mut config = config;
    config.source.layout = super::layout(1);
    let (controller, mut renderer, mut monitor) =
        stream_from(&config, Box::new(tone)).expect("a stream of any specs");
    let tap = &mut monitor.take_tap();
    for _ in 0..CALLBACKS / 4 {
        steer(dice, &controller);
        render(watch, dice, &mut renderer);
        listen(dice, &mut monitor, tap, covered);
    }
}

pub(super) fn config(dice: &mut Dice) -> Config {
    let device = spec(dice);
    let source = if dice.one_in(3) { device } else { spec(dice) };
    let mut config = Config::new(source, device);
    config.resample = dice.pick(&[Resample::Linear, Resample::Linear, Resample::Balanced]);
    config.dither = dither(dice);
    config.rounding = dice.pick(Rounding::ALL);
    config.meter = dice.one_in(2);
    config.clock = dice.one_in(2).then_some(clock);
    config.tap_frames = dice.pick(&[0, 480, 4_800]);
    config.lead_in_frames = dice.pick(&[0, 100]);
    config.keep_alive_frames = dice.pick(&[None, Some(500)]);
    config.event_capacity = dice.pick(&[1, 32]);
    config.max_backlog = dice.pick(&[None, Some(Duration::from_millis(100))]);
    if dice.one_in(3) {
        config.buffering = Buffering::Adaptive {
            min: Duration::from_millis(5),
            max: Duration::from_millis(100),
        };
    } else {
        config.prebuffer_frames = dice.below(500);
        config.rebuffer_frames = dice.below(500);
    }
    config.prebuffer_cap = Duration::from_millis(50);
    config.script = (0..dice.below(6))
        .map(|_| Timed {
            at_frame: dice.below(20_000) as u64,
            command: command(dice),
        })
        .collect();
    config
}

pub(super) fn feed(dice: &mut Dice, feeder: &mut Feeder) {
    if dice.one_in(10) {
        let _ = feeder.set_source(spec(dice));
    }
    match dice.below(8) {
        0..=1 => drop(feeder.begin_utterance()),
        2 => drop(feeder.end_utterance()),
        3 => drop(feeder.mark()),
        _ => {}
    }
    if !dice.one_in(3) {
        let bytes = dice.below(900) * feeder.source().frame_bytes() + dice.below(3);
        let _ = feeder.push_bytes(&noise(dice, bytes));
    }
}

/// A block of any kind, and what a callback does besides.
pub(super) fn render(watch: &mut Watch, dice: &mut Dice, renderer: &mut Renderer) {
    let frames = block_frames(dice);
    pass_time(frames as u64 * 20_833);
    let latency = dice.one_in(4).then(|| dice.below(5_000) as u64);
    let absent = dice.one_in(16).then(|| dice.one_in(3));
    let samples = frames * renderer.device().channels();
    let wrong = usize::from(dice.one_in(30));
    let kind = dice.below(5);
    let mut bytes = vec![0_u8; frames * renderer.device().frame_bytes() + wrong];
    let mut floats = vec![0.0_f32; samples + wrong];
    let mut integers = vec![0_i16; samples + wrong];
    let mut wide = vec![0_i32; samples + wrong];
    watch.callback(|| {
        if let Some(frames) = latency {
            renderer.set_device_latency(frames);
        }
        if let Some(is_absent) = absent {
            renderer.set_absent(is_absent);
        }
        match kind {
            0..=1 => renderer.render_bytes(&mut bytes),
            2 => renderer.render(&mut floats),
            3 => renderer.render(&mut integers),
            _ => renderer.render(&mut wide),
        };
    });
}

pub(super) fn listen(
    dice: &mut Dice,
    monitor: &mut Monitor,
    tap: &mut Option<Tap>,
    covered: &mut Covered,
) {
    if dice.one_in(3) {
        monitor.poll(|event| covered.event(event.kind));
        covered.add("levels", monitor.take_levels().len() as u64);
        let _ = (monitor.heard(), monitor.load());
    }
    if let Some(tap) = tap.as_mut().filter(|_| dice.one_in(2)) {
        let mut samples = [0.0; 2_048];
        covered.add("tapped frames", tap.read(&mut samples).frames as u64);
    }
}
