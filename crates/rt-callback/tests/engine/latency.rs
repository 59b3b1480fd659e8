//! When a frame is heard: each device here keeps a timeline of its own, which says when which frame was due.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::common::{config, events, render_blocks, samples, spec};
use rt_callback::{
    Config, DrainError, Drained, EventKind, Feeder, Heard, Mixer, Monitor, Ramp, Renderer,
    Resample, stream, stream_from,
};

/// A device that plays a frame every 1/48,000 s, whatever its blocks, and asks for a block so early that its first
/// frame is heard `latency` frames later. Its time is counted in frames, and told in nanoseconds.
struct Device {
    renderer: Renderer,
    block: usize,
    latency: u64,
    /// Frames that have passed, and those that were asked for.
    now: u64,
    asked: u64,
}

thread_local! {
    /// Each test has a clock of its own.
    static NOW_NS: AtomicU64 = const { AtomicU64::new(0) };
}

fn clock() -> u64 {
    NOW_NS.with(|now| now.load(Ordering::Relaxed))
}

impl Device {
    fn new(mut renderer: Renderer, block: usize, latency: u64) -> Self {
        NOW_NS.with(|now| now.store(0, Ordering::Relaxed));
        renderer.set_device_latency(latency);
        Self {
            renderer,
            block,
            latency,
            now: 0,
            asked: 0,
        }
    }

    /// Lets one frame pass. A block is asked for as it begins: block n at frame n x block.
    fn pass(&mut self) {
        if self.now == self.asked {
            self.renderer.set_device_latency(self.latency);
            let mut block = vec![0.0_f32; self.block * self.renderer.device().channels()];
            self.renderer.render(&mut block);
            self.asked += self.block as u64;
        }
        self.now += 1;
        let now_ns = self.now * 1_000_000_000 / 48_000;
        NOW_NS.with(|now| now.store(now_ns, Ordering::Relaxed));
    }

    /// How many device frames have been heard by now, by the timeline.
    fn heard(&self) -> u64 {
        self.now.saturating_sub(self.latency)
    }
}

/// "The last words are cut by a block; the position is ahead by a block" (livekit/node-sdks#693,
/// BillyDM/Firewheel#48): blocks of 5, 20 and 100 ms, with and without a clock.
#[test]
fn a_drain_ends_when_the_last_frame_is_heard_and_the_position_is_never_ahead() {
    for block in [240, 960, 4_800, 1_000] {
        for latency in [0, 100, 960, 24_000] {
            for has_clock in [false, true] {
                for (source, resample) in [
                    ("48000x1:s16le", Resample::Linear),
                    ("24000x1:s16le", Resample::Balanced),
                ] {
                    let mut config = config(source, "48000x1:f32le");
                    config.resample = resample;
                    config.clock = has_clock.then_some(clock);
                    let (mut feeder, _, renderer, monitor) = stream(&config).unwrap();
                    let mut device = Device::new(renderer, block, latency);
                    let from = u64::from(config.source.rate_hz);
                    let frames = from / 10 + 77;
                    feeder.push(&samples(frames as usize)).unwrap();
                    let last = (frames * 48_000).div_ceil(from);
                    let mut drained_at = None;
                    let mut heard_before = 0;
                    while drained_at.is_none() {
                        device.pass();
                        let real = device.heard().min(last) * from / 48_000;
                        let heard = monitor.heard().frames;
                        assert!(heard <= real, "{block} {latency}: {heard} of {real}");
                        assert!(heard >= heard_before);
                        heard_before = heard;
                        // Not behind either: by a look of the clock, or by a block. (What is remembered lies a
                        // twelfth of the latency apart, and where the sound ends it is told in proportion.)
                        let behind = if has_clock { 2 } else { block as u64 };
                        let ends = latency / 12 + block as u64;
                        let slack = if device.heard() + ends < last {
                            behind
                        } else {
                            behind + ends
                        };
                        assert!(
                            heard + slack >= real,
                            "{block} {latency}: {heard} of {real}"
                        );
                        match feeder.drain(Duration::ZERO) {
                            Ok(drained) => {
                                assert_eq!(drained, Drained::Heard);
                                drained_at = Some(device.now);
                            }
                            Err(error) => assert_eq!(error, DrainError::TimedOut),
                        }
                        assert!(device.now < 200_000);
                    }
                    // The last frame is heard when the one behind it would be.
                    let due = last + latency;
                    let late = if has_clock { 2 } else { block as u64 };
                    let at = drained_at.unwrap();
                    assert!(
                        (due..=due + late).contains(&at),
                        "{block} {latency} {has_clock}: {at}, due {due}"
                    );
                }
            }
        }
    }
}

