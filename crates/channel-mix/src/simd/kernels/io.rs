//! The orders of memory that the tile kernel reads and writes.

use core::num::NonZero;

use super::planes::{Plane, Planes, Span};
use super::squares::Transpose;

/// Where the frames come from and go to.
pub(crate) trait Io {
    /// Reads `count` frames (at most [`TILE_FRAMES`]) from frame `first` on, a channel to a plane.
    /// Channels whose bit in `used` is 0 need not be read.
    fn load(&self, turn: impl Transpose, span: Span, used: u64, planes: &mut Planes);
    /// Writes `count` frames from frame `first` on.
    fn store(&mut self, turn: impl Transpose, span: Span, planes: &Planes);
}

/// From one place to another.
pub(crate) struct Across<S, D> {
    pub(crate) source: S,
    pub(crate) sink: D,
}

/// Half of an [`Io`].
pub(crate) trait Source {
    fn load(&self, turn: impl Transpose, span: Span, used: u64, planes: &mut Planes);
}

/// The other half.
pub(crate) trait Sink {
    fn store(&mut self, turn: impl Transpose, span: Span, planes: &Planes);
}

impl<S: Source, D: Sink> Io for Across<S, D> {
    #[inline(always)]
    fn load(&self, turn: impl Transpose, span: Span, used: u64, planes: &mut Planes) {
        self.source.load(turn, span, used, planes);
    }
    #[inline(always)]
    fn store(&mut self, turn: impl Transpose, span: Span, planes: &Planes) {
        self.sink.store(turn, span, planes);
    }
}

/// Interleaved, to be read.
pub(crate) struct Interleaved<'a>(pub(crate) &'a [f32]);

/// Interleaved, to be written, all of it.
pub(crate) struct InterleavedMut<'a>(pub(crate) &'a mut [f32]);

/// Planar, to be read.
pub(crate) struct Planar<'a>(pub(crate) &'a [&'a [f32]]);

/// Planar, to be written.
pub(crate) struct PlanarMut<'a, 'b>(pub(crate) &'a mut [&'b mut [f32]]);

/// One interleaved block, read as frames of the input and written, from its start, as frames of the
/// output, which are no larger: writing never overtakes reading.
pub(crate) struct InterleavedInPlace<'a>(pub(crate) &'a mut [f32]);

/// As many planes as there are input channels; the first ones become the output.
pub(crate) struct PlanarInPlace<'a, 'b>(pub(crate) &'a mut [&'b mut [f32]]);

impl Source for Interleaved<'_> {
    #[inline(always)]
    fn load(&self, turn: impl Transpose, span: Span, used: u64, planes: &mut Planes) {
        take_apart(turn, self.0, span, used, planes);
    }
}

impl Sink for InterleavedMut<'_> {
    #[inline(always)]
    fn store(&mut self, turn: impl Transpose, span: Span, planes: &Planes) {
        put_together(turn, self.0, span, planes, true);
    }
}

impl Source for Planar<'_> {
    #[inline(always)]
    fn load(&self, _: impl Transpose, span: Span, _used: u64, planes: &mut Planes) {
        for (plane, from) in planes.iter_mut().zip(self.0).take(span.channels.get()) {
            copy_in(from, span, plane);
        }
    }
}

impl Sink for PlanarMut<'_, '_> {
    #[inline(always)]
    fn store(&mut self, _: impl Transpose, span: Span, planes: &Planes) {
        for (plane, to) in planes
            .iter()
            .zip(self.0.iter_mut())
            .take(span.channels.get())
        {
            copy_out(plane, span, to);
        }
    }
}

impl Io for InterleavedInPlace<'_> {
    #[inline(always)]
    fn load(&self, turn: impl Transpose, span: Span, used: u64, planes: &mut Planes) {
        take_apart(turn, self.0, span, used, planes);
    }
    #[inline(always)]
    fn store(&mut self, turn: impl Transpose, span: Span, planes: &Planes) {
        put_together(turn, self.0, span, planes, false);
    }
}

impl Io for PlanarInPlace<'_, '_> {
    #[inline(always)]
    fn load(&self, _: impl Transpose, span: Span, _used: u64, planes: &mut Planes) {
        for (plane, from) in planes
            .iter_mut()
            .zip(self.0.iter())
            .take(span.channels.get())
        {
            copy_in(from, span, plane);
        }
    }
    #[inline(always)]
    fn store(&mut self, _: impl Transpose, span: Span, planes: &Planes) {
        for (plane, to) in planes
            .iter()
            .zip(self.0.iter_mut())
            .take(span.channels.get())
        {
            copy_out(plane, span, to);
        }
    }
}

