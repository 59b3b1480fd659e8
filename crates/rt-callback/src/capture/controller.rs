//! Steers what is read: any thread, at any time, without waiting.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use channel_mix::{Decibels, GainRamp};

use super::Shared;
use crate::ramp::Ramp;

/// Steers a capture: its gain, and whether it is muted. Clones steer the same one;
/// [`Reader::controller`](crate::Reader::controller) gives the first.
///
/// Every call stores a value that the reader takes at its next read: the latest wins, and nobody waits.
///
/// ```
/// use rt_callback::{CaptureConfig, capture};
///
/// let spec = "48000x1:s16le".parse()?;
/// let (mut recorder, mut reader) = capture(&CaptureConfig::new(spec, spec))?;
/// let controller = reader.controller();
/// controller.mute();
/// recorder.record(&[1_000_i16; 480]);
/// controller.unmute();
/// recorder.record(&[1_000_i16; 480]);
///
/// // What was captured while it was muted is never heard, however late it is read.
/// let mut heard = [1_i16; 960];
/// assert_eq!(reader.read(&mut heard), 960);
/// assert!(heard[..480].iter().all(|sample| *sample == 0));
/// assert_eq!(heard[959], 1_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CaptureController {
    shared: Arc<Shared>,
    application_hz: u32,
}

impl CaptureController {
    pub(super) fn new(shared: Arc<Shared>, application_hz: u32) -> Self {
        Self {
            shared,
            application_hz,
        }
    }

    /// Moves the gain in a straight line over `ramp`, whose frames are the application's.
    pub fn set_gain(&self, gain: Decibels, ramp: Ramp) {
        let frames = ramp.frames(self.application_hz);
        self.shared.controls.set_gain(gain, frames);
    }

    /// Ramps to silence, over [`CaptureConfig::ramp_frames`](crate::CaptureConfig::ramp_frames). What is read
    /// from then on is muted, whenever it was captured.
    pub fn mute(&self) {
        self.shared.controls.muted.store(true, Ordering::Release);
    }

    /// Ramps back to the gain, with what is captured from now on: what was captured while it was muted stays
    /// silent.
    pub fn unmute(&self) {
        let controls = &self.shared.controls;
        let now = self.shared.captured_frames();
        controls.open_from.fetch_max(now, Ordering::Relaxed);
        controls.muted.store(false, Ordering::Release);
    }

    /// The gain that was set last, whether it is muted or not.
    #[must_use]
    pub fn gain(&self) -> Decibels {
        let bits = self.shared.controls.gain_db.load(Ordering::Relaxed);
        Decibels(f32::from_bits(bits))
    }

    /// Whether it was muted last.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.shared.controls.muted.load(Ordering::Acquire)
    }
}

/// The latest of what was asked for.
#[derive(Debug)]
pub(super) struct CaptureControls {
    /// The gain's f32 bits above, its ramp in application frames below, so that both change at once.
    gain: AtomicU64,
    /// As it was asked for, in dB, as f32 bits.
    gain_db: AtomicU32,
    muted: AtomicBool,
    /// Unmuted, it is heard from this device frame on. Written before `muted`.
    open_from: AtomicU64,
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

    fn set_gain(&self, gain: Decibels, ramp_frames: u32) {
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
