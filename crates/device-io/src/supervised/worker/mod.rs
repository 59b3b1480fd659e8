//! The worker: the thread that opens, watches, stops and reopens a device.

mod phase;
mod searching;
mod watching;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rt_callback::StreamSpec;

use self::phase::{Origin, Phase, Placed, Running};
use super::bury::bury;
use super::life::{Life, TICK};
use super::parked::{Parked, StandIn};
use super::policy::{Policy, Supervision};
use super::search::{Followed, Search, WayHome};
use super::state::{State, locked};
use crate::error::DeviceError;
use crate::loan::Handle;
use crate::seam::{Backend, DeviceEvent};

/// How often to look at a stream that runs on a clock of its own.
const SLOW_TICK: Duration = Duration::from_millis(50);
/// How long to wait for an order if there is nothing to look at.
const IDLE: Duration = Duration::from_secs(60);

/// An order of the application. Before `Start`, the renderer or recorder has been parked.
pub(super) enum Order<T> {
    Start(Sender<Result<(), DeviceError>>),
    Stop(Sender<Result<Option<T>, DeviceError>>),
    Resume,
}

pub(super) struct Worker<T: StandIn> {
    backend: Box<dyn Backend>,
    request: T::Request,
    supervision: Supervision,
    state: Arc<Mutex<State<T>>>,
    events: Sender<DeviceEvent>,
    phase: Phase<T>,
    home: WayHome,
    /// The default device that the stream follows. With `None` it is not asked for again.
    default: Option<Followed>,
    /// Since when frames have been missing. Those missing before are counted already.
    silent_since: Option<Instant>,
    /// Whether the application knows that there is no device.
    is_told: bool,
}

impl<T: StandIn> Worker<T> {
    pub(super) fn open(
        backend: Box<dyn Backend>,
        request: T::Request,
        supervision: Supervision,
        state: Arc<Mutex<State<T>>>,
        events: Sender<DeviceEvent>,
    ) -> Result<Self, DeviceError> {
        let now = Instant::now();
        let mut worker = Self {
            backend,
            request,
            supervision,
            state,
            events,
            phase: Phase::Waiting,
            home: WayHome::new(now),
            default: None,
            silent_since: None,
            is_told: false,
        };
        match worker.open_on(&worker.request.clone()) {
            Ok(placed) => worker.is_opened(placed),
            Err(error) if worker.may_wait(&error) => worker.await_device(),
            Err(error) => return Err(error),
        }
        Ok(worker)
    }

