//! The orders of memory that the tile kernel reads and writes.

use crate::tile::{Io, Plane};

/// From one place to another.
pub(crate) struct Across<S, D> {
    pub(crate) source: S,
    pub(crate) sink: D,
}

/// Half of an [`Io`].
pub(crate) trait Source {
    fn load(&self, first: usize, count: usize, used: u64, planes: &mut [Plane]);
}

/// The other half.
pub(crate) trait Sink {
    fn store(&mut self, first: usize, count: usize, planes: &[Plane]);
}

impl<S: Source, D: Sink> Io for Across<S, D> {
    #[inline(always)]
    fn load(&self, first: usize, count: usize, used: u64, planes: &mut [Plane]) {
        self.source.load(first, count, used, planes);
    }
    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, planes: &[Plane]) {
        self.sink.store(first, count, planes);
    }
}

/// Interleaved, to be read: frames of as many channels as there are planes.
pub(crate) struct Interleaved<'a>(pub(crate) &'a [f32]);

/// Interleaved, to be written.
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

#[inline(always)]
fn take_apart(block: &[f32], first: usize, count: usize, used: u64, planes: &mut [Plane]) {
    let channels = planes.len();
    let Some(block) = block.get(first * channels..(first + count) * channels) else {
        return;
    };
    for (channel, plane) in planes.iter_mut().enumerate() {
        if used >> (channel & 63) & 1 == 0 {
            continue;
        }
        let samples = block
            .get(channel..)
            .unwrap_or_default()
            .iter()
            .step_by(channels.max(1));
        for (to, from) in plane.iter_mut().zip(samples) {
            *to = *from;
        }
    }
}

#[inline(always)]
fn put_together(block: &mut [f32], first: usize, count: usize, planes: &[Plane]) {
    let channels = planes.len();
    let Some(block) = block.get_mut(first * channels..(first + count) * channels) else {
        return;
    };
    for (channel, plane) in planes.iter().enumerate() {
        let samples = block.get_mut(channel..).unwrap_or_default();
        for (to, from) in samples.iter_mut().step_by(channels.max(1)).zip(plane) {
            *to = *from;
        }
    }
}

#[inline(always)]
fn copy_in(from: &[f32], first: usize, count: usize, to: &mut Plane) {
    let from = from.get(first..first + count).unwrap_or_default();
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[inline(always)]
fn copy_out(from: &Plane, first: usize, count: usize, to: &mut [f32]) {
    let to = to.get_mut(first..first + count).unwrap_or_default();
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

impl Source for Interleaved<'_> {
    #[inline(always)]
    fn load(&self, first: usize, count: usize, used: u64, planes: &mut [Plane]) {
        take_apart(self.0, first, count, used, planes);
    }
}

impl Sink for InterleavedMut<'_> {
    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, planes: &[Plane]) {
        put_together(self.0, first, count, planes);
    }
}

impl Source for Planar<'_> {
    #[inline(always)]
    fn load(&self, first: usize, count: usize, _used: u64, planes: &mut [Plane]) {
        for (plane, from) in planes.iter_mut().zip(self.0) {
            copy_in(from, first, count, plane);
        }
    }
}

impl Sink for PlanarMut<'_, '_> {
    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, planes: &[Plane]) {
        for (plane, to) in planes.iter().zip(self.0.iter_mut()) {
            copy_out(plane, first, count, to);
        }
    }
}

impl Io for InterleavedInPlace<'_> {
    #[inline(always)]
    fn load(&self, first: usize, count: usize, used: u64, planes: &mut [Plane]) {
        take_apart(self.0, first, count, used, planes);
    }
    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, planes: &[Plane]) {
        put_together(self.0, first, count, planes);
    }
}

impl Io for PlanarInPlace<'_, '_> {
    #[inline(always)]
    fn load(&self, first: usize, count: usize, _used: u64, planes: &mut [Plane]) {
        for (plane, from) in planes.iter_mut().zip(self.0.iter()) {
            copy_in(from, first, count, plane);
        }
    }
    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, planes: &[Plane]) {
        for (plane, to) in planes.iter().zip(self.0.iter_mut()) {
            copy_out(plane, first, count, to);
        }
    }
}
