//! A listener who fell behind is not told everything: the oldest replies that have not begun go.

use std::time::Duration;

use crate::common::{config, render_blocks, spec, told};
use rt_callback::{Config, EventKind, Feeder, Monitor, UtteranceId, stream};

fn with_backlog(milliseconds: u64) -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 48_000 * 20;
    config.max_backlog = Some(Duration::from_millis(milliseconds));
    config
}

/// An utterance of so many ms, in chunks of 10.
fn say(feeder: &mut Feeder, milliseconds: usize) -> UtteranceId {
    let id = feeder.begin_utterance().unwrap();
    let chunk = vec![0; feeder.source().rate_hz as usize / 100 * feeder.source().frame_bytes()];
    for _ in 0..milliseconds / 10 {
        assert_eq!(feeder.push_bytes(&chunk), Ok(chunk.len()));
    }
    feeder.end_utterance().unwrap();
    id
}

fn ends(monitor: &mut Monitor) -> (Vec<u64>, Vec<u64>) {
    let (mut finished, mut dropped) = (Vec::new(), Vec::new());
    for (_, kind) in told(monitor) {
        match kind {
            EventKind::Finished { utterance, .. } => finished.push(utterance.0),
            EventKind::Interrupted {
                utterance: Some(utterance),
                heard_frames: 0,
                ..
            } => dropped.push(utterance.0),
            EventKind::Interrupted { .. } => panic!("{kind:?}"),
            _ => {}
        }
    }
    (finished, dropped)
}

#[test]
fn the_oldest_whole_utterances_that_have_not_begun_go_with_a_receipt_each() {
    let (mut feeder, _, mut renderer, mut monitor) = stream(&with_backlog(300)).unwrap();
    say(&mut feeder, 100);
    render_blocks(&mut renderer, 480, &[480]);
    for _ in 1..6 {
        say(&mut feeder, 100);
    }
    // 90 ms of the first, which has begun, and the latest: the second to the fourth went.
    render_blocks(&mut renderer, 48_000, &[480]);
    assert_eq!(ends(&mut monitor), (vec![0, 4, 5], vec![1, 2, 3]));
    let now = monitor.snapshot();
    assert_eq!(
        (now.heard_frames, now.dropped_frames),
        (3 * 4_800, 3 * 4_800)
    );
    assert_eq!(now.queued_frames, 0);
}

/// What is being pushed, and what is not in an utterance, is never taken, however much it is.
#[test]
fn what_is_not_whole_stays() {
    let (mut feeder, _, mut renderer, mut monitor) = stream(&with_backlog(50)).unwrap();
    say(&mut feeder, 100); // nothing is older, and nobody has begun to hear it: it goes
    feeder.begin_utterance().unwrap();
    for _ in 0..20 {
        feeder.push(&[0_i16; 480]).unwrap();
    }
    render_blocks(&mut renderer, 48_000, &[480]);
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    assert_eq!(ends(&mut monitor), (vec![1], vec![0]));
    feeder.push(&[0_i16; 48_000]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 60_000, &[480]);
    assert_eq!(monitor.snapshot().dropped_frames, 4_800);
}

/// A time of every source, not so many frames.
#[test]
fn a_backlog_is_a_time() {
    for source in ["8000x1:mulaw", "44100x2:f32le"] {
        let (mut feeder, _, mut renderer, mut monitor) = stream(&with_backlog(300)).unwrap();
        say(&mut feeder, 100);
        render_blocks(&mut renderer, 480, &[480]);
        feeder.set_source(spec(source)).unwrap();
        for _ in 1..6 {
            say(&mut feeder, 100);
        }
        render_blocks(&mut renderer, 48_000, &[480]);
        assert_eq!(
            ends(&mut monitor),
            (vec![0, 4, 5], vec![1, 2, 3]),
            "{source}"
        );
    }
}

/// Without a limit everything is played.
#[test]
fn by_default_nothing_goes() {
    let mut config = with_backlog(0);
    config.max_backlog = None;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    for _ in 0..6 {
        say(&mut feeder, 100);
    }
    render_blocks(&mut renderer, 48_000, &[480]);
    assert_eq!(ends(&mut monitor), ((0..6).collect(), vec![]));
}
