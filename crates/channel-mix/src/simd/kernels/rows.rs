//! The kernel for few terms an output: frame after frame straight from the input to the output, one or
//! two outputs at a time, so that nothing is taken apart first. It is the plain loop that one would
//! write for a given matrix, with the number of terms known to the compiler.

use crate::plan::job::Job;
use crate::plan::terms::TermsRef;

/// The most terms that an output may have.
pub(crate) const MAX_TERMS: usize = 8;

/// Frames that all outputs go over before the next ones, so that they are still in the cache.
const BLOCK_FRAMES: usize = 128;

/// Whether no output has too many terms.
pub(crate) fn fits(outputs: usize, terms: TermsRef<'_>) -> bool {
    (0..outputs).all(|output| terms.row(output).0.len() <= MAX_TERMS)
}

/// Mixes whole frames, of a matrix that [`fits`].
pub(crate) fn mix(job: &Job<'_>, input: &[f32], output: &mut [f32]) {
    let (inputs, outputs) = (job.inputs.get(), job.outputs.get());
    let any_silent = (0..outputs).any(|output| job.terms.row(output).0.is_empty());
    let blocks = input.chunks((inputs * BLOCK_FRAMES).max(1));
    for (x, y) in blocks.zip(output.chunks_mut((outputs * BLOCK_FRAMES).max(1))) {
        if any_silent {
            y.fill(0.0);
        }
        let mut first = 0;
        while first < outputs {
            first += some_outputs(job, first, x, y);
        }
    }
}

/// Mixes one output or two, from `first` on, and returns how many.
fn some_outputs(job: &Job<'_>, first: usize, x: &[f32], y: &mut [f32]) -> usize {
    let terms = job.terms.row(first).0.len();
    let alike = first + 1 < job.outputs.get() && job.terms.row(first + 1).0.len() == terms;
    let rows = 1 + usize::from(alike);
    match (terms, rows) {
        (0, _) => {}
        (2, 1) if job.average => average(job, x, y),
        (_, 2) if are_neighbours(job, first) => neighbours(job, terms, first, x, y),
        (_, 1) => one(job, terms, first, x, y),
        _ => two(job, terms, first, x, y),
    }
    rows
}

fn one(job: &Job<'_>, terms: usize, first: usize, x: &[f32], y: &mut [f32]) {
    match terms {
        1 => pass::<1, 1>(job, first, x, y),
        2 => pass::<1, 2>(job, first, x, y),
        3 => pass::<1, 3>(job, first, x, y),
        4 => pass::<1, 4>(job, first, x, y),
        5 => pass::<1, 5>(job, first, x, y),
        6 => pass::<1, 6>(job, first, x, y),
        7 => pass::<1, 7>(job, first, x, y),
        _ => pass::<1, 8>(job, first, x, y),
    }
}

fn two(job: &Job<'_>, terms: usize, first: usize, x: &[f32], y: &mut [f32]) {
    match terms {
        1 => pass::<2, 1>(job, first, x, y),
        2 => pass::<2, 2>(job, first, x, y),
        3 => pass::<2, 3>(job, first, x, y),
        4 => pass::<2, 4>(job, first, x, y),
        5 => pass::<2, 5>(job, first, x, y),
        6 => pass::<2, 6>(job, first, x, y),
        7 => pass::<2, 7>(job, first, x, y),
        _ => pass::<2, 8>(job, first, x, y),
    }
}

/// Whether each input of the second output comes right after that of the first: left and right.
fn are_neighbours(job: &Job<'_>, first: usize) -> bool {
    let (left, right) = (job.terms.row(first).0, job.terms.row(first + 1).0);
    left.iter()
        .zip(right)
        .all(|(left, right)| left + 1 == *right)
}

fn neighbours(job: &Job<'_>, terms: usize, first: usize, x: &[f32], y: &mut [f32]) {
    match terms {
        1 => pairs::<1>(job, first, x, y),
        2 => pairs::<2>(job, first, x, y),
        3 => pairs::<3>(job, first, x, y),
        4 => pairs::<4>(job, first, x, y),
        _ => two(job, terms, first, x, y),
    }
}

