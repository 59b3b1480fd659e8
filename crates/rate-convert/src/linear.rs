//! Linear interpolation: the original's resampler, made continuous.

use core::num::NonZero;

use crate::ratio::{MAX_CHANNELS, Ratio, check_channels};
use crate::{Progress, RateError};

/// Linear interpolation between neighbouring frames, interleaved `f32`.
///
/// Output frame `k` stands at input time `k * from / to`, kept in integers, so the position never drifts. With
/// `i = floor(k * from / to)` and the remainder `r` over `to` (both rates divided by their greatest common divisor)
/// each sample is `x[i] * ((to - r) / to) + x[i + 1] * (r / to)`, every operation rounded once to `f32` and none
/// fused, hence the same bits on every machine; where `r` is 0 it is `x[i]` itself. After the end of the input the
/// last frame is held to the end of its own period.
///
/// Cheap and without delay, but it dulls the treble and lets images through: use a sinc for music, and for speech
/// too unless every nanosecond counts.
///
/// State is inline (about 600 bytes); nothing allocates, not even construction.
#[derive(Clone, Debug)]
pub struct Linear {
    ratio: Ratio,
    channels: NonZero<usize>,
    /// Whole input frames per output frame, and what is left over, in units of 1/`to`.
    step: (u32, u32),
    /// Position of the next output: input frames after the next unread one (at least -2), and the remainder over `to`.
    ahead: i64,
    remainder: u32,
    /// Input frames read since the stream began, up to 2: how much of `history` is real.
    known: u8,
    flushing: bool,
    /// The last two frames read, older first.
    history: [[f32; MAX_CHANNELS]; 2],
}

impl Linear {
    /// A resampler from `from_hz` to `to_hz` (1..=768,000 Hz each, at most a factor of 256 apart either way) for
    /// `channels` (1..=64) interleaved channels.
    ///
    /// # Errors
    /// [`RateError`] when a rate, the ratio or the channel count is outside these ranges.
    pub fn new(from_hz: u32, to_hz: u32, channels: usize) -> Result<Self, RateError> {
        let ratio = Ratio::new(from_hz, to_hz)?;
        let channels = NonZero::new(check_channels(channels)?)
            .ok_or(RateError::ChannelsOutOfRange { channels })?;
        Ok(Self {
            ratio,
            channels,
            step: (ratio.from.get() / ratio.to, ratio.from.get() % ratio.to),
            ahead: 0,
            remainder: 0,
            known: 0,
            flushing: false,
            history: [[0.0; MAX_CHANNELS]; 2],
        })
    }

