//! The thread that fills the queue: as the input comes, as there is room, and as the script says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rt_callback::{Controller, Feeder, Ramp, StreamSpec};

use super::TICK;
use crate::failure::Failure;
use crate::input::Input;
use crate::script::{Changes, Script};

/// Frames read at a time.
const FEED_FRAMES: usize = 1_024;

/// What the feeding came to.
pub(super) type Fed = (Input, Result<(), Failure>);

/// A running feeder.
pub(super) struct Feeding {
    thread: JoinHandle<Fed>,
    gate: Arc<Gate>,
}

/// Once it is shut, nothing more is pushed: what an interruption cuts off stays off.
#[derive(Default)]
struct Gate {
    is_shut: Mutex<bool>,
}

impl Gate {
    /// Pushes, unless it is shut.
    fn push(&self, push: impl FnOnce() -> usize) -> Option<usize> {
        let is_shut = self.is_shut.lock().unwrap_or_else(PoisonError::into_inner);
        (!*is_shut).then(push)
    }
}

/// What the feeder goes by.
pub(super) struct Guide {
    pub(super) script: Script,
    pub(super) device: StreamSpec,
    /// Source frames that the resampler reads ahead.
    pub(super) latency_frames: usize,
    /// Device frames rendered so far.
    pub(super) rendered: Arc<AtomicU64>,
}

impl Feeding {
    /// Pushes all of the input, and waits until it has been heard, on a thread of its own: a pipe
    /// may keep it waiting.
    pub(super) fn start(input: Input, feeder: Feeder, guide: Guide) -> Self {
        let gate = Arc::<Gate>::default();
        let shut = Arc::clone(&gate);
        let thread = thread::spawn(move || feed(input, feeder, &guide, &shut));
        Self { thread, gate }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Cuts off what is queued, and all that would have followed.
    pub(super) fn interrupt(&self, controller: &Controller, fade: Ramp) {
        let mut is_shut = self
            .gate
            .is_shut
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *is_shut = true;
        controller.interrupt(fade);
    }

    pub(super) fn end(self) -> Result<Fed, Failure> {
        self.thread
            .join()
            .map_err(|_| Failure::failed("reading the input failed"))
    }
}

fn feed(mut input: Input, mut feeder: Feeder, guide: &Guide, gate: &Gate) -> Fed {
    let fed = push_all(&mut input, &mut feeder, guide, gate);
    // Until it has been heard, however long that takes. Dropping the feeder is an end too, where
    // reading failed.
    let fed = fed.and_then(|()| feeder.drain(Duration::MAX).map_err(Failure::failed));
    (input, fed)
}

fn push_all(
    input: &mut Input,
    feeder: &mut Feeder,
    guide: &Guide,
    gate: &Gate,
) -> Result<(), Failure> {
    feeder.begin_utterance().map_err(Failure::failed)?;
    let mut changes = Changes::new(&guide.script, input.spec(), guide.device);
    let mut bytes = Vec::new();
    loop {
        if changes.left(input.frames()) == 0
            && let Some(spec) = changes.change(0)
        {
            input.change(spec)?;
            feeder.set_source(spec).map_err(Failure::usage)?;
            continue;
        }
        let allowed = match guide.allowed(input) {
            Allowed::Nothing => break,
            Allowed::NothingYet => {
                thread::sleep(TICK);
                continue;
            }
            Allowed::Frames(frames) => frames.min(changes.left(input.frames())),
        };
        if input.read_some(FEED_FRAMES.min(allowed), &mut bytes)? == 0 {
            break;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let Some(taken) = gate.push(|| feeder.push_bytes(rest)) else {
                return Ok(());
            };
            rest = rest.get(taken..).unwrap_or_default();
            if !rest.is_empty() {
                thread::sleep(TICK);
            }
        }
    }
    Ok(())
}

/// How much more of the input may be pushed at this moment.
enum Allowed {
    Frames(usize),
    /// The script says that the feeder is silent.
    NothingYet,
    /// The script has ended it.
    Nothing,
}

impl Guide {
    fn allowed(&self, input: &Input) -> Allowed {
        let now = self.rendered.load(Ordering::Relaxed);
        let interruption = self.script.interruption(self.device.rate_hz);
        let is_cut = interruption.is_some_and(|(at, _)| now >= at);
        if self.script.is_starved(now) && !is_cut {
            return Allowed::NothingYet;
        }
        // What fades has to be there; what would come after it must not.
        let cut = interruption.map(|(at, fade_frames)| at + fade_frames);
        let until = cut.into_iter().chain(self.script.next_starvation(now));
        match until.min().map(|frame| self.up_to(frame, input)) {
            None => Allowed::Frames(usize::MAX),
            Some(0) if is_cut => Allowed::Nothing,
            Some(0) => Allowed::NothingYet,
            Some(frames) => Allowed::Frames(frames),
        }
    }

    /// Source frames that are still needed for the device frames before this one.
    fn up_to(&self, device_frame: u64, input: &Input) -> usize {
        let (from, to) = (
            u64::from(input.spec().rate_hz),
            u64::from(self.device.rate_hz),
        );
        let sounding = self.script.sounding(device_frame);
        let needed = (sounding * from).div_ceil(to) + self.latency_frames as u64;
        usize::try_from(needed.saturating_sub(input.frames())).unwrap_or(usize::MAX)
    }
}
