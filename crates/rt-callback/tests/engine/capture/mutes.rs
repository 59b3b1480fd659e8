//! A microphone that is muted, and a gain that moves: in every order of calls.

use super::*;
use rt_callback::{CaptureController, Decibels, Ramp};

/// What is captured while it is muted. All else is silence.
const LOUD: f32 = 0.8;

const LIVE: Gaps = Gaps::Live {
    max_lag: Duration::from_millis(500),
};

fn muting(application: &str, gaps: Gaps, ramp_frames: u32) -> (Recorder, Reader) {
    let mut config = config("48000x1:f32le", application);
    config.gaps = gaps;
    config.ramp_frames = ramp_frames;
    capture(&config).unwrap()
}

fn peak(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Reads all that there is, and returns the largest magnitude.
fn peak_of_all(reader: &mut Reader) -> f32 {
    let mut out = vec![0.0_f32; 48_000 * reader.application().channels()];
    let frames = reader.read(&mut out);
    peak(&out[..frames * reader.application().channels()])
}

/// The resampler's tail lies before the gap, and so does what it is made of.
#[test]
fn a_tail_before_a_skipped_gap_is_muted_as_what_it_is_made_of() {
    for (application, gaps) in [
        ("24000x1:f32le", Gaps::Skip),
        ("24000x1:f32le", LIVE),
        ("24000x1:f32le", Gaps::Silence),
        ("44100x2:f32le", Gaps::Skip),
        ("48000x1:f32le", Gaps::Skip),
    ] {
        let (mut recorder, mut reader) = muting(application, gaps, 0);
        let controller = reader.controller();
        recorder.record(&[0.0_f32; 480]);
        assert_eq!(peak_of_all(&mut reader), 0.0);
        controller.mute();
        for _ in 0..4 {
            recorder.record(&[LOUD; 480]);
        }
        // The device is gone before and after the end of the mute.
        recorder.lose(Duration::from_millis(10));
        controller.unmute();
        recorder.lose(Duration::from_millis(10));
        for _ in 0..4 {
            recorder.record(&[0.0_f32; 480]);
        }
        assert_eq!(peak_of_all(&mut reader), 0.0, "{application} {gaps:?}");
    }
}

/// A gap that a full queue leaves is one as well.
#[test]
fn a_tail_before_an_overrun_is_muted_as_what_it_is_made_of() {
    for gaps in [Gaps::Skip, Gaps::Silence] {
        let mut config = config("48000x1:f32le", "16000x1:f32le");
        config.gaps = gaps;
        config.queue_frames = 4_800;
        config.ramp_frames = 0;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        let controller = reader.controller();
        recorder.record(&[0.0_f32; 480]);
        assert_eq!(peak_of_all(&mut reader), 0.0);
        controller.mute();
        for _ in 0..11 {
            recorder.record(&[LOUD; 480]);
        }
        controller.unmute();
        for _ in 0..3 {
            recorder.record(&[0.0_f32; 480]);
        }
        let mut out = [0.0_f32; 480];
        for _ in 0..20 {
            let frames = reader.read(&mut out);
            assert_eq!(peak(&out[..frames]), 0.0, "{gaps:?}");
            recorder.record(&[0.0_f32; 480]);
        }
    }
}

/// A reader that is late skips frames up to a change of device. The tail before them is still that of what was muted.
#[test]
fn a_tail_before_skipped_frames_and_a_change_of_device_is_muted() {
    let (mut recorder, mut reader) = muting("24000x1:f32le", Gaps::LIVE, 0);
    let controller = reader.controller();
    controller.mute();
    recorder.record(&[LOUD; 480]);
    assert_eq!(peak_of_all(&mut reader), 0.0);
    controller.unmute();
    let position = reader.position();
    recorder.record(&[0.0_f32; 4_800]);
    recorder.rebind(spec("44100x1:f32le")).unwrap();
    for _ in 0..20 {
        recorder.record(&[0.0_f32; 441]);
    }
    let mut out = [0.0_f32; 10];
    let (at, frames) = reader.read_stretch(&mut out);
    assert_eq!((at.frame, at.rate_hz, frames), (position, 48_000, 10));
    assert_eq!(peak(&out), 0.0);
    assert_eq!(peak_of_all(&mut reader), 0.0);
}

#[test]
fn an_unmute_of_what_is_not_muted_silences_nothing() {
    for (application, ramp_frames) in [
        ("48000x1:f32le", 0),
        ("48000x1:f32le", 96),
        ("24000x2:f32le", 48),
    ] {
        let (mut recorder, mut reader) = muting(application, Gaps::Silence, ramp_frames);
        let controller = reader.controller();
        recorder.record(&[0.5_f32; 480]);
        peak_of_all(&mut reader);
        recorder.record(&[0.5_f32; 480]);
        controller.unmute();
        let mut out = [0.0_f32; 2 * 480];
        let samples = reader.read(&mut out) * reader.application().channels();
        let right = |sample: &f32| (sample - 0.5).abs() < 0.02;
        assert!(
            samples > 0 && out[..samples].iter().all(right),
            "{application}"
        );
        // And a second one behind a mute moves nothing.
        controller.mute();
        controller.unmute();
        recorder.record(&[0.5_f32; 4_800]);
        controller.clone().unmute();
        assert!(peak_of_all(&mut reader) > 0.4, "{application}");
    }
}

/// Records `ms` milliseconds of full scale and reads them.
fn gains(recorder: &mut Recorder, reader: &mut Reader, ms: usize) -> Vec<f32> {
    recorder.record(&vec![1.0_f32; 48 * ms]);
    let mut out = vec![9.0; 48 * ms];
    assert_eq!(reader.read(&mut out), 48 * ms);
    out
}

#[test]
fn a_gain_that_is_set_in_the_ramp_of_a_mute_makes_it_no_longer() {
    for after in [0, 1] {
        let (mut recorder, mut reader) = muting("48000x1:f32le", Gaps::Silence, 960);
        let controller = reader.controller();
        gains(&mut recorder, &mut reader, 10);
        controller.mute();
        gains(&mut recorder, &mut reader, 10 * after);
        controller.set_gain(Decibels(-6.0), Ramp::Milliseconds(200.0));
        let out = gains(&mut recorder, &mut reader, 40);
        let muted = 960 - 480 * after;
        assert!(out[muted - 2] > 0.0, "{after}");
        assert_eq!(out[muted..], vec![0.0; out.len() - muted]);
        // The gain has moved meanwhile.
        controller.unmute();
        gains(&mut recorder, &mut reader, 60);
        let out = gains(&mut recorder, &mut reader, 1);
        let gain = 1.0 + (Decibels(-6.0).to_gain() - 1.0) * 0.5;
        assert!((out[0] - gain).abs() < 0.001, "{after}: {}", out[0]);
    }
}

#[test]
fn the_time_of_a_gains_ramp_passes_while_it_is_muted() {
    for format in ["f32le", "s24le"] {
        let mut config = config("48000x1:f32le", &format!("48000x1:{format}"));
        config.gain = Decibels::SILENCE;
        config.ramp_frames = 96;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        let controller = reader.controller();
        gains(&mut recorder, &mut reader, 10);
        controller.set_gain(Decibels::UNITY, Ramp::Frames(24_000));
        gains(&mut recorder, &mut reader, 10);
        controller.mute();
        let out = gains(&mut recorder, &mut reader, 10);
        assert_eq!(out[96..], [0.0; 384]);
        controller.unmute();
        let out = gains(&mut recorder, &mut reader, 10);
        // 30 ms of 500.
        assert!((out[479] - 0.06).abs() < 1e-6, "{format}: {}", out[479]);
        let out = gains(&mut recorder, &mut reader, 500);
        assert_eq!(out[24_000 - 1_440 - 1..][..2], [1.0; 2]);
    }
}

/// A gap's silence is time as well, of both ramps, whether it is computed or not.
#[test]
fn the_time_of_both_ramps_passes_in_the_silence_of_a_gap() {
    let (mut recorder, mut reader) = muting("48000x1:f32le", Gaps::Silence, 960);
    let controller = reader.controller();
    gains(&mut recorder, &mut reader, 10);
    controller.mute();
    controller.set_gain(Decibels::SILENCE, Ramp::Frames(4_800));
    recorder.lose(Duration::from_millis(50));
    recorder.record(&[1.0_f32; 1]);
    controller.unmute();
    recorder.record(&[1.0_f32; 1_000]);
    let mut out = [9.0_f32; 2_400 + 1_001];
    assert_eq!(reader.read(&mut out), out.len());
    assert_eq!(out[..2_401], [0.0; 2_401]);
    let gain = (1.0 - 3_400.0 / 4_800.0) * (999.0 / 960.0_f32).min(1.0);
    assert!((out[3_399] - gain).abs() < 1e-5, "{}", out[3_399]);
}

/// A mute means all that is read, also what was given back or is read again. Its ramp begins with that.
#[test]
fn what_is_read_again_is_muted_too() {
    for ramp_frames in [0, 96] {
        let mut config = config("48000x1:f32le", "48000x1:f32le");
        (config.ramp_frames, config.pre_roll_frames) = (ramp_frames, 960);
        let (mut recorder, mut reader) = capture(&config).unwrap();
        let controller = reader.controller();
        gains(&mut recorder, &mut reader, 10);
        recorder.record(&[1.0_f32; 240]);
        assert!(!reader.read_exact(&mut [0.0_f32; 480]));
        controller.mute();
        let mut expected: Vec<f32> = (1..=ramp_frames).map(|n| 1.0 - n as f32 / 96.0).collect();
        expected.resize(240, 0.0);
        let mut out = vec![9.0_f32; 240];
        // Nor does another call that fails change it.
        assert!(!reader.read_exact(&mut [0.0_f32; 480]));
        assert_eq!(reader.read(&mut out), 240);
        let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close(&out, &expected), "{ramp_frames}: {out:?}");
        assert_eq!(gains(&mut recorder, &mut reader, 5), [0.0; 240]);
        // What was read before is silent as long as it is muted, and as it was afterwards.
        let mut again = vec![9.0_f32; 720];
        assert_eq!(reader.rewind(720), 720);
        assert_eq!(reader.read(&mut again), 720);
        assert_eq!(peak(&again[..240]), 0.0);
        assert!(close(&again[240..480], &expected));
        assert_eq!(peak(&again[480..]), 0.0);
        controller.unmute();
        reader.rewind(720);
        assert_eq!(reader.read(&mut again), 720);
        assert_eq!(again[..240], [1.0; 240]);
        assert!(close(&again[240..480], &expected));
    }
}

