//! A capture: what the device delivered comes out, converted as offline, and every frame is
//! accounted for.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{samples, spec};
use pcm_convert::I24;
use proptest::prelude::*;
use rt_callback::{
    BlockSink, CaptureConfig, ConfigError, Dither, Feeder, Gap, Gaps, MixRules, Reader,
    RecordStatus, Recorder, RenderStatus, Renderer, Resample, Sample, capture, stream,
};

fn config(device: &str, application: &str) -> CaptureConfig {
    CaptureConfig::new(spec(device), spec(application))
}

fn bytes_of<S: Sample>(samples: &[S]) -> Vec<u8> {
    let mut bytes = vec![0; size_of_val(samples)];
    let count = S::write_bytes(samples, &mut bytes);
    assert_eq!(count, samples.len());
    bytes
}

/// What the playback engine makes of the same frames: decode, mix, resample, mix, quantize.
fn offline(config: &CaptureConfig, data: &[u8]) -> Vec<u8> {
    let mut playing = rt_callback::Config::new(config.device, config.application);
    playing.queue_frames = data.len() / config.device.frame_bytes() + 1;
    playing.resample = config.resample;
    playing.mix = config.mix;
    playing.dither = config.dither;
    playing.dither_seed = config.dither_seed;
    let (mut feeder, _, mut renderer, _): (Feeder, _, Renderer, _) = stream(&playing).unwrap();
    assert_eq!(feeder.push_bytes(data), Ok(data.len()));
    feeder.end_utterance().unwrap();
    let mut out = Vec::new();
    loop {
        // One frame at a time: the end falls into no block.
        let mut block = vec![0; config.application.frame_bytes()];
        if renderer.render_bytes(&mut block) == RenderStatus::Idle {
            return out;
        }
        out.extend(block);
    }
}

/// Records all of it in blocks of these sizes and reads in pieces of those.
fn record_all(
    config: &CaptureConfig,
    data: &[u8],
    blocks: &[usize],
    reads: &[usize],
) -> (Vec<u8>, Reader) {
    let (recorder, mut reader) = capture(config).unwrap();
    let mut recorder = Some(recorder);
    let frame = config.application.frame_bytes();
    let (mut rest, mut out) = (data, Vec::new());
    for round in 0.. {
        if let Some(recording) = &mut recorder {
            let bytes =
                (blocks[round % blocks.len()] * config.device.frame_bytes()).min(rest.len());
            let (block, after) = rest.split_at(bytes);
            assert_eq!(recording.record_bytes(block), RecordStatus::Recorded);
            rest = after;
            if rest.is_empty() {
                recorder = None;
            }
        }
        let mut piece = vec![0; reads[round % reads.len()] * frame];
        let frames = reader.read_bytes(&mut piece);
        out.extend_from_slice(&piece[..frames * frame]);
        if reader.is_at_end() {
            break;
        }
    }
    (out, reader)
}

#[test]
fn a_capture_gives_what_offline_conversion_gives_in_any_cutting() {
    for (device, application) in [
        ("48000x2:f32le", "16000x1:s16le"),
        ("44100x2:s16le", "16000x1:s16le"),
        ("16000x1:s16le", "48000x2:f32le"),
        ("48000x2:s24_32le", "48000x2:s16le"),
        ("48000x1:s16le", "48000x2:s16le"),
        ("48000x5.1:s32le", "44100x2:f32le"),
        ("48000x2:s16le", "48000x2:s16le"),
        ("8000x1:u8", "8000x1:u8"),
    ] {
        for resample in [Resample::Linear, Resample::Balanced] {
            let mut config = config(device, application);
            config.resample = resample;
            config.dither = Dither::Triangular;
            let channels = config.device.channels();
            let frames = 3_000;
            let data: Vec<f32> = samples(frames * channels)
                .iter()
                .map(|s| f32::from(*s) / 32_768.0)
                .collect();
            let mut bytes = vec![0; frames * config.device.frame_bytes()];
            pcm_convert::bytes::encode(config.device.format, config.rounding, &data, &mut bytes);
            let expected = offline(&config, &bytes);
            for (blocks, reads) in [
                (&[480][..], &[160][..]),
                (&[3_000], &[4_000]),
                (&[1, 0, 7, 941], &[333, 1, 0, 64]),
            ] {
                let (out, reader) = record_all(&config, &bytes, blocks, reads);
                assert!(
                    out == expected,
                    "{device} {application} {resample} {blocks:?}"
                );
                let counters = reader.snapshot();
                assert_eq!(counters.captured_frames, frames as u64);
                assert_eq!(counters.read_frames, frames as u64);
                assert_eq!(
                    counters.delivered_frames as usize * config.application.frame_bytes(),
                    out.len()
                );
                assert_eq!(counters.overruns + counters.dropped_frames, 0);
            }
        }
    }
}

#[test]
fn one_frame_out_for_each_ratio_in_rounded_up() {
    for (device, application) in [
        ("44100x1:s16le", "16000x1:s16le"),
        ("16000x1:s16le", "44100x1:s16le"),
    ] {
        for frames in [1_usize, 2, 440, 441, 442] {
            let config = config(device, application);
            let data = bytes_of(&samples(frames));
            let (out, _) = record_all(&config, &data, &[100], &[100]);
            let (from, to) = (
                config.device.rate_hz as usize,
                config.application.rate_hz as usize,
            );
            assert_eq!(out.len() / 2, (frames * to).div_ceil(from));
        }
    }
}

