//! What happens when people talk: barge-ins, words that come late, replies that stall, and what was heard of
//! them. Each test is named after what went wrong somewhere, and cites where.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{config, events, render_blocks, samples, spec, told};
use rt_callback::{
    Config, Controller, DrainError, Drained, EventKind, FeedError, Feeder, Ramp, RenderStatus,
    Resample, UtteranceId, stream,
};

const HALF: i16 = 16_384;
const REFUSED: FeedError = FeedError::Interrupted { queued: 0 };

fn plain() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    config
}

fn finished(utterance: UtteranceId, heard_frames: u64) -> EventKind {
    EventKind::Finished {
        utterance,
        heard_frames,
    }
}

fn interrupted(utterance: Option<UtteranceId>, heard_frames: u64) -> EventKind {
    EventKind::Interrupted {
        utterance,
        heard_frames,
        device_latency_frames: 0,
    }
}

/// "An odd byte before a barge-in turns the next reply into noise" (kizuna-ai-lab/sokuji#380): bytes of an
/// unfinished frame belong to what they came with.
#[test]
fn half_a_frame_goes_with_what_was_cut() {
    type Cut = fn(&mut Feeder, &Controller, Option<UtteranceId>);
    let cuts: [(&str, Cut); 4] = [
        ("interrupt", |_, controller, _| {
            controller.interrupt(Ramp::None)
        }),
        ("discard", |_, controller, _| {
            controller.hold();
            controller.discard();
        }),
        ("cancel", |_, controller, id| {
            assert!(controller.cancel(id.unwrap(), Ramp::None));
        }),
        ("end", |feeder, _, _| feeder.end_utterance().unwrap()),
    ];
    for format in ["s16le", "s24le", "s32le", "f64le"] {
        for channels in [1, 2, 3] {
            for (name, cut) in cuts {
                for utterance in [true, false] {
                    if name == "cancel" && !utterance {
                        continue;
                    }
                    let source = format!("48000x{channels}:{format}");
                    let mut config = plain();
                    config.source = spec(&source);
                    config.device = spec(&format!("48000x{channels}:f32le"));
                    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
                    let id = utterance.then(|| feeder.begin_utterance().unwrap());
                    let frame_bytes = config.source.frame_bytes();
                    let noise = vec![0x55; 20 * frame_bytes - 1];
                    assert_eq!(feeder.push_bytes(&noise), Ok(noise.len()));
                    assert_eq!(feeder.partial_bytes(), frame_bytes - 1);
                    cut(&mut feeder, &controller, id);
                    if utterance {
                        feeder.begin_utterance().unwrap();
                    }
                    // Whole frames of silence: anything else is noise.
                    let silence = vec![0; 10 * frame_bytes];
                    assert_eq!(feeder.push_bytes(&silence), Ok(silence.len()));
                    assert_eq!(feeder.partial_bytes(), 0, "{name} {source}");
                    let end = if name == "end" { 19 } else { 0 };
                    let sound =
                        render_blocks(&mut renderer, end + 10, &[64]).split_off(end * channels);
                    assert!(sound.iter().all(|sample| *sample == 0.0), "{name} {source}");
                    assert_eq!(monitor.snapshot().pushed_frames, 29);
                }
            }
        }
    }
}

/// "A change of format shrinks the queue; a threshold above it: silence for good" (librespot-org/librespot#1662,
/// zed-industries/zed#29577). A full queue is enough, whatever the sizes.
#[test]
fn a_full_queue_is_heard_whatever_it_waits_for() {
    let sources = [
        "48000x1:s16le",
        "48000x2:f32le",
        "8000x1:mulaw",
        "44100x6:s24le",
        "11025x2:u8",
    ];
    for queue_frames in [1, 7, 999, 1_000] {
        for first in sources {
            for next in sources {
                let mut config = config(first, "48000x2:f32le");
                config.queue_frames = queue_frames;
                config.prebuffer_frames = queue_frames;
                config.rebuffer_frames = queue_frames;
                // Only what is queued opens the gate.
                config.prebuffer_cap = Duration::MAX;
                let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
                for source in [next, first, next] {
                    feeder.set_source(spec(source)).unwrap();
                    // Half of it of one source, the rest of the other, until it is full.
                    let half = feeder.free_frames() / 2;
                    feeder
                        .push_bytes(&vec![0; half * feeder.source().frame_bytes()])
                        .unwrap();
                }
                let rest = feeder.free_frames() * feeder.source().frame_bytes();
                feeder.push_bytes(&vec![0; rest]).unwrap();
                assert_eq!(feeder.free_frames(), 0);
                renderer.render(&mut [0.0_f32; 2 * 4_800]);
                let now = monitor.snapshot();
                assert!(
                    now.queued_frames < now.pushed_frames,
                    "{queue_frames} {first} {next}"
                );
            }
        }
    }
    // So are as many marks as there is room for.
    let mut config = plain();
    config.prebuffer_frames = 1_000;
    config.marker_capacity = 4;
    config.prebuffer_cap = Duration::MAX;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[HALF; 10]).unwrap();
    while feeder.mark().is_ok() {
        feeder.push(&[HALF; 10]).unwrap();
    }
    assert_eq!(render_blocks(&mut renderer, 50, &[50]), [0.5; 50]);
}

