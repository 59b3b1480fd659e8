//! A card that does as it is told, and that anybody could have written: only the public seam is
//! used.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use device_io::{
    Backend, DeviceError, DeviceEvent, DeviceInfo, Output, OutputRequest, Progress, Supervised,
    Supervision,
};
use rt_callback::{Config, Controller, Monitor, Renderer, StreamSpec, stream};

/// What the card does; shared with the test.
#[derive(Default)]
pub(crate) struct Card {
    /// What it takes at each opening, the last for ever.
    pub(crate) specs: Vec<StreamSpec>,
    /// Each of the next openings fails where this says so.
    pub(crate) refusals: usize,
    pub(crate) default: Option<String>,
    /// The ids that it was opened by.
    pub(crate) openings: Vec<Option<String>>,
    /// Bytes played at each opening.
    pub(crate) played: Vec<Vec<u8>>,
    /// What is to be told.
    pub(crate) events: VecDeque<DeviceEvent>,
    /// No callback comes any more.
    pub(crate) is_dead: bool,
    /// It dies again at once after each opening.
    pub(crate) is_stillborn: bool,
    /// Stopping never returns.
    pub(crate) hangs: bool,
    /// A named device is not there any more.
    pub(crate) names_are_gone: bool,
}

#[derive(Clone, Default)]
pub(crate) struct FakeBackend(pub(crate) Arc<Mutex<Card>>);

impl Backend for FakeBackend {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        Ok(vec![DeviceInfo::new("fake", "fake")])
    }

    fn default_device(&self) -> Option<String> {
        self.0.lock().unwrap().default.clone()
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let mut card = self.0.lock().unwrap();
        card.openings.push(request.device.clone());
        if card.refusals > 0 {
            card.refusals -= 1;
            return Err(DeviceError::NoDevice);
        }
        if card.names_are_gone && request.device.is_some() {
            return Err(DeviceError::NoDevice);
        }
        card.is_dead = card.is_stillborn;
        card.events.clear();
        if card.is_stillborn {
            card.events
                .push_back(DeviceEvent::Invalidated("stillborn".into()));
        }
        let index = card.played.len();
        card.played.push(Vec::new());
        let spec = card.specs[index.min(card.specs.len() - 1)];
        Ok(Box::new(FakeOutput {
            card: Arc::clone(&self.0),
            index,
            spec,
            stop: Arc::default(),
            blocks: Arc::default(),
            thread: None,
        }))
    }
}

struct FakeOutput {
    card: Arc<Mutex<Card>>,
    index: usize,
    spec: StreamSpec,
    stop: Arc<AtomicBool>,
    blocks: Arc<AtomicU64>,
    thread: Option<JoinHandle<Renderer>>,
}

pub(crate) const BLOCK_FRAMES: usize = 48;

impl Output for FakeOutput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(BLOCK_FRAMES)
    }

    fn progress(&self) -> Option<Progress> {
        let blocks = self.blocks.load(Ordering::Relaxed);
        Some(Progress {
            blocks,
            frames: blocks * BLOCK_FRAMES as u64,
        })
    }

    fn start(&mut self, mut renderer: Renderer) -> Result<(), DeviceError> {
        assert_eq!(
            *renderer.device(),
            self.spec,
            "bound to what the card takes"
        );
        let (card, stop) = (Arc::clone(&self.card), Arc::clone(&self.stop));
        let (blocks, index) = (Arc::clone(&self.blocks), self.index);
        let mut block = vec![0; BLOCK_FRAMES * self.spec.frame_bytes()];
        self.thread = Some(thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if let Ok(mut card) = card.lock()
                    && !card.is_dead
                {
                    renderer.render_bytes(&mut block);
                    card.played[index].extend_from_slice(&block);
                    blocks.fetch_add(1, Ordering::Relaxed);
                }
                thread::sleep(Duration::from_millis(1));
            }
            renderer
        }));
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        while self.card.lock().unwrap().hangs {
            thread::sleep(Duration::from_millis(10));
        }
        self.stop.store(true, Ordering::Relaxed);
        Ok(self.thread.take().map(|thread| thread.join().unwrap()))
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.card.lock().unwrap().events.pop_front()
    }
}

