//! How often it is asked which device is the default: on some systems that is heard (tesselode/kira#38).

use std::time::{Duration, Instant};

use device_io::Policy;

use crate::bench::{Bench, SAME, Way, both_ways, is_reopened_on, quick};

both_ways!(
    the_default_device_is_asked_for_once_an_interval_at_most,
    nobody_asks_where_the_backend_tells_of_changes_itself,
    nobody_asks_where_it_would_not_be_followed,
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
