//! What a controller asks of a reader, and how far that has been obeyed.

use channel_mix::{Decibels, GainRamp};

use crate::link::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// The latest of what was asked for.
#[derive(Debug)]
pub(super) struct CaptureControls {
    /// The gain's f32 bits above, its ramp in application frames below, so that both change at once.
    pub(super) gain: AtomicU64,
    /// As it was asked for, in dB, as f32 bits.
    pub(super) gain_db: AtomicU32,
    pub(super) muted: AtomicBool,
    /// Unmuted, it is heard from this device frame on. Written before `muted`.
    pub(super) open_from: AtomicU64,
}

impl CaptureControls {
    pub(super) fn new(gain: Decibels) -> Self {
        Self {
            gain: AtomicU64::new(u64::from(gain.to_gain().to_bits()) << 32),
            gain_db: AtomicU32::new(gain.0.to_bits()),
            muted: AtomicBool::new(false),
            open_from: AtomicU64::new(0),
        }
    }

    pub(super) fn set_gain(&self, gain: Decibels, ramp_frames: u32) {
        self.gain_db.store(gain.0.to_bits(), Ordering::Relaxed);
        let packed = u64::from(gain.to_gain().to_bits()) << 32 | u64::from(ramp_frames);
        self.gain.store(packed, Ordering::Relaxed);
    }
}

/// The reader's gain on its way to what was asked for.
#[derive(Debug)]
pub(super) struct Steering {
    pub(super) ramp: GainRamp,
    /// Of muting, in application frames.
    mute_frames: u32,
    is_muted: bool,
    /// The packed gain that was taken last.
    gain: u64,
    /// Nothing has been given yet.
    pub(super) is_fresh: bool,
}

impl Steering {
    pub(super) fn new(gain: Decibels, mute_frames: u32) -> Self {
        let gain = gain.to_gain();
        Self {
            ramp: GainRamp::new(gain),
            mute_frames,
            is_muted: false,
            gain: u64::from(gain.to_bits()) << 32,
            is_fresh: true,
        }
    }

    /// Takes what was asked for. `heard` is the first device frame that what is given
    /// next sounds of; returns how many frames further on
    /// the next change lies. Before anything has been given there is nothing to ramp from.
    pub(super) fn take(&mut self, controls: &CaptureControls, heard: u64) -> Option<u64> {
        let muted = controls.muted.load(Ordering::Acquire);
        let open_from = controls.open_from.load(Ordering::Relaxed);
        let is_muted = muted || heard < open_from;
        let gain = controls.gain.load(Ordering::Relaxed);
        if (is_muted, gain) != (self.is_muted, self.gain) {
            let (level, ramp_frames) = (f32::from_bits((gain >> 32) as u32), gain as u32);
            let ramp_frames = match is_muted == self.is_muted {
                _ if self.is_fresh => 0,
                true => ramp_frames,
                false => self.mute_frames,
            };
            self.ramp
                .set(if is_muted { 0.0 } else { level }, ramp_frames);
            (self.is_muted, self.gain) = (is_muted, gain);
        }
        (!muted && is_muted).then(|| open_from - heard)
    }

    /// Whether samples pass as they are.
    pub(super) fn is_unity(&self) -> bool {
        self.ramp.is_steady() && self.ramp.target().to_bits() == 1.0_f32.to_bits()
    }
}
