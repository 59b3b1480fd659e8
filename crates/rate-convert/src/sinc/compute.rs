//! One plane of outputs out of one plane of history, for each structure.

use super::clock::Clock;
use super::design::Prototype;
use super::history::History;
use super::plan::{Bands, DOUBLED_FRAMES, Kind, Plan};
use crate::simd::{self, BANK, Backend, Bank, Cubics, LANES, Offset, Points};

/// Outputs at 2:1 that are worked at a time: five times the three lines that the kernels work at once.
const HALF_PIECE: usize = 15 * LANES;

/// Everything that the outputs of a piece have in common between channels.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) backend: Backend,
    pub(crate) table: &'a [f32],
    pub(crate) clock: &'a Clock,
    pub(crate) history: &'a History,
    /// Position in the cycle of a banded table.
    pub(crate) cycle_at: usize,
}

impl Piece<'_> {
    /// Fills `out`, which are equally long, from the next output on; the history holds every window, as the caller sees
    /// to. There are one or two channels. `sums` is [`Plan::sums_len`] long.
    pub(crate) fn compute<const N: usize>(
        &self,
        planes: [&[f32]; N],
        sums: &mut [f32],
        out: [&mut [f32]; N],
    ) {
        let channels = planes.into_iter();
        match self.plan.kind {
            Kind::HalfUp => channels
                .zip(out)
                .for_each(|(plane, out)| self.half_up(plane, sums, out)),
            Kind::HalfDown => channels
                .zip(out)
                .for_each(|(plane, out)| self.half_down(plane, sums, out)),
            Kind::Banded(bands) => channels
                .zip(out)
                .for_each(|(plane, out)| self.banded(&bands, plane, sums, out)),
            Kind::Interpolated => {
                let windows = planes.map(|plane| plane.get(self.history.at..).unwrap_or(&[]));
                let prototype = &self.plan.prototype;
                self.interpolated(self.table, prototype, *self.clock, windows, 1, out);
            }
            Kind::Oversampled(fine) => self.oversampled(&fine, planes, sums, out),
        }
    }

    fn half_up(&self, plane: &[f32], sums: &mut [f32], out: &mut [f32]) {
        let Some(side) = self.half_up_side(plane, sums, out.len()) else {
            return;
        };
        let (head, rest) = out.split_at_mut(side.first.len().min(out.len()));
        head.iter_mut()
            .zip(side.first)
            .for_each(|(out, v)| *out = *v);
        simd::weave(self.backend, side.frames, side.sums, rest);
        if let ([.., last], [.., frame]) = (rest, side.frames)
            && side.frames.len() > side.sums.len()
        {
            *last = *frame;
        }
    }

    /// Both sides of stereo into frames, at once: in fewer passes than one after the other.
    pub(crate) fn half_up_stereo(
        &self,
        planes: [&[f32]; 2],
        sums: [&mut [f32]; 2],
        out: &mut [f32],
    ) {
        let [left_sums, right_sums] = sums;
        let (Some(left), Some(right)) = (
            self.half_up_side(planes[0], left_sums, out.len() / 2),
            self.half_up_side(planes[1], right_sums, out.len() / 2),
        ) else {
            return;
        };
        let (head, rest) = out.split_at_mut((2 * left.first.len()).min(out.len()));
        let first = left.first.iter().chain(right.first);
        head.iter_mut().zip(first).for_each(|(out, v)| *out = *v);
        simd::weave_pairs(
            self.backend,
            [left.frames, right.frames],
            [left.sums, right.sums],
            rest,
        );
        if let ([.., a, b], [.., left_frame], [.., right_frame]) = (rest, left.frames, right.frames)
            && left.frames.len() > left.sums.len()
        {
            (*a, *b) = (*left_frame, *right_frame);
        }
    }

    /// What `outputs` outputs of one channel consist of.
    fn half_up_side<'a>(
        &self,
        plane: &'a [f32],
        sums: &'a mut [f32],
        outputs: usize,
    ) -> Option<HalfUpSide<'a>> {
        let window = plane.get(self.history.at..)?;
        // A frame comes before the output between it and the next. Where the first output is between two frames, the
        // first frame is one further on.
        let first = usize::from(self.clock.remainder() != 0).min(outputs);
        let rest = outputs - first;
        let sums = sums.get_mut(..(first + rest / 2).next_multiple_of(LANES))?;
        simd::half_band(self.backend, self.table, window, sums);
        Some(HalfUpSide {
            first: sums.get(..first)?,
            frames: (window.get(self.plan.centre + first..)?).get(..rest.div_ceil(2))?,
            sums: sums.get(first..first + rest / 2)?,
        })
    }

    fn half_down(&self, plane: &[f32], sums: &mut [f32], out: &mut [f32]) {
        let Some((even, odd)) = plane.split_at_checked(self.history.plane_len() / 2) else {
            return;
        };
        let mut at = self.history.at / 2;
        for out in out.chunks_mut(HALF_PIECE) {
            let Some(sums) = sums.get_mut(..out.len().next_multiple_of(LANES)) else {
                return;
            };
            let window = even.get(at..).unwrap_or(&[]);
            simd::half_band(self.backend, self.table, window, sums);
            let centres = odd.get(at + self.plan.centre / 2..).unwrap_or(&[]);
            for ((out, &sum), &x) in out.iter_mut().zip(sums.iter()).zip(centres) {
                *out = sum + 0.5 * x;
            }
            at += out.len();
        }
    }

    fn banded(&self, bands: &Bands, plane: &[f32], sums: &mut [f32], out: &mut [f32]) {
        let (begin, end) = (self.cycle_at, self.cycle_at + out.len());
        let cycle_frames = self.plan.ratio.place(bands.cycle);
        // Where the window of output 0 of the present cycle begins, less the lead. A plane keeps a margin of more
        // than a group before the next window, so that every place is within it. What is computed on the way may be
        // below 0, and wraps.
        let origin = (self.history.at)
            .wrapping_sub(self.plan.ratio.place(begin))
            .wrapping_sub(bands.lead);
        let group_len = bands.rows * LANES;
        // Groups are numbered from the first that is asked for, all around the cycle. Each is computed for every turn
        // in which it is asked for.
        let group = |index: usize| {
            let (turn, group) = if index < bands.groups {
                (0, index)
            } else {
                (1, index - bands.groups)
            };
            let lane_0 = group * LANES;
            let first = lane_0 + turn * bands.cycle;
            Group {
                rows: self
                    .table
                    .get(group * group_len..(group + 1) * group_len)
                    .unwrap_or(&[]),
                lanes: LANES.min(bands.cycle - lane_0),
                first,
                at: origin
                    .wrapping_add(self.plan.ratio.place(lane_0))
                    .wrapping_add(turn * cycle_frames),
                turns: match end.saturating_sub(first) {
                    0 => 0,
                    // A division is dear in a small block.
                    left if left <= bands.cycle => 1,
                    left => left.div_ceil(bands.cycle.max(1)),
                },
            }
        };
        let start = begin / LANES;
        let pairable = simd::pair_places(self.backend);
        let (lines, _) = sums.as_chunks_mut::<LANES>();
        let (lines, _) = lines.as_chunks_mut::<BANK>();
        let Some(banks) = lines.first_chunk_mut::<2>() else {
            return;
        };
        let mut index = start;
        let mut one = group(index);
        // Groups come in the order of their outputs: the first that is not asked for is the end.
        while index < start + bands.groups && one.turns > 0 {
            let other = group(index + 1);
            let apart = other.at.wrapping_sub(one.at);
            let paired = index + 1 < start + bands.groups
                && (1..=pairable).contains(&other.turns.min(BANK))
                && apart <= bands.rows / 2;
            let places = |group: &Group<'_>, turn: usize| {
                core::array::from_fn::<usize, BANK, _>(|i| {
                    group.at.wrapping_add((turn + i) * cycle_frames)
                })
            };
            let give = |group: &Group<'_>, turn: usize, bank: &Bank, out: &mut [f32]| {
                for (turn, results) in (turn..group.turns).zip(bank) {
                    copy_lanes(
                        results,
                        group.lanes,
                        group.first + turn * bands.cycle,
                        begin,
                        out,
                    );
                }
            };
            let mut turn = 0;
            while paired && turn < other.turns {
                let count = (other.turns - turn).min(pairable).min(BANK);
                let at = places(&one, turn);
                if let Some(at) = at.get(..count) {
                    simd::banded_pair(
                        self.backend,
                        [one.rows, other.rows],
                        bands.half,
                        apart,
                        plane,
                        at,
                        banks,
                    );
                }
                let upto = turn + count;
                give(
                    &Group {
                        turns: upto.min(one.turns),
                        ..one
                    },
                    turn,
                    &banks[0],
                    out,
                );
                give(
                    &Group {
                        turns: upto,
                        ..other
                    },
                    turn,
                    &banks[1],
                    out,
                );
                turn = upto;
            }
            while turn < one.turns {
                let count = (one.turns - turn).min(BANK);
                let at = places(&one, turn);
                let [bank, _] = &mut *banks;
                simd::banded(
                    self.backend,
                    one.rows,
                    bands.half,
                    plane,
                    at.get(..count).unwrap_or(&[]),
                    bank,
                );
                give(&one, turn, bank, out);
                turn += count;
            }
            index += if paired { 2 } else { 1 };
            one = if paired { group(index) } else { other };
        }
    }

    fn oversampled<const N: usize>(
        &self,
        fine: &Prototype,
        planes: [&[f32]; N],
        sums: &mut [f32],
        mut out: [&mut [f32]; N],
    ) {
        let Some((cubics, row)) = self.table.split_at_checked(fine.cubics_len()) else {
            return;
        };
        let room = self.plan.doubled_len(*fine);
        let (sums, doubled) = sums.split_at_mut(room.min(sums.len()));
        let mut rooms = doubled.chunks_mut((2 * room).max(1));
        let mut doubled = [(); N].map(|()| rooms.next().unwrap_or_default());
        let (mut clock, mut at) = (*self.clock, self.history.at);
        let outputs = out.first().map_or(0, |out| out.len());
        for begin in (0..outputs).step_by(DOUBLED_FRAMES) {
            let count = DOUBLED_FRAMES.min(outputs - begin);
            let passed = clock.passed(count as u64 - 1) as usize;
            let frames = passed.saturating_add(fine.stride() / 2 + 1);
            for (plane, doubled) in planes.into_iter().zip(&mut doubled) {
                let (Some(sums), Some(doubled), Some(window)) = (
                    sums.get_mut(..frames.next_multiple_of(LANES)),
                    doubled.get_mut(..2 * frames),
                    plane.get(at..),
                ) else {
                    return;
                };
                // Each sum stands before the frame with which the second half of its window begins.
                simd::half_band(self.backend, row, window, sums);
                let centres = window.get(self.plan.prototype.taps / 2..).unwrap_or(&[]);
                simd::weave(self.backend, sums, centres, doubled);
            }
            let doubled = doubled.each_ref().map(|doubled| &**doubled);
            let out = out
                .each_mut()
                .map(|out| out.get_mut(begin..begin + count).unwrap_or_default());
            self.interpolated(cubics, fine, clock, doubled, 2, out);
            at += clock.advance(count as u64) as usize;
        }
    }

    /// Outputs from `clock` on, in `x`: it has `rate` samples a frame, and begins with the window of an output on the
    /// frame at or before the first.
    fn interpolated<const N: usize>(
        &self,
        coefficients: &[f32],
        prototype: &Prototype,
        mut clock: Clock,
        x: [&[f32]; N],
        rate: u32,
        mut out: [&mut [f32]; N],
    ) {
        let cubics = Cubics {
            coefficients,
            lines: prototype.stride() / LANES,
            phases: prototype.phases,
            rate,
            units: clock.units(),
        };
        let outputs = out.first().map_or(0, |out| out.len());
        if let Some(step) = clock.steady() {
            // The ways from the first output of a vector to the others are always the same.
            let mut first = Offset {
                frames: 0.0,
                remainder: clock.remainder() as f64,
            };
            clock.put_on_frame();
            let (points, frames) = Points::of(|| (clock.remainder(), clock.move_on(step)));
            let width = Offset {
                frames,
                remainder: clock.remainder() as f64,
            };
            for begin in (0..outputs).step_by(LANES) {
                let out = next_lanes(&mut out, begin);
                simd::interpolated(self.backend, &cubics, x, first, &points, out);
                first = cubics.sum(first, width);
            }
        } else {
            let mut first = Offset::default();
            for begin in (0..outputs).step_by(LANES) {
                let out = next_lanes(&mut out, begin);
                let (points, frames) = Points::of(|| (clock.remainder(), clock.tick()));
                simd::interpolated(self.backend, &cubics, x, first, &points, out);
                first.frames += frames;
            }
        }
    }
}

