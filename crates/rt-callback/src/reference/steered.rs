//! A resampler that follows a moving position.

use alloc::boxed::Box;

use rate_convert::MAX_TRIM;

use super::sound::Sound;
use crate::plan::resample::{Resample, Resampler};
use crate::plan::{PIECE_FRAMES, frames_of};

/// Converts the output's sound to the application's rate, from a position of the output's stream on. It is told which
/// position it should have reached some frames later.
pub(super) struct Steered {
    resampler: Resampler,
    rate_hz: u32,
    /// How many output frames lie from one application frame to the next, without the trim.
    step: f64,
    trim: f64,
    channels: usize,
    /// The output frame behind the last one that was put in.
    fed_frame: i64,
    input: Box<[f32]>,
}

impl Steered {
    /// Computes the filter's table, which takes milliseconds, and allocates it. `None` if these rates cannot be
    /// converted.
    pub(super) fn new(rate_hz: u32, to_hz: u32, channels: usize) -> Option<Self> {
        let rates_hz = (rate_hz, to_hz);
        Some(Self {
            resampler: Resampler::adjustable(rates_hz, channels, Resample::Balanced).ok()?,
            rate_hz,
            step: f64::from(rate_hz) / f64::from(to_hz.max(1)),
            trim: 0.0,
            channels,
            fed_frame: 0,
            input: frames_of(PIECE_FRAMES, channels),
        })
    }

    pub(super) fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// The position of the next frame in the output's stream.
    pub(super) fn position(&self) -> f64 {
        let (whole, fraction) = self.resampler.position();
        self.fed_frame.saturating_add(whole) as f64 + fraction
    }

    /// Jumps to a position of the output's stream, to within a frame. The filter is then filled with the sound before
    /// it, as if it had got there without a jump.
    pub(super) fn jump(&mut self, sound: &Sound, frame: f64) {
        self.trim = 0.0;
        self.resampler.reset();
        // A trim of 0 is in range, so this cannot fail.
        let _ = self.resampler.set_trim(0.0, 0);
        let frames = libm::ceil(self.resampler.latency_frames() as f64 / self.step);
        self.fed_frame = libm::floor(frame - frames * self.step) as i64;
        let mut unheard = [0.0; 64];
        let piece = (unheard.len() / self.channels).max(1);
        let mut left = frames as usize;
        while left > 0 {
            let count = left.min(piece);
            self.read(
                sound,
                unheard.get_mut(..count * self.channels).unwrap_or_default(),
            );
            left -= count;
        }
    }

    /// Sets the trim that reaches the position `frame` when `frames` frames have been read, or comes as near as a trim
    /// can.
    pub(super) fn aim(&mut self, frame: f64, frames: usize) {
        let step = (frame - self.position()) / frames as f64;
        let trim = (step / self.step - 1.0).clamp(-MAX_TRIM, MAX_TRIM);
        if self.resampler.set_trim(trim, 0).is_ok() {
            self.trim = trim;
        }
    }

    /// Fills `out` with whole frames, and returns for how many of them the sound is known.
    pub(super) fn read(&mut self, sound: &Sound, out: &mut [f32]) -> usize {
        let frames = out.len() / self.channels;
        let known = self.known(sound, frames);
        let mut done = 0;
        while done < frames {
            let rest = out.get_mut(done * self.channels..).unwrap_or_default();
            let wanted = self.resampler.input_frames_for(frames - done);
            let count = wanted.min(PIECE_FRAMES);
            let input = self
                .input
                .get_mut(..count * self.channels)
                .unwrap_or_default();
            sound.fill(self.fed_frame, self.rate_hz, input);
            let progress = self.resampler.process(input, rest);
            self.fed_frame = self
                .fed_frame
                .saturating_add_unsigned(progress.frames_read as u64);
            done += progress.frames_written;
            if progress.frames_read + progress.frames_written == 0 {
                break;
            }
        }
        known
    }

    /// For how many of the next `frames` frames the sound is known.
    fn known(&self, sound: &Sound, frames: usize) -> usize {
        let step = self.step * (1.0 + self.trim);
        let begin = self.position();
        let end = begin + frames as f64 * step;
        let nth = |frame: f64| (libm::ceil((frame - begin) / step) as usize).min(frames);
        let known = sound.known(begin..end, self.rate_hz);
        known.map(|part| nth(part.end) - nth(part.start)).sum()
    }
}
