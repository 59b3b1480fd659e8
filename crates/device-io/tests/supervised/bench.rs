//! A card, and a stream that plays on it or is recorded from it.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use device_io::{
    DeviceError, DeviceEvent, Input, InputRequest, Output, OutputRequest, Policy, Progress,
    Supervised, SupervisedInput, Supervision,
};
use rt_callback::{
    CaptureConfig, Config, Controller, Feeder, Gap, Gaps, Monitor, Reader, Recorder, Renderer,
    StreamSpec, capture, stream,
};

use crate::card::{Card, FakeBackend, locked};

pub(crate) const SAME: &[&str] = &["48000x1:s16le"];

pub(crate) fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Quick, so that the tests are.
pub(crate) fn quick(policy: Policy) -> Supervision {
    let mut supervision = Supervision::new(policy);
    supervision.watchdog = Duration::from_millis(200);
    supervision.first_block = Duration::from_millis(400);
    supervision.second_thoughts = Duration::from_millis(60);
    supervision.patience = Some(Duration::from_millis(800));
    supervision.default_interval = Duration::from_millis(20);
    supervision
}

pub(crate) fn samples(count: usize) -> Vec<i16> {
    (0..count).map(|i| ((i * i * 31) % 40_000) as i16).collect()
}

/// One of the two ways of sound, as far as the tests go it.
pub(crate) trait Way: Sized {
    type Device;
    type Lent;

    /// A quarter of a second of sound.
    const FRAMES: u64 = 12_000;

    fn open(
        backend: FakeBackend,
        device: Option<&str>,
        supervision: Supervision,
    ) -> Result<Self::Device, DeviceError>;

    /// Makes a stream for the device: mono s16 of 48 kHz for the application.
    fn make(device: &Self::Device) -> (Self, Self::Lent);

    fn start(device: &mut Self::Device, lent: Self::Lent) -> Result<(), DeviceError>;
    fn stop(device: &mut Self::Device) -> Result<Option<Self::Lent>, DeviceError>;
    fn poll(device: &mut Self::Device) -> Option<DeviceEvent>;
    fn resume(device: &Self::Device);
    fn spec(device: &Self::Device) -> StreamSpec;
    fn progress(device: &Self::Device) -> Option<Progress>;
    fn failure(device: &Self::Device) -> Option<String>;

    /// Frames that have passed.
    fn passed(&self) -> u64;

    /// Nothing but what passed by the card has passed, all of it, in order. Ends the stream.
    fn assert_whole(bench: &mut Bench<Self>);
}

pub(crate) struct Playing {
    pub(crate) feeder: Feeder,
    pub(crate) controller: Controller,
    pub(crate) monitor: Monitor,
}

impl Way for Playing {
    type Device = Supervised;
    type Lent = Renderer;

    fn open(
        backend: FakeBackend,
        device: Option<&str>,
        supervision: Supervision,
    ) -> Result<Supervised, DeviceError> {
        let mut request = OutputRequest::new(spec(SAME[0]));
        request.device = device.map(str::to_owned);
        Supervised::open(backend, request, supervision)
    }

    fn make(output: &Supervised) -> (Self, Renderer) {
        Self::of(&samples(Self::FRAMES as usize), output)
    }

    fn start(output: &mut Supervised, renderer: Renderer) -> Result<(), DeviceError> {
        output.start(renderer)
    }

    fn stop(output: &mut Supervised) -> Result<Option<Renderer>, DeviceError> {
        output.stop()
    }

    fn poll(output: &mut Supervised) -> Option<DeviceEvent> {
        output.poll_event()
    }

    fn resume(output: &Supervised) {
        output.resume();
    }

    fn spec(output: &Supervised) -> StreamSpec {
        output.spec()
    }

    fn progress(output: &Supervised) -> Option<Progress> {
        output.progress()
    }

    fn failure(output: &Supervised) -> Option<String> {
        output.failure()
    }

    fn passed(&self) -> u64 {
        self.monitor.snapshot().heard_frames
    }

    /// Every frame that was queued has been played, in order, and nothing else but silence behind it.
    fn assert_whole(bench: &mut Bench<Self>) {
        bench.pass(Self::FRAMES);
        let played = bench.all_played();
        let samples = samples(Self::FRAMES as usize).into_iter();
        let expected: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
        assert!(played.starts_with(&expected), "a frame is lost or new");
        assert!(played[expected.len()..].iter().all(|byte| *byte == 0));
        let counters = bench.way.monitor.snapshot();
        assert_eq!(counters.heard_frames, Self::FRAMES);
        assert_eq!((counters.queued_frames, counters.underruns), (0, 0));
    }
}

