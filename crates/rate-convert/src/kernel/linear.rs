//! Linear interpolation of a run of frames that all lie in one slice.

use core::num::NonZero;

use super::LANES;
use crate::ratio::Ratio;

/// Outputs whose place and weights are known at a time: two cycles at 44.1 -> 48 kHz, one at 22.05 -> 48.
const PHASES: usize = 320;
/// A vector may read behind the last of them.
const LEN: usize = PHASES + LANES;

/// Where the outputs of a cycle stand, and their weights. Ratios whose cycle fits have all of it computed once; of
/// others [`Self::renew`] computes the piece that is wanted next.
#[derive(Clone, Debug)]
pub(crate) struct Phases {
    ratio: Ratio,
    /// Outputs until everything repeats, and the input frames passed by then.
    cycle: NonZero<usize>,
    cycle_frames: usize,
    /// Whether the arrays hold a whole cycle, and begin with it.
    whole: bool,
    /// Where lanes stand, `(frames, remainder)`, when the first stands on a frame: a division for each would be dear.
    lanes: ([i32; LANES], [i32; LANES]),
    pub(super) table: Table,
}

/// Entries for successive outputs.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Entries before the first is due again.
    pub(super) len: usize,
    /// The frame before each output, relative to the cycle's (or the piece's) first. They go on behind `len`.
    pub(super) place: [i32; LEN],
    /// Weight of that frame and of the one behind it, which is 0 where the output stands on a frame.
    pub(super) before: [f32; LEN],
    pub(super) behind: [f32; LEN],
}

/// Where an output stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    /// The input frame before it, from some origin.
    pub(crate) ahead: i64,
    /// Its number in the cycle.
    pub(crate) phase: usize,
}

/// A run's first output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// The input frame before it.
    pub(crate) at: usize,
    /// Its entry in the table.
    pub(crate) phase: usize,
    pub(crate) channels: usize,
}

impl Phases {
    pub(crate) fn new(ratio: Ratio) -> Self {
        let (from, to) = (ratio.from.get() as usize, ratio.to.get() as usize);
        let cycles = (PHASES / to).max(1);
        let mut lanes = ([0; LANES], [0; LANES]);
        for (q, (frames, remainder)) in lanes.0.iter_mut().zip(&mut lanes.1).enumerate() {
            *frames = ratio.place(q) as i32;
            *remainder = ratio.remainder(q) as i32;
        }
        let mut phases = Self {
            ratio,
            cycle: NonZero::new(cycles * to).unwrap_or(NonZero::<usize>::MIN),
            cycle_frames: cycles * from,
            whole: to <= PHASES,
            lanes,
            table: Table {
                len: PHASES,
                place: [0; LEN],
                before: [0.0; LEN],
                behind: [0.0; LEN],
            },
        };
        phases.renew(0, LEN);
        if phases.whole {
            phases.table.len = phases.cycle.get();
        }
        phases
    }

    /// The most outputs of a run, and the entry of its first, when it begins at output `phase` of the cycle.
    pub(crate) fn prepare(&mut self, phase: usize, outputs: usize) -> (usize, usize) {
        if self.whole {
            return (outputs, phase);
        }
        let outputs = outputs.min(PHASES);
        self.renew(phase, outputs);
        (outputs, 0)
    }

    /// Computes the entries of `count` outputs, and of a few more, from output `phase` of the cycle on.
    #[inline(never)]
    fn renew(&mut self, phase: usize, count: usize) {
        let to = self.ratio.to.get() as i32;
        let whole = self.ratio.place(LANES) as i32;
        let part = self.ratio.remainder(LANES) as i32;
        let first = self.ratio.remainder(phase) as i32;
        let (mut place, mut remainder) = self.lanes;
        for (place, remainder) in place.iter_mut().zip(&mut remainder) {
            *remainder += first;
            let over = *remainder >= to;
            *place += i32::from(over);
            *remainder -= if over { to } else { 0 };
        }
        let places = self.table.place.chunks_exact_mut(LANES);
        let befores = self.table.before.chunks_exact_mut(LANES);
        let behinds = self.table.behind.chunks_exact_mut(LANES);
        for ((places, befores), behinds) in places
            .zip(befores)
            .zip(behinds)
            .take(count.div_ceil(LANES) + 1)
        {
            places.copy_from_slice(&place);
            for (l, (before, behind)) in befores.iter_mut().zip(behinds).enumerate() {
                // Both parts of a quotient are exact, so each weight is rounded once.
                *before = (to - remainder[l]) as f32 / to as f32;
                *behind = remainder[l] as f32 / to as f32;
                remainder[l] += part;
                let over = remainder[l] >= to;
                place[l] += whole + i32::from(over);
                remainder[l] -= if over { to } else { 0 };
            }
        }
    }

    /// Input frames from the cycle's start to its output `phase`.
    #[inline]
    fn place(&self, phase: usize) -> usize {
        if self.whole {
            self.table
                .place
                .get(phase)
                .map_or(0, |&place| place as usize)
        } else {
            self.ratio.place(phase)
        }
    }

