//! Taps that are cubics of an output's position, and where outputs stand in them.

use super::shapes::LANES;

/// A table of such taps, and how the samples lie that they meet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cubics<'a> {
    /// Phases x lines of a row x 4 x [`LANES`]; of the four lines, the constants come first.
    pub(crate) coefficients: &'a [f32],
    /// Lines of a row.
    pub(crate) lines: usize,
    /// Rows between one sample and the next.
    pub(crate) phases: u32,
    /// Samples between one frame and the next: 1 or 2.
    pub(crate) rate: u32,
    /// Units of a remainder in a frame: below 2^52.
    pub(crate) units: f64,
}

/// Whole frames, and the rest of a way in units of a remainder. They are integers, in the type of which every machine has
/// vectors; sums of integers below 2^53 are exact.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Offset {
    pub(crate) frames: f64,
    pub(crate) remainder: f64,
}

/// The ways to outputs that are interpolated together, from the first of them or from somewhere before it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Points {
    frames: [f64; LANES],
    remainders: [f64; LANES],
}

/// Outputs in the samples and in the table.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::simd) struct Windows {
    /// The sample with which each window begins.
    pub(in crate::simd) starts: [u32; LANES],
    /// The row of each output's taps, and how far it is into that phase: 0.0..=1.0.
    pub(in crate::simd) phases: [u32; LANES],
    pub(in crate::simd) above: [f32; LANES],
}

/// A number from 0 to 2^31 is, rounded, in the lowest bits of its sum with this.
const ROUND: f64 = (3_u64 << 51) as f64;

impl Points {
    /// Outputs of which `next` gives the remainder, and the frames from its frame to the next output's. With the frames
    /// that all of them pass.
    #[inline(always)]
    pub(crate) fn of(mut next: impl FnMut() -> (u64, u64)) -> (Self, f64) {
        let (mut points, mut frame) = (Self::default(), 0.0);
        for (frames, to) in points.frames.iter_mut().zip(&mut points.remainders) {
            let (remainder, passed) = next();
            (*frames, *to) = (frame, remainder as f64);
            frame += passed as f64;
        }
        (points, frame)
    }
}

impl Cubics<'_> {
    /// One way after another.
    #[inline(always)]
    pub(crate) fn sum(&self, one: Offset, other: Offset) -> Offset {
        let remainder = one.remainder + other.remainder;
        let over = if remainder >= self.units { 1.0 } else { 0.0 };
        Offset {
            frames: one.frames + other.frames + over,
            remainder: remainder - over * self.units,
        }
    }

    /// Where outputs stand, each its way from `first`.
    #[inline(always)]
    pub(in crate::simd) fn windows(&self, first: Offset, points: &Points) -> Windows {
        let rows = f64::from(self.rate * self.phases);
        let mut windows = Windows::default();
        for lane in 0..LANES {
            let point = Offset {
                frames: points.frames[lane],
                remainder: points.remainders[lane],
            };
            let Offset { frames, remainder } = self.sum(first, point);
            // Both are below 2^52, so the quotient is 2^-52 below 1 at least, and the product below `rows`.
            let way = remainder / self.units * rows;
            // Rounded down, or to the row before where it stands at the end of that one.
            let row = way - 0.5 + ROUND;
            windows.above[lane] = (way - (row - ROUND)) as f32;
            let row = row.to_bits() as u32;
            let later = u32::from(row >= self.phases);
            windows.phases[lane] = row - later * self.phases;
            windows.starts[lane] = (frames + ROUND).to_bits() as u32 * self.rate + later;
        }
        windows
    }
}
