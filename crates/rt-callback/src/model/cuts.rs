//! Models of interruptions: frames pushed before and after one never sound in the same pull, and no order of the
//! threads lets old speech through.

use super::{U8, check_cut, ends, explore, spawn};
use crate::{Controller, FeedError, Ramp};

/// Frames pushed before an interruption never sound in the same pull as frames pushed after it, and all of the latter
/// are heard.
#[test]
fn loom_an_interruption_separates_what_is_around_it() {
    explore(3, 2_000, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]).unwrap();
            controller.interrupt(Ramp::None);
            feeder.push_bytes(&[64]).unwrap();
            feeder
        });
        check_cut(ear.pull());
        check_cut(ear.pull());
        let _feeder = feeding.join().unwrap();
        ear.pull_all();
        assert!(
            ear.heard == [0.5, -0.5] || ear.heard == [-0.5],
            "{:?}",
            ear.heard
        );
        let counters = ear.count();
        assert_eq!(counters.heard_frames + counters.dropped_frames, 2);
    });
}

#[test]
#[should_panic(expected = "a cut that was not seen")]
fn loom_a_cut_behind_its_bytes_is_caught() {
    explore(3, 1, || {
        let (ends, mut ear) = ends(U8.0);
        let shared = ends.shared();
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]).unwrap();
            feeder.push_bytes(&[64]).unwrap();
            shared.controls.cut(1);
            feeder
        });
        check_cut(ear.pull());
        check_cut(ear.pull());
        let _feeder = feeding.join().unwrap();
    });
}

/// The interruption comes from another thread while the feeder pushes. No frame that was pushed after the call is lost.
#[test]
fn loom_an_interruption_from_anywhere_drops_a_stretch_and_no_more() {
    explore(2, 3_000, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            for value in [160, 192, 224] {
                feeder.push_bytes(&[value]).unwrap();
            }
        });
        let steering = spawn(move || controller.interrupt(Ramp::None));
        ear.pull();
        feeding.join().unwrap();
        steering.join().unwrap();
        ear.pull_all();
        // The beginning and the end of the pushed frames may be heard.
        let data = [0.25, 0.5, 0.75];
        let is_cut = (0..=3)
            .any(|from| (0..=from).any(|to| [&data[..to], &data[from..]].concat() == ear.heard));
        assert!(is_cut, "{:?}", ear.heard);
        let counters = ear.count();
        assert_eq!(counters.heard_frames + counters.dropped_frames, 3);
    });
}

/// An utterance is interrupted while it is being pushed. In any order of the threads, no frame of it sounds after the
/// interruption, and an utterance that is begun after the refusal is heard.
#[test]
fn loom_no_order_lets_old_speech_through() {
    explore(3, 1_500, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        feeder.begin_utterance().unwrap();
        let feeding = spawn(move || {
            let pushed = [160, 192].map(|value| feeder.push_bytes(&[value]));
            (feeder, pushed)
        });
        let steering = spawn(move || controller.interrupt(Ramp::None));
        steering.join().unwrap();
        // From here on no frame of the utterance sounds, whether it was pushed or not.
        let before = ear.heard.len();
        ear.pull();
        assert_eq!(ear.heard.len(), before, "old speech");
        let (mut feeder, pushed) = feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard.len(), before, "old speech");
        // After a refused push every further push is refused.
        assert!(pushed[0].is_ok() || pushed[1].is_err(), "{pushed:?}");
        assert_eq!(
            feeder.push_bytes(&[1]),
            Err(FeedError::Interrupted { queued: 0 })
        );
        feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[64]).unwrap();
        ear.pull_all();
        assert_eq!(ear.heard[before..], [-0.5]);
        let counters = ear.count();
        assert_eq!(
            counters.heard_frames + counters.dropped_frames,
            feeder.pushed_frames()
        );
    });
}

/// A call waits outside any utterance. Once interrupted, it queues no more, and no frame of it is heard. A later call
/// is heard.
#[test]
fn loom_a_call_that_waits_queues_no_more() {
    explore(3, 1_000, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        // The call has begun, and has found no room yet.
        feeder.begin_call().unwrap();
        let feeding = spawn(move || {
            let queued = [160, 192].map(|value| feeder.queue_bytes(&[value], true));
            (feeder, queued)
        });
        let steering = spawn(move || controller.interrupt(Ramp::None));
        steering.join().unwrap();
        let before = ear.heard.len();
        ear.pull();
        assert_eq!(ear.heard.len(), before, "old speech");
        let (mut feeder, queued) = feeding.join().unwrap();
        assert!(queued[0].is_ok() || queued[1].is_err(), "{queued:?}");
        feeder.push_bytes(&[64]).unwrap();
        ear.pull_all();
        assert_eq!(ear.heard[before..], [-0.5]);
    });
}

/// The twin: a feeder that looks for an interruption first and counts its frames afterwards.
#[test]
#[should_panic(expected = "old speech")]
fn loom_a_push_that_looks_before_it_counts_is_caught() {
    explore(2, 1, || {
        let (mut ends, mut ear) = ends(U8.0);
        let shared = ends.shared();
        let controller = Controller::new(ends.shared());
        let feeding = spawn(move || {
            for value in [160, 192] {
                if shared.feed.cut().is_some() {
                    break;
                }
                // The wrong order: this is not one step with the look.
                let _ = shared.feed.count(1, false);
                ends.ends.queue.push_bytes(&[value]);
            }
            ends
        });
        let steering = spawn(move || controller.interrupt(Ramp::None));
        steering.join().unwrap();
        ear.pull();
        assert_eq!(ear.heard.len(), 0, "old speech");
        let _ends = feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard.len(), 0, "old speech");
    });
}

/// A discard does the same for what was being pushed at the hold. An utterance that is begun after the hold is kept
/// whole.
#[test]
fn loom_a_discard_takes_what_was_being_pushed_and_nothing_else() {
    explore(2, 2_000, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[160]).unwrap();
        controller.hold();
        let feeding = spawn(move || {
            let more = feeder.push_bytes(&[192]);
            feeder.begin_utterance().unwrap();
            feeder.push_bytes(&[64]).unwrap();
            (feeder, more)
        });
        controller.discard();
        ear.pull();
        let (feeder, _more) = feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [-0.5], "old speech, or new speech lost");
        let counters = ear.count();
        assert_eq!(
            counters.heard_frames + counters.dropped_frames,
            feeder.pushed_frames()
        );
    });
}
