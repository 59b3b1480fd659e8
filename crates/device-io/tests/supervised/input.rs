//! What only a supervised input has.

use std::time::{Duration, Instant};

use device_io::{
    Absent, BlockLength, DeviceError, DeviceEvent, Input, InputRequest, Null, Policy,
    SupervisedInput,
};
use rt_callback::{BlockSink, ConfigError, Recorder};

use crate::bench::{Bench, Recording, SAME, Way as _, is_reopened, lost, quick, spec};

/// livekit/rust-sdks#1198, libsdl-org/SDL#11122, mozilla/cubeb#457: a headset that turns from
/// music into a telephone, and back.
#[test]
fn what_the_next_device_delivers_is_read_as_what_it_is() {
    const SPECS: &[&str] = &[
        "48000x2:s16le",
        "16000x1:s16le",
        "44100x2:s16le",
        "48000x8:s16le",
    ];
    let mut bench = Bench::<Recording>::new(SPECS, quick(Policy::Follow));
    for (next, expected) in SPECS.iter().enumerate().skip(1) {
        bench.pass_more(2_000);
        bench.card(|card| card.unplug());
        let event = bench.wait_for_event(is_reopened);
        let spec = spec(expected);
        assert_eq!(event, DeviceEvent::Reopened { device: None, spec });
        assert_eq!(bench.device.spec(), spec);
        assert_eq!(bench.openings(), next + 1);
    }
    bench.pass_more(2_000);
    drop(bench.device.stop().unwrap());
    bench.way.read_all();
    let counters = bench.way.assert_counted();
    let delivered = bench.card(|card| card.delivered);
    let lost: u64 = bench.way.gaps().iter().map(|gap| gap.frames).sum();
    assert_eq!(
        (
            counters.read_frames,
            counters.dropped_frames,
            counters.queued_frames
        ),
        (delivered, lost, 0)
    );
    assert!(bench.way.reader.is_at_end());
}

/// There is one gap, behind so many frames, which lasts as long as the card was away before its latest start: from
/// its last block, or from `since`, as exactly as a device is looked at, on a busy machine.
fn assert_one_gap(
    bench: &mut Bench<Recording>,
    at_frame: u64,
    rate_hz: u32,
    since: Option<Instant>,
) {
    const TOLERANCE: Duration = Duration::from_millis(100);
    bench.pass_more(2_000);
    drop(bench.device.stop().unwrap());
    bench.way.read_all();
    let gaps = bench.way.gaps();
    let [gap] = gaps[..] else {
        panic!("{gaps:?}");
    };
    let (start, last_block) = bench.card(|card| *card.starts.last().unwrap());
    let away = start - since.or(last_block).unwrap();
    let told = Duration::from_secs_f64(gap.frames as f64 / f64::from(gap.rate_hz));
    assert!(told.abs_diff(away) < TOLERANCE, "{told:?} for {away:?}");
    assert_eq!((gap.at_frame, gap.rate_hz), (at_frame, rate_hz));
    let counters = bench.way.assert_counted();
    assert_eq!(counters.dropped_frames, gap.frames);
}

#[test]
fn what_a_microphone_did_not_hear_is_one_gap_as_long_as_it_was_away() {
    let mut bench = Bench::<Recording>::new(SAME, quick(Policy::Follow));
    bench.pass(2_000);
    bench.card(|card| {
        card.refusals = 4;
        card.unplug();
    });
    bench.wait_for_event(is_reopened);
    let before = bench.card(|card| card.before_latest_start);
    assert_one_gap(&mut bench, before, 48_000, None);
}

#[test]
fn a_gap_is_as_long_as_the_stream_was_held() {
    let mut bench = Bench::<Recording>::new(SAME, quick(Policy::Pause));
    bench.pass(2_000);
    bench.card(|card| card.unplug());
    bench.wait_for_event(|event| *event == DeviceEvent::Held);
    bench.sleep(Duration::from_millis(400));
    bench.device.resume();
    bench.wait_for_event(is_reopened);
    let before = bench.card(|card| card.before_latest_start);
    assert_one_gap(&mut bench, before, 48_000, None);
}

#[test]
fn a_gap_before_another_device_is_of_the_one_that_was_lost() {
    let specs = &["16000x1:s16le", "48000x1:s16le"];
    let mut bench = Bench::<Recording>::new(specs, quick(Policy::Follow));
    bench.pass(2_000);
    bench.card(|card| {
        card.refusals = 3;
        card.unplug();
    });
    bench.wait_for_event(is_reopened);
    let before = bench.card(|card| card.before_latest_start);
    assert_one_gap(&mut bench, before, 16_000, None);
}

#[test]
fn a_microphone_that_comes_late_is_a_gap_at_the_begin() {
    let mut supervision = quick(Policy::Follow);
    supervision.absent = Some(Absent::Hold);
    let begin = Instant::now();
    let mut bench = Bench::<Recording>::on_device(None, SAME, supervision, |card| {
        card.refusals = 4;
    });
    bench.wait_for_event(is_reopened);
    assert_one_gap(&mut bench, 0, 48_000, Some(begin));
}

