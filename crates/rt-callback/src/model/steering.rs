//! Models of the whole renderer while it is steered: what ends a lull, and what may sound after a pause, a hold, a
//! cancellation or a declared end.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{U8, ends, explore, spawn, spec};
use crate::link::controls::{Cancel, Cancels, Controls, OWN_RAMP};
use crate::link::shared::Changes;
use crate::{
    Config, Controller, Decibels, DrainError, Drained, EventKind, FeedError, Feeder, Monitor, Ramp,
    Renderer, UtteranceId, stream,
};

/// A renderer, and the samples that it has rendered, without those of silence.
struct Sounding {
    renderer: Renderer,
    heard: Vec<f32>,
}

impl Sounding {
    /// Renders one block of two frames.
    fn render(&mut self) {
        let mut block = [9.0_f32; 2];
        self.renderer.render(&mut block);
        let sounds = block.iter().filter(|sample| **sample != 0.0);
        self.heard.extend(sounds);
    }
}

fn sounding() -> (Feeder, Controller, Sounding, Monitor) {
    sounding_with(|_| ())
}

fn sounding_with(set: impl FnOnce(&mut Config)) -> (Feeder, Controller, Sounding, Monitor) {
    let mut config = Config::new(spec(U8.0), spec("48000x1:f32le"));
    config.queue_frames = 8;
    config.marker_capacity = 4;
    config.event_capacity = 8;
    config.ramp_frames = 0;
    set(&mut config);
    let (feeder, controller, renderer, monitor) = stream(&config).unwrap();
    let heard = Vec::new();
    (feeder, controller, Sounding { renderer, heard }, monitor)
}

/// In a lull the renderer looks only at two counters. Frames that are pushed then must be seen.
#[test]
fn loom_a_lull_ends_with_what_is_pushed() {
    explore(4, 500, || {
        let (mut feeder, _, mut sounding, _monitor) = sounding();
        sounding.render();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]).unwrap();
            feeder.push_bytes(&[224]).unwrap();
            feeder
        });
        sounding.render();
        sounding.render();
        let _feeder = feeding.join().unwrap();
        sounding.render();
        assert_eq!(sounding.heard, [0.5, 0.75]);
    });
}

#[test]
fn loom_a_lull_ends_with_what_is_steered() {
    explore(4, 15, || {
        let (mut feeder, controller, mut sounding, _monitor) = sounding();
        feeder.push_bytes(&[192]).unwrap();
        controller.pause();
        sounding.render();
        let steering = spawn(move || controller.resume());
        sounding.render();
        steering.join().unwrap();
        sounding.render();
        assert_eq!(sounding.heard, [0.5]);
    });
}

/// In the steady state the renderer looks only at the queue and at one counter. What lies behind a marker is not heard
/// before the marker is obeyed.
#[test]
fn loom_a_steady_state_ends_with_what_is_marked() {
    explore(4, 10_000, || {
        let (mut feeder, _, mut sounding, mut monitor) = sounding();
        feeder.push_bytes(&[192, 192, 192]).unwrap();
        sounding.render();
        let feeding = spawn(move || {
            feeder.begin_utterance().unwrap();
            feeder.push_bytes(&[224]).unwrap();
            feeder
        });
        sounding.render();
        let is_heard = sounding.heard.contains(&0.75);
        let mut has_started = false;
        monitor.poll(|event| has_started |= matches!(event.kind, EventKind::Started { .. }));
        assert_eq!(is_heard, has_started, "a marker unseen");
        let _feeder = feeding.join().unwrap();
    });
}

/// A control is a word by itself. Only the count of changes ends the lull.
#[test]
fn loom_a_lull_ends_with_a_gain() {
    explore(4, 15, || {
        let controls = Arc::new(Controls::new(Decibels(0.0)));
        let steered = Arc::clone(&controls);
        let steering = spawn(move || steered.set_muted(true));
        let before = controls.steered();
        let is_muted = controls.is_muted();
        steering.join().unwrap();
        // A thread that has seen the count has seen the change.
        assert!(is_muted || controls.steered() != before, "a mute unseen");
    });
}

/// The twin: a renderer that loads the count of changes after it has looked at the queue.
#[test]
#[should_panic(expected = "slept through")]
fn loom_a_lull_that_begins_after_a_look_is_caught() {
    explore(2, 1, || {
        let (ends, mut ear) = ends(U8.0);
        let shared = ends.shared();
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]).unwrap();
            feeder
        });
        let is_idle = ear.pull().is_empty();
        // The wrong order.
        let changes: Changes = shared.changes();
        let _feeder = feeding.join().unwrap();
        let goes_on = is_idle && changes == shared.changes();
        assert!(!goes_on, "slept through");
    });
}

