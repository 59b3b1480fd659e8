//! A model of the heard position, for which several threads ask at once.

use alloc::sync::Arc;

use super::{explore, shared, spawn};
use crate::event::UtteranceId;
use crate::link::counters::Counters;
use crate::link::shared::Shared;

const UTTERANCE: UtteranceId = UtteranceId(0);

/// Publishes that ten frames have been heard.
fn publish_position(shared: &Shared) {
    let counters = Counters {
        heard_frames: 10,
        block_heard_frames: 10,
        ..Counters::default()
    };
    shared.counters.write(&counters.words());
}

/// Asks for the position, and checks that it comes with its utterance.
fn look(shared: &Shared) -> u64 {
    let heard = shared.heard();
    let expected = (heard.frames > 0).then_some(UTTERANCE);
    assert_eq!(
        heard.utterance, expected,
        "a position without its utterance"
    );
    heard.frames
}

/// Two threads ask while a third renders. What one of them is told may come from what the other one saw.
fn ask_beside(render: impl Fn(&Shared) + Copy + Send + 'static) {
    let shared = shared();
    let (rendering, asking) = (Arc::clone(&shared), Arc::clone(&shared));
    let rendering = spawn(move || render(&rendering));
    let asking = spawn(move || look(&asking));
    let first = look(&shared);
    assert!(look(&shared) >= first, "a position that runs back");
    asking.join().unwrap();
    rendering.join().unwrap();
    assert_eq!(look(&shared), 10);
}

#[test]
fn loom_a_position_is_told_with_its_utterance() {
    explore(3, 100, || {
        ask_beside(|shared| {
            shared.utterances.begin(UTTERANCE, 0, 0);
            publish_position(shared);
        });
    });
}

#[test]
#[should_panic(expected = "a position without its utterance")]
fn loom_a_position_that_is_told_before_its_utterance_is_caught() {
    explore(3, 1, || {
        ask_beside(|shared| {
            // The wrong order.
            publish_position(shared);
            shared.utterances.begin(UTTERANCE, 0, 0);
        });
    });
}
