//! One stream through a filter: what was read of it, what is due, and where its next output stands.

use super::clock::Clock;
use super::compute::Piece;
use super::history::{History, Input};
use super::memory::Memory;
use super::plan::{Kind, PIECE_FRAMES, Plan};
use crate::{Backend, Progress, simd};

/// Everything of a resampler but its [`Memory`], which each call is given.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) plan: Plan,
    backend: Backend,
    pub(crate) channels: usize,
    pub(crate) clock: Clock,
    history: History,
    /// Position in the cycle of a banded table.
    cycle_at: usize,
    /// While flushing: one past the last real frame of the history.
    stop: Option<usize>,
}

/// Where frames go.
pub(crate) enum Output<'a, 'b> {
    Interleaved(&'a mut [f32]),
    Planar(&'a mut [&'b mut [f32]]),
}

impl Stream {
    pub(crate) fn new(plan: Plan, channels: usize, adjustable: bool) -> Self {
        let backend = Backend::detect_for_sinc();
        Self {
            plan,
            backend,
            channels,
            clock: Clock::new(plan.ratio, adjustable),
            history: History::new(&plan, backend),
            cycle_at: 0,
            stop: None,
        }
    }

    pub(crate) const fn set_backend(&mut self, backend: Backend) {
        self.backend = backend;
        self.history.set_backend(backend);
    }

    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    /// Back to before the first frame.
    pub(crate) fn reset(&mut self, memory: &mut Memory<'_>) {
        self.clock.reset();
        self.history = History::new(&self.plan, self.backend);
        self.cycle_at = 0;
        self.stop = None;
        memory.split().1.fill(0.0);
    }

    /// See [`Sinc::input_frames_for`](crate::Sinc::input_frames_for).
    pub(crate) fn input_frames_for(&self, output_frames: usize) -> usize {
        let Some(before_last) = output_frames.checked_sub(1) else {
            return 0;
        };
        let (mut clock, mut history) = (self.clock, self.history);
        if self.stop.is_some() {
            // The next call of `process` begins a new stream.
            clock.reset();
            history = History::new(&self.plan, self.backend);
        }
        missing(&self.plan, clock.passed(before_last as u64), &history)
    }

    /// See [`Sinc::position`](crate::Sinc::position).
    pub(crate) fn position(&self) -> (i64, f64) {
        let end = self.stop.unwrap_or(self.history.end);
        let whole = (self.history.at + self.plan.centre) as i64 - end as i64;
        (whole, self.clock.fraction())
    }

    /// Converts `in_frames` frames of `input` into at most `out_frames` of `output`. A stream that was being flushed is
    /// over.
    pub(crate) fn process(
        &mut self,
        memory: &mut Memory<'_>,
        input: Input<'_>,
        in_frames: usize,
        output: Output<'_, '_>,
        out_frames: usize,
    ) -> Progress {
        if self.stop.is_some() {
            self.reset(memory);
        }
        self.run(memory, input, in_frames, output, out_frames)
    }

    /// Writes what is still due, as if silence followed; behind the last of it a new stream begins.
    pub(crate) fn drain(
        &mut self,
        memory: &mut Memory<'_>,
        output: Output<'_, '_>,
        out_frames: usize,
    ) -> Progress {
        self.stop.get_or_insert(self.history.end);
        let progress = self.run(memory, Input::Silence, usize::MAX, output, out_frames);
        if self.due(usize::MAX) == 0 {
            self.reset(memory);
        }
        Progress {
            frames_read: 0,
            ..progress
        }
    }

    /// How many outputs have windows that begin less than `most` frames after the next one's; while flushing, only
    /// those that stand before the input's end.
    fn due(&self, most: usize) -> usize {
        let frames = match self.stop {
            Some(stop) => stop
                .saturating_sub(self.history.at + self.plan.centre)
                .min(most),
            None => most,
        };
        match frames {
            0 => 0,
            frames => {
                usize::try_from(self.clock.outputs_within(frames as u64)).unwrap_or(usize::MAX)
            }
        }
    }

