//! Several channels, ends and tails: what one channel, or a copy, does not show.

use super::*;
use rt_callback::Decibels;

const APPLICATIONS: [&str; 3] = ["48000x2:s16le", "16000x2:f32le", "44100x2:s16le"];

/// Stereo whose right side is louder and louder, so that the last sample is the peak.
fn rising(frames: usize) -> Vec<i16> {
    (1..=frames as i16).flat_map(|n| [-n, 20 * n]).collect()
}

#[test]
fn a_peak_is_the_last_of_all_channels_too() {
    // As it is, and through a gain of 6 dB.
    for (gain, peak) in [(1.0, 0.625), (2.0, 1.25)] {
        let mut config = config("48000x2:s16le", "48000x2:s16le");
        config.meter = true;
        config.gain = Decibels::from_gain(gain);
        let (mut recorder, mut reader) = capture(&config).unwrap();
        recorder.record(&rising(1_024));
        assert_eq!(reader.read(&mut [0_i16; 2 * 1_024]), 1_024);
        let measured = reader.monitor().take_peak();
        assert!((measured - peak).abs() < 1e-6, "{gain}: {measured}");
    }
}

#[test]
fn what_arithmetic_overflows_is_counted() {
    let mut config = config("48000x1:f32le", "48000x1:s16le");
    config.gain = Decibels(40.0);
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&[f32::MAX, 0.0, f32::MIN, 1e-6]);
    let mut out = [9_i16; 4];
    assert_eq!(reader.read(&mut out), 4);
    assert_eq!(out[1..2], [0]);
    assert_eq!(reader.snapshot().non_finite_samples, 2);
}

/// Each read takes all that there is, over gaps and changes of device, however little stands between them.
#[test]
fn a_read_goes_on_where_a_frame_gives_none_by_itself() {
    for lost in 1..=4_usize {
        for before in 1..=4_usize {
            let mut config = config("48000x2:s16le", "16000x2:f32le");
            config.queue_frames = 100;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            let mut out = vec![f32::NAN; 2 * 400];
            recorder.record(&samples(2 * (100 + lost)));
            let first = reader.read(&mut out);
            recorder.record(&samples(2 * before));
            recorder.rebind(spec("16000x2:s16le")).unwrap();
            recorder.record(&samples(2 * 10));
            drop(recorder);
            let rest = reader.read(&mut out[2 * first..]);
            let expected = (100 + lost + before).div_ceil(3) + 10;
            assert_eq!(first + rest, expected, "{lost} {before}");
            assert!(reader.is_at_end());
            assert!(out[..2 * expected].iter().all(|sample| sample.is_finite()));
        }
    }
}

#[test]
fn a_gap_is_silent_in_every_channel_frame_by_frame() {
    for application in APPLICATIONS {
        for dither in [Dither::None, Dither::Triangular] {
            let mut config = config("48000x2:s16le", application);
            config.queue_frames = 1_000;
            config.dither = dither;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            let rate = config.application.rate_hz as usize;
            recorder.record(&[1_000_i16; 2 * 1_600]);
            let mut out = Vec::new();
            let mut one = |reader: &mut Reader, frames: usize| {
                for _ in 0..frames {
                    let mut frame = [9_i16; 2];
                    assert_eq!(reader.read(&mut frame), 1, "{application}");
                    out.push(frame);
                }
            };
            one(&mut reader, 900 * rate / 48_000);
            recorder.record(&[1_000_i16; 2 * 10]);
            drop(recorder);
            one(
                &mut reader,
                (1_610 * rate).div_ceil(48_000) - 900 * rate / 48_000,
            );
            assert!(reader.read(&mut [0_i16; 2]) == 0 && reader.is_at_end());
            let gap = 1_100 * rate / 48_000..1_500 * rate / 48_000;
            let least = if rate == 48_000 { 0 } else { 1 };
            for frame in &out[gap] {
                assert!(
                    frame.iter().all(|sample| sample.abs() <= least),
                    "{frame:?}"
                );
            }
        }
    }
}

#[test]
fn every_channel_is_read_again() {
    for application in APPLICATIONS {
        let mut config = config("48000x2:s16le", application);
        config.pre_roll_frames = 100;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        recorder.record(&samples(2 * 2_000));
        let mut whole = vec![0_i16; 2 * 120];
        assert_eq!(reader.read(&mut whole), 120);
        assert_eq!(reader.rewind(10), 10);
        // Ten again, and twenty behind them.
        let mut more = vec![0_i16; 2 * 30];
        assert_eq!(reader.read(&mut more), 30);
        assert_eq!(more[..20], whole[2 * 110..]);
        whole.extend(&more[20..]);
        assert_eq!(reader.rewind(70), 70);
        let mut again = vec![0_i16; 2 * 70];
        assert_eq!(reader.read(&mut again), 70);
        assert_eq!(again, whole[2 * 70..]);
    }
}