    /// Runs until the channel of orders is closed.
    pub(super) fn run(mut self, orders: &Receiver<Order<T>>) {
        while let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| self.serve(orders))) {
            self.fail(panicked(payload));
        }
        drop(self.stop());
    }

    fn serve(&mut self, orders: &Receiver<Order<T>>) {
        loop {
            match orders.recv_timeout(self.rest()) {
                Ok(Order::Start(answer)) => {
                    let _ = answer.send(self.start());
                }
                Ok(Order::Stop(answer)) => {
                    let unwanted = answer.send(self.stop());
                    if let Err(SendError(Ok(Some(lent)))) = unwanted {
                        self.keep(lent);
                    }
                }
                Ok(Order::Resume) => self.resume(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look(Instant::now());
        }
    }

    /// How long to wait for an order before the next look.
    fn rest(&self) -> Duration {
        let is_ticking = locked(&self.state).parked.is_ticking();
        let most = if is_ticking { SLOW_TICK } else { IDLE };
        match &self.phase {
            Phase::Running(_) => TICK,
            Phase::Searching(search) => search.rest(Instant::now()).min(most),
            Phase::Opened(_) | Phase::Waiting => most,
        }
    }

    fn tell(&self, event: DeviceEvent) {
        match &event {
            DeviceEvent::Failed(words) => locked(&self.state).failure = Some(words.clone()),
            DeviceEvent::Reopened { .. } => locked(&self.state).clear_failure(),
            _ => {}
        }
        // This fails only if the supervisor has been dropped.
        let _ = self.events.send(event);
    }

    /// Reports once that there is no device, if the application wants to go on without one.
    fn tell_waiting(&mut self) {
        if self.supervision.absent.is_some() && !std::mem::replace(&mut self.is_told, true) {
            self.tell(DeviceEvent::Waiting);
        }
    }

    /// Publishes the properties of a device.
    fn show(&mut self, device: &T::Device) {
        self.is_told = false;
        let mut state = locked(&self.state);
        state.spec = device.spec();
        state.block_frames = device.block_frames();
        state.progress = device.progress();
    }

    fn is_opened(&mut self, placed: Placed<T>) {
        self.show(&placed.device);
        self.phase = Phase::Opened(placed);
    }

    fn is_running(&mut self, placed: Placed<T>, origin: Origin) {
        let now = Instant::now();
        self.show(&placed.device);
        let is_away = placed.id.is_none() && T::asked_device(&self.request).is_some();
        if is_away && self.home.is_due(now) {
            self.home.is_missing(now);
        }
        let rate_hz = placed.device.spec().rate_hz;
        self.phase = Phase::Running(Running {
            life: Box::new(Life::new(self.supervision.limits(), rate_hz, now)),
            placed,
            since: now,
            origin,
        });
    }

    /// Opens a device. If the stream follows the default device, it also asks which one that is.
    fn open_on(&mut self, request: &T::Request) -> Result<Placed<T>, DeviceError> {
        let device = T::open(self.backend.as_ref(), request)?;
        let id = T::asked_device(request).map(str::to_owned);
        if id.is_none() && self.supervision.policy == Policy::Follow {
            let default = T::default_id(self.backend.as_ref());
            self.default = default.map(|default| Followed::new(default, Instant::now()));
        }
        Ok(Placed {
            device,
            id,
            is_started: false,
        })
    }

    fn start(&mut self) -> Result<(), DeviceError> {
        let now = Instant::now();
        let opened = match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Opened(placed) => Ok(placed),
            // The device was stopped before, and is opened again.
            Phase::Waiting => self.open_on(&self.request.clone()),
            Phase::Searching(search) => {
                self.phase = Phase::Searching(search);
                self.silent_since = Some(now);
                self.stand_in();
                return Ok(());
            }
            running @ Phase::Running(_) => {
                self.phase = running;
                return Err(DeviceError::AlreadyStarted);
            }
        };
        match opened.and_then(|placed| self.start_parked(placed)) {
            Ok(placed) => self.is_running(placed, Origin::Settled),
            Err(error) if self.may_wait(&error) => {
                self.silent_since.get_or_insert(now);
                self.await_device();
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Starts what is parked on a device. If that fails, it is parked again.
    fn start_parked(&mut self, mut placed: Placed<T>) -> Result<Placed<T>, DeviceError> {
        let spec = placed.device.spec();
        let started = match self.recall() {
            Some(lent) => self.start_on(&mut placed.device, spec, lent),
            None => Err(DeviceError::NoAnswer),
        };
        match started {
            Ok(()) => {
                self.silent_since = None;
                placed.is_started = true;
                Ok(placed)
            }
            Err(error) => {
                if placed.id.is_some() {
                    self.home.died(Instant::now());
                }
                drop(bury::<T>(placed.device));
                Err(error)
            }
        }
    }

    /// Binds `lent` to the device and starts it there. If that fails, `lent` is parked.
    fn start_on(
        &mut self,
        device: &mut T::Device,
        spec: StreamSpec,
        mut lent: T,
    ) -> Result<(), DeviceError> {
        self.lose_silence(&mut lent);
        if *lent.device() != spec
            && let Err(error) = lent.rebind(spec)
        {
            self.park(Some(lent));
            return Err(DeviceError::Rebind(error));
        }
        let started = device.start(lent);
        if started.is_err() {
            self.park(device.stop().ok().flatten());
        }
        started
    }

    /// Counts the time since frames are missing as lost, up to now.
    fn lose_silence(&mut self, lent: &mut T) {
        if let Some(since) = &mut self.silent_since {
            let now = Instant::now();
            lent.lose(now.saturating_duration_since(*since));
            *since = now;
        }
    }

    fn stop(&mut self) -> Result<Option<T>, DeviceError> {
        match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Running(running) => return bury::<T>(running.placed.device),
            Phase::Opened(placed) => drop(bury::<T>(placed.device)),
            Phase::Searching(_) | Phase::Waiting => {}
        }
        let mut lent = self.recall();
        if let Some(lent) = &mut lent {
            self.lose_silence(lent);
        }
        self.silent_since = None;
        self.is_told = false;
        Ok(lent)
    }

    fn resume(&mut self) {
        let is_parked = !locked(&self.state).parked.is_nothing();
        if matches!(self.phase, Phase::Waiting) && is_parked {
            locked(&self.state).clear_failure();
            self.phase = Phase::Searching(Search::new(Instant::now()));
        }
    }

    fn recall(&self) -> Option<T> {
        let parked = std::mem::take(&mut locked(&self.state).parked);
        parked.recall()
    }

    /// Parks what was lent. With `None` it is lost for good, and another may be started.
    fn park(&self, lent: Option<T>) {
        let mut state = locked(&self.state);
        state.is_started &= lent.is_some();
        state.parked = lent.map_or(Parked::Nothing, Parked::Still);
        state.progress = None;
    }

    /// Parks what the application ordered back and did not wait for.
    fn keep(&self, lent: T) {
        let mut state = locked(&self.state);
        if state.parked.is_nothing() {
            state.parked = Parked::Still(lent);
        }
    }

    /// Makes what is parked run without a device, if the application wants that.
    fn stand_in(&self) {
        if let Some(absent) = self.supervision.absent {
            let parked = std::mem::take(&mut locked(&self.state).parked);
            let parked = parked.tick(absent);
            locked(&self.state).parked = parked;
        }
    }

    /// Whether the stream may wait for a device after this error.
    fn may_wait(&self, error: &DeviceError) -> bool {
        let is_for_ever = matches!(
            error,
            DeviceError::UnknownHost { .. }
                | DeviceError::UnsupportedFormat(_)
                | DeviceError::Rebind(_)
                | DeviceError::AlreadyStarted
        );
        self.supervision.absent.is_some() && !is_for_ever
    }

    /// Begins to search for a device, and goes on without one.
    fn await_device(&mut self) {
        self.phase = Phase::Searching(Search::new(Instant::now()));
        self.stand_in();
        self.tell_waiting();
    }

    fn look(&mut self, now: Instant) {
        let panicked = locked(&self.state).parked.poll_panics();
        panicked.into_iter().for_each(|event| self.tell(event));
        match &self.phase {
            Phase::Running(_) => self.look_after(now),
            Phase::Searching(search) if search.is_due(now) => {
                let search = *search;
                self.search(search);
            }
            _ => {}
        }
    }

    /// Recovers the renderer or recorder after a panic in the backend's code, and reports the panic.
    fn fail(&mut self, words: String) {
        match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Running(running) => {
                self.silent_since = Some(running.life.last_moved());
                self.park(bury::<T>(running.placed.device).ok().flatten());
            }
            Phase::Opened(placed) => drop(bury::<T>(placed.device)),
            Phase::Searching(_) | Phase::Waiting => {
                let lent = self.recall();
                self.park(lent);
            }
        }
        locked(&self.state).progress = None;
        self.tell(DeviceEvent::Failed(words));
    }
}

/// The message of a panic.
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> String {
    let words = payload
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    // The payload's destructor is the backend's code too, and could panic again.
    std::mem::forget(payload);
    format!("the audio system's code panicked: {words}")
}