/// Counts up, so that a position is a value.
fn ramp(from: usize, frames: usize) -> Vec<i16> {
    (from..from + frames).map(|i| i as i16).collect()
}

fn reconciles(reader: &Reader) {
    let now = reader.snapshot();
    assert_eq!(
        now.captured_frames,
        now.read_frames + now.queued_frames + now.dropped_frames + now.discarded_frames
    );
}

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
        let gap = Gap {
            at_frame: 100,
            rate_hz: 48_000,
            frames: 40,
        };
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

/// Blocks of any size, of a format of 3 bytes, a queue that overflows now and then, reads of any
/// size: what is read is what was recorded, less the gaps that were told, at the positions told.
fn any_cutting(sizes: &[(usize, usize)], gaps: Gaps) {
    let mut config = config("48000x1:s24le", "48000x1:s24le");
    config.queue_frames = 61;
    config.gaps = gaps;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let value = |at: usize| I24::from_int(at as i32 % 8_000_000 + 1);
    let (mut captured, mut read) = (0, Vec::new());
    let mut met: Vec<Gap> = Vec::new();
    for (block, wanted) in sizes {
        let frames: Vec<I24> = (captured..captured + block).map(value).collect();
        recorder.record(&frames);
        captured += block;
        let mut out = vec![I24::EQUILIBRIUM; *wanted];
        let frames = reader.read(&mut out);
        read.extend_from_slice(&out[..frames]);
        reader.poll(|gap| met.push(gap));
        reconciles(&reader);
    }
    drop(recorder);
    while !reader.is_at_end() {
        let mut out = [I24::EQUILIBRIUM; 64];
        let frames = reader.read(&mut out);
        read.extend_from_slice(&out[..frames]);
    }
    reader.poll(|gap| met.push(gap));
    // Sound in order, and in a gap as much silence as it is long, or less.
    let (mut rest, mut at, mut silent) = (&read[..], 0, 0);
    let mut gaps_left = met.iter();
    while at < captured {
        let next = gaps_left.next();
        let end = next.map_or(captured, |gap| gap.at_frame as usize);
        let sound: Vec<I24> = (at..end).map(value).collect();
        assert_eq!(rest[..sound.len()], sound);
        rest = &rest[sound.len()..];
        at = end;
        if let Some(gap) = next {
            let is_silent = |sample: &&I24| **sample == I24::EQUILIBRIUM;
            let silence = rest.iter().take_while(is_silent).count();
            assert!(silence as u64 <= gap.frames);
            silent += silence as u64;
            rest = &rest[silence..];
            at += gap.frames as usize;
        }
    }
    assert_eq!(rest, []);
    let told = met.iter().map(|gap| gap.frames).sum::<u64>();
    let counters = reader.snapshot();
    assert_eq!(counters.captured_frames, captured as u64);
    assert_eq!(counters.dropped_frames + counters.discarded_frames, told);
    assert_eq!(counters.silence_frames, silent);
    match gaps {
        Gaps::Silence => assert_eq!(silent + counters.forgone_silence_frames, told),
        Gaps::Skip => assert_eq!((silent, counters.overruns), (0, met.len() as u64)),
        Gaps::Live { .. } => assert_eq!(silent, 0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_and_any_overrun_reconcile(
        sizes in prop::collection::vec((0_usize..100, 0_usize..60), 1..60),
        ways in 0..3_usize,
    ) {
        let max_lag = Duration::from_micros(500);
        any_cutting(&sizes, [Gaps::Silence, Gaps::Skip, Gaps::Live { max_lag }][ways]);
    }
}

/// Two threads, a queue that overflows all the time, and a count that must come out whole.
#[test]
fn two_threads_agree() {
    let mut config = config("48000x1:s32le", "48000x1:s32le");
    config.queue_frames = 48;
    config.gaps = Gaps::Skip;
    let (mut recorder, mut reader): (Recorder, Reader) = capture(&config).unwrap();
    let recording = std::thread::spawn(move || {
        let mut at = 0_i32;
        let mut block = [0_i32; 17];
        for round in 0..6_000_000 {
            let frames = round % 17;
            (at..)
                .zip(&mut block[..frames])
                .for_each(|(at, to)| *to = at);
            recorder.record(&block[..frames]);
            at += frames as i32;
        }
        at
    });
    let mut met = Vec::new();
    let mut next = 0_u64;
    let mut out = [0_i32; 31];
    while !reader.is_at_end() {
        let frames = reader.read(&mut out);
        reader.poll(|gap| met.push(gap));
        for value in &out[..frames] {
            // Where the count jumps there is a gap that says so.
            while *value as u64 != next {
                let gap: Gap = met.remove(0);
                assert_eq!(gap.at_frame, next);
                next += gap.frames;
            }
            next += 1;
        }
        reconciles(&reader);
        assert!(reader.position() >= next || frames == 0);
    }
    let captured = recording.join().unwrap() as u64;
    assert_eq!(reader.snapshot().captured_frames, captured);
    assert_eq!(
        next + met.iter().map(|gap| gap.frames).sum::<u64>(),
        captured
    );
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
    let gap = |at_frame, rate_hz| Gap {
        at_frame,
        rate_hz,
        frames: 10,
    };
    assert_eq!(
        met,
        [gap(4_800, 48_000), gap(4_800 + 10 + 2_400 + 800, 8_000)]
    );
}
