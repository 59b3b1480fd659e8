//! The lives and deaths of devices, both ways.

use std::time::{Duration, Instant};

use device_io::{DeviceError, DeviceEvent, Policy};

use crate::bench::{Bench, SAME, Way, both_ways, is_failed, is_reopened, lost, quick, spec};

both_ways!(
    a_lost_device_is_followed_and_not_a_frame_is_lost,
    a_loss_that_is_taken_back_restarts_nothing,
    a_silent_death_is_noticed_by_the_watchdog,
    a_spinning_error_callback_is_the_end_of_a_device,
    a_paused_stream_waits_and_goes_on_where_it_was,
    a_device_that_is_gone_is_left_for_the_default_one,
    a_device_is_looked_for_until_there_is_one,
    patience_ends_and_the_stream_can_still_be_resumed,
    patience_without_end_needs_nobody_to_resume,
    a_device_that_dies_at_every_start_is_tried_more_and_more_seldom,
    a_device_that_dies_at_every_start_outlasts_patience,
    without_patience_one_device_is_tried,
    the_shortest_watchdog_follows_a_dead_device,
    a_stopped_stream_has_no_progress_and_no_failure,
    another_default_device_is_followed,
    a_device_that_never_stops_hangs_nobody,
    a_stream_that_is_lost_for_good_makes_room_for_another,
    a_stopped_stream_starts_again,
    a_device_that_cannot_be_opened_is_an_error_at_once,
    durations_without_end_overflow_nowhere,
);

/// jpochyla/psst#449, RustAudio/rodio#545, RustAudio/rodio#798: a device switch kills playback, or is
/// never followed.
fn a_lost_device_is_followed_and_not_a_frame_is_lost<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(2_000);
    bench.card(|card| card.unplug());
    let event = bench.wait_for_event(is_reopened);
    assert_eq!(
        event,
        DeviceEvent::Reopened {
            device: None,
            spec: spec(SAME[0])
        }
    );
    assert!(bench.events.contains(&lost()));
    W::assert_whole(&mut bench);
    assert_eq!(bench.openings(), 2);
}

/// PipeWire: DeviceNotAvailable, 2 ms later DeviceChanged.
fn a_loss_that_is_taken_back_restarts_nothing<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| card.events.push_back(lost()));
    std::thread::sleep(Duration::from_millis(2));
    bench.card(|card| card.events.push_back(DeviceEvent::Changed));
    bench.wait_for_event(|event| *event == DeviceEvent::Changed);
    W::assert_whole(&mut bench);
    assert_eq!(bench.openings(), 1);
    assert_eq!(bench.events, [DeviceEvent::Changed]);
}

/// RustAudio/cpal#487: PulseAudio's only sink unloaded: no error, callbacks stop.
fn a_silent_death_is_noticed_by_the_watchdog<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| card.is_dead = true);
    bench.wait_for_event(is_reopened);
    assert!(
        matches!(bench.events[0], DeviceEvent::Stalled(silent) if silent >= Duration::from_millis(200))
    );
    W::assert_whole(&mut bench);
}

/// RustAudio/rodio#677: half a million errors a second.
fn a_spinning_error_callback_is_the_end_of_a_device<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Fail));
    bench.pass(1_000);
    bench.card(|card| {
        for _ in 0..10 {
            card.events.push_back(DeviceEvent::Errors {
                words: "backend".into(),
                count: 5_000,
            });
        }
    });
    bench.wait_for_event(is_failed);
    let spinning =
        |event: &DeviceEvent| matches!(event, DeviceEvent::Spinning { errors } if *errors > 20_000);
    assert!(bench.events.iter().any(spinning), "{:?}", bench.events);
    // What was started can be had, and goes on elsewhere.
    let lent = W::stop(&mut bench.device).unwrap().unwrap();
    W::start(&mut bench.device, lent).unwrap();
    W::assert_whole(&mut bench);
}

fn a_paused_stream_waits_and_goes_on_where_it_was<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Pause));
    bench.pass(1_000);
    bench.card(|card| {
        card.is_dead = true;
        card.events
            .push_back(DeviceEvent::Invalidated("server".into()));
    });
    bench.wait_for_event(|event| *event == DeviceEvent::Held);
    let passed = bench.way.passed();
    bench.sleep(Duration::from_millis(50));
    assert_eq!(bench.way.passed(), passed);
    assert_eq!((bench.openings(), W::progress(&bench.device)), (1, None));
    W::resume(&bench.device);
    bench.wait_for_event(is_reopened);
    W::assert_whole(&mut bench);
}

