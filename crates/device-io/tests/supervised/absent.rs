//! Streams that begin without a device, and that are without one for a while.

use std::time::{Duration, Instant};

use device_io::{Absent, DeviceEvent, Output, Policy, Supervision};
use rt_callback::{Config, DrainError, Drained, EventKind, Ramp, UtteranceId, stream_from};

use crate::bench::{
    Bench, Playing, SAME, Way, both_ways, card, is_failed, is_reopened, is_reopened_on, quick, spec,
};
use crate::card::locked;

both_ways!(
    a_stream_begins_without_a_device_and_goes_on_with_the_one_that_comes,
    a_device_that_comes_before_the_stream_is_started_waits_for_it,
    the_default_device_stands_in_for_one_that_was_never_there,
    a_device_that_is_gone_at_the_start_is_waited_for,
    a_stream_without_a_device_is_had_back_at_any_time,
);

fn without_a_device(absent: Absent) -> Supervision {
    let mut supervision = quick(Policy::Follow);
    supervision.patience = None;
    supervision.absent = Some(absent);
    supervision
}

fn is_waiting(event: &DeviceEvent) -> bool {
    *event == DeviceEvent::Waiting
}

/// yamanahlawat/banshee#51: started at login, before the headset is.
fn a_stream_begins_without_a_device_and_goes_on_with_the_one_that_comes<W: Way>() {
    let supervision = without_a_device(Absent::Hold);
    // The first opening fails: it is the second spec that the card has then.
    let specs = &["44100x2:s16le", "48000x1:s16le"];
    let mut bench = Bench::<W>::on_device(None, specs, supervision, |card| card.refusals = 3);
    assert_eq!(
        W::spec(&bench.device),
        spec("48000x1:s16le"),
        "as asked for"
    );
    assert_eq!(W::progress(&bench.device), None);
    bench.wait_for_event(is_waiting);
    bench.wait_for_event(is_reopened_on(None));
    W::assert_whole(&mut bench);
    assert_eq!((bench.count(is_waiting), bench.count(is_reopened)), (1, 1));
    assert_eq!(bench.count(is_failed), 0);
}

fn a_device_that_comes_before_the_stream_is_started_waits_for_it<W: Way>() {
    let (backend, card) = card(&["44100x2:s16le", "44100x2:s16le", "48000x1:s16le"]);
    locked(&card).refusals = 2;
    let mut device = W::open(backend, None, without_a_device(Absent::Hold)).unwrap();
    let mut events = Vec::new();
    while !events.iter().any(is_reopened) {
        events.extend(W::poll(&mut device));
    }
    assert!(is_waiting(&events[0]));
    assert_eq!(W::spec(&device), spec("48000x1:s16le"));
    let (way, lent) = W::make(&device);
    let mut bench = Bench::start(card, device, way, lent);
    W::assert_whole(&mut bench);
    assert_eq!(bench.openings(), 3);
}

fn the_default_device_stands_in_for_one_that_was_never_there<W: Way>() {
    let supervision = without_a_device(Absent::Hold);
    let mut bench = Bench::<W>::on_device(Some("headset"), SAME, supervision, |card| {
        card.names_are_gone = true;
    });
    bench.wait_for_event(is_reopened_on(None));
    bench.pass(1_000);
    bench.card(|card| card.names_are_gone = false);
    bench.wait_for_event(is_reopened_on(Some("headset")));
    W::assert_whole(&mut bench);
}

fn a_device_that_is_gone_at_the_start_is_waited_for<W: Way>() {
    let (backend, card) = card(SAME);
    let device = W::open(backend, Some("headset"), without_a_device(Absent::Hold)).unwrap();
    let (way, lent) = W::make(&device);
    locked(&card).names_do_not_start = true;
    locked(&card).refusals = 2;
    let mut bench = Bench::start(card, device, way, lent);
    bench.wait_for_event(is_waiting);
    bench.wait_for_event(is_reopened_on(None));
    W::assert_whole(&mut bench);
}

fn a_stream_without_a_device_is_had_back_at_any_time<W: Way>() {
    for absent in [Absent::Hold, Absent::Discard] {
        let mut bench = Bench::<W>::on_device(None, SAME, without_a_device(absent), |card| {
            card.refusals = usize::MAX;
        });
        bench.sleep(Duration::from_millis(100));
        let lent = W::stop(&mut bench.device).unwrap();
        assert!(W::stop(&mut bench.device).unwrap().is_none());
        bench.card(|card| card.refusals = 0);
        W::start(&mut bench.device, lent.unwrap()).unwrap();
        if absent == Absent::Hold {
            W::assert_whole(&mut bench);
        } else {
            bench.pass(W::FRAMES);
        }
    }
}

