//! What is lost, and where.

use super::*;

/// moq-dev/moq#2479: what the callback queued grew for as long as nobody read it.
#[test]
fn a_full_queue_drops_the_newest_and_the_gap_is_known() {
    for gaps in [Gaps::Silence, Gaps::Skip] {
        let mut config = config("48000x1:s16le", "48000x1:s16le");
        config.queue_frames = 100;
        config.gaps = gaps;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        assert_eq!(recorder.record(&ramp(1, 80)), RecordStatus::Recorded);
        assert_eq!(
            recorder.record(&ramp(81, 30)),
            RecordStatus::Overrun { dropped_frames: 10 }
        );
        reconciles(&reader);
        // Not enough room for a block: the gap goes on rather than begin anew.
        let mut out = [0_i16; 20];
        assert_eq!(reader.read(&mut out), 20);
        assert_eq!(
            recorder.record(&ramp(111, 30)),
            RecordStatus::Overrun { dropped_frames: 30 }
        );
        assert_eq!(recorder.record::<i16>(&[]), RecordStatus::Recorded);
        let mut out = [0_i16; 50];
        assert_eq!(reader.read(&mut out), 50);
        assert_eq!(out[49], 70);
        assert_eq!(recorder.record(&ramp(141, 30)), RecordStatus::Recorded);
        let counters = reader.snapshot();
        assert_eq!((counters.overruns, counters.dropped_frames), (1, 40));
        assert_eq!(counters.queued_frames, 60);
        reconciles(&reader);
        assert_eq!(reader.position(), 70);

        let mut met = Vec::new();
        reader.poll(|gap| met.push(gap));
        assert!(met.is_empty(), "not there yet");
        let mut out = vec![-1_i16; 200];
        let frames = reader.read(&mut out);
        let mut expected = ramp(71, 30);
        if gaps == Gaps::Silence {
            expected.extend([0; 40]);
        }
        expected.extend(ramp(141, 30));
        assert_eq!(out[..frames], expected);
        assert_eq!(reader.position(), 170);
        reader.poll(|gap| met.push(gap));
        let gap = Gap::new(100, 48_000, 40);
        assert_eq!(met, [gap]);
        reconciles(&reader);
        let silence = if gaps == Gaps::Silence { 40 } else { 0 };
        assert_eq!(reader.snapshot().silence_frames, silence);
    }
}

/// Silence in a gap goes through the resampler, so that time stays true to the frame; a gap that is
/// skipped ends one stretch and begins another.
#[test]
fn a_gap_in_a_resampled_capture() {
    let data = samples(5_000);
    for gaps in [Gaps::Silence, Gaps::Skip] {
        let mut config = config("48000x1:s16le", "16000x1:s16le");
        config.queue_frames = 1_000;
        config.gaps = gaps;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        let mut out = vec![0_i16; 2_000];
        assert_eq!(recorder.record(&data[..1_000]), RecordStatus::Recorded);
        assert_eq!(
            recorder.record(&data[1_000..1_400]),
            RecordStatus::Overrun {
                dropped_frames: 400
            }
        );
        let mut frames = reader.read(&mut out);
        assert_eq!(recorder.record(&data[1_400..2_000]), RecordStatus::Recorded);
        drop(recorder);
        frames += reader.read(&mut out[frames..]);
        assert!(reader.is_at_end());
        assert_eq!(reader.read(&mut out[frames..]), 0);

        let expected = if gaps == Gaps::Silence {
            let mut all = data[..1_000].to_vec();
            all.extend([0; 400]);
            all.extend(&data[1_400..2_000]);
            offline(&config, &bytes_of(&all))
        } else {
            let mut both = offline(&config, &bytes_of(&data[..1_000]));
            both.extend(offline(&config, &bytes_of(&data[1_400..2_000])));
            both
        };
        assert_eq!(bytes_of(&out[..frames]), expected);
        reconciles(&reader);
    }
}

/// screenpipe/screenpipe#5001: what nobody reads must not grow; a first block of 96,000 frames is
/// any block.
#[test]
fn a_block_larger_than_the_queue_fills_it() {
    let mut config = config("48000x2:s16le", "48000x2:s16le");
    config.queue_frames = 1_000;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let block = samples(2 * 96_000);
    assert_eq!(
        recorder.record(&block),
        RecordStatus::Overrun {
            dropped_frames: 95_000
        }
    );
    let mut out = vec![0_i16; 2 * 600];
    assert_eq!(reader.read(&mut out), 600);
    assert_eq!(out, block[..1_200]);
    // More than half of the queue is free, which is all that is waited for.
    assert_eq!(
        recorder.record(&block),
        RecordStatus::Overrun {
            dropped_frames: 95_400
        }
    );
    let counters = reader.snapshot();
    assert_eq!((counters.overruns, counters.queued_frames), (2, 1_000));
    reconciles(&reader);
}

#[test]
fn what_is_discarded_is_not_heard() {
    let (mut recorder, mut reader) = capture(&config("48000x1:s16le", "48000x1:s16le")).unwrap();
    recorder.record(&ramp(0, 100));
    assert_eq!(reader.discard(30), 30);
    assert_eq!(reader.position(), 30);
    let mut out = [0_i16; 1];
    reader.read(&mut out);
    assert_eq!(out, [30]);
    assert_eq!(reader.discard(1_000), 69);
    assert_eq!(reader.discard(1_000), 0);
    assert_eq!(reader.snapshot().discarded_frames, 99);
    reconciles(&reader);
}

/// "A rebind to another rate is invisible downstream", on the way in: each gap says at which rate it counts.
#[test]
fn a_gap_says_at_which_rate_it_counts() {
    let mut config = config("48000x1:s16le", "16000x1:s16le");
    config.queue_frames = 4_800; // 100 ms
    config.gaps = Gaps::Skip;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let mut met = Vec::new();
    for (device, frames) in [("48000x1:s16le", 4_800), ("8000x1:s16le", 800)] {
        recorder.rebind(spec(device)).unwrap();
        recorder.record(&vec![0_i16; frames + 10]);
        while reader.read(&mut [0_i16; 1_000]) > 0 {}
        recorder.record(&vec![0_i16; frames / 2]);
        while reader.read(&mut [0_i16; 1_000]) > 0 {}
        reader.poll(|gap| met.push(gap));
    }
    let gap = |at_frame, rate_hz| Gap::new(at_frame, rate_hz, 10);
    assert_eq!(
        met,
        [gap(4_800, 48_000), gap(4_800 + 10 + 2_400 + 800, 8_000)]
    );
}
