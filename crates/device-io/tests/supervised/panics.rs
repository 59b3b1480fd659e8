//! A backend with bugs: the supervisor says what happened, and gives back what it can.

use std::time::Duration;

use device_io::{DeviceError, DeviceEvent, Policy};

use crate::bench::{Bench, SAME, Way, both_ways, card, is_failed, is_reopened, quick};
use crate::card::Place;

both_ways!(
    a_backend_that_panics_is_told_of_once_and_the_stream_is_had_back,
    a_stream_whose_backend_panicked_goes_on_when_it_is_resumed,
    a_backend_that_panics_while_it_is_opened_is_an_error,
);

/// The words of the panic are the application's only hint at where the bug is.
fn is_of_the_bug(event: &DeviceEvent) -> bool {
    matches!(event, DeviceEvent::Failed(words) if words.contains("a bug in the backend"))
}

fn a_backend_that_panics_is_told_of_once_and_the_stream_is_had_back<W: Way>() {
    for place in [Place::Poll, Place::Progress, Place::Default, Place::Open] {
        let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
        bench.pass(1_000);
        bench.card(|card| {
            card.panics_in = Some(place);
            if place == Place::Open {
                card.unplug();
            }
        });
        bench.wait_for_event(is_of_the_bug);
        bench.sleep(Duration::from_millis(50));
        assert_eq!(bench.count(is_failed), 1, "{place:?}");
        assert!(W::progress(&bench.device).is_none());
        bench.card(|card| card.panics_in = None);
        let lent = W::stop(&mut bench.device).unwrap();
        W::start(&mut bench.device, lent.unwrap()).unwrap();
        W::assert_whole(&mut bench);
    }
}

fn a_stream_whose_backend_panicked_goes_on_when_it_is_resumed<W: Way>() {
    let mut bench = Bench::<W>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    bench.card(|card| card.panics_in = Some(Place::Poll));
    bench.wait_for_event(is_of_the_bug);
    bench.card(|card| card.panics_in = None);
    W::resume(&bench.device);
    bench.wait_for_event(is_reopened);
    W::assert_whole(&mut bench);
}

fn a_backend_that_panics_while_it_is_opened_is_an_error<W: Way>() {
    let (backend, card) = card(SAME);
    crate::card::locked(&card).panics_in = Some(Place::Open);
    let opened = W::open(backend, None, quick(Policy::Follow)).err();
    assert!(
        matches!(&opened, Some(DeviceError::Backend(words)) if words.contains("a bug")),
        "{opened:?}"
    );
}