/// A stretch is as long as what follows without a break, and ends at the gap, whose tail comes before it.
#[test]
fn a_stretch_ends_at_a_gap_and_not_before() {
    for application in APPLICATIONS {
        let mut config = config("48000x2:s16le", application);
        config.queue_frames = 3_000;
        config.gaps = Gaps::Skip;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        let rate = config.application.rate_hz as usize;
        recorder.record(&samples(2 * 3_300));
        let mut out = vec![0_i16; 2 * 4_000];
        let (at, first) = reader.read_stretch(&mut out);
        assert_eq!(at.frame, 0);
        recorder.record(&samples(2 * 300));
        drop(recorder);
        let (_, tail) = reader.read_stretch(&mut out);
        let whole = (3_000 * rate).div_ceil(48_000);
        // Where nothing is resampled there is no tail, and the next stretch begins at once.
        let (at, second) = if first == whole {
            (reader.position(), tail)
        } else {
            assert_eq!(first + tail, whole, "{application}");
            let (at, second) = reader.read_stretch(&mut out);
            (at.frame + 300, second)
        };
        assert_eq!(second, (300 * rate).div_ceil(48_000), "{application}");
        assert_eq!(at, 3_600, "{application}");
    }
}

/// The first frame comes when as many have been recorded behind it as a resampler looks ahead.
#[test]
fn a_latency_is_how_far_the_first_frame_lies_behind() {
    for (application, resample) in [
        ("48000x1:s16le", Resample::Balanced),
        ("16000x1:s16le", Resample::Balanced),
        ("44100x1:s16le", Resample::High),
    ] {
        let mut config = config("48000x1:s16le", application);
        config.resample = resample;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        let mut recorded = 0;
        while reader.read(&mut [0_i16; 1]) == 0 {
            recorder.record(&[1_000_i16]);
            recorded += 1;
        }
        assert_eq!(reader.latency_frames(), recorded - 1, "{application}");
    }
}

/// Not even what a filter still remembers of it.
#[test]
fn nothing_is_left_of_what_was_muted() {
    for (device, application) in [
        ("48000x1:s16le", "16000x1:f32le"),
        // Its filter is of an odd length: twice the latency, and one.
        ("48000x1:s16le", "24000x1:f32le"),
        ("44100x1:s16le", "48000x1:f32le"),
    ] {
        for resample in Resample::ALL {
            for size in [1, 100, 10_000] {
                let mut config = config(device, application);
                config.resample = *resample;
                let (mut recorder, mut reader) = capture(&config).unwrap();
                let controller = reader.controller();
                controller.mute();
                recorder.record(&[30_000_i16; 1_234]);
                controller.unmute();
                recorder.record(&[0_i16; 5_000]);
                drop(recorder);
                while !reader.is_at_end() {
                    let mut out = vec![0.0_f32; size];
                    reader.read(&mut out);
                    let is_silent = out.iter().all(|sample| *sample == 0.0);
                    assert!(is_silent, "{device} {application} {resample}");
                }
            }
        }
    }
}

#[test]
fn what_is_muted_behind_a_gap_stays_muted() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = 100;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let controller = reader.controller();
    controller.mute();
    recorder.record(&[30_000_i16; 150]);
    let mut out = vec![0_i16; 100];
    assert_eq!(reader.read(&mut out), 100);
    recorder.record(&[30_000_i16; 20]);
    controller.unmute();
    recorder.record(&[0_i16; 20]);
    drop(recorder);
    let mut out = vec![9_i16; 90];
    assert_eq!(reader.read(&mut out), 90);
    assert_eq!(out, [0; 90]);
}

#[test]
fn a_sink_is_given_whole_frames_of_any_number_of_channels() {
    use std::sync::mpsc::{Sender, channel};

    struct Telling(Sender<Vec<u8>>);
    impl BlockSink for Telling {
        fn take(&mut self, block: &[u8]) {
            self.0.send(block.to_vec()).unwrap();
        }
    }
    let (blocks, told) = channel();
    let device = spec("48000x3:s16le");
    let mut recorder = Recorder::into_sink(device, Box::new(Telling(blocks))).unwrap();
    let data = samples(3 * 1_500);
    assert_eq!(recorder.record(&data), RecordStatus::Recorded);
    drop(recorder);
    let blocks: Vec<Vec<u8>> = told.iter().collect();
    assert!(blocks.iter().all(|block| block.len() % 6 == 0));
    assert_eq!(blocks.concat(), bytes_of(&data));
}

