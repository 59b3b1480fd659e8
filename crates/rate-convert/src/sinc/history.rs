//! The input frames that windows read, a plane per channel: where the next window begins, and how far frames are
//! known.

use super::plan::{Kind, Plan};
use crate::simd::{self, Backend, clean};

/// Where frames come from.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    Interleaved(&'a [f32]),
    Planar(&'a [&'a [f32]]),
    Silence,
}

/// Positions in all planes alike, in frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    /// The first frame of the next output's window.
    pub(crate) at: usize,
    /// One past the last frame known.
    pub(crate) end: usize,
    margin: usize,
    plane_len: usize,
    /// Even frames in the first half of each plane, odd ones in the second.
    split: bool,
    backend: Backend,
}

impl History {
    pub(crate) fn new(plan: &Plan, backend: Backend) -> Self {
        Self {
            at: plan.margin,
            end: plan.margin + plan.centre,
            margin: plan.margin,
            plane_len: plan.plane_len(),
            split: plan.kind == Kind::HalfDown,
            backend,
        }
    }

    pub(crate) const fn set_backend(&mut self, backend: Backend) {
        self.backend = backend;
    }

    pub(crate) const fn plane_len(&self) -> usize {
        self.plane_len
    }

    /// Frames that fit after the last one.
    pub(crate) const fn room(&self) -> usize {
        (self.plane_len - self.margin).saturating_sub(self.end)
    }

    /// Moves what is still needed to the front of each plane; returns by how many frames.
    pub(crate) fn compact(&mut self, planes: &mut [f32]) -> usize {
        // Even, so that frames stay in their half of a split plane.
        let shift = self.at.min(self.end).saturating_sub(self.margin) & !1;
        if shift == 0 {
            return 0;
        }
        for plane in planes.chunks_exact_mut(self.plane_len.max(1)) {
            if self.split {
                for half in plane.chunks_exact_mut((self.plane_len / 2).max(1)) {
                    move_down(half, shift / 2, self.end.div_ceil(2));
                }
            } else {
                move_down(plane, shift, self.end);
            }
        }
        self.at -= shift;
        self.end -= shift;
        shift
    }

    /// Appends `count` frames of `input`, from frame `from` on, to those known: no more than there is room for.
    pub(crate) fn feed(
        &mut self,
        planes: &mut [f32],
        channels: usize,
        input: Input<'_>,
        from: usize,
        count: usize,
    ) {
        let (start, stop) = (self.end, self.end + count);
        match input {
            Input::Interleaved(x) if channels == 2 && !self.split => {
                let (left, right) = planes.split_at_mut(self.plane_len.min(planes.len()));
                if let (Some(left), Some(right), Some(x)) = (
                    left.get_mut(start..stop),
                    right.get_mut(start..stop),
                    x.get(2 * from..),
                ) {
                    simd::split_clean(self.backend, x, left, right);
                }
            }
            Input::Interleaved(x) if channels == 2 => {
                self.feed_pairs(planes, x.get(2 * from..).unwrap_or(&[]), count)
            }
            Input::Interleaved(x) if channels > 1 => {
                for (channel, plane) in planes.chunks_exact_mut(self.plane_len.max(1)).enumerate() {
                    let x = x.get(from * channels + channel..).unwrap_or(&[]);
                    self.put(plane, count, x.iter().step_by(channels.max(1)).copied());
                }
            }
            Input::Interleaved(x) => self.put_slice(planes, count, x.get(from..).unwrap_or(&[])),
            Input::Planar(x) => {
                for (plane, x) in planes.chunks_exact_mut(self.plane_len.max(1)).zip(x) {
                    self.put_slice(plane, count, x.get(from..).unwrap_or(&[]));
                }
            }
            Input::Silence => {
                for plane in planes.chunks_exact_mut(self.plane_len.max(1)) {
                    self.put(plane, count, core::iter::repeat(0.0));
                }
            }
        }
        self.end = stop;
    }

    /// Stereo into split planes: an odd first frame alone, then pairs of frames, and what is left.
    fn feed_pairs(&self, planes: &mut [f32], x: &[f32], count: usize) {
        let x = x.get(..2 * count).unwrap_or(x);
        let half = self.plane_len / 2;
        let (left, right) = planes.split_at_mut(self.plane_len.min(planes.len()));
        let (left, odd_left) = left.split_at_mut(half.min(left.len()));
        let (right, odd_right) = right.split_at_mut(half.min(right.len()));
        let put = |side: &mut [f32], at: usize, x: f32| {
            if let Some(slot) = side.get_mut(at) {
                *slot = clean(x);
            }
        };
        let (first, x) = x.split_at((2 * (self.end & 1)).min(x.len()));
        if let [a, b] = *first {
            put(odd_left, self.end / 2, a);
            put(odd_right, self.end / 2, b);
        }
        let (at, pairs) = (self.end.div_ceil(2), x.len() / 4);
        if let [.., a, b] = *x
            && x.len() % 4 == 2
        {
            put(left, at + pairs, a);
            put(right, at + pairs, b);
        }
        if let (Some(left), Some(right), Some(odd_left), Some(odd_right)) = (
            left.get_mut(at..at + pairs),
            right.get_mut(at..at + pairs),
            odd_left.get_mut(at..at + pairs),
            odd_right.get_mut(at..at + pairs),
        ) {
            simd::split_pairs(self.backend, x, [left, right], [odd_left, odd_right]);
        }
    }

    fn put_slice(&self, plane: &mut [f32], count: usize, x: &[f32]) {
        let x = x.get(..count).unwrap_or(x);
        if !self.split {
            if let Some(slots) = plane.get_mut(self.end..self.end + count) {
                simd::copy_clean(self.backend, x, slots);
            }
            return;
        }
        // An odd first frame alone, then pairs, and what is left.
        let (even, odd) = plane.split_at_mut((self.plane_len / 2).min(plane.len()));
        let (first, x) = x.split_at((self.end & 1).min(x.len()));
        if let (Some(slot), Some(&x)) = (odd.get_mut(self.end / 2), first.first()) {
            *slot = clean(x);
        }
        let (at, pairs) = (self.end.div_ceil(2), x.len() / 2);
        if let (Some(even), Some(odd)) = (even.get_mut(at..at + pairs), odd.get_mut(at..at + pairs))
        {
            simd::split_clean(self.backend, x, even, odd);
        }
        if x.len() % 2 == 1
            && let (Some(slot), Some(&x)) = (even.get_mut(at + pairs), x.last())
        {
            *slot = clean(x);
        }
    }

    fn put(&self, plane: &mut [f32], count: usize, x: impl Iterator<Item = f32>) {
        if self.split {
            for (index, x) in (self.end..self.end + count).zip(x) {
                if let Some(slot) = plane.get_mut((index & 1) * (self.plane_len / 2) + index / 2) {
                    *slot = clean(x);
                }
            }
        } else if let Some(slots) = plane.get_mut(self.end..self.end + count) {
            for (slot, x) in slots.iter_mut().zip(x) {
                *slot = clean(x);
            }
        }
    }
}

fn move_down(plane: &mut [f32], shift: usize, end: usize) {
    if shift <= end && end <= plane.len() {
        plane.copy_within(shift..end, 0);
    }
}
