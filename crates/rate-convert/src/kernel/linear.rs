//! Linear interpolation of a run of frames that all lie in one slice.

use core::num::NonZero;

use super::LANES;

/// Where a run begins and how it steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Input frame at or before the first output.
    pub(crate) at: usize,
    /// How far behind it, in units of 1/`to`.
    pub(crate) remainder: u32,
    /// Input frames per output frame: `from / to`, in lowest terms.
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) channels: usize,
}

/// Where the lanes of a vector stand when the first stands on a frame: for mono one frame per lane, for stereo one
/// per two lanes. A division for each is too dear for every block, so it is done once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneSteps {
    /// Samples from lane 0's frame to the lane's own.
    pub(crate) samples: [i32; LANES],
    /// How far behind it, in units of 1/`to`.
    pub(crate) parts: [i32; LANES],
}

impl LaneSteps {
    pub(crate) fn new(from: u32, to: NonZero<u32>, channels: usize) -> Self {
        let per_frame = if channels == 2 { 2 } else { 1 };
        let mut run = Run {
            at: 0,
            remainder: 0,
            from,
            to: to.get(),
            channels,
        };
        let mut steps = Self {
            samples: [0; LANES],
            parts: [0; LANES],
        };
        for (l, (sample, part)) in steps.samples.iter_mut().zip(&mut steps.parts).enumerate() {
            *sample = (run.at * per_frame + l % per_frame) as i32;
            *part = run.remainder as i32;
            if l % per_frame == per_frame - 1 {
                run.tick(from / to, from % to);
            }
        }
        steps
    }
}

impl Run {
    /// One output further.
    #[inline(always)]
    pub(super) fn tick(&mut self, whole: u32, part: u32) {
        self.at += whole as usize;
        self.remainder += part;
        if self.remainder >= self.to {
            self.remainder -= self.to;
            self.at += 1;
        }
    }

    /// The weights of the frame before and the frame behind, each rounded once.
    pub(crate) fn weights(&self) -> (f32, f32) {
        let to = self.to as f32;
        (
            (self.to - self.remainder) as f32 / to,
            self.remainder as f32 / to,
        )
    }
}

/// A sample with none of these bits is below 2^-95 (-570 dB).
pub(super) const NOT_TINY: u32 = 0x7000_0000;

/// `x * weight`, where an `x` so small that the product might be denormal counts as 0: on some processors such a
/// product takes thirty times as long. (A weight is at least 1/768,000.)
#[inline(always)]
pub(crate) fn part_of(x: f32, weight: f32) -> f32 {
    if x.to_bits() & NOT_TINY == 0 {
        0.0
    } else {
        x * weight
    }
}

/// Fills the whole frames of `out`; every frame it needs is in `x`, but for the one behind an output that stands on
/// a frame. This is the definition that the vector versions are tested against.
#[inline(always)]
pub(super) fn generic(mut run: Run, _: &LaneSteps, x: &[f32], out: &mut [f32]) {
    if run.to == 2 && run.from == 1 && run.channels <= 2 {
        return doubled(run, x, out);
    }
    let Some(to) = NonZero::new(run.to) else {
        return;
    };
    let (whole, part) = (run.from / to, run.from % to);
    for out in out.chunks_exact_mut(run.channels.max(1)) {
        let here = x.get(run.at * run.channels..).unwrap_or(&[]);
        if run.remainder == 0 {
            for (out, &x) in out.iter_mut().zip(here) {
                *out = x;
            }
        } else {
            let (w0, w1) = run.weights();
            let next = here.get(run.channels..).unwrap_or(&[]);
            for ((out, &x0), &x1) in out.iter_mut().zip(here).zip(next) {
                *out = part_of(x0, w0) + part_of(x1, w1);
            }
        }
        run.tick(whole, part);
    }
}

/// 1:2, mono or stereo: every second output is a frame, the others the mean of two.
#[inline(always)]
fn doubled(run: Run, x: &[f32], out: &mut [f32]) {
    let channels = run.channels;
    let mut here = x.get(run.at * channels..).unwrap_or(&[]);
    let mut out = out;
    if run.remainder != 0 {
        let next = here.get(channels..).unwrap_or(&[]);
        let (first, rest) = out.split_at_mut(channels.min(out.len()));
        for ((out, &x0), &x1) in first.iter_mut().zip(here).zip(next) {
            *out = part_of(x0, 0.5) + part_of(x1, 0.5);
        }
        (out, here) = (rest, next);
    }
    let next = here.get(channels..).unwrap_or(&[]);
    let pairs = if channels == 2 {
        out.len() / 4
    } else {
        out.len() / 2
    };
    let Some((body, last)) = out.split_at_mut_checked(pairs * 2 * channels) else {
        return;
    };
    if channels == 1 {
        for ((out, &x0), &x1) in body.chunks_exact_mut(2).zip(here).zip(next) {
            out[0] = x0;
            out[1] = part_of(x0, 0.5) + part_of(x1, 0.5);
        }
    } else {
        let frames = here.chunks_exact(2).zip(next.chunks_exact(2));
        for (out, (x0, x1)) in body.chunks_exact_mut(4).zip(frames) {
            out[0] = x0[0];
            out[1] = x0[1];
            out[2] = part_of(x0[0], 0.5) + part_of(x1[0], 0.5);
            out[3] = part_of(x0[1], 0.5) + part_of(x1[1], 0.5);
        }
    }
    for (out, &x) in last
        .iter_mut()
        .zip(here.get(pairs * channels..).unwrap_or(&[]))
    {
        *out = x;
    }
}
