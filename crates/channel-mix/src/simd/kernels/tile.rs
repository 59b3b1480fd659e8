//! The kernel that can do everything: any matrix, interleaved or planar at either end, in place, on a
//! ramp. It takes a few frames at a time apart into planes on the stack, so that all sums run along
//! the frames, in plain loops that vectorise whatever the channel counts are.

use super::io::Io;
use super::planes::{Plane, Span, TILE_FRAMES};
use super::squares::Transpose;
use crate::gain::gain_at;
use crate::plan::job::{Job, RampPart};

/// `tile`: mixes frames `first..end`; `$squares` is a `Transpose`.
macro_rules! tile {
    ($attr:meta, $squares:expr) => {
        #[$attr]
        pub(in crate::simd) fn tile(job: &Job<'_>, io: &mut impl Io, first: usize, end: usize) {
            match job.inputs.max(job.outputs).get() {
                0..=8 => tile_of::<8>(job, io, first, end),
                9..=16 => tile_of::<16>(job, io, first, end),
                _ => tile_of::<MAX_CHANNELS>(job, io, first, end),
            }
        }

        // Apart, so that few channels do not touch the stack of many.
        #[inline(never)]
        #[$attr]
        fn tile_of<const CHANNELS: usize>(
            job: &Job<'_>,
            io: &mut impl Io,
            first: usize,
            end: usize,
        ) {
            tile::mix::<CHANNELS>($squares, job, io, first, end);
        }
    };
}
pub(in crate::simd) use tile;

/// Planes that begin where a line of the cache does, so that no vector of theirs lies across two.
#[repr(align(64))]
struct Aligned<const CHANNELS: usize>([Plane; CHANNELS]);

/// Mixes frames `first..end`. `CHANNELS` is a power of two, and no fewer than there are channels on
/// either side.
#[inline(always)]
pub(in crate::simd) fn mix<const CHANNELS: usize>(
    turn: impl Transpose,
    job: &Job<'_>,
    io: &mut impl Io,
    first: usize,
    end: usize,
) {
    let Aligned(x) = &mut Aligned([[0.0; TILE_FRAMES]; CHANNELS]);
    let Aligned(y) = &mut Aligned([[0.0; TILE_FRAMES]; CHANNELS]);
    let mut used = job.terms.used();
    if let Some(ramp) = &job.ramp {
        used |= ramp.from.used();
    }
    let mut at = first;
    while at < end {
        let count = (end - at).min(TILE_FRAMES);
        let channels = job.inputs;
        io.load(
            turn,
            Span {
                channels,
                first: at,
                count,
            },
            used,
            x,
        );
        match &job.ramp {
            None => {
                let mut output = 0;
                while output < job.outputs.get() {
                    output += steady(turn, job, x, y, output);
                }
            }
            Some(ramp) => {
                let done = ramp.done.wrapping_add((at - first) as u32);
                let mut t = [0.0; TILE_FRAMES];
                for (t, k) in t.iter_mut().zip(1_u32..) {
                    *t = gain_at(0.0, 1.0, done.wrapping_add(k), ramp.ramp_frames as f32);
                }
                for (output, row) in y.iter_mut().take(job.outputs.get()).enumerate() {
                    *row = ramped(job, ramp, x, &t, output);
                }
            }
        }
        let channels = job.outputs;
        io.store(
            turn,
            Span {
                channels,
                first: at,
                count,
            },
            y,
        );
        at += count;
    }
}

/// As many outputs from `first` on as one pass takes; returns how many.
#[inline(always)]
fn steady<T: Transpose, const CHANNELS: usize>(
    _: T,
    job: &Job<'_>,
    x: &[Plane; CHANNELS],
    y: &mut [Plane; CHANNELS],
    first: usize,
) -> usize {
    let (inputs, gains) = job.terms.row(first);
    let y = y.get_mut(first..).unwrap_or_default();
    match (inputs, y) {
        ([], [y, ..]) => *y = [0.0; TILE_FRAMES],
        ([a, b], [y, ..]) if job.average => *y = average(plane(x, *a), plane(x, *b)),
        (_, y) if job.terms.alike(first) >= 2 => {
            let gains = [gains, job.terms.row(first + 1).1];
            // Eight vectors of sums leave as many for the rest.
            match T::VECTOR {
                4 => sums::<2, 16, CHANNELS>(inputs, gains, x, y),
                _ => sums::<2, 32, CHANNELS>(inputs, gains, x, y),
            }
            return 2;
        }
        (_, y) => sums::<1, 32, CHANNELS>(inputs, [gains; 2], x, y),
    }
    1
}

/// The mask keeps what is true anyway where the compiler can see it.
#[inline(always)]
fn plane<const CHANNELS: usize>(x: &[Plane; CHANNELS], input: u8) -> &Plane {
    &x[usize::from(input) & (CHANNELS - 1)]
}

#[inline(always)]
fn average(a: &Plane, b: &Plane) -> Plane {
    let mut mean = [0.0; TILE_FRAMES];
    for ((mean, a), b) in mean.iter_mut().zip(a).zip(b) {
        *mean = 0.5 * (a + b);
    }
    mean
}

/// `ROWS` outputs, one or two, that have the same inputs, `FRAMES` of the tile at a time: as many sums as there are
/// registers for. Each vector of a plane is read once for all of them.
#[inline(always)]
fn sums<const ROWS: usize, const FRAMES: usize, const CHANNELS: usize>(
    inputs: &[u8],
    [gains, others]: [&[f32]; 2],
    x: &[Plane; CHANNELS],
    y: &mut [Plane],
) {
    const { assert!(ROWS <= 2) };
    for part in 0..TILE_FRAMES / FRAMES {
        // Adding to -0.0 changes nothing.
        let mut sums = [[-0.0; FRAMES]; ROWS];
        for ((input, gain), other) in inputs.iter().zip(gains).zip(others) {
            let parts = plane(x, *input).as_chunks::<FRAMES>().0;
            for (sum, gain) in sums.iter_mut().zip([*gain, *other]) {
                for (sum, x) in sum.iter_mut().zip(&parts[part]) {
                    *sum += gain * x;
                }
            }
        }
        for (y, sum) in y.iter_mut().zip(&sums) {
            y.as_chunks_mut::<FRAMES>().0[part] = *sum;
        }
    }
}

#[inline(always)]
fn ramped<const CHANNELS: usize>(
    job: &Job<'_>,
    ramp: &RampPart<'_>,
    x: &[Plane; CHANNELS],
    t: &Plane,
    output: usize,
) -> Plane {
    let mut sum = [0.0; TILE_FRAMES];
    let mut fed = false;
    ramp.from.merge(&job.terms, output, |input, from, to| {
        for ((sum, x), t) in sum.iter_mut().zip(plane(x, input)).zip(t) {
            let product = (from + (to - from) * t) * x;
            *sum = if fed { *sum + product } else { product };
        }
        fed = true;
    });
    sum
}
