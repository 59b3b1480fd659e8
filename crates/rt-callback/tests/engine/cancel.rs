//! One utterance is dropped, the others are kept.

use crate::common::{config, events};
use rt_callback::{
    Command, Config, Controller, Event, EventKind, FeedError, Feeder, Monitor, Ramp, Renderer,
    Timed, UtteranceId, stream,
};

const FADE_FRAMES: u32 = 10;
const FADE: Ramp = Ramp::Frames(FADE_FRAMES);

fn plain() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = FADE_FRAMES;
    config
}

/// Three utterances of 100 frames, of 0.25, 0.5 and 0.125.
fn three(config: &Config) -> (Feeder, Controller, Renderer, Monitor, [UtteranceId; 3]) {
    let (mut feeder, controller, renderer, monitor) = stream(config).unwrap();
    let ids = [8_192_i16, 16_384, 4_096].map(|value| {
        let id = feeder.begin_utterance().unwrap();
        feeder.push(&[value; 100]).unwrap();
        feeder.end_utterance().unwrap();
        id
    });
    (feeder, controller, renderer, monitor, ids)
}

fn interrupted(events: &[Event]) -> Vec<(u64, u64, u64)> {
    let receipts = events.iter().filter_map(|event| match event.kind {
        EventKind::Interrupted {
            utterance,
            heard_frames,
            ..
        } => Some((event.at_frame, utterance?.0, heard_frames)),
        _ => None,
    });
    receipts.collect()
}

fn finished(events: &[Event]) -> Vec<u64> {
    let ends = events.iter().filter_map(|event| match event.kind {
        EventKind::Finished { utterance, .. } => Some(utterance.0),
        _ => None,
    });
    ends.collect()
}

#[test]
fn a_queued_utterance_goes_whole() {
    let (_feeder, controller, mut renderer, mut monitor, ids) = three(&plain());
    let mut block = [f32::NAN; 50];
    renderer.render(&mut block);
    assert!(controller.cancel(ids[1], FADE));
    let mut rest = [f32::NAN; 160];
    renderer.render(&mut rest);
    assert_eq!(rest[..50], [0.25; 50]);
    assert_eq!(rest[50..150], [0.125; 100]);
    assert_eq!(rest[150..], [0.0; 10]);
    let events = events(&mut monitor);
    assert_eq!(interrupted(&events), [(100, 1, 0)]);
    assert_eq!(finished(&events), [0, 2]);
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.dropped_frames), (200, 100));
}

#[test]
fn a_sounding_utterance_fades_and_the_next_follows() {
    let (_feeder, controller, mut renderer, mut monitor, ids) = three(&plain());
    renderer.render(&mut [0.0_f32; 50]);
    assert!(controller.cancel(ids[0], FADE));
    let mut rest = [f32::NAN; 220];
    renderer.render(&mut rest);
    for (frame, sample) in rest[..10].iter().enumerate() {
        let gain = 1.0 - (frame + 1) as f32 / FADE_FRAMES as f32;
        assert!((sample - 0.25 * gain).abs() < 1e-6);
    }
    assert_eq!(rest[10..110], [0.5; 100]);
    assert_eq!(rest[110..210], [0.125; 100]);
    let events = events(&mut monitor);
    assert_eq!(interrupted(&events), [(60, 0, 60)]);
    assert_eq!(finished(&events), [1, 2]);
    assert_eq!(monitor.snapshot().dropped_frames, 40);
}

/// What is still to be pushed of it goes too, up to its end.
#[test]
fn an_utterance_that_is_still_being_pushed_goes_to_its_end() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[8_192_i16; 20]).unwrap();
    renderer.render(&mut [0.0_f32; 5]);
    assert!(controller.cancel(id, FADE));
    let mut block = [f32::NAN; 40];
    renderer.render(&mut block);
    assert!(block[..9].iter().all(|sample| *sample > 0.0));
    assert_eq!(block[10..], [0.0; 30]);
    let refused = Err(FeedError::Interrupted { queued: 0 });
    assert_eq!(feeder.push(&[8_192_i16; 300]), refused);
    assert_eq!(feeder.push_bytes(&[1; 3]), refused);
    let mut block = [f32::NAN; 400];
    renderer.render(&mut block);
    assert_eq!(block, [0.0; 400]);
    feeder.end_utterance().unwrap();
    feeder.push(&[16_384_i16; 10]).unwrap();
    let mut block = [f32::NAN; 10];
    renderer.render(&mut block);
    assert_eq!(block, [0.5; 10]);
    let events = events(&mut monitor);
    assert_eq!(interrupted(&events), [(15, 0, 15)]);
    assert!(finished(&events).is_empty());
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.dropped_frames), (25, 5));
    assert_eq!(counters.underruns, 0, "nothing of it is missed");
}