/// Any latency is no more than a latency: nothing overflows.
#[test]
fn a_latency_without_end_is_heard_never() {
    for latency in [u64::MAX, u64::MAX - 1, u64::MAX / 2, 1 << 40] {
        let config = config("48000x1:s16le", "48000x1:f32le");
        let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
        renderer.set_device_latency(latency);
        feeder.push(&samples(480)).unwrap();
        render_blocks(&mut renderer, 480, &[100]);
        assert_eq!(monitor.heard(), Heard::default());
        assert_eq!(feeder.drain(Duration::ZERO), Err(DrainError::TimedOut));
        controller.interrupt(Ramp::None);
        feeder.push(&samples(480)).unwrap();
        renderer.rebind(spec("44100x1:f32le")).unwrap();
        render_blocks(&mut renderer, 480, &[100]);
        assert_eq!(monitor.heard(), Heard::default());
        events(&mut monitor);
    }
}

/// A pause or an underrun holds the position where it is, and it does not jump ahead where sound goes on in the
/// middle of a block.
#[test]
fn the_position_stands_while_nothing_is_heard() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.clock = Some(clock);
    config.lead_in_frames = 1_100;
    let (mut feeder, controller, renderer, monitor) = stream(&config).unwrap();
    let mut device = Device::new(renderer, 480, 0);
    feeder.push(&samples(4_000)).unwrap();
    for _ in 0..1_100 {
        device.pass();
        assert_eq!(monitor.heard().frames, 0, "the lead-in");
    }
    for frame in 1..1_000 {
        device.pass();
        assert!(monitor.heard().frames <= frame);
        assert!(monitor.heard().frames + 2 >= frame);
    }
    controller.pause();
    while device.now < device.asked {
        device.pass();
    }
    let at = device.now - 1_100;
    for _ in 0..2_000 {
        device.pass();
        assert_eq!(monitor.heard().frames, at);
    }
    controller.resume();
    while device.now < device.asked {
        device.pass();
    }
    device.pass();
    assert!(monitor.heard().frames <= at + 1);
}

/// A sound that ends, or runs dry, in the middle of a block is heard in proportion up to there, and stands: a drain
/// that has ended says that all of it was heard, and so does the position.
#[test]
fn the_position_is_the_whole_as_soon_as_the_last_frame_is_heard() {
    for block in [240, 480, 960, 4_800] {
        for latency in [0, 700] {
            for declared in [true, false] {
                let mut config = config("48000x1:s16le", "48000x1:f32le");
                config.clock = Some(clock);
                let (mut feeder, _controller, renderer, monitor) = stream(&config).unwrap();
                let mut device = Device::new(renderer, block, latency);
                feeder.push(&samples(500)).unwrap();
                if declared {
                    feeder.end_utterance().unwrap();
                }
                for frame in 0..500_u64 {
                    let heard = monitor.heard().frames;
                    assert!(heard <= frame, "{block} {latency} {declared}: {heard}");
                    while device.heard() <= frame {
                        device.pass();
                    }
                }
                let heard = monitor.heard().frames;
                assert!(
                    heard + 2 >= 500,
                    "{block} {latency} {declared}: {heard} of 500"
                );
                device.pass();
                assert_eq!(monitor.heard().frames, 500);
                if declared {
                    assert_eq!(feeder.drain(Duration::ZERO), Ok(Drained::Heard));
                }
            }
        }
    }
}

