//! The definition of a mix, written as plainly as it can be, to compare every kernel with.
#![allow(dead_code)] // each test binary uses some of it

use channel_mix::{Backend, ChannelLayout, MixMatrix};

/// One output sample: inputs in channel order, multiply, then add, zeros left out.
pub(crate) fn output_sample(matrix: &MixMatrix, output: usize, frame: &[f32]) -> f32 {
    let row = matrix.row(output);
    let terms: Vec<(f32, f32)> = row
        .iter()
        .zip(frame)
        .filter(|(c, _)| **c != 0.0)
        .map(|(c, x)| (*c, *x))
        .collect();
    if let ([(a, x), (b, y)], 1) = (terms.as_slice(), matrix.outputs())
        && a.to_bits() == 0.5_f32.to_bits()
        && b.to_bits() == 0.5_f32.to_bits()
    {
        return 0.5 * (x + y);
    }
    terms
        .iter()
        .map(|(c, x)| c * x)
        .reduce(|sum, product| sum + product)
        .unwrap_or(0.0)
}

/// Whole frames, interleaved.
pub(crate) fn mixed(matrix: &MixMatrix, input: &[f32]) -> Vec<f32> {
    input
        .chunks_exact(matrix.inputs())
        .flat_map(|frame| {
            (0..matrix.outputs())
                .map(|o| output_sample(matrix, o, frame))
                .collect::<Vec<_>>()
        })
        .collect()
}

pub(crate) fn backends() -> impl Iterator<Item = Backend> {
    Backend::ALL.into_iter().filter(|b| b.is_available())
}

pub(crate) fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|s| s.to_bits()).collect()
}

pub(crate) fn planes(interleaved: &[f32], channels: usize) -> Vec<Vec<f32>> {
    (0..channels)
        .map(|c| {
            interleaved
                .iter()
                .skip(c)
                .step_by(channels)
                .copied()
                .collect()
        })
        .collect()
}

pub(crate) fn views(planes: &[Vec<f32>]) -> Vec<&[f32]> {
    planes.iter().map(Vec::as_slice).collect()
}

pub(crate) fn views_mut(planes: &mut [Vec<f32>]) -> Vec<&mut [f32]> {
    planes.iter_mut().map(Vec::as_mut_slice).collect()
}

/// A deterministic signal without structure, -1.0..1.0.
pub(crate) fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..samples)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 40) as f32 / (1_u64 << 23) as f32) - 1.0
        })
        .collect()
}

/// Every layout with positions that has a name.
pub(crate) fn named() -> Vec<ChannelLayout> {
    [
        "mono",
        "stereo",
        "2.1",
        "3.0",
        "quad",
        "quad(side)",
        "4.0",
        "5.0",
        "5.0(back)",
        "5.1",
        "5.1(back)",
        "6.1",
        "7.0",
        "7.1",
        "5.1.2",
        "5.1.4",
        "7.1.2",
        "7.1.4",
    ]
    .iter()
    .map(|name| name.parse().unwrap())
    .collect()
}