/// Two outputs whose inputs lie side by side, and are read so.
#[inline(never)]
fn pairs<const TERMS: usize>(job: &Job<'_>, first: usize, x: &[f32], y: &mut [f32]) {
    let (left, right) = (job.terms.row(first), job.terms.row(first + 1));
    let sources: [usize; TERMS] =
        core::array::from_fn(|n| left.0.get(n).map_or(0, |i| usize::from(*i)));
    let gains: [[f32; 2]; TERMS] = core::array::from_fn(|n| {
        [left, right].map(|(_, gains)| gains.get(n).copied().unwrap_or(0.0))
    });
    // Never so; but it takes the checks out of the loop.
    let inputs = job.inputs.get();
    if !sources.iter().all(|source| *source + 1 < inputs) {
        return;
    }
    for (x, y) in frames(job, x, y) {
        let Some(y) = y.get_mut(first..).and_then(|y| y.first_chunk_mut::<2>()) else {
            return;
        };
        let mut sum = [0.0; 2];
        for (term, (source, gain)) in sources.iter().zip(&gains).enumerate() {
            let (Some(left), Some(right)) = (x.get(*source), x.get(*source + 1)) else {
                return;
            };
            let product = [gain[0] * left, gain[1] * right];
            sum = match term {
                0 => product,
                _ => [sum[0] + product[0], sum[1] + product[1]],
            };
        }
        *y = sum;
    }
}

/// `ROWS` outputs of `TERMS` terms each. Kept apart, so that its loop has all the registers.
#[inline(never)]
fn pass<const ROWS: usize, const TERMS: usize>(
    job: &Job<'_>,
    first: usize,
    x: &[f32],
    y: &mut [f32],
) {
    let rows: [_; ROWS] = core::array::from_fn(|row| job.terms.row(first + row));
    let sources: [[usize; TERMS]; ROWS] = rows
        .map(|(inputs, _)| core::array::from_fn(|n| inputs.get(n).map_or(0, |i| usize::from(*i))));
    let gains: [[f32; TERMS]; ROWS] =
        rows.map(|(_, gains)| core::array::from_fn(|n| gains.get(n).copied().unwrap_or(0.0)));
    // Never so; but it takes the checks out of the loop.
    let inputs = job.inputs.get();
    if !sources
        .iter()
        .all(|row| row.iter().all(|source| *source < inputs))
    {
        return;
    }
    for (x, y) in frames(job, x, y) {
        let Some(y) = y.get_mut(first..).and_then(|y| y.first_chunk_mut::<ROWS>()) else {
            return;
        };
        for ((y, sources), gains) in y.iter_mut().zip(&sources).zip(&gains) {
            let mut sum = 0.0;
            for (term, (source, gain)) in sources.iter().zip(gains).enumerate() {
                let product = gain * x.get(*source).copied().unwrap_or(0.0);
                sum = if term == 0 { product } else { sum + product };
            }
            *y = sum;
        }
    }
}

/// The one output that is half of each of two inputs.
#[inline(never)]
fn average(job: &Job<'_>, x: &[f32], y: &mut [f32]) {
    let &[a, b] = job.terms.row(0).0 else { return };
    for (x, y) in frames(job, x, y) {
        if let (Some(a), Some(b), [y, ..]) = (x.get(usize::from(a)), x.get(usize::from(b)), y) {
            *y = 0.5 * (a + b);
        }
    }
}

#[inline(always)]
fn frames<'x, 'y>(
    job: &Job<'_>,
    x: &'x [f32],
    y: &'y mut [f32],
) -> impl Iterator<Item = (&'x [f32], &'y mut [f32])> {
    let (inputs, outputs) = (job.inputs.get(), job.outputs.get());
    x.chunks_exact(inputs).zip(y.chunks_exact_mut(outputs))
}