fn feed(feeder: &mut Feeder) {
    let frames = feeder.source().rate_hz as usize / 2;
    feeder.push(&vec![0.5_f32; frames]).unwrap();
}

/// "`Mixer::set_device_latency` hands device frames to inputs that count bus frames": `heard()` was off by the ratio
/// of the rates. Mixers in mixers too, each with a rate of its own, through its resampler.
#[test]
fn a_mixers_inputs_are_heard_when_the_device_plays_them() {
    for resample in [Resample::Linear, Resample::Balanced] {
        for buses in [
            &[48_000_u32][..],
            &[24_000],
            &[16_000],
            &[96_000],
            &[24_000, 44_100],
            &[96_000, 8_000, 32_000],
        ] {
            // The innermost first; each is the source of the next.
            let bus = |rate: u32| spec(&format!("{rate}x1:f32le"));
            let mut mixer = Mixer::new(bus(buses[0]));
            let mut config = Config::new(bus(16_000), bus(buses[0]));
            config.clock = Some(clock);
            config.resample = resample;
            let (mut feeder, _, monitor) = mixer.add(&config).unwrap();
            // A mixer goes into another as the source of a stream that is rendered by it.
            let mut inner = mixer;
            for pair in buses.windows(2) {
                inner = nest(inner, bus(pair[0]), bus(pair[1]), resample);
            }
            let mut outer = Config::new(bus(*buses.last().unwrap()), bus(48_000));
            outer.resample = resample;
            let (_, renderer, _) = stream_from(&outer, Box::new(inner)).unwrap();
            let latency = 4_800;
            let mut device = Device::new(renderer, 480, latency);
            feed(&mut feeder);
            for _ in 0..24_000 {
                device.pass();
                let real = device.heard() as f64 / 48_000.0;
                let heard = monitor.heard().frames as f64 / 16_000.0;
                // To what the resamplers round, and less than a block of 10 ms.
                assert!(
                    (heard - real).abs() < 0.002,
                    "{resample} {buses:?}: {heard} {real}"
                );
            }
        }
    }
}

/// A mixer of another rate with one input: the stream that the first mixer is the source of.
fn nest(
    inner: Mixer,
    from: rt_callback::StreamSpec,
    to: rt_callback::StreamSpec,
    resample: Resample,
) -> Mixer {
    let mut config = Config::new(from, to);
    config.resample = resample;
    let mut outer = Mixer::new(to);
    outer.add_source(&config, Box::new(inner)).unwrap();
    outer
}

/// "A rebind to another rate is invisible downstream": each event says at which rate it counts, and when it
/// happened.
#[test]
fn events_say_at_which_rate_they_count() {
    let config = config("16000x1:s16le", "48000x1:f32le");
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    render_blocks(&mut renderer, 4_800, &[480]); // 100 ms
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&samples(1_600)).unwrap();
    let mut at = 4_800;
    for (rate, frames) in [(48_000, 480), (16_000, 160), (44_100, 441)] {
        renderer.rebind(spec(&format!("{rate}x1:f32le"))).unwrap();
        feeder.mark().unwrap();
        feeder.push(&samples(160)).unwrap();
        // 10 ms on each: of what was pushed first.
        render_blocks(&mut renderer, frames, &[100]);
        at += frames as u64;
    }
    drop(feeder);
    while !renderer.is_at_end() {
        renderer.render(&mut [0.0_f32; 441]);
    }
    let told = events(&mut monitor);
    assert_eq!(
        (told[0].kind, told[0].rate_hz),
        (EventKind::Started { utterance: id }, 48_000)
    );
    assert_eq!(told[0].time(), Duration::from_millis(100));
    let last = told.last().unwrap();
    assert_eq!(last.rate_hz, 44_100);
    assert!(matches!(last.kind, EventKind::Finished { heard_frames, .. } if heard_frames > 2_000));
    // 120 ms on the first two, the rest at 44.1 kHz.
    let since = last.at_frame - (at - 441);
    let expected =
        Duration::from_millis(120) + Duration::from_nanos(since * 1_000_000_000 / 44_100);
    assert_eq!(last.time(), expected);
    // How long it was heard, exactly, in the source's time.
    let EventKind::Finished { heard_frames, .. } = last.kind else {
        unreachable!()
    };
    assert_eq!(
        last.heard_time(),
        Duration::from_nanos(heard_frames * 1_000_000_000 / 16_000)
    );
    assert!(
        told.iter()
            .all(|event| event.rate_hz == 44_100 || event.at_frame <= at)
    );
}

