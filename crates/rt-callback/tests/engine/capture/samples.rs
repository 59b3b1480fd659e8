//! Samples that no format can hold, and blocks that are none.

use super::*;

#[test]
fn wrong_blocks_are_counted_and_taken_by_nobody() {
    let (mut recorder, mut reader) = capture(&config("48000x2:s16le", "48000x2:s16le")).unwrap();
    assert_eq!(recorder.record(&[1_i16; 3]), RecordStatus::ShapeMismatch);
    assert_eq!(recorder.record_bytes(&[1; 6]), RecordStatus::ShapeMismatch);
    assert_eq!(recorder.record(&[0.5_f32; 4]), RecordStatus::ShapeMismatch);
    assert_eq!(recorder.record::<i16>(&[]), RecordStatus::Recorded);
    let counters = reader.snapshot();
    assert_eq!(
        (counters.shape_mismatches, counters.mismatch_samples),
        (3, 4)
    );
    assert_eq!((counters.blocks, counters.captured_frames), (4, 0));
    assert_eq!(reader.read(&mut [0_i16; 10]), 0);
    // A partial frame is left alone.
    recorder.record(&[1_i16, 2, 3, 4]);
    let mut out = [9_i16; 3];
    assert_eq!(reader.read(&mut out), 1);
    assert_eq!(out, [1, 2, 9]);
}

/// Whatever the two formats are: a copy of f64 is exact, and passed what is not finite.
#[test]
fn what_is_not_finite_is_cleaned_in_a_copy_too() {
    let wrong = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300, -1e300];
    for channels in [1, 5] {
        let spec = format!("48000x{channels}:f64le");
        let (mut recorder, mut reader) = capture(&config(&spec, &spec)).unwrap();
        recorder.record(&wrong.repeat(channels));
        let mut out = vec![9.0_f64; 5 * channels];
        assert_eq!(reader.read(&mut out), 5);
        assert_eq!(out, [0.0, 1.0, -1.0, 1e-300, -1e300].repeat(channels));
        let cleaned = reader.snapshot().non_finite_samples;
        assert_eq!(cleaned, 3 * channels as u64);
    }
}

#[test]
fn what_is_not_finite_is_cleaned_and_counted() {
    let wrong = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.25];
    for application in ["48000x1:f32le", "48000x1:s16le", "48000x2:f32le"] {
        let (mut recorder, mut reader) = capture(&config("48000x1:f32le", application)).unwrap();
        recorder.record(&wrong);
        let channels = reader.application().channels();
        let mut out = vec![9.0_f32; 4 * channels];
        assert_eq!(reader.read(&mut out), 4);
        let heard: Vec<f32> = out.iter().step_by(channels).copied().collect();
        assert_eq!(heard, [0.0, 1.0, -1.0, 0.25], "{application}");
        assert_eq!(reader.snapshot().non_finite_samples, 3);
    }
}

/// Beyond full scale clips, and is counted; a float application is given it as it is.
#[test]
fn clipping_is_counted() {
    let (mut recorder, mut reader) = capture(&config("48000x1:f32le", "48000x1:s16le")).unwrap();
    recorder.record(&[2.0_f32, -2.0, 1.0, -1.0]);
    let mut out = [0_i16; 2];
    reader.read(&mut out);
    assert_eq!(out, [i16::MAX, i16::MIN]);
    assert_eq!(reader.snapshot().clipped_samples, 2);
    let mut out = [0.0_f32; 2];
    reader.read(&mut out);
    assert_eq!(out, [1.0, -1.0]);
}

