//! Linear interpolation: the original's resampler, made continuous.

use core::num::NonZero;

use crate::ratio::{Ratio, check_channels};
use crate::simd::{self, LANES, MAX_CYCLE, Phases, Position, Run, part_of};
use crate::{Backend, Progress, RateError};

/// Linear interpolation between neighbouring frames of `f32`, interleaved or planar.
///
/// Output frame `k` stands at input time `k * from / to`, kept in integers, so the position never drifts. With
/// `i = floor(k * from / to)` and the remainder `r` over `to` (both rates divided by their greatest common divisor)
/// each sample is `x[i] * ((to - r) / to) + x[i + 1] * (r / to)`, every operation rounded once to `f32` and none
/// fused, hence the same bits on every machine; where `r` is 0 it is `x[i]` itself. After the end of the input the
/// last frame is held to the end of its own period. (Between frames, samples below 2^-95 count as 0: decaying input
/// must not become dear.)
///
/// A sample that is not finite passes: the outputs that stand on it, or between it and a neighbour, are not finite
/// either, and no others. (A [`Sinc`](crate::Sinc) takes it for silence.)
///
/// Cheap and without delay, but it dulls the treble and lets images through: use a sinc for music, and for speech
/// too unless every nanosecond counts.
///
/// State is inline (about 1.6 KB, most of it the weights of up to 320 successive outputs); nothing allocates, not even
/// construction.
///
/// ```
/// use rate_convert::Linear;
///
/// let mut linear = Linear::new(24_000, 48_000, 1)?;
/// let mut out = [0.0; 8];
/// let progress = linear.process(&[0.0, 1.0, 0.0], &mut out);
/// assert_eq!((progress.frames_read, progress.frames_written), (3, 5));
/// assert_eq!(out[..5], [0.0, 0.5, 1.0, 0.5, 0.0]);
/// # Ok::<(), rate_convert::RateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Linear {
    channels: NonZero<usize>,
    backend: Backend,
    flushing: bool,
    /// The next output's; `ahead` counts from the next unread frame, and is at least -2.
    position: Position,
    phases: Phases,
    /// The last two frames read, older first; then the weights, where there is room for them.
    memory: [f32; MEMORY],
}