/// One thread interrupts a paused stream, and then resumes it.
#[test]
fn loom_what_is_interrupted_in_a_pause_is_not_heard_when_it_is_resumed() {
    explore(4, 120, || {
        let (mut feeder, controller, mut sounding, _monitor) = sounding();
        feeder.push_bytes(&[192]).unwrap();
        controller.pause();
        let steering = spawn(move || {
            controller.interrupt(Ramp::None);
            controller.resume();
        });
        sounding.render();
        steering.join().unwrap();
        sounding.render();
        assert_eq!(sounding.heard, [], "old speech");
    });
}

/// A discard drops what was held before it lifts the hold, so that no frame of it sounds in between.
#[test]
fn loom_what_is_discarded_is_not_heard_as_the_hold_is_lifted() {
    explore(4, 80, || {
        let (mut feeder, controller, mut sounding, _monitor) = sounding();
        feeder.push_bytes(&[192]).unwrap();
        controller.hold();
        let steering = spawn(move || controller.discard());
        sounding.render();
        steering.join().unwrap();
        sounding.render();
        assert_eq!(sounding.heard, [], "old speech");
        feeder.push_bytes(&[224]).unwrap();
        sounding.render();
        assert_eq!(sounding.heard, [0.75], "held for ever");
    });
}

#[test]
#[should_panic(expected = "old speech")]
fn loom_a_hold_that_is_lifted_before_its_cut_is_caught() {
    explore(2, 1, || {
        let (ends, mut ear) = ends(U8.0);
        let shared = ends.shared();
        let mut feeder = ends.feeder();
        feeder.push_bytes(&[192]).unwrap();
        shared.feed.hold();
        shared.controls.hold();
        let steered = Arc::clone(&shared);
        let steering = spawn(move || {
            // The wrong order.
            steered.controls.lift_hold();
            steered.controls.cut(steered.feed.discard());
        });
        if !shared.controls.is_held() {
            ear.pull();
        }
        steering.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [], "old speech");
    });
}

/// One thread holds, and another discards as soon as it sees that. No frame that was pushed before the hold is heard,
/// and no more are taken into the same utterance.
#[test]
fn loom_a_hold_of_one_thread_is_discarded_by_another() {
    explore(4, 25, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let other = controller.clone();
        let mut feeder = ends.feeder();
        feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[192]).unwrap();
        let holding = spawn(move || controller.hold());
        let seen = other.is_held();
        other.discard();
        if seen {
            assert!(!other.is_held());
            assert_eq!(
                feeder.push_bytes(&[224]),
                Err(FeedError::Interrupted { queued: 0 }),
                "old speech"
            );
            ear.pull_all();
            assert_eq!(ear.heard, [], "old speech");
        }
        holding.join().unwrap();
    });
}

/// One thread holds while another resumes. Afterwards the stream is either held, and a discard drops the whole
/// utterance, or it is not held.
#[test]
fn loom_a_resume_does_not_take_half_of_a_hold_away() {
    explore(4, 15, || {
        let (ends, _ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let other = controller.clone();
        let mut feeder = ends.feeder();
        feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[192]).unwrap();
        controller.hold();
        let resuming = spawn(move || other.resume());
        controller.hold();
        resuming.join().unwrap();
        if controller.is_held() {
            controller.discard();
            assert_eq!(
                feeder.push_bytes(&[224]),
                Err(FeedError::Interrupted { queued: 0 }),
                "old speech"
            );
        } else {
            assert_eq!(feeder.push_bytes(&[224]), Ok(1));
        }
    });
}

/// A thread that sees a cut also sees its fade. The controller publishes the cut, or before it the feeder, which finds
/// it when it begins to push or counts its frames.
fn a_cut_comes_with_its_fade(fade: u32, steer: impl FnOnce(&Controller) + Send + 'static) {
    let (ends, _ear) = ends(U8.0);
    let shared = ends.shared();
    let controller = Controller::new(ends.shared());
    let mut feeder = ends.feeder();
    feeder.push_bytes(&[192]).unwrap();
    controller.hold();
    let steering = spawn(move || steer(&controller));
    let feeding = spawn(move || {
        feeder.push_bytes(&[192]).unwrap();
        feeder
    });
    let (at_frame, fade_frames) = shared.controls.latest_cut();
    assert!(at_frame == 0 || fade_frames == fade, "{fade_frames} frames");
    steering.join().unwrap();
    let _feeder = feeding.join().unwrap();
}

#[test]
fn loom_an_interruption_comes_with_its_fade() {
    explore(4, 10, || {
        a_cut_comes_with_its_fade(7, |controller| controller.interrupt(Ramp::Frames(7)));
    });
}

#[test]
fn loom_a_discard_comes_with_its_fade() {
    explore(4, 10, || {
        a_cut_comes_with_its_fade(OWN_RAMP, Controller::discard)
    });
}

/// An accepted cancellation is obeyed, whenever the renderer looks.
#[test]
fn loom_a_cancellation_is_never_lost() {
    a_cancellation_is_never_lost(15, true);
}

