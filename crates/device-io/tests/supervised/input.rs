//! What only a supervised input has.

use std::time::{Duration, Instant};

use device_io::{
    BlockLength, DeviceError, DeviceEvent, Input, InputRequest, Null, Policy, SupervisedInput,
};
use rt_callback::{BlockSink, ConfigError, Recorder};

use crate::bench::{Bench, Recording, is_reopened, lost, quick, spec};

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

/// What was said while there was no microphone is one gap, as long as that was.
#[test]
fn a_microphone_that_was_gone_is_one_gap_of_that_length() {
    for specs in [
        &["48000x1:s16le", "48000x1:s16le"][..],
        &["48000x1:s16le", "16000x1:s16le"],
    ] {
        let mut bench = Bench::<Recording>::new(specs, quick(Policy::Follow));
        bench.pass_more(2_000);
        let gone = Instant::now();
        bench.card(|card| {
            card.refusals = usize::MAX;
            card.unplug();
        });
        bench.sleep(Duration::from_millis(400));
        bench.card(|card| card.refusals = 0);
        bench.wait_for_event(is_reopened);
        let most = gone.elapsed();
        bench.pass_more(2_000);
        drop(bench.device.stop().unwrap());
        bench.way.read_all();
        let counters = bench.way.assert_counted();
        let gaps = bench.way.gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        // From the last look that saw a block to the start of the next device.
        let length = gaps[0].duration();
        assert!(length >= Duration::from_millis(400), "{length:?}");
        assert!(
            length <= most + Duration::from_millis(50),
            "{length:?} {most:?}"
        );
        assert_eq!(gaps[0].rate_hz, 48_000);
        assert_eq!(counters.absent_frames, gaps[0].frames);
        assert_eq!(counters.overruns, 0);
    }
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