pub(crate) fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Quick, so that the tests are.
pub(crate) fn quick(policy: device_io::Policy) -> Supervision {
    let mut supervision = Supervision::new(policy);
    supervision.watchdog = Duration::from_millis(200);
    supervision.first_block = Duration::from_millis(400);
    supervision.second_thoughts = Duration::from_millis(60);
    supervision.patience = Some(Duration::from_millis(800));
    supervision.default_interval = Duration::from_millis(20);
    supervision
}

/// A card, and a stream that plays on it.
pub(crate) struct Bench {
    pub(crate) card: Arc<Mutex<Card>>,
    pub(crate) output: Supervised,
    pub(crate) controller: Controller,
    pub(crate) monitor: Monitor,
    pub(crate) events: Vec<DeviceEvent>,
}

pub(crate) fn samples(count: usize) -> Vec<i16> {
    (0..count).map(|i| ((i * i * 31) % 40_000) as i16).collect()
}

impl Bench {
    /// With a card that takes these, and this much queued (mono s16 of 48 kHz).
    pub(crate) fn new(specs: &[&str], supervision: Supervision, data: &[i16]) -> Self {
        Self::on_device(None, specs, supervision, data)
    }

    pub(crate) fn on_device(
        device: Option<&str>,
        specs: &[&str],
        supervision: Supervision,
        data: &[i16],
    ) -> Self {
        let source = spec("48000x1:s16le");
        let backend = FakeBackend::default();
        let card = Arc::clone(&backend.0);
        card.lock().unwrap().specs = specs.iter().map(|text| spec(text)).collect();
        card.lock().unwrap().default = Some("one".into());
        let mut request = OutputRequest::new(source);
        request.device = device.map(str::to_owned);
        let mut output = Supervised::open(backend, request, supervision).unwrap();
        let mut config = Config::new(source, output.spec());
        config.queue_frames = data.len();
        let (mut feeder, controller, renderer, monitor) = stream(&config).unwrap();
        assert_eq!(feeder.push(data).unwrap(), data.len());
        feeder.end_utterance().unwrap();
        output.start(renderer).unwrap();
        Self {
            card,
            output,

            controller,
            monitor,
            events: Vec::new(),
        }
    }

    pub(crate) fn card<T>(&self, change: impl FnOnce(&mut Card) -> T) -> T {
        change(&mut self.card.lock().unwrap())
    }

    /// Until so many source frames have been rendered.
    pub(crate) fn hear(&mut self, frames: u64) {
        self.wait_for("frames", |bench| {
            bench.monitor.snapshot().heard_frames >= frames
        });
    }

    /// Until an event of this kind has come.
    pub(crate) fn wait_for_event(&mut self, is: impl Fn(&DeviceEvent) -> bool) -> DeviceEvent {
        let seen = self.events.len();
        self.wait_for("an event", |bench| bench.events[seen..].iter().any(&is));
        self.events[seen..]
            .iter()
            .find(|event| is(event))
            .unwrap()
            .clone()
    }

    pub(crate) fn wait_for(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        loop {
            while let Some(event) = self.output.poll_event() {
                self.events.push(event);
            }
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

    /// Everything that was played, opening after opening.
    pub(crate) fn all_played(&self) -> Vec<u8> {
        self.card(|card| card.played.concat())
    }

    pub(crate) fn openings(&self) -> usize {
        self.card(|card| card.openings.len())
    }
}

pub(crate) fn lost() -> DeviceEvent {
    DeviceEvent::Lost("gone".into())
}

pub(crate) fn is_reopened(event: &DeviceEvent) -> bool {
    matches!(event, DeviceEvent::Reopened { .. })
}

pub(crate) fn is_failed(event: &DeviceEvent) -> bool {
    matches!(event, DeviceEvent::Failed(_))
}
