//! A digest of what every kernel gives, over instruction sets, ratios, channels, block sizes, planes and trims: one for
//! those that fuse multiply-adds and one for those that do not, so that a kernel may be written anew but not otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::sync::Arc;

use common::{QUALITIES, adjustable, noise};
use rate_convert::{Backend, Linear, Progress, Quality, Sinc, SincTable};

/// Output frames of a call, in turn: whole blocks, blocks below a vector, and ends that fall anywhere.
const BLOCKS: [&[usize]; 4] = [&[480], &[64, 1, 15], &[7, 33, 512, 2], &[16, 130]];
const FRAMES: usize = 900;

/// FNV-1a over the bits; which NaN it is, the machine decides.
struct Digest(u64);

impl Digest {
    /// With `DIGEST_TWIN` in the environment every digest is another one: the broken twin of these tests.
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325 ^ u64::from(std::env::var_os("DIGEST_TWIN").is_some()))
    }

    fn add(&mut self, y: &[f32]) {
        let bits = y
            .iter()
            .map(|v| if v.is_nan() { f32::NAN } else { *v }.to_bits());
        for byte in bits.flat_map(u32::to_le_bytes) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}

/// Noise, with silence, denormals, the least normal samples and what is not finite in between.
fn samples(count: usize, seed: u64) -> Vec<f32> {
    let mut x = noise(count, seed);
    for (at, x) in x.iter_mut().enumerate() {
        match at % 97 {
            41..48 => *x = 0.0,
            61 => *x = 1e-42,
            62 => *x *= 1e-28,
            71 => *x = -0.0,
            83 if at % 5 == 0 => *x = f32::NAN,
            84 if at % 5 == 0 => *x = f32::INFINITY,
            _ => {}
        }
    }
    x
}

/// Either resampler.
trait Any {
    fn process(&mut self, x: &[&[f32]], y: &mut [&mut [f32]], planar: bool) -> Progress;
    fn flush(&mut self, y: &mut [&mut [f32]], planar: bool) -> Progress;
}

