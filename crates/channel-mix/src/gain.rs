use core::fmt;

/// The largest magnitude of a gain or a coefficient, +180 dB. The bound keeps the difference of two
/// gains, and so every value on a ramp between them, finite.
pub const MAX_GAIN: f32 = 1.0e9;

/// A level relative to unity, in decibels of amplitude: `20 log10(gain)`. Minus infinity is silence.
///
/// ```
/// use channel_mix::Decibels;
///
/// assert_eq!(Decibels(0.0).to_gain(), 1.0);
/// assert_eq!(Decibels(f32::NEG_INFINITY).to_gain(), 0.0);
/// assert_eq!(Decibels(-20.0).to_gain(), 0.1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Decibels(pub f32);

impl Decibels {
    /// 0 dB: a gain of exactly 1.
    pub const UNITY: Self = Self(0.0);
    /// A gain of exactly 0.
    pub const SILENCE: Self = Self(f32::NEG_INFINITY);

    /// The linear gain, `10^(dB / 20)` computed in `f64` and rounded once. 0 dB is exactly 1; minus
    /// infinity and NaN are 0; above 180 dB it stays at [`MAX_GAIN`].
    pub fn to_gain(self) -> f32 {
        if self.0.is_nan() {
            return 0.0;
        }
        let gain = libm::pow(10.0, f64::from(self.0) / 20.0) as f32;
        gain.min(MAX_GAIN)
    }

    /// The level of a linear gain, whose sign is ignored. 0 gives minus infinity.
    pub fn from_gain(gain: f32) -> Self {
        Self((20.0 * libm::log10(f64::from(gain.abs()))) as f32)
    }
}

impl fmt::Display for Decibels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)?;
        f.write_str(" dB")
    }
}

/// A gain that moves to its target in a straight line, frame by frame, so that it does not click.
///
/// Frame `k` of a ramp of `n` frames (the first is `k = 1`) has `start + (target - start) * (k / n)`;
/// frame `n` and all after it have exactly the target. The value depends on the frame's index alone,
/// so cutting the signal into other blocks changes no bit.
///
/// ```
/// use channel_mix::GainRamp;
///
/// let mut gain = GainRamp::new(1.0);
/// gain.set(0.0, 4);
/// let mut block = [1.0; 6];
/// assert_eq!(gain.apply_interleaved(&mut block, 1), 6);
/// assert_eq!(block, [0.75, 0.5, 0.25, 0.0, 0.0, 0.0]);
/// assert!(gain.is_steady());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GainRamp {
    start: f32,
    target: f32,
    /// Frames of the ramp already behind us, below `ramp_frames` while it moves.
    done: u32,
    /// 0 when steady.
    ramp_frames: u32,
}

/// NaN cannot be meant; silence is the safe reading.
fn sane(gain: f32) -> f32 {
    if gain.is_nan() {
        0.0
    } else {
        gain.clamp(-MAX_GAIN, MAX_GAIN)
    }
}

impl GainRamp {
    /// A steady gain, linear. Beyond plus or minus [`MAX_GAIN`] it is clamped; NaN is 0.
    pub fn new(gain: f32) -> Self {
        let gain = sane(gain);
        Self {
            start: gain,
            target: gain,
            done: 0,
            ramp_frames: 0,
        }
    }

    /// Moves to `target` within `ramp_frames`, from wherever the gain is now. 0 and 1 both mean that
    /// the next frame already has the target. The same limits as in [`new`](Self::new) hold.
    pub fn set(&mut self, target: f32, ramp_frames: u32) {
        let (now, target) = (self.gain(), sane(target));
        *self = Self {
            start: now,
            target,
            done: 0,
            ramp_frames,
        };
        if ramp_frames <= 1 || now.to_bits() == target.to_bits() {
            *self = Self::new(target);
        }
    }

    /// Whether the target is reached.
    pub fn is_steady(&self) -> bool {
        self.ramp_frames == 0
    }

    /// The gain of the frame processed last, or the one that the ramp starts from.
    pub fn gain(&self) -> f32 {
        if self.is_steady() {
            self.target
        } else {
            gain_at(self.start, self.target, self.done, self.ramp_frames as f32)
        }
    }

    /// Where the gain is going, or already is.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// Frames until every frame has the target; 0 when steady.
    pub fn remaining_frames(&self) -> u32 {
        self.ramp_frames.saturating_sub(self.done)
    }

    /// Advances as if `frames` had been processed.
    pub fn skip(&mut self, frames: usize) {
        let done = (self.done as usize).saturating_add(frames);
        if done >= self.ramp_frames as usize {
            *self = Self::new(self.target);
        } else {
            self.done = done as u32;
        }
    }

    /// Multiplies the whole frames of `block`, interleaved, and returns how many there were;
    /// samples after the last whole frame are left alone, and 0 channels are 0 frames.
    ///
    /// A steady gain of exactly 1 leaves the block as it is, bit for bit. A steady 0 writes +0.0,
    /// whatever was there, NaN included.
    pub fn apply_interleaved(&mut self, block: &mut [f32], channels: usize) -> usize {
        if channels == 0 {
            return 0;
        }
        let frames = block.len() / channels;
        // All but the last frame of the ramp, which has the target already.
        let moving = (self.remaining_frames().saturating_sub(1) as usize).min(frames);
        let Some((ramped, rest)) = block.split_at_mut_checked(moving * channels) else {
            return 0;
        };
        match channels {
            1 => self.ramp::<1>(ramped),
            2 => self.ramp::<2>(ramped),
            _ => self.ramp_any(ramped, channels),
        }
        let whole = (frames - moving) * channels;
        if let Some(rest) = rest.get_mut(..whole) {
            apply_steady(rest, self.target);
        }
        self.skip(frames);
        frames
    }

    fn ramp<const CHANNELS: usize>(&self, block: &mut [f32]) {
        let (start, target, n) = (self.start, self.target, self.ramp_frames as f32);
        let (frames, _) = block.as_chunks_mut::<CHANNELS>();
        for (frame, k) in frames.iter_mut().zip(self.done.wrapping_add(1)..) {
            let gain = gain_at(start, target, k, n);
            for sample in frame {
                *sample *= gain;
            }
        }
    }

    fn ramp_any(&self, block: &mut [f32], channels: usize) {
        let (start, target, n) = (self.start, self.target, self.ramp_frames as f32);
        let frames = block.chunks_exact_mut(channels);
        for (frame, k) in frames.zip(self.done.wrapping_add(1)..) {
            let gain = gain_at(start, target, k, n);
            for sample in frame {
                *sample *= gain;
            }
        }
    }
}

/// The one definition of a ramp: the gain of frame `k` of `n`.
#[inline(always)]
pub(crate) fn gain_at(start: f32, target: f32, k: u32, n: f32) -> f32 {
    start + (target - start) * (k as f32 / n)
}

#[allow(clippy::float_cmp)] // exactly 1 and exactly 0 are what is meant
fn apply_steady(block: &mut [f32], gain: f32) {
    if gain == 0.0 {
        block.fill(0.0);
    } else if gain != 1.0 {
        for sample in block {
            *sample *= gain;
        }
    }
}
