//! A digest of what every kernel gives, over layouts, counts, rules, gains, ramps, orders of memory and block sizes: one
//! for all instruction sets, so that a kernel may be written anew but not otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use channel_mix::{
    Backend, ChannelLayout, GainRamp, LargeMixer, MixMatrix, MixOptions, MixRules,
    mono_to_stereo_in_place,
};
use common::{backends, named, noise, planes, views, views_mut};

/// Frames of a call, in turn: whole blocks, blocks below a vector, and ends that fall anywhere.
const BLOCKS: [&[usize]; 3] = [&[83], &[16, 1, 33, 2, 7, 24], &[5, 48]];
const FRAMES: usize = 83;

/// FNV-1a over the bits; which NaN it is, the machine decides.
struct Digest(u64);

impl Digest {
    /// With `DIGEST_TWIN` in the environment every digest is another one: the broken twin of these tests.
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325 ^ u64::from(std::env::var_os("DIGEST_TWIN").is_some()))
    }

    fn bytes(&mut self, bytes: impl IntoIterator<Item = u8>) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }

    fn add(&mut self, y: &[f32]) {
        let bits = y
            .iter()
            .map(|v| if v.is_nan() { f32::NAN } else { *v }.to_bits());
        self.bytes(bits.flat_map(u32::to_le_bytes));
    }
}

/// Noise, with silence, denormals and what is not finite in between.
fn samples(count: usize, seed: u64) -> Vec<f32> {
    let mut x = noise(count, seed);
    for (at, x) in x.iter_mut().enumerate() {
        match at % 89 {
            31 => *x = -0.0,
            47 => *x = 0.0,
            // Side by side, as what is added before it is multiplied shows at such ends of the range only.
            53..56 => *x *= 1e-41,
            61..64 => *x = x.signum() * 3e38,
            71 if at % 3 == 0 => *x = f32::INFINITY,
            72 if at % 3 == 0 => *x = f32::NEG_INFINITY,
            73 if at % 5 == 0 => *x = f32::NAN,
            _ => {}
        }
    }
    x
}

/// Mixes in every order of memory and in blocks of every size. Each time `prepare` gets the mixer first.
fn mix(
    mixer: &LargeMixer,
    seed: u64,
    digest: &mut Digest,
    mut prepare: impl FnMut(&mut LargeMixer),
) {
    let (ins, outs) = (mixer.inputs(), mixer.outputs());
    let x = samples(FRAMES * ins, seed);
    let x_planes = planes(&x, ins);
    for blocks in BLOCKS {
        let mut new = || {
            let mut mixer = mixer.clone();
            prepare(&mut mixer);
            mixer
        };
        let mut mixers = [(); 6].map(|()| new());
        let mut first = 0;
        for block in blocks {
            let end = first + block;
            let x = &x[first * ins..end * ins];
            let x_planes: Vec<&[f32]> = x_planes.iter().map(|x| &x[first..end]).collect();
            let mut y = vec![f32::NAN; block * outs];
            let mut y_planes = vec![vec![f32::NAN; *block]; outs];
            let [across, planar, apart, together, in_place, in_planes] = &mut mixers;
            across.mix_interleaved(x, &mut y);
            digest.add(&y);
            planar.mix_planar(&x_planes, &mut views_mut(&mut y_planes));
            y_planes.iter().for_each(|y| digest.add(y));
            apart.mix_to_planar(x, &mut views_mut(&mut y_planes));
            y_planes.iter().for_each(|y| digest.add(y));
            together.mix_to_interleaved(&x_planes, &mut y);
            digest.add(&y);
            let mut block = x.to_vec();
            if let Ok(frames) = in_place.mix_in_place(&mut block) {
                digest.add(&block[..frames * outs]);
            }
            let mut blocks: Vec<Vec<f32>> = x_planes.iter().map(|x| x.to_vec()).collect();
            if in_planes
                .mix_in_place_planar(&mut views_mut(&mut blocks))
                .is_ok()
            {
                views(&blocks).iter().for_each(|y| digest.add(y));
            }
            first = end;
        }
    }
}

/// Checks a digest for each instruction set that there is.
fn check(what: &str, want: u64, mut of: impl FnMut(Backend, &mut Digest)) {
    for backend in backends() {
        let mut digest = Digest::new();
        of(backend, &mut digest);
        let got = digest.0;
        assert_eq!(
            got, want,
            "{what} on {backend}: {got:#018x} for {want:#018x}"
        );
    }
}

