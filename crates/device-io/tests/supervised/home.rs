//! A stream that had to leave the device that was asked for, and comes back to it.

use std::time::{Duration, Instant};

use device_io::{DeviceEvent, Policy};

use crate::bench::{Bench, SAME, Way, both_ways, is_failed, is_reopened, is_reopened_on, quick};

both_ways!(
    a_stream_returns_to_the_device_that_was_asked_for,
    a_home_that_is_not_there_costs_no_sound_and_is_asked_for_more_and_more_seldom,
    a_home_that_does_not_start_is_left_again,
    a_home_that_dies_at_once_is_left_again_and_tried_later,
    a_home_that_lived_is_looked_for_as_eagerly_as_the_first_time,
    away_from_home_the_default_device_is_followed,
    a_paused_stream_stays_where_it_was_resumed,
    both_being_stillborn_is_no_tight_loop,
);

fn away<W: Way>() -> Bench<W> {
    let mut bench = Bench::<W>::on_device(Some("headset"), SAME, quick(Policy::Follow), |_| ());
    bench.pass(1_000);
    bench.card(|card| {
        card.names_are_gone = true;
        card.unplug();
    });
    bench.wait_for_event(is_reopened_on(None));
    bench
}

/// yamanahlawat/banshee#47: the device that took over was never left again.
fn a_stream_returns_to_the_device_that_was_asked_for<W: Way>() {
    let mut bench = away::<W>();
    bench.pass_more(2_000);
    bench.card(|card| card.names_are_gone = false);
    bench.wait_for_event(is_reopened_on(Some("headset")));
    W::assert_whole(&mut bench);
    assert_eq!(bench.count(is_reopened), 2);
    let last = bench.card(|card| card.openings.last().cloned().flatten());
    assert_eq!(last.as_deref(), Some("headset"));
}

fn a_home_that_is_not_there_costs_no_sound_and_is_asked_for_more_and_more_seldom<W: Way>() {
    let mut bench = away::<W>();
    let openings = bench.openings();
    bench.sleep(Duration::from_millis(900));
    let tried = bench.openings() - openings;
    // 50, 150, 350, 750 ms.
    assert!((2..=5).contains(&tried), "{tried}");
    assert_eq!(bench.card(|card| card.played.len()), 2, "started");
    W::assert_whole(&mut bench);
    assert_eq!(bench.count(is_reopened), 1);
}

fn a_home_that_does_not_start_is_left_again<W: Way>() {
    let mut bench = away::<W>();
    bench.card(|card| {
        card.names_do_not_start = true;
        card.names_are_gone = false;
    });
    bench.wait_for_event(is_reopened_on(None));
    W::assert_whole(&mut bench);
    assert_eq!(bench.count(is_reopened_on(Some("headset"))), 0);
    assert_eq!(bench.count(is_failed), 0);
}

fn a_home_that_dies_at_once_is_left_again_and_tried_later<W: Way>() {
    let mut bench = away::<W>();
    bench.card(|card| {
        card.names_are_stillborn = true;
        card.names_are_gone = false;
    });
    bench.wait_for_event(is_reopened_on(Some("headset")));
    bench.wait_for_event(is_reopened_on(None));
    bench.sleep(Duration::from_millis(1_000));
    let tried = bench.count(is_reopened_on(Some("headset")));
    assert!((2..=5).contains(&tried), "{tried}");
    bench.card(|card| card.names_are_stillborn = false);
    bench.catch_up();
    bench.wait_for_event(is_reopened_on(Some("headset")));
    W::assert_whole(&mut bench);
    assert_eq!(bench.count(is_failed), 0);
}

fn a_home_that_lived_is_looked_for_as_eagerly_as_the_first_time<W: Way>() {
    let mut bench = away::<W>();
    bench.card(|card| {
        card.names_are_stillborn = true;
        card.names_are_gone = false;
    });
    bench.sleep(Duration::from_millis(1_700));
    bench.card(|card| card.names_are_stillborn = false);
    bench.catch_up();
    bench.wait_for_event(is_reopened_on(Some("headset")));
    // It lives for a second: what came before is forgotten.
    bench.sleep(Duration::from_millis(1_200));
    bench.card(|card| {
        card.names_are_gone = true;
        card.unplug();
    });
    bench.wait_for_event(is_reopened_on(None));
    bench.card(|card| card.names_are_gone = false);
    let begin = Instant::now();
    bench.wait_for_event(is_reopened_on(Some("headset")));
    assert!(begin.elapsed() < Duration::from_secs(1));
}

fn away_from_home_the_default_device_is_followed<W: Way>() {
    let mut bench = away::<W>();
    bench.card(|card| card.default = Some("other".into()));
    bench.wait_for_event(|event| *event == DeviceEvent::DefaultChanged("other".into()));
    bench.wait_for_event(is_reopened_on(None));
    bench.card(|card| card.names_are_gone = false);
    bench.wait_for_event(is_reopened_on(Some("headset")));
    bench.card(|card| card.default = Some("third".into()));
    W::assert_whole(&mut bench);
    let moves = bench.count(|event| matches!(event, DeviceEvent::DefaultChanged(_)));
    assert_eq!(moves, 1, "at home nobody looks");
}

/// Who pauses where the headphones are pulled out does not want to be moved either.
fn a_paused_stream_stays_where_it_was_resumed<W: Way>() {
    let mut bench = Bench::<W>::on_device(Some("headset"), SAME, quick(Policy::Pause), |_| ());
    bench.pass(1_000);
    bench.card(|card| {
        card.names_are_gone = true;
        card.unplug();
    });
    bench.wait_for_event(|event| *event == DeviceEvent::Held);
    W::resume(&bench.device);
    bench.wait_for_event(is_reopened_on(None));
    bench.card(|card| card.names_are_gone = false);
    W::assert_whole(&mut bench);
    assert_eq!(bench.count(is_reopened), 1);
}

fn both_being_stillborn_is_no_tight_loop<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.patience = None;
    let mut bench = Bench::<W>::on_device(Some("headset"), SAME, supervision, |_| ());
    bench.pass(1_000);
    bench.card(|card| {
        card.is_stillborn = true;
        card.unplug();
    });
    bench.sleep(Duration::from_millis(1_500));
    let openings = bench.openings();
    assert!((4..=14).contains(&openings), "{openings}");
    bench.card(|card| card.is_stillborn = false);
    W::assert_whole(&mut bench);
}
