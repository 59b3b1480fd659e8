//! The supervisor: the application's end. It gives orders to the worker, and never waits for it for ever.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rt_callback::StreamSpec;

use super::parked::{Parked, StandIn};
use super::policy::Supervision;
use super::state::{State, locked};
use super::worker::{Order, Worker, panicked};
use crate::error::DeviceError;
use crate::seam::{Backend, DeviceEvent, Progress};

/// How long to wait for a device to be opened or started.
const OPENING: Duration = Duration::from_secs(10);
/// How long to wait for a device to be stopped.
const STOPPING: Duration = Duration::from_secs(5);

pub(super) struct Supervisor<T: StandIn> {
    orders: Sender<Order<T>>,
    events: Receiver<DeviceEvent>,
    ended: Receiver<()>,
    state: Arc<Mutex<State<T>>>,
}

impl<T: StandIn> Supervisor<T> {
    pub(super) fn open(
        backend: Box<dyn Backend>,
        request: T::Request,
        supervision: Supervision,
    ) -> Result<Self, DeviceError> {
        let (orders, received_orders) = channel();
        let (told, events) = channel();
        let (end, ended) = channel();
        let state = Arc::new(Mutex::new(State {
            spec: T::asked_spec(&request),
            block_frames: None,
            progress: None,
            failure: None,
            is_at_end: false,
            is_started: false,
            parked: Parked::Nothing,
        }));
        let (opened, is_open) = channel();
        let shared = Arc::clone(&state);
        thread::Builder::new()
            .name("device supervisor".into())
            .spawn(move || {
                // Dropped last, also after a panic, so that the supervisor learns of the end.
                let _end = end;
                let open =
                    move || Worker::open(backend, request, supervision, Arc::clone(&shared), told);
                let worker = panic::catch_unwind(AssertUnwindSafe(open))
                    .unwrap_or_else(|payload| Err(DeviceError::Backend(panicked(payload))));
                match worker {
                    Ok(worker) => {
                        let _ = opened.send(Ok(()));
                        worker.run(&received_orders);
                    }
                    Err(error) => drop(opened.send(Err(error))),
                }
            })?;
        is_open
            .recv_timeout(OPENING)
            .map_err(|_| DeviceError::NoAnswer)??;
        Ok(Self {
            orders,
            events,
            ended,
            state,
        })
    }

    pub(super) fn resume(&self) {
        let _ = self.orders.send(Order::Resume);
    }

    pub(super) fn spec(&self) -> StreamSpec {
        locked(&self.state).spec
    }

    pub(super) fn block_frames(&self) -> Option<usize> {
        locked(&self.state).block_frames
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        locked(&self.state).progress
    }

    pub(super) fn failure(&self) -> Option<String> {
        locked(&self.state).failure.clone()
    }

    /// Whether the stream has failed because its input has delivered all there was.
    pub(super) fn is_at_end(&self) -> bool {
        locked(&self.state).is_at_end
    }

    pub(super) fn start(&self, lent: T) -> Result<(), DeviceError> {
        {
            let mut state = locked(&self.state);
            if state.is_started {
                return Err(DeviceError::AlreadyStarted);
            }
            state.is_started = true;
            state.clear_failure();
            state.parked = Parked::Still(lent);
        }
        self.ask(Order::Start, OPENING)?
    }

    pub(super) fn stop(&self) -> Result<Option<T>, DeviceError> {
        let stopped = self.ask(Order::Stop, STOPPING);
        let mut state = locked(&self.state);
        state.is_started = false;
        // What was is over, even if the worker is stuck in it.
        state.progress = None;
        state.clear_failure();
        stopped.unwrap_or_else(|_| {
            // The worker is stuck in an audio system. What is parked can still be taken.
            let parked = std::mem::take(&mut state.parked);
            drop(state);
            Ok(parked.recall())
        })
    }

    /// Drops what is parked, which declares its end, and leaves the failure as it is.
    pub(super) fn let_go(&self) {
        let mut state = locked(&self.state);
        state.is_started = false;
        let parked = std::mem::take(&mut state.parked);
        // Not under the lock: what is dropped may be the application's own code.
        drop(state);
        drop(parked.recall());
    }

    pub(super) fn poll_event(&self) -> Option<DeviceEvent> {
        self.events.try_recv().ok()
    }

    /// Sends an order, and waits up to `deadline` for its answer.
    fn ask<A>(
        &self,
        order: impl FnOnce(Sender<A>) -> Order<T>,
        deadline: Duration,
    ) -> Result<A, DeviceError> {
        let (answer, answered) = channel();
        self.orders
            .send(order(answer))
            .map_err(|_| DeviceError::NoAnswer)?;
        answered
            .recv_timeout(deadline)
            .map_err(|_| DeviceError::NoAnswer)
    }
}

impl<T: StandIn> Drop for Supervisor<T> {
    fn drop(&mut self) {
        // The worker ends when its channel of orders is closed.
        self.orders = channel().0;
        let _ = self.ended.recv_timeout(STOPPING);
    }
}
