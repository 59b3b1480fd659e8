//! An output that outlives its device.

mod life;
mod worker;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rt_callback::{Renderer, StreamSpec};

use self::life::Limits;
use self::worker::{Order, Worker};
use crate::backend::{Backend, DeviceEvent, Output, OutputRequest, Progress};
use crate::error::DeviceError;

/// How long opening a device, or starting it, is waited for.
const OPENING: Duration = Duration::from_secs(10);
/// How long stopping it is.
const STOPPING: Duration = Duration::from_secs(5);

/// What becomes of a stream whose device is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// It goes on: on the device that was asked for if that can be had again, else on the default
    /// one. Where the default device was asked for and another becomes it, it goes there.
    #[default]
    Follow,
    /// It waits for [`Supervised::resume`], as a music player does when the headphones are pulled
    /// out.
    Pause,
    /// It ends.
    Fail,
}

/// How a [`Supervised`] output is looked after.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Supervision {
    /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`].
    pub policy: Policy,
    /// A device that asks for nothing for so long (and twice the last block's length) is dead.
    /// Default: 1 s.
    pub watchdog: Duration,
    /// The same before its first block. Default: 5 s.
    pub first_block: Duration,
    /// A device that is said to be gone may only have been moved, which is said a moment later: so
    /// long it is waited for that. Default: 250 ms.
    pub second_thoughts: Duration,
    /// For so long another device is looked for, again and again. Default: 10 s.
    pub patience: Duration,
    /// How often it is asked which device is the default, where the backend can say. Default: 1 s.
    pub default_interval: Duration,
}

impl Supervision {
    /// The defaults, with this policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            watchdog: Duration::from_secs(1),
            first_block: Duration::from_secs(5),
            second_thoughts: Duration::from_millis(250),
            patience: Duration::from_secs(10),
            default_interval: Duration::from_secs(1),
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            block: self.watchdog,
            first_block: self.first_block,
            second_thoughts: self.second_thoughts,
        }
    }
}

impl Default for Supervision {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

/// An output that outlives its device: of any [`Backend`], watched by a thread of its own.
///
/// Where the device is lost, its server dies, its callback stops coming or its error callback
/// spins, the renderer is recovered from the dead stream and, as the [`Policy`] says, bound to
/// what the next device takes: its queue, position, gain and pause state are kept. What happens is
/// told by [`poll_event`](Output::poll_event). No call waits without end for an audio system that
/// does not answer; dropping neither.
///
/// ```
/// use device_io::{Null, Output, OutputRequest, Supervised, Supervision};
/// use rt_callback::{Config, StreamSpec, stream};
///
/// let source: StreamSpec = "24000x1:s16le".parse()?;
/// let request = OutputRequest::new(source);
/// let mut output = Supervised::open(Null, request, Supervision::default())?;
/// let (mut feeder, _controller, renderer, monitor) = stream(&Config::new(source, output.spec()))?;
/// feeder.push(&[0_i16; 240])?;
/// feeder.end_utterance()?;
/// output.start(renderer)?;
/// while monitor.snapshot().heard_frames < 240 {
///     while let Some(event) = output.poll_event() {
///         println!("{event:?}");
///     }
///     std::thread::yield_now();
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Supervised {
    orders: Sender<Order>,
    events: Receiver<DeviceEvent>,
    ended: Receiver<()>,
    shared: Arc<Mutex<State>>,
}

/// What both threads look at. No audio thread comes here.
struct State {
    spec: StreamSpec,
    block_frames: Option<usize>,
    progress: Option<Progress>,
    /// The renderer, while it is in no device: it can be had even where the worker is stuck.
    parked: Option<Renderer>,
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Supervised {
    /// Opens an output without starting it, as [`Backend::open_output`] does, and takes it into its
    /// care.
    ///
    /// # Errors
    /// As [`Backend::open_output`]; [`DeviceError::NoAnswer`] where that does not return.
    pub fn open(
        backend: impl Backend + 'static,
        request: OutputRequest,
        supervision: Supervision,
    ) -> Result<Self, DeviceError> {
        Self::open_boxed(Box::new(backend), request, supervision)
    }

    /// As [`open`](Self::open), for a backend whose type is not known.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_boxed(
        backend: Box<dyn Backend>,
        request: OutputRequest,
        supervision: Supervision,
    ) -> Result<Self, DeviceError> {
        let (orders, received_orders) = channel();
        let (told, events) = channel();
        let (end, ended) = channel();
        let shared = Arc::new(Mutex::new(State {
            spec: request.spec,
            block_frames: None,
            progress: None,
            parked: None,
        }));
        let (opened, is_open) = channel();
        let state = Arc::clone(&shared);
        thread::Builder::new()
            .name("device supervisor".into())
            .spawn(move || {
                // Dropped last, whatever happens.
                let _end = end;
                match Worker::open(backend, request, supervision, state, told) {
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
            shared,
        })
    }

    /// Looks for a device to go on with, where the stream is [held](DeviceEvent::Held) or has
    /// [failed](DeviceEvent::Failed).
    pub fn resume(&self) {
        let _ = self.orders.send(Order::Resume);
    }

    /// Sends an order and waits for its answer, a while.
    fn ask<T>(
        &self,
        order: impl FnOnce(Sender<T>) -> Order,
        deadline: Duration,
    ) -> Result<T, DeviceError> {
        let (answer, answered) = channel();
        self.orders
            .send(order(answer))
            .map_err(|_| DeviceError::NoAnswer)?;
        answered
            .recv_timeout(deadline)
            .map_err(|_| DeviceError::NoAnswer)
    }
}

impl Output for Supervised {
    /// What it takes at this moment: another device may take something else, and the renderer is
    /// [bound](Renderer::rebind) to it.
    fn spec(&self) -> StreamSpec {
        locked(&self.shared).spec
    }

    fn block_frames(&self) -> Option<usize> {
        locked(&self.shared).block_frames
    }

    /// Of the device that is played on at present.
    fn progress(&self) -> Option<Progress> {
        locked(&self.shared).progress
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        self.ask(|answer| Order::Start(Box::new(renderer), answer), OPENING)?
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        match self.ask(Order::Stop, STOPPING) {
            Ok(stopped) => stopped,
            // It is stuck in an audio system; what it does not hold can be had all the same.
            Err(_) => Ok(locked(&self.shared).parked.take()),
        }
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.events.try_recv().ok()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // The worker ends when nobody is left to give it orders.
        self.orders = channel().0;
        let _ = self.ended.recv_timeout(STOPPING);
    }
}
