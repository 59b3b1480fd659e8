//! The thread that looks after an output: it opens, watches, buries and reopens it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rt_callback::Renderer;

use super::life::{Death, Life};
use super::{Policy, State, Supervision, locked};
use crate::backend::{Backend, DeviceEvent, Output, OutputRequest};
use crate::error::DeviceError;

/// How often the output is looked at.
const TICK: Duration = Duration::from_millis(10);
/// The same where there is nothing to look at.
const IDLE: Duration = Duration::from_secs(60);
/// Events taken at one look: some outputs could go on for ever.
const EVENTS: usize = 1_000;
/// How long an output may take to stop before it is left to its fate.
const BURIAL: Duration = Duration::from_secs(4);
/// The first pause between two attempts to open a device; each is twice the one before.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(1);
/// A device that has rendered so many blocks and lived so long has recovered; one that dies sooner
/// counts as another failed attempt.
const RECOVERED: (u64, Duration) = (3, Duration::from_secs(1));

/// What the application wants.
pub(super) enum Order {
    Start(Box<Renderer>, Sender<Result<(), DeviceError>>),
    Stop(Sender<Result<Option<Renderer>, DeviceError>>),
    Resume,
}

pub(super) struct Worker {
    backend: Box<dyn Backend>,
    request: OutputRequest,
    supervision: Supervision,
    state: Arc<Mutex<State>>,
    events: Sender<DeviceEvent>,
    phase: Phase,
    /// The default device when it was last asked for, and when that was.
    default: (Option<String>, Instant),
}

/// What is being done with the stream.
enum Phase {
    /// Nothing has been started.
    Opened(Box<dyn Output>),
    Running {
        output: Box<dyn Output>,
        life: Box<Life>,
        since: Instant,
        /// The search that led here, until it is clear that it has succeeded.
        search: Option<Search>,
    },
    /// A device is looked for.
    Searching(Search),
    /// Nothing is done until it is resumed or stopped.
    Waiting,
}

#[derive(Clone, Copy)]
struct Search {
    since: Instant,
    next: Instant,
    pause: Duration,
}

impl Search {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            next: now,
            pause: FIRST_RETRY,
        }
    }

    fn retry(self, now: Instant) -> Self {
        Self {
            since: self.since,
            next: now + self.pause,
            pause: (self.pause * 2).min(LAST_RETRY),
        }
    }
}

impl Worker {
    pub(super) fn open(
        backend: Box<dyn Backend>,
        request: OutputRequest,
        supervision: Supervision,
        state: Arc<Mutex<State>>,
        events: Sender<DeviceEvent>,
    ) -> Result<Self, DeviceError> {
        let output = backend.open_output(&request)?;
        let default = (backend.default_device(), Instant::now());
        let worker = Self {
            backend,
            request,
            supervision,
            state,
            events,
            phase: Phase::Waiting,
            default,
        };
        worker.show(output.as_ref());
        Ok(Self {
            phase: Phase::Opened(output),
            ..worker
        })
    }

    /// Until nobody gives orders any more.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let idle = matches!(self.phase, Phase::Opened(_) | Phase::Waiting);
            match orders.recv_timeout(if idle { IDLE } else { TICK }) {
                Ok(Order::Start(renderer, answer)) => {
                    let _ = answer.send(self.start(*renderer));
                }
                Ok(Order::Stop(answer)) => {
                    let _ = answer.send(self.stop());
                }
                Ok(Order::Resume) => self.resume(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look(Instant::now());
        }
        drop(self.stop());
    }

    fn tell(&self, event: DeviceEvent) {
        // Nobody listens any more where this fails.
        let _ = self.events.send(event);
    }

