//! A microphone that is muted, and a gain that moves: in every order of calls.

use super::*;
use rt_callback::CaptureController;

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
