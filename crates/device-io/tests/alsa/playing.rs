//! A stream on a card, and what it would have been offline.

use std::thread;
use std::time::{Duration, Instant};

use device_io::{Backend, Cpal, DeviceEvent, Offline, Output, OutputRequest};
use rt_callback::{Config, Feeder, Monitor, Renderer, StreamSpec, stream};

use crate::cards::Cards;

pub(crate) fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Frames of s16 that are never silent and never repeat soon.
pub(crate) fn noise(frames: usize, source: StreamSpec) -> Vec<i16> {
    let samples = frames * source.channels();
    (0..samples)
        .map(|i| ((i * i * 31 + i * 7) % 30_000) as i16 - 14_999)
        .collect()
}

/// A stream from s16 frames to a device, fed to its end.
pub(crate) struct Stream {
    pub(crate) config: Config,
    pub(crate) feeder: Feeder,
    pub(crate) monitor: Monitor,
    data: Vec<i16>,
}

impl Stream {
    pub(crate) fn new(source: &str, device: StreamSpec, frames: usize) -> (Self, Renderer) {
        let source = spec(source);
        let mut config = Config::new(source, device);
        config.queue_frames = frames;
        let data = noise(frames, source);
        let (mut feeder, _, renderer, monitor) = stream(&config).unwrap();
        assert_eq!(feeder.push(&data).unwrap(), frames);
        feeder.end_utterance().unwrap();
        let stream = Self {
            config,
            feeder,
            monitor,
            data,
        };
        (stream, renderer)
    }

    /// What offline rendering gives for it.
    pub(crate) fn offline(&self) -> Vec<u8> {
        let (from, to) = (self.config.source.rate_hz, self.config.device.rate_hz);
        let frames = (self.frames() * u64::from(to)).div_ceil(u64::from(from));
        self.offline_moved(frames as usize, self.config.device).0
    }

    /// What offline rendering gives for it where another device takes over after so many frames:
    /// what the one gets, and what the other does.
    pub(crate) fn offline_moved(&self, frames: usize, next: StreamSpec) -> (Vec<u8>, Vec<u8>) {
        let (offline, mut clock) = Offline::new();
        let mut output = offline
            .open_output(&OutputRequest::new(self.config.device))
            .unwrap();
        let (mut feeder, _, renderer, monitor) = stream(&self.config).unwrap();
        feeder.push(&self.data).unwrap();
        feeder.end_utterance().unwrap();
        output.start(renderer).unwrap();
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        clock
            .tick(frames, |block| first.extend_from_slice(block))
            .unwrap();
        let mut renderer = output.stop().unwrap().unwrap();
        if !monitor.snapshot().is_played_out() {
            renderer.rebind(next).unwrap();
            output.start(renderer).unwrap();
            while !monitor.snapshot().is_played_out() {
                clock
                    .tick(1, |block| rest.extend_from_slice(block))
                    .unwrap();
            }
        }
        (first, rest)
    }

    fn frames(&self) -> u64 {
        (self.data.len() / self.config.source.channels()) as u64
    }

    pub(crate) fn heard(&self) -> u64 {
        self.monitor.snapshot().heard_frames
    }
}

pub(crate) fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "waited for {what} in vain"
        );
        thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn alsa() -> Cpal {
    Cpal::host("alsa").unwrap()
}

/// A request for a card, for this source.
pub(crate) fn request(card: &str, source: &str) -> OutputRequest {
    let mut request = OutputRequest::new(spec(source));
    request.device = Some(format!("alsa:{card}"));
    request
}

/// Everything that the output has to tell.
pub(crate) fn events(output: &mut dyn Output) -> Vec<DeviceEvent> {
    std::iter::from_fn(|| output.poll_event()).collect()
}

/// The card got `expected` from its first frame on, and nothing but silence behind it.
pub(crate) fn assert_played(cards: &Cards, card: &str, device: StreamSpec, expected: &[u8]) {
    let played = cards.played(card);
    let same = played
        .iter()
        .zip(expected)
        .take_while(|(one, other)| one == other)
        .count();
    assert!(
        same == expected.len(),
        "{card}: {same} of {} bytes are as they should be, {} were played",
        expected.len(),
        played.len()
    );
    let rest = &played[expected.len()..];
    let mut silence = vec![0; rest.len()];
    device.format.fill_equilibrium(&mut silence);
    assert!(rest == silence, "{card}: no silence behind the sound");
}

/// Plays so many frames on a card and compares what arrived there with offline rendering.
pub(crate) fn play_exactly(cards: &Cards, card: &str, source: &str, frames: usize) -> StreamSpec {
    let mut output = alsa().open_output(&request(card, source)).unwrap();
    let device = output.spec();
    let (stream, renderer) = Stream::new(source, device, frames);
    let expected = stream.offline();
    output.start(renderer).unwrap();
    wait_for("the sound", || cards.played(card).len() >= expected.len());
    assert!(output.stop().unwrap().is_some());
    assert_played(cards, card, device, &expected);
    assert_eq!(stream.monitor.snapshot().underruns, 0);
    assert_eq!(stream.heard(), frames as u64);
    device
}