    /// Shows what an output takes.
    fn show(&self, output: &dyn Output) {
        let mut state = locked(&self.state);
        state.spec = output.spec();
        state.block_frames = output.block_frames();
        state.progress = output.progress();
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        let mut output = match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Opened(output) => output,
            // It was stopped: here it is opened again.
            Phase::Waiting if locked(&self.state).parked.is_none() => {
                let output = self.backend.open_output(&self.request);
                match output {
                    Ok(output) => output,
                    Err(error) => {
                        self.park(Some(renderer));
                        return Err(error);
                    }
                }
            }
            phase => {
                self.phase = phase;
                return Err(DeviceError::AlreadyStarted);
            }
        };
        let started = self.start_on(output.as_mut(), renderer);
        match started {
            Ok(()) => self.is_running(output, None),
            Err(_) => drop(bury(output)),
        }
        started
    }

    /// Binds the renderer to the output and starts it there. Where that fails, the renderer is
    /// parked.
    fn start_on(&self, output: &mut dyn Output, mut renderer: Renderer) -> Result<(), DeviceError> {
        let spec = output.spec();
        if *renderer.device() != spec
            && let Err(error) = renderer.rebind(spec)
        {
            self.park(Some(renderer));
            return Err(DeviceError::Rebind(error));
        }
        let started = output.start(renderer);
        if started.is_err() {
            self.park(output.stop().ok().flatten());
        }
        started
    }

    fn is_running(&mut self, output: Box<dyn Output>, search: Option<Search>) {
        let now = Instant::now();
        self.show(output.as_ref());
        let rate_hz = output.spec().rate_hz;
        self.phase = Phase::Running {
            life: Box::new(Life::new(self.supervision.limits(), rate_hz, now)),
            output,
            since: now,
            search,
        };
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Running { output, .. } => bury(output),
            Phase::Opened(output) => {
                drop(bury(output));
                Ok(None)
            }
            Phase::Searching(_) | Phase::Waiting => Ok(locked(&self.state).parked.take()),
        }
    }

    fn resume(&mut self) {
        let parked = locked(&self.state).parked.is_some();
        if matches!(self.phase, Phase::Waiting) && parked {
            self.phase = Phase::Searching(Search::new(Instant::now()));
        }
    }

    fn park(&self, renderer: Option<Renderer>) {
        let mut state = locked(&self.state);
        state.parked = renderer;
        state.progress = None;
    }

    fn look(&mut self, now: Instant) {
        match &self.phase {
            Phase::Running { .. } => self.look_after(now),
            Phase::Searching(search) if now >= search.next => {
                let search = *search;
                self.search(search, now);
            }
            _ => {}
        }
    }

    /// Looks after a running output.
    fn look_after(&mut self, now: Instant) {
        let Phase::Running {
            output,
            life,
            since,
            search,
        } = &mut self.phase
        else {
            return;
        };
        for event in std::iter::from_fn(|| output.poll_event()).take(EVENTS) {
            if life.hear(&event, now) {
                let _ = self.events.send(event);
            }
        }
        let progress = output.progress();
        locked(&self.state).progress = progress;
        let death = life.look(progress, now);
        let (blocks, age) = RECOVERED;
        let old = now.saturating_duration_since(*since) >= age;
        if old && (progress.is_none() || life.blocks() >= blocks) {
            *search = None;
        }
        let search = *search;
        match death {
            Some(death) => {
                self.tell(match death {
                    Death::Lost(words) => DeviceEvent::Lost(words),
                    Death::Invalidated(words) => DeviceEvent::Invalidated(words),
                    Death::Stalled(silent) => DeviceEvent::Stalled(silent),
                    Death::Spinning(errors) => DeviceEvent::Spinning { errors },
                });
                self.give_up(search.map(|search| search.retry(now)), now);
            }
            None => self.watch_default(now),
        }
    }

    /// Moves to another default device.
    fn watch_default(&mut self, now: Instant) {
        let (known, asked) = &self.default;
        let due = now.saturating_duration_since(*asked) >= self.supervision.default_interval;
        let follows = self.supervision.policy == Policy::Follow && self.request.device.is_none();
        if !follows || !due {
            return;
        }
        let default = self.backend.default_device();
        let moved = default.is_some() && known.is_some() && default != *known;
        self.default = (default.clone().or_else(|| known.clone()), now);
        if let (true, Some(default)) = (moved, default) {
            self.tell(DeviceEvent::DefaultChanged(default));
            self.give_up(None, now);
        }
    }

    /// Takes the renderer from an output that is of no use any more.
    fn give_up(&mut self, search: Option<Search>, now: Instant) {
        let phase = std::mem::replace(&mut self.phase, Phase::Waiting);
        let renderer = match phase {
            Phase::Running { output, .. } => bury(output).ok().flatten(),
            _ => None,
        };
        let recovered = renderer.is_some();
        self.park(renderer);
        if !recovered {
            let words = "the device did not give the stream back";
            self.tell(DeviceEvent::Failed(words.into()));
            return;
        }
        let search = search.unwrap_or_else(|| Search::new(now));
        let patient = now.saturating_duration_since(search.since) < self.supervision.patience;
        match self.supervision.policy {
            Policy::Follow if patient => self.phase = Phase::Searching(search),
            Policy::Follow => {
                let words = "every device that was tried died again at once";
                self.tell(DeviceEvent::Failed(words.into()));
            }
            Policy::Pause => self.tell(DeviceEvent::Held),
            Policy::Fail => self.tell(DeviceEvent::Failed("the device is gone".into())),
        }
    }

    /// Tries once to find a device to go on with.
    fn search(&mut self, search: Search, now: Instant) {
        let reopened = self.reopen();
        match reopened {
            Ok((output, device)) => {
                let spec = output.spec();
                self.is_running(output, Some(search));
                self.default = (self.backend.default_device(), now);
                self.tell(DeviceEvent::Reopened { device, spec });
            }
            Err(error)
                if now.saturating_duration_since(search.since) < self.supervision.patience =>
            {
                log::debug!("no device yet: {error}");
                self.phase = Phase::Searching(search.retry(now));
            }
            Err(error) => {
                self.phase = Phase::Waiting;
                self.tell(DeviceEvent::Failed(error.to_string()));
            }
        }
    }

    /// On the device that was asked for, else on the default one.
    fn reopen(&self) -> Result<(Box<dyn Output>, Option<String>), DeviceError> {
        let asked = self.request.device.clone();
        let first = self.start_parked(&self.request);
        match (first, asked) {
            (Ok(output), asked) => Ok((output, asked)),
            (Err(_), Some(_)) => {
                let mut request = self.request.clone();
                request.device = None;
                Ok((self.start_parked(&request)?, None))
            }
            (Err(error), None) => Err(error),
        }
    }

    fn start_parked(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let mut output = self.backend.open_output(request)?;
        // Taken only now: opening may never return.
        let Some(renderer) = locked(&self.state).parked.take() else {
            return Err(DeviceError::NoAnswer);
        };
        match self.start_on(output.as_mut(), renderer) {
            Ok(()) => Ok(output),
            Err(error) => {
                drop(bury(output));
                Err(error)
            }
        }
    }
}

/// Stops an output and drops it, on a thread of its own: some never return from either.
fn bury(mut output: Box<dyn Output>) -> Result<Option<Renderer>, DeviceError> {
    let (stopped, is_stopped) = channel();
    thread::Builder::new()
        .name("output closer".into())
        .spawn(move || {
            let _ = stopped.send(output.stop());
            drop(output);
        })?;
    is_stopped
        .recv_timeout(BURIAL)
        .unwrap_or(Err(DeviceError::NoAnswer))
}