/// A stretch of what was rendered never spans two rates, and says which is its own.
#[test]
fn tapped_stretches_say_at_which_rate_they_count() {
    let mut config = config("48000x1:s16le", "48000x2:f32le");
    config.tap_frames = 10_000;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut tap = monitor.take_tap().unwrap();
    feeder.push(&samples(10_000)).unwrap();
    let mut expected = Vec::new();
    for (device, rate, channels) in [
        ("48000x2:f32le", 48_000, 2),
        ("44100x2:f32le", 44_100, 2),
        ("48000x2:f32le", 48_000, 2),
        ("48000x1:f32le", 48_000, 1),
    ] {
        renderer.rebind(spec(device)).unwrap();
        for _ in 0..2 {
            render_blocks(&mut renderer, 100, &[100]);
        }
        expected.push((200 * expected.len() as u64, rate, 200, channels));
    }
    let mut read = Vec::new();
    loop {
        let tapped = tap.read(&mut [0.0_f32; 2_000]);
        if tapped.frames == 0 {
            break;
        }
        read.push((
            tapped.at_frame,
            tapped.rate_hz,
            tapped.frames,
            tapped.channels,
        ));
    }
    assert_eq!(read, expected);
}

/// Times beside frames: exact, across a change of the source's rate as well.
#[test]
fn what_was_heard_is_told_as_a_time_as_well() {
    let config = config("16000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let readings: &Monitor = &monitor;
    feeder.push(&samples(1_601)).unwrap();
    feeder.end_utterance().unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&samples(160)).unwrap(); // 10 ms
    feeder.set_source(spec("44100x1:s16le")).unwrap();
    feeder.push(&samples(44_100 / 4)).unwrap(); // 250 ms
    render_blocks(&mut renderer, 4_803 + 480 + 2_400, &[480]);
    renderer.render::<f32>(&mut []);
    let heard = readings.heard();
    assert_eq!(heard.frames, 1_601 + 160 + 2_205);
    assert_eq!(
        heard.time(),
        Duration::from_nanos(100_062_500 + 10_000_000 + 50_000_000)
    );
    assert_eq!(
        (heard.utterance_frames, heard.utterance_time()),
        (160 + 2_205, Duration::from_millis(60))
    );
    controller.interrupt(Ramp::Frames(480));
    render_blocks(&mut renderer, 1_000, &[480]);
    let receipt = events(&mut monitor).pop().unwrap();
    assert!(
        matches!(receipt.kind, EventKind::Interrupted { heard_frames, .. } if heard_frames == 160 + 2_646)
    );
    assert_eq!(receipt.heard_time(), Duration::from_millis(70));
    assert_eq!(
        receipt.time(),
        Duration::from_nanos((4_803 + 480 + 2_400 + 480) * 1_000_000_000 / 48_000)
    );
}

/// A pause inside a block is where it was: what is heard does not move evenly from the block's begin to its end.
#[test]
fn what_a_script_does_inside_a_block_is_heard_where_it_was_done() {
    use rt_callback::{Command, Timed};
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.script = [(100, Command::Pause), (250, Command::Resume)]
        .map(|(at_frame, command)| Timed { at_frame, command })
        .to_vec();
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&samples(1_000)).unwrap();
    renderer.set_device_latency(200);
    for (heard_at, frames) in [(0, 0), (100, 100)] {
        render_blocks(&mut renderer, 300, &[300]);
        assert_eq!(monitor.heard().frames, frames, "{heard_at}");
    }
    for (latency, frames) in [(150, 100), (60, 100), (50, 100), (25, 125), (0, 150)] {
        renderer.set_device_latency(latency);
        assert_eq!(monitor.heard().frames, frames, "{latency}");
    }
}
