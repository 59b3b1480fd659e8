//! A card that does as it is told, and that anybody could have written: only the public seam is
//! used.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use device_io::{
    Backend, DeviceError, DeviceEvent, DeviceInfo, Input, InputRequest, Output, OutputRequest,
    Progress,
};
use rt_callback::{Recorder, Renderer, SampleFormat, StreamSpec};

/// What the card does; shared with the test.
#[derive(Default)]
pub(crate) struct Card {
    /// What it takes or delivers at each opening, the last for ever.
    pub(crate) specs: Vec<StreamSpec>,
    /// Each of the next openings fails where this says so.
    pub(crate) refusals: usize,
    pub(crate) default: Option<String>,
    /// How often it was asked which is the default.
    pub(crate) questions: usize,
    /// The ids that it was opened by.
    pub(crate) openings: Vec<Option<String>>,
    /// Bytes played at each start, or how often it was started, for an input.
    pub(crate) played: Vec<Vec<u8>>,
    /// Frames that an input has delivered at all its starts: the n-th frame is of the value n.
    pub(crate) delivered: u64,
    /// So long it takes to open.
    pub(crate) opens_in: Duration,
    /// When the last block was.
    pub(crate) last_block: Option<Instant>,
    /// When it was started, and when the last block before that was.
    pub(crate) starts: Vec<(Instant, Option<Instant>)>,
    /// Frames that had been delivered before the latest start.
    pub(crate) before_latest_start: u64,
    /// What is to be told.
    pub(crate) events: VecDeque<DeviceEvent>,
    /// No callback comes any more.
    pub(crate) is_dead: bool,
    /// It dies again at once after each opening.
    pub(crate) is_stillborn: bool,
    /// The same of those that are opened by name.
    pub(crate) names_are_stillborn: bool,
    /// Devices that are opened by name open and do not start.
    pub(crate) names_do_not_start: bool,
    /// Each of the next starts fails where this says so.
    pub(crate) failing_starts: usize,
    /// Stopping never returns.
    pub(crate) hangs: bool,
    /// A named device is not there any more.
    pub(crate) names_are_gone: bool,
    /// Where its code panics.
    pub(crate) panics_in: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Open,
    Poll,
    Progress,
    Default,
}

impl Card {
    /// Pulls it out: no callback comes any more, and that is told.
    pub(crate) fn unplug(&mut self) {
        self.is_dead = true;
        self.events.push_back(DeviceEvent::Lost("gone".into()));
    }

    fn may_panic(&self, place: Place) {
        assert_ne!(self.panics_in, Some(place), "a bug in the backend");
    }
}

/// The lock is poisoned by a panic that was asked for.
pub(crate) fn locked(card: &Mutex<Card>) -> std::sync::MutexGuard<'_, Card> {
    card.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[derive(Clone, Default)]
pub(crate) struct FakeBackend(pub(crate) Arc<Mutex<Card>>);

impl FakeBackend {
    fn default(&self) -> Option<String> {
        let mut card = locked(&self.0);
        card.may_panic(Place::Default);
        card.questions += 1;
        card.default.clone()
    }

    fn open<T>(&self, device: Option<&str>) -> Result<FakeDevice<T>, DeviceError> {
        let opens_in = locked(&self.0).opens_in;
        thread::sleep(opens_in);
        let mut card = locked(&self.0);
        card.openings.push(device.map(str::to_owned));
        card.may_panic(Place::Open);
        if card.refusals > 0 {
            card.refusals -= 1;
            return Err(DeviceError::NoDevice);
        }
        if card.names_are_gone && device.is_some() {
            return Err(DeviceError::NoDevice);
        }
        // What each opening takes.
        let opened = card.openings.len() - 1;
        let spec = card.specs[opened.min(card.specs.len() - 1)];
        Ok(FakeDevice {
            card: Arc::clone(&self.0),
            is_named: device.is_some(),
            spec,
            stop: Arc::default(),
            blocks: Arc::default(),
            thread: None,
        })
    }
}

impl Backend for FakeBackend {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        Ok(vec![DeviceInfo::new("fake", "fake")])
    }

    fn default_device(&self) -> Option<String> {
        self.default()
    }

    fn default_input(&self) -> Option<String> {
        self.default()
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let device: FakeDevice<Renderer> = self.open(request.device.as_deref())?;
        Ok(Box::new(device))
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let device: FakeDevice<Recorder> = self.open(request.device.as_deref())?;
        Ok(Box::new(device))
    }
}