fn playing(absent: Absent, policy: Policy) -> Bench<Playing> {
    let mut supervision = without_a_device(absent);
    supervision.policy = policy;
    Bench::new(SAME, supervision)
}

fn unplug_for_good(bench: &mut Bench<Playing>) {
    bench.pass(1_000);
    bench.card(|card| {
        card.refusals = usize::MAX;
        card.unplug();
    });
}

#[test]
fn what_is_held_keeps_its_place_while_the_device_is_away_and_is_faded_in() {
    let mut bench = playing(Absent::Hold, Policy::Follow);
    unplug_for_good(&mut bench);
    bench.wait_for_event(is_waiting);
    let heard = bench.way.passed();
    bench.wait_for("time", |bench| {
        bench.way.monitor.snapshot().paused_frames > 9_600
    });
    assert_eq!(bench.way.passed(), heard);
    assert!(!bench.way.controller.is_paused());
    bench.card(|card| card.refusals = 0);
    bench.wait_for_event(is_reopened);
    bench.pass(Playing::FRAMES);
    // All is played, but for a fade-in of 2 ms where it goes on.
    let samples = crate::bench::samples(Playing::FRAMES as usize);
    let (first, second) = bench.card(|card| (card.played[0].clone(), card.played[1].clone()));
    let at = first.len() / 2;
    let expected: Vec<u8> = samples[at + 96..]
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let faded = |bytes: &[u8]| {
        let bytes = bytes.as_chunks().0.iter();
        bytes
            .map(|bytes| i16::from_le_bytes(*bytes))
            .collect::<Vec<_>>()
    };
    for (faded, sample) in faded(&second[..192]).iter().zip(&samples[at..]) {
        assert!(faded.unsigned_abs() <= sample.unsigned_abs());
    }
    assert!(second[192..].starts_with(&expected));
    let counters = bench.way.monitor.snapshot();
    assert_eq!((counters.underruns, counters.dropped_frames), (0, 0));
}

#[test]
fn what_is_discarded_passes_unheard_in_real_time() {
    let mut bench = playing(Absent::Discard, Policy::Follow);
    unplug_for_good(&mut bench);
    bench.wait_for_event(is_waiting);
    let begin = Instant::now();
    let left = Playing::FRAMES - bench.way.passed();
    let drained = bench.way.feeder.drain(Duration::from_secs(10));
    assert_eq!(drained, Ok(Drained::Heard));
    let expected = Duration::from_secs_f64(left as f64 / 48_000.0);
    let taken = begin.elapsed();
    assert!(
        taken + Duration::from_millis(50) > expected,
        "{taken:?} for {expected:?}"
    );
    let played = bench.all_played().len() as u64 / 2;
    assert!(played < Playing::FRAMES, "unheard");
}

#[test]
fn interruptions_and_cancellations_have_their_receipts_without_a_device() {
    let (backend, card) = card(SAME);
    locked(&card).refusals = usize::MAX;
    let device = Playing::open(backend, None, without_a_device(Absent::Hold)).unwrap();
    let (mut way, renderer) = Playing::of(&[], &device);
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(way.feeder.begin_utterance().unwrap());
        way.feeder.push(&[1_000_i16; 1]).unwrap();
        way.feeder.end_utterance().unwrap();
    }
    let mut bench = Bench::start(card, device, way, renderer);
    assert!(bench.way.controller.cancel(ids[1], Ramp::None));
    bench.way.controller.interrupt(Ramp::None);
    let mut receipts = Vec::new();
    while receipts.len() < 2 {
        bench.sleep(Duration::from_millis(1));
        bench.way.monitor.poll(|event| {
            if let EventKind::Interrupted { utterance, .. } = event.kind {
                receipts.push(utterance);
            }
        });
    }
    assert_eq!(receipts, [Some(UtteranceId(0)), Some(UtteranceId(1))]);
}

#[test]
fn a_drain_waits_for_a_device_and_ends_when_it_has_played() {
    let mut bench = playing(Absent::Hold, Policy::Follow);
    unplug_for_good(&mut bench);
    bench.wait_for_event(is_waiting);
    let feeder = &mut bench.way.feeder;
    let drained = feeder.drain(Duration::from_millis(100));
    assert_eq!(drained, Err(DrainError::TimedOut));
    bench.card(|card| card.refusals = 0);
    let drained = bench.way.feeder.drain(Duration::from_secs(20));
    assert_eq!(drained, Ok(Drained::Heard));
    assert_eq!(bench.way.passed(), Playing::FRAMES);
}

