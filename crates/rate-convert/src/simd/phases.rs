//! Linear interpolation of a run of frames.

use core::num::NonZero;

use super::shapes::LANES;
use crate::ratio::Ratio;

/// The most outputs whose weights are kept: two cycles at 44.1 -> 48 kHz, one at 22.05 -> 48.
pub(crate) const MAX_CYCLE: usize = 320;
/// What vectors may read before and after a cycle's weights.
const PAD: usize = LANES;

/// Where an output stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    /// The input frame before it, from some origin.
    pub(crate) ahead: i64,
    /// How far past that frame, in units of 1/`to`; below `to`.
    pub(crate) remainder: u32,
}

/// Where outputs stand, and their weights.
#[derive(Clone, Debug)]
pub(crate) struct Phases {
    ratio: Ratio,
    /// Input frames per output frame, rounded down, and what is left of `from`.
    pub(in crate::simd) step: (u32, u32),
    /// Where the next outputs stand, in frames and a remainder, if the first stands on a frame.
    pub(in crate::simd) frames: [u16; LANES + 1],
    pub(in crate::simd) remainders: [u32; LANES + 1],
    /// Outputs until the kept weights repeat: a multiple of `to`, at least [`LANES`]. 0 where none are kept.
    pub(in crate::simd) cycle: usize,
    /// The number of the output with remainder 1. The output with remainder `r` has `r` times that number, modulo
    /// `to`.
    inverse: u32,
}

/// What a kernel is asked for: interleaved outputs, each between two frames of `history` or `x`. (Where an output
/// stands on the first frame, the second may be missing.)
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) phases: &'a Phases,
    /// As [`Phases::fill`] left it, or empty.
    pub(crate) weights: &'a [f32],
    pub(crate) channels: usize,
    /// The two frames before `x`.
    pub(crate) history: &'a [f32],
    pub(crate) x: &'a [f32],
    /// The input frame before the first output: -2 at least.
    pub(crate) at: isize,
    pub(crate) remainder: u32,
}

impl Phases {
    /// Keeps the weights of a cycle if `room` values have room for them.
    pub(crate) fn new(ratio: Ratio, room: usize) -> Self {
        let (from, to) = (ratio.from.get(), ratio.to.get());
        let mut phases = Self {
            ratio,
            step: (from / ratio.to, from % ratio.to),
            frames: [0; LANES + 1],
            remainders: [0; LANES + 1],
            cycle: 0,
            inverse: 0,
        };
        let places = phases.frames.iter_mut().zip(&mut phases.remainders);
        for (q, (frames, remainder)) in places.enumerate() {
            // At most 256 frames per output.
            *frames = ratio.place(q) as u16;
            *remainder = ratio.remainder(q);
        }
        // Long, so that vectors seldom meet its end.
        let most = room.saturating_sub(2 * PAD).min(MAX_CYCLE);
        let cycle = most - most % ratio.to.get() as usize;
        if cycle >= LANES {
            phases.cycle = cycle;
            let is_one = |&q: &usize| ratio.remainder(q) == 1 % to;
            phases.inverse = (0..cycle).find(is_one).unwrap_or(0) as u32;
        }
        phases
    }

    /// Writes the weights of the second frames of a cycle's outputs, and [`PAD`] more before and after them. (The
    /// first frame's weight of an output is the second frame's of the output as far before the cycle's end.)
    pub(crate) fn fill(&self, weights: &mut [f32]) {
        if self.cycle > 0 {
            for (q, weight) in weights.iter_mut().enumerate() {
                let q = (q + self.cycle - PAD) % self.cycle.max(1);
                *weight = self.weight(self.ratio.remainder(q));
            }
        }
    }

    /// Both parts of the quotient are exact, so it is rounded once.
    fn weight(&self, part: u32) -> f32 {
        part as f32 / self.ratio.to.get() as f32
    }

    pub(in crate::simd) const fn to(&self) -> u32 {
        self.ratio.to.get()
    }

    /// A remainder in input frames: 0.0..1.0.
    pub(crate) fn fraction(&self, remainder: u32) -> f64 {
        f64::from(remainder) / f64::from(self.to())
    }

    /// The number of the cycle's output that has this remainder; it is below the cycle's length.
    pub(in crate::simd) fn place_in(&self, remainder: u32) -> usize {
        let product = u64::from(remainder) * u64::from(self.inverse);
        self.ratio.whole(product).1 as usize
    }

    /// The index of output `q` of a cycle in `weights`.
    pub(in crate::simd) const fn index(q: usize) -> usize {
        PAD + q
    }

    /// The position `outputs` outputs further on; beyond 2^63 frames it stays there.
    #[inline(always)]
    pub(crate) fn after(&self, from: Position, outputs: usize) -> Position {
        if outputs as u64 >= 1 << 32 {
            return self.long_after(from, outputs);
        }
        // Below 2^52.
        let way = outputs as u64 * u64::from(self.ratio.from.get()) + u64::from(from.remainder);
        let (frames, remainder) = self.ratio.whole(way);
        Position {
            ahead: from.ahead.wrapping_add(frames as i64),
            remainder,
        }
    }