/// Room for the weights of the longest cycle behind the frames of 8 channels.
const MEMORY: usize = MAX_CYCLE + 2 * LANES + 2 * 8;

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
        let mut memory = [0.0; MEMORY];
        let weights = memory.get_mut(2 * channels.get()..).unwrap_or_default();
        let phases = Phases::new(ratio, weights.len());
        phases.fill(weights);
        Ok(Self {
            channels,
            backend: Backend::detect(),
            flushing: false,
            position: Position::default(),
            phases,
            memory,
        })
    }

    /// Converts from the start of `input` into the start of `output`, both interleaved (frames x channels).
    ///
    /// Reads no more than the frames written need, so exactly [`Self::input_frames_for`]`(n)` frames fill `n`; stops
    /// when either slice is used up. Samples of a partial frame at the end of a slice are left alone. After a `flush`
    /// that was not finished this drops the rest of that tail and begins a new stream.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        let channels = self.channels.get();
        let (in_frames, out_frames) = (self.frames(input), self.frames(output));
        let Some(call) = self.begin(in_frames, out_frames) else {
            return Progress::default();
        };
        if let Some(out) = output.get_mut(..call.frames_written * channels)
            && let Some((history, weights)) = self.memory.split_at_checked(2 * channels)
        {
            simd::linear(
                self.backend,
                &Run {
                    phases: &self.phases,
                    weights,
                    channels,
                    history,
                    x: input,
                    at: self.position.ahead as isize,
                    remainder: self.position.remainder,
                },
                out,
            );
        }
        keep(&mut self.memory, channels, input, call.frames_read);
        self.end(call)
    }

    /// As [`Self::process`], a slice per channel. The shortest slice on either side counts; with fewer slices than
    /// channels on either side nothing is done.
    pub fn process_planar(&mut self, input: &[&[f32]], output: &mut [&mut [f32]]) -> Progress {
        let channels = self.channels.get();
        let (Some(input), Some(output)) = (input.get(..channels), output.get_mut(..channels))
        else {
            return Progress::default();
        };
        let in_frames = input.iter().map(|plane| plane.len()).min().unwrap_or(0);
        let out_frames = output.iter().map(|plane| plane.len()).min().unwrap_or(0);
        let Some(call) = self.begin(in_frames, out_frames) else {
            return Progress::default();
        };
        for (channel, (x, out)) in input.iter().zip(output).enumerate() {
            let mut history = self.plane(channel);
            if let Some(out) = out.get_mut(..call.frames_written) {
                simd::linear(
                    self.backend,
                    &Run {
                        phases: &self.phases,
                        weights: self.memory.get(2 * channels..).unwrap_or(&[]),
                        channels: 1,
                        history: &history,
                        x,
                        at: self.position.ahead as isize,
                        remainder: self.position.remainder,
                    },
                    out,
                );
            }
            keep(&mut history, 1, x, call.frames_read);
            for (frame, sample) in history.into_iter().enumerate() {
                if let Some(slot) = self.memory.get_mut(frame * channels + channel) {
                    *slot = sample;
                }
            }
        }
        self.end(call)
    }

    /// Ends the stream: writes what is still due so that, with all that `process` wrote,
    /// `ceil(frames_in * to / from)` frames have come out.
    ///
    /// Call until fewer frames are written than `output` holds; from the moment the last one is written the resampler
    /// is as after [`Self::reset`], and further calls write nothing.
    pub fn flush(&mut self, output: &mut [f32]) -> Progress {
        let (channels, out_frames) = (self.channels.get(), self.frames(output));
        self.drain(out_frames, |frame, channel, sample| {
            if let Some(out) = output.get_mut(frame * channels + channel) {
                *out = sample;
            }
        })
    }

    /// As [`Self::flush`], a slice per channel.
    pub fn flush_planar(&mut self, output: &mut [&mut [f32]]) -> Progress {
        let Some(output) = output.get_mut(..self.channels.get()) else {
            return Progress::default();
        };
        let out_frames = output.iter().map(|plane| plane.len()).min().unwrap_or(0);
        self.drain(out_frames, |frame, channel, sample| {
            let plane = output.get_mut(channel);
            if let Some(out) = plane.and_then(|plane| plane.get_mut(frame)) {
                *out = sample;
            }
        })
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
        self.position = Position::default();
        self.flushing = false;
    }

    /// The channel count.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.channels.get()
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
        if output_frames == 0 {
            return 0;
        }
        let position = if self.flushing {
            Position::default()
        } else {
            self.position
        };
        needed(self.phases.after(position, output_frames - 1))
    }

    /// Where the next output frame stands, counted from behind the last input frame that was read: whole frames, and a
    /// fraction of `0.0..1.0` above them. It is below 0 where that frame's time has been read already, and 0 at the start.
    #[must_use]
    pub fn position(&self) -> (i64, f64) {
        let Position { ahead, remainder } = self.position;
        (ahead, self.phases.fraction(remainder))
    }

    /// Frames of `samples`; a division is dear in a small block.
    fn frames(&self, samples: &[f32]) -> usize {
        match self.channels.get() {
            1 => samples.len(),
            2 => samples.len() / 2,
            _ => samples.len() / self.channels,
        }
    }

    /// What a call will do; `None` where nothing is asked for.
    #[inline(always)]
    fn begin(&mut self, in_frames: usize, out_frames: usize) -> Option<Call> {
        if self.flushing {
            self.reset();
        }
        let last = self.phases.after(self.position, out_frames.checked_sub(1)?);
        let needed = needed(last);
        if needed <= in_frames {
            return Some(Call {
                frames_read: needed,
                frames_written: out_frames,
                then: self.phases.next(last),
            });
        }
        // The last frame alone is enough for an output that stands on it.
        let last = (in_frames as u64).min(1 << 40) as i64 - 1;
        let ready = usize::try_from(self.phases.upto(self.position, last));
        let frames_written = ready.unwrap_or(usize::MAX).min(out_frames);
        Some(Call {
            frames_read: in_frames,
            frames_written,
            then: self.phases.after(self.position, frames_written),
        })
    }

    #[inline(always)]
    fn end(&mut self, call: Call) -> Progress {
        self.position = Position {
            ahead: call.then.ahead - call.frames_read as i64,
            ..call.then
        };
        Progress {
            frames_read: call.frames_read,
            frames_written: call.frames_written,
        }
    }

    /// Gives the outputs before the end of the last frame's period, at most `out_frames`, to `put(frame, channel,
    /// sample)`.
    fn drain(&mut self, out_frames: usize, mut put: impl FnMut(usize, usize, f32)) -> Progress {
        self.flushing = true;
        let mut frames_written = 0;
        // It is not below 0 before a frame was read.
        while self.position.ahead < 0 && frames_written < out_frames {
            let weights = self.phases.weights(self.position.remainder);
            for channel in 0..self.channels.get() {
                let [older, newer] = self.plane(channel);
                let sample = match weights {
                    _ if self.position.ahead == -1 => newer,
                    None => older,
                    Some((before, behind)) => part_of(older, before) + part_of(newer, behind),
                };
                put(frames_written, channel, sample);
            }
            self.position = self.phases.next(self.position);
            frames_written += 1;
        }
        if self.position.ahead >= 0 {
            self.reset();
        }
        Progress {
            frames_read: 0,
            frames_written,
        }
    }

    /// The last two samples of a channel, older first.
    fn plane(&self, channel: usize) -> [f32; 2] {
        let sample = |at: usize| self.memory.get(at).copied().unwrap_or(0.0);
        [sample(channel), sample(self.channels.get() + channel)]
    }
}

