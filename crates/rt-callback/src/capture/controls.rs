//! The capture's controls, and which of their values the reader has applied.

use channel_mix::{Decibels, GainRamp};

use crate::link::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Latest-wins controls. Any thread stores them, and the reader loads them at each read.
#[derive(Debug)]
pub(super) struct CaptureControls {
    /// The gain's f32 bits in the upper half, its ramp in application frames in the lower half, so that both change at
    /// once.
    pub(super) gain: AtomicU64,
    /// The gain as it was requested, in dB, as f32 bits.
    pub(super) gain_db: AtomicU32,
    pub(super) muted: AtomicBool,
    /// The device frame from which an unmuted capture is heard. Written before `muted`.
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

/// The gain that the reader applies, on its way to the requested one.
#[derive(Debug)]
pub(super) struct Steering {
    pub(super) ramp: GainRamp,
    /// Length of the ramp at a mute or its end, in application frames.
    mute_frames: u32,
    is_muted: bool,
    /// The packed gain that was taken last.
    gain: u64,
    /// Whether nothing has been read yet.
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

    /// Applies the controls' latest values, and returns how many device frames after `heard` the next change lies.
    ///
    /// `heard` is the first device frame that the next application frame depends on. Before anything has been read
    /// there is nothing to ramp from, so changes act at once.
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

    /// Whether samples pass unchanged.
    pub(super) fn is_unity(&self) -> bool {
        self.ramp.is_steady() && self.ramp.target().to_bits() == 1.0_f32.to_bits()
    }
}