    /// Converts from the start of `input` into the start of `output`, both interleaved (frames x channels).
    ///
    /// Reads no more than the frames written need, so exactly [`Self::input_frames_for`]`(n)` frames fill `n`; stops
    /// when either slice is used up. Samples of a partial frame at the end of a slice are left alone. After a `flush`
    /// that was not finished this drops the rest of that tail and begins a new stream.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        if self.flushing {
            self.reset();
        }
        let in_frames = input.len() / self.channels;
        let out_frames = output.len() / self.channels;
        if out_frames == 0 {
            return Progress::default();
        }
        let mut needed = 0;
        let mut frames_written = 0;
        for out in output.chunks_exact_mut(self.channels.get()) {
            let last = self.ahead + i64::from(self.remainder != 0);
            if last >= 0 && last.unsigned_abs() >= in_frames as u64 {
                break;
            }
            self.interpolate(input, out);
            needed = needed.max(last + 1);
            self.advance();
            frames_written += 1;
        }
        let frames_read = if frames_written == out_frames {
            usize::try_from(needed).unwrap_or(0)
        } else {
            in_frames
        };
        self.remember(input, frames_read);
        Progress {
            frames_read,
            frames_written,
        }
    }

    /// Ends the stream: writes what is still due so that, with all that `process` wrote,
    /// `ceil(frames_in * to / from)` frames have come out.
    ///
    /// Call until fewer frames are written than `output` holds; from the moment the last one is written the resampler
    /// is as after [`Self::reset`], and further calls write nothing.
    pub fn flush(&mut self, output: &mut [f32]) -> Progress {
        self.flushing = true;
        let mut frames_written = 0;
        for out in output.chunks_exact_mut(self.channels.get()) {
            // Position behind the last frame (or no frame at all): the stream is complete.
            if self.ahead >= 0 || self.known == 0 {
                break;
            }
            self.interpolate(&[], out);
            self.advance();
            frames_written += 1;
        }
        if self.ahead >= 0 || self.known == 0 {
            self.reset();
        }
        Progress {
            frames_read: 0,
            frames_written,
        }
    }

    /// Forgets everything: the next frame read is the first of a new stream.
    pub fn reset(&mut self) {
        self.ahead = 0;
        self.remainder = 0;
        self.known = 0;
        self.flushing = false;
        self.history = [[0.0; MAX_CHANNELS]; 2];
    }

    /// How far reading runs ahead of writing, in input frames: always 1.
    ///
    /// The output is not shifted by it: its first frame is for input time 0.
    #[must_use]
    pub const fn latency_frames(&self) -> usize {
        1
    }

    /// How many more input frames `process` must be given before it can write `output_frames` more frames.
    ///
    /// Exact for the present state, and without `flush`. Saturates at `usize::MAX`.
    #[must_use]
    pub fn input_frames_for(&self, output_frames: usize) -> usize {
        let Some(steps) = output_frames.checked_sub(1) else {
            return 0;
        };
        let (ahead, remainder) = if self.flushing {
            (0, 0)
        } else {
            (self.ahead, self.remainder)
        };
        // Below 2^64 * 2^20: 128 bits hold it.
        let travelled = u128::from(remainder) + steps as u128 * u128::from(self.ratio.from.get());
        let to = NonZero::<u128>::from(self.ratio.to);
        let frames = i128::try_from(travelled / to).unwrap_or(i128::MAX / 2)
            + i128::from(travelled % to != 0)
            + 1
            + i128::from(ahead);
        usize::try_from(frames.max(0)).unwrap_or(usize::MAX)
    }

    /// One output frame at the present position. Frames before `input` come from the history; a frame behind the end
    /// of the input is the last one known.
    fn interpolate(&self, input: &[f32], out: &mut [f32]) {
        let here = self.frame(input, self.ahead);
        if self.remainder == 0 {
            for (out, &x) in out.iter_mut().zip(here) {
                *out = x;
            }
            return;
        }
        let next_index = self.ahead + 1;
        if self.flushing && next_index >= 0 {
            for (out, &x) in out.iter_mut().zip(here) {
                *out = x;
            }
            return;
        }
        let next = self.frame(input, next_index);
        let to = self.ratio.to.get();
        let w0 = (to - self.remainder) as f32 / to as f32;
        let w1 = self.remainder as f32 / to as f32;
        for ((out, &x0), &x1) in out.iter_mut().zip(here).zip(next) {
            *out = x0 * w0 + x1 * w1;
        }
    }

    fn frame<'a>(&'a self, input: &'a [f32], index: i64) -> &'a [f32] {
        match usize::try_from(index) {
            Ok(index) => input
                .get(index.saturating_mul(self.channels.get())..)
                .unwrap_or(&[]),
            Err(_) if index == -1 => &self.history[1],
            Err(_) => &self.history[0],
        }
    }

    fn advance(&mut self) {
        self.ahead += i64::from(self.step.0);
        self.remainder += self.step.1;
        if self.remainder >= self.ratio.to.get() {
            self.remainder -= self.ratio.to.get();
            self.ahead += 1;
        }
    }

    fn remember(&mut self, input: &[f32], frames_read: usize) {
        self.ahead -= i64::try_from(frames_read).unwrap_or(i64::MAX);
        self.known = self.known.saturating_add(frames_read.min(2) as u8).min(2);
        let channels = self.channels.get();
        for frame in input
            .chunks_exact(channels)
            .take(frames_read)
            .skip(frames_read.saturating_sub(2))
        {
            self.history.swap(0, 1);
            for (kept, &x) in self.history[1].iter_mut().zip(frame) {
                *kept = x;
            }
        }
    }
}