#[test]
fn one_that_is_over_or_has_not_been_begun_is_left_alone() {
    let (_feeder, controller, mut renderer, mut monitor, ids) = three(&plain());
    assert!(!controller.cancel(UtteranceId(3), FADE), "not begun");
    renderer.render(&mut [0.0_f32; 150]);
    controller.cancel(ids[0], FADE);
    let mut rest = [f32::NAN; 150];
    renderer.render(&mut rest);
    assert_eq!(rest[..50], [0.5; 50]);
    assert_eq!(rest[50..], [0.125; 100]);
    let events = events(&mut monitor);
    assert!(interrupted(&events).is_empty());
    assert_eq!(finished(&events), [0, 1, 2]);
}

#[test]
fn every_place_is_free_again_once_the_renderer_has_come_to_its_utterance() {
    let mut config = plain();
    config.marker_capacity = 200;
    config.event_capacity = 200;
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(feeder.begin_utterance().unwrap());
        feeder.push(&[8_192_i16; 10]).unwrap();
    }
    feeder.end_utterance().unwrap();
    // The first is sounding; 32 wait, the same twice is once.
    renderer.render(&mut [0.0_f32; 5]);
    assert!(controller.cancel(ids[1], FADE));
    let cancelled = |ids: &[UtteranceId]| {
        let placed = ids.iter().filter(|id| controller.cancel(**id, FADE));
        placed.count()
    };
    assert_eq!(cancelled(&ids[1..]), 32);
    renderer.render(&mut [0.0_f32; 6]);
    // It has come to those that were cancelled, and past them.
    assert_eq!(cancelled(&ids[34..]), 26);
    let mut block = [f32::NAN; 300];
    renderer.render(&mut block);
    let receipts = interrupted(&events(&mut monitor));
    let cancelled: Vec<u64> = receipts.iter().map(|receipt| receipt.1).collect();
    assert_eq!(
        cancelled,
        [(1..=32).collect::<Vec<_>>(), (34..60).collect()].concat()
    );
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.queued_frames), (20, 0));
}

/// "A cancel that returns true holds": a repeated cancellation of a waiting utterance left an entry behind, and
/// after 16 of them later cancelled utterances sounded.
#[test]
fn a_cancellation_that_is_accepted_holds_however_often_and_in_what_order_they_come() {
    let mut config = plain();
    config.marker_capacity = 200;
    config.event_capacity = 200;
    config.ramp_frames = 0;
    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
    let none = Ramp::Frames(0);
    for round in 0..40 {
        let first = feeder.begin_utterance().unwrap();
        feeder.push(&[0_i16; 10]).unwrap();
        // Far more than there is room for, the latest first, each more than once, with blocks between.
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let id = feeder.begin_utterance().unwrap();
                feeder.push(&[8_192_i16; 10]).unwrap();
                id
            })
            .collect();
        feeder.end_utterance().unwrap();
        for id in waiting.iter().rev() {
            assert!(controller.cancel(*id, none));
            if id.0 % 3 == 0 {
                renderer.render(&mut [0.0_f32; 1]);
            }
            assert!(controller.cancel(*id, none));
        }
        let mut block = [f32::NAN; 300];
        renderer.render(&mut block);
        assert_eq!(block, [0.0; 300], "round {round}, from {first:?} on");
    }
    assert_eq!(monitor.snapshot().dropped_frames, 40 * 20 * 10);
    // Places are free again for all.
    let ids: Vec<_> = (0..32).map(|_| feeder.begin_utterance().unwrap()).collect();
    assert!(ids.iter().all(|id| controller.cancel(*id, none)));
}

/// A scripted cancellation acts at its frame: any cutting gives the same samples.
#[test]
fn a_scripted_cancellation_is_exact_in_any_cutting() {
    let render = |sizes: &[usize]| {
        let mut config = plain();
        config.script = vec![
            Timed {
                at_frame: 33,
                command: Command::Cancel(UtteranceId(0), FADE),
            },
            Timed {
                at_frame: 60,
                command: Command::Cancel(UtteranceId(2), FADE),
            },
        ];
        let (_feeder, _, mut renderer, mut monitor, _) = three(&config);
        let sound = crate::common::render_blocks(&mut renderer, 300, sizes);
        (sound, events(&mut monitor))
    };
    let whole = render(&[300]);
    assert_eq!(interrupted(&whole.1), [(43, 0, 43), (143, 2, 0)]);
    for sizes in [&[1_usize][..], &[7, 32], &[64], &[33, 1]] {
        assert_eq!(render(sizes), whole);
    }
}