#[test]
fn wrong_bytes_are_counted_in_samples() {
    let (mut recorder, reader) = capture(&config("48000x2:s16le", "48000x2:s16le")).unwrap();
    assert_eq!(recorder.record_bytes(&[1; 6]), RecordStatus::ShapeMismatch);
    assert_eq!(reader.snapshot().mismatch_samples, 3);
}

/// There is always a place left for the gap before a change.
#[test]
fn as_many_devices_may_follow_each_other_as_there_are_places_but_one() {
    let (mut recorder, mut reader) = capture(&config("48000x1:s16le", "48000x1:s16le")).unwrap();
    let mut change = |rate: u32| recorder.rebind(spec(&format!("{rate}x1:s16le")));
    let changes = (0..100_u32).take_while(|n| change(20_000 + n) == Ok(()));
    assert_eq!(changes.count(), 63);
    assert_eq!(change(8_000), Err(ConfigError::MarkersFull));
    reader.read(&mut [0_i16; 10]);
    assert_eq!(change(8_000), Ok(()));
}

/// A block of no frames is none for which there is room.
#[test]
fn an_empty_block_ends_no_gap() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = 100;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&[1_i16; 110]);
    assert_eq!(reader.read(&mut [0_i16; 30]), 30);
    assert_eq!(recorder.record::<i16>(&[]), RecordStatus::Recorded);
    let dropped_frames = 40;
    assert_eq!(
        recorder.record(&[1_i16; 40]),
        RecordStatus::Overrun { dropped_frames }
    );
    assert_eq!(reader.snapshot().overruns, 1);
}

/// Silence that is owed is given up as soon as new sound would be lost for it.
#[test]
fn silence_gives_way_to_sound() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = 1_000;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&[1_i16; 1_500]);
    let mut out = vec![0_i16; 1_000];
    assert_eq!(reader.read(&mut out), 1_000);
    recorder.record(&[2_i16; 900]);
    assert_eq!(reader.read(&mut out), 900);
    assert_eq!(out[..900], [2; 900]);
    let counters = reader.snapshot();
    assert_eq!(
        (counters.forgone_silence_frames, counters.silence_frames),
        (500, 0)
    );
}

/// A gap ends where there is room for a block twice, of which one that is longer than usual counts half.
#[test]
fn a_gap_ends_with_a_block_for_which_there_is_room() {
    for (read, frames, lost) in [(30, 60, 60), (45, 40, 0)] {
        let mut config = config("48000x1:s16le", "48000x1:s16le");
        config.queue_frames = 100;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        for _ in 0..11 {
            recorder.record(&[1_i16; 10]);
        }
        let mut out = vec![0_i16; read];
        assert_eq!(reader.read(&mut out), read);
        recorder.record(&vec![1_i16; frames]);
        assert_eq!(reader.snapshot().dropped_frames, 10 + lost, "{frames}");
    }
}

#[test]
fn a_position_and_a_lag_are_right_in_a_tail_and_behind_a_rewind() {
    let mut config = config("48000x1:s16le", "44100x1:s16le");
    config.queue_frames = 1_000;
    config.gaps = Gaps::Skip;
    config.pre_roll_frames = 10;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    recorder.record(&samples(1_200));
    let exact = |reader: &Reader| {
        let at = reader.exact_position();
        assert!((0.0..1.0).contains(&at.fraction), "{at:?}");
        at.frame as f64 + at.fraction
    };
    let step = 48_000.0 / 44_100.0;
    assert_eq!(reader.read(&mut [0_i16; 100]), 100);
    assert_eq!(reader.rewind(7), 7);
    assert!((exact(&reader) - 93.0 * step).abs() < 1e-6);
    assert_eq!(reader.read(&mut [0_i16; 7]), 7);
    let mut frames = 0;
    loop {
        if frames == 500 {
            recorder.record(&samples(300));
        }
        let behind = (reader.snapshot().captured_frames - reader.position()) as f64;
        let lag = reader.lag().as_secs_f64() * 48_000.0;
        // What is skipped is behind no longer once the tail before it is being read.
        let is_right = [behind, behind - 200.0].map(|behind| (lag - behind).abs() < 1e-3);
        assert!(is_right.contains(&true), "{frames}: {lag} {behind}");
        if reader.read(&mut [0_i16; 1]) == 0 {
            break;
        }
        frames += 1;
    }
    assert!(frames > 1_000);
}
