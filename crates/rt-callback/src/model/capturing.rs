//! Models of captures: a recorder, a reader, a controller and a monitor.

use alloc::vec::Vec;

use super::{explore, spawn, spec};
use crate::{CaptureConfig, Gaps, Reader, Recorder, capture};

fn capturing(queue_frames: usize) -> (Recorder, Reader) {
    let mut config = CaptureConfig::new(spec("48000x1:u8"), spec("48000x1:f32le"));
    config.queue_frames = queue_frames;
    config.ramp_frames = 0;
    config.gaps = Gaps::Silence;
    capture(&config).unwrap()
}

fn read(reader: &mut Reader, heard: &mut Vec<f32>) -> usize {
    let mut out = [9.0_f32; 4];
    let frames = reader.read(&mut out);
    heard.extend_from_slice(&out[..frames]);
    frames
}

/// A reader that has come to the end has read everything.
#[test]
fn loom_a_capture_that_is_closed_is_complete() {
    explore(2, 5_000, || {
        let (mut recorder, mut reader) = capturing(4);
        let recording = spawn(move || {
            for byte in [192, 160, 144] {
                recorder.record_bytes(&[byte]);
            }
        });
        let mut heard = Vec::new();
        for _ in 0..2 {
            read(&mut reader, &mut heard);
            let is_at_end = reader.is_at_end();
            assert!(!is_at_end || heard.len() == 3, "an end before its sound");
        }
        recording.join().unwrap();
        read(&mut reader, &mut heard);
        assert!(reader.is_at_end());
        assert_eq!(heard, [0.5, 0.25, 0.125]);
    });
}

/// A gap is read between the frames that were captured before and behind it.
#[test]
fn loom_a_gap_lies_before_what_is_captured_behind_it() {
    explore(2, 1_000, || {
        let (mut recorder, mut reader) = capturing(2);
        recorder.record_bytes(&[192, 192, 255]);
        let mut heard = Vec::new();
        let recording = spawn(move || {
            recorder.record_bytes(&[160]);
            recorder
        });
        for _ in 0..2 {
            read(&mut reader, &mut heard);
        }
        let mut recorder = recording.join().unwrap();
        read(&mut reader, &mut heard);
        recorder.record_bytes(&[160]);
        drop(recorder);
        read(&mut reader, &mut heard);
        assert!(
            [
                &[0.5, 0.5, 0.0, 0.25, 0.25][..],
                &[0.5, 0.5, 0.0, 0.0, 0.25]
            ]
            .contains(&&heard[..]),
            "{heard:?}"
        );
    });
}

/// Frames that were captured while the capture was muted are never heard, in any order of the threads.
#[test]
fn loom_what_was_captured_muted_is_never_heard() {
    // One word says from where on it is heard, so there are few orders.
    explore(3, 6, || {
        let (mut recorder, mut reader) = capturing(4);
        let controller = reader.controller();
        controller.mute();
        recorder.record_bytes(&[192]);
        let steering = spawn(move || controller.unmute());
        let mut heard = Vec::new();
        read(&mut reader, &mut heard);
        assert_eq!(heard, [0.0], "what was muted");
        steering.join().unwrap();
        recorder.record_bytes(&[160]);
        read(&mut reader, &mut heard);
        assert_eq!(heard, [0.0, 0.25]);
    });
}

/// The counters that a monitor sees add up and only grow, while frames are recorded and read.
#[test]
fn loom_what_a_capture_counts_adds_up_at_any_time() {
    explore(2, 30_000, || {
        let (mut recorder, mut reader) = capturing(4);
        let monitor = reader.monitor();
        let recording = spawn(move || {
            recorder.record_bytes(&[192]);
            recorder.record_bytes(&[192]);
        });
        let reading = spawn(move || {
            let mut heard = Vec::new();
            for _ in 0..2 {
                read(&mut reader, &mut heard);
            }
        });
        let mut before = 0;
        for _ in 0..2 {
            let counters = monitor.snapshot();
            assert_eq!(
                counters.captured_frames,
                counters.read_frames + counters.queued_frames
            );
            assert!(counters.captured_frames >= before && counters.captured_frames <= 2);
            assert_eq!(counters.read_frames, counters.delivered_frames);
            before = counters.captured_frames;
        }
        recording.join().unwrap();
        reading.join().unwrap();
        assert_eq!(monitor.snapshot().captured_frames, 2);
    });
}