/// What came to nothing in between is part of the same gap.
#[test]
fn devices_that_do_not_start_make_no_gaps_of_their_own() {
    let supervision = quick(Policy::Follow);
    let mut bench = Bench::<Recording>::on_device(Some("headset"), SAME, supervision, |_| ());
    bench.pass(2_000);
    bench.card(|card| {
        card.names_do_not_start = true;
        card.is_stillborn = true;
        card.unplug();
    });
    bench.sleep(Duration::from_millis(400));
    bench.card(|card| card.is_stillborn = false);
    bench.wait_for("sound", |bench| bench.card(|card| !card.is_dead));
    let (before, stillborn) = bench.card(|card| (card.before_latest_start, card.starts.len()));
    assert!(stillborn > 2, "{stillborn}");
    assert_one_gap(&mut bench, before, 48_000, None);
}

/// An application that stops has not lost anything.
#[test]
fn a_capture_that_was_stopped_has_no_gap() {
    let mut bench = Bench::<Recording>::new(SAME, quick(Policy::Follow));
    bench.pass(1_000);
    let recorder = bench.device.stop().unwrap().unwrap();
    bench.sleep(Duration::from_millis(200));
    bench.device.start(recorder).unwrap();
    Recording::assert_whole(&mut bench);
    assert_eq!(bench.way.reader.snapshot().dropped_frames, 0);
}

/// Where nobody reads, the places for changes of device run out; nothing is lost for that.
#[test]
fn a_recorder_that_cannot_be_bound_for_the_moment_is_kept_and_bound_later() {
    let mut supervision = quick(Policy::Follow);
    supervision.patience = None;
    let mut bench = Bench::<Recording>::new(&["44000x1:s16le"], supervision);
    // Each time the device is another; after so many of them the next cannot be told to the reader.
    let mut rates_hz = 44_001..44_100;
    let mut recorder = bench.device.stop().unwrap().unwrap();
    let full = loop {
        let device = format!("{}x1:s16le", rates_hz.next().unwrap());
        bench.card(|card| card.specs = vec![spec(&device)]);
        let started = bench.device.start(recorder);
        recorder = bench.device.stop().unwrap().unwrap();
        if let Err(error) = started {
            break error;
        }
    };
    assert!(
        matches!(full, DeviceError::Rebind(ConfigError::MarkersFull)),
        "{full}"
    );
    let (same, next) = (*recorder.device(), spec("48000x1:s16le"));
    bench.card(|card| card.specs = vec![same]);
    bench.device.start(recorder).unwrap();
    bench.pass_more(1_000);
    bench.card(|card| {
        card.specs = vec![next];
        card.unplug();
    });
    bench.sleep(Duration::from_millis(400));
    assert_eq!(bench.events, [lost()], "nobody reads");
    bench.way.read_all();
    bench.wait_for_event(is_reopened);
    bench.pass_more(1_000);
    drop(bench.device.stop().unwrap());
    bench.way.read_all();
    let counters = bench.way.assert_counted();
    assert_eq!(counters.read_frames, bench.card(|card| card.delivered));
}

/// The twin of a source that panics: code that an application runs in the callback.
#[test]
fn a_panic_in_the_users_sink_loses_the_block_and_the_stream_goes_on() {
    struct Sink {
        calls: usize,
        taken: std::sync::mpsc::Sender<usize>,
    }
    impl BlockSink for Sink {
        fn take(&mut self, block: &[u8]) {
            self.calls += 1;
            assert!(!(3..5).contains(&self.calls), "a bug in user code");
            let _ = self.taken.send(block.len());
        }
    }
    let mut request = InputRequest::new(spec("48000x1:s16le"));
    request.block = BlockLength::Frames(100);
    let mut supervision = quick(Policy::Fail);
    // A panic that is written out takes its time.
    supervision.watchdog = Duration::from_secs(10);
    let mut input = SupervisedInput::open(Null, request, supervision).unwrap();
    let (taken, took) = std::sync::mpsc::channel();
    let sink = Box::new(Sink { calls: 0, taken });
    input
        .start(Recorder::into_sink(input.spec(), sink).unwrap())
        .unwrap();
    let begin = Instant::now();
    let (mut blocks, mut events) = (0, Vec::new());
    let both = DeviceEvent::Panicked { count: 2 };
    while blocks < 20 || events.last() != Some(&both) {
        events.extend(std::iter::from_fn(|| input.poll_event()));
        blocks += took.try_iter().count();
        assert!(begin.elapsed() < Duration::from_secs(20), "{events:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(input.stop().unwrap().is_some());
    events.extend(std::iter::from_fn(|| input.poll_event()));
    assert_eq!(events.last(), Some(&both));
}