fn steady(matrix: &MixMatrix, backend: Backend, seed: u64, digest: &mut Digest) {
    let mixer = LargeMixer::with_backend(matrix, backend).unwrap();
    mix(&mixer, seed, digest, |_| {});
}

/// Coefficients without structure, `fill` of them not zero; some are 1 and some one half, which kernels look for.
fn custom(inputs: usize, outputs: usize, fill: f32, seed: u64) -> MixMatrix {
    let values = noise(inputs * outputs * 2, seed);
    let coefficients: Vec<f32> = values
        .chunks_exact(2)
        .map(|v| match v[0] {
            _ if (v[1] + 1.0) / 2.0 > fill => 0.0,
            x if x > 0.6 => 1.0,
            x if x < -0.6 => 0.5,
            x => x,
        })
        .collect();
    MixMatrix::custom(inputs, outputs, &coefficients).unwrap()
}

#[test]
fn named_layouts_give_these_bits() {
    for (rules, want) in [
        (MixRules::Original, 0x5415_4960_e4de_a741),
        (MixRules::Speakers, 0x8b50_e6a9_9df0_fc19),
        (MixRules::Discrete, 0xade7_bcd3_266e_2341),
    ] {
        check(&format!("named {rules}"), want, |backend, digest| {
            for from in named() {
                for to in named() {
                    for more in [false, true] {
                        let options = MixOptions::new(rules).keep_lfe(more).normalize(more);
                        steady(&MixMatrix::new(&from, &to, options), backend, 3, digest);
                    }
                }
            }
        });
    }
}

#[test]
fn all_counts_give_these_bits() {
    for (rules, want) in [
        (MixRules::Original, 0x1896_295a_6efd_f476),
        (MixRules::Discrete, 0x90cd_b9b3_bb3c_da96),
    ] {
        check(rules.name(), want, |backend, digest| {
            for (from, to) in (1..=18).flat_map(|from| (1..=18).map(move |to| (from, to))) {
                let layout = |channels| ChannelLayout::discrete(channels).unwrap();
                let matrix = MixMatrix::new(&layout(from), &layout(to), rules);
                steady(&matrix, backend, 5, digest);
            }
        });
    }
}

#[test]
fn any_gains_give_these_bits() {
    for (fill, want) in [
        (0.15, 0xffaf_0f2d_f063_767c),
        (0.5, 0x6bc5_e7b2_4bec_0384),
        (1.0, 0x517f_9223_c374_a8a8),
    ] {
        check(&format!("filled {fill}"), want, |backend, digest| {
            for (from, to) in (1..=18).flat_map(|from| (1..=18).map(move |to| (from, to))) {
                let seed = (from * 19 + to) as u64;
                steady(&custom(from, to, fill, seed), backend, seed, digest);
            }
        });
    }
}

#[test]
fn many_channels_give_these_bits() {
    check("many", 0x2d54_8738_50bf_9385, |backend, digest| {
        for (from, to) in [
            (64, 1),
            (64, 2),
            (63, 2),
            (33, 1),
            (2, 64),
            (1, 40),
            (64, 64),
        ] {
            for fill in [0.1, 1.0] {
                steady(&custom(from, to, fill, 11), backend, 13, digest);
            }
        }
    });
}

/// What is pairs of left and right, and what lacks or has one term besides.
#[test]
fn pairs_and_what_is_nearly_pairs_give_these_bits() {
    check("pairs", 0xfb75_1afb_a504_ca05, |backend, digest| {
        for inputs in [4, 6, 8, 10, 12] {
            let mut matrix = noise(2 * inputs, 7);
            for (n, gain) in matrix.iter_mut().enumerate() {
                let (side, input) = (n / inputs, n % inputs);
                let centre = inputs != 4 && input / 2 == 1;
                if input % 2 != (if centre { 0 } else { side }) {
                    *gain = 0.0;
                }
            }
            for other in 0..=2 * inputs {
                let mut matrix = matrix.clone();
                if let Some(gain) = matrix.get_mut(other) {
                    *gain = if *gain == 0.0 { 0.25 } else { 0.0 };
                }
                let matrix = MixMatrix::custom(inputs, 2, &matrix).unwrap();
                steady(&matrix, backend, 17, digest);
            }
        }
    });
}