struct FakeDevice<T> {
    card: Arc<Mutex<Card>>,
    is_named: bool,
    spec: StreamSpec,
    stop: Arc<AtomicBool>,
    blocks: Arc<AtomicU64>,
    thread: Option<JoinHandle<T>>,
}

/// A millisecond at 48 kHz.
pub(crate) const BLOCK_FRAMES: usize = 48;

impl<T: Send + 'static> FakeDevice<T> {
    fn progress(&self) -> Progress {
        locked(&self.card).may_panic(Place::Progress);
        let blocks = self.blocks.load(Ordering::Relaxed);
        Progress {
            blocks,
            frames: blocks * BLOCK_FRAMES as u64,
        }
    }

    /// Has `block` done about once a millisecond, with the card and the number of this start.
    fn start(
        &mut self,
        mut lent: T,
        mut block: impl FnMut(&mut T, &mut Card, usize) + Send + 'static,
    ) -> Result<(), DeviceError> {
        let index = {
            let mut card = locked(&self.card);
            let fails = card.failing_starts > 0;
            card.failing_starts -= usize::from(fails);
            if fails || card.names_do_not_start && self.is_named {
                self.thread = Some(thread::spawn(|| lent));
                return Err(DeviceError::Backend("busy".into()));
            }
            let dies = card.is_stillborn || (card.names_are_stillborn && self.is_named);
            card.is_dead = dies;
            card.events.clear();
            if dies {
                let words = "stillborn".into();
                card.events.push_back(DeviceEvent::Invalidated(words));
            }
            card.played.push(Vec::new());
            let last_block = card.last_block;
            card.starts.push((Instant::now(), last_block));
            card.before_latest_start = card.delivered;
            card.played.len() - 1
        };
        let (card, stop) = (Arc::clone(&self.card), Arc::clone(&self.stop));
        let blocks = Arc::clone(&self.blocks);
        self.thread = Some(thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let mut card = locked(&card);
                // Another start has taken its place where it is not the latest.
                if !card.is_dead && card.played.len() == index + 1 {
                    block(&mut lent, &mut card, index);
                    card.last_block = Some(Instant::now());
                    blocks.fetch_add(1, Ordering::Relaxed);
                }
                drop(card);
                thread::sleep(Duration::from_millis(1));
            }
            lent
        }));
        Ok(())
    }

    fn stop(&mut self) -> Option<T> {
        while locked(&self.card).hangs {
            thread::sleep(Duration::from_millis(10));
        }
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().map(|thread| thread.join().unwrap())
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        let mut card = locked(&self.card);
        card.may_panic(Place::Poll);
        card.events.pop_front()
    }
}

impl Output for FakeDevice<Renderer> {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(BLOCK_FRAMES)
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.progress())
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        let spec = self.spec;
        assert_eq!(*renderer.device(), spec, "bound to what the card takes");
        let mut block = vec![0; BLOCK_FRAMES * spec.frame_bytes()];
        self.start(renderer, move |renderer, card, index| {
            renderer.render_bytes(&mut block);
            card.played[index].extend_from_slice(&block);
        })
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        Ok(self.stop())
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.poll_event()
    }
}

impl Input for FakeDevice<Recorder> {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(BLOCK_FRAMES)
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.progress())
    }

    fn start(&mut self, recorder: Recorder) -> Result<(), DeviceError> {
        let spec = self.spec;
        assert_eq!(*recorder.device(), spec, "bound to what the card delivers");
        self.start(recorder, move |recorder, card, _| {
            let mut block = Vec::new();
            for _ in 0..BLOCK_FRAMES {
                let value = card.delivered as i16;
                card.delivered += 1;
                for _ in 0..spec.channels() {
                    match spec.format {
                        SampleFormat::S16 => block.extend(value.to_le_bytes()),
                        _ => block.resize(block.len() + spec.format.bytes_per_sample(), 0),
                    }
                }
            }
            recorder.record_bytes(&block);
        })
    }

    fn stop(&mut self) -> Result<Option<Recorder>, DeviceError> {
        Ok(self.stop())
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.poll_event()
    }
}
