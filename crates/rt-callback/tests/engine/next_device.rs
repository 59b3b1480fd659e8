//! Whatever is counted in a device's frames is as long on the next device: waits, ramps, lead-ins.

use std::time::Duration;

use crate::common::{config, events, render_blocks, spec};
use rt_callback::{Config, RenderStatus, stream};

fn plain(device: &str) -> Config {
    let mut config = config("48000x1:s16le", device);
    config.ramp_frames = 0;
    config
}

#[test]
fn a_wait_for_more_takes_as_long() {
    let mut config = plain("48000x1:f32le");
    config.prebuffer_frames = 10_000;
    config.prebuffer_cap = Duration::from_millis(100);
    let (mut feeder, _controller, mut renderer, _monitor) = stream(&config).unwrap();
    renderer.rebind(spec("8000x1:f32le")).unwrap();
    feeder.push(&[16_384_i16; 4_800]).unwrap();
    let out = render_blocks(&mut renderer, 1_000, &[100]);
    let begin = out.iter().position(|sample| *sample != 0.0);
    assert_eq!(begin, Some(800), "100 ms");
}

#[test]
fn a_device_is_woken_for_as_long_once_more() {
    let mut config = plain("48000x1:f32le");
    config.lead_in_frames = 480;
    let (mut feeder, _controller, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 9_600]).unwrap();
    let out = render_blocks(&mut renderer, 1_000, &[100]);
    assert_eq!(out.iter().position(|sample| *sample != 0.0), Some(480));
    renderer.rebind(spec("16000x1:f32le")).unwrap();
    let out = render_blocks(&mut renderer, 1_000, &[100]);
    assert_eq!(out.iter().position(|sample| *sample != 0.0), Some(160));
}

/// How many frames it takes from full scale to silence.
fn frames_down(out: &[f32], channels: usize) -> usize {
    let loud = out.chunks(channels).filter(|frame| frame[0] != 0.0);
    loud.count()
}

#[test]
fn ramps_take_as_long_on_both_sides() {
    for (next, channels) in [
        ("8000x1:f32le", 1),
        ("96000x2:f32le", 2),
        ("48000x6:f32le", 6),
    ] {
        let rate: usize = next.split('x').next().unwrap().parse().unwrap();
        let frames = rate / 100;
        // A mute, a pause, and what is held and discarded at once.
        for way in 0..3 {
            let mut config = config("48000x1:s16le", "48000x1:f32le");
            config.ramp_frames = 480;
            config.mix = rt_callback::MixRules::Original.into();
            let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
            feeder.push(&[16_384_i16; 12_000]).unwrap();
            render_blocks(&mut renderer, 480, &[480]);
            renderer.rebind(spec(next)).unwrap();
            // It is faded in.
            let out = render_blocks(&mut renderer, 2 * frames, &[frames]);
            let last = &out[(2 * frames - 1) * channels..];
            assert_eq!(last[0], last[channels.min(2) - 1], "{next}");
            assert!(last[0] > 0.49, "{next}: {last:?}");
            match way {
                0 => controller.mute(),
                1 => controller.pause(),
                _ => {
                    controller.hold();
                    controller.discard();
                }
            }
            let out = render_blocks(&mut renderer, 3 * frames, &[frames / 2]);
            let down = frames_down(&out, channels);
            assert!(
                (frames - 2..=frames).contains(&down),
                "{next} {way}: {down}"
            );
            for frame in out.chunks(channels) {
                assert_eq!(frame[0], frame[channels.min(2) - 1], "{next} {way}");
            }
        }
    }
}

#[test]
fn what_is_told_is_told_in_the_next_devices_frames() {
    let config = plain("48000x1:f32le");
    let (mut feeder, _controller, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&[16_384_i16; 4_800]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    renderer.rebind(spec("16000x1:f32le")).unwrap();
    let mut block = [0.0_f32; 160];
    while renderer.render(&mut block) == RenderStatus::Rendered {}
    let events = events(&mut monitor);
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.at_frame, event.rate_hz))
        .collect();
    assert_eq!(told, [(0, 48_000), (480 + 1_440, 16_000)]);
}

#[test]
fn a_fade_that_is_asked_for_as_a_time_takes_that_time() {
    let mut config = plain("48000x1:f32le");
    config.meter = true;
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[16_384_i16; 12_000]).unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    renderer.rebind(spec("8000x2:f32le")).unwrap();
    render_blocks(&mut renderer, 80, &[80]);
    assert_eq!(monitor.take_levels().len(), 2, "channels");
    controller.interrupt(rt_callback::Ramp::Milliseconds(10.0));
    let out = render_blocks(&mut renderer, 500, &[50]);
    let down = frames_down(&out, 2);
    assert!((78..=80).contains(&down), "{down}");
}
