//! Which kernel a steady, interleaved mix runs: chosen when the mixer is made.

use crate::backend::Backend;
use crate::lanes::Lanes;
use crate::layout::MAX_CHANNELS;
use crate::plain::{self, SILENT};
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
    /// Each output is one input or silent: [`SILENT`] or the input's number.
    Map([u8; MAX_CHANNELS]),
    /// 5.1 to stereo and its like: each pair of channels once, the second one for both sides.
    SixToTwo([[f32; 2]; 3]),
    /// 7.1 to stereo and its like.
    EightToTwo([[f32; 2]; 4]),
    /// Few terms an output, narrow frames.
    Lanes(Lanes),
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
            Self::SixToTwo(_) => "six to two",
            Self::EightToTwo(_) => "eight to two",
            Self::Lanes(_) => "lanes",
            Self::Tile => "tile",
        }
    }

    pub(crate) fn choose(
        backend: Backend,
        inputs: usize,
        outputs: usize,
        terms: TermsRef<'_>,
    ) -> Self {
        let map = channel_map(outputs, terms);
        if inputs == outputs
            && (0..outputs).all(|o| map.is_some_and(|m| m.get(o) == Some(&(o as u8))))
        {
            return Self::Copy;
        }
        if is_average(outputs, terms) {
            return if inputs == 2 {
                Self::Average
            } else {
                Self::Tile
            };
        }
        if (inputs, outputs) == (1, 2) && map.is_some_and(|m| m.first_chunk() == Some(&[0, 0])) {
            return Self::Duplicate;
        }
        let width = match backend {
            Backend::Scalar => 0,
            Backend::Avx2 => 8,
            Backend::Avx512 => 16,
        };
        if width > 0 && outputs == 2 {
            if let (6, Some(gains)) = (inputs, front_surround(terms)) {
                return Self::SixToTwo(gains);
            }
            if let (8, Some(gains)) = (inputs, front_surround(terms)) {
                return Self::EightToTwo(gains);
            }
        }
        if let Some(lanes) = Lanes::new(inputs, outputs, terms, width)
            && lanes.slots <= 4 * lanes.frames
        {
            return Self::Lanes(lanes);
        }
        map.map_or(Self::Tile, Self::Map)
    }
}

/// The single output is exactly half of each of two inputs.
#[allow(clippy::float_cmp)]
pub(crate) fn is_average(outputs: usize, terms: TermsRef<'_>) -> bool {
    outputs == 1 && matches!(terms.row(0).1, [a, b] if *a == 0.5 && *b == 0.5)
}

#[allow(clippy::float_cmp)]
fn channel_map(outputs: usize, terms: TermsRef<'_>) -> Option<[u8; MAX_CHANNELS]> {
    let mut map = [SILENT; MAX_CHANNELS];
    for (output, source) in map.iter_mut().enumerate().take(outputs) {
        match terms.row(output) {
            ([], _) => {}
            ([input], [gain]) if *gain == 1.0 => *source = *input,
            _ => return None,
        }
    }
    Some(map)
}

/// The gains of terms that are, pair by pair, left and right; of the second pair, its left for both.
fn front_surround<const PAIRS: usize>(terms: TermsRef<'_>) -> Option<[[f32; 2]; PAIRS]> {
    let ((left, left_gains), (right, right_gains)) = (terms.row(0), terms.row(1));
    let mut gains = [[0.0; 2]; PAIRS];
    for (n, gains) in gains.iter_mut().enumerate() {
        let centre = n == 1;
        let wanted = (2 * n as u8, 2 * n as u8 + u8::from(!centre));
        if (*left.get(n)?, *right.get(n)?) != wanted {
            return None;
        }
        *gains = [*left_gains.get(n)?, *right_gains.get(n)?];
    }
    (left.len() == PAIRS).then_some(gains)
}

/// Mixes whole frames, as many as `input` has; `output` has as many. What a kernel leaves over at the
/// end, fewer frames than one of its steps, is for the tile kernel: its number of frames is returned.
pub(crate) fn run(
    kernel: &Kernel,
    backend: Backend,
    job: &Job<'_>,
    input: &[f32],
    output: &mut [f32],
) -> usize {
    let (inputs, outputs) = (job.inputs, job.outputs);
    let frames = output.len() / outputs.max(1);
    match kernel {
        Kernel::Copy => {
            for (to, from) in output.iter_mut().zip(input) {
                *to = *from;
            }
            frames
        }
        Kernel::Map(sources) => {
            plain::map(
                sources.get(..outputs).unwrap_or_default(),
                inputs,
                input,
                output,
            );
            frames
        }
        Kernel::Duplicate => {
            vector::duplicate(backend, input, output);
            frames
        }
        Kernel::Average => {
            vector::average(backend, input, output);
            frames
        }
        Kernel::Tile => 0,
        _ => vector::shuffle(kernel, backend, job, input, output),
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

    pub(super) fn shuffle(_: &Kernel, _: Backend, _: &Job<'_>, _: &[f32], _: &mut [f32]) -> usize {
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
