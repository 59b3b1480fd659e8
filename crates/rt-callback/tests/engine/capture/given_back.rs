//! A `read_exact` that fails takes nothing: whatever is asked or called next, it is as if it had not been.

use super::*;
use crate::common::allocator::{forbidden, in_callback};
use rt_callback::CapturePosition;

/// A reader that has given back 150 frames.
fn given_back(config: &CaptureConfig) -> (Recorder, Reader) {
    let (mut recorder, mut reader) = capture(config).unwrap();
    recorder.record(&ramp(0, 150));
    assert!(!reader.read_exact(&mut [0_i16; 160]));
    (recorder, reader)
}

fn rest(reader: &mut Reader) -> Vec<i16> {
    let mut out = vec![0; 10_000];
    let frames = reader.read(&mut out);
    out.truncate(frames);
    out
}

#[test]
fn a_discard_takes_what_was_given_back_first_and_counts_it() {
    let (_recorder, mut reader) = given_back(&config("48000x1:s16le", "48000x1:s16le"));
    let before = reader.snapshot();
    assert_eq!((before.read_frames, before.queued_frames), (0, 150));
    assert_eq!(before.delivered_frames, 0);
    assert_eq!(reader.discard(30), 30);
    assert_eq!(reader.position(), 30);
    let counters = reader.snapshot();
    assert_eq!(
        (counters.discarded_frames, counters.queued_frames),
        (30, 120)
    );
    assert_eq!(rest(&mut reader), ramp(30, 120));
    let counters = reader.snapshot();
    assert_eq!((counters.read_frames, counters.discarded_frames), (120, 30));
    assert_eq!(counters.delivered_frames, 120);
    reconciles(&reader);
}

#[test]
fn a_discard_of_more_than_was_given_back_goes_on_in_the_queue() {
    let (mut recorder, mut reader) = given_back(&config("48000x1:s16le", "48000x1:s16le"));
    recorder.record(&ramp(150, 100));
    assert_eq!(reader.discard(0), 0);
    assert_eq!(reader.discard(200), 200);
    assert_eq!(reader.position(), 200);
    assert_eq!(reader.snapshot().discarded_frames, 200);
    assert_eq!(rest(&mut reader), ramp(200, 50));
    assert_eq!(reader.discard(1), 0);
    reconciles(&reader);
}

/// What was rewound goes uncounted, as ever. What is discarded does not come again, and what was read before does.
#[test]
fn a_rewind_goes_over_what_was_discarded() {
    for room in [100, 137] {
        let mut config = config("48000x1:s16le", "48000x1:s16le");
        config.pre_roll_frames = room;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        recorder.record(&ramp(0, 250));
        assert_eq!(reader.read(&mut [0_i16; 200]), 200);
        assert!(!reader.read_exact(&mut [0_i16; 70]));
        assert_eq!(reader.rewind(10), 10);
        assert_eq!(reader.discard(20), 20);
        assert_eq!(reader.position(), 220);
        assert_eq!(reader.rewind(40), 40);
        assert_eq!(reader.position(), 160);
        let mut out = [0_i16; 10_000];
        let (at, frames) = reader.read_stretch(&mut out);
        assert_eq!((at.frame, frames), (160, 40));
        assert_eq!(out[..40], ramp(160, 40));
        let (at, frames) = reader.read_stretch(&mut out);
        assert_eq!((at.frame, frames), (220, 30), "{room}");
        assert_eq!(out[..30], ramp(220, 30));
        reconciles(&reader);
    }
}

/// Resampled, they go in whole frames of the application, and the rest is as it would have been.
#[test]
fn a_discard_of_what_was_converted_takes_whole_frames() {
    for (device, application) in [
        ("48000x1:s16le", "16000x1:s16le"),
        ("16000x1:s16le", "48000x1:s16le"),
        ("44100x1:s16le", "48000x1:s16le"),
    ] {
        let config = config(device, application);
        let data = samples(2_000);
        let (whole, _) = record_all(&config, &bytes_of(&data), &[2_000], &[9_000]);
        let (mut recorder, mut reader) = capture(&config).unwrap();
        recorder.record(&data);
        assert!(!reader.read_exact(&mut [0_i16; 9_000]));
        assert_eq!(reader.position(), 0);
        let step = reader.exact_position().step;
        let (mut position, mut dropped) = (0, 0);
        for frames in [1, 0, 30, 31, 32, 300] {
            dropped += reader.discard(frames);
            assert!(dropped <= position as usize + frames, "{device}");
            position = reader.position();
            assert_eq!(position as usize, dropped);
            assert_eq!(reader.snapshot().discarded_frames, position);
            reconciles(&reader);
        }
        assert!(dropped > 380);
        let exact = reader.exact_position();
        let skipped = ((exact.frame as f64 + exact.fraction) / step).round() as usize;
        drop(recorder);
        assert_eq!(
            bytes_of(&rest(&mut reader)),
            whole[2 * skipped..],
            "{device}"
        );
        assert!(reader.is_at_end());
        let counters = reader.snapshot();
        assert_eq!(
            counters.delivered_frames as usize,
            whole.len() / 2 - skipped
        );
        reconciles(&reader);
    }
}

