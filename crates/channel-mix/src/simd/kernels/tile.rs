//! The kernel that can do everything: any matrix, interleaved or planar at either end, in place, on a
//! ramp. It takes a few frames at a time apart into planes on the stack, so that all sums run along
//! the frames, in plain loops that vectorise whatever the channel counts are.

use crate::gain::gain_at;
use crate::plan::terms::TermsRef;

/// Frames in a tile: four vectors of 256 bits, enough of them to hide the latency of an addition.
pub(crate) const TILE_FRAMES: usize = 32;

/// One channel of a tile.
pub(crate) type Plane = [f32; TILE_FRAMES];

/// Turns squares of eight frames by eight channels over, which no plain loop does well. `stride` is
/// the number of channels in the interleaved memory, `at` the first of the eight frames in the planes.
pub(crate) trait Transpose: Copy {
    /// Samples in a vector; there are sixteen of them.
    const VECTOR: usize;
    /// `to[channel][at + frame] = from[frame * stride + channel]`. Does nothing if `from` has not
    /// `7 * stride + 8` samples or `at` is not 0, 8, 16 or 24.
    fn gather(self, from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize);
    /// `to[frame * stride + channel] = from[channel][at + frame]`, frame after frame, eight samples
    /// each even if the stride is less. Does nothing if `to` has not `7 * stride + 8` samples or `at`
    /// is not 0, 8, 16 or 24.
    fn scatter(self, from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize);
}

/// With moves one by one.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Transpose for Plain {
    const VECTOR: usize = 4;

    #[inline(always)]
    fn gather(self, from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize) {
        for frame in 0..8 {
            let row = from
                .get(frame * stride..)
                .and_then(|f| f.first_chunk::<8>());
            for (plane, sample) in to.iter_mut().zip(row.into_iter().flatten()) {
                plane[(at + frame) & (TILE_FRAMES - 1)] = *sample;
            }
        }
    }

    #[inline(always)]
    fn scatter(self, from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize) {
        for frame in 0..8 {
            let row = to
                .get_mut(frame * stride..)
                .and_then(|t| t.first_chunk_mut::<8>());
            for (sample, plane) in row.into_iter().flatten().zip(from) {
                *sample = plane[(at + frame) & (TILE_FRAMES - 1)];
            }
        }
    }
}

/// The planes of a tile: a multiple of eight, so that squares fit, and maybe more than there are
/// channels; what is in those does not matter.
pub(crate) type Planes = [Plane];

/// Where the frames come from and go to.
pub(crate) trait Io {
    /// Reads `count` frames (at most [`TILE_FRAMES`]) from frame `first` on, a channel to a plane.
    /// Channels whose bit in `used` is 0 need not be read.
    fn load(&self, turn: impl Transpose, span: Span, used: u64, planes: &mut Planes);
    /// Writes `count` frames from frame `first` on.
    fn store(&mut self, turn: impl Transpose, span: Span, planes: &Planes);
}

/// Which frames, and of how many channels.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) channels: usize,
    pub(crate) first: usize,
    /// At most [`TILE_FRAMES`].
    pub(crate) count: usize,
}

/// What to compute.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) terms: TermsRef<'a>,
    /// The single output is `0.5 * (a + b)` of its two terms.
    pub(crate) average: bool,
    pub(crate) ramp: Option<RampPart<'a>>,
}

/// A ramp under way: coefficients go from those of `from` to the job's own.
#[derive(Clone, Copy)]
pub(crate) struct RampPart<'a> {
    pub(crate) from: TermsRef<'a>,
    /// Frames of the ramp before the first frame of this job.
    pub(crate) done: u32,
    pub(crate) ramp_frames: u32,
}

/// Mixes frames `first..end`. `CHANNELS` is a power of two, and no fewer than there are channels on
/// either side.
#[inline(always)]
pub(crate) fn mix<const CHANNELS: usize>(
    turn: impl Transpose,
    job: &Job<'_>,
    io: &mut impl Io,
    first: usize,
    end: usize,
) {
    let mut x = [[0.0; TILE_FRAMES]; CHANNELS];
    let mut y = [[0.0; TILE_FRAMES]; CHANNELS];
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
            &mut x,
        );
        match &job.ramp {
            None => {
                let mut output = 0;
                while output < job.outputs {
                    output += steady(turn, job, &x, &mut y, output);
                }
            }
            Some(ramp) => {
                let done = ramp.done.wrapping_add((at - first) as u32);
                let mut t = [0.0; TILE_FRAMES];
                for (t, k) in t.iter_mut().zip(1_u32..) {
                    *t = gain_at(0.0, 1.0, done.wrapping_add(k), ramp.ramp_frames as f32);
                }
                for (output, row) in y.iter_mut().take(job.outputs).enumerate() {
                    *row = ramped(job, ramp, &x, &t, output);
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
            &y,
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
    let inputs = job.terms.row(first).0;
    let y = y.get_mut(first..).unwrap_or_default();
    match (inputs, y) {
        ([], [y, ..]) => *y = [0.0; TILE_FRAMES],
        ([a, b], [y, ..]) if job.average => *y = average(plane(x, *a), plane(x, *b)),
        (_, y) => {
            let alike = job.terms.alike(first);
            // Eight vectors of sums leave as many for the rest.
            return match T::VECTOR {
                4 if alike >= 2 => sums::<2, 16, CHANNELS>(job, x, y, first),
                _ if alike >= 2 => sums::<2, 32, CHANNELS>(job, x, y, first),
                _ => sums::<1, 32, CHANNELS>(job, x, y, first),
            };
        }
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

/// `ROWS` outputs that have the same inputs, `FRAMES` of the tile at a time: as many sums as there are
/// registers for. Each vector of a plane is read once for all of them.
#[inline(always)]
fn sums<const ROWS: usize, const FRAMES: usize, const CHANNELS: usize>(
    job: &Job<'_>,
    x: &[Plane; CHANNELS],
    y: &mut [Plane],
    first: usize,
) -> usize {
    let inputs = job.terms.row(first).0;
    let gains: [&[f32]; ROWS] = core::array::from_fn(|row| job.terms.row(first + row).1);
    if gains.iter().any(|gains| gains.len() != inputs.len()) {
        return ROWS; // never so; but it takes the checks out of the loop
    }
    for part in 0..TILE_FRAMES / FRAMES {
        // Adding to -0.0 changes nothing.
        let mut sums = [[-0.0; FRAMES]; ROWS];
        for (term, input) in inputs.iter().enumerate() {
            let (parts, _) = plane(x, *input).as_chunks::<FRAMES>();
            for (sum, gains) in sums.iter_mut().zip(gains) {
                let gain = gains[term];
                for (sum, x) in sum.iter_mut().zip(&parts[part]) {
                    *sum += gain * x;
                }
            }
        }
        for (y, sum) in y.iter_mut().zip(&sums) {
            y.as_chunks_mut::<FRAMES>().0[part] = *sum;
        }
    }
    ROWS
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
