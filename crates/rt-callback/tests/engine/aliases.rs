//! What a change of rate makes of tones that the lower rate cannot hold.

use std::f64::consts::TAU;

use crate::common::{render_blocks, spec};
use rt_callback::{Config, Resample, stream};

/// A second of a tone at half of full scale, through a stream: how loud another one is in it, beside that.
fn level_db(resample: Option<Resample>, (from, to): (u32, u32), tone_hz: f64, seen_hz: f64) -> f64 {
    let source = spec(&format!("{from}x1:f32le"));
    let mut config = Config::new(source, spec(&format!("{to}x1:f32le")));
    config.queue_frames = from as usize;
    if let Some(resample) = resample {
        config.resample = resample;
    }
    let (mut feeder, _controller, mut renderer, _monitor) = stream(&config).unwrap();
    let tone: Vec<f32> = (0..from)
        .map(|at| (TAU * tone_hz * f64::from(at) / f64::from(from)).sin() as f32 * 0.5)
        .collect();
    assert_eq!(feeder.push(&tone), Ok(tone.len()));
    let out = render_blocks(&mut renderer, to as usize * 9 / 10, &[480]);
    // What is not heard for long is no part of it: the middle, under a window without sidelobes to speak of.
    let middle = &out[1_000..out.len() - 1_000];
    let (mut sine, mut cosine, mut sum) = (0.0, 0.0, 0.0);
    for (at, sample) in middle.iter().enumerate() {
        let place = TAU * (at as f64 + 0.5) / middle.len() as f64;
        let window = 0.355_768 - 0.487_396 * place.cos() + 0.144_232 * (2.0 * place).cos()
            - 0.012_604 * (3.0 * place).cos();
        let phase = TAU * seen_hz * at as f64 / f64::from(to);
        sine += window * f64::from(*sample) * phase.sin();
        cosine += window * f64::from(*sample) * phase.cos();
        sum += window;
    }
    20.0 * (2.0 * f64::hypot(sine, cosine) / sum / 0.5).log10()
}

/// RustAudio/rodio#208: linear conversion was all there was, and its aliases and images were heard. Here it is a choice;
/// what is made without one has none that could be heard.
#[test]
fn nothing_is_heard_of_what_the_lower_rate_cannot_hold() {
    for (rates, tone_hz, seen_hz) in [
        // An image above the old limit, and aliases below the new one.
        ((24_000, 48_000), 9_000.0, 15_000.0),
        ((22_050, 44_100), 7_000.0, 15_050.0),
        ((48_000, 44_100), 23_500.0, 20_600.0),
        ((48_000, 16_000), 13_000.0, 3_000.0),
        ((44_100, 8_000), 7_000.0, 1_000.0),
    ] {
        for resample in [None, Some(Resample::Balanced), Some(Resample::High)] {
            let level = level_db(resample, rates, tone_hz, seen_hz);
            assert!(level < -90.0, "{resample:?} {rates:?}: {level:.1} dB");
        }
        let linear = level_db(Some(Resample::Linear), rates, tone_hz, seen_hz);
        assert!(linear > -40.0, "it would not be seen: {linear:.1} dB");
    }
    let kept = level_db(None, (24_000, 48_000), 9_000.0, 9_000.0);
    assert!(kept.abs() < 0.01, "the tone itself: {kept:.3} dB");
}