#[test]
fn a_held_stream_runs_on_a_clock_of_its_own_until_it_is_resumed() {
    let mut bench = playing(Absent::Hold, Policy::Pause);
    unplug_for_good(&mut bench);
    bench.wait_for_event(|event| *event == DeviceEvent::Held);
    let openings = bench.openings();
    let heard = bench.way.passed();
    bench.wait_for("time", |bench| {
        bench.way.monitor.snapshot().paused_frames > 4_800
    });
    assert_eq!((bench.openings(), bench.way.passed()), (openings, heard));
    bench.card(|card| card.refusals = 0);
    bench.way.controller.resume();
    bench.sleep(Duration::from_millis(50));
    assert_eq!(bench.way.passed(), heard, "not the application's pause");
    bench.device.resume();
    bench.pass(Playing::FRAMES);
}

/// Where the pause is the application's as well, it stays.
#[test]
fn a_device_that_comes_does_not_lift_a_pause() {
    let mut bench = playing(Absent::Hold, Policy::Follow);
    bench.way.controller.pause();
    bench.wait_for("a pause", |bench| {
        bench.way.monitor.snapshot().paused_frames > 0
    });
    bench.card(|card| {
        card.refusals = 2;
        card.unplug();
    });
    bench.wait_for_event(is_reopened);
    let heard = bench.way.passed();
    bench.sleep(Duration::from_millis(50));
    assert_eq!(bench.way.passed(), heard);
    bench.way.controller.resume();
    bench.pass(Playing::FRAMES);
}

/// Found within a block's time, nothing has passed: not a frame is lost or faded.
#[test]
fn a_device_that_is_found_at_once_costs_nothing_whatever_would_have_become_of_the_stream() {
    for absent in [Absent::Hold, Absent::Discard] {
        // On a busy machine it may take longer, which shows nothing.
        let found_at_once = (0..10).any(|_| {
            let mut supervision = without_a_device(absent);
            supervision.second_thoughts = Duration::ZERO;
            let mut bench = Bench::<Playing>::new(SAME, supervision);
            bench.pass(1_000);
            bench.card(|card| {
                card.opens_in = Duration::from_millis(4);
                card.events
                    .push_back(DeviceEvent::Invalidated("server".into()));
                card.is_dead = true;
            });
            bench.wait_for_event(is_reopened);
            let (start, last_block) = bench.card(|card| *card.starts.last().unwrap());
            let is_at_once = start - last_block.unwrap() < Duration::from_millis(19);
            if is_at_once {
                Playing::assert_whole(&mut bench);
                assert_eq!(bench.count(is_waiting), 0);
            }
            is_at_once
        });
        assert!(found_at_once);
    }
}

#[test]
fn a_stream_that_has_failed_stands_still() {
    let mut supervision = without_a_device(Absent::Discard);
    supervision.patience = Some(Duration::from_millis(200));
    let mut bench = Bench::<Playing>::new(SAME, supervision);
    unplug_for_good(&mut bench);
    bench.wait_for_event(is_failed);
    let heard = bench.way.passed();
    bench.sleep(Duration::from_millis(100));
    assert_eq!(bench.way.passed(), heard);
    bench.card(|card| card.refusals = 0);
    bench.device.resume();
    bench.pass(Playing::FRAMES);
}

#[test]
fn a_panic_in_the_users_source_is_told_of_without_a_device_as_well() {
    let (backend, card) = card(SAME);
    locked(&card).refusals = usize::MAX;
    let mut output = Playing::open(backend, None, without_a_device(Absent::Discard)).unwrap();
    let mut calls = 0;
    let source = move |block: &mut [f32]| {
        calls += 1;
        assert_ne!(calls, 3, "a bug in user code");
        block.fill(0.5);
        block.len()
    };
    let config = Config::new(output.spec(), output.spec());
    let (_controller, renderer, monitor) = stream_from(&config, Box::new(source)).unwrap();
    output.start(renderer).unwrap();
    let begin = Instant::now();
    let mut events = Vec::new();
    let panicked = DeviceEvent::Panicked { count: 1 };
    while !events.contains(&panicked) || monitor.snapshot().heard_frames < 9_600 {
        events.extend(std::iter::from_fn(|| output.poll_event()));
        assert!(begin.elapsed() < Duration::from_secs(20), "{events:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(events, [DeviceEvent::Waiting, panicked]);
    assert!(output.stop().unwrap().is_some());
}
