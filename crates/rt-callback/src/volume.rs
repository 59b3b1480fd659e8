//! The gain and the mute of a stream or a capture.

use channel_mix::GainRamp;

/// A gain and a mute. Each has a ramp of its own, so that neither stretches or cuts short the other's.
#[derive(Debug)]
pub(crate) struct Volume {
    gain: GainRamp,
    /// 1.0 or 0.0, or on its way.
    mute: GainRamp,
}

impl Volume {
    pub(crate) fn new(gain: f32) -> Self {
        Self {
            gain: GainRamp::new(gain),
            mute: GainRamp::new(1.0),
        }
    }

    pub(crate) fn set_gain(&mut self, gain: f32, ramp_frames: u32) {
        self.gain.set(gain, ramp_frames);
    }

    pub(crate) fn set_muted(&mut self, is_muted: bool, ramp_frames: u32) {
        let target = if is_muted { 0.0 } else { 1.0 };
        self.mute.set(target, ramp_frames);
    }

    /// Whether no ramp is under way.
    pub(crate) fn is_steady(&self) -> bool {
        self.gain.is_steady() && self.mute.is_steady()
    }

    /// Whether samples pass unchanged.
    pub(crate) fn is_unity(&self) -> bool {
        let is_one = |ramp: &GainRamp| ramp.is_steady() && ramp.target() == 1.0;
        is_one(&self.gain) && is_one(&self.mute)
    }

    /// Frames until no ramp is under way.
    pub(crate) fn remaining_frames(&self) -> u32 {
        self.gain
            .remaining_frames()
            .max(self.mute.remaining_frames())
    }

    /// Frames until the next of the ramps ends. `None` if none is under way.
    pub(crate) fn frames_to_end(&self) -> Option<usize> {
        let lengths = [&self.gain, &self.mute].map(|ramp| ramp.remaining_frames() as usize);
        lengths.into_iter().filter(|length| *length > 0).min()
    }

    /// Passes `frames` frames without sound.
    pub(crate) fn skip(&mut self, frames: usize) {
        self.gain.skip(frames);
        self.mute.skip(frames);
    }

    /// Multiplies whole interleaved frames.
    pub(crate) fn apply_interleaved(&mut self, frames: &mut [f32], channels: usize) {
        self.gain.apply_interleaved(frames, channels);
        self.mute.apply_interleaved(frames, channels);
    }

    /// Multiplies whole interleaved frames that have had their gain.
    pub(crate) fn mute_interleaved(&mut self, frames: &mut [f32], channels: usize) {
        self.mute.apply_interleaved(frames, channels);
    }

    /// Gives what is left of each ramp another length in frames.
    #[cfg(feature = "std")]
    pub(crate) fn stretch(&mut self, length: impl Fn(u32) -> u32) {
        for ramp in [&mut self.gain, &mut self.mute] {
            ramp.set(ramp.target(), length(ramp.remaining_frames()));
        }
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_mute_and_a_gain_keep_their_own_times() {
        let mut volume = Volume::new(0.0);
        volume.set_gain(1.0, 8);
        volume.skip(2);
        volume.set_muted(true, 2);
        let mut block = [1.0; 3];
        volume.apply_interleaved(&mut block, 1);
        assert_eq!(block, [0.375 * 0.5, 0.0, 0.0]);
        assert_eq!((volume.remaining_frames(), volume.is_steady()), (3, false));
        volume.set_muted(false, 0);
        volume.apply_interleaved(&mut block[..1], 1);
        volume.skip(2);
        assert!(volume.is_unity() && volume.is_steady());
    }
}
