//! Gaps, and ends that come late.

use super::*;

/// "An end declared late counts as an underrun and blips" (iterate/iterate#2721): the sound ended where it ran
/// dry; nothing of the resampler's tail comes 200 ms later.
#[test]
fn an_end_declared_late_is_an_end_and_no_underrun() {
    for resample in Resample::ALL {
        for (source, utterance) in [
            ("24000x1:s16le", true),
            ("24000x1:s16le", false),
            ("48000x1:s16le", true),
        ] {
            let mut config = config(source, "48000x1:f32le");
            config.resample = *resample;
            let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
            let id = utterance.then(|| feeder.begin_utterance().unwrap());
            feeder.push(&[HALF; 2_400]).unwrap();
            render_blocks(&mut renderer, 480, &[480]);
            let sounded = {
                let mut frames = 480;
                loop {
                    match renderer.render(&mut [0.0_f32; 48]) {
                        RenderStatus::Underrun { missing_frames } => {
                            break frames + 48 - missing_frames;
                        }
                        _ => frames += 48,
                    }
                }
            };
            // 200 ms later, and for longer than the decay.
            render_blocks(&mut renderer, 9_600, &[480]);
            let starved = monitor.snapshot();
            assert!(starved.starved_frames >= 9_600 && starved.underruns == 0);
            assert!(
                told(&mut monitor)
                    .iter()
                    .any(|(_, kind)| *kind == EventKind::Underrun)
            );
            feeder.end_utterance().unwrap();
            let sound = render_blocks(&mut renderer, 960, &[480]);
            assert_eq!(sound, [0.0; 960], "{resample}: a blip");
            let now = monitor.snapshot();
            assert_eq!(
                (now.underruns, now.underrun_frames, now.starved_frames),
                (0, 0, 0)
            );
            assert_eq!(now.idle_frames, starved.starved_frames + 960);
            assert_eq!(now.heard_frames + now.dropped_frames, 2_400);
            assert_eq!(now.in_flight_frames, 0);
            if let Some(id) = id {
                let kind = finished(id, now.heard_frames);
                assert_eq!(told(&mut monitor), [(sounded as u64, kind)], "{resample}");
            } else {
                assert!(told(&mut monitor).is_empty());
            }
            // What comes next begins as a beginning does, and a drain has been heard already.
            assert_eq!(feeder.drain(Duration::ZERO), Ok(Drained::Heard));
            feeder.push(&[HALF; 240]).unwrap();
            feeder.end_utterance().unwrap();
            let sound = render_blocks(&mut renderer, 200, &[200]);
            assert!(
                sound[100..].iter().all(|sample| (sample - 0.5).abs() < 0.1),
                "{resample}"
            );
            assert!(sound[0] > 0.4, "{resample}: faded in");
        }
    }
}

/// The feeder may be dropped, an interruption, a discard or a cancellation may come: all are ends.
#[test]
fn whatever_ends_what_ran_dry_nothing_blips() {
    type End = fn(Feeder, &Controller, UtteranceId) -> Option<Feeder>;
    let ends: [End; 4] = [
        |_, _, _| None,
        |feeder, controller, _| {
            controller.interrupt(Ramp::Milliseconds(50.0));
            Some(feeder)
        },
        |feeder, controller, _| {
            controller.hold();
            controller.discard();
            Some(feeder)
        },
        |feeder, controller, id| {
            assert!(controller.cancel(id, Ramp::Milliseconds(50.0)));
            Some(feeder)
        },
    ];
    for (index, end) in ends.into_iter().enumerate() {
        let mut config = config("24000x1:s16le", "48000x1:f32le");
        config.resample = Resample::High;
        let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
        let id = feeder.begin_utterance().unwrap();
        feeder.push(&[HALF; 480]).unwrap();
        render_blocks(&mut renderer, 4_800, &[480]);
        let feeder = end(feeder, &controller, id);
        assert_eq!(
            render_blocks(&mut renderer, 4_800, &[480]),
            [0.0; 4_800],
            "{index}"
        );
        let now = monitor.snapshot();
        assert_eq!(
            (now.underruns, now.starved_frames, now.in_flight_frames),
            (0, 0, 0),
            "{index}"
        );
        let receipt = if index == 0 {
            finished(id, now.heard_frames)
        } else {
            interrupted(Some(id), now.heard_frames)
        };
        let told = told(&mut monitor);
        assert_eq!(told.last().unwrap().1, receipt, "{index}: {told:?}");
        drop(feeder);
    }
}

/// More of it comes: then it was an underrun, told at once, counted and recovered from.
#[test]
fn what_goes_on_after_a_gap_is_an_underrun() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 480]).unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    render_blocks(&mut renderer, 4_800, &[480]);
    // Less than the look-ahead, and then its end: it sounds, with the tail.
    feeder.push(&[HALF; 1]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    let now = monitor.snapshot();
    assert_eq!(
        (now.underruns, now.heard_frames, now.dropped_frames),
        (1, 481, 0)
    );
    assert_eq!(
        now.underrun_frames + 962 + now.idle_frames,
        480 + 4_800 + 480
    );
    let told = told(&mut monitor);
    let kinds: Vec<_> = told.iter().map(|(_, kind)| *kind).collect();
    let missing_frames = now.underrun_frames;
    let expected = [
        EventKind::Started { utterance: id },
        EventKind::Underrun,
        EventKind::Recovered { missing_frames },
        finished(id, 481),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(told[1].0 + missing_frames, told[2].0);
}

/// A first chunk that is shorter than the resampler's look-ahead is no underrun before `Started`, and its start
/// is not faded in.
#[test]
fn a_first_chunk_shorter_than_the_look_ahead_is_no_underrun() {
    for resample in [Resample::Balanced, Resample::High] {
        let mut config = config("24000x1:s16le", "48000x1:f32le");
        config.resample = resample;
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        let mut whole = None;
        for round in 0..3 {
            let id = feeder.begin_utterance().unwrap();
            // The same utterance, at once and then in two chunks.
            let (first, rest) = if round == 0 { (240, 0) } else { (1, 239) };
            feeder.push(&vec![HALF; first]).unwrap();
            if rest > 0 {
                let before = monitor.snapshot();
                let sound = render_blocks(&mut renderer, 960, &[480]);
                let waited = monitor.snapshot();
                assert_eq!(sound, [0.0; 960], "{resample}");
                assert_eq!(
                    waited.startup_silence_frames,
                    before.startup_silence_frames + 960
                );
                assert_eq!(
                    (waited.underruns, waited.starved_frames),
                    (0, 0),
                    "{resample}"
                );
                feeder.push(&vec![HALF; rest]).unwrap();
            }
            feeder.end_utterance().unwrap();
            let sound = render_blocks(&mut renderer, 480, &[480]);
            assert_eq!(
                &sound,
                whole.get_or_insert_with(|| sound.clone()),
                "{resample}"
            );
            render_blocks(&mut renderer, 480, &[480]);
            let kinds: Vec<_> = told(&mut monitor).iter().map(|(_, kind)| *kind).collect();
            assert_eq!(
                kinds,
                [EventKind::Started { utterance: id }, finished(id, 240)]
            );
        }
    }
}