fn a_device_that_is_gone_is_left_for_the_default_one<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.returns = false;
    let mut bench = Bench::<W>::on_device(Some("headset"), SAME, supervision, |_| ());
    bench.pass(1_000);
    bench.card(|card| {
        card.names_are_gone = true;
        card.unplug();
    });
    let event = bench.wait_for_event(is_reopened);
    assert!(matches!(event, DeviceEvent::Reopened { device: None, .. }));
    bench.card(|card| card.names_are_gone = false);
    W::assert_whole(&mut bench);
    let named = Some("headset".to_owned());
    let openings = bench.card(|card| card.openings.clone());
    assert_eq!(openings, [named.clone(), named, None]);
}

fn a_device_is_looked_for_until_there_is_one<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| {
        card.refusals = 2;
        card.unplug();
    });
    bench.wait_for_event(is_reopened);
    assert_eq!(bench.openings(), 4);
    W::assert_whole(&mut bench);
}

fn patience_ends_and_the_stream_can_still_be_resumed<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| {
        card.refusals = usize::MAX;
        card.unplug();
    });
    let failed = bench.wait_for_event(is_failed);
    assert_eq!(
        failed,
        DeviceEvent::Failed("there is no audio device".into())
    );
    let openings = bench.openings();
    assert!((4..30).contains(&openings), "{openings}");
    // A device that comes now is not looked for.
    bench.card(|card| card.refusals = 0);
    bench.sleep(Duration::from_millis(100));
    assert_eq!(bench.openings(), openings);
    W::resume(&bench.device);
    W::assert_whole(&mut bench);
}

fn patience_without_end_needs_nobody_to_resume<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.patience = None;
    let mut bench = Bench::<W>::new(SAME, supervision);
    bench.pass(1_000);
    bench.card(|card| {
        card.refusals = usize::MAX;
        card.unplug();
    });
    bench.sleep(Duration::from_millis(1_500));
    // 0, 50, 150, 350, 750 ms and so on.
    let openings = bench.openings();
    assert!((5..=7).contains(&openings), "{openings}");
    assert_eq!(bench.count(is_failed), 0);
    bench.card(|card| card.refusals = 0);
    bench.wait_for_event(is_reopened);
    W::assert_whole(&mut bench);
}

fn a_device_that_dies_at_every_start_is_tried_more_and_more_seldom<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.patience = None;
    let mut bench = Bench::<W>::new(SAME, supervision);
    bench.pass(1_000);
    bench.card(|card| {
        card.is_stillborn = true;
        card.unplug();
    });
    bench.sleep(Duration::from_millis(1_500));
    let openings = bench.openings();
    assert!((4..=7).contains(&openings), "{openings}");
    bench.card(|card| card.is_stillborn = false);
    W::assert_whole(&mut bench);
}

fn a_device_that_dies_at_every_start_outlasts_patience<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| {
        card.is_stillborn = true;
        card.unplug();
    });
    bench.wait_for_event(is_failed);
    assert!((3..30).contains(&bench.openings()), "{}", bench.openings());
    assert!(W::stop(&mut bench.device).unwrap().is_some());
}

/// It failed with the words that every device had died again, and none was tried.
fn without_patience_one_device_is_tried<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.patience = Some(Duration::ZERO);
    let mut bench = Bench::<W>::new(SAME, supervision.clone());
    bench.pass(1_000);
    bench.card(|card| card.unplug());
    bench.wait_for_event(is_reopened);
    W::assert_whole(&mut bench);

    let mut bench = Bench::<W>::new(SAME, supervision);
    bench.pass(1_000);
    bench.card(|card| {
        card.refusals = usize::MAX;
        card.unplug();
    });
    let failed = bench.wait_for_event(is_failed);
    let words = "there is no audio device";
    assert_eq!(failed, DeviceEvent::Failed(words.into()));
    assert_eq!(bench.openings(), 2);
    bench.card(|card| {
        card.refusals = 0;
        card.is_stillborn = true;
    });
    W::resume(&bench.device);
    let failed = bench.wait_for_event(is_failed);
    let words = "every device that was tried died again at once";
    assert_eq!(failed, DeviceEvent::Failed(words.into()));
    assert_eq!(bench.openings(), 3);
    bench.card(|card| card.is_stillborn = false);
    W::resume(&bench.device);
    W::assert_whole(&mut bench);
}

/// Any duration is allowed: one below four looks once disabled the watchdog.
fn the_shortest_watchdog_follows_a_dead_device<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.watchdog = Duration::ZERO;
    // On a busy machine so short a watchdog may take a late block for a death.
    supervision.patience = None;
    let mut bench = Bench::<W>::new(SAME, supervision);
    bench.card(|card| card.is_dead = true);
    bench.wait_for_event(is_reopened);
    W::assert_whole(&mut bench);
}