/// In the steady state the renderer sees of it only that something was steered.
#[test]
fn loom_a_steady_state_ends_with_a_cancellation() {
    a_cancellation_is_never_lost(5, false);
}

/// With a meter there is no steady state.
fn a_cancellation_is_never_lost(floor: usize, meter: bool) {
    explore(4, floor, move || {
        let (mut feeder, controller, mut sounding, mut monitor) =
            sounding_with(|config| config.meter = meter);
        let utterance = feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[192; 8]).unwrap();
        sounding.render();
        let cancelling = spawn(move || assert!(controller.cancel(utterance, Ramp::None)));
        sounding.render();
        cancelling.join().unwrap();
        sounding.render();
        let heard = sounding.heard.len();
        assert!(heard == 2 || heard == 4, "{heard} frames");
        sounding.render();
        assert_eq!(sounding.heard.len(), heard, "a cancellation was lost");
        assert_eq!(
            feeder.push_bytes(&[192]),
            Err(FeedError::Interrupted { queued: 0 })
        );
        let mut receipts = Vec::new();
        monitor.poll(|event| receipts.push(event.kind));
        let is_receipt = |kind: &&EventKind| matches!(kind, EventKind::Interrupted { .. });
        assert_eq!(receipts.iter().filter(is_receipt).count(), 1);
    });
}

#[test]
#[should_panic(expected = "a cancellation was lost")]
fn loom_a_cancellation_that_is_announced_before_it_is_placed_is_caught() {
    explore(2, 1, || {
        let (ends, mut ear) = ends(U8.0);
        let shared = ends.shared();
        let mut feeder = ends.feeder();
        let utterance = feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[192; 8]).unwrap();
        ear.pull();
        let cancelling = spawn(move || {
            let cancel = cancel(utterance);
            // The wrong order.
            shared.controls.note_cancel(cancel);
            assert!(shared.cancels.place(cancel));
        });
        ear.intake.obey_cancels(4);
        cancelling.join().unwrap();
        ear.intake.obey_cancels(4);
        ear.pull();
        assert_eq!(ear.heard.len(), 4, "a cancellation was lost");
    });
}

fn cancel(utterance: UtteranceId) -> Cancel {
    Cancel {
        utterance,
        fade_frames: 0,
        only_if_silent: false,
    }
}

/// Any thread fills places, and the renderer empties them. Each placed cancellation is shown once.
#[test]
fn loom_every_place_of_a_cancellation_is_shown() {
    explore(4, 40, || {
        let cancels = Arc::new(Cancels::default());
        let placing = [1, 2].map(|number| {
            let cancels = Arc::clone(&cancels);
            spawn(move || assert!(cancels.place(cancel(UtteranceId(number)))))
        });
        let mut shown = Vec::new();
        cancels.take(|cancel| {
            shown.push(cancel.utterance.0);
            true
        });
        for placing in placing {
            placing.join().unwrap();
        }
        cancels.take(|cancel| {
            shown.push(cancel.utterance.0);
            true
        });
        shown.sort_unstable();
        assert_eq!(shown, [1, 2]);
        assert!(!cancels.take(|_| false), "one is left");
    });
}

/// A declared end opens the gate of a prebuffer. The sound then ends there, and does not run dry.
#[test]
fn loom_an_end_that_opens_the_gate_is_seen_behind_its_sound() {
    explore(4, 150, || {
        let (mut feeder, _, mut sounding, mut monitor) =
            sounding_with(|config| config.prebuffer_frames = 4);
        feeder.push_bytes(&[192]).unwrap();
        feeder.end_utterance().unwrap();
        sounding.render();
        let feeding = spawn(move || {
            feeder.push_bytes(&[224]).unwrap();
            feeder.end_utterance().unwrap();
            feeder
        });
        sounding.render();
        let _feeder = feeding.join().unwrap();
        sounding.render();
        assert_eq!(sounding.heard, [0.5, 0.75]);
        monitor.poll(|event| assert_ne!(event.kind, EventKind::Underrun));
        assert_eq!(monitor.snapshot().starved_frames, 0);
    });
}

/// A drain returns `Heard` when the renderer has rendered everything, even if the renderer is dropped at once.
#[test]
fn loom_a_drain_that_was_heard_is_not_abandoned() {
    explore(4, 18, || {
        let (mut feeder, _, mut sounding, _monitor) = sounding();
        feeder.push_bytes(&[192]).unwrap();
        feeder.end_utterance().unwrap();
        sounding.render();
        let rendering = spawn(move || sounding.render());
        let no_time = core::time::Duration::ZERO;
        let mut drained = feeder.drain(no_time);
        assert_ne!(drained, Err(DrainError::Abandoned));
        if drained.is_err() {
            rendering.join().unwrap();
            drained = feeder.drain(no_time);
        }
        assert_eq!(drained, Ok(Drained::Heard));
    });
}
