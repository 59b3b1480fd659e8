//! Devices that misbehave, and an engine that goes on.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use device_io::{
    Backend, Clock, DeviceError, DeviceEvent, DeviceInfo, Fault, FaultInjector, Faults, Input,
    InputRequest, Null, Offline, Output, OutputRequest, Policy, Progress, Supervised,
    SupervisedInput, Supervision,
};
use rt_callback::{
    CaptureConfig, Config, Counters, Feeder, FrameSource, Gaps, Monitor, Reader, Renderer,
    StreamSpec, capture, stream, stream_from,
};

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Never silent, so that silence can be told from it.
fn samples(count: usize) -> Vec<i16> {
    (0..count)
        .map(|i| ((i * i * 31 + i) % 30_000) as i16 + 1)
        .collect()
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|s| s.to_le_bytes()).collect()
}

fn prefilled(source: &str, device: StreamSpec, data: &[i16]) -> (Feeder, Renderer, Monitor) {
    let mut config = Config::new(spec(source), device);
    config.queue_frames = data.len();
    config.ramp_frames = 0;
    let (mut feeder, _, renderer, monitor) = stream(&config).unwrap();
    feeder.push(data).unwrap();
    feeder.end_utterance().unwrap();
    (feeder, renderer, monitor)
}

struct Played {
    bytes: Vec<u8>,
    counters: Counters,
    progress: Progress,
    events: Vec<DeviceEvent>,
    output: Box<dyn Output>,
    clock: Clock,
}

/// Plays on a hostile device in blocks of these sizes.
fn play(faults: Faults, device: &str, data: &[i16], blocks: &[usize], rounds: usize) -> Played {
    let (offline, mut clock) = Offline::new();
    let hostile = FaultInjector::new(offline, faults);
    let device = spec(device);
    let mut output = hostile.open_output(&OutputRequest::new(device)).unwrap();
    let (_feeder, renderer, monitor) = prefilled("24000x1:s16le", device, data);
    output.start(renderer).unwrap();
    let mut bytes = Vec::new();
    for block in blocks.iter().cycle().take(rounds) {
        clock
            .tick(*block, |block| bytes.extend_from_slice(block))
            .unwrap();
    }
    Played {
        bytes,
        counters: monitor.snapshot(),
        progress: output.progress().unwrap(),
        events: std::iter::from_fn(|| output.poll_event()).collect(),
        output,
        clock,
    }
}

#[test]
fn blocks_of_any_size_change_no_bit() {
    let data = samples(9_600);
    for device in [
        "48000x2:s16le",
        "48000x1:f32le",
        "44100x2:s24_32le",
        "48000x1:u8",
    ] {
        let expected = play(Faults::new(0), device, &data, &[20_000], 1).bytes;
        assert!(expected.iter().any(|byte| *byte != 0));
        for faults in [
            Faults::new(1).odd_blocks(300),
            Faults::new(2).odd_blocks(5),
            Faults::new(3).first_block(96_000),
            Faults::new(4).odd_blocks(1_000).first_block(1),
        ] {
            let played = play(faults.clone(), device, &data, &[480, 1, 519], 60);
            assert!(played.bytes == expected, "{device} {faults:?}");
            assert_eq!(played.counters.underruns, 0);
        }
    }
}

/// A device that the test calls by hand, and that says how late it is.
#[derive(Clone, Default)]
struct Late(Arc<Mutex<Option<Renderer>>>);

impl Backend for Late {
    fn name(&self) -> &'static str {
        "late"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        Ok(Vec::new())
    }

    fn open_output(&self, _: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        Ok(Box::new(self.clone()))
    }
}

impl Output for Late {
    fn spec(&self) -> StreamSpec {
        spec("48000x1:f32le")
    }

    fn block_frames(&self) -> Option<usize> {
        None
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        *self.0.lock().unwrap() = Some(renderer);
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        Ok(self.0.lock().unwrap().take())
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        None
    }
}

/// Notes, each time it is asked for frames, which the first of them is, and how late that will be.
struct Watch {
    frames: u64,
    latency_frames: u64,
    seen: Arc<Mutex<Vec<(u64, u64)>>>,
}

