//! Every kernel, in every order of memory, on every backend: the bits of the definition.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use channel_mix::{Backend, ChannelLayout, LargeMixer, MixMatrix, MixOptions, MixRules};
use common::{backends, bits, mixed, named, noise, planes, views, views_mut};
use proptest::prelude::*;

/// Mixes in every way there is and compares.
fn check(matrix: &MixMatrix, frames: usize, seed: u64) {
    let mut input = noise(frames * matrix.inputs(), seed);
    // Signs of zero and infinities must come out as the definition says, too.
    for (n, sample) in input.iter_mut().enumerate() {
        match (n as u64).wrapping_mul(seed | 1) % 41 {
            0 => *sample = -0.0,
            1 => *sample = f32::INFINITY,
            2 => *sample = 1.0e-40,
            _ => {}
        }
    }
    let wanted = mixed(matrix, &input);
    // Infinities of both signs meet in a NaN, whose sign and payload IEEE 754 leaves open.
    let same = |got: &[f32], what: &str, backend: Backend, kernel: &str| {
        assert_eq!(got.len(), wanted.len());
        for (n, (g, w)) in got.iter().zip(&wanted).enumerate() {
            assert!(
                g.to_bits() == w.to_bits() || (g.is_nan() && w.is_nan()),
                "{what} on {backend}, kernel {kernel}: sample {n} of {matrix:?} is {g:e}, not {w:e}"
            );
        }
    };
    let (ins, outs) = (matrix.inputs(), matrix.outputs());
    let in_planes = planes(&input, ins);
    for backend in backends() {
        let mut mixer = LargeMixer::with_backend(matrix, backend).unwrap();
        let kernel = mixer.kernel();

        let mut out = vec![f32::NAN; frames * outs];
        assert_eq!(mixer.mix_interleaved(&input, &mut out), frames);
        same(&out, "interleaved", backend, kernel);

        let mut out = vec![vec![f32::NAN; frames]; outs];
        assert_eq!(
            mixer.mix_planar(&views(&in_planes), &mut views_mut(&mut out)),
            frames
        );
        same(&interleave(&out), "planar", backend, kernel);

        let mut out = vec![vec![f32::NAN; frames]; outs];
        assert_eq!(
            mixer.mix_to_planar(&input, &mut views_mut(&mut out)),
            frames
        );
        same(&interleave(&out), "to planar", backend, kernel);

        let mut out = vec![f32::NAN; frames * outs];
        assert_eq!(
            mixer.mix_to_interleaved(&views(&in_planes), &mut out),
            frames
        );
        same(&out, "to interleaved", backend, kernel);

        let mut block = input.clone();
        let mut blocks = in_planes.clone();
        let in_place = mixer.mix_in_place(&mut block);
        let in_place_planar = mixer.mix_in_place_planar(&mut views_mut(&mut blocks));
        assert_eq!(in_place, in_place_planar);
        if outs <= ins {
            assert_eq!(in_place, Ok(frames));
            same(&block[..frames * outs], "in place", backend, kernel);
            same(
                &interleave(&blocks[..outs]),
                "in place, planar",
                backend,
                kernel,
            );
            assert_eq!(
                blocks[outs..].iter().map(|p| bits(p)).collect::<Vec<_>>(),
                in_planes[outs..]
                    .iter()
                    .map(|p| bits(p))
                    .collect::<Vec<_>>()
            );
        } else {
            assert!(in_place.is_err());
            assert_eq!(bits(&block), bits(&input));
        }
    }
}

fn interleave(planes: &[Vec<f32>]) -> Vec<f32> {
    let frames = planes.first().map_or(0, Vec::len);
    (0..frames)
        .flat_map(|f| planes.iter().map(move |p| p[f]))
        .collect()
}

#[test]
fn every_pair_of_named_layouts_under_every_rule() {
    for from in named() {
        for to in named() {
            for rules in MixRules::ALL {
                for keep_lfe in [false, true] {
                    let options = MixOptions::new(rules).keep_lfe(keep_lfe);
                    check(&MixMatrix::new(&from, &to, options), 37, 5);
                }
            }
        }
    }
}

#[test]
fn every_pair_of_discrete_counts() {
    for from in 1..=64 {
        for to in [1, 2, 3, 5, 6, 8, 9, 16, 17, 33, 64] {
            let (from, to) = (
                ChannelLayout::discrete(from).unwrap(),
                ChannelLayout::discrete(to).unwrap(),
            );
            check(&MixMatrix::new(&from, &to, MixRules::Discrete), 35, 9);
            check(&MixMatrix::new(&to, &from, MixRules::Speakers), 3, 9);
        }
    }
}