#[inline(always)]
fn copy_in(from: &[f32], span: Span, to: &mut Plane) {
    let from = from
        .get(span.first..span.first + span.count)
        .unwrap_or_default();
    if let Some(whole) = from.first_chunk() {
        *to = *whole;
    } else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

#[inline(always)]
fn copy_out(from: &Plane, span: Span, to: &mut [f32]) {
    let to = to
        .get_mut(span.first..span.first + span.count)
        .unwrap_or_default();
    if let Some(whole) = to.first_chunk_mut() {
        *whole = *from;
    } else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

/// The samples of a span of interleaved frames.
fn samples(span: Span) -> core::ops::Range<usize> {
    span.first * span.channels.get()..(span.first + span.count) * span.channels.get()
}

/// Where to start so that eight channels from there on include channel `group`, a multiple of eight,
/// and do not leave the frame, where it has as many.
fn octet(group: usize, channels: usize) -> usize {
    group.min(channels.saturating_sub(8))
}

#[inline(always)]
fn take_apart(turn: impl Transpose, block: &[f32], span: Span, used: u64, planes: &mut Planes) {
    let (channels, count) = (span.channels.get(), span.count);
    match (channels, &mut *planes) {
        (1, [mono, ..]) => copy_in(block, span, mono),
        (2, [left, right, ..]) => {
            let block = block.get(samples(span)).unwrap_or_default();
            let frames = block.as_chunks::<2>().0.iter();
            for (([l, r], left), right) in frames.zip(left).zip(right) {
                *left = *l;
                *right = *r;
            }
        }
        _ => {
            // To the end of the block: what a square reads beyond the span does no harm.
            let block = block.get(span.first * channels..).unwrap_or_default();
            for group in (0..channels).step_by(8) {
                let start = octet(group, channels);
                if (used >> (start & 63)) & 0xFF == 0 {
                    continue;
                }
                let Some(planes) = planes.get_mut(start..).and_then(|p| p.first_chunk_mut()) else {
                    continue;
                };
                for frame in (0..count).step_by(8) {
                    let from = block.get(frame * channels + start..).unwrap_or_default();
                    if from.len() >= 7 * channels + 8 {
                        turn.gather(from, channels, planes, frame);
                    } else {
                        gather_rest(turn, from, span.channels, planes, frame);
                    }
                }
            }
        }
    }
}

/// With `beyond`, the frames behind the span are still to be written and may be touched; in place,
/// they are still to be read.
#[inline(always)]
fn put_together(
    turn: impl Transpose,
    block: &mut [f32],
    span: Span,
    planes: &Planes,
    beyond: bool,
) {
    let (channels, count) = (span.channels.get(), span.count);
    let mut range = samples(span);
    if beyond {
        range.end = block.len();
    }
    let block = block.get_mut(range).unwrap_or_default();
    match (channels, planes) {
        (1, [mono, ..]) => copy_out(mono, Span { first: 0, ..span }, block),
        (2, [left, right, ..]) => {
            let frames = block.as_chunks_mut::<2>().0.iter_mut().take(count);
            for ((frame, l), r) in frames.zip(left).zip(right) {
                *frame = [*l, *r];
            }
        }
        _ => {
            for group in (0..channels).step_by(8) {
                let start = octet(group, channels);
                let Some(planes) = planes.get(start..).and_then(|p| p.first_chunk()) else {
                    continue;
                };
                for frame in (0..count).step_by(8) {
                    let to = block
                        .get_mut(frame * channels + start..)
                        .unwrap_or_default();
                    // What a narrow frame writes beyond itself, the next frame puts right.
                    if to.len() >= 7 * channels + 8 {
                        turn.scatter(planes, frame, to, channels);
                    } else {
                        scatter_rest(turn, planes, frame, to, span.channels);
                    }
                }
            }
        }
    }
}

/// The end of a tile, where there are not eight samples of eight frames: by way of a square that has
/// them. Kept apart, as it would take the registers of the rest.
#[inline(never)]
fn gather_rest(
    turn: impl Transpose,
    from: &[f32],
    channels: NonZero<usize>,
    to: &mut [Plane; 8],
    at: usize,
) {
    let mut rows = [0.0; 64];
    for (row, from) in rows.chunks_mut(8).zip(from.chunks(channels.get())) {
        row.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
    turn.gather(&rows, 8, to, at);
}

#[inline(never)]
fn scatter_rest(
    turn: impl Transpose,
    from: &[Plane; 8],
    at: usize,
    to: &mut [f32],
    channels: NonZero<usize>,
) {
    let mut rows = [0.0; 64];
    turn.scatter(from, at, &mut rows, 8);
    for (row, to) in rows.chunks(8).zip(to.chunks_mut(channels.get())) {
        to.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
    }
}