impl FrameSource for Watch {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        block.fill(0.5);
        let seen = (self.frames, self.latency_frames);
        self.seen.lock().unwrap().push(seen);
        self.frames += block.len() as u64;
        block.len()
    }

    fn set_device_latency(&mut self, frames: u64) {
        self.latency_frames = frames;
    }
}

/// Whatever the blocks are, each frame is as late as it is heard after the device asked.
#[test]
fn the_latency_of_a_device_goes_through_to_the_frame() {
    for faults in [
        Faults::new(1),
        Faults::new(2).odd_blocks(300),
        Faults::new(3).odd_blocks(2_000),
        Faults::new(4).first_block(10_000),
    ] {
        let late = Late::default();
        let device = spec("48000x1:f32le");
        let hostile = FaultInjector::new(late.clone(), faults.clone());
        let mut output = hostile.open_output(&OutputRequest::new(device)).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let watch = Watch {
            frames: 0,
            latency_frames: 0,
            seen: Arc::clone(&seen),
        };
        let config = Config::new(device, device);
        let (_, renderer, monitor) = stream_from(&config, Box::new(watch)).unwrap();
        output.start(renderer).unwrap();
        let (mut asked, mut looks) = (0, 0);
        for (latency_frames, frames) in [(0, 480), (900, 480), (700, 2_000), (700, 1), (950, 960)]
            .into_iter()
            .cycle()
            .take(40)
        {
            let mut renderer = late.0.lock().unwrap();
            let renderer = renderer.as_mut().unwrap();
            renderer.set_device_latency(latency_frames);
            renderer.render(&mut vec![0.0_f32; frames]);
            for (frame, frame_latency) in seen.lock().unwrap().drain(..) {
                assert_eq!(frame_latency, latency_frames + frame - asked, "{faults:?}");
                looks += 1;
            }
            asked += frames as u64;
        }
        assert!(looks > 10);
        assert!(monitor.snapshot().rendered_frames >= asked);
    }
}

#[test]
fn wrong_shapes_are_counted_and_heard_by_nobody() {
    let data = samples(2_400);
    let expected = play(Faults::new(0), "48000x2:s16le", &data, &[480], 10).bytes;
    let faults = Faults::new(7)
        .odd_blocks(200)
        .chance(0.5, Fault::WrongShape)
        .at(100, Fault::WrongShape);
    let played = play(faults, "48000x2:s16le", &data, &[480], 10);
    assert_eq!(played.bytes, expected);
    assert!(played.counters.shape_mismatches > 10);
}

#[test]
fn a_stall_is_silence_and_costs_nothing_that_was_queued() {
    let data = samples(2_400);
    let smooth = play(Faults::new(0), "48000x1:s16le", &data, &[480], 12).bytes;
    let faults = Faults::new(0).at(960, Fault::Stall { frames: 700 });
    let stalled = play(faults, "48000x1:s16le", &data, &[480], 12);
    let mut expected = smooth[..2 * 960].to_vec();
    expected.extend([0; 2 * 700]);
    expected.extend(&smooth[2 * 960..2 * (12 * 480 - 700)]);
    assert_eq!(stalled.bytes, expected);
    // The renderer has not been asked meanwhile.
    assert_eq!(stalled.progress.frames, 12 * 480 - 700);
    assert_eq!(stalled.counters.underruns, 0);
}

/// The same seed is the same device, however the one behind it cuts its blocks; another is another.
#[test]
fn faults_are_reproducible() {
    let faults = |seed| {
        Faults::new(seed)
            .odd_blocks(400)
            .chance(0.1, Fault::Stall { frames: 50 })
            .chance(0.2, Fault::WrongShape)
            .chance(0.2, Fault::Xrun)
            .at(3_000, Fault::Errors(9))
    };
    let data = samples(4_800);
    let run = |seed, block: usize| {
        let played = play(
            faults(seed),
            "48000x2:s16le",
            &data,
            &[block],
            14_400 / block,
        );
        let mismatches = played.counters.shape_mismatches;
        (played.bytes, mismatches, played.events)
    };
    let first = run(5, 480);
    assert_eq!(first, run(5, 480));
    assert_eq!(first, run(5, 96));
    let other = run(6, 480);
    assert_ne!(first.0, other.0);
    assert!(first.2.contains(&DeviceEvent::Xrun));
    let errors = DeviceEvent::Errors {
        words: "made to complain".into(),
        count: 9,
    };
    assert_eq!(first.2.iter().filter(|event| **event == errors).count(), 1);
    // Whatever was done to it, all of it was played, in order.
    let sounding = |bytes: &[u8]| -> Vec<u8> {
        let frames = bytes.chunks(4).filter(|frame| **frame != [0; 4]);
        frames.flatten().copied().collect()
    };
    let expected = play(Faults::new(0), "48000x2:s16le", &data, &[480], 30).bytes;
    assert_eq!(sounding(&first.0), sounding(&expected));
}