/// The kernels that the benches and the docs speak of are the ones that run.
#[test]
fn the_common_cases_have_their_kernels() {
    use ChannelLayout as L;
    let kernel = |from, to, backend| {
        let matrix = MixMatrix::new(&from, &to, MixRules::Speakers);
        LargeMixer::with_backend(&matrix, backend).unwrap().kernel()
    };
    for backend in backends() {
        assert_eq!(kernel(L::MONO, L::STEREO, backend), "duplicate");
        assert_eq!(kernel(L::STEREO, L::MONO, backend), "average");
        assert_eq!(kernel(L::SURROUND_7_1, L::SURROUND_7_1, backend), "copy");
        let wide = |n| L::discrete(n).unwrap();
        assert_eq!(kernel(wide(64), wide(32), backend), "map");
        let layout = |name: &str| name.parse::<L>().unwrap();
        for even in ["quad", "5.1", "5.1(back)", "7.1", "5.1.4", "7.1.2", "7.1.4"] {
            assert_eq!(kernel(layout(even), L::STEREO, backend), "pairs", "{even}");
        }
        let by_backend = |scalar, vectors| match backend {
            Backend::Scalar => scalar,
            _ => vectors,
        };
        let to_mono = kernel(L::SURROUND_5_1, L::MONO, backend);
        assert_eq!(to_mono, by_backend("rows", "columns"));
        let wider = kernel(L::SURROUND_5_1, L::SURROUND_7_1, backend);
        let halves = matches!(backend, Backend::Neon | Backend::Simd128);
        assert_eq!(
            wider,
            if halves {
                "map"
            } else {
                by_backend("map", "lanes")
            }
        );
        let four = MixMatrix::custom(4, 4, &[0.25; 16]).unwrap();
        let four = LargeMixer::with_backend(&four, backend).unwrap();
        assert_eq!(four.kernel(), by_backend("rows", "lanes"));
        let dense = MixMatrix::custom(64, 2, &[0.25; 128]).unwrap();
        let dense = LargeMixer::with_backend(&dense, backend).unwrap();
        assert_eq!(dense.kernel(), by_backend("tile", "columns"));
    }
}

/// Three of six inputs to each side, as in 5.1, but every other choice of them too: the kernel for pairs
/// must take none but its own.
#[test]
fn what_is_only_nearly_pairs() {
    let choices = || (0..64_u32).filter(|bits| bits.count_ones() == 3);
    for left in choices() {
        for right in choices() {
            let coefficients: Vec<f32> = (0..12_u8)
                .map(|n| {
                    let (row, input) = (if n < 6 { left } else { right }, n % 6);
                    f32::from(u8::from(row >> input & 1 == 1)) * (0.25 + f32::from(n) / 16.0)
                })
                .collect();
            check(&MixMatrix::custom(6, 2, &coefficients).unwrap(), 9, 3);
        }
    }
}

prop_compose! {
    /// Anything from a few terms to all of them, with the special values that kernels look for.
    fn matrix()(inputs in 1..=64_usize, outputs in prop_oneof![Just(1), Just(2), 1..=64_usize], small in any::<bool>())
        (inputs in Just(if small { inputs % 12 + 1 } else { inputs }), outputs in Just(if small { outputs % 12 + 1 } else { outputs }),
         fill in prop_oneof![Just(0.05), Just(0.5), Just(1.0)], seed in any::<u64>()) -> MixMatrix {
        let values = noise(inputs * outputs * 2, seed);
        let coefficients: Vec<f32> = values.chunks_exact(2).map(|v| {
            if (v[1] + 1.0) / 2.0 > fill { 0.0 } else if v[0] > 0.6 { 1.0 } else if v[0] < -0.6 { 0.5 } else { v[0] }
        }).collect();
        MixMatrix::custom(inputs, outputs, &coefficients).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_matrix(matrix in matrix(), frames in 0..100_usize, seed in any::<u64>()) {
        check(&matrix, frames, seed);
    }
}

/// The one sum that is added before it is multiplied, by its edges: half of the smallest number is no
/// number, half of twice it is; the sum of two large ones is infinite.
#[test]
fn the_mean_of_two_is_half_of_their_sum_everywhere() {
    let (tiny, huge) = (f32::from_bits(1), 3.0e38);
    for inputs in [2, 6] {
        let (from, to) = (
            ChannelLayout::discrete(inputs).unwrap(),
            ChannelLayout::MONO,
        );
        let matrix = MixMatrix::new(&from, &to, MixRules::Original);
        let mut input = vec![0.0; 2 * inputs];
        input[..2].fill(tiny);
        input[inputs..inputs + 2].fill(huge);
        for backend in backends() {
            let mut mixer = LargeMixer::with_backend(&matrix, backend).unwrap();
            let (mut out, mut plane) = ([0.0; 2], [0.0; 2]);
            mixer.mix_interleaved(&input, &mut out);
            mixer.mix_to_planar(&input, &mut [&mut plane]);
            let mut block = input.clone();
            mixer.mix_in_place(&mut block).unwrap();
            for out in [&out[..], &plane, &block[..2]] {
                assert_eq!(
                    bits(out),
                    bits(&[tiny, f32::INFINITY]),
                    "{inputs} channels, {backend}"
                );
            }
        }
    }
}
