//! What is told, and that it never finds its place taken.

use super::*;

/// A drain says what it ended with, at once where nobody will ever hear anything.
#[test]
fn a_drain_says_whether_it_was_heard_interrupted_or_abandoned() {
    let wait = Duration::from_secs(20);
    for (cut, drained) in [(false, Drained::Heard), (true, Drained::Interrupted)] {
        for before in [false, true] {
            let (mut feeder, controller, mut renderer, _monitor) = stream(&plain()).unwrap();
            feeder.begin_utterance().unwrap();
            feeder.push(&[HALF; 1_000]).unwrap();
            renderer.render(&mut [0.0_f32; 100]);
            if before && cut {
                controller.interrupt(Ramp::Milliseconds(1.0));
                render_blocks(&mut renderer, 1_000, &[100]);
            }
            let is_drained = Arc::new(AtomicBool::new(false));
            let drains = Arc::clone(&is_drained);
            let draining = std::thread::spawn(move || {
                let result = feeder.drain(wait);
                drains.store(true, Ordering::Relaxed);
                (result, feeder)
            });
            if cut && !before {
                controller.interrupt(Ramp::Milliseconds(1.0));
            }
            while !is_drained.load(Ordering::Relaxed) {
                renderer.render(&mut [0.0_f32; 100]);
                std::thread::yield_now();
            }
            let (result, mut feeder) = draining.join().unwrap();
            assert_eq!(result, Ok(drained), "{cut} {before}");
            // The next one is another.
            feeder.push(&[HALF; 10]).unwrap();
            feeder.end_utterance().unwrap();
            render_blocks(&mut renderer, 100, &[50]);
            assert_eq!(feeder.drain(wait), Ok(Drained::Heard));
            // What was heard was heard: an interruption after that takes nothing away.
            controller.interrupt(Ramp::None);
            assert_eq!(feeder.drain(wait), Ok(Drained::Heard));
            feeder.push(&[HALF; 10]).unwrap();
            drop(renderer);
            assert_eq!(feeder.drain(wait), Err(DrainError::Abandoned));
            assert_eq!(
                feeder
                    .push_blocking(&[0_i16; 100_000], wait)
                    .map(|taken| taken < 100_000),
                Ok(true)
            );
        }
    }
}

/// The receipt is never lost: a flood of marks and underruns that nobody takes leaves it its place.
#[test]
fn a_receipt_has_a_place_of_its_own() {
    let mut config = plain();
    config.event_capacity = 4;
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut expected = Vec::new();
    for round in 0..16 {
        let id = feeder.begin_utterance().unwrap();
        for _ in 0..10 {
            feeder.mark().unwrap();
            feeder.push(&[HALF; 10]).unwrap();
            // Dry, and recovered, again and again.
            render_blocks(&mut renderer, 20, &[20]);
        }
        if round % 2 == 0 {
            feeder.push(&[HALF; 10]).unwrap();
            render_blocks(&mut renderer, 5, &[5]);
            controller.interrupt(Ramp::None);
            render_blocks(&mut renderer, 5, &[5]);
            expected.push(interrupted(Some(id), 105));
        } else {
            expected.push(finished(id, 100));
        }
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 10, &[10]);
    }
    assert!(monitor.snapshot().events_lost > 100);
    let receipts: Vec<_> = told(&mut monitor)
        .into_iter()
        .map(|(_, kind)| kind)
        .filter(|kind| {
            matches!(
                kind,
                EventKind::Finished { .. } | EventKind::Interrupted { .. }
            )
        })
        .collect();
    assert_eq!(receipts, expected);
}