#[test]
fn a_lost_device_gives_the_renderer_back() {
    let data = samples(2_400);
    let expected = play(Faults::new(0), "48000x1:s16le", &data, &[480], 10).bytes;
    for (fault, events) in [(Fault::Lose, 1), (Fault::Invalidate, 2), (Fault::Die, 0)] {
        let faults = Faults::new(3).odd_blocks(100).at(1_000, fault);
        let mut played = play(faults, "48000x1:s16le", &data, &[480], 5);
        assert_eq!(played.events.len(), events, "{fault:?}");
        let heard = played.progress.frames as usize;
        assert!((1_000..1_100).contains(&heard));
        assert!(played.bytes[2 * heard..].iter().all(|byte| *byte == 0));
        let renderer = played.output.stop().unwrap().unwrap();
        assert!(played.clock.tick(10, |_| ()).is_none());
        assert!(played.output.stop().unwrap().is_none());
        // On another device nothing is missing.
        let (offline, mut clock) = Offline::new();
        let mut output = offline
            .open_output(&OutputRequest::new(spec("48000x1:s16le")))
            .unwrap();
        output.start(renderer).unwrap();
        let mut bytes = played.bytes[..2 * heard].to_vec();
        clock.tick(4_800 - heard, |block| bytes.extend_from_slice(block));
        assert_eq!(bytes, expected);
    }
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{what} never came"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// With the supervisor in front the application does not notice; a loss that is none costs no
/// restart.
#[test]
fn a_supervised_output_survives() {
    for (fault, reopened) in [
        (Fault::Lose, 1),
        (Fault::Invalidate, 1),
        (Fault::Die, 1),
        (Fault::SpuriousLoss, 0),
        (Fault::Late(Duration::from_millis(30)), 0),
    ] {
        let faults = Faults::new(1).at(2_400, fault);
        let device = spec("48000x1:s16le");
        let mut request = OutputRequest::new(device);
        request.block = Duration::from_millis(5).into();
        let mut supervision = Supervision::new(Policy::Follow);
        supervision.watchdog = Duration::from_millis(200);
        let hostile = FaultInjector::new(Null, faults);
        let mut output = Supervised::open(hostile, request, supervision).unwrap();
        let (_feeder, renderer, monitor) = prefilled("24000x1:s16le", device, &samples(4_800));
        output.start(renderer).unwrap();
        let mut events = Vec::new();
        wait_for("the end", || {
            events.extend(std::iter::from_fn(|| output.poll_event()));
            let reopenings = events
                .iter()
                .filter(|event| matches!(event, DeviceEvent::Reopened { .. }));
            reopenings.count() == reopened && monitor.snapshot().heard_frames == 4_800
        });
        let counters = monitor.snapshot();
        assert_eq!(
            (counters.dropped_frames, counters.underruns),
            (0, 0),
            "{fault:?}"
        );
        assert!(output.stop().unwrap().is_some());
    }
}

/// What such a device never delivered is one gap; all else is counted.
#[test]
fn a_supervised_input_survives() {
    for (fault, reopened) in [
        (Fault::Lose, 1),
        (Fault::Invalidate, 1),
        (Fault::Die, 1),
        (Fault::SpuriousLoss, 0),
        (Fault::Late(Duration::from_millis(30)), 0),
        (Fault::WrongShape, 0),
    ] {
        let faults = Faults::new(1).at(2_400, fault);
        let device = spec("48000x1:s16le");
        let mut request = InputRequest::new(device);
        request.block = Duration::from_millis(5).into();
        let mut supervision = Supervision::new(Policy::Follow);
        supervision.watchdog = Duration::from_millis(200);
        let hostile = FaultInjector::new(Null, faults);
        let mut input = SupervisedInput::open(hostile, request, supervision).unwrap();
        let (recorder, mut reader) = capture(&CaptureConfig::new(device, device)).unwrap();
        input.start(recorder).unwrap();
        let mut events = Vec::new();
        let mut block = [0_i16; 480];
        wait_for("the end", || {
            events.extend(std::iter::from_fn(|| input.poll_event()));
            while reader.read(&mut block) > 0 {}
            let reopenings = events
                .iter()
                .filter(|event| matches!(event, DeviceEvent::Reopened { .. }));
            reopenings.count() == reopened && reader.snapshot().read_frames > 9_600
        });
        drop(input.stop().unwrap().unwrap());
        while reader.read(&mut block) > 0 {}
        let mut lost = 0;
        reader.poll(|gap| lost += gap.frames);
        let counters = reader.snapshot();
        assert_eq!(
            (counters.captured_frames, counters.dropped_frames),
            (counters.read_frames + lost, lost),
            "{fault:?}"
        );
        let wrong = u64::from(fault == Fault::WrongShape);
        assert_eq!(counters.shape_mismatches, wrong, "{fault:?}");
    }
}

fn listen(faults: Faults) -> (Box<dyn Input>, Reader, Clock) {
    let (offline, clock) = Offline::new();
    let hostile = FaultInjector::new(offline, faults);
    let device = spec("48000x2:s16le");
    let mut input = hostile.open_input(&InputRequest::new(device)).unwrap();
    let mut config = CaptureConfig::new(device, device);
    config.gaps = Gaps::Skip;
    let (recorder, reader) = capture(&config).unwrap();
    input.start(recorder).unwrap();
    (input, reader, clock)
}

#[test]
fn a_capture_puts_up_with_a_hostile_device() {
    let data = samples(2 * 4_800);
    let faults = Faults::new(11)
        .odd_blocks(333)
        .chance(0.3, Fault::WrongShape)
        .at(2_000, Fault::Stall { frames: 500 })
        .at(4_000, Fault::Lose);
    let (mut input, mut reader, mut clock) = listen(faults);
    for block in bytes(&data).chunks(4 * 481) {
        clock.capture(block).unwrap();
    }
    let mut heard = vec![0; data.len()];
    let frames = reader.read(&mut heard);
    let counters = reader.snapshot();
    assert_eq!(counters.captured_frames, frames as u64);
    assert!(counters.shape_mismatches > 0);
    assert!(matches!(input.poll_event(), Some(DeviceEvent::Lost(_))));
    assert_eq!(input.progress().unwrap().frames, frames as u64);
    // Frame 2,000 lies in the middle of a block; behind that block 500 are lost, and from some
    // 4,000 on all of them.
    let stall = heard
        .iter()
        .zip(&data)
        .position(|(heard, data)| heard != data)
        .unwrap()
        / 2;
    assert!((2_000..2_333).contains(&stall), "{stall}");
    let mut expected = data[..2 * stall].to_vec();
    expected.extend(&data[2 * (stall + 500)..2 * (frames + 500)]);
    assert_eq!(heard[..2 * frames], expected);
    assert!((4_000..4_333).contains(&(frames + 500)));

    // The recorder goes on elsewhere.
    let recorder = input.stop().unwrap().unwrap();
    let (offline, mut clock) = Offline::new();
    let mut input = offline
        .open_input(&InputRequest::new(spec("48000x2:s16le")))
        .unwrap();
    input.start(recorder).unwrap();
    clock.capture(&bytes(&data[..20])).unwrap();
    assert_eq!(reader.read(&mut heard), 10);
    assert_eq!(heard[..20], data[..20]);
    drop(input.stop().unwrap());
    assert_eq!(reader.read(&mut heard), 0);
    assert!(reader.is_at_end());
}

#[test]
fn a_capture_through_any_blocks_is_exact() {
    let data = samples(2 * 9_600);
    let faults = Faults::new(1).first_block(3_000).odd_blocks(700);
    let (mut input, mut reader, mut clock) = listen(faults);
    for block in bytes(&data).chunks(4 * 480) {
        clock.capture(block).unwrap();
    }
    drop(input.stop().unwrap());
    let mut heard = vec![0; data.len()];
    let frames = reader.read(&mut heard);
    // What had come of the last block was not delivered any more.
    assert!(frames > 9_600 - 700);
    assert_eq!(heard[..2 * frames], data[..2 * frames]);
}
