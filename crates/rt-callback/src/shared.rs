//! What the halves share: controls that only the latest value of matters, and the counters.

use channel_mix::Decibels;

use crate::counters::Counters;
use crate::event::UtteranceId;
use crate::heard::{At, Heard, History};
use crate::spec::StreamSpec;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence, spin_loop};

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "rt-callback counts frames in 64-bit atomics, which this target does not have; \
     pcm-convert, channel-mix and rate-convert work without them"
);

/// State reached from every half. Nothing here is ever waited for.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Source frames that have been queued. Written by the feeder, after the bytes.
    pub(crate) committed_frames: AtomicU64,
    /// The position of the latest declared end, in source frames: what is queued before it is all
    /// there will be of it.
    pub(crate) ended_frames: AtomicU64,
    /// Device frames between being rendered and being heard, as the device last said.
    pub(crate) device_latency_frames: AtomicU64,
    /// How many utterances have been begun. Written by the feeder, before the marker.
    pub(crate) begun_utterances: AtomicU64,
    /// The feeder is gone: what is queued is all there will be.
    pub(crate) closed: AtomicBool,
    /// How often the feeder has changed anything that the renderer looks at. Written after it.
    fed: AtomicU64,
    pub(crate) controls: Controls,
    pub(crate) counters: SeqLock,
    /// Where blocks ended of late, while the device says that it has a latency.
    pub(crate) history: History,
    /// The renderer is gone: what is queued is heard no more.
    #[cfg(feature = "futures")]
    pub(crate) abandoned: AtomicBool,
    #[cfg(feature = "futures")]
    pub(crate) waiting: crate::waiting::Waiting,
    /// The device's rate in Hz, above, and its channels, below.
    device: AtomicU64,
}

impl Shared {
    pub(crate) fn new(gain: Decibels, device: &StreamSpec) -> Self {
        let shared = Self {
            committed_frames: AtomicU64::new(0),
            ended_frames: AtomicU64::new(0),
            device_latency_frames: AtomicU64::new(0),
            begun_utterances: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            fed: AtomicU64::new(0),
            controls: Controls::new(gain.to_gain()),
            counters: SeqLock::default(),
            history: History::default(),
            #[cfg(feature = "futures")]
            abandoned: AtomicBool::new(false),
            #[cfg(feature = "futures")]
            waiting: crate::waiting::Waiting::default(),
            device: AtomicU64::new(0),
        };
        shared.set_device(device);
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

    /// Says that the feeder has changed something. Only the feeder calls this.
    pub(crate) fn note_fed(&self) {
        let fed = self.fed.load(Ordering::Relaxed);
        self.fed.store(fed.wrapping_add(1), Ordering::Release);
    }

    /// Another one after every change that the renderer has to look at.
    pub(crate) fn changes(&self) -> Changes {
        Changes {
            fed: self.fed.load(Ordering::Acquire),
            steered: self.controls.steered.load(Ordering::Acquire),
        }
    }

    #[cfg(feature = "futures")]
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    /// All counters, as they stood together after one block.
    pub(crate) fn snapshot(&self) -> Counters {
        let words = self.counters.read();
        let committed = self.committed_frames.load(Ordering::Acquire);
        Counters::from_words(words, committed)
    }
}

impl Shared {
    /// What has been heard by now, as far as the device's latency is known.
    pub(crate) fn heard(&self) -> Heard {
        let counters = self.snapshot();
        match self.device_latency_frames.load(Ordering::Relaxed) {
            0 => counters.rendered(),
            latency => {
                let latest = At {
                    device_frame: counters.rendered_frames,
                    heard: counters.rendered(),
                };
                let heard_frame = latest.device_frame.saturating_sub(latency);
                self.history.at(heard_frame, latest)
            }
        }
    }
}

/// How often the feeder and the controllers have changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes {
    fed: u64,
    steered: u64,
}

/// Latest-wins controls: any thread stores, the renderer loads once a block.
#[derive(Debug)]
pub(crate) struct Controls {
    /// How often any of them was set. Written after it.
    steered: AtomicU64,
    /// The gain's f32 bits above, its ramp in frames below, so that both change at once.
    gain: AtomicU64,
    muted: AtomicBool,
    paused: AtomicBool,
    /// Everything queued before this source frame is to be dropped.
    cut_frame: AtomicU64,
    fade_frames: AtomicU32,
    /// What had been queued when the stream was last held.
    held_frame: AtomicU64,
    /// Utterances to be cancelled, each its id and 1; 0 is a free place.
    cancels: [AtomicU64; CANCELS],
    /// How many have been asked for in all.
    cancels_asked: AtomicU64,
}

/// A fade as long as the stream's ramps are.
pub(crate) const OWN_RAMP: u32 = u32::MAX;

/// Cancellations that may wait for the renderer.
pub(crate) const CANCELS: usize = 16;

impl Controls {
    fn new(gain: f32) -> Self {
        Self {
            steered: AtomicU64::new(0),
            gain: AtomicU64::new(pack_gain(gain, 0)),
            muted: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            cut_frame: AtomicU64::new(0),
            fade_frames: AtomicU32::new(0),
            held_frame: AtomicU64::new(0),
            cancels: Default::default(),
            cancels_asked: AtomicU64::new(0),
        }
    }

