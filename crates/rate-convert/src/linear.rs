//! Linear interpolation: the original's resampler, made continuous.

use core::num::NonZero;

use crate::kernel::{self, Phases, Position, Run, part_of};
use crate::ratio::{MAX_CHANNELS, Ratio, check_channels};
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
        let channels = self.channels.get();
        let (in_frames, out_frames) = (self.frames(input), self.frames(output));
        let Some(call) = self.begin(in_frames, out_frames) else {
            return Progress::default();
        };
        let out = output.get_mut(..call.frames_written * channels);
        self.fill(0, channels, input, out.unwrap_or_default());
        self.keep(0, channels, input, call.frames_read);
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
            let out = out.get_mut(..call.frames_written);
            self.fill(channel, 1, x, out.unwrap_or_default());
            self.keep(channel, 1, x, call.frames_read);
        }
        self.end(call)
    }

    /// Ends the stream: writes what is still due so that, with all that `process` wrote,
    /// `ceil(frames_in * to / from)` frames have come out.
    ///
    /// Call until fewer frames are written than `output` holds; from the moment the last one is written the resampler
    /// is as after [`Self::reset`], and further calls write nothing.
    pub fn flush(&mut self, output: &mut [f32]) -> Progress {
        self.flushing = true;
        let channels = self.channels.get();
        let written = self.cross(0, channels, &[], output);
        self.drained(written)
    }

    /// As [`Self::flush`], a slice per channel.
    pub fn flush_planar(&mut self, output: &mut [&mut [f32]]) -> Progress {
        let Some(output) = output.get_mut(..self.channels.get()) else {
            return Progress::default();
        };
        self.flushing = true;
        let out_frames = output.iter().map(|plane| plane.len()).min().unwrap_or(0);
        let mut written = (0, self.position);
        for (channel, out) in output.iter_mut().enumerate() {
            let out = out.get_mut(..out_frames).unwrap_or_default();
            written = self.cross(channel, 1, &[], out);
        }
        self.drained(written)
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

    /// What a call will do; `None` where nothing is asked for.
    #[inline(always)]
    fn begin(&mut self, in_frames: usize, out_frames: usize) -> Option<Call> {
        if self.flushing {
            self.reset();
        }
        let last = self.phases.after(self.position, out_frames.checked_sub(1)?);
        let needed = self.phases.needed(last);
        Some(if needed <= in_frames {
            Call {
                frames_read: needed,
                frames_written: out_frames,
                then: self.phases.next(last),
            }
        } else {
            let count = self.ready(in_frames).min(out_frames);
            Call {
                frames_read: in_frames,
                frames_written: count,
                then: self.phases.after(self.position, count),
            }
        })
    }

    #[inline(always)]
    fn end(&mut self, call: Call) -> Progress {
        self.position = Position {
            ahead: call.then.ahead - call.frames_read as i64,
            ..call.then
        };
        self.begun |= call.frames_read > 0;
        Progress {
            frames_read: call.frames_read,
            frames_written: call.frames_written,
        }
    }

    fn drained(&mut self, (frames_written, position): (usize, Position)) -> Progress {
        self.position = position;
        if position.ahead >= 0 || !self.begun {
            self.reset();
        }
        Progress {
            frames_read: 0,
            frames_written,
        }
    }

    /// Fills `out` with `channels` channels from `first` on, interleaved as in `input`.
    #[inline(always)]
    fn fill(&mut self, first: usize, channels: usize, input: &[f32], out: &mut [f32]) {
        let (written, mut position) = self.cross(first, channels, input, out);
        let mut out = out.get_mut(written * channels..).unwrap_or_default();
        while !out.is_empty() {
            let left = match channels {
                1 => out.len(),
                channels => out.len() / channels,
            };
            let (outputs, phase) = self.phases.prepare(position.phase, left);
            let run = Run {
                at: position.ahead as usize,
                phase,
                channels,
            };
            let (piece, rest) = out.split_at_mut((outputs * channels).min(out.len()));
            kernel::linear(self.backend, run, &self.phases, input, piece);
            if !rest.is_empty() {
                position = self.phases.after(position, outputs);
            }
            out = rest;
        }
    }

    /// The outputs that stand before `input`, of which some reach into it: they take frames from the history. How
    /// many there were, and the position behind them. (Of a stream without a frame there are none.)
    #[inline(always)]
    fn cross(
        &self,
        first: usize,
        channels: usize,
        input: &[f32],
        out: &mut [f32],
    ) -> (usize, Position) {
        let [older, newer] = &self.history;
        let frame = |index: i64| match usize::try_from(index) {
            Ok(index) => input.get(index * channels..).unwrap_or(&[]),
            Err(_) => {
                let kept = if index == -1 { newer } else { older };
                kept.get(first..first + channels).unwrap_or(&[])
            }
        };
        let (mut written, mut position) = (0, self.position);
        for out in out.chunks_exact_mut(channels) {
            if position.ahead >= 0 || !self.begun {
                break;
            }
            let (here, next) = (frame(position.ahead), frame(position.ahead + 1));
            match self.phases.weights(position.phase) {
                Some((before, behind)) if !next.is_empty() => {
                    for ((out, &x0), &x1) in out.iter_mut().zip(here).zip(next) {
                        *out = part_of(x0, before) + part_of(x1, behind);
                    }
                }
                // On a frame; or behind the last one, which is held.
                _ => copy_frame(here, out),
            }
            position = self.phases.next(position);
            written += 1;
        }
        (written, position)
    }

    /// Keeps the last two of the frames read.
    #[inline(always)]
    fn keep(&mut self, first: usize, channels: usize, input: &[f32], frames_read: usize) {
        let [older, newer] = &mut self.history;
        // Only the channels in use: the whole arrays would take longer than the conversion of a small block.
        let kept = first..first + channels;
        let (Some(older), Some(newer)) = (older.get_mut(kept.clone()), newer.get_mut(kept)) else {
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

/// How far a call gets, and where that leaves the next output (counted as before the call).
struct Call {
    frames_read: usize,
    frames_written: usize,
    then: Position,
}

/// The samples of one frame; for one sample `copy_from_slice` would take longer than all else.
fn copy_frame(from: &[f32], to: &mut [f32]) {
    match (from, to) {
        ([x, ..], [to]) => *to = *x,
        ([left, right, ..], [to_left, to_right]) => (*to_left, *to_right) = (*left, *right),
        (from, to) => to.iter_mut().zip(from).for_each(|(to, x)| *to = *x),
    }
}