impl Playing {
    /// With this much queued.
    pub(crate) fn of(data: &[i16], output: &Supervised) -> (Self, Renderer) {
        let mut config = Config::new(spec(SAME[0]), output.spec());
        config.queue_frames = data.len().max(480);
        let (mut feeder, controller, renderer, monitor) = stream(&config).unwrap();
        assert_eq!(feeder.push(data).unwrap(), data.len());
        feeder.end_utterance().unwrap();
        let playing = Self {
            feeder,
            controller,
            monitor,
        };
        (playing, renderer)
    }
}

pub(crate) struct Recording {
    pub(crate) reader: Reader,
}

impl Way for Recording {
    type Device = SupervisedInput;
    type Lent = Recorder;

    fn open(
        backend: FakeBackend,
        device: Option<&str>,
        supervision: Supervision,
    ) -> Result<SupervisedInput, DeviceError> {
        let mut request = InputRequest::new(spec(SAME[0]));
        request.device = device.map(str::to_owned);
        SupervisedInput::open(backend, request, supervision)
    }

    fn make(input: &SupervisedInput) -> (Self, Recorder) {
        let mut config = CaptureConfig::new(input.spec(), spec(SAME[0]));
        config.queue_frames = 60 * 48_000;
        config.gaps = Gaps::Skip;
        let (recorder, reader) = capture(&config).unwrap();
        (Self { reader }, recorder)
    }

    fn start(input: &mut SupervisedInput, recorder: Recorder) -> Result<(), DeviceError> {
        input.start(recorder)
    }

    fn stop(input: &mut SupervisedInput) -> Result<Option<Recorder>, DeviceError> {
        input.stop()
    }

    fn poll(input: &mut SupervisedInput) -> Option<DeviceEvent> {
        input.poll_event()
    }

    fn resume(input: &SupervisedInput) {
        input.resume();
    }

    fn spec(input: &SupervisedInput) -> StreamSpec {
        input.spec()
    }

    fn progress(input: &SupervisedInput) -> Option<Progress> {
        input.progress()
    }

    fn failure(input: &SupervisedInput) -> Option<String> {
        input.failure()
    }

    /// What never came of a device that was away has not passed.
    fn passed(&self) -> u64 {
        let counters = self.reader.snapshot();
        counters.captured_frames - counters.dropped_frames
    }

    /// What the card delivered has been read, every frame of it, in order; the rest that was captured is gaps.
    fn assert_whole(bench: &mut Bench<Self>) {
        bench.pass(Self::FRAMES);
        drop(bench.device.stop().unwrap());
        let delivered = bench.card(|card| card.delivered);
        let read = bench.way.read_all();
        let expected: Vec<_> = (0..delivered).map(|frame| frame as i16).collect();
        assert!(read == expected, "a frame is lost or new");
        let gaps = bench.way.gaps();
        let lost: u64 = gaps.iter().map(|gap| gap.frames).sum();
        let counters = bench.way.assert_counted();
        assert_eq!(
            (counters.read_frames, counters.dropped_frames),
            (delivered, lost)
        );
    }
}

impl Recording {
    pub(crate) fn read_all(&mut self) -> Vec<i16> {
        let mut read = Vec::new();
        let mut block = [0_i16; 480];
        loop {
            match self.reader.read(&mut block) {
                0 => return read,
                frames => read.extend_from_slice(&block[..frames]),
            }
        }
    }

    pub(crate) fn gaps(&mut self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        self.reader.poll(|gap| gaps.push(gap));
        gaps
    }

    pub(crate) fn assert_counted(&self) -> rt_callback::CaptureCounters {
        let counters = self.reader.snapshot();
        assert_eq!(
            counters.captured_frames,
            counters.read_frames
                + counters.queued_frames
                + counters.dropped_frames
                + counters.discarded_frames
        );
        counters
    }
}

pub(crate) struct Bench<W: Way> {
    pub(crate) card: Arc<Mutex<Card>>,
    pub(crate) device: W::Device,
    pub(crate) way: W,
    pub(crate) events: Vec<DeviceEvent>,
    /// How many of them have been waited for.
    seen: usize,
}

