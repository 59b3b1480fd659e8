//! Linear interpolation: the original's resampler, made continuous.

use core::num::NonZero;

use crate::kernel::{self, Phases, Position, Run, part_of};
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
/// State is inline (about 4.7 KB, most of it the weights of 320 successive outputs); nothing allocates, not even
/// construction.
#[derive(Clone, Debug)]
pub struct Linear {
    channels: NonZero<usize>,
    backend: Backend,
    phases: Phases,
    /// The next output's; `ahead` counts from the next unread frame, and is at least -2.
    position: Position,
    /// Whether a frame was read since the stream began.
    begun: bool,
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
            channels,
            backend: Backend::detect(),
            phases: Phases::new(ratio),
            position: Position::default(),
            begun: false,
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
        let channels = self.channels.get();
        let (in_frames, out_frames) = (self.frames(input), self.frames(output));
        if out_frames == 0 {
            return Progress::default();
        }
        let last = self.phases.after(self.position, out_frames - 1);
        let needed = self.phases.needed(last);
        let (frames_read, count, then) = if needed <= in_frames {
            (needed, out_frames, self.phases.next(last))
        } else {
            let count = self.ready(in_frames).min(out_frames);
            (in_frames, count, self.phases.after(self.position, count))
        };
        let output = output.get_mut(..count * channels).unwrap_or_default();
        // Outputs before or across the start of `input` take frames from the history.
        let mut written = 0;
        let mut position = self.position;
        for out in output.chunks_exact_mut(channels) {
            if position.ahead >= 0 {
                break;
            }
            self.interpolate(position, input, out);
            position = self.phases.next(position);
            written += 1;
        }
        while written < count {
            let (outputs, phase) = self.phases.prepare(position.phase, count - written);
            let run = Run {
                at: position.ahead as usize,
                phase,
                channels,
            };
            let out = output
                .get_mut(written * channels..(written + outputs) * channels)
                .unwrap_or_default();
            kernel::linear(self.backend, run, &self.phases, input, out);
            written += outputs;
            if written < count {
                position = self.phases.after(position, outputs);
            }
        }
        self.position = then;
        self.remember(input, frames_read);
        Progress {
            frames_read,
            frames_written: count,
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
            if self.position.ahead >= 0 || !self.begun {
                break;
            }
            self.interpolate(self.position, &[], out);
            self.position = self.phases.next(self.position);
            frames_written += 1;
        }
        if self.position.ahead >= 0 || !self.begun {
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
        self.position = Position::default();
        self.begun = false;
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
        if output_frames == 0 {
            return 0;
        }
        let position = if self.flushing {
            Position::default()
        } else {
            self.position
        };
        self.phases
            .needed(self.phases.after(position, output_frames - 1))
    }

    /// Frames of `samples`; a division is dear in a small block.
    fn frames(&self, samples: &[f32]) -> usize {
        match self.channels.get() {
            1 => samples.len(),
            2 => samples.len() / 2,
            _ => samples.len() / self.channels,
        }
    }

    /// Outputs that can be written when `in_frames` more frames are known.
    fn ready(&self, in_frames: usize) -> usize {
        // The last frame alone is enough for an output that stands on it.
        let last = in_frames.min(1 << 40) as i64 - 1;
        let outputs = u64::try_from(last - self.position.ahead)
            .map_or(0, |frames| self.phases.within(self.position.phase, frames));
        usize::try_from(outputs).unwrap_or(usize::MAX)
    }

    /// The output frame at a position. Frames before `input` come from the history; a frame behind the end
    /// of the input is the last one known.
    #[inline]
    fn interpolate(&self, position: Position, input: &[f32], out: &mut [f32]) {
        let Position { ahead, phase } = position;
        let here = self.frame(input, ahead);
        let next = self.frame(input, ahead + 1);
        match self.phases.weights(phase) {
            Some((before, behind)) if !next.is_empty() => {
                for ((out, &x0), &x1) in out.iter_mut().zip(here).zip(next) {
                    *out = part_of(x0, before) + part_of(x1, behind);
                }
            }
            _ => copy_frame(here, out),
        }
    }

    fn frame<'a>(&'a self, input: &'a [f32], index: i64) -> &'a [f32] {
        match usize::try_from(index) {
            Ok(index) => input.get(index * self.channels.get()..).unwrap_or(&[]),
            Err(_) if index == -1 => &self.history[1],
            Err(_) => &self.history[0],
        }
    }

    fn remember(&mut self, input: &[f32], frames_read: usize) {
        self.position.ahead -= frames_read as i64;
        self.begun |= frames_read > 0;
        let channels = self.channels.get();
        let [older, newer] = &mut self.history;
        // Only the channels in use: the whole arrays would take longer than the conversion of a small block.
        let (Some(older), Some(newer)) = (older.get_mut(..channels), newer.get_mut(..channels))
        else {
            return;
        };
        let frame = |back: usize| {
            let index = frames_read.checked_sub(back)?;
            input.get(index * channels..)
        };
        match (frame(2), frame(1)) {
            (Some(before), Some(last)) => {
                copy_frame(before, older);
                copy_frame(last, newer);
            }
            (None, Some(last)) => {
                copy_frame(newer, older);
                copy_frame(last, newer);
            }
            _ => {}
        }
    }
}

/// The samples of one frame; for one sample `copy_from_slice` would take longer than all else.
fn copy_frame(from: &[f32], to: &mut [f32]) {
    match (from, to) {
        ([x, ..], [to]) => *to = *x,
        ([left, right, ..], [to_left, to_right]) => (*to_left, *to_right) = (*left, *right),
        (from, to) => to.iter_mut().zip(from).for_each(|(to, x)| *to = *x),
    }
}
