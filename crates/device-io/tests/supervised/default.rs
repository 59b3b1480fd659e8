//! How often it is asked which device is the default: on some systems that is heard (tesselode/kira#38).

use std::time::{Duration, Instant};

use device_io::{DeviceEvent, Policy};

use crate::bench::{Bench, SAME, Way, both_ways, is_failed, is_reopened_on, quick};

both_ways!(
    the_default_device_is_asked_for_once_an_interval_at_most,
    nobody_asks_where_the_backend_tells_of_changes_itself,
    nobody_asks_where_it_would_not_be_followed,
    a_default_device_that_cannot_be_opened_silences_nobody,
    a_default_device_that_does_not_start_is_followed_by_a_search,
    a_default_device_that_is_again_the_old_one_is_not_moved_to,
);

const INTERVAL: Duration = Duration::from_millis(50);

fn bench<W: Way>(device: Option<&str>, policy: Policy, default: Option<&str>) -> Bench<W> {
    let mut supervision = quick(policy);
    supervision.default_interval = INTERVAL;
    Bench::on_device(device, SAME, supervision, |card| {
        card.default = default.map(str::to_owned);
    })
}

fn questions<W: Way>(bench: &Bench<W>) -> usize {
    bench.card(|card| card.questions)
}

fn the_default_device_is_asked_for_once_an_interval_at_most<W: Way>() {
    let mut bench = bench::<W>(None, Policy::Follow, Some("one"));
    let (before, begin) = (questions(&bench), Instant::now());
    assert_eq!(before, 1, "as it is opened");
    bench.sleep(Duration::from_millis(600));
    let intervals = (begin.elapsed().as_secs_f64() / INTERVAL.as_secs_f64()) as usize;
    let asked = questions(&bench) - before;
    assert!(
        (1..=intervals + 1).contains(&asked),
        "{asked} in {intervals}"
    );
    W::assert_whole(&mut bench);
}

/// A backend that tells of changes answers `None`, and is asked only when a device is opened.
fn nobody_asks_where_the_backend_tells_of_changes_itself<W: Way>() {
    let mut bench = bench::<W>(None, Policy::Follow, None);
    bench.sleep(Duration::from_millis(300));
    assert_eq!(questions(&bench), 1);
    // Nor after the device was another.
    bench.card(|card| card.unplug());
    bench.wait_for_event(is_reopened_on(None));
    bench.sleep(Duration::from_millis(300));
    assert_eq!(questions(&bench), 2);
}

fn nobody_asks_where_it_would_not_be_followed<W: Way>() {
    for (device, policy) in [
        (None, Policy::Pause),
        (None, Policy::Fail),
        (Some("headset"), Policy::Follow),
    ] {
        let mut bench = bench::<W>(device, policy, Some("one"));
        bench.sleep(Duration::from_millis(200));
        assert_eq!(questions(&bench), 0, "{device:?} {policy:?}");
    }
}

/// On a device that works, whose place as the default is taken by one that does not.
fn beside_a_bad_default<W: Way>() -> Bench<W> {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| {
        card.refusals = usize::MAX;
        card.default = Some("bad".into());
    });
    bench
}

/// The stream was taken from the device that worked before the other was open.
fn a_default_device_that_cannot_be_opened_silences_nobody<W: Way>() {
    let mut bench = beside_a_bad_default::<W>();
    bench.sleep(Duration::from_millis(500));
    // After 0, 50, 150 and 350 ms.
    let tried = bench.openings() - 1;
    assert!((1..=5).contains(&tried), "{tried}");
    let block = bench.card(|card| card.last_block);
    bench.wait_for("blocks", |bench| bench.card(|card| card.last_block) > block);
    assert_eq!(bench.events, [], "it plays on");
    bench.card(|card| card.refusals = 0);
    bench.wait_for_event(is_reopened_on(None));
    let changed = DeviceEvent::DefaultChanged("bad".into());
    assert_eq!(bench.events[0], changed);
    assert_eq!(bench.card(|card| card.played.len()), 2, "starts");
    W::assert_whole(&mut bench);
    assert_eq!(bench.events.len(), 2, "{:?}", bench.events);
}

fn a_default_device_that_is_again_the_old_one_is_not_moved_to<W: Way>() {
    let mut bench = beside_a_bad_default::<W>();
    bench.sleep(Duration::from_millis(100));
    bench.card(|card| {
        card.refusals = 0;
        card.default = Some("one".into());
    });
    let openings = bench.openings();
    bench.sleep(Duration::from_millis(200));
    assert_eq!(bench.openings(), openings);
    W::assert_whole(&mut bench);
    assert_eq!(bench.events, []);
}

/// Nothing is lost then, and it is tried again.
fn a_default_device_that_does_not_start_is_followed_by_a_search<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| {
        card.failing_starts = 2;
        card.default = Some("other".into());
    });
    bench.wait_for_event(is_reopened_on(None));
    W::assert_whole(&mut bench);
    assert_eq!(bench.count(is_failed), 0);
}
