//! The state that the halves share: latest-wins controls, and the counters.

use crate::config::{Clock, Config};
use crate::link::controls::{Cancel, Cancels, Controls};
use crate::link::counters::{COUNTER_WORDS, Counters};
use crate::link::feed::Feed;
use crate::link::heard::{At, Heard, History, Utterances};
use crate::link::snapshot::SeqLock;
use crate::link::source_time::SourceTimes;
use crate::link::sync::{AtomicBool, AtomicU64, Ordering, OwnWord};
use crate::span::frames_in;
use crate::spec::StreamSpec;

#[cfg(not(any(target_has_atomic = "64", feature = "portable-atomic")))]
compile_error!(
    "rt-callback counts frames in 64-bit atomics, which this target does not have: \
     enable its feature `portable-atomic`"
);

/// The state that every half reaches. No half ever waits for any of it.
///
/// The fields are in the order of use. Those that a block and a push touch stand together, in as few cache lines as
/// possible. Those that are seldom used stand behind them.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Shared {
    /// How many frames the feeder has queued.
    pub(crate) feed: Feed,
    /// Counts the feeder's changes that the renderer has to look at. Written after the change.
    fed: AtomicU64,
    /// Whether the feeder has been dropped: nothing more will be queued.
    pub(crate) closed: AtomicBool,
    /// Whether the renderer has been dropped: nothing reads the queue.
    pub(crate) abandoned: AtomicBool,
    /// The device's latency: the device frames from when a frame is rendered until it is heard.
    pub(crate) device_latency_frames: AtomicU64,
    pub(crate) controls: Controls,
    pub(crate) counters: SeqLock<COUNTER_WORDS>,
    /// How much has been queued, in nanoseconds, if a threshold depends on it. The feeder writes it before the bytes.
    pub(crate) queued_ns: AtomicU64,
    /// The position of the latest declared end, in source frames: nothing more comes before it.
    pub(crate) ended_frames: AtomicU64,
    /// How many utterances have been begun. The feeder writes it before the marker.
    pub(crate) begun_utterances: AtomicU64,
    /// The device's rate in Hz in the upper half, its channels in the lower half.
    device: AtomicU64,
    /// The furthest heard position that was ever returned, in source frames.
    told_frames: AtomicU64,
    clock: Option<Clock>,
    #[cfg(feature = "futures")]
    pub(crate) waiting: crate::link::waiting::Waiting,
    pub(crate) cancels: Cancels,
    /// The positions at the ends of recent blocks.
    pub(crate) history: History,
    /// Where the utterances lie that have sounded.
    pub(crate) utterances: Utterances,
    /// How long the heard frames last.
    pub(crate) source_times: SourceTimes,
}

impl Shared {
    pub(crate) fn new(config: &Config) -> Self {
        let shared = Self {
            feed: Feed::new(),
            queued_ns: AtomicU64::new(0),
            ended_frames: AtomicU64::new(0),
            device_latency_frames: AtomicU64::new(0),
            begun_utterances: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            fed: AtomicU64::new(0),
            controls: Controls::new(config.gain),
            cancels: Cancels::default(),
            counters: SeqLock::default(),
            history: History::default(),
            utterances: Utterances::default(),
            source_times: SourceTimes::new(config.source.rate_hz),
            told_frames: AtomicU64::new(0),
            clock: config.clock,
            #[cfg(feature = "futures")]
            waiting: crate::link::waiting::Waiting::default(),
            device: AtomicU64::new(0),
        };
        shared.set_device(&config.device);
        shared
    }

    pub(crate) fn set_device(&self, device: &StreamSpec) {
        let packed = u64::from(device.rate_hz) << 32 | device.channels() as u64;
        self.device.store(packed, Ordering::Relaxed);
    }

    pub(crate) fn device_rate_hz(&self) -> u32 {
        (self.device.load(Ordering::Relaxed) >> 32) as u32
    }

    pub(crate) fn device_channels(&self) -> usize {
        self.device.load(Ordering::Relaxed) as u32 as usize
    }

    /// Announces a change by the feeder. Only the feeder calls this.
    pub(crate) fn note_fed(&self) {
        let fed = self.fed.own();
        self.fed.store(fed.wrapping_add(1), Ordering::Release);
    }

    /// Announces a marker, before the bytes behind it. Only the feeder calls this.
    pub(crate) fn note_marked(&self) {
        self.controls.note_steered();
        self.note_fed();
    }

    /// The present count of changes: another value after every change that the renderer has to look at.
    pub(crate) fn changes(&self) -> Changes {
        Changes {
            fed: self.fed.load(Ordering::Acquire),
            steered: self.controls.steered(),
        }
    }

    /// Requests a cancellation, and returns whether there was room for it.
    pub(crate) fn cancel(&self, cancel: Cancel) -> bool {
        let placed = self.cancels.place(cancel);
        if placed {
            self.controls.note_cancel(cancel);
        }
        placed
    }

    #[cfg(any(feature = "std", feature = "futures"))]
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    /// All counters, as they stood together after one block.
    pub(crate) fn snapshot(&self) -> Counters {
        let words = self.counters.read();
        Counters::from_words(words, self.feed.frames())
    }

    /// The device frame that is heard now, as far as the device's latency is known.
    ///
    /// A frame is heard one latency after its block was asked for. Between two blocks the clock, if there is one, says
    /// how far the device has come, but never beyond the rendered frames.
    pub(crate) fn heard_device_frame(&self, counters: &Counters) -> u64 {
        let elapsed_frames = self.clock.map_or(0, |now| {
            let elapsed_ns = now().saturating_sub(counters.block_at_ns);
            frames_in(elapsed_ns, self.device_rate_hz())
        });
        counters
            .block_at_frame
            .saturating_add(elapsed_frames)
            .saturating_sub(self.device_latency_frames.load(Ordering::Relaxed))
            .min(counters.rendered_frames)
    }

    /// The position that is heard now.
    pub(crate) fn heard(&self) -> Heard {
        let counters = self.snapshot();
        let device_frame = self.heard_device_frame(&counters);
        let frames = if device_frame == counters.block_at_frame {
            counters.block_heard_frames
        } else {
            let latest = At {
                device_frame: counters.rendered_frames,
                frames: counters.heard_frames,
            };
            self.history.at(device_frame, latest)
        };
        // The position never runs back, although the latency may grow and the history is thinned out. Another thread
        // may have told a later position, and its utterance must be seen with it.
        let told_frames = self.told_frames.fetch_max(frames, Ordering::AcqRel);
        let frames = frames.max(told_frames);
        self.source_times.heard(frames, self.utterances.at(frames))
    }
}

/// How often the feeder and the controllers have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes {
    fed: u64,
    pub(crate) steered: u64,
}

#[cfg(all(feature = "futures", feature = "std"))]
impl crate::link::waiting::Watched for Shared {
    fn waiting(&self) -> &crate::link::waiting::Waiting {
        &self.waiting
    }

    /// An interruption, a discard and a cancellation end a wait as well, whether or not a block is rendered. Both
    /// counts only grow, so their sum is another whenever one of them is.
    fn sequence(&self) -> u64 {
        let blocks = self.counters.sequence();
        blocks.wrapping_add(self.controls.steered())
    }

    fn is_over(&self) -> bool {
        self.is_abandoned()
    }

    fn is_due(&self) -> bool {
        let due_frame = self.waiting.due_frame();
        due_frame.is_some_and(|due| self.heard_device_frame(&self.snapshot()) >= due)
    }
}