#[test]
fn a_meter_and_a_clock_tell_what_they_saw() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.meter = true;
    config.clock = Some(|| 1_234);
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.set_device_latency(77);
    recorder.record(&[100_i16, -16_384, 50]);
    let monitor = reader.monitor();
    assert_eq!(monitor.take_peak(), 0.0);
    reader.read(&mut [0_i16; 3]);
    assert_eq!(monitor.take_peak(), 0.5);
    assert_eq!(monitor.take_peak(), 0.0);
    let counters = monitor.snapshot();
    assert_eq!(
        (counters.block_at_ns, counters.device_latency_frames),
        (1_234, 77)
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |change: fn(&mut CaptureConfig)| {
        let mut config = config("48000x1:s16le", "16000x1:s16le");
        change(&mut config);
        capture(&config).err()
    };
    assert_eq!(refused(|_| ()), None);
    assert_eq!(
        refused(|config| config.queue_frames = 0),
        Some(ConfigError::ZeroCapacity)
    );
    assert_eq!(
        refused(|config| config.queue_frames = usize::MAX),
        Some(ConfigError::QueueTooLarge)
    );
    assert_eq!(
        refused(|config| config.device.rate_hz = 0),
        Some(ConfigError::Rate(0))
    );
    assert_eq!(
        refused(|config| config.application.rate_hz = 10),
        Some(ConfigError::Ratio(48_000, 10))
    );
    assert_eq!(
        refused(|config| {
            config.adjustable = true;
            config.resample = Resample::Linear;
        }),
        Some(ConfigError::NotAdjustable)
    );
    let (mut recorder, mut reader) = capture(&config("48000x1:s16le", "16000x1:s16le")).unwrap();
    assert_eq!(reader.set_trim(0.001, 0), Err(ConfigError::NotAdjustable));
    assert_eq!(
        recorder.rebind(spec("10x1:s16le")),
        Err(ConfigError::Ratio(10, 16_000))
    );
    assert_eq!(recorder.device(), &spec("48000x1:s16le"));
}

/// User code in place of the queue sees whole frames, and all of them.
#[test]
fn a_recorder_may_hand_its_blocks_on() {
    use std::sync::mpsc::{Sender, channel};

    struct Telling(Sender<Vec<u8>>, Sender<u64>);

    impl BlockSink for Telling {
        fn take(&mut self, block: &[u8]) {
            self.0.send(block.to_vec()).unwrap();
        }

        fn set_device_latency(&mut self, frames: u64) {
            self.1.send(frames).unwrap();
        }
    }

    let (blocks, told) = channel();
    let (latencies, latency) = channel();
    let device = spec("48000x2:s16le");
    let sink = Box::new(Telling(blocks, latencies));
    let mut recorder = Recorder::into_sink(device, sink).unwrap();
    let data = samples(2 * 700);
    recorder.set_device_latency(9);
    assert_eq!(recorder.record(&data), RecordStatus::Recorded);
    assert_eq!(recorder.record_bytes(&[1, 2, 3, 4]), RecordStatus::Recorded);
    assert_eq!(
        recorder.record_bytes(&[1, 2, 3]),
        RecordStatus::ShapeMismatch
    );
    recorder.rebind(spec("16000x1:u8")).unwrap();
    assert_eq!(recorder.record(&[5_u8]), RecordStatus::Recorded);
    drop(recorder);
    let mut expected = bytes_of(&data);
    expected.extend([1, 2, 3, 4, 5]);
    assert_eq!(told.iter().flatten().collect::<Vec<u8>>(), expected);
    assert_eq!(latency.iter().collect::<Vec<_>>(), [9]);
}

/// What no `f32` can hold comes through a capture that computes nothing, to the bit; a gain of 0 dB computes nothing.
#[test]
fn what_need_not_be_computed_is_copied() {
    let data: Vec<i32> = (0..900_i32)
        .map(|n| n.wrapping_mul(0x0765_4321) | 1)
        .collect();
    let wide: Vec<f64> = data.iter().map(|n| f64::from(*n) / 7e9).collect();
    let (mut recorder, mut reader) = capture(&config("48000x1:s32le", "48000x1:s32le")).unwrap();
    recorder.record(&data);
    let mut out = vec![0_i32; 900];
    assert_eq!(reader.read(&mut out), 900);
    assert_eq!(out, data);
    let (mut recorder, mut reader) = capture(&config("48000x1:f64le", "48000x1:f64le")).unwrap();
    recorder.record(&wide);
    let mut out = vec![0.0_f64; 900];
    assert_eq!(reader.read(&mut out), 900);
    assert_eq!(out, wide);
}

#[test]
fn a_sink_need_not_care_for_the_latency() {
    struct Deaf;
    impl BlockSink for Deaf {
        fn take(&mut self, _block: &[u8]) {}
    }
    let mut recorder = Recorder::into_sink(spec("48000x1:s16le"), Box::new(Deaf)).unwrap();
    recorder.set_device_latency(9);
    assert_eq!(recorder.record(&[1_i16; 9]), RecordStatus::Recorded);
}