    /// The position `outputs` outputs further on; beyond 2^63 frames it stays there.
    #[inline]
    pub(crate) fn after(&self, from: Position, outputs: usize) -> Position {
        let (mut turns, mut phase) = match outputs {
            // A division is dear in a small block.
            few if few < self.cycle.get() => (0, from.phase + few),
            many => (many / self.cycle, from.phase + many % self.cycle),
        };
        if phase >= self.cycle.get() {
            phase -= self.cycle.get();
            turns += 1;
        }
        let ahead = match turns {
            0 => from.ahead,
            turns => i64::try_from(turns)
                .unwrap_or(i64::MAX)
                .saturating_mul(self.cycle_frames as i64)
                .saturating_add(from.ahead),
        };
        Position {
            ahead: ahead.saturating_add(self.place(phase) as i64 - self.place(from.phase) as i64),
            phase,
        }
    }

    /// The position one output further on.
    #[inline]
    pub(crate) fn next(&self, from: Position) -> Position {
        match self.table.place.get(from.phase..) {
            // Places go on behind the cycle.
            Some([here, next, ..]) if self.whole => {
                let phase = from.phase + 1;
                Position {
                    ahead: from.ahead + i64::from(next - here),
                    phase: if phase == self.table.len { 0 } else { phase },
                }
            }
            _ => self.after(from, 1),
        }
    }

    /// Frames behind the origin that must be known for the output at `position`.
    pub(crate) fn needed(&self, position: Position) -> usize {
        // The frame before it, and the one behind it unless it stands on one.
        let frames = position
            .ahead
            .saturating_add(1 + i64::from(!self.on_frame(position.phase)));
        match frames {
            i64::MAX => usize::MAX,
            frames => usize::try_from(frames.max(0)).unwrap_or(usize::MAX),
        }
    }

    /// How many outputs, from output `phase` of the cycle on, stand at most `frames` (below 2^43) behind its frame.
    pub(crate) fn within(&self, phase: usize, frames: u64) -> u64 {
        // The last is the largest q with q * from <= end * to.
        let end = frames + self.place(phase) as u64;
        end * u64::from(self.ratio.to.get()) / NonZero::<u64>::from(self.ratio.from) + 1
            - phase as u64
    }

    /// Whether an output stands on a frame.
    pub(crate) fn on_frame(&self, phase: usize) -> bool {
        match self.table.behind.get(phase) {
            Some(&behind) if self.whole => behind == 0.0,
            _ => self.ratio.remainder(phase) == 0,
        }
    }

    /// Weights of the frame before an output and of the one behind it, unless it stands on a frame.
    #[inline]
    pub(crate) fn weights(&self, phase: usize) -> Option<(f32, f32)> {
        if self.whole
            && let (Some(&before), Some(&behind)) =
                (self.table.before.get(phase), self.table.behind.get(phase))
        {
            return (behind != 0.0).then_some((before, behind));
        }
        let (remainder, to) = (self.ratio.remainder(phase), self.ratio.to.get());
        let weight = |part: u32| part as f32 / to as f32;
        (remainder != 0).then(|| (weight(to - remainder), weight(remainder)))
    }

    /// Whether every second output stands on a frame, and the others in the middle.
    pub(super) fn doubles(&self) -> bool {
        (self.ratio.from.get(), self.ratio.to.get()) == (1, 2)
    }

    /// Input frames per output frame at most: 1, 2, or more.
    pub(super) fn frames_per_output(&self) -> u32 {
        self.ratio.from.get().div_ceil(self.ratio.to.get())
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
pub(super) fn generic(run: Run, phases: &Phases, x: &[f32], out: &mut [f32]) {
    if phases.doubles() && run.channels <= 2 {
        return doubled(run, x, out);
    }
    let Run {
        mut at,
        mut phase,
        channels,
    } = run;
    let table = &phases.table;
    for out in out.chunks_exact_mut(channels.max(1)) {
        let here = x.get(at * channels..).unwrap_or(&[]);
        let (Some([place, next_place]), Some(&before), Some(&behind)) = (
            table.place.get(phase..).and_then(|p| p.first_chunk()),
            table.before.get(phase),
            table.behind.get(phase),
        ) else {
            return;
        };
        if behind == 0.0 {
            for (out, &x) in out.iter_mut().zip(here) {
                *out = x;
            }
        } else {
            let next = here.get(channels..).unwrap_or(&[]);
            for ((out, &x0), &x1) in out.iter_mut().zip(here).zip(next) {
                *out = part_of(x0, before) + part_of(x1, behind);
            }
        }
        at += (next_place - place) as usize;
        phase += 1;
        if phase == table.len {
            phase = 0;
        }
    }
}

/// 1:2, mono or stereo: every second output is a frame, the others the mean of two.
#[inline(always)]
fn doubled(run: Run, x: &[f32], out: &mut [f32]) {
    let channels = run.channels;
    let mut here = x.get(run.at * channels..).unwrap_or(&[]);
    let mut out = out;
    if !run.phase.is_multiple_of(2) {
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