    #[cold]
    fn long_after(&self, from: Position, outputs: usize) -> Position {
        let way = outputs as u128 * u128::from(self.ratio.from.get());
        let way = way + u128::from(from.remainder);
        let to = NonZero::<u128>::from(self.ratio.to);
        let frames = i64::try_from(way / to).unwrap_or(i64::MAX);
        Position {
            ahead: frames.saturating_add(from.ahead),
            remainder: (way % to) as u32,
        }
    }

    /// The position one output further on.
    #[inline(always)]
    pub(crate) fn next(&self, from: Position) -> Position {
        let (whole, part) = self.step;
        let remainder = from.remainder + part;
        let (over, remainder) = match remainder.checked_sub(self.to()) {
            Some(remainder) => (1, remainder),
            None => (0, remainder),
        };
        Position {
            ahead: from.ahead.wrapping_add(i64::from(whole + over)),
            remainder,
        }
    }

    /// How many outputs, from the one at `position` on, stand at frame `last` (below 2^43) or before it.
    pub(crate) fn upto(&self, position: Position, last: i64) -> u64 {
        let Ok(frames) = u64::try_from(last.saturating_sub(position.ahead)) else {
            return 0;
        };
        // The last is the largest q with remainder + q * from <= frames * to.
        (frames * u64::from(self.to()))
            .checked_sub(position.remainder.into())
            .map_or(0, |way| way / NonZero::<u64>::from(self.ratio.from) + 1)
    }

    /// The weights of the frame before an output and of the one after it; `None` where it stands on a frame.
    pub(crate) fn weights(&self, remainder: u32) -> Option<(f32, f32)> {
        (remainder != 0).then(|| self.parts(remainder))
    }

    /// The weights of the frame before an output and of the one after it.
    #[inline(always)]
    pub(in crate::simd) fn parts(&self, remainder: u32) -> (f32, f32) {
        (self.weight(self.to() - remainder), self.weight(remainder))
    }

    /// Whether every second output stands on a frame, and the others in the middle.
    pub(in crate::simd) fn doubles(&self) -> bool {
        (self.ratio.from.get(), self.to()) == (1, 2)
    }
}

/// A sample with none of these bits is below 2^-95 (-570 dB).
pub(in crate::simd) const NOT_TINY: u32 = 0x7000_0000;

/// `x * weight`, where an `x` so small that the product might be denormal counts as 0: on some processors such a
/// product takes thirty times as long. (A weight is at least 1/768,000.)
#[inline(always)]
pub(crate) fn part_of(x: f32, weight: f32) -> f32 {
    // A mask, where a branch would be mispredicted whenever silence begins or ends.
    let counts = u32::from(x.to_bits() & NOT_TINY != 0).wrapping_neg();
    f32::from_bits(x.to_bits() & counts) * weight
}

/// This is the definition that the vector versions are tested against.
#[inline(never)]
pub(in crate::simd) fn generic(run: &Run<'_>, out: &mut [f32]) {
    match run.channels {
        1 | 2 if run.phases.doubles() => {
            // Outputs before those between two frames of `x`.
            let crossing = 2 * usize::try_from(-run.at).unwrap_or(0);
            let crossing = crossing.saturating_sub(run.remainder as usize);
            let (head, rest) = out.split_at_mut((crossing * run.channels).min(out.len()));
            some(run, run.channels, head);
            let (at, odd) = match usize::try_from(run.at) {
                Ok(at) => (at, run.remainder != 0),
                Err(_) => (0, false),
            };
            let x = run.x.get(at * run.channels..).unwrap_or(&[]);
            match run.channels {
                1 => doubled::<1>(x, odd, rest),
                _ => doubled::<2>(x, odd, rest),
            }
        }
        1 => some(run, 1, out),
        2 => some(run, 2, out),
        channels => some(run, channels, out),
    }
}

/// 1:2 from the start of `x`, `C` samples to a frame: every second output is a frame, and the others are the mean of
/// two. With `odd`, the first output is a mean.
#[inline(always)]
fn doubled<const C: usize>(x: &[f32], odd: bool, out: &mut [f32]) {
    let (head, out) = out.split_at_mut(if odd { C.min(out.len()) } else { 0 });
    for ((out, &x0), &x1) in head.iter_mut().zip(x).zip(x.get(C..).unwrap_or(&[])) {
        *out = part_of(x0, 0.5) + part_of(x1, 0.5);
    }
    let here = x.get(head.len()..).unwrap_or(&[]);
    let next = here.get(C..).unwrap_or(&[]);
    let pairs = out.len() / (2 * C);
    let Some((body, last)) = out.split_at_mut_checked(pairs * 2 * C) else {
        return;
    };
    let frames = here.chunks_exact(C).zip(next.chunks_exact(C));
    for (out, (x0, x1)) in body.chunks_exact_mut(2 * C).zip(frames) {
        for c in 0..C {
            out[c] = x0[c];
            out[C + c] = part_of(x0[c], 0.5) + part_of(x1[c], 0.5);
        }
    }
    let here = here.get(pairs * C..).unwrap_or(&[]);
    last.iter_mut().zip(here).for_each(|(out, &x)| *out = x);
}

