//! Which kernel a steady, interleaved mix runs: chosen when the mixer is made.

use core::num::NonZero;

use crate::map::ChannelMap;
use crate::plan::job::Job;
use crate::plan::lanes::Lanes;
use crate::plan::pairs::{self, PairGains};
use crate::plan::quads::Quads;
use crate::plan::terms::TermsRef;
use crate::simd::io::{Across, Interleaved, InterleavedMut};
use crate::simd::{self, Backend, rows};

#[derive(Clone, Debug)]
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
    /// One output or two.
    Columns(Quads),
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
            Self::Columns(_) => "columns",
            Self::Rows => "rows",
            Self::Tile => "tile",
        }
    }

    pub(crate) fn choose(
        backend: Backend,
        (inputs, outputs): (NonZero<u8>, NonZero<u8>),
        terms: TermsRef<'_>,
    ) -> Self {
        let map = ChannelMap::new(inputs, outputs, |o, i| terms.coefficient(o, i));
        let (inputs, outputs) = (inputs.get().into(), outputs.get().into());
        match &map {
            Some(map) if map.is_identity() => return Self::Copy,
            Some(map) if map.is_mono_to_stereo() => return Self::Duplicate,
            _ => {}
        }
        let is_average = is_average(outputs, terms);
        if is_average && inputs == 2 {
            return Self::Average;
        }
        if outputs == 2
            && let Some(gains) = pairs::recognize(inputs, terms)
        {
            return Self::Pairs(gains);
        }
        let vectors = match backend {
            _ if is_average => None,
            Backend::Scalar => None,
            Backend::Avx2 => by_cycles((8, 0, 14), inputs, outputs, terms),
            Backend::Avx512 => by_cycles((16, 10, 16), inputs, outputs, terms),
            // A move takes less than a permutation of two registers.
            Backend::Neon | Backend::Simd128 if map.is_some() => None,
            Backend::Neon => by_instructions((8, 48, 8), inputs, outputs, terms),
            Backend::Simd128 => by_instructions((20, 90, 110), inputs, outputs, terms),
        };
        match (vectors, map) {
            (Some(lanes @ Self::Lanes(_)), _) => lanes,
            (_, Some(map)) => Self::Map(map),
            (Some(columns), None) => columns,
            (None, None) if rows_pay(backend, inputs, outputs, terms) => Self::Rows,
            (None, None) => Self::Tile,
        }
    }
}

/// The kernels that sum in registers, where one fits. The costs, of a vector and of a slot of it too, are measured, in
/// tenths of a cycle for sixteen frames.
fn by_cycles(
    (width, vector, slot): (usize, usize, usize),
    inputs: usize,
    outputs: usize,
    terms: TermsRef<'_>,
) -> Option<Kernel> {
    let lanes = Lanes::new(inputs, outputs, terms, width);
    if outputs > 2 {
        return lanes.map(Kernel::Lanes);
    }
    let quads = Quads::new(inputs, outputs, terms);
    let quads_cost = 20 + 50 * outputs + 80 * quads.get().len() + 18 * terms.count();
    match lanes {
        Some(lanes) if 16 * (vector + slot * lanes.slots) / lanes.frames.max(1) <= quads_cost => {
            Some(Kernel::Lanes(lanes))
        }
        _ => Some(Kernel::Columns(quads)),
    }
}

/// The same where a vector is two registers, if one costs less than `rows`. The costs, of a slot, of a quad and of a
/// second output too, are instructions for sixteen frames: NEON's counted, simd128's from times in V8 on x86-64.
fn by_instructions(
    (slot, quad, second): (usize, usize, usize),
    inputs: usize,
    outputs: usize,
    terms: TermsRef<'_>,
) -> Option<Kernel> {
    let mut least = 48 * terms.count();
    let mut best = None;
    if outputs <= 2 {
        let quads = Quads::new(inputs, outputs, terms);
        let sums = quad * quads.get().len() + 9 * terms.count();
        let cost = 10 + sums + second * (outputs - 1);
        if cost <= least {
            (least, best) = (cost, Some(Kernel::Columns(quads)));
        }
    }
    match Lanes::new(inputs, outputs, terms, 8) {
        Some(lanes) if 16 * (8 + slot * lanes.slots) / lanes.frames.max(1) <= least => {
            Some(Kernel::Lanes(lanes))
        }
        _ => best,
    }
}

/// Whether going over the frames a few times costs less than taking them apart once. Measured.
fn rows_pay(backend: Backend, inputs: usize, outputs: usize, terms: TermsRef<'_>) -> bool {
    let count = terms.count();
    let pays = match backend {
        Backend::Scalar => outputs <= 4 || count <= 6 * outputs,
        _ => inputs.max(outputs) <= 16 && count < 11 * (inputs.div_ceil(8) + outputs.div_ceil(8)),
    };
    pays && rows::fits(outputs, terms)
}

/// The single output is exactly half of each of two inputs.
#[allow(clippy::float_cmp)]
pub(crate) fn is_average(outputs: usize, terms: TermsRef<'_>) -> bool {
    outputs == 1 && matches!(terms.row(0).1, [a, b] if *a == 0.5 && *b == 0.5)
}

/// Mixes whole frames, as many as `input` has; `output` has as many.
pub(crate) fn run(
    kernel: &Kernel,
    backend: Backend,
    job: &Job<'_>,
    input: &[f32],
    output: &mut [f32],
) {
    let tiles = |input: &[f32], output: &mut [f32]| {
        let frames = output.len() / job.outputs;
        let (source, sink) = (Interleaved(input), InterleavedMut(output));
        simd::tile(backend, job, &mut Across { source, sink }, 0, frames);
    };
    // The fewer frames at the end than one step of a kernel.
    let rest = |done: usize, output: &mut [f32]| {
        let (input, output) = (
            input.get(done * job.inputs.get()..),
            output.get_mut(done * job.outputs.get()..),
        );
        match (input, output) {
            (Some(input @ [_, ..]), Some(output)) if rows::fits(job.outputs.get(), job.terms) => {
                rows::mix(job, input, output);
            }
            (Some(input @ [_, ..]), Some(output)) => tiles(input, output),
            _ => {}
        }
    };
    match kernel {
        Kernel::Copy => {
            for (to, from) in output.iter_mut().zip(input) {
                *to = *from;
            }
        }
        Kernel::Duplicate => simd::duplicate(backend, input, output),
        Kernel::Average => simd::average(backend, input, output),
        Kernel::Pairs(gains) => {
            let done = simd::pairs(backend, job.inputs.get(), gains, input, output);
            rest(done, output);
        }
        Kernel::Lanes(table) => {
            let done = simd::lanes(backend, table, job, input, output);
            rest(done, output);
        }
        Kernel::Columns(table) => {
            let done = simd::columns(backend, table, job, input, output);
            rest(done, output);
        }
        Kernel::Map(map) => {
            map.map_interleaved(input, output, 0.0);
        }
        Kernel::Rows => rows::mix(job, input, output),
        Kernel::Tile => tiles(input, output),
    }
}