/// A threshold is the same time for every source, and across several of them.
#[test]
fn a_prebuffer_is_the_same_time_of_every_source() {
    for source in [
        "48000x1:s16le",
        "48000x2:f32le",
        "8000x1:mulaw",
        "44100x2:s24le",
    ] {
        let mut config = plain();
        config.prebuffer_frames = 4_800; // 100 ms
        config.rebuffer_frames = 2_400;
        let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
        let push = |feeder: &mut Feeder, frames: usize| {
            let bytes = vec![0; frames * feeder.source().frame_bytes()];
            assert_eq!(feeder.push_bytes(&bytes), Ok(bytes.len()));
        };
        // 20 ms of the first, the rest of the other.
        push(&mut feeder, 960);
        feeder.set_source(spec(source)).unwrap();
        let rate = feeder.source().rate_hz as usize;
        push(&mut feeder, rate * 80 / 1_000 - 1);
        assert_eq!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Idle,
            "{source}"
        );
        push(&mut feeder, 1);
        assert_eq!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Rendered,
            "{source}"
        );
        // Dry, and 50 ms to go on.
        renderer.render(&mut vec![0.0_f32; 6_000]);
        push(&mut feeder, rate / 20 - 1);
        assert!(matches!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Underrun { .. }
        ));
        push(&mut feeder, 1);
        assert_eq!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Rendered,
            "{source}"
        );
    }
}

/// A source that is refused changes nothing, the time that is counted included.
#[test]
fn a_refused_source_leaves_the_thresholds_as_they_were() {
    let mut config = plain();
    config.prebuffer_frames = 4_800; // 100 ms
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    // Too far from the device's rate.
    assert!(matches!(
        feeder.set_source(spec("100x1:s16le")),
        Err(FeedError::Config(_))
    ));
    feeder.push(&[HALF; 4_799]).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 48]), RenderStatus::Idle);
    feeder.push(&[HALF; 1]).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 48]), RenderStatus::Rendered);
}

/// A reply that stalls below the threshold is heard all the same, after the time that may be waited for.
#[test]
fn a_reply_that_stalls_below_the_threshold_is_heard_after_a_while() {
    for (cap_ms, blocks) in [(1_000, 100), (50, 5), (0, 0)] {
        let mut config = plain();
        config.prebuffer_frames = 4_800;
        config.rebuffer_frames = 4_800;
        if cap_ms != 1_000 {
            config.prebuffer_cap = Duration::from_millis(cap_ms);
        }
        let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
        let mut block = [0.0_f32; 480];
        for _ in 0..200 {
            renderer.render(&mut block);
        }
        for _ in 0..2 {
            feeder.push(&[HALF; 480]).unwrap();
            // Time is counted in blocks, those of a pause too.
            for n in 0..blocks {
                if n == 2 {
                    controller.pause();
                }
                let status = renderer.render(&mut block);
                assert_ne!(status, RenderStatus::Rendered, "{cap_ms}: {n}");
                controller.resume();
            }
            assert_eq!(
                renderer.render(&mut block),
                RenderStatus::Rendered,
                "{cap_ms}"
            );
            assert_eq!(block, [0.5; 480]);
            renderer.render(&mut block);
        }
    }
}

