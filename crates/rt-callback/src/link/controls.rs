//! The controls, by which controllers steer the renderer. The latest value of each wins.

use channel_mix::Decibels;

use crate::event::UtteranceId;
use crate::link::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering, or_modelled};

/// Latest-wins controls. Any thread stores them, and the renderer loads them once a block.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Controls {
    /// Counts every change of a control, and every marker. Written after the control or the marker itself.
    steered: AtomicU64,
    /// The gain's f32 bits in the upper half, its ramp in frames in the lower half, so that both change at once.
    gain: AtomicU64,
    muted: AtomicBool,
    paused: AtomicBool,
    held: AtomicBool,
    fade_frames: AtomicU32,
    /// The source frame before which the renderer drops everything.
    cut_frame: AtomicU64,
    /// How many cancellations have been requested in all.
    cancels_asked: AtomicU64,
    /// One more than the number of the latest utterance that was cancelled. The feeder needs to know no other, because
    /// it only ever pushes into the latest utterance.
    cancelled: AtomicU64,
    /// The gain as it was requested, in dB, as f32 bits.
    gain_db: AtomicU32,
}

/// The cancellations that wait for the renderer, each as the word of a [`Cancel`]. 0 is a free place.
///
/// Each word is complete by itself, so relaxed orderings do. [`Controls::cancels_asked`], counted after the word is
/// placed, makes the renderer see it.
#[derive(Debug)]
pub(crate) struct Cancels([AtomicU64; CANCELS]);

impl Default for Cancels {
    fn default() -> Self {
        Self(core::array::from_fn(|_| AtomicU64::new(0)))
    }
}

/// Stands for a fade that is as long as the stream's ramps.
pub(crate) const OWN_RAMP: u32 = u32::MAX;

/// How many cancellations may wait for the renderer.
pub(crate) const CANCELS: usize = or_modelled(32, 2);

/// The cancellation of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cancel {
    pub(crate) utterance: UtteranceId,
    /// In device frames.
    pub(crate) fade_frames: u32,
    /// Whether an utterance that has begun to sound is left alone.
    pub(crate) only_if_silent: bool,
}

/// The longest fade of a cancellation, 349 s at 48 kHz. Longer ones are shortened to it.
const MAX_CANCEL_FADE: u32 = (1 << 24) - 1;
const SILENT: u64 = 1 << 24;
const ID_SHIFT: u32 = 25;

impl Cancel {
    /// `None` if the utterance's number does not fit, after 2^39 utterances.
    fn to_word(self) -> Option<u64> {
        let number = self.utterance.0.checked_add(1)?;
        let silent = if self.only_if_silent { SILENT } else { 0 };
        let fade = u64::from(self.fade_frames.min(MAX_CANCEL_FADE));
        (number >> (64 - ID_SHIFT) == 0).then_some(number << ID_SHIFT | silent | fade)
    }

    fn from_word(word: u64) -> Option<Self> {
        Some(Self {
            utterance: UtteranceId((word >> ID_SHIFT).checked_sub(1)?),
            fade_frames: word as u32 & MAX_CANCEL_FADE,
            only_if_silent: word & SILENT != 0,
        })
    }
}

impl Controls {
    pub(crate) fn new(gain: Decibels) -> Self {
        Self {
            steered: AtomicU64::new(0),
            gain: AtomicU64::new(pack_gain(gain.to_gain(), 0)),
            muted: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            held: AtomicBool::new(false),
            fade_frames: AtomicU32::new(0),
            cut_frame: AtomicU64::new(0),
            cancels_asked: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            gain_db: AtomicU32::new(gain.0.to_bits()),
        }
    }

    /// How often a control was changed or the stream was marked.
    pub(crate) fn steered(&self) -> u64 {
        self.steered.load(Ordering::Acquire)
    }

    pub(crate) fn note_steered(&self) {
        self.steered.fetch_add(1, Ordering::Release);
    }

    /// Announces a cancellation that has been placed.
    pub(crate) fn note_cancel(&self, cancel: Cancel) {
        if !cancel.only_if_silent {
            let number = cancel.utterance.0.saturating_add(1);
            self.cancelled.fetch_max(number, Ordering::Relaxed);
        }
        self.cancels_asked.fetch_add(1, Ordering::Release);
        self.note_steered();
    }

    /// Whether `latest`, the latest utterance of the stream, has been cancelled.
    pub(crate) fn has_cancelled(&self, latest: UtteranceId) -> bool {
        self.cancelled.load(Ordering::Relaxed) == latest.0.saturating_add(1)
    }

    pub(crate) fn cancels_asked(&self) -> u64 {
        self.cancels_asked.load(Ordering::Acquire)
    }

    /// Sets the gain, and its ramp in device frames.
    pub(crate) fn set_gain(&self, gain: Decibels, ramp_frames: u32) {
        self.gain_db.store(gain.0.to_bits(), Ordering::Relaxed);
        self.gain
            .store(pack_gain(gain.to_gain(), ramp_frames), Ordering::Relaxed);
        self.note_steered();
    }

    /// The gain that was requested last.
    pub(crate) fn decibels(&self) -> Decibels {
        Decibels(f32::from_bits(self.gain_db.load(Ordering::Relaxed)))
    }