/// As what is queued: it was captured before the end of the mute, and not read.
#[test]
fn what_was_given_back_before_a_mute_stays_silent_behind_it() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    (config.ramp_frames, config.pre_roll_frames) = (0, 960);
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let controller = reader.controller();
    recorder.record(&[7_i16; 100]);
    assert_eq!(reader.read(&mut [0_i16; 100]), 100);
    recorder.record(&[7_i16; 100]);
    assert!(!reader.read_exact(&mut [0_i16; 480]));
    assert_eq!(reader.rewind(50), 50);
    controller.mute();
    controller.unmute();
    recorder.record(&[7_i16; 100]);
    let mut out = [9_i16; 250];
    assert_eq!(reader.read(&mut out), 250);
    assert_eq!(out[..50], [7; 50], "that had been read");
    assert_eq!(out[50..150], [0; 100]);
    assert_eq!(out[150..], [7; 100]);
}

/// Who calls what, in any order: loud while it is muted, silent otherwise, and so always silent for the reader.
fn any_order(calls: &[(u8, usize)], application: &str, gaps: Gaps, pre_roll_frames: usize) {
    let mut config = config("48000x1:f32le", application);
    (config.gaps, config.pre_roll_frames) = (gaps, pre_roll_frames);
    (config.ramp_frames, config.queue_frames) = (0, 9_600);
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let controller: CaptureController = reader.controller();
    let channels = reader.application().channels();
    let mut out = vec![0.0_f32; 2_000 * channels];
    for (call, size) in calls {
        match call {
            0..4 => {
                let level = if controller.is_muted() { LOUD } else { 0.0 };
                recorder.record(&vec![level; 4 * size]);
            }
            4 => recorder.lose(Duration::from_micros(100 * *size as u64)),
            5 => {
                let rate = [48_000, 16_000, 24_000][size % 3];
                recorder.rebind(spec(&format!("{rate}x1:f32le"))).unwrap();
            }
            6 => controller.mute(),
            7 => controller.unmute(),
            8 => {
                reader.rewind(*size);
            }
            9 => {
                reader.discard(size / 2);
            }
            10 => {
                let out = &mut out[..size * channels];
                assert!(!reader.read_exact(out) || peak(out) == 0.0);
            }
            _ => {
                let (_, frames) = reader.read_stretch(&mut out[..size * channels]);
                assert_eq!(peak(&out[..frames * channels]), 0.0);
            }
        }
        reconciles(&reader);
    }
    drop(recorder);
    while !reader.is_at_end() {
        let frames = reader.read(&mut out);
        assert_eq!(peak(&out[..frames * channels]), 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_captured_muted_is_heard_in_no_order_of_calls(
        calls in prop::collection::vec((0_u8..13, 1_usize..400), 1..80),
        ways in 0..3_usize,
        rates in 0..3_usize,
        pre_roll_frames in 0..300_usize,
    ) {
        let application = ["48000x1:f32le", "16000x2:f32le", "44100x1:f32le"][rates];
        let gaps = [Gaps::Silence, Gaps::Skip, Gaps::LIVE][ways];
        any_order(&calls, application, gaps, pre_roll_frames);
    }
}