/// It begins at its frame, wherever blocks end: a sound that is held back, and one that goes on after a gap.
#[test]
fn what_was_held_back_begins_at_its_frame_in_any_cutting() {
    let render = |sizes: &[usize]| {
        let mut config = plain();
        config.ramp_frames = 10;
        config.prebuffer_frames = 4_800;
        config.rebuffer_frames = 4_800;
        config.prebuffer_cap = Duration::from_millis(50);
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        // The rest of the first block that sounds is startup, whatever it is: this is another.
        feeder.push(&[HALF; 10]).unwrap();
        feeder.end_utterance().unwrap();
        let mut sound = render_blocks(&mut renderer, 1_000, sizes);
        feeder.begin_utterance().unwrap();
        feeder.push(&[HALF; 700]).unwrap();
        sound.extend(render_blocks(&mut renderer, 4_000, sizes));
        feeder.push(&[HALF; 700]).unwrap();
        sound.extend(render_blocks(&mut renderer, 4_000, sizes));
        let counters = monitor.snapshot();
        let silence = (
            counters.underruns,
            counters.underrun_frames,
            counters.starved_frames,
        );
        (sound, told(&mut monitor), silence)
    };
    let whole = render(&[10_000]);
    // 50 ms are 2,400 frames.
    assert_eq!(whole.0[1_000..3_400], [0.0; 2_400]);
    assert_eq!(whole.0[3_400..4_100], [0.5; 700]);
    let back = 5_000 + 2_400;
    assert!((whole.0[back] - 0.05).abs() < 1e-6 && whole.0[back + 9..back + 700] == [0.5; 691]);
    assert_eq!(
        whole.2,
        (1, (back - 4_100) as u64, (9_000 - back - 700) as u64)
    );
    for sizes in [&[1][..], &[7], &[480], &[2_400], &[13, 999]] {
        let cut = render(sizes);
        assert_eq!(cut.1, whole.1, "{sizes:?}");
        assert_eq!(cut.2, whole.2, "{sizes:?}");
        assert!(cut.0 == whole.0, "{sizes:?}");
    }
}

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

/// "Interrupt while the producer waits in a push: the old speech goes on" (livekit/python-sdks#394).
#[test]
fn a_push_that_waits_when_an_interruption_comes_ends_and_queues_no_more() {
    type Push = fn(&mut Feeder, &[i16]) -> FeedError;
    let pushes: [Push; 3] = [
        |feeder, data| {
            feeder
                .push_blocking(data, Duration::from_secs(20))
                .unwrap_err()
        },
        |feeder, data| {
            let bytes: Vec<u8> = data
                .iter()
                .flat_map(|sample| sample.to_le_bytes())
                .collect();
            let error = feeder
                .push_bytes_blocking(&bytes, Duration::MAX)
                .unwrap_err();
            let FeedError::Interrupted { queued } = error else {
                panic!("{error}")
            };
            FeedError::Interrupted { queued: queued / 2 }
        },
        |feeder, data| {
            let bytes: Vec<u8> = data
                .iter()
                .flat_map(|sample| sample.to_le_bytes())
                .collect();
            let error = feeder.write_all(&bytes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
            let error = error.into_inner().unwrap().downcast::<FeedError>().unwrap();
            let FeedError::Interrupted { queued } = *error else {
                panic!("{error}")
            };
            FeedError::Interrupted { queued: queued / 2 }
        },
    ];
    for push in pushes {
        for utterance in [true, false] {
            for interrupts_before in [0, 1] {
                let mut config = plain();
                config.queue_frames = 1_000;
                let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
                for _ in 0..interrupts_before {
                    // Another one, earlier, is none of its business.
                    controller.interrupt(Ramp::None);
                }
                if utterance {
                    feeder.begin_utterance().unwrap();
                }
                let pushing = std::thread::spawn(move || {
                    let error = push(&mut feeder, &[HALF; 50_000]);
                    (feeder, error)
                });
                while monitor.snapshot().pushed_frames < 1_000 {
                    std::thread::yield_now();
                }
                renderer.render(&mut [0.0_f32; 100]);
                controller.interrupt(Ramp::None);
                let (mut feeder, error) = pushing.join().unwrap();
                let pushed = feeder.pushed_frames() as usize;
                assert_eq!(error, FeedError::Interrupted { queued: pushed });
                // Nothing of it is heard any more, whenever it was queued.
                assert_eq!(render_blocks(&mut renderer, 3_000, &[500]), [0.0; 3_000]);
                if utterance {
                    assert_eq!(feeder.push(&[HALF; 10]), Err(REFUSED));
                    feeder.begin_utterance().unwrap();
                }
                // New sound is.
                assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
                assert_eq!(render_blocks(&mut renderer, 10, &[10]), [0.5; 10]);
            }
        }
    }
}

/// Speech that goes on after a barge-in: an utterance that was interrupted takes nothing more, whatever the
/// producer does not know yet, and the next one is not concerned.
#[test]
fn an_interruption_ends_the_utterance_that_is_being_pushed() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let first = feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 100]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    controller.interrupt(Ramp::None);
    assert_eq!(feeder.push(&[HALF; 100]), Err(REFUSED));
    render_blocks(&mut renderer, 40, &[40]);
    assert_eq!(feeder.push(&[HALF; 100]), Err(REFUSED), "still");
    assert_eq!(feeder.push_bytes(&[1; 3]), Err(REFUSED));
    assert_eq!(feeder.mark(), Err(REFUSED));
    assert_eq!(feeder.partial_bytes(), 0);
    assert_eq!(feeder.pushed_frames(), 100);
    feeder.end_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10), "outside any utterance");
    let second = feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
    assert_eq!(render_blocks(&mut renderer, 20, &[20]), [0.5; 20]);
    // Before a word has been pushed, too; the receipt says that nothing was heard.
    feeder.end_utterance().unwrap();
    let third = feeder.begin_utterance().unwrap();
    controller.interrupt(Ramp::None);
    assert_eq!(feeder.push(&[HALF; 10]), Err(REFUSED));
    // An interruption between two utterances concerns neither.
    feeder.end_utterance().unwrap();
    controller.interrupt(Ramp::None);
    let fourth = feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
    feeder.end_utterance().unwrap();
    assert_eq!(render_blocks(&mut renderer, 10, &[10]), [0.5; 10]);
    let receipts: Vec<_> = told(&mut monitor)
        .into_iter()
        .map(|(_, kind)| kind)
        .filter(|kind| !matches!(kind, EventKind::Started { .. }))
        .collect();
    assert_eq!(
        receipts,
        [
            interrupted(Some(first), 40),
            finished(second, 10),
            interrupted(Some(third), 0),
            finished(fourth, 10)
        ]
    );
}

