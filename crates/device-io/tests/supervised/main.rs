//! A supervised output on a card that misbehaves.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod bench;

use std::time::{Duration, Instant};

use device_io::{
    BlockLength, DeviceError, DeviceEvent, Null, Output, OutputRequest, Policy, Supervised,
};
use rt_callback::{Config, Decibels, Ramp, stream, stream_from};

use crate::bench::{Bench, is_failed, is_reopened, lost, quick, samples, spec};

const SAME: &[&str] = &["48000x1:s16le"];

fn bytes(data: &[i16]) -> Vec<u8> {
    data.iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

/// Every frame that was queued has been played, in order, and nothing else but silence behind it.
fn assert_played_whole(bench: &Bench, data: &[i16]) {
    let played = bench.all_played();
    let expected = bytes(data);
    assert!(played.starts_with(&expected), "a frame is lost or new");
    assert!(played[expected.len()..].iter().all(|byte| *byte == 0));
    let counters = bench.monitor.snapshot();
    assert_eq!(counters.heard_frames, data.len() as u64);
    assert_eq!((counters.queued_frames, counters.underruns), (0, 0));
}

/// jpochyla/psst#449, RustAudio/rodio#545, #798: a device switch kills playback, or is never
/// followed.
#[test]
fn a_lost_device_is_followed_and_not_a_frame_is_lost() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(2_000);
    bench.card(|card| {
        card.is_dead = true;
        card.events.push_back(lost());
    });
    let event = bench.wait_for_event(is_reopened);
    assert_eq!(
        event,
        DeviceEvent::Reopened {
            device: None,
            spec: spec(SAME[0])
        }
    );
    assert!(bench.events.contains(&lost()));
    bench.hear(data.len() as u64);
    assert_eq!(bench.openings(), 2);
    assert_played_whole(&bench, &data);
}

/// PipeWire: DeviceNotAvailable, 2 ms later DeviceChanged.
#[test]
fn a_loss_that_is_taken_back_restarts_nothing() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| card.events.push_back(lost()));
    std::thread::sleep(Duration::from_millis(2));
    bench.card(|card| card.events.push_back(DeviceEvent::Changed));
    bench.wait_for_event(|event| *event == DeviceEvent::Changed);
    bench.hear(data.len() as u64);
    assert_eq!(bench.openings(), 1);
    assert_eq!(bench.events, [DeviceEvent::Changed]);
    assert_played_whole(&bench, &data);
}

/// RustAudio/cpal#487: PulseAudio's only sink unloaded: no error, callbacks stop.
#[test]
fn a_silent_death_is_noticed_by_the_watchdog() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| card.is_dead = true);
    bench.wait_for_event(is_reopened);
    assert!(
        matches!(bench.events[0], DeviceEvent::Stalled(silent) if silent >= Duration::from_millis(200))
    );
    bench.hear(data.len() as u64);
    assert_played_whole(&bench, &data);
}

/// RustAudio/rodio#677: half a million errors a second.
#[test]
fn a_spinning_error_callback_is_the_end_of_a_device() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Fail), &data);
    bench.hear(1_000);
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
    // What was queued can be had, and played elsewhere.
    let renderer = bench.output.stop().unwrap().unwrap();
    assert!(!renderer.is_at_end());
    assert!(bench.monitor.snapshot().queued_frames > 0);
}

#[test]
fn a_paused_stream_waits_and_goes_on_where_it_was() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Pause), &data);
    bench.hear(1_000);
    bench.card(|card| {
        card.is_dead = true;
        card.events
            .push_back(DeviceEvent::Invalidated("server".into()));
    });
    bench.wait_for_event(|event| *event == DeviceEvent::Held);
    let heard = bench.monitor.snapshot().heard_frames;
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(bench.monitor.snapshot().heard_frames, heard);
    assert_eq!((bench.openings(), bench.output.progress()), (1, None));
    bench.output.resume();
    bench.wait_for_event(is_reopened);
    bench.hear(data.len() as u64);
    assert_played_whole(&bench, &data);
}