#[inline(always)]
fn some(run: &Run<'_>, channels: usize, out: &mut [f32]) {
    let phases = run.phases;
    let (mut at, mut position) = (
        run.at,
        Position {
            ahead: 0,
            remainder: run.remainder,
        },
    );
    for out in out.chunks_mut((LANES * channels).max(1)) {
        let mut before = [0.0; LANES];
        let mut behind = [0.0; LANES];
        let mut places = [0; LANES];
        let to = phases.to() as f32;
        let kept = run.kept(position.remainder);
        for lane in 0..LANES {
            let remainder = phases.remainders[lane] + position.remainder;
            let over = remainder >= phases.to();
            let remainder = remainder - if over { phases.to() } else { 0 };
            places[lane] = i32::from(phases.frames[lane]) + i32::from(over);
            if kept.is_none() {
                before[lane] = (phases.to() - remainder) as i32 as f32 / to;
                behind[lane] = remainder as i32 as f32 / to;
            }
        }
        if let Some((mirrored, weights)) = kept {
            for lane in 0..LANES {
                before[lane] = mirrored[LANES - 1 - lane];
                behind[lane] = weights[lane];
            }
        }
        let done = match channels {
            1 => inside::<1>(run, at, &places, [&before, &behind], out),
            2 => inside::<2>(run, at, &places, [&before, &behind], out),
            _ => false,
        };
        let weights = before.iter().zip(&behind).zip(&places);
        let slow = if done { &mut [] } else { out };
        for (out, ((&before, &behind), &place)) in
            slow.chunks_exact_mut(channels.max(1)).zip(weights)
        {
            let at = at + place as isize;
            let (here, next) = (run.frame(at, channels), run.frame(at + 1, channels));
            if behind == 0.0 {
                for (out, &x) in out.iter_mut().zip(here) {
                    *out = x;
                }
            } else {
                for ((out, &x0), &x1) in out.iter_mut().zip(here).zip(next) {
                    *out = part_of(x0, before) + part_of(x1, behind);
                }
            }
        }
        position = phases.after(position, LANES);
        at += position.ahead as isize;
        position.ahead = 0;
    }
}

/// [`LANES`] outputs whose frames are all in `x`, so that the compiler can use vectors. Where some are not, does
/// nothing and returns false.
#[inline(always)]
fn inside<const C: usize>(
    run: &Run<'_>,
    at: isize,
    places: &[i32; LANES],
    [before, behind]: [&[f32; LANES]; 2],
    out: &mut [f32],
) -> bool {
    let x = usize::try_from(at).ok().and_then(|at| run.x.get(at * C..));
    let (frames, _) = x.unwrap_or(&[]).as_chunks::<C>();
    let (out, rest) = out.as_chunks_mut::<C>();
    let Some(out) = out.first_chunk_mut::<LANES>() else {
        return false;
    };
    if !rest.is_empty() || frames.len() < places[LANES - 1] as usize + 2 {
        return false;
    }
    let mut here = [[0.0; C]; LANES];
    let mut next = [[0.0; C]; LANES];
    for lane in 0..LANES {
        let pair = frames
            .get(places[lane] as usize..)
            .and_then(|x| x.first_chunk::<2>());
        [here[lane], next[lane]] = *pair.unwrap_or(&[[0.0; C]; 2]);
    }
    for lane in 0..LANES {
        for c in 0..C {
            let x = here[lane][c];
            let mixed = part_of(x, before[lane]) + part_of(next[lane][c], behind[lane]);
            out[lane][c] = if behind[lane] == 0.0 { x } else { mixed };
        }
    }
    true
}

impl Run<'_> {
    /// The weights of the output at `remainder` and those after it: of their first frames, the last output's first,
    /// and of their second frames.
    fn kept(&self, remainder: u32) -> Option<(&[f32; LANES], &[f32; LANES])> {
        let cycle = self.phases.cycle;
        if cycle == 0 {
            return None;
        }
        let q = self.phases.place_in(remainder);
        let mirrored = self.weights.get(Phases::index(cycle - q) + 1 - LANES..)?;
        let weights = self.weights.get(Phases::index(q)..)?;
        Some((mirrored.first_chunk()?, weights.first_chunk()?))
    }

    /// The samples from frame `at` on.
    #[inline(always)]
    pub(in crate::simd) fn frame(&self, at: isize, channels: usize) -> &[f32] {
        match usize::try_from(at) {
            Ok(at) => self.x.get(at * channels..),
            Err(_) => self.history.get(at.wrapping_add(2) as usize * channels..),
        }
        .unwrap_or(&[])
    }
}