#[test]
fn ramps_of_matrices_give_these_bits() {
    check("ramps", 0xcd72_5fb0_0d36_92e1, |backend, digest| {
        for (from, to) in [
            (1, 1),
            (1, 2),
            (2, 1),
            (2, 2),
            (2, 6),
            (3, 5),
            (6, 1),
            (6, 2),
            (6, 8),
            (8, 2),
            (8, 8),
            (12, 6),
            (9, 17),
            (17, 3),
            (33, 2),
            (2, 40),
        ] {
            let [first, second, third] = [19, 23, 29].map(|seed| custom(from, to, 0.6, seed));
            let mixer = LargeMixer::with_backend(&first, backend).unwrap();
            for frames in [2, 13, 32, 70, 400] {
                mix(&mixer, 31, digest, |mixer| {
                    mixer.set_matrix(&second, frames).unwrap()
                });
                // And another on its way.
                mix(&mixer, 31, digest, |mixer| {
                    mixer.set_matrix(&second, frames).unwrap();
                    mixer.skip(frames as usize / 2);
                    mixer.set_matrix(&third, frames).unwrap();
                });
            }
        }
    });
}

#[test]
fn ramps_of_gains_give_these_bits() {
    check("gains", 0xed1d_ec5c_77b4_c8a7, |_, digest| {
        for channels in 1..=18 {
            for (gain, frames) in [(0.5, 0), (0.0, 7), (-1.5, 64), (1.0, 50), (0.25, 1000)] {
                for blocks in BLOCKS {
                    let mut ramp = GainRamp::new(0.8);
                    ramp.set(gain, frames);
                    for block in blocks {
                        let mut block = samples(block * channels, 37);
                        ramp.apply_interleaved(&mut block, channels);
                        digest.add(&block);
                    }
                }
            }
        }
    });
}

/// Samples of a type that is only moved.
trait Moved: Copy {
    fn new(n: usize) -> Self;
    fn to(self) -> u64;
}

macro_rules! moved {
    ($($type:ty),*) => {$(
        impl Moved for $type {
            fn new(n: usize) -> Self {
                ((n as u64).wrapping_mul(0x9E37_79B9) >> 3) as Self
            }
            fn to(self) -> u64 {
                self as u64
            }
        }
    )*};
}
moved!(u8, i8, i16, i32, u64, f32, f64);

impl Moved for [u8; 3] {
    fn new(n: usize) -> Self {
        [Moved::new(n), Moved::new(3 * n + 1), Moved::new(7 * n + 2)]
    }
    fn to(self) -> u64 {
        let [a, b, c] = self.map(u64::from);
        a | b << 8 | c << 16
    }
}

fn moves<S: Moved>(digest: &mut Digest) {
    let mut add = |y: &[S]| digest.bytes(y.iter().flat_map(|y| y.to().to_le_bytes()));
    for (from, to) in (1..=18).flat_map(|from| (1..=18).map(move |to| (from, to))) {
        let layout = |channels| ChannelLayout::discrete(channels).unwrap();
        let matrix = MixMatrix::new(&layout(from), &layout(to), MixRules::Original);
        let Some(map) = matrix.channel_map() else {
            continue;
        };
        for frames in [0, 1, 15, 16, 17, 130] {
            let x: Vec<S> = (0..frames * from).map(S::new).collect();
            for room in [0, 1, 3 * to] {
                let mut y = vec![S::new(77); frames * to + room];
                map.map_interleaved(&x, &mut y, S::new(5));
                add(&y);
            }
        }
    }
    for length in 0..100 {
        for frames in [length / 3, length / 2] {
            let mut block: Vec<S> = (0..length).map(S::new).collect();
            let frames = mono_to_stereo_in_place(&mut block, frames);
            add(&block[..2 * frames]);
        }
    }
}

#[test]
fn moves_of_any_type_give_these_bits() {
    check("moves", 0xe744_b5f7_b3c1_a4ee, |_, digest| {
        moves::<u8>(digest);
        moves::<i8>(digest);
        moves::<i16>(digest);
        moves::<[u8; 3]>(digest);
        moves::<i32>(digest);
        moves::<u64>(digest);
        moves::<f32>(digest);
        moves::<f64>(digest);
    });
}
