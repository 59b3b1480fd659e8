//! A capture: what the device delivered comes out, converted as offline, and every frame is
//! accounted for.

mod devices;
mod gaps;
mod given_back;
mod lags;
mod mutes;
mod passing;
mod samples;
mod stretches;

use std::time::Duration;

use crate::common::{samples, spec};
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
    S::as_bytes(samples).to_vec()
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
        other => panic!("{other:?}"),
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