/// Marks, begins, ends and changes of source wait for a place as a push does for room.
#[test]
fn what_is_declared_can_wait_for_its_place() {
    let mut config = plain();
    config.marker_capacity = 1;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.mark().unwrap();
    let short = Duration::from_millis(20);
    assert_eq!(feeder.mark_blocking(short), Err(FeedError::MarkersFull));
    assert_eq!(
        feeder.begin_utterance_blocking(short),
        Err(FeedError::MarkersFull)
    );
    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let feeding = std::thread::spawn(move || {
        let long = Duration::from_secs(20);
        for format in ["48000x1:s16le", "48000x1:u8"].into_iter().cycle().take(6) {
            feeder.set_source_blocking(spec(format), long).unwrap();
            feeder.begin_utterance_blocking(long).unwrap();
            feeder.mark_blocking(long).unwrap();
            let silence = vec![if format.ends_with("u8") { 192 } else { 64 }; 100];
            feeder.push_bytes(&silence).unwrap();
            feeder.end_utterance_blocking(long).unwrap();
        }
        assert_eq!(feeder.drain(long), Ok(Drained::Heard));
        done.store(true, Ordering::Relaxed);
    });
    let mut kinds = Vec::new();
    while !is_done.load(Ordering::Relaxed) {
        renderer.render(&mut [0.0_f32; 7]);
        monitor.poll(|event| kinds.push(event.kind));
        std::thread::yield_now();
    }
    feeding.join().unwrap();
    monitor.poll(|event| kinds.push(event.kind));
    let count = |wanted: fn(&EventKind) -> bool| kinds.iter().filter(|kind| wanted(kind)).count();
    assert_eq!(count(|kind| matches!(kind, EventKind::Finished { .. })), 6);
    assert_eq!(count(|kind| matches!(kind, EventKind::Mark { .. })), 7);
}

/// "After rebinds a stream never ends" (more plans waited than there was room for on their way back), with as
/// little room as there can be; and an utterance can be begun with it.
#[test]
fn a_stream_ends_however_often_its_source_and_its_device_have_changed() {
    for marker_capacity in 1..4 {
        for rounds in [1, 4, 40] {
            let mut config = config("48000x1:s16le", "48000x1:f32le");
            config.marker_capacity = marker_capacity;
            config.resample = Resample::Balanced;
            let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
            let mut begun = 0;
            for round in 0..rounds {
                let (source, device) = [
                    ("24000x1:s16le", "44100x1:f32le"),
                    ("48000x1:u8", "48000x1:f32le"),
                ][round % 2];
                feeder.set_source(spec(source)).unwrap();
                feeder.push_bytes(&[128; 100]).unwrap();
                renderer.rebind(spec(device)).unwrap();
                begun += usize::from(feeder.begin_utterance().is_ok());
                feeder.push_bytes(&[128; 100]).unwrap();
                renderer.rebind(spec("48000x1:f32le")).unwrap();
                let now = monitor.snapshot();
                assert_eq!(
                    now.pushed_frames,
                    now.heard_frames
                        + now.in_flight_frames
                        + now.queued_frames
                        + now.dropped_frames
                );
            }
            assert_eq!(begun, rounds, "one marker is enough to begin");
            drop(feeder);
            let mut blocks = 0;
            while !renderer.is_at_end() {
                renderer.render(&mut [0.0_f32; 4_800]);
                blocks += 1;
                assert!(blocks < 100, "{:?}", monitor.snapshot());
            }
            let now = monitor.snapshot();
            assert_eq!((now.queued_frames, now.in_flight_frames), (0, 0));
            assert_eq!(now.pushed_frames, now.heard_frames + now.dropped_frames);
            events(&mut monitor);
        }
    }
}

/// `rebind` publishes what it counts: a stream that is at its end has nothing in flight.
#[test]
fn a_rebind_publishes_what_it_dropped() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = Resample::High;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&samples(200)).unwrap();
    render_blocks(&mut renderer, 400, &[100]);
    drop(feeder);
    let before = monitor.snapshot();
    assert!(before.in_flight_frames > 0);
    renderer.rebind(spec("44100x1:f32le")).unwrap();
    let now = monitor.snapshot();
    assert_eq!(now.in_flight_frames, 0);
    assert_eq!(now.dropped_frames, before.in_flight_frames);
}