    /// False where as many cancellations wait as there is room for.
    pub(crate) fn cancel(&self, id: UtteranceId) -> bool {
        let word = id.0.saturating_add(1);
        let placed = self.cancels.iter().any(|place| {
            let found = place.compare_exchange(0, word, Ordering::AcqRel, Ordering::Acquire);
            found.is_ok() || found == Err(word)
        });
        if placed {
            self.cancels_asked.fetch_add(1, Ordering::Release);
            self.note_steered();
        }
        placed
    }

    fn note_steered(&self) {
        self.steered.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn cancels_asked(&self) -> u64 {
        self.cancels_asked.load(Ordering::Acquire)
    }

    /// Shows what waits; what `taken` says true of waits no longer. Only the renderer calls this.
    pub(crate) fn take_cancels(&self, mut taken: impl FnMut(UtteranceId) -> bool) {
        for place in &self.cancels {
            let word = place.load(Ordering::Acquire);
            if word > 0 && taken(UtteranceId(word - 1)) {
                place.store(0, Ordering::Release);
            }
        }
    }

    pub(crate) fn set_gain(&self, gain: f32, ramp_frames: u32) {
        self.gain
            .store(pack_gain(gain, ramp_frames), Ordering::Relaxed);
        self.note_steered();
    }

    pub(crate) fn set_muted(&self, muted: bool) {
        self.muted.store(muted, Ordering::Relaxed);
        self.note_steered();
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    pub(crate) fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::Release);
        self.note_steered();
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// Gain (linear) and ramp (frames).
    pub(crate) fn gain(&self) -> (f32, u32) {
        let packed = self.gain.load(Ordering::Relaxed);
        (f32::from_bits((packed >> 32) as u32), packed as u32)
    }

    pub(crate) fn cut(&self, at_frame: u64, fade_frames: u32) {
        self.fade_frames.store(fade_frames, Ordering::Relaxed);
        self.cut_frame.fetch_max(at_frame, Ordering::AcqRel);
        self.note_steered();
    }

    /// Pauses, and remembers that everything before `at_frame` may be discarded.
    pub(crate) fn hold(&self, at_frame: u64) {
        self.held_frame.store(at_frame, Ordering::Relaxed);
        self.set_paused(true);
    }

    /// Drops what was held. The cut is published before the pause is lifted.
    pub(crate) fn discard(&self) {
        self.cut(self.held_frame.load(Ordering::Relaxed), OWN_RAMP);
        self.set_paused(false);
    }

    /// The source frame before which everything is to go, and the fade's length in frames.
    pub(crate) fn latest_cut(&self) -> (u64, u32) {
        let at_frame = self.cut_frame.load(Ordering::Acquire);
        (at_frame, self.fade_frames.load(Ordering::Relaxed))
    }
}

fn pack_gain(gain: f32, ramp_frames: u32) -> u64 {
    u64::from(gain.to_bits()) << 32 | u64::from(ramp_frames)
}

/// How many words the counters are.
pub(crate) const COUNTER_WORDS: usize = 20;

/// Words written by one thread and read by others as one consistent set.
///
/// The writer never waits. A reader that meets a write in progress reads again; the sequence
/// number is odd during a write (Hans-J. Boehm, "Can seqlocks get along with programming language
/// memory models?", MSPC 2012, gives the orderings).
#[derive(Debug)]
pub(crate) struct SeqLock<const WORDS: usize = COUNTER_WORDS> {
    pub(crate) sequence: AtomicU64,
    pub(crate) words: [AtomicU64; WORDS],
}

impl<const WORDS: usize> Default for SeqLock<WORDS> {
    fn default() -> Self {
        Self {
            sequence: AtomicU64::new(0),
            words: core::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl<const WORDS: usize> SeqLock<WORDS> {
    /// Publishes the words. Only one thread may call this.
    pub(crate) fn write(&self, words: &[u64; WORDS]) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence
            .store(sequence.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        for (slot, word) in self.words.iter().zip(words) {
            slot.store(*word, Ordering::Relaxed);
        }
        self.sequence
            .store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// Another number after every write.
    #[cfg(all(feature = "futures", feature = "std"))]
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Acquire)
    }

    /// The words of one write, never a mixture of two.
    pub(crate) fn read(&self) -> [u64; WORDS] {
        loop {
            let before = self.sequence.load(Ordering::Acquire);
            let mut words = [0; WORDS];
            for (word, slot) in words.iter_mut().zip(&self.words) {
                *word = slot.load(Ordering::Relaxed);
            }
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.sequence.load(Ordering::Relaxed) == before {
                return words;
            }
            spin_loop();
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_snapshot_is_never_a_mixture_of_two_writes() {
        let lock = Arc::new(SeqLock::<COUNTER_WORDS>::default());
        let writer = {
            let lock = Arc::clone(&lock);
            std::thread::spawn(move || {
                for value in 1..=200_000 {
                    lock.write(&[value; COUNTER_WORDS]);
                }
            })
        };
        let mut last = 0;
        while last < 200_000 {
            let words = lock.read();
            assert!(words.iter().all(|word| *word == words[0]), "{words:?}");
            assert!(words[0] >= last);
            last = words[0];
        }
        writer.join().unwrap();
    }

    #[test]
    fn gain_and_ramp_change_together() {
        let controls = Controls::new(1.0);
        controls.set_gain(0.25, u32::MAX);
        assert_eq!(controls.gain(), (0.25, u32::MAX));
    }

    #[test]
    fn a_cut_never_moves_back() {
        let controls = Controls::new(1.0);
        controls.cut(100, 5);
        controls.cut(40, 9);
        assert_eq!(controls.latest_cut(), (100, 9));
    }
}
