//! How far a reader is behind, over gaps and changes of device that wait; and the last gap.

use super::*;

const WAYS: [Gaps; 3] = [
    Gaps::Silence,
    Gaps::Skip,
    Gaps::Live {
        max_lag: Duration::from_millis(100),
    },
];

fn milliseconds(reader: &Reader) -> f64 {
    reader.lag().as_secs_f64() * 1e3
}

/// "A rebind to another rate is invisible downstream": what waits behind time lost and changes of device lasts as long
/// as each rate says.
#[test]
fn a_lag_over_a_gap_and_changes_of_device_is_a_time() {
    for gaps in WAYS {
        for application in ["8000x1:s16le", "16000x1:s16le", "48000x1:s16le"] {
            let mut config = config("8000x1:s16le", application);
            config.gaps = gaps;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            recorder.record(&samples(320));
            recorder.lose(Duration::from_millis(5));
            assert_eq!(milliseconds(&reader), 45.0);
            recorder.rebind(spec("48000x1:s16le")).unwrap();
            assert_eq!(milliseconds(&reader), 45.0);
            recorder.record(&samples(480));
            assert_eq!(milliseconds(&reader), 55.0, "{gaps:?} {application}");
            recorder.lose(Duration::from_millis(5));
            recorder.rebind(spec("16000x1:s16le")).unwrap();
            recorder.record(&samples(160));
            assert_eq!(milliseconds(&reader), 70.0, "{gaps:?} {application}");
            // It falls with every frame that is read, and only then.
            let rate = f64::from(reader.application().rate_hz);
            let mut lag = milliseconds(&reader);
            while reader.read(&mut [0_i16; 1]) == 1 {
                let now = milliseconds(&reader);
                let fell = lag - now;
                // A gap that is skipped is 5 ms. A position is told in whole frames.
                let most = if gaps == Gaps::Silence { 0.0 } else { 5.0 } + 1e3 / rate;
                assert!(
                    (-0.13..most + 0.13).contains(&fell),
                    "{gaps:?} {application}: {fell}"
                );
                lag = now;
            }
            assert_eq!(reader.snapshot().discarded_frames, 0, "nothing is too late");
        }
    }
}

/// What waits behind the change is late by its own rate, and so is nothing that may be skipped.
#[test]
fn a_live_reader_skips_no_frame_for_the_rate_of_a_device_that_waits() {
    let mut config = config("8000x1:s16le", "16000x1:s16le");
    config.gaps = Gaps::LIVE;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    for _ in 0..4 {
        recorder.record(&[1_i16; 80]);
    }
    recorder.lose(Duration::from_millis(5));
    recorder.rebind(spec("48000x1:s16le")).unwrap();
    recorder.record(&[1_i16; 480]);
    assert_eq!(
        reader.read(&mut [0_i16; 2_000]),
        640 + 160 - reader.latency_frames() / 3
    );
    assert_eq!(reader.snapshot().discarded_frames, 0);
    // It does where that is too late, up to the change: 45 ms and 60 are more than 100.
    let (mut recorder, mut reader) = capture(&config).unwrap();
    for _ in 0..4 {
        recorder.record(&[1_i16; 80]);
    }
    recorder.lose(Duration::from_millis(5));
    recorder.rebind(spec("48000x1:s16le")).unwrap();
    for _ in 0..6 {
        recorder.record(&[1_i16; 480]);
    }
    while reader.read(&mut [0_i16; 2_000]) > 0 {}
    assert_eq!(reader.snapshot().discarded_frames, 320);
}

/// The blocks of the device that waits are as long as its rate says, and those of one that is gone do not count.
#[test]
fn the_least_limit_of_a_live_reader_is_that_of_the_recorders_device() {
    let mut config = config("1000x1:s16le", "1000x1:s16le");
    config.gaps = Gaps::Live {
        max_lag: Duration::ZERO,
    };
    let (mut recorder, mut reader) = capture(&config).unwrap();
    for _ in 0..3 {
        recorder.record(&[1_i16; 10]);
    }
    recorder.rebind(spec("10000x1:s16le")).unwrap();
    assert_eq!(reader.snapshot().block_frames, 0);
    for _ in 0..3 {
        recorder.record(&[1_i16; 100]);
    }
    // Two blocks of 10 ms are the limit, and half of that is left.
    while reader.read(&mut [0_i16; 2_000]) > 0 {}
    assert_eq!(reader.snapshot().discarded_frames, 30 + 200);
}

/// Nor is a gap's silence given up for the rate of a device that waits.
#[test]
fn silence_is_given_while_there_is_room_for_the_device_that_waits() {
    let (mut recorder, mut reader) = capture(&config("8000x1:s16le", "8000x1:s16le")).unwrap();
    recorder.record(&[1_i16; 8]);
    recorder.lose(Duration::from_millis(5));
    recorder.rebind(spec("48000x1:s16le")).unwrap();
    recorder.record(&[1_i16; 9_600]);
    reader.read(&mut [0_i16; 2_000]);
    let counters = reader.snapshot();
    assert_eq!(
        (counters.silence_frames, counters.forgone_silence_frames),
        (40, 0)
    );
}

/// A recording is as long as it took, also where the last gap finds no place for its marker.
#[test]
fn the_last_gap_is_known_however_many_wait() {
    for gaps in WAYS {
        for application in ["1000x1:s16le", "2000x1:s16le"] {
            let mut config = config("1000x1:s16le", application);
            config.gaps = gaps;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            for _ in 0..65 {
                recorder.record(&[1_i16]);
                recorder.lose(Duration::from_millis(1));
            }
            recorder.lose(Duration::from_secs(2));
            drop(recorder);
            let (mut frames, mut met) = (0, Vec::new());
            while !reader.is_at_end() {
                frames += reader.read(&mut [0_i16; 10]);
                reader.poll(|gap| met.push(gap));
                reconciles(&reader);
            }
            let counters = reader.snapshot();
            assert_eq!(
                (counters.captured_frames, counters.dropped_frames),
                (2_130, 2_065)
            );
            assert_eq!(reader.position(), 2_130);
            if matches!(gaps, Gaps::Live { .. }) {
                // All of it is too late.
                assert_eq!(met, [Gap::new(0, 1_000, 2_130)]);
                continue;
            }
            assert_eq!(met.last(), Some(&Gap::new(129, 1_000, 2_001)), "{gaps:?}");
            assert_eq!(met.iter().map(|gap| gap.frames).sum::<u64>(), 2_065);
            if gaps == Gaps::Silence {
                let rate = reader.application().rate_hz as usize;
                assert_eq!(frames, 2_130 * rate / 1_000);
            }
        }
    }
}