    /// The gain (linear) and its ramp (device frames).
    pub(crate) fn gain(&self) -> (f32, u32) {
        let packed = self.gain.load(Ordering::Relaxed);
        (f32::from_bits((packed >> 32) as u32), packed as u32)
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

    pub(crate) fn hold(&self) {
        self.held.store(true, Ordering::Release);
        self.note_steered();
    }

    /// Lifts the hold, and returns whether there was one. The swap releases what the caller stored before it.
    pub(crate) fn lift_hold(&self) -> bool {
        let was_held = self.held.swap(false, Ordering::Release);
        self.note_steered();
        was_held
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// Sets the fade of the next [`cut`](Self::cut), in device frames.
    pub(crate) fn set_fade(&self, fade_frames: u32) {
        self.fade_frames.store(fade_frames, Ordering::Relaxed);
    }

    /// Makes the renderer drop everything before the source frame `at_frame`.
    pub(crate) fn cut(&self, at_frame: u64) {
        self.cut_frame.fetch_max(at_frame, Ordering::Release);
        self.note_steered();
    }

    /// The source frame before which everything is dropped, and the fade's length in device frames.
    pub(crate) fn latest_cut(&self) -> (u64, u32) {
        let at_frame = self.cut_frame.load(Ordering::Acquire);
        (at_frame, self.fade_frames.load(Ordering::Relaxed))
    }
}

impl Cancels {
    /// Places a cancellation, and returns whether there was room.
    ///
    /// It replaces a waiting cancellation of the same utterance, unless it has `only_if_silent` set.
    pub(crate) fn place(&self, cancel: Cancel) -> bool {
        cancel.to_word().is_some_and(|word| {
            let is_same = |other: u64| other >> ID_SHIFT == word >> ID_SHIFT;
            let replaced = |other| if cancel.only_if_silent { other } else { word };
            let place = |wanted: &dyn Fn(u64) -> Option<u64>| {
                self.0.iter().any(|place| {
                    place
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, wanted)
                        .is_ok()
                })
            };
            place(&|other| is_same(other).then(|| replaced(other)))
                || place(&|other| (other == 0).then_some(word))
        })
    }

    /// Whether an unconditional cancellation of this utterance waits.
    pub(crate) fn has(&self, utterance: UtteranceId) -> bool {
        self.0.iter().any(|place| {
            let cancel = Cancel::from_word(place.load(Ordering::Relaxed));
            cancel.is_some_and(|it| it.utterance == utterance && !it.only_if_silent)
        })
    }

    /// Shows each waiting cancellation to `taken`, and removes those for which it returns true. Returns whether any
    /// still waits. Only the renderer calls this.
    pub(crate) fn take(&self, mut taken: impl FnMut(Cancel) -> bool) -> bool {
        let mut is_waiting = false;
        for place in &self.0 {
            let word = place.load(Ordering::Relaxed);
            if let Some(cancel) = Cancel::from_word(word) {
                // If another thread has just replaced it, that thread's request makes the renderer look again.
                let is_taken = taken(cancel)
                    && place
                        .compare_exchange(word, 0, Ordering::Relaxed, Ordering::Relaxed)
                        .is_ok();
                is_waiting |= !is_taken;
            }
        }
        is_waiting
    }
}

fn pack_gain(gain: f32, ramp_frames: u32) -> u64 {
    u64::from(gain.to_bits()) << 32 | u64::from(ramp_frames)
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    fn cancel(id: u64, fade_frames: u32) -> Cancel {
        Cancel {
            utterance: UtteranceId(id),
            fade_frames,
            only_if_silent: false,
        }
    }

    #[test]
    fn gain_and_ramp_change_together() {
        let controls = Controls::new(Decibels(0.0));
        controls.set_gain(Decibels(-12.0), u32::MAX);
        assert_eq!(controls.gain(), (Decibels(-12.0).to_gain(), u32::MAX));
        assert_eq!(controls.decibels(), Decibels(-12.0));
    }

    #[test]
    fn a_cut_never_moves_back() {
        let controls = Controls::new(Decibels(0.0));
        controls.set_fade(5);
        controls.cut(100);
        controls.set_fade(9);
        controls.cut(40);
        assert_eq!(controls.latest_cut(), (100, 9));
    }

    #[test]
    fn the_same_cancellation_twice_takes_one_place_and_the_latest_holds() {
        let cancels = Cancels::default();
        for id in 0..CANCELS as u64 {
            assert!(cancels.place(cancel(id, 1)));
            assert!(cancels.place(cancel(id, u32::MAX)));
        }
        assert!(!cancels.place(cancel(99, 1)), "full");
        assert!(cancels.place(cancel(3, 7)));
        let mut seen = alloc::vec::Vec::new();
        let is_waiting = cancels.take(|cancel| {
            seen.push((cancel.utterance.0, cancel.fade_frames));
            cancel.utterance.0 != 5
        });
        assert!(is_waiting);
        assert_eq!(seen.len(), CANCELS);
        assert_eq!((seen[3], seen[4]), ((3, 7), (4, MAX_CANCEL_FADE)));
        assert!(cancels.place(cancel(99, 1)), "room again");
        // A cancellation with `only_if_silent` does not replace an unconditional one. The reverse does.
        let only = |id| Cancel {
            only_if_silent: true,
            ..cancel(id, 0)
        };
        assert!(cancels.place(only(5)) && cancels.has(UtteranceId(5)));
        let mut kept = None;
        cancels.take(|cancel| {
            kept = kept.or((cancel.utterance.0 == 5).then_some(cancel));
            true
        });
        assert_eq!(kept, Some(cancel(5, MAX_CANCEL_FADE)));
        assert!(cancels.place(only(6)) && !cancels.has(UtteranceId(6)));
        assert!(cancels.place(cancel(6, 3)) && cancels.has(UtteranceId(6)));
        cancels.take(|found| {
            assert_eq!(found, cancel(6, 3));
            true
        });
        assert!(!cancels.place(cancel(1 << 39, 1)), "too large a number");
    }
}