/// "A confirmed barge-in still plays what streamed in meanwhile" (livekit/agents-js#2122).
#[test]
fn a_discard_takes_what_streamed_in_while_it_was_held() {
    for begins_another in [false, true] {
        for has_utterances in [true, false] {
            let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
            let old = has_utterances.then(|| feeder.begin_utterance().unwrap());
            feeder.push(&[HALF; 100]).unwrap();
            render_blocks(&mut renderer, 40, &[40]);
            controller.hold();
            // The producer does not know.
            if has_utterances {
                assert_eq!(feeder.push(&[HALF; 100]), Ok(100));
            }
            assert_eq!(render_blocks(&mut renderer, 100, &[50]), [0.0; 100]);
            if begins_another {
                if has_utterances {
                    feeder.begin_utterance().unwrap();
                }
                assert_eq!(feeder.push(&[-HALF; 20]), Ok(20));
            }
            controller.discard();
            if begins_another {
                assert_eq!(feeder.push(&[-HALF; 5]), Ok(5), "it is another");
                let sound = render_blocks(&mut renderer, 30, &[7]);
                assert_eq!(sound[..25], [-0.5; 25]);
                assert_eq!(sound[25..], [0.0; 5]);
            } else {
                if has_utterances {
                    assert_eq!(feeder.push(&[HALF; 5]), Err(REFUSED));
                }
                assert_eq!(render_blocks(&mut renderer, 300, &[100]), [0.0; 300]);
            }
            let receipt = interrupted(old, 40);
            assert!(told(&mut monitor).iter().any(|(_, kind)| *kind == receipt));
            let dropped = if has_utterances { 160 } else { 60 };
            assert_eq!(monitor.snapshot().dropped_frames, dropped);
        }
    }
}

/// A false alarm: the reply goes on as if nothing had been, and its producer never learns of it.
#[test]
fn a_hold_that_is_resumed_leaves_the_producer_alone() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 100]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    controller.hold();
    feeder.push(&[HALF; 100]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    controller.resume();
    feeder.push(&[HALF; 100]).unwrap();
    // Too late: nothing is held any more.
    controller.discard();
    feeder.push(&[HALF; 100]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 360, &[77]), [0.5; 360]);
    assert_eq!(monitor.snapshot().dropped_frames, 0);
    assert_eq!(events(&mut monitor).len(), 1, "started");
}

