//! The RMS is that of what sounded since the last reading, to the precision of f32, however it was rendered.

use crate::common::config;
use rt_callback::{Level, Monitor, stream};

/// Plays interleaved samples in blocks of so many frames. Returns the monitor, whose levels nobody has read.
fn play(device: &str, samples: &[f32], block: usize) -> Monitor {
    let mut config = config(device, device);
    let channels = config.device.channels();
    config.queue_frames = block;
    config.meter = true;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    let mut out = vec![0.0_f32; block * channels];
    for block in samples.chunks(block * channels) {
        assert_eq!(feeder.push(block), Ok(block.len() / channels));
        renderer.render(&mut out[..block.len()]);
    }
    monitor
}

fn level(device: &str, samples: &[f32], block: usize) -> Level {
    play(device, samples, block).take_levels()[0]
}

fn is_rms(level: Level, expected: f64) {
    let error = f64::from(level.rms) / expected - 1.0;
    assert!(error.abs() <= 1.2e-7, "{level:?}: {expected}");
}

#[test]
fn a_sound_of_any_length_has_its_rms() {
    // More than 2^24 samples of full scale, and one block of millions.
    is_rms(
        level("768000x1:f32le", &vec![1.0; (1 << 24) + 20_000], 1 << 16),
        1.0,
    );
    is_rms(level("48000x1:f32le", &vec![0.1; 1 << 22], 1 << 22), 0.1);
    is_rms(level("48000x6:f32le", &vec![0.1; 6 << 18], 1 << 18), 0.1);
}

#[test]
fn a_sound_of_any_loudness_has_its_rms() {
    for amplitude in [1e-30, 1e-15, 1e-7, 1e-3, 5_000.0, 1e6, 1e25, 3e38_f32] {
        for block in [1, 32, 512, 1_000] {
            for device in ["48000x1:f32le", "48000x5:f32le"] {
                let level = level(device, &[amplitude; 5 * 1_000], block);
                is_rms(level, amplitude.into());
                assert_eq!(level.peak, amplitude);
            }
        }
    }
}

#[test]
fn any_cutting_of_a_sound_has_the_same_rms() {
    let samples = crate::common::samples(6 * 2_000);
    let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
    for (device, channels) in [
        ("48000x1:f32le", 1),
        ("48000x2:f32le", 2),
        ("48000x6:f32le", 6),
    ] {
        for block in [1, 7, 32, 256, 480, 512, 12_000] {
            let mut monitor = play(device, &samples, block);
            for (channel, level) in monitor.take_levels().iter().enumerate() {
                let own = samples.iter().skip(channel).step_by(channels);
                let squares: f64 = own.clone().map(|s| f64::from(s * s)).sum();
                let exact: f64 = own.map(|s| f64::from(*s).powi(2)).sum();
                assert!((squares / exact - 1.0).abs() < 1e-6);
                let frames = samples.len() / channels;
                is_rms(*level, (exact / frames as f64).sqrt());
            }
        }
    }
}

/// Each reading is of its own time: what was loud before, for however long, is no part of it.
#[test]
fn a_quiet_sound_behind_a_loud_one_has_its_own_rms() {
    let mut config = config("48000x1:f32le", "48000x1:f32le");
    config.meter = true;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let other = monitor.readings();
    let mut block = vec![0.0_f32; 4_800];
    for (amplitude, blocks) in [
        (1.0, 100),
        (1e-7, 1),
        (1e20, 3),
        (1e-20, 2),
        (0.25, 7),
        (0.0, 1),
    ] {
        for _ in 0..blocks {
            feeder.push(&vec![amplitude; 4_800]).unwrap();
            renderer.render(&mut block);
        }
        let level = monitor.take_levels()[0];
        if amplitude > 0.0 {
            is_rms(level, amplitude.into());
        }
        assert_eq!(level.peak, amplitude);
        let mut again = [Level::default()];
        assert_eq!(other.take_levels(&mut again), 1);
        assert_eq!(again, [Level::default()], "taken");
    }
}