    fn run(
        &mut self,
        memory: &mut Memory<'_>,
        input: Input<'_>,
        in_frames: usize,
        mut output: Output<'_, '_>,
        out_frames: usize,
    ) -> Progress {
        let mut progress = Progress::default();
        let limit = match self.stop {
            Some(_) => out_frames.min(self.due(usize::MAX)),
            None => out_frames,
        };
        while progress.frames_written < limit {
            let left = limit - progress.frames_written;
            let piece = left.min(PIECE_FRAMES);
            let passed = self.clock.passed(piece as u64 - 1);
            let missing = missing(&self.plan, passed, &self.history);
            let wanted = missing.min(in_frames - progress.frames_read);
            if wanted > self.history.room() {
                let (_, planes) = split_work(&self.plan, self.channels, memory.split().1);
                let shift = self.history.compact(planes);
                self.stop = self.stop.map(|stop| stop.saturating_sub(shift));
            }
            let count = wanted.min(self.history.room());
            if count > 0 {
                let (_, planes) = split_work(&self.plan, self.channels, memory.split().1);
                self.history
                    .feed(planes, self.channels, input, progress.frames_read, count);
                progress.frames_read += count;
            }
            let ready = if count == missing {
                piece
            } else {
                let known = self.history.end + 1;
                let windows = known.saturating_sub(self.history.at + self.plan.span);
                self.due(windows).min(piece)
            };
            if ready == 0 && count == 0 {
                break;
            }
            if ready > 0 {
                self.emit(memory, &mut output, progress.frames_written, ready);
                progress.frames_written += ready;
                self.history.at += self.clock.advance(ready as u64) as usize;
                if let Kind::Banded(bands) = self.plan.kind {
                    self.cycle_at += ready;
                    while self.cycle_at >= bands.cycle {
                        self.cycle_at -= bands.cycle;
                    }
                }
            }
        }
        progress
    }

    /// Writes `count` frames, whose windows are all in the history, at frame `at` of the output.
    fn emit(&self, memory: &mut Memory<'_>, output: &mut Output<'_, '_>, at: usize, count: usize) {
        let (table, work) = memory.split();
        let piece = Piece {
            plan: &self.plan,
            backend: self.backend,
            table,
            clock: &self.clock,
            history: &self.history,
            cycle_at: self.cycle_at,
        };
        let (scratch, planes) = split_work(&self.plan, self.channels, work);
        let (sums, scratch) =
            scratch.split_at_mut(self.plan.sums_len(self.channels).min(scratch.len()));
        // Exact chunks would take a division, which is dear in a small block.
        let mut planes = planes.chunks(self.history.plane_len().max(1));
        let mut plane = || planes.next().unwrap_or(&[]);
        let channels = self.channels;
        match output {
            Output::Planar(out) => {
                let piece_of = |out| <[f32]>::get_mut(out, at..at + count).unwrap_or_default();
                for out in out.chunks_mut(2) {
                    match out {
                        [one, other] => {
                            let out = [piece_of(one), piece_of(other)];
                            piece.compute([plane(), plane()], sums, out);
                        }
                        [last] => piece.compute([plane()], sums, [piece_of(last)]),
                        _ => {}
                    }
                }
            }
            Output::Interleaved(out) => {
                let out = out
                    .get_mut(at * channels..(at + count) * channels)
                    .unwrap_or_default();
                match channels {
                    1 => piece.compute([plane()], sums, [out]),
                    2 if self.plan.kind == Kind::HalfUp => {
                        piece.half_up_stereo([plane(), plane()], [sums, scratch], out);
                    }
                    _ => {
                        let (one, other) = scratch.split_at_mut(scratch.len() / 2);
                        let one = one.get_mut(..count).unwrap_or_default();
                        let other = other.get_mut(..count).unwrap_or_default();
                        for channel in (0..channels).step_by(2) {
                            if channel + 1 == channels {
                                piece.compute([plane()], sums, [one]);
                                put_channel(one, channel, channels, out);
                                break;
                            }
                            piece.compute([plane(), plane()], sums, [one, other]);
                            if channels == 2 {
                                // In whole vectors.
                                simd::weave(self.backend, one, other, out);
                            } else {
                                put_channel(one, channel, channels, out);
                                put_channel(other, channel + 1, channels, out);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Writes one channel into interleaved frames.
fn put_channel(samples: &[f32], channel: usize, channels: usize, out: &mut [f32]) {
    let out = out.iter_mut().skip(channel).step_by(channels.max(1));
    out.zip(samples).for_each(|(out, &v)| *out = v);
}

/// Input frames that must be read before the output can be written that stands `passed` frames after the next one.
fn missing(plan: &Plan, passed: u64, history: &History) -> usize {
    // In 64 bits: on the way it may be more than a `usize` holds.
    let here = (history.at + plan.span) as i64 - history.end as i64;
    usize::try_from(passed.saturating_add_signed(here)).unwrap_or(usize::MAX)
}

/// The scratch and the planes.
fn split_work<'a>(
    plan: &Plan,
    channels: usize,
    work: &'a mut [f32],
) -> (&'a mut [f32], &'a mut [f32]) {
    let scratch = plan.scratch_len(channels);
    work.split_at_mut(scratch.min(work.len()))
}