#[test]
fn a_device_that_is_gone_is_left_for_the_default_one() {
    let data = samples(24_000);
    let supervision = quick(Policy::Follow);
    let mut bench = Bench::on_device(Some("headset"), SAME, supervision, &data);
    bench.hear(1_000);
    bench.card(|card| {
        card.names_are_gone = true;
        card.is_dead = true;
        card.events.push_back(lost());
    });
    let event = bench.wait_for_event(is_reopened);
    assert!(matches!(event, DeviceEvent::Reopened { device: None, .. }));
    let named = Some("headset".to_owned());
    let openings = bench.card(|card| card.openings.clone());
    assert_eq!(openings, [named.clone(), named, None]);
    bench.hear(data.len() as u64);
    assert_played_whole(&bench, &data);
}

#[test]
fn a_device_is_looked_for_until_there_is_one() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| {
        card.refusals = 2;
        card.is_dead = true;
        card.events.push_back(lost());
    });
    bench.wait_for_event(is_reopened);
    assert_eq!(bench.openings(), 4);
    bench.hear(data.len() as u64);
    assert_played_whole(&bench, &data);
}

#[test]
fn patience_ends_and_the_stream_can_still_be_resumed() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| {
        card.refusals = usize::MAX;
        card.is_dead = true;
        card.events.push_back(lost());
    });
    let failed = bench.wait_for_event(is_failed);
    assert_eq!(
        failed,
        DeviceEvent::Failed("there is no audio device".into())
    );
    assert!((4..30).contains(&bench.openings()), "{}", bench.openings());
    bench.card(|card| card.refusals = 0);
    bench.output.resume();
    bench.hear(data.len() as u64);
    assert_played_whole(&bench, &data);
}

#[test]
fn a_device_that_dies_at_every_start_is_not_tried_for_ever() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| {
        card.is_stillborn = true;
        card.is_dead = true;
        card.events.push_back(lost());
    });
    bench.wait_for_event(is_failed);
    assert!((3..30).contains(&bench.openings()), "{}", bench.openings());
    assert!(bench.output.stop().unwrap().is_some());
}

#[test]
fn another_default_device_is_followed() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| card.default = Some("other".into()));
    bench.wait_for_event(is_reopened);
    assert_eq!(bench.events[0], DeviceEvent::DefaultChanged("other".into()));
    bench.hear(data.len() as u64);
    assert_eq!(bench.openings(), 2, "once");
    assert_played_whole(&bench, &data);
    // But not by who asked for a certain device.
    let mut bench = Bench::on_device(Some("headset"), SAME, quick(Policy::Follow), &data);
    bench.card(|card| card.default = Some("other".into()));
    bench.hear(4_800);
    assert_eq!(bench.openings(), 1);
}

/// PulseAudio's only sink unloaded: `drop(stream)` hangs for ever (4 of 4).
#[test]
fn an_output_that_never_stops_hangs_nobody() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    bench.card(|card| card.hangs = true);
    let begin = Instant::now();
    assert!(matches!(bench.output.stop(), Err(DeviceError::NoAnswer)));
    let card = std::sync::Arc::clone(&bench.card);
    drop(bench);
    assert!(begin.elapsed() < Duration::from_secs(12));
    card.lock().unwrap().hangs = false;
}

#[test]
fn a_stopped_stream_starts_again() {
    let data = samples(24_000);
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.hear(1_000);
    let renderer = bench.output.stop().unwrap().unwrap();
    assert!(bench.output.stop().unwrap().is_none());
    bench.output.start(renderer).unwrap();
    bench.hear(data.len() as u64);
    assert_played_whole(&bench, &data);
    let (_, _, other, _) = stream(&Config::new(spec(SAME[0]), spec(SAME[0]))).unwrap();
    assert!(matches!(
        bench.output.start(other),
        Err(DeviceError::AlreadyStarted)
    ));
}

#[test]
fn a_device_that_cannot_be_opened_is_an_error_at_once() {
    struct Missing;
    impl device_io::Backend for Missing {
        fn name(&self) -> &'static str {
            "missing"
        }
        fn devices(&self) -> Result<Vec<device_io::DeviceInfo>, DeviceError> {
            Err(DeviceError::NoDevice)
        }
        fn open_output(&self, _: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
            Err(DeviceError::NoDevice)
        }
    }
    let request = OutputRequest::new(spec(SAME[0]));
    let opened = Supervised::open(Missing, request.clone(), quick(Policy::Follow));
    assert!(matches!(opened.err(), Some(DeviceError::NoDevice)));
    let opened = Supervised::open(Null, request, quick(Policy::Follow)).unwrap();
    assert_eq!(opened.spec(), spec(SAME[0]));
    assert_eq!(opened.block_frames(), Some(960));
}

