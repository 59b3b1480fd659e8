//! Linear interpolation: the original's resampler, made continuous.

use core::num::NonZero;

use crate::kernel::{self, LaneSteps, Run, part_of};
use crate::ratio::{MAX_CHANNELS, Ratio, check_channels};
use crate::{Backend, Progress, RateError};

/// Linear interpolation between neighbouring frames, interleaved `f32`.
///
/// Output frame `k` stands at input time `k * from / to`, kept in integers, so the position never drifts. With
/// `i = floor(k * from / to)` and the remainder `r` over `to` (both rates divided by their greatest common divisor)
/// each sample is `x[i] * ((to - r) / to) + x[i + 1] * (r / to)`, every operation rounded once to `f32` and none
/// fused, hence the same bits on every machine; where `r` is 0 it is `x[i]` itself. After the end of the input the
/// last frame is held to the end of its own period. (Between frames, samples below 2^-95 count as 0: decaying input
/// must not become dear.)
///
/// Cheap and without delay, but it dulls the treble and lets images through: use a sinc for music, and for speech
/// too unless every nanosecond counts.
///
/// State is inline (about 700 bytes); nothing allocates, not even construction.
#[derive(Clone, Debug)]
pub struct Linear {
    ratio: Ratio,
    channels: NonZero<usize>,
    backend: Backend,
    lanes: LaneSteps,
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
            backend: Backend::detect(),
            lanes: LaneSteps::new(ratio.from.get(), ratio.to, channels.get()),
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
        // Positions in units of 1/to after the next unread frame.
        let (from, to) = (
            i64::from(self.ratio.from.get()),
            i64::from(self.ratio.to.get()),
        );
        let mut frames_written = 0;
        // Outputs before or across the start of `input` take frames from the history.
        for out in output.chunks_exact_mut(self.channels.get()) {
            let next = self.ahead + i64::from(self.remainder != 0);
            if self.ahead >= 0 || (next >= 0 && in_frames == 0) {
                break;
            }
            self.interpolate(input, out);
            self.advance();
            frames_written += 1;
        }
        if let (Ok(at), Some(last)) = (usize::try_from(self.ahead), in_frames.checked_sub(1)) {
            let position = self.ahead * to + i64::from(self.remainder);
            // The last frame alone is enough for an output that stands on it.
            let reach = i64::try_from(last).unwrap_or(i64::MAX).min(1 << 40) * to - position;
            let ready = match u64::try_from(reach) {
                Ok(reach) => reach / NonZero::<u64>::from(self.ratio.from) + 1,
                Err(_) => 0,
            };
            let count =
                (out_frames - frames_written).min(usize::try_from(ready).unwrap_or(usize::MAX));
            let run = Run {
                at,
                remainder: self.remainder,
                from: self.ratio.from.get(),
                to: self.ratio.to.get(),
                channels: self.channels.get(),
            };
            let channels = self.channels.get();
            let out = output
                .get_mut(frames_written * channels..(frames_written + count) * channels)
                .unwrap_or_default();
            kernel::linear(self.backend, run, &self.lanes, input, out);
            let position = (position + count as i64 * from).unsigned_abs();
            let to = NonZero::<u64>::from(self.ratio.to);
            self.ahead = (position / to) as i64;
            self.remainder = (position % to) as u32;
            frames_written += count;
        }
        let frames_read = if frames_written == out_frames {
            // What the last output needed: one step back, then up to a whole frame, and that one too.
            let last = self.ahead * to + i64::from(self.remainder) - from;
            let last = u64::try_from(last + to).unwrap_or(0);
            (ceil(last, self.ratio.to) as usize).min(in_frames)
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

    /// Runs on another instruction set from the next call on; `false`, and no change, where it is not available.
    /// All of them give the same bits.
    pub fn set_backend(&mut self, backend: Backend) -> bool {
        let available = backend.is_available();
        if available {
            self.backend = backend;
        }
        available
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
        let (from, to) = (self.ratio.from, self.ratio.to);
        let travelled = (steps as u64)
            .checked_mul(from.get().into())
            .and_then(|way| way.checked_add(remainder.into()));
        if let Some(travelled) = travelled
            && let Ok(frames) = i64::try_from(ceil(travelled, to))
        {
            // At least -2 + 1 before the sum, and far below the type's end after it.
            let frames = frames.saturating_add(ahead.saturating_add(1)).max(0);
            return usize::try_from(frames).unwrap_or(usize::MAX);
        }
        // Below 2^64 * 2^20: 128 bits hold it.
        let travelled = u128::from(remainder) + steps as u128 * u128::from(from.get());
        let to = NonZero::<u128>::from(to);
        let frames = travelled / to + u128::from(travelled % to != 0);
        let frames = i128::try_from(frames).unwrap_or(i128::MAX / 2);
        usize::try_from((frames + 1 + i128::from(ahead)).max(0)).unwrap_or(usize::MAX)
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
            *out = part_of(x0, w0) + part_of(x1, w1);
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
        let [older, newer] = &mut self.history;
        // Only the channels in use: the whole arrays would take longer than the conversion of a small block.
        if frames_read == 1 {
            for (older, newer) in older.iter_mut().zip(newer.iter()).take(channels) {
                *older = *newer;
            }
        }
        for (kept, back) in [(older, 2), (newer, 1)] {
            let start = frames_read.checked_sub(back).map(|index| index * channels);
            if let Some(frame) = start.and_then(|start| input.get(start..start + channels)) {
                for (kept, &x) in kept.iter_mut().zip(frame) {
                    *kept = x;
                }
            }
        }
    }
}

/// `way / to`, rounded up; by type no division by 0.
fn ceil(way: u64, to: NonZero<u32>) -> u64 {
    let to = NonZero::<u64>::from(to);
    way / to + u64::from(way % to != 0)
}
