//! What only a supervised output has.

use std::time::{Duration, Instant};

use device_io::{BlockLength, DeviceEvent, Null, Output, OutputRequest, Policy, Supervised};
use rt_callback::{Config, Decibels, Ramp, stream_from};

use crate::bench::{Bench, Playing, SAME, Way as _, card, is_reopened, quick, spec};

/// What was steered before the loss holds after it.
#[test]
fn gain_and_pause_are_kept() {
    let data = vec![1_000_i16; Playing::FRAMES as usize];
    let (backend, card) = card(SAME);
    let request = OutputRequest::new(spec(SAME[0]));
    let output = Supervised::open(backend, request, quick(Policy::Follow)).unwrap();
    let (playing, renderer) = Playing::of(&data, &output);
    let mut bench = Bench::start(card, output, playing, renderer);
    bench.way.controller.set_gain(Decibels(-6.0206), Ramp::None);
    bench.pass(2_000);
    bench.way.controller.pause();
    bench.wait_for("a pause", |bench| {
        bench.way.monitor.snapshot().paused_frames > 200
    });
    let heard = bench.way.monitor.snapshot().heard_frames;
    bench.card(|card| card.unplug());
    bench.wait_for_event(is_reopened);
    bench.wait_for("silence", |bench| {
        bench.card(|card| card.played[1].len() > 960)
    });
    assert!(bench.card(|card| card.played[1].iter().all(|byte| *byte == 0)));
    assert_eq!(bench.way.monitor.snapshot().heard_frames, heard);
    bench.way.controller.resume();
    bench.pass(Playing::FRAMES);
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
    let mut bench = Bench::<Playing>::new(SPECS, quick(Policy::Follow));
    let mut latency = 0;
    for (next, expected) in SPECS.iter().enumerate().skip(1) {
        let heard = bench.way.monitor.snapshot().heard_frames;
        bench.pass(heard + 1_000);
        bench.card(|card| card.unplug());
        let event = bench.wait_for_event(is_reopened);
        let spec = spec(expected);
        assert_eq!(event, DeviceEvent::Reopened { device: None, spec });
        assert_eq!(bench.device.spec(), spec);
        assert_eq!(bench.openings(), next + 1);
        // No resampler reads further ahead than this.
        latency += 200;
    }
    bench.wait_for("the end", |bench| {
        bench.way.monitor.snapshot().is_played_out()
    });
    let counters = bench.way.monitor.snapshot();
    assert_eq!(
        counters.heard_frames + counters.dropped_frames,
        Playing::FRAMES
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
    let mut supervision = quick(Policy::Fail);
    // A panic that is written out takes its time.
    supervision.watchdog = Duration::from_secs(10);
    let mut output = Supervised::open(Null, request, supervision).unwrap();
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