impl<W: Way> Bench<W> {
    /// On the default device.
    pub(crate) fn new(specs: &[&str], supervision: Supervision) -> Self {
        Self::on_device(None, specs, supervision, |_| ())
    }

    /// With a card that takes these, prepared by `before`.
    pub(crate) fn on_device(
        device: Option<&str>,
        specs: &[&str],
        supervision: Supervision,
        before: impl FnOnce(&mut Card),
    ) -> Self {
        let (backend, card) = card(specs);
        before(&mut locked(&card));
        let device = W::open(backend, device, supervision).unwrap();
        let (way, lent) = W::make(&device);
        Self::start(card, device, way, lent)
    }

    pub(crate) fn start(
        card: Arc<Mutex<Card>>,
        mut device: W::Device,
        way: W,
        lent: W::Lent,
    ) -> Self {
        W::start(&mut device, lent).unwrap();
        Self {
            card,
            device,
            way,
            events: Vec::new(),
            seen: 0,
        }
    }

    pub(crate) fn card<T>(&self, change: impl FnOnce(&mut Card) -> T) -> T {
        change(&mut locked(&self.card))
    }

    /// Until so many frames have passed.
    pub(crate) fn pass(&mut self, frames: u64) {
        self.wait_for("frames", |bench| bench.way.passed() >= frames);
    }

    /// Until so many more have.
    pub(crate) fn pass_more(&mut self, frames: u64) {
        let passed = self.way.passed();
        self.pass(passed + frames);
    }

    /// Until an event of this kind has come, behind the last that was waited for.
    pub(crate) fn wait_for_event(&mut self, is: impl Fn(&DeviceEvent) -> bool) -> DeviceEvent {
        let seen = self.seen;
        self.wait_for("an event", |bench| bench.events[seen..].iter().any(&is));
        let at = self.events[seen..].iter().position(is).unwrap();
        self.seen += at + 1;
        self.events[seen + at].clone()
    }

    /// What has come so far is waited for no more.
    pub(crate) fn catch_up(&mut self) {
        self.poll();
        self.seen = self.events.len();
    }

    pub(crate) fn wait_for(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        loop {
            self.poll();
            if done(self) {
                return;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "waited for {what} in vain: {:?}",
                self.events
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn poll(&mut self) {
        while let Some(event) = W::poll(&mut self.device) {
            self.events.push(event);
        }
    }

    /// So long, with events taken in.
    pub(crate) fn sleep(&mut self, time: Duration) {
        thread::sleep(time);
        self.poll();
    }

    /// Everything that was played, start after start.
    pub(crate) fn all_played(&self) -> Vec<u8> {
        self.card(|card| card.played.concat())
    }

    pub(crate) fn openings(&self) -> usize {
        self.card(|card| card.openings.len())
    }

    /// Events of this kind so far.
    pub(crate) fn count(&self, is: impl Fn(&DeviceEvent) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }
}

pub(crate) fn card(specs: &[&str]) -> (FakeBackend, Arc<Mutex<Card>>) {
    let backend = FakeBackend::default();
    let card = Arc::clone(&backend.0);
    locked(&card).specs = specs.iter().map(|text| spec(text)).collect();
    locked(&card).default = Some("one".into());
    (backend, card)
}

pub(crate) fn lost() -> DeviceEvent {
    DeviceEvent::Lost("gone".into())
}

pub(crate) fn is_reopened(event: &DeviceEvent) -> bool {
    matches!(event, DeviceEvent::Reopened { .. })
}

/// On the device of this name, or on the default one.
pub(crate) fn is_reopened_on(name: Option<&str>) -> impl Fn(&DeviceEvent) -> bool {
    move |event| matches!(event, DeviceEvent::Reopened { device, .. } if device.as_deref() == name)
}

pub(crate) fn is_failed(event: &DeviceEvent) -> bool {
    matches!(event, DeviceEvent::Failed(_))
}

/// Each of these as a test of both ways.
macro_rules! both_ways {
    ($($name:ident),* $(,)?) => {
        mod outputs {
            $(#[test] fn $name() { super::$name::<crate::bench::Playing>(); })*
        }
        mod inputs {
            $(#[test] fn $name() { super::$name::<crate::bench::Recording>(); })*
        }
    };
}
pub(crate) use both_ways;