/// A cancellation refuses what is still pushed into its utterance, and fades as long as it was told to.
#[test]
fn a_cancelled_utterance_takes_nothing_more() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 200]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    assert!(controller.cancel(id, Ramp::Frames(100)));
    assert_eq!(feeder.push(&[HALF; 10]), Err(REFUSED));
    assert_eq!(
        feeder.push_blocking(&[HALF; 10], Duration::MAX),
        Err(REFUSED)
    );
    let sound = render_blocks(&mut renderer, 200, &[33]);
    for (frame, sample) in sound.iter().enumerate() {
        let gain = 1.0 - (frame + 1).min(100) as f32 / 100.0;
        assert!((sample - 0.5 * gain).abs() < 1e-6, "{frame}");
    }
    feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
    let receipt = interrupted(Some(id), 140);
    assert!(told(&mut monitor).contains(&(140, receipt)));
}

/// A drain says what it ended with, at once where nobody will ever hear anything.
#[test]
fn a_drain_says_whether_it_was_heard_interrupted_or_abandoned() {
    let wait = Duration::from_secs(20);
    for (cut, drained) in [(false, Drained::Heard), (true, Drained::Interrupted)] {
        for before in [false, true] {
            let (mut feeder, controller, mut renderer, _monitor) = stream(&plain()).unwrap();
            feeder.begin_utterance().unwrap();
            feeder.push(&[HALF; 1_000]).unwrap();
            renderer.render(&mut [0.0_f32; 100]);
            if before && cut {
                controller.interrupt(Ramp::Milliseconds(1.0));
                render_blocks(&mut renderer, 1_000, &[100]);
            }
            let is_drained = Arc::new(AtomicBool::new(false));
            let drains = Arc::clone(&is_drained);
            let draining = std::thread::spawn(move || {
                let result = feeder.drain(wait);
                drains.store(true, Ordering::Relaxed);
                (result, feeder)
            });
            if cut && !before {
                controller.interrupt(Ramp::Milliseconds(1.0));
            }
            while !is_drained.load(Ordering::Relaxed) {
                renderer.render(&mut [0.0_f32; 100]);
                std::thread::yield_now();
            }
            let (result, mut feeder) = draining.join().unwrap();
            assert_eq!(result, Ok(drained), "{cut} {before}");
            // The next one is another.
            feeder.push(&[HALF; 10]).unwrap();
            feeder.end_utterance().unwrap();
            render_blocks(&mut renderer, 100, &[50]);
            assert_eq!(feeder.drain(wait), Ok(Drained::Heard));
            // What was heard was heard: an interruption after that takes nothing away.
            controller.interrupt(Ramp::None);
            assert_eq!(feeder.drain(wait), Ok(Drained::Heard));
            feeder.push(&[HALF; 10]).unwrap();
            drop(renderer);
            assert_eq!(feeder.drain(wait), Err(DrainError::Abandoned));
            assert_eq!(
                feeder
                    .push_blocking(&[0_i16; 100_000], wait)
                    .map(|taken| taken < 100_000),
                Ok(true)
            );
        }
    }
}

/// The receipt is never lost: a flood of marks and underruns that nobody takes leaves it its place.
#[test]
fn a_receipt_has_a_place_of_its_own() {
    let mut config = plain();
    config.event_capacity = 4;
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut expected = Vec::new();
    for round in 0..16 {
        let id = feeder.begin_utterance().unwrap();
        for _ in 0..10 {
            feeder.mark().unwrap();
            feeder.push(&[HALF; 10]).unwrap();
            // Dry, and recovered, again and again.
            render_blocks(&mut renderer, 20, &[20]);
        }
        if round % 2 == 0 {
            feeder.push(&[HALF; 10]).unwrap();
            render_blocks(&mut renderer, 5, &[5]);
            controller.interrupt(Ramp::None);
            render_blocks(&mut renderer, 5, &[5]);
            expected.push(interrupted(Some(id), 105));
        } else {
            expected.push(finished(id, 100));
        }
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 10, &[10]);
    }
    assert!(monitor.snapshot().events_lost > 100);
    let receipts: Vec<_> = told(&mut monitor)
        .into_iter()
        .map(|(_, kind)| kind)
        .filter(|kind| {
            matches!(
                kind,
                EventKind::Finished { .. } | EventKind::Interrupted { .. }
            )
        })
        .collect();
    assert_eq!(receipts, expected);
}

