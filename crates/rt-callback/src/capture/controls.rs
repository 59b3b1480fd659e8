//! The capture's controls, and which of their values the reader has applied.

use channel_mix::Decibels;

use crate::link::sync::{AtomicU32, AtomicU64, Ordering};
use crate::volume::Volume;

/// The bit of [`CaptureControls::heard_from`] that says that the capture is muted. No position is as large.
const MUTED: u64 = 1 << 63;

/// Latest-wins controls. Any thread stores them, and the reader loads them at each read.
#[derive(Debug)]
pub(super) struct CaptureControls {
    /// The gain's f32 bits in the upper half, its ramp in application frames in the lower half, so that both change at
    /// once.
    gain: AtomicU64,
    /// The gain as it was requested, in dB, as f32 bits.
    gain_db: AtomicU32,
    /// The device frame from which the capture is heard, or [`MUTED`] and the number of the mute. It is one word, so
    /// that both change at once and need no order.
    heard_from: AtomicU64,
    /// How often the capture has been muted.
    mutes: AtomicU64,
}

impl CaptureControls {
    pub(super) fn new(gain: Decibels) -> Self {
        Self {
            gain: AtomicU64::new(packed(gain, 0)),
            gain_db: AtomicU32::new(gain.0.to_bits()),
            heard_from: AtomicU64::new(0),
            mutes: AtomicU64::new(0),
        }
    }

    pub(super) fn set_gain(&self, gain: Decibels, ramp_frames: u32) {
        self.gain_db.store(gain.0.to_bits(), Ordering::Relaxed);
        self.gain
            .store(packed(gain, ramp_frames), Ordering::Relaxed);
    }

    /// The gain that was requested last.
    pub(super) fn gain(&self) -> Decibels {
        Decibels(f32::from_bits(self.gain_db.load(Ordering::Relaxed)))
    }

    pub(super) fn mute(&self) {
        let number = self.mutes.fetch_add(1, Ordering::Relaxed);
        self.heard_from.store(MUTED | number, Ordering::Relaxed);
    }

    /// Lets the capture be heard from the device frame `now()` on, if it is muted.
    ///
    /// If another thread mutes it meanwhile, `now` is asked again: frames that came before would be frames that were
    /// captured while it was muted. If another thread ends the mute meanwhile, nothing happens.
    pub(super) fn unmute(&self, now: impl Fn() -> u64) {
        let mut state = self.heard_from.load(Ordering::Relaxed);
        while state & MUTED != 0 {
            let open = now() & !MUTED;
            let order = Ordering::Relaxed;
            match self.heard_from.compare_exchange(state, open, order, order) {
                Ok(_) => return,
                Err(newer) => state = newer,
            }
        }
    }

    pub(super) fn is_muted(&self) -> bool {
        self.heard_from.load(Ordering::Relaxed) & MUTED != 0
    }
}

/// A gain and the length of its ramp in one word.
fn packed(gain: Decibels, ramp_frames: u32) -> u64 {
    u64::from(gain.to_gain().to_bits()) << 32 | u64::from(ramp_frames)
}

/// The gain and the mute that the reader applies, on their way to what is requested.
///
/// The time of their ramps passes with every frame that is read, whether it is heard or not.
#[derive(Debug)]
pub(super) struct Steering {
    pub(super) volume: Volume,
    /// Length of the ramp at a mute or its end, in application frames.
    mute_frames: u32,
    is_muted: bool,
    /// The packed gain that was taken last.
    taken: u64,
    /// [`CaptureControls::heard_from`] when it was taken last.
    heard_from: u64,
    /// Whether nothing has been read yet.
    pub(super) is_fresh: bool,
}

impl Steering {
    pub(super) fn new(gain: Decibels, mute_frames: u32) -> Self {
        Self {
            volume: Volume::new(gain.to_gain()),
            mute_frames,
            is_muted: false,
            taken: packed(gain, 0),
            heard_from: 0,
            is_fresh: true,
        }
    }

    /// Applies the controls' latest values, and returns how many device frames after `heard` the next change lies.
    ///
    /// `heard` is the first device frame that the next application frame depends on. Before anything has been read
    /// there is nothing to ramp from, so changes act at once.
    pub(super) fn take(&mut self, controls: &CaptureControls, heard: u64) -> Option<u64> {
        let heard_from = controls.heard_from.load(Ordering::Relaxed);
        self.heard_from = heard_from;
        let is_muted = heard < heard_from;
        if is_muted != self.is_muted {
            self.set_mute(is_muted);
        }
        let gain = controls.gain.load(Ordering::Relaxed);
        if gain != self.taken {
            let level = f32::from_bits((gain >> 32) as u32);
            self.volume.set_gain(level, self.ramp(gain as u32));
            self.taken = gain;
        }
        (is_muted && heard_from & MUTED == 0).then(|| heard_from - heard)
    }

    /// Whether the capture has been muted, and is no longer, since the controls were taken last.
    pub(super) fn has_missed_a_mute(&self, controls: &CaptureControls) -> bool {
        let heard_from = controls.heard_from.load(Ordering::Relaxed);
        heard_from != self.heard_from && heard_from & MUTED == 0
    }

    /// Begins a mute, or its end.
    pub(super) fn set_mute(&mut self, is_muted: bool) {
        self.volume.set_muted(is_muted, self.ramp(self.mute_frames));
        self.is_muted = is_muted;
    }

    fn ramp(&self, frames: u32) -> u32 {
        if self.is_fresh { 0 } else { frames }
    }

    /// Whether the mute has been taken.
    pub(super) fn is_muted(&self) -> bool {
        self.is_muted
    }

    /// Multiplies frames that were read before, with the gain that they were read with, interleaved.
    pub(super) fn apply_mute(&mut self, block: &mut [f32], channels: usize) {
        self.volume.mute_interleaved(block, channels);
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use core::cell::Cell;

    use super::*;

    fn heard_from(controls: &CaptureControls) -> u64 {
        controls.heard_from.load(Ordering::Relaxed)
    }

    #[test]
    fn a_mute_in_the_middle_of_an_unmute_moves_where_it_is_heard_again() {
        let controls = CaptureControls::new(Decibels::UNITY);
        controls.mute();
        let position = Cell::new(100);
        // Another thread mutes it after the position was taken, and more is captured.
        controls.unmute(|| {
            let now = position.get();
            if now == 100 {
                controls.mute();
                position.set(580);
            }
            now
        });
        assert!(!controls.is_muted());
        assert_eq!(heard_from(&controls), 580);
    }

    #[test]
    fn the_slower_of_two_unmutes_silences_nothing() {
        let controls = CaptureControls::new(Decibels::UNITY);
        controls.mute();
        controls.unmute(|| {
            controls.unmute(|| 100);
            580
        });
        assert_eq!(heard_from(&controls), 100);
        controls.unmute(|| 1_000);
        assert_eq!(heard_from(&controls), 100, "it is not muted");
    }
}