/// What was steered before the loss holds after it.
#[test]
fn gain_and_pause_are_kept() {
    let data = vec![1_000_i16; 24_000];
    let mut bench = Bench::new(SAME, quick(Policy::Follow), &data);
    bench.controller.set_gain(Decibels(-6.0206), Ramp::None);
    bench.hear(2_000);
    bench.controller.pause();
    bench.wait_for("a pause", |bench| {
        bench.monitor.snapshot().paused_frames > 200
    });
    let heard = bench.monitor.snapshot().heard_frames;
    bench.card(|card| {
        card.is_dead = true;
        card.events.push_back(lost());
    });
    bench.wait_for_event(is_reopened);
    bench.wait_for("silence", |bench| {
        bench.card(|card| card.played[1].len() > 960)
    });
    assert!(bench.card(|card| card.played[1].iter().all(|byte| *byte == 0)));
    assert_eq!(bench.monitor.snapshot().heard_frames, heard);
    bench.controller.resume();
    bench.hear(data.len() as u64);
    let played = bench.card(|card| card.played[1].clone());
    let half = 500_i16.to_le_bytes();
    let halves = played
        .as_chunks()
        .0
        .iter()
        .filter(|sample| **sample == half);
    // All but the fade-in of 2 ms.
    assert!(halves.count() >= data.len() - heard as usize - 96);
}

/// livekit/rust-sdks#1198, libsdl-org/SDL#11122, mozilla/cubeb#457: a headset that turns from
/// music into a telephone, and back.
#[test]
fn what_the_next_device_takes_is_what_it_gets() {
    const SPECS: &[&str] = &[
        "48000x2:f32le",
        "16000x1:s16le",
        "44100x2:s16le",
        "48000x8:s32le",
    ];
    let data = samples(24_000);
    let mut bench = Bench::new(SPECS, quick(Policy::Follow), &data);
    let mut latency = 0;
    for (next, expected) in SPECS.iter().enumerate().skip(1) {
        let heard = bench.monitor.snapshot().heard_frames;
        bench.hear(heard + 1_000);
        bench.card(|card| {
            card.is_dead = true;
            card.events.push_back(lost());
        });
        let event = bench.wait_for_event(is_reopened);
        let spec = spec(expected);
        assert_eq!(event, DeviceEvent::Reopened { device: None, spec });
        assert_eq!(bench.output.spec(), spec);
        assert_eq!(bench.openings(), next + 1);
        // No resampler reads further ahead than this.
        latency += 200;
    }
    bench.wait_for("the end", |bench| bench.monitor.snapshot().is_played_out());
    let counters = bench.monitor.snapshot();
    assert_eq!(
        counters.heard_frames + counters.dropped_frames,
        data.len() as u64
    );
    assert!(counters.dropped_frames <= latency, "{counters:?}");
    assert_eq!(counters.underruns, 0);
}

/// mozilla/cubeb-coreaudio-rs#277: user code that panics in the callback takes the application
/// down.
#[test]
fn a_panic_in_the_users_source_is_silence_and_the_stream_goes_on() {
    let device = spec("48000x1:s16le");
    let mut calls = 0;
    let source = move |block: &mut [f32]| {
        calls += 1;
        assert!(!(3..5).contains(&calls), "a bug in user code");
        block.fill(0.5);
        block.len()
    };
    let (_controller, renderer, monitor) =
        stream_from(&Config::new(device, device), Box::new(source)).unwrap();
    let mut request = OutputRequest::new(device);
    request.block = BlockLength::Frames(100);
    let mut output = Supervised::open(Null, request, quick(Policy::Fail)).unwrap();
    output.start(renderer).unwrap();
    let begin = Instant::now();
    let mut events = Vec::new();
    let both = DeviceEvent::Panicked { count: 2 };
    // The two panics may be told of one by one, by a thread that looks now and then.
    while monitor.snapshot().heard_frames < 2_000 || events.last() != Some(&both) {
        events.extend(std::iter::from_fn(|| output.poll_event()));
        assert!(begin.elapsed() < Duration::from_secs(20), "{events:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(output.stop().unwrap().is_some());
    events.extend(std::iter::from_fn(|| output.poll_event()));
    assert_eq!(events.last(), Some(&both));
}
