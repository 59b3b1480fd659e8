//! Which kernel a steady, interleaved mix runs: chosen when the mixer is made.

use crate::backend::Backend;
use crate::io::{Across, Interleaved, InterleavedMut};
use crate::lanes::Lanes;
use crate::layout::MAX_CHANNELS;
use crate::map::ChannelMap;
use crate::plain::{self, MAX_PAIRS, PairGains};
use crate::rows;
use crate::terms::TermsRef;
use crate::tile::{Io, Job};

#[derive(Clone, Debug)]
// Where there is no backend to run them, some are made by nobody.
#[cfg_attr(
    not(all(
        any(target_arch = "x86", target_arch = "x86_64"),
        not(dsp_force_scalar)
    )),
    allow(dead_code)
)]
#[allow(clippy::large_enum_variant)] // there is no heap to put the large one on
pub(crate) enum Kernel {
    /// The identity.
    Copy,
    /// Mono to both of stereo.
    Duplicate,
    /// `0.5 * (a + b)`, stereo to mono.
    Average,
    /// Each output is one input or silent.
    Map(ChannelMap),
    /// Pairs of left and right to stereo: quad, 5.1, 7.1 and larger ones.
    Pairs(PairGains),
    /// Few terms an output, narrow frames.
    Lanes(Lanes),
    /// Few terms an output.
    Rows,
    /// Anything else, and the only one for planes and ramps.
    Tile,
}

impl Kernel {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Duplicate => "duplicate",
            Self::Average => "average",
            Self::Map(_) => "map",
            Self::Pairs(_) => "pairs",
            Self::Lanes(_) => "lanes",
            Self::Rows => "rows",
            Self::Tile => "tile",
        }
    }

    pub(crate) fn choose(
        backend: Backend,
        inputs: usize,
        outputs: usize,
        terms: TermsRef<'_>,
    ) -> Self {
        let map = ChannelMap::new(inputs, outputs, |o, i| terms.coefficient(o, i));
        match &map {
            Some(map) if map.is_identity() => return Self::Copy,
            Some(map) if map.is_duplicate() => return Self::Duplicate,
            _ => {}
        }
        let is_average = is_average(outputs, terms);
        if is_average && inputs == 2 {
            return Self::Average;
        }
        if outputs == 2
            && let Some(gains) = pairs(inputs, terms)
        {
            return Self::Pairs(gains);
        }
        // What a vector costs, and what each of its slots does, as terms of the rows that either of
        // them could do instead: measured.
        let (width, vector, slot) = match backend {
            Backend::Scalar => (0, 0, 0),
            Backend::Avx2 => (8, 8, 2),
            Backend::Avx512 => (16, 4, 4),
        };
        let count = terms.count();
        if !is_average
            && let Some(lanes) = Lanes::new(inputs, outputs, terms, width)
            && lanes.frames * (count + outputs) >= vector + slot * lanes.slots
        {
            return Self::Lanes(lanes);
        }
        let few = backend == Backend::Scalar || count < inputs + outputs;
        match map {
            Some(map) => Self::Map(map),
            None if few && rows::fits(outputs, terms) => Self::Rows,
            None => Self::Tile,
        }
    }
}

/// The single output is exactly half of each of two inputs.
#[allow(clippy::float_cmp)]
pub(crate) fn is_average(outputs: usize, terms: TermsRef<'_>) -> bool {
    outputs == 1 && matches!(terms.row(0).1, [a, b] if *a == 0.5 && *b == 0.5)
}

/// The gains of terms that are, pair by pair, left and right; of a centre, its left for both.
fn pairs(inputs: usize, terms: TermsRef<'_>) -> Option<PairGains> {
    let (left, right) = (terms.row(0), terms.row(1));
    let pairs = inputs / 2;
    if !matches!(inputs, 4 | 6 | 8 | 10 | 12) || left.0.len() != pairs || right.0.len() != pairs {
        return None;
    }
    let mut gains = [[0.0; 2]; MAX_PAIRS];
    for (n, gains) in gains.iter_mut().enumerate().take(pairs) {
        let centre = n == 1 && plain::has_centre(inputs);
        let wanted = (2 * n as u8, 2 * n as u8 + u8::from(!centre));
        if (*left.0.get(n)?, *right.0.get(n)?) != wanted {
            return None;
        }
        *gains = [*left.1.get(n)?, *right.1.get(n)?];
    }
    Some(gains)
}

/// Mixes whole frames, as many as `input` has; `output` has as many.
pub(crate) fn run(
    kernel: &Kernel,
    backend: Backend,
    job: &Job<'_>,
    input: &[f32],
    output: &mut [f32],
) {
    // The fewer frames at the end than one step of a kernel; none of these has too many terms.
    let rest = |done: usize, output: &mut [f32]| {
        let (input, output) = (
            input.get(done * job.inputs..),
            output.get_mut(done * job.outputs..),
        );
        if let (Some(input @ [_, ..]), Some(output)) = (input, output) {
            rows::mix(job, input, output);
        }
    };
    match kernel {
        Kernel::Copy => {
            for (to, from) in output.iter_mut().zip(input) {
                *to = *from;
            }
        }
        Kernel::Duplicate => vector::duplicate(backend, input, output),
        Kernel::Average => vector::average(backend, input, output),
        Kernel::Pairs(gains) => {
            let done = vector::pairs(backend, job.inputs, gains, input, output);
            rest(done, output);
        }
        Kernel::Lanes(table) => {
            let done = vector::lanes(backend, table, job, input, output);
            rest(done, output);
        }
        Kernel::Map(map) => {
            map.map_interleaved(input, output, 0.0);
        }
        Kernel::Rows => rows::mix(job, input, output),
        Kernel::Tile => {
            let frames = output.len() / job.outputs.max(1);
            let (source, sink) = (Interleaved(input), InterleavedMut(output));
            run_tile(backend, job, &mut Across { source, sink }, 0, frames);
        }
    }
}

/// Mixes frames `first..end` with the tile kernel.
pub(crate) fn run_tile(
    backend: Backend,
    job: &Job<'_>,
    io: &mut impl Io,
    first: usize,
    end: usize,
) {
    match job.inputs.max(job.outputs) {
        0..=8 => vector::tile::<8>(backend, job, io, first, end),
        9..=16 => vector::tile::<16>(backend, job, io, first, end),
        _ => vector::tile::<MAX_CHANNELS>(backend, job, io, first, end),
    }
}

#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
#[path = "dispatch_x86.rs"]
mod vector;

#[cfg(not(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
)))]
mod vector {
    use super::*;
    use crate::tile;

    pub(super) fn duplicate(_: Backend, input: &[f32], output: &mut [f32]) {
        plain::duplicate(input, output);
    }

    pub(super) fn average(_: Backend, input: &[f32], output: &mut [f32]) {
        plain::average(input, output);
    }

    pub(super) fn pairs(
        _: Backend,
        inputs: usize,
        gains: &PairGains,
        input: &[f32],
        output: &mut [f32],
    ) -> usize {
        plain::pairs(inputs, gains, input, output);
        output.len() / 2
    }

    pub(super) fn lanes(_: Backend, _: &Lanes, _: &Job<'_>, _: &[f32], _: &mut [f32]) -> usize {
        0
    }

    pub(super) fn tile<const CHANNELS: usize>(
        _: Backend,
        job: &Job<'_>,
        io: &mut impl Io,
        first: usize,
        end: usize,
    ) {
        tile::mix::<CHANNELS>(tile::Plain, job, io, first, end);
    }
}
