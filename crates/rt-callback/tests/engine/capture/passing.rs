//! What is passed over, waited for, and read again.

use super::*;
use crate::common::allocator::{forbidden, in_callback};
use std::time::Instant;

#[test]
fn what_was_to_be_read_again_goes_with_what_is_discarded() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.pre_roll_frames = 100;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&ramp(0, 500));
    assert_eq!(reader.read(&mut [0_i16; 100]), 100);
    assert_eq!(reader.rewind(50), 50);
    assert_eq!(reader.discard(10), 10);
    let mut out = [0_i16; 5];
    assert_eq!(reader.read(&mut out), 5);
    assert_eq!(out, [110, 111, 112, 113, 114]);
}

#[test]
fn a_discard_ends_at_a_change_of_device() {
    for application in ["48000x1:s16le", "16000x1:s16le"] {
        let (mut recorder, mut reader) = capture(&config("48000x1:s16le", application)).unwrap();
        recorder.record(&samples(100));
        recorder.rebind(spec("16000x1:s16le")).unwrap();
        recorder.record(&samples(50));
        drop(recorder);
        assert_eq!(reader.discard(usize::MAX), 100, "{application}");
        let rate = reader.application().rate_hz as usize;
        // The tail of nothing is nothing.
        assert_eq!(reader.read(&mut [0_i16; 1_000]), 50 * rate / 16_000);
        assert_eq!(reader.device().rate_hz, 16_000);
        assert_eq!(reader.discard(usize::MAX), 0);
        assert!(reader.is_at_end());
    }
}

#[test]
fn a_discard_goes_on_behind_a_gap_and_takes_as_many_as_it_says() {
    for gaps in [Gaps::Skip, Gaps::Silence] {
        for application in ["48000x1:s16le", "16000x1:s16le"] {
            let mut config = config("48000x1:s16le", application);
            config.queue_frames = 1_000;
            config.gaps = gaps;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            recorder.record(&samples(1_200));
            assert_eq!(reader.discard(900), 900);
            recorder.record(&samples(300));
            // 100 before the gap of 200, and some behind it.
            let gap = if gaps == Gaps::Silence { 200 } else { 0 };
            assert_eq!(reader.discard(100 + gap / 2), 100 + gap / 2);
            assert_eq!(reader.position(), 1_000 + gap as u64 / 2);
            assert_eq!(reader.discard(gap / 2 + 50), gap / 2 + 50);
            assert_eq!(reader.position(), 1_250, "{gaps:?} {application}");
            assert_eq!(reader.discard(usize::MAX), 250);
        }
    }
}

/// Exactly as late as it may be is not too late. At 1 kHz a frame is a millisecond.
#[test]
fn a_live_reader_may_lie_as_far_behind_as_is_said() {
    for (late, skipped) in [(100, 0), (101, 51)] {
        let mut config = config("1000x1:s16le", "1000x1:s16le");
        config.queue_frames = 1_000;
        config.gaps = Gaps::Live {
            max_lag: Duration::from_millis(100),
        };
        let (mut recorder, mut reader) = capture(&config).unwrap();
        for _ in 0..late {
            recorder.record(&[1_i16]);
        }
        assert_eq!(reader.read(&mut [0_i16; 200]), late - skipped);
        assert_eq!(reader.snapshot().discarded_frames, skipped as u64);
    }
}

/// Silence is given for as long as the rest of the queue is enough for what comes, to the frame.
#[test]
fn silence_is_given_while_there_is_room() {
    for (more, forgone) in [(500, 0), (501, 500)] {
        let mut config = config("1000x1:s16le", "1000x1:s16le");
        config.queue_frames = 1_000;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        recorder.record(&[1_i16; 1_500]);
        assert_eq!(reader.read(&mut [0_i16; 1_000]), 1_000);
        recorder.record(&vec![2_i16; more]);
        reader.read(&mut [0_i16; 1]);
        assert_eq!(reader.snapshot().forgone_silence_frames, forgone, "{more}");
    }
}

/// What waits behind a change lasts as long as its own rate says, also while the tail before it is being read.
#[test]
fn a_lag_over_a_change_of_device_is_a_time() {
    let (mut recorder, mut reader) = capture(&config("48000x1:s16le", "44100x1:s16le")).unwrap();
    recorder.record(&samples(480));
    recorder.rebind(spec("16000x1:s16le")).unwrap();
    recorder.record(&samples(160));
    let mut frames = 0;
    while reader.device().rate_hz == 48_000 {
        let left = 480_u64.saturating_sub(reader.position()) as f64 / 48_000.0;
        let lag = reader.lag().as_secs_f64();
        assert!((lag - left - 0.01).abs() < 1e-6, "{frames}: {lag} {left}");
        assert_eq!(reader.read(&mut [0_i16; 1]), 1);
        frames += 1;
    }
    assert!(frames >= 441);
}

#[test]
fn a_read_that_may_wait_takes_what_there_is_and_no_longer_than_it_may() {
    let (mut recorder, mut reader) = capture(&config("48000x2:s16le", "48000x2:s16le")).unwrap();
    let data: Vec<i16> = (1..=60).collect();
    recorder.record(&data[..20]);
    let long = Duration::from_secs(5);
    let begin = Instant::now();
    let mut out = [0_i16; 60];
    assert_eq!(reader.read_blocking(&mut out[..10], long), 5);
    assert!(begin.elapsed() < long, "there was enough");
    let begin = Instant::now();
    let short = Duration::from_millis(20);
    assert_eq!(reader.read_blocking(&mut out[10..], short), 5);
    assert!(begin.elapsed() >= short);
    let rest = data[20..].to_vec();
    let records = std::thread::spawn(move || {
        for block in rest.chunks(8) {
            std::thread::sleep(Duration::from_millis(8));
            recorder.record(block);
        }
        recorder
    });
    assert_eq!(
        reader.read_blocking(&mut out[20..], Duration::from_secs(20)),
        20
    );
    assert_eq!(out[..], data);
    drop(records.join().unwrap());
    let begin = Instant::now();
    assert_eq!(reader.read_blocking(&mut out, long), 0);
    assert!(begin.elapsed() < long, "it is at its end");
}

#[test]
fn only_the_first_exact_read_of_a_size_allocates() {
    let mut config = config("48000x1:s16le", "16000x1:s16le");
    config.pre_roll_frames = 10;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&samples(4_800));
    let mut out = [0_i16; 160];
    assert!(reader.read_exact(&mut out));
    forbidden();
    assert!(in_callback(
        || reader.read_exact(&mut out) && reader.read_exact(&mut out)
    ));
    assert_eq!(forbidden(), 0);
}