/// Position, lag and stretches, over a gap that is skipped.
#[test]
fn what_is_given_back_over_a_gap_lies_where_it_lay() {
    /// A position is told in whole frames of the device.
    const FRAME: Duration = Duration::from_micros(125);
    for application in ["48000x1:s16le", "16000x1:s16le"] {
        for gaps in [Gaps::Skip, Gaps::LIVE] {
            for device in ["48000x1:s16le", "8000x1:s16le"] {
                let mut config = config("48000x1:s16le", application);
                config.gaps = gaps;
                let run = |exact: bool| {
                    let (mut recorder, mut reader) = capture(&config).unwrap();
                    recorder.record(&samples(600));
                    recorder.lose(Duration::from_millis(50));
                    recorder.rebind(spec(device)).unwrap();
                    recorder.record(&samples(300));
                    drop(recorder);
                    let mut told = Vec::new();
                    while !reader.is_at_end() {
                        assert!(!exact || !reader.read_exact(&mut [0_i16; 5_000]));
                        let (position, lag) = (reader.exact_position(), reader.lag());
                        let of = reader.device().rate_hz;
                        assert_eq!(position.rate_hz, of);
                        let mut out = [0_i16; 1];
                        let (at, frames) = reader.read_stretch(&mut out);
                        told.push((at, position, lag, out[..frames].to_vec()));
                    }
                    told.retain(|(.., out)| !out.is_empty());
                    told
                };
                let (told, expected) = (run(true), run(false));
                assert_eq!(told.len(), expected.len());
                for (n, (told, expected)) in told.iter().zip(&expected).enumerate() {
                    let at = format!("{application} {gaps:?} {device} {n}: {told:?} {expected:?}");
                    let exact = |at: &CapturePosition| at.frame as f64 + at.fraction;
                    assert!((exact(&told.0) - exact(&expected.0)).abs() < 1e-6, "{at}");
                    assert_eq!(
                        (told.0.rate_hz, &told.3),
                        (expected.0.rate_hz, &expected.3),
                        "{at}"
                    );
                    // Where a stretch begins, only who has been there knows before the read.
                    if expected.1 == expected.0 {
                        assert!(told.2.abs_diff(expected.2) <= FRAME, "{at}");
                    }
                }
            }
        }
    }
}

/// More frames than are recorded.
const MORE: usize = 40_000;

/// Reads up to `frames` frames, each with its position.
fn placed(reader: &mut Reader, frames: usize) -> Vec<(u64, i16)> {
    let mut placed = Vec::new();
    while placed.len() < frames {
        let mut out = vec![0_i16; frames - placed.len()];
        let (at, count) = reader.read_stretch(&mut out);
        placed.extend((at.frame..).zip(out).take(count));
        if count == 0 {
            break;
        }
    }
    placed
}

/// One reader tries for more than there is before each call, another does not: they tell the same.
fn as_if_nothing_had_been(calls: &[(u8, usize)], gaps: Gaps) {
    let mut config = config("1000x1:s16le", "1000x1:s16le");
    config.gaps = gaps;
    config.queue_frames = 100_000;
    let mut both = [capture(&config).unwrap(), capture(&config).unwrap()];
    // The first call of a size makes room, and so more can be rewound.
    for (_, reader) in &mut both {
        assert!(!reader.read_exact(&mut [0_i16; MORE]));
    }
    let mut next = 1;
    for (call, size) in calls {
        let told = both.each_mut().map(|(recorder, reader)| {
            let mut out = vec![0_i16; *size];
            let (mut done, mut read) = (0, Vec::new());
            match call {
                0..4 => drop(recorder.record(&ramp(next, *size))),
                4 => recorder.lose(Duration::from_millis(*size as u64)),
                5 => done = reader.rewind(*size),
                6 => done = reader.discard(*size),
                7 => done = usize::from(reader.read_exact(&mut out)),
                _ => read = placed(reader, *size),
            }
            reconciles(reader);
            let now = reader.snapshot();
            let counted = (now.read_frames, now.discarded_frames, now.delivered_frames);
            let behind = reader.lag() + Duration::from_millis(reader.position());
            (done, out, read, counted, behind)
        });
        assert_eq!(told[0], told[1], "{call} {size}");
        let (_, reader) = &mut both[0];
        let before = reader.snapshot();
        assert!(!reader.read_exact(&mut [0_i16; MORE]));
        let after = reader.snapshot();
        assert_eq!(after.read_frames, before.read_frames);
        assert_eq!(after.delivered_frames, before.delivered_frames);
        next += size;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_given_back_is_as_if_it_had_not_been_read(
        calls in prop::collection::vec((0_u8..12, 1_usize..200), 1..60),
    ) {
        // Silence that is read where none of the sound is lost for it is sound.
        for gaps in [Gaps::Skip, Gaps::Silence] {
            as_if_nothing_had_been(&calls, gaps);
        }
    }
}

/// "Reading allocates only when it passes from one device to another, and in the first `read_exact` of a size."
#[test]
fn a_reader_that_changes_formats_allocates_nothing_and_rounds_nothing() {
    let mut config = config("48000x1:s32le", "48000x1:s32le");
    config.pre_roll_frames = 480;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let data: Vec<i32> = (0..480).map(|n| n * 1_000_001 + 1).collect();
    recorder.record(&data);
    let (mut narrow, mut float) = ([0_i16; 100], [0.0_f64; 100]);
    let (mut first, mut same) = ([0_i32; 100], [0_i32; 100]);
    forbidden();
    in_callback(|| {
        assert_eq!(reader.read(&mut first), 100);
        for _ in 0..2 {
            assert_eq!(reader.read(&mut narrow), 50 + 50);
            assert_eq!(reader.rewind(50), 50);
            assert_eq!(reader.read(&mut float[..75]), 75);
            assert_eq!(reader.read(&mut narrow[..25]), 25);
        }
        let all = reader.rewind(1_000);
        assert_eq!((all, reader.read(&mut same)), (400, 100));
    });
    assert_eq!(forbidden(), 0);
    assert_eq!(same, data[..100], "each in the format in which it was read");
}