/// Frames from the origin on that must be known for the output at `position`: up to the one before it, and the one
/// after it unless it stands on a frame.
#[inline(always)]
fn needed(position: Position) -> usize {
    let frames = position
        .ahead
        .saturating_add(1 + i64::from(position.remainder != 0));
    match frames {
        i64::MAX => usize::MAX,
        frames => usize::try_from(frames.max(0)).unwrap_or(usize::MAX),
    }
}

/// Keeps the last two of the `read` frames of `input` at the start of `memory`.
#[inline(always)]
fn keep(memory: &mut [f32], channels: usize, input: &[f32], read: usize) {
    match (read, channels) {
        (0, _) => {}
        (1, _) => {
            if let Some((older, newer)) = memory.split_at_mut_checked(channels) {
                copy(newer.get(..channels), Some(older));
                copy(input.get(..channels), newer.get_mut(..channels));
            }
        }
        // For a few samples a copy of any length takes longer than all else.
        (_, 1) => copy_few::<2>(memory, input.get(read - 2..)),
        (_, 2) => copy_few::<4>(memory, input.get(2 * (read - 2)..)),
        _ => copy(
            input.get((read - 2) * channels..read * channels),
            memory.get_mut(..2 * channels),
        ),
    }
}

/// How far a call gets, and where that leaves the next output (counted as before the call).
struct Call {
    frames_read: usize,
    frames_written: usize,
    then: Position,
}

fn copy(from: Option<&[f32]>, to: Option<&mut [f32]>) {
    if let (Some(from), Some(to)) = (from, to) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = *x);
    }
}

#[inline(always)]
fn copy_few<const N: usize>(to: &mut [f32], from: Option<&[f32]>) {
    if let (Some(to), Some(from)) = (
        to.first_chunk_mut::<N>(),
        from.and_then(|from| from.first_chunk()),
    ) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest cycle's, up to 8 channels. Without them the bits are the same, and the time is not.
    #[test]
    fn weights_are_kept_where_there_is_room() {
        for (channels, kept) in [(1, true), (8, true), (9, false)] {
            let linear = Linear::new(22_050, 48_000, channels);
            let weights = linear.map(|linear| linear.memory.iter().any(|&weight| weight > 0.0));
            assert_eq!(weights, Ok(kept), "{channels} channels");
        }
    }
}