/// Up to [`LANES`] outputs of each channel, from `begin` on.
fn next_lanes<'a, const N: usize>(
    out: &'a mut [&mut [f32]; N],
    begin: usize,
) -> [&'a mut [f32]; N] {
    out.each_mut().map(|out| {
        let out = out.get_mut(begin..).unwrap_or_default();
        let count = out.len().min(LANES);
        out.get_mut(..count).unwrap_or_default()
    })
}

/// The outputs of one channel at 1:2: a sum, if the first stands between two frames; then frames and sums by turns.
struct HalfUpSide<'a> {
    first: &'a [f32],
    frames: &'a [f32],
    sums: &'a [f32],
}

/// One group of a banded table, and where it is asked for.
#[derive(Clone, Copy)]
struct Group<'a> {
    rows: &'a [f32],
    /// Lanes that hold outputs: all but in the last group of a cycle.
    lanes: usize,
    /// Output of lane 0 in the first turn, and the place of its rows in the history.
    first: usize,
    at: usize,
    /// Turns of the cycle in which it is asked for.
    turns: usize,
}

/// Copies to `out`, which begins at output `begin`, the lanes that fall into it; lane 0 is output `first`.
fn copy_lanes(results: &[f32; LANES], lanes: usize, first: usize, begin: usize, out: &mut [f32]) {
    let skip = begin.saturating_sub(first).min(lanes);
    let to = first.saturating_sub(begin);
    let (Some(results), Some(out)) = (results.get(skip..lanes), out.get_mut(to..)) else {
        return;
    };
    if let (Ok(results), Some(out)) = (<&[f32; LANES]>::try_from(results), out.first_chunk_mut()) {
        *out = *results;
        return;
    }
    for (out, &v) in out.iter_mut().zip(results) {
        *out = v;
    }
}
