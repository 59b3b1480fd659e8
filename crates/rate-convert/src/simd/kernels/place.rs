//! Where the words of a linear interpolation stand.

use crate::simd::phases::{Phases, Run};
use crate::simd::shapes::LANES;

/// One sample of a frame.
#[inline(always)]
pub(in crate::simd) fn sample<const C: usize>(run: &Run<'_>, at: isize, channel: usize) -> f32 {
    let samples = if at < 0 { run.history } else { run.x };
    let at = if at < 0 { at.wrapping_add(2) } else { at } as usize;
    samples.get(at * C + channel).copied().unwrap_or(0.0)
}

/// Where the first output of a word stands.
pub(in crate::simd) struct Place {
    pub(in crate::simd) at: isize,
    /// How far it is from there to the next frame, in units of 1/`to`, less 1.
    pub(in crate::simd) left: u32,
}

/// A way of at most [`LANES`] outputs.
pub(in crate::simd) struct Way {
    frames: isize,
    remainder: u32,
    to: u32,
}

impl Way {
    #[inline(always)]
    pub(in crate::simd) fn new(phases: &Phases, outputs: usize) -> Self {
        let at = outputs % (LANES + 1);
        Self {
            frames: phases.frames[at] as isize,
            remainder: phases.remainders[at],
            to: phases.to(),
        }
    }
}

impl Place {
    #[inline(always)]
    pub(in crate::simd) fn new(phases: &Phases, at: isize, remainder: u32) -> Self {
        let left = phases.to() - 1 - remainder;
        Self { at, left }
    }

    /// How far it is from the frame before, in units of 1/`to`.
    #[inline(always)]
    pub(in crate::simd) fn remainder(&self, phases: &Phases) -> u32 {
        phases.to() - 1 - self.left
    }

    #[inline(always)]
    pub(in crate::simd) fn forth(&mut self, way: &Way) {
        let (less, over) = self.left.overflowing_sub(way.remainder);
        self.left = if over {
            less.wrapping_add(way.to)
        } else {
            less
        };
        self.at += way.frames + isize::from(over);
    }

    #[inline(always)]
    pub(in crate::simd) fn back(&mut self, way: &Way) {
        let left = self.left + way.remainder;
        let (less, within) = left.overflowing_sub(way.to);
        let under = !within;
        self.left = if under { less } else { left };
        self.at -= way.frames + isize::from(under);
    }
}
