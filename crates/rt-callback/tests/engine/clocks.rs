//! Clocks whose count is high, or comes to its end.

use std::cell::Cell;

use crate::common::{samples, spec};
use rt_callback::{
    CaptureConfig, Config, DuplexConfig, Recorder, Reference, Renderer, capture, duplex, stream,
};

thread_local! {
    static NOW_NS: Cell<u64> = const { Cell::new(0) };
}

fn now_ns() -> u64 {
    NOW_NS.get()
}

fn pass(ns: u64) {
    NOW_NS.set(now_ns().wrapping_add(ns));
}

const BLOCK_NS: u64 = 10_000_000;
const BLOCKS: usize = 60;

/// Half of what is played lies behind each of these: what 32 bits hold of microseconds and of nanoseconds, what an
/// `f64` counts exactly, and what 63 and 64 bits hold.
fn origins() -> impl Iterator<Item = u64> {
    let ends = [1 << 32, (1 << 32) * 1_000, 1 << 53, 1 << 63, 0_u64];
    ends.into_iter()
        .map(|end| end.wrapping_sub(BLOCK_NS * BLOCKS as u64 / 2))
}

/// What was rendered, what the reference says was heard with what was captured, and the positions on the way.
type Run = (Vec<f32>, Vec<f32>, Vec<u64>);

fn run(origin_ns: u64) -> Run {
    run_with(origin_ns, |_, _| ())
}

/// As `run`. `between` is called between each two blocks.
fn run_with(origin_ns: u64, between: impl Fn(&mut Renderer, &mut Recorder)) -> Run {
    NOW_NS.set(origin_ns);
    let mut config = Config::new(spec("24000x1:s16le"), spec("48000x1:f32le"));
    config.clock = Some(now_ns);
    config.meter = true;
    config.tap_frames = 24_000;
    let (mut feeder, _controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut config = CaptureConfig::new(spec("44100x1:s16le"), spec("16000x1:f32le"));
    config.clock = Some(now_ns);
    config.timeline = true;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let mut reference = Reference::new(&mut reader, monitor.take_tap().unwrap()).unwrap();
    let data = samples(240 * BLOCKS);
    let (mut sound, mut heard, mut positions) = (Vec::new(), Vec::new(), Vec::new());
    renderer.set_device_latency(1_000);
    for part in data.chunks(240) {
        feeder.push(part).unwrap();
        let mut block = [f32::NAN; 480];
        renderer.render(&mut block);
        sound.extend(block);
        recorder.record(&samples(441));
        pass(BLOCK_NS / 2);
        between(&mut renderer, &mut recorder);
        positions.push(monitor.heard().frames);
        pass(BLOCK_NS / 2);
        let (mut captured, mut said) = ([0.0_f32; 160], [0.0_f32; 160]);
        let both = reference.read_both(&mut reader, &mut captured, &mut said);
        heard.extend(&said[..both.frames]);
    }
    assert_eq!(monitor.snapshot().underruns, 0);
    assert!(monitor.load().is_some());
    (sound, heard, positions)
}

/// RustAudio/cpal#1370: "attempt to add with overflow", where a stream's time was computed from a clock, after minutes.
#[test]
fn a_clock_whose_count_is_high_changes_nothing() {
    let expected = run(0);
    assert!(expected.1.iter().any(|sample| *sample != 0.0));
    for origin in origins() {
        let got = run(origin);
        assert!(got.0 == expected.0, "from {origin}: other sound");
        // Behind the end of 64 bits time begins anew: no clock that is monotonic does that, and no panic is all that is
        // asked.
        if origin < u64::MAX / 4 * 3 {
            assert!(got.1 == expected.1, "from {origin}: another reference");
            assert_eq!(got.2, expected.2, "from {origin}");
        }
    }
}

/// A device may call for no frames. Frames that come later were not heard, or captured, then.
#[test]
fn a_block_without_frames_says_nothing_about_the_time() {
    let expected = run(0);
    let rendered = run_with(0, |renderer, _| {
        renderer.render::<f32>(&mut []);
    });
    let recorded = run_with(0, |_, recorder| {
        recorder.record::<i16>(&[]);
    });
    for got in [rendered, recorded] {
        assert!(got.0 == expected.0, "other sound");
        assert!(got.1 == expected.1, "another reference");
    }
}

/// A clock that comes to its end, where the time of both sides steers how fast the one is read.
#[test]
fn a_duplex_whose_clock_comes_to_its_end_goes_on() {
    let run = |origin: u64| {
        NOW_NS.set(origin);
        let devices = (spec("48000x1:s16le"), spec("48000x1:f32le"));
        let config = DuplexConfig::new(devices.0, devices.1, now_ns);
        let (mut recorder, mut duplex, mut renderer) = duplex(&config).unwrap();
        let data = samples(480 * BLOCKS);
        let mut sound = Vec::new();
        for part in data.chunks(480) {
            recorder.record(part);
            pass(BLOCK_NS / 2);
            duplex.run(|_| ());
            let mut block = [f32::NAN; 480];
            renderer.render(&mut block);
            assert!(block.iter().all(|sample| sample.is_finite()));
            sound.extend(block);
            pass(BLOCK_NS / 2);
        }
        sound
    };
    let expected = run(0);
    assert!(expected.iter().any(|sample| *sample != 0.0));
    for origin in origins() {
        let sound = run(origin);
        assert!(
            sound == expected || origin > u64::MAX / 4 * 3,
            "from {origin}"
        );
        assert!(sound.iter().any(|sample| *sample != 0.0), "from {origin}");
    }
}
