//! Devices that change, and clocks that differ.

use super::*;

/// mozilla/cubeb#457: a headset becomes mono at 16 kHz in the middle. What is queued is read as what
/// it was.
#[test]
fn a_device_may_change_on_the_way() {
    let mut config = config("48000x2:s24le", "16000x1:f32le");
    config.mix = MixRules::Speakers.into();
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let stereo: Vec<I24> = samples(2 * 999)
        .iter()
        .map(|s| I24::from_f32(f32::from(*s) / 32_768.0))
        .collect();
    let mono = samples(500);
    recorder.record(&stereo);
    recorder.rebind(spec("48000x2:s24le")).unwrap();
    recorder.rebind(spec("16000x1:s16le")).unwrap();
    assert_eq!(recorder.record(&stereo[..2]), RecordStatus::ShapeMismatch);
    assert_eq!(recorder.record(&mono), RecordStatus::Recorded);
    drop(recorder);
    let mut out = vec![0.0_f32; 2_000];
    let frames = reader.read(&mut out);
    assert_eq!(frames, 333 + 500);
    assert_eq!(reader.device(), &spec("16000x1:s16le"));
    let mut expected = offline(&config, &bytes_of(&stereo));
    config.device = spec("16000x1:s16le");
    expected.extend(offline(&config, &bytes_of(&mono)));
    assert_eq!(bytes_of(&out[..frames]), expected);
    assert!(reader.is_at_end());
    reconciles(&reader);
}

#[test]
fn positions_run_with_the_device() {
    for (device, application, resample) in [
        ("48000x1:s16le", "16000x1:s16le", Resample::Balanced),
        ("44100x1:s16le", "48000x1:s16le", Resample::High),
        ("44100x1:s16le", "48000x1:s16le", Resample::Linear),
        ("48000x1:s16le", "48000x1:s16le", Resample::Linear),
    ] {
        let mut config = config(device, application);
        config.resample = resample;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        recorder.record(&samples(4_000));
        assert_eq!(reader.position(), 0);
        let mut read = 0;
        for _ in 0..20 {
            read += reader.read(&mut [0_i16; 37]);
            let expected = read as u64 * u64::from(config.device.rate_hz)
                / u64::from(config.application.rate_hz);
            assert_eq!(
                reader.position(),
                expected,
                "{device} {application} {resample}"
            );
        }
    }
}

/// Regression class: "a change of format shrinks the queue" (librespot-org/librespot#1662), on the way in.
#[test]
fn the_queue_holds_the_same_time_of_every_device() {
    let devices = [
        "48000x2:f32le",
        "8000x1:mulaw",
        "192000x8:s32le",
        "16000x1:s16le",
    ];
    for first in devices {
        let (mut recorder, mut reader) = capture(&config(first, "16000x1:s16le")).unwrap();
        for device in devices.into_iter().chain([first]) {
            recorder.rebind(spec(device)).unwrap();
            let rate = recorder.device().rate_hz as usize;
            let block = vec![0; rate * recorder.device().frame_bytes()];
            assert_eq!(
                recorder.record_bytes(&block),
                RecordStatus::Recorded,
                "{first} {device}"
            );
            let frame = vec![0; recorder.device().frame_bytes()];
            assert_eq!(
                recorder.record_bytes(&frame),
                RecordStatus::Overrun { dropped_frames: 1 },
                "{first} {device}"
            );
            while reader.read(&mut [0_i16; 1_000]) > 0 {}
        }
    }
}

/// A trim reads so much faster.
#[test]
fn an_adjustable_capture_follows_its_trim() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.adjustable = true;
    config.queue_frames = 60_000;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&samples(60_000));
    reader.set_trim(0.01, 0).unwrap();
    let mut out = vec![0_i16; 48_000];
    assert_eq!(reader.read(&mut out), 48_000);
    // The trim is a little less than 0.01 in binary.
    assert_eq!(reader.position(), 48_479);
    assert_eq!(reader.set_trim(0.03, 0), Err(ConfigError::NotAdjustable));
}