/// Marks, begins, ends and changes of source wait for a place as a push does for room.
#[test]
fn what_is_declared_can_wait_for_its_place() {
    let mut config = plain();
    config.marker_capacity = 1;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.mark().unwrap();
    let short = Duration::from_millis(20);
    assert_eq!(feeder.mark_blocking(short), Err(FeedError::MarkersFull));
    assert_eq!(
        feeder.begin_utterance_blocking(short),
        Err(FeedError::MarkersFull)
    );
    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let feeding = std::thread::spawn(move || {
        let long = Duration::from_secs(20);
        for format in ["48000x1:s16le", "48000x1:u8"].into_iter().cycle().take(6) {
            feeder.set_source_blocking(spec(format), long).unwrap();
            feeder.begin_utterance_blocking(long).unwrap();
            feeder.mark_blocking(long).unwrap();
            let silence = vec![if format.ends_with("u8") { 192 } else { 64 }; 100];
            feeder.push_bytes(&silence).unwrap();
            feeder.end_utterance_blocking(long).unwrap();
        }
        assert_eq!(feeder.drain(long), Ok(Drained::Heard));
        done.store(true, Ordering::Relaxed);
    });
    let mut kinds = Vec::new();
    while !is_done.load(Ordering::Relaxed) {
        renderer.render(&mut [0.0_f32; 7]);
        monitor.poll(|event| kinds.push(event.kind));
        std::thread::yield_now();
    }
    feeding.join().unwrap();
    monitor.poll(|event| kinds.push(event.kind));
    let count = |wanted: fn(&EventKind) -> bool| kinds.iter().filter(|kind| wanted(kind)).count();
    assert_eq!(count(|kind| matches!(kind, EventKind::Finished { .. })), 6);
    assert_eq!(count(|kind| matches!(kind, EventKind::Mark { .. })), 7);
}

/// "After rebinds a stream never ends" (more plans waited than there was room for on their way back), with as
/// little room as there can be; and an utterance can be begun with it.
#[test]
fn a_stream_ends_however_often_its_source_and_its_device_have_changed() {
    for marker_capacity in 1..4 {
        for rounds in [1, 4, 40] {
            let mut config = config("48000x1:s16le", "48000x1:f32le");
            config.marker_capacity = marker_capacity;
            config.resample = Resample::Balanced;
            let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
            let mut begun = 0;
            for round in 0..rounds {
                let (source, device) = [
                    ("24000x1:s16le", "44100x1:f32le"),
                    ("48000x1:u8", "48000x1:f32le"),
                ][round % 2];
                feeder.set_source(spec(source)).unwrap();
                feeder.push_bytes(&[128; 100]).unwrap();
                renderer.rebind(spec(device)).unwrap();
                begun += usize::from(feeder.begin_utterance().is_ok());
                feeder.push_bytes(&[128; 100]).unwrap();
                renderer.rebind(spec("48000x1:f32le")).unwrap();
                let now = monitor.snapshot();
                assert_eq!(
                    now.pushed_frames,
                    now.heard_frames
                        + now.in_flight_frames
                        + now.queued_frames
                        + now.dropped_frames
                );
            }
            assert_eq!(begun, rounds, "one marker is enough to begin");
            drop(feeder);
            let mut blocks = 0;
            while !renderer.is_at_end() {
                renderer.render(&mut [0.0_f32; 4_800]);
                blocks += 1;
                assert!(blocks < 100, "{:?}", monitor.snapshot());
            }
            let now = monitor.snapshot();
            assert_eq!((now.queued_frames, now.in_flight_frames), (0, 0));
            assert_eq!(now.pushed_frames, now.heard_frames + now.dropped_frames);
            events(&mut monitor);
        }
    }
}

/// `rebind` publishes what it counts: a stream that is at its end has nothing in flight.
#[test]
fn a_rebind_publishes_what_it_dropped() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = Resample::High;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&samples(200)).unwrap();
    render_blocks(&mut renderer, 400, &[100]);
    drop(feeder);
    let before = monitor.snapshot();
    assert!(before.in_flight_frames > 0);
    renderer.rebind(spec("44100x1:f32le")).unwrap();
    let now = monitor.snapshot();
    assert_eq!(now.in_flight_frames, 0);
    assert_eq!(now.dropped_frames, before.in_flight_frames);
}
