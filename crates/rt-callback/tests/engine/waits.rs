//! What waits for the listener, where a backlog is bounded: nothing that the user has called off.

use std::time::Duration;

use crate::common::{config, render_blocks, told};
use rt_callback::{
    Config, Controller, EventKind, Feeder, Monitor, Ramp, Renderer, UtteranceId, stream,
};

/// A second may wait.
fn bounded() -> (Feeder, Controller, Renderer, Monitor) {
    let mut config: Config = config("1000x1:s16le", "1000x1:f32le");
    config.queue_frames = 10_000;
    config.max_backlog = Some(Duration::from_secs(1));
    stream(&config).unwrap()
}

fn say(feeder: &mut Feeder, milliseconds: usize) -> UtteranceId {
    let id = feeder.begin_utterance().unwrap();
    assert_eq!(
        feeder.push(&vec![1_000_i16; milliseconds]),
        Ok(milliseconds)
    );
    feeder.end_utterance().unwrap();
    id
}

/// Renders until all has been told, and returns which utterances were heard to their end.
fn finished(renderer: &mut Renderer, monitor: &mut Monitor) -> Vec<u64> {
    render_blocks(renderer, 10_000, &[10]);
    let told = told(monitor).into_iter();
    told.filter_map(|(_, kind)| match kind {
        EventKind::Finished { utterance, .. } => Some(utterance.0),
        _ => None,
    })
    .collect()
}

#[test]
fn what_the_user_has_cancelled_takes_no_place_in_the_backlog() {
    for is_seen in [false, true] {
        let (mut feeder, controller, mut renderer, mut monitor) = bounded();
        say(&mut feeder, 100);
        render_blocks(&mut renderer, 10, &[10]);
        say(&mut feeder, 500);
        let cancelled = say(&mut feeder, 400);
        assert!(controller.cancel(cancelled, Ramp::None));
        if is_seen {
            render_blocks(&mut renderer, 10, &[10]);
        }
        say(&mut feeder, 300);
        assert_eq!(finished(&mut renderer, &mut monitor), [0, 1, 3]);
    }
}

/// Several, in any order, and the bound still holds for the others.
#[test]
fn what_is_left_is_bounded_as_before() {
    let (mut feeder, controller, mut renderer, mut monitor) = bounded();
    say(&mut feeder, 100);
    render_blocks(&mut renderer, 10, &[10]);
    let ids: Vec<_> = [200, 200, 200, 200].map(|ms| say(&mut feeder, ms)).into();
    for id in [ids[2], ids[0]] {
        assert!(controller.cancel(id, Ramp::None));
    }
    // 90 + 2 x 200 wait, and 500 more do.
    say(&mut feeder, 500);
    // Then the oldest go, until it is less than a second: two of the older.
    say(&mut feeder, 250);
    say(&mut feeder, 150);
    assert_eq!(finished(&mut renderer, &mut monitor), [0, 5, 6, 7]);
}

/// The utterance that sounds is faded out, and the rest of it waits for nobody.
#[test]
fn what_is_cancelled_while_it_sounds_takes_no_place() {
    let (mut feeder, controller, mut renderer, mut monitor) = bounded();
    let first = say(&mut feeder, 900);
    render_blocks(&mut renderer, 10, &[10]);
    assert!(controller.cancel(first, Ramp::Frames(100)));
    render_blocks(&mut renderer, 10, &[10]);
    say(&mut feeder, 500);
    say(&mut feeder, 500);
    assert_eq!(finished(&mut renderer, &mut monitor), [1, 2]);
}

/// A barge-in, and the reply at once: what was interrupted is on its way out, and the reply is not dropped for it.
#[test]
fn what_was_interrupted_takes_no_place() {
    for is_held in [false, true] {
        let (mut feeder, controller, mut renderer, mut monitor) = bounded();
        say(&mut feeder, 900);
        render_blocks(&mut renderer, 10, &[10]);
        if is_held {
            controller.hold();
            controller.discard();
        } else {
            controller.interrupt(Ramp::Milliseconds(50.0));
        }
        say(&mut feeder, 300);
        say(&mut feeder, 400);
        assert_eq!(finished(&mut renderer, &mut monitor), [1, 2], "{is_held}");
    }
}
