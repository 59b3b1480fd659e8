//! The thread that fills the queue: as the input comes, as there is room, and as the script says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rt_callback::{FeedError, Feeder, StreamSpec};

use crate::console::Failure;
use crate::input::{Input, Next};
use crate::script::{Changes, Script};

/// How often the queue is filled and the display brought up to date.
pub(super) const TICK: Duration = Duration::from_millis(20);
/// Frames read at a time.
const FEED_FRAMES: usize = 1_024;

/// What the feeding came to.
pub(super) type Fed = (Input, Result<(), Failure>);

/// A running feeder.
pub(super) struct Feeding {
    thread: JoinHandle<Fed>,
    /// All that there is to be pushed has been pushed.
    is_pushed: Arc<AtomicBool>,
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
    /// Pushes all of the input, or as much of it as comes before an interruption, and waits until it has
    /// been heard, on a thread of its own: a pipe may keep it waiting.
    pub(super) fn start(input: Input, feeder: Feeder, guide: Guide) -> Self {
        let is_pushed = Arc::<AtomicBool>::default();
        let pushed = Arc::clone(&is_pushed);
        let thread = thread::spawn(move || feed(input, feeder, &guide, &pushed));
        Self { thread, is_pushed }
    }

    /// Whether nothing more comes, so that there is nothing to wait for before the device is started.
    pub(super) fn is_pushed(&self) -> bool {
        self.is_pushed.load(Ordering::Relaxed)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    pub(super) fn end(self) -> Result<Fed, Failure> {
        self.thread
            .join()
            .map_err(|_| Failure::failed("reading the input failed"))
    }
}

fn feed(mut input: Input, mut feeder: Feeder, guide: &Guide, is_pushed: &AtomicBool) -> Fed {
    let fed = push_all(&mut input, &mut feeder, guide);
    is_pushed.store(true, Ordering::Relaxed);
    // Dropping the feeder is an end too, where reading failed.
    if fed.is_ok() {
        // However long that takes, unless the player has ended.
        let _ = feeder.drain(Duration::MAX);
    }
    (input, fed)
}

fn push_all(input: &mut Input, feeder: &mut Feeder, guide: &Guide) -> Result<(), Failure> {
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
        let allowed = guide.allowed_frames(input);
        if allowed == 0 {
            thread::sleep(TICK);
            continue;
        }
        let frames = FEED_FRAMES.min(allowed).min(changes.left(input.frames()));
        match input.read_some(frames, &mut bytes)? {
            Next::Frames(_) => {}
            Next::End => return Ok(()),
            Next::Changed(spec) => match feeder.set_source_blocking(spec, Duration::MAX) {
                Ok(()) => continue,
                // The player has ended, or an interruption has ended this.
                Err(FeedError::MarkersFull | FeedError::Interrupted { .. }) => return Ok(()),
                Err(error) => return Err(Failure::failed(error)),
            },
        }
        match feeder.push_bytes_blocking(&bytes, Duration::MAX) {
            Ok(taken) if taken == bytes.len() => {}
            // The player has ended, or an interruption has ended this.
            Ok(_) | Err(FeedError::Interrupted { .. }) => return Ok(()),
            Err(error) => return Err(Failure::failed(error)),
        }
    }
}

impl Guide {
    /// How many more frames of the input may be pushed at this moment; 0 where the script says that the
    /// feeder is silent.
    fn allowed_frames(&self, input: &Input) -> usize {
        let now = self.rendered.load(Ordering::Relaxed);
        // The feeder pushes on: that is refused after an interruption, and so it learns of it.
        let is_cut = self.script.interruption.is_some_and(|(at, _)| now >= at);
        if is_cut {
            return usize::MAX;
        }
        if self.script.is_starved(now) {
            return 0;
        }
        let silent_from = self.script.next_starvation(now);
        silent_from.map_or(usize::MAX, |frame| self.up_to(frame, input))
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