fn a_stopped_stream_has_no_progress_and_no_failure<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Fail));
    bench.pass(1_000);
    bench.wait_for("progress", |bench| W::progress(&bench.device).is_some());
    let lent = W::stop(&mut bench.device).unwrap().unwrap();
    assert_eq!(W::progress(&bench.device), None);
    W::start(&mut bench.device, lent).unwrap();
    bench.card(|card| card.unplug());
    bench.wait_for_event(is_failed);
    assert!(W::failure(&bench.device).is_some());
    let lent = W::stop(&mut bench.device).unwrap().unwrap();
    let after = (W::progress(&bench.device), W::failure(&bench.device));
    assert_eq!(after, (None, None));
    bench.sleep(Duration::from_millis(50));
    assert_eq!(W::failure(&bench.device), None);
    W::start(&mut bench.device, lent).unwrap();
    W::assert_whole(&mut bench);
}

fn another_default_device_is_followed<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| card.default = Some("other".into()));
    bench.wait_for_event(is_reopened);
    assert_eq!(bench.events[0], DeviceEvent::DefaultChanged("other".into()));
    W::assert_whole(&mut bench);
    assert_eq!(bench.openings(), 2, "once");
    // But not by who asked for a certain device.
    let supervision = quick(Policy::Follow);
    let mut bench = Bench::<W>::on_device(Some("headset"), SAME, supervision, |_| ());
    bench.card(|card| card.default = Some("other".into()));
    bench.pass(4_800);
    assert_eq!(bench.openings(), 1);
}

/// PulseAudio's only sink unloaded: `drop(stream)` hangs for ever (4 of 4).
fn a_device_that_never_stops_hangs_nobody<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| card.hangs = true);
    let begin = Instant::now();
    assert!(matches!(
        W::stop(&mut bench.device),
        Err(DeviceError::NoAnswer)
    ));
    let card = std::sync::Arc::clone(&bench.card);
    drop(bench);
    assert!(begin.elapsed() < Duration::from_secs(12));
    card.lock().unwrap().hangs = false;
}

fn a_stream_that_is_lost_for_good_makes_room_for_another<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| {
        card.hangs = true;
        card.unplug();
    });
    let failed = bench.wait_for_event(is_failed);
    let words = "the device did not give the stream back";
    assert_eq!(failed, DeviceEvent::Failed(words.into()));
    bench.card(|card| {
        card.hangs = false;
        card.played.iter_mut().for_each(Vec::clear);
        card.delivered = 0;
    });
    let (way, lent) = W::make(&bench.device);
    bench.way = way;
    W::start(&mut bench.device, lent).unwrap();
    W::assert_whole(&mut bench);
}

fn a_stopped_stream_starts_again<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    let lent = W::stop(&mut bench.device).unwrap().unwrap();
    assert!(W::stop(&mut bench.device).unwrap().is_none());
    bench.sleep(Duration::from_millis(50));
    W::start(&mut bench.device, lent).unwrap();
    let (_, other) = W::make(&bench.device);
    assert!(matches!(
        W::start(&mut bench.device, other),
        Err(DeviceError::AlreadyStarted)
    ));
    W::assert_whole(&mut bench);
}

fn a_device_that_cannot_be_opened_is_an_error_at_once<W: Way>() {
    let (backend, card) = crate::bench::card(SAME);
    card.lock().unwrap().refusals = 1;
    let opened = W::open(backend.clone(), None, quick(Policy::Follow));
    assert!(matches!(opened.err(), Some(DeviceError::NoDevice)));
    // Nor is what could not be started lost.
    let mut device = W::open(backend, None, quick(Policy::Follow)).unwrap();
    let (way, lent) = W::make(&device);
    W::start(&mut device, lent).unwrap();
    let lent = W::stop(&mut device).unwrap().unwrap();
    card.lock().unwrap().refusals = 1;
    assert!(matches!(
        W::start(&mut device, lent),
        Err(DeviceError::NoDevice)
    ));
    let lent = W::stop(&mut device).unwrap().unwrap();
    W::assert_whole(&mut Bench::start(card, device, way, lent));
}

/// Waiting for ever is a decision that an application may make.
fn durations_without_end_overflow_nowhere<W: Way>() {
    let mut supervision = quick(Policy::Follow);
    supervision.watchdog = Duration::MAX;
    supervision.first_block = Duration::MAX;
    supervision.patience = Some(Duration::MAX);
    supervision.default_interval = Duration::MAX;
    supervision.second_thoughts = Duration::MAX;
    let mut bench = Bench::<W>::new(SAME, supervision);
    bench.pass(1_000);
    bench.card(|card| card.events.push_back(lost()));
    bench.pass(3_000);
    bench.card(|card| {
        card.refusals = 1;
        card.is_dead = true;
        card.events
            .push_back(DeviceEvent::Invalidated("server".into()));
    });
    bench.wait_for_event(is_reopened);
    assert_eq!(bench.count(is_failed), 0);
    W::assert_whole(&mut bench);
}
