//! Where a frame that is read stands in the device's stream, exactly: the device delivers the numbers of its frames.

use crate::common::spec;
use rt_callback::{CaptureConfig, CapturePosition, Gaps, Reader, Recorder, Resample, capture};

/// A frame's number as a sample.
const UNIT: f32 = 1.0 / 65_536.0;

fn config(device: &str, application: &str) -> CaptureConfig {
    CaptureConfig::new(spec(device), spec(application))
}

/// Delivers frames from `from` on.
fn record(recorder: &mut Recorder, from: u32, frames: u32) {
    let block: Vec<f32> = (from..from + frames)
        .map(|frame| frame as f32 * UNIT)
        .collect();
    recorder.record(&block);
}

/// Reads frame by frame: where each stands, and what it is.
fn read(reader: &mut Reader) -> Vec<(CapturePosition, f64)> {
    let mut all = Vec::new();
    loop {
        let mut sample = [0.0_f32];
        let (at, frames) = reader.read_stretch(&mut sample);
        if frames == 0 {
            return all;
        }
        all.push((at, f64::from(sample[0] / UNIT)));
    }
}

fn exact(at: &CapturePosition) -> f64 {
    at.frame as f64 + at.fraction
}

/// Away from the edges, where the filter looks into silence, each frame is its position.
fn matches(read: &[(CapturePosition, f64)], edge: usize) {
    assert!(read.len() > 3 * edge);
    for (at, number) in &read[edge..read.len() - edge] {
        assert!((exact(at) - number).abs() < 0.1, "{at:?}: {number}");
    }
}

#[test]
fn a_frame_stands_between_device_frames() {
    for (device, application) in [
        ("44100x1:f32le", "16000x1:f32le"),
        ("48000x1:f32le", "16000x1:f32le"),
        ("8000x1:f32le", "48000x1:f32le"),
        ("16000x1:f32le", "16000x1:f32le"),
    ] {
        for resample in [Resample::Linear, Resample::Balanced, Resample::High] {
            let mut config = config(device, application);
            config.resample = resample;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            record(&mut recorder, 0, 4_000);
            drop(recorder);
            let read = read(&mut reader);
            let ratio = f64::from(config.device.rate_hz) / f64::from(config.application.rate_hz);
            for (index, (at, _)) in read.iter().enumerate() {
                assert!((exact(at) - index as f64 * ratio).abs() < 1e-6);
                assert_eq!(at.step, ratio);
                assert_eq!(at.rate_hz, config.device.rate_hz);
            }
            matches(&read, (150.0 / ratio) as usize);
        }
    }
}

#[test]
fn a_trim_is_in_the_position() {
    let mut config = config("48000x1:f32le", "16000x1:f32le");
    config.adjustable = true;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    record(&mut recorder, 0, 40_000);
    let mut all = Vec::new();
    for trim in [0.01, -0.02, 0.003] {
        reader.set_trim(trim, 500).unwrap();
        for _ in 0..3_000 {
            let at = reader.exact_position();
            let mut sample = [0.0_f32];
            assert_eq!(reader.read(&mut sample), 1);
            all.push((at, f64::from(sample[0] / UNIT)));
        }
        assert!((reader.exact_position().step - 3.0 * (1.0 + trim)).abs() < 1e-8);
    }
    matches(&all, 200);
}

/// A gap that is skipped, one that is read as silence, and another device.
#[test]
fn positions_jump_where_the_sound_does_and_nowhere_else() {
    for gaps in [Gaps::Silence, Gaps::Skip] {
        let mut config = config("44100x1:f32le", "16000x1:f32le");
        config.queue_frames = 4_000;
        config.gaps = gaps;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        record(&mut recorder, 0, 4_000);
        record(&mut recorder, 4_000, 3_000);
        let mut all = read(&mut reader);
        // Not so much that the silence of the gap would be in the way.
        record(&mut recorder, 7_000, 1_000);
        all.extend(read(&mut reader));
        record(&mut recorder, 8_000, 2_000);
        all.extend(read(&mut reader));
        recorder.rebind(spec("48000x1:f32le")).unwrap();
        record(&mut recorder, 10_000, 3_000);
        drop(recorder);
        all.extend(read(&mut reader));
        let mut jumps = Vec::new();
        for pair in all.windows(2) {
            let ([(before, _), (after, _)], step) = (pair, pair[0].0.step) else {
                unreachable!();
            };
            if (exact(after) - exact(before) - step).abs() > 1e-6 {
                jumps.push((before.rate_hz, exact(before), exact(after)));
            }
        }
        let (skips, change) = jumps.split_at(jumps.len() - 1);
        // Each stretch ends within its last frame's time and the next begins on its first frame.
        assert!(
            change[0].1 < 10_000.0 && change[0].1 > 10_000.0 - 2.8,
            "{change:?}"
        );
        assert_eq!(change[0].2, 10_000.0);
        match (gaps, skips) {
            (Gaps::Silence, []) => {}
            (Gaps::Skip, [(_, before, after)]) => {
                assert!(*before < 4_000.0 && *before > 4_000.0 - 2.8, "{before}");
                assert_eq!(*after, 7_000.0);
            }
            _ => panic!("{gaps:?}: {skips:?}"),
        }
        let behind: Vec<_> = all
            .iter()
            .filter(|(at, _)| at.rate_hz == 48_000)
            .copied()
            .collect();
        matches(&behind, 100);
    }
}

#[test]
fn what_is_discarded_is_passed() {
    let (mut recorder, mut reader) = capture(&config("44100x1:f32le", "16000x1:f32le")).unwrap();
    record(&mut recorder, 0, 10_000);
    let mut some = [0.0_f32; 777];
    assert_eq!(reader.read(&mut some), 777);
    let taken = reader.snapshot().read_frames;
    assert_eq!(reader.discard(1_000), 1_000);
    let at = reader.exact_position();
    assert_eq!((at.frame, at.fraction), (taken + 1_000, 0.0));
    assert_eq!(reader.position(), at.frame);
}