macro_rules! any {
    ($type:ty) => {
        impl Any for $type {
            fn process(&mut self, x: &[&[f32]], y: &mut [&mut [f32]], planar: bool) -> Progress {
                match planar {
                    true => self.process_planar(x, y),
                    false => <$type>::process(self, x[0], y[0]),
                }
            }
            fn flush(&mut self, y: &mut [&mut [f32]], planar: bool) -> Progress {
                match planar {
                    true => self.flush_planar(y),
                    false => <$type>::flush(self, y[0]),
                }
            }
        }
    };
}
any!(Linear);
any!(Sinc<'_>);

/// All of the input in blocks, then the tail.
fn run(r: &mut impl Any, channels: usize, planar: bool, blocks: &[usize], digest: &mut Digest) {
    let (planes, width) = if planar { (channels, 1) } else { (1, channels) };
    let x: Vec<Vec<f32>> = (0..planes)
        .map(|plane| samples(FRAMES * width, 5 + plane as u64))
        .collect();
    let (mut at, mut flushed) = (0, false);
    for block in blocks.iter().cycle() {
        let mut y = vec![vec![0.0; block * width]; planes];
        let mut out: Vec<&mut [f32]> = y.iter_mut().map(Vec::as_mut_slice).collect();
        let done = if at < FRAMES {
            let x: Vec<&[f32]> = x.iter().map(|x| &x[at * width..]).collect();
            r.process(&x, &mut out, planar)
        } else {
            let done = r.flush(&mut out, planar);
            flushed = done.frames_written == 0;
            done
        };
        at += done.frames_read;
        for y in &y {
            digest.add(&y[..done.frames_written * width]);
        }
        if flushed {
            return;
        }
    }
}

/// Every shape of every block size; `make` gives a new resampler for a number of channels.
fn shapes<R: Any>(make: impl Fn(usize) -> R) -> Digest {
    let mut digest = Digest::new();
    for (channels, planar) in [(1, false), (2, false), (2, true), (3, false), (3, true)] {
        for blocks in BLOCKS {
            run(&mut make(channels), channels, planar, blocks, &mut digest);
        }
    }
    digest
}

/// Checks a digest for each instruction set that there is; `want` is the fused one and the other.
fn check(what: &str, want: [u64; 2], mut of: impl FnMut(Backend) -> Digest) {
    for backend in Backend::ALL.into_iter().filter(|b| b.is_available()) {
        let want = want[usize::from(!backend.is_fused())];
        let got = of(backend).0;
        assert_eq!(
            got, want,
            "{what} on {backend:?}: {got:#018x} for {want:#018x}"
        );
    }
}

fn sincs(rates: &[((u32, u32), [u64; 2])]) {
    for &((from, to), want) in rates {
        let tables = QUALITIES.map(|q| Arc::new(SincTable::new(from, to, q).unwrap()));
        check(&format!("{from} -> {to}"), want, |backend| {
            let mut both = Digest(0);
            for table in &tables {
                let of = shapes(|channels| {
                    let mut r = Sinc::with_table(table.clone(), channels).unwrap();
                    assert!(r.set_backend(backend));
                    r
                });
                both.0 = both.0.rotate_left(1) ^ of.0;
            }
            both
        });
    }
}

#[test]
fn half_band_kernels_give_these_bits() {
    sincs(&[
        (
            (24_000, 48_000),
            [0x26e5_fc97_6ac3_56b6, 0xffdd_feb6_62a0_3e8b],
        ),
        (
            (48_000, 24_000),
            [0xf2de_2ba9_b0e7_b566, 0x5235_1df8_1943_e912],
        ),
    ]);
}

#[test]
fn banded_kernels_give_these_bits() {
    sincs(&[
        (
            (44_100, 48_000),
            [0xf558_70e4_a27d_113a, 0xb7cf_cce4_0a66_b467],
        ),
        (
            (48_000, 44_100),
            [0xfc46_c166_baea_b6c7, 0xcf86_7a0f_5bab_7a4e],
        ),
        (
            (22_050, 48_000),
            [0x421d_e594_a032_d94f, 0x1185_8d2c_1e5c_316e],
        ),
        (
            (16_000, 44_100),
            [0x2c32_b7c4_06a3_90fa, 0x63fd_7079_2d4b_eb3b],
        ),
        (
            (48_000, 8_000),
            [0x0a19_be3d_0491_917b, 0x64bb_7d5b_8735_fceb],
        ),
        (
            (48_000, 48_000),
            [0xaa2a_3e00_d27a_523f, 0xaa2a_3e00_d27a_523f],
        ),
        ((3, 2), [0x0a99_8143_b5f1_2546, 0x2627_1576_36d5_f2e7]),
        ((1, 7), [0xfb82_94a9_9c14_536b, 0x0226_db61_d3a5_ba9f]),
    ]);
}

#[test]
fn interpolated_kernels_give_these_bits() {
    sincs(&[
        (
            (47_999, 48_000),
            [0x5764_bb7d_5c72_fe9e, 0x7f1b_306c_eb0b_0467],
        ),
        (
            (48_000, 47_999),
            [0x4fcc_71fb_d15a_d016, 0x7c39_b39f_040d_feab],
        ),
    ]);
}

#[test]
fn trimmed_kernels_give_these_bits() {
    for ((from, to), want) in [
        (
            (48_000, 48_000),
            [0x1b90_f938_85ff_0b19, 0x549f_e049_1d80_439d],
        ),
        (
            (24_000, 48_000),
            [0x57a8_a5a5_f420_9919, 0xfa8b_64ef_25f2_59e9],
        ),
        (
            (48_000, 44_100),
            [0xbd55_7f34_ffea_4b9d, 0x52a5_e9e7_9e8c_fa6d],
        ),
    ] {
        check(&format!("trimmed {from} -> {to}"), want, |backend| {
            shapes(|channels| {
                let mut r = adjustable(from, to, channels, Quality::Balanced);
                assert!(r.set_backend(backend));
                r.set_trim(-0.013, 300).unwrap();
                r
            })
        });
    }
}

#[test]
fn linear_kernels_give_these_bits() {
    for ((from, to), want) in [
        ((24_000, 48_000), 0x9c34_a8b4_98d3_4f69),
        ((48_000, 24_000), 0x432d_9328_d9ee_f25d),
        ((44_100, 48_000), 0xe884_fb12_8e94_8f31),
        ((48_000, 44_100), 0x1eb8_44bc_7f98_e3f5),
        ((22_050, 48_000), 0x0e8d_8189_75fb_ca85),
        ((47_999, 48_000), 0xd9b6_1e77_c052_6f35),
        ((48_000, 47_999), 0x517e_9efc_6d06_f3bd),
        ((48_000, 24_001), 0x4c98_ec38_8864_5ae5),
        ((48_000, 8_000), 0x4ca0_8eab_02ac_d165),
        ((1, 7), 0x2cbb_6266_c028_05f1),
    ] {
        // None of its operations is fused.
        check(&format!("linear {from} -> {to}"), [want; 2], |backend| {
            shapes(|channels| {
                let mut r = Linear::new(from, to, channels).unwrap();
                assert!(r.set_backend(backend));
                r
            })
        });
    }
}
