//! What is played and recorded.

use std::time::{Duration, Instant};

use device_io::{
    Cpal, DeviceEvent, Input, InputRequest, Output, OutputRequest, Policy, SupervisedInput,
    Supervision,
};
use rt_callback::{
    CaptureConfig, Config, Feeder, Monitor, Reader, Recorder, Renderer, StreamSpec, capture, stream,
};

use crate::server::{Server, wait_for};

pub(crate) const STEREO: &str = "48000x2:f32le";
/// Long blocks, so that a busy machine does not make a gap: PulseAudio's null sink drops what comes
/// late without a word.
const BLOCK: Duration = Duration::from_millis(100);

pub(crate) fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Frames that never repeat soon and are never silent; all are exact in 16 bits.
pub(crate) fn noise(frames: usize) -> Vec<f32> {
    (0..2 * frames)
        .map(|i| ((i * i * 31 + i * 7) % 30_000 + 1) as f32 / 32_768.0)
        .collect()
}

pub(crate) fn request() -> OutputRequest {
    let mut request = OutputRequest::new(spec(STEREO));
    request.block = BLOCK.into();
    request
}

pub(crate) fn input_request() -> InputRequest {
    let mut request = InputRequest::new(spec(STEREO));
    request.block = BLOCK.into();
    request
}

/// A stream to this device, fed to its end.
pub(crate) fn prefilled(device: StreamSpec, data: &[f32]) -> (Feeder, Renderer, Monitor) {
    let mut config = Config::new(spec(STEREO), device);
    config.queue_frames = (data.len() / 2).max(96_000);
    let (mut feeder, _, renderer, monitor) = stream(&config).unwrap();
    assert_eq!(feeder.push(data).unwrap(), data.len() / 2);
    feeder.end_utterance().unwrap();
    (feeder, renderer, monitor)
}

/// A capture of this device that holds ten seconds.
pub(crate) fn listening(device: StreamSpec) -> (Recorder, Reader) {
    let mut config = CaptureConfig::new(device, spec(STEREO));
    config.queue_frames = 10 * device.rate_hz as usize;
    capture(&config).unwrap()
}

pub(crate) fn events(output: &mut dyn Output) -> Vec<DeviceEvent> {
    std::iter::from_fn(|| output.poll_event()).collect()
}

pub(crate) fn input_events(input: &mut dyn Input) -> Vec<DeviceEvent> {
    std::iter::from_fn(|| input.poll_event()).collect()
}

/// Whether `heard` is silence, then all of `data`, then silence; says where it is not.
pub(crate) fn is_exact(heard: &[f32], data: &[f32]) -> Result<(), String> {
    let start = heard
        .iter()
        .position(|sample| *sample != 0.0)
        .ok_or("nothing was heard")?;
    let (heard, rest) = heard
        .get(start..)
        .and_then(|heard| heard.split_at_checked(data.len()))
        .ok_or_else(|| format!("only {} samples were heard", heard.len() - start))?;
    let same = heard
        .iter()
        .zip(data)
        .take_while(|(one, other)| one == other);
    let same = same.count();
    if same < data.len() {
        return Err(format!(
            "{same} of {} samples are as they should be",
            data.len()
        ));
    }
    match rest.iter().position(|sample| *sample != 0.0) {
        None => Ok(()),
        Some(at) => Err(format!("{at} samples behind it there is something more")),
    }
}

/// Real servers on a busy machine may leave a gap of their own: one of five times must be exact.
pub(crate) fn exact_once(mut attempt: impl FnMut() -> Result<(), String>) {
    let mut said = Vec::new();
    for _ in 0..5 {
        match attempt() {
            Ok(()) => return,
            Err(words) => said.push(words),
        }
    }
    panic!("{said:?}");
}

/// Follows, and gives up after a while.
pub(crate) fn supervision() -> Supervision {
    let mut supervision = Supervision::new(Policy::Follow);
    supervision.patience = Some(Duration::from_secs(15));
    supervision
}

/// Waits until a stream goes on; returns all that was told.
pub(crate) fn reopened(mut poll: impl FnMut() -> Option<DeviceEvent>) -> Vec<DeviceEvent> {
    let mut told = Vec::new();
    wait_for("the stream to go on", || {
        told.extend(std::iter::from_fn(&mut poll));
        told.iter()
            .any(|event| matches!(event, DeviceEvent::Reopened { .. }))
    });
    told
}

/// A supervised microphone of this host that is read.
pub(crate) fn microphone(host: Cpal) -> (SupervisedInput, Reader) {
    let mut input = SupervisedInput::open(host, input_request(), supervision()).unwrap();
    let (recorder, reader) = listening(input.spec());
    input.start(recorder).unwrap();
    (input, reader)
}

/// Until so many frames more have come of what the microphone delivers.
pub(crate) fn hear(reader: &Reader, frames: u64) {
    let delivered = |reader: &Reader| {
        let counters = reader.snapshot();
        counters.captured_frames - counters.dropped_frames
    };
    let before = delivered(reader);
    wait_for("sound", || delivered(reader) >= before + frames);
}

/// Ends a capture: everything that was captured has been read, or is told of as a gap.
pub(crate) fn assert_counted(mut input: SupervisedInput, mut reader: Reader) {
    let begin = Instant::now();
    drop(input.stop().unwrap().unwrap());
    drop(input);
    assert!(begin.elapsed() < Duration::from_secs(5));
    let mut block = vec![0.0_f32; 9_600];
    while reader.read(&mut block) > 0 {}
    let mut lost = 0;
    reader.poll(|gap| lost += gap.frames);
    let counters = reader.snapshot();
    assert!(reader.is_at_end());
    assert_eq!(
        (counters.captured_frames, counters.dropped_frames),
        (counters.read_frames + lost, lost)
    );
}

/// Listens to a microphone whose server is killed and started again.
pub(crate) fn hear_past_a_death(start: impl Fn() -> Server, host: Cpal) {
    let server = start();
    let (mut input, reader) = microphone(host);
    hear(&reader, 24_000);
    server.kill();
    wait_for("the loss", || !input_events(&mut input).is_empty());
    let _server = start();
    reopened(|| input.poll_event());
    hear(&reader, 24_000);
    assert_counted(input, reader);
}
