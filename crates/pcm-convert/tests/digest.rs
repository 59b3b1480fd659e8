//! A digest of what every kernel gives, over formats, rounding, dither, lengths, alignments and planes, the same for all
//! instruction sets: a kernel may be written anew but not otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Words, backends, nasty_f32};
use pcm_convert::{
    ALaw, Converter, Dither, I24, MuLaw, Quantized, Quantizer, Rounding, Sample, SampleFormat, U24,
    all_finite, bytes, clean_non_finite, convert_in_place, deinterleave, interleave,
};

/// Below, at and above the widths of all vectors, and what is left of several of them.
const LENGTHS: [usize; 17] = [
    0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 96, 130, 517,
];
/// What [`ENCODING`] and [`DITHERING`] are of; those that came later have lists of their own.
const ROUNDINGS: &[Rounding] = &[Rounding::NearestEven, Rounding::TowardZero];
const AWAY: &[Rounding] = &[Rounding::HalfAwayFromZero];
const CHANNELS: [usize; 4] = [1, 2, 3, 6];
/// A sample that nothing writes.
const UNTOUCHED: u8 = 0xA5;

// For each format, type or kind of dither in the order of their lists.
#[rustfmt::skip]
const DECODING: [u64; 26] = [
    0x5d8b_c86d_0a90_c6f3, 0x38fe_146c_9ff4_cfe5, 0xf84d_4199_d34f_652e, 0xe623_0d58_423e_7f11,
    0xe5f4_48a9_5234_2fcb, 0x2d51_6ffe_8c50_30b9, 0xf5e1_5b1c_2e44_cb0a, 0x351a_26ab_a087_0de6,
    0xf38d_d3b3_6b55_1479, 0x45d3_fd98_0709_bdcd, 0xc79c_3685_8833_9fcd, 0x2c6d_dba0_b6de_4a51,
    0xe592_80df_89a3_09eb, 0xba2f_28f6_e592_1bb0, 0x5f08_2a39_83bc_5312, 0xeffd_d21c_ffab_3fb8,
    0x3d16_4e0f_c7f2_6241, 0x3f2d_f12b_dd86_041b, 0xb7ec_9e22_0800_3f0b, 0xc2ca_3a8a_cf01_074d,
    0x38d7_59fc_19fe_a000, 0x38d7_59fc_19fe_a000, 0x7788_3ef4_ba42_ce15, 0x7788_3ef4_ba42_ce15,
    0x7079_411e_fa73_6d98, 0x1387_cbea_64dc_a774,
];
#[rustfmt::skip]
const ENCODING: [u64; 26] = [
    0x4c48_6c0c_fa8c_2c64, 0xd9e5_5141_3698_0664, 0xe47e_13d0_ca79_d535, 0x90af_8f7a_9baa_1b59,
    0x65fd_b5a6_4e89_1235, 0xe82e_881b_5ed4_8b59, 0xaaa2_ea4f_d55c_9b19, 0x7927_c8ce_9308_3e21,
    0x8f58_f254_e5b1_9d19, 0x7f07_2db8_ee5e_f221, 0xe8b8_d20e_68a6_f1e0, 0x5d01_54cd_8f0f_a80e,
    0xff10_7eaa_5d07_6943, 0xe76a_9744_0e0a_797b, 0x3e9d_0ffd_7748_4659, 0x151f_9fc5_ef0d_7ced,
    0x2525_77c1_e6b7_3259, 0x7cb6_4eab_b30c_efed, 0x9c58_ca39_5f52_9fda, 0x6d5a_e7da_31d1_9bc4,
    0xf349_474d_1732_35f7, 0xbfc8_98af_5814_f59b, 0xe286_1afa_8662_c3d7, 0xb4a9_8f01_94bf_7ebf,
    0x09c2_0e6c_e7b1_a2e0, 0x14d4_8260_0a62_6f8e,
];
#[rustfmt::skip]
const ENCODING_AWAY: [u64; 26] = [
    0xa022_b3a4_a11f_d55a, 0x88e9_654a_d11b_8a5a, 0xf0d3_7e36_70ed_3ea8, 0x1f2f_6922_6859_066c,
    0x7ccf_0671_b554_d7a8, 0x9452_7abf_d97e_5c6c, 0xfdb0_9758_7965_00d4, 0x6805_f370_4415_bbdc,
    0x57de_c7d7_0793_b6d4, 0xb8b3_85ab_9006_4ddc, 0xc5e4_1afd_5e73_3ba4, 0x5ec7_045a_e5b1_dede,
    0x8af8_bfab_8d75_8f99, 0xf6d9_ec71_43ff_0aad, 0x347e_763a_6553_e454, 0x17b5_d8bc_b481_3b0e,
    0xdae1_2f1c_b8ac_8f54, 0xa1a8_8a13_c7bf_790e, 0xddeb_cc8d_632b_1486, 0xd29b_6b5c_3b7a_ca30,
    0x20c6_cffe_bb7e_5710, 0x74be_2581_8ac2_8b2e, 0x06e1_fd3b_e8fa_6fb8, 0xda14_9000_6c7a_893e,
    0x08f1_4425_fd69_c5cb, 0x0657_d08d_a255_3bff,
];
#[rustfmt::skip]
const CONVERTING_BYTES: [u64; 26] = [
    0x2b4f_59b1_f446_6619, 0x51fc_a485_e0f5_f3fb, 0xec95_2c64_a119_8859, 0xd96a_9398_9401_c1ef,
    0x5f73_6430_90c4_7339, 0x674f_1210_8e44_17d5, 0xc390_e350_5955_f2eb, 0xbdb2_9322_7605_92a5,
    0x0f18_4b2e_bbed_4f65, 0xd857_a9bc_287f_d4b3, 0xf0fa_d852_648b_de1d, 0xf3e7_3187_3c52_658d,
    0x318b_2680_09d6_55dd, 0x46b6_e318_c8fb_b689, 0xa5cb_60ef_f362_67a7, 0xd4db_a1ae_04ad_93f1,
    0x09a5_14ae_8fbd_7ab9, 0xaabe_381f_1a99_56c1, 0x9c4a_14aa_0a98_8457, 0xcdd6_9f5f_5759_407b,
    0x74dc_16a8_d21e_4503, 0xe043_3bd5_f6eb_0713, 0xbb1e_0d7d_8f65_4a5f, 0x3cff_6f49_9538_799b,
    0x244f_c054_15bd_6b75, 0x4766_1085_ec90_6877,
];
#[rustfmt::skip]
const CONVERTING_TYPES: [u64; 13] = [
    0xba1b_391a_ebde_21e1, 0x1cea_04ce_26aa_8db2, 0xe778_ef27_4704_e20e, 0xed0a_b9f6_974a_3b82,
    0x109b_e1b9_1fe3_de0e, 0xdbdc_4735_a137_4175, 0x70f4_0d62_e759_47ae, 0x01d4_8ca6_be94_13a3,
    0x8f85_753b_d0f3_4fbd, 0x192f_f3ac_b2ef_c360, 0xa2d9_f7b4_6ddb_d450, 0xabcc_b8cb_ce6b_c41c,
    0xdaaa_1245_b8bd_137f,
];
#[rustfmt::skip]
const DITHERING: [u64; 9] = [
    0xa6a1_be40_4527_f71f, 0x8a64_8cad_536a_d5bc, 0xd32b_dfdd_be00_44eb, 0x05e7_be8b_4caf_bd50,
    0xe60d_b1fc_58b9_2c73, 0x8d9b_fb29_02d6_1a0e, 0x04b7_1af4_29af_b1fa, 0x696d_93a8_372e_d54f,
    0xc5c7_e378_ad78_9eac,
];

#[rustfmt::skip]
const DITHERING_AWAY: [u64; 9] = [
    0x25b5_45d5_bbe2_503d, 0x788d_fdd9_7997_54f4, 0x292e_84a0_24a9_d601, 0x16b4_cd3a_681c_4f18,
    0x6ba7_4d59_5ef5_c097, 0xc7e9_7258_e831_1ad6, 0x4973_290d_b5dd_80f7, 0xdb5b_691c_03a9_5d55,
    0x3c68_5d5f_9c40_31fd,
];

/// FNV-1a; which NaN it is, the machine decides.
struct Digest(u64);

impl Digest {
    /// With `DIGEST_TWIN` in the environment every digest is another one: the broken twin of these tests.
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325 ^ u64::from(std::env::var_os("DIGEST_TWIN").is_some()))
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
    }

    fn count(&mut self, count: usize) {
        self.bytes(&(count as u64).to_le_bytes());
    }

    fn quantized(&mut self, done: Quantized) {
        self.count(done.samples);
        self.count(done.clipped);
        self.count(done.non_finite);
    }

    fn f32(&mut self, x: &[f32]) {
        for x in x {
            let x = if x.is_nan() { f32::NAN } else { *x };
            self.bytes(&x.to_bits().to_le_bytes());
        }
    }

    fn f64(&mut self, x: &[f64]) {
        for x in x {
            let x = if x.is_nan() { f64::NAN } else { *x };
            self.bytes(&x.to_bits().to_le_bytes());
        }
    }

    fn samples<S: Sample>(&mut self, samples: &mut [S]) {
        self.bytes(little_endian::<S>(S::as_bytes_mut(samples)));
    }
}

fn is_big_endian(format: SampleFormat) -> bool {
    format.name().ends_with("be")
}

/// The bytes of typed samples as a little-endian machine has them, or back.
fn little_endian<S: Sample>(bytes: &mut [u8]) -> &mut [u8] {
    if is_big_endian(S::FORMAT) {
        bytes.chunks_mut(size_of::<S>()).for_each(<[u8]>::reverse);
    }
    bytes
}

/// Checks the digests of all formats or types, and says all that there should be.
fn check(what: &str, want: &[u64], got: &[u64]) {
    let list: Vec<String> = got.iter().map(|d| format!("{d:#018x}")).collect();
    assert!(got == want, "{what}: {}", list.join(", "));
}

/// Noise within full scale and beyond, halves of an LSB, and all that has been somebody's bug.
fn floats(count: usize, seed: u64) -> Vec<f32> {
    let (mut words, nasty) = (Words(seed), nasty_f32());
    let mut float = |_| {
        let w = words.next();
        let (kind, w) = (w % 8, w >> 8);
        match kind {
            0 => nasty[(w % nasty.len() as u64) as usize],
            1 => f32::from_bits(w as u32),
            2 => ((w % 65_536) as f32 - 32_767.5) / 32_768.0,
            3 => ((w % 1024) as f32 - 511.5) / 8_388_608.0,
            4 => (w as u32 as f32 - 2_147_483_648.0) / 1_073_741_824.0,
            _ => (w as u32 as f32 - 2_147_483_648.0) / 2_147_483_648.0,
        }
    };
    (0..count).map(&mut float).collect()
}

fn doubles(count: usize, seed: u64) -> Vec<f64> {
    let floats = floats(count, seed);
    let double = |(i, x): (usize, &f32)| match i % 16 {
        0 => f64::from(*x) * 1e290,
        k => f64::from(*x) * (1.0 + k as f64 * 1.3e-10),
    };
    floats.iter().enumerate().map(double).collect()
}

/// Bytes that are samples of every kind: any at all in integers, what [`floats`] has in floats.
fn raw(format: SampleFormat, count: usize, seed: u64) -> Vec<u8> {
    let mut words = Words(seed);
    let bytes = format.bytes_per_sample();
    let mut raw: Vec<u8> = (0..count * bytes)
        .map(|_| (words.next() >> 11) as u8)
        .collect();
    let be = is_big_endian(format);
    match format {
        SampleFormat::F32Le | SampleFormat::F32Be => {
            for (to, x) in raw.chunks_mut(4).zip(floats(count, seed)) {
                to.copy_from_slice(&if be { x.to_be_bytes() } else { x.to_le_bytes() });
            }
        }
        SampleFormat::F64Le | SampleFormat::F64Be => {
            for (to, x) in raw.chunks_mut(8).zip(doubles(count, seed)) {
                to.copy_from_slice(&if be { x.to_be_bytes() } else { x.to_le_bytes() });
            }
        }
        // Ends of the range, and next to them.
        _ => {
            for (i, sample) in raw.chunks_mut(bytes).enumerate() {
                let end = [0x00, 0x7F, 0x80, 0xFF][i / 8 % 4];
                if i % 8 < 2 {
                    sample.fill(if end == 0x7F { 0xFF } else { end });
                    let top = if be { 0 } else { bytes - 1 };
                    sample[top] = end;
                }
            }
        }
    }
    raw
}

fn typed<S: Sample>(count: usize, seed: u64) -> Vec<S> {
    let little = SampleFormat::ALL
        .iter()
        .find(|f| f.to_string().replace("be", "le") == S::FORMAT.to_string().replace("be", "le"));
    let mut raw = raw(*little.unwrap(), count, seed);
    let mut samples = vec![S::EQUILIBRIUM; count];
    S::read_bytes(little_endian::<S>(&mut raw), &mut samples);
    samples
}

/// What `put` does with room for `bytes`, at a few alignments.
fn at_offsets(digest: &mut Digest, bytes: usize, mut put: impl FnMut(&mut [u8]) -> usize) {
    for offset in [0, 1, 7] {
        let mut out = vec![UNTOUCHED; offset + bytes + 1];
        let done = put(&mut out[offset..offset + bytes]);
        digest.count(done);
        digest.bytes(&out);
    }
}

fn decoded(format: SampleFormat) -> u64 {
    let mut digest = Digest::new();
    for n in LENGTHS {
        for offset in [0, 1, 7] {
            let mut src = vec![0; offset];
            src.extend(raw(format, n, (n + offset) as u64));
            let src = &src[offset..];
            let (mut float, mut double) = (vec![7.0; n + 1], vec![7.0; n + 1]);
            digest.count(bytes::decode(format, src, &mut float));
            digest.f32(&float);
            digest.count(bytes::decode_f64(format, src, &mut double));
            digest.f64(&double);
            for channels in CHANNELS {
                let mut planes = vec![vec![7.0; n / channels + 1]; channels];
                digest.count(bytes::decode_planar(format, src, &mut planes));
                planes.iter().for_each(|plane| digest.f32(plane));
            }
        }
    }
    digest.0
}

fn encoded(format: SampleFormat, roundings: &[Rounding]) -> u64 {
    let mut digest = Digest::new();
    let size = format.bytes_per_sample();
    for n in LENGTHS {
        for rounding in roundings.iter().copied() {
            let (x, wide) = (floats(n, n as u64), doubles(n, n as u64));
            at_offsets(&mut digest, n * size, |out| {
                bytes::encode(format, rounding, &x, out)
            });
            at_offsets(&mut digest, n * size, |out| {
                bytes::encode_f64(format, rounding, &wide, out)
            });
            let mut done = Quantized::default();
            at_offsets(&mut digest, n * size, |out| {
                done = bytes::quantize(format, rounding, &x, out);
                done.samples
            });
            digest.quantized(done);
            for channels in CHANNELS {
                let planes: Vec<&[f32]> = x.chunks_exact((n / channels).max(1)).collect();
                let planes = planes.get(..channels).unwrap_or(&[]);
                at_offsets(&mut digest, n * size, |out| {
                    bytes::encode_planar(format, rounding, planes, out)
                });
            }
        }
    }
    digest.0
}

fn from_bytes_to_bytes(from: SampleFormat) -> u64 {
    let mut digest = Digest::new();
    for to in SampleFormat::ALL {
        for n in [0, 1, 5, 17, 128, 131, 300] {
            let src = raw(from, n, n as u64);
            at_offsets(&mut digest, n * to.bytes_per_sample(), |out| {
                bytes::convert(from, *to, &src, out)
            });
            let mut place = src.clone();
            place.resize(
                n * from.bytes_per_sample().max(to.bytes_per_sample()) + 3,
                UNTOUCHED,
            );
            digest.count(bytes::convert_in_place(from, *to, &mut place, n));
            digest.bytes(&place);
        }
    }
    digest.0
}

fn pair<A: Sample, B: Sample>(digest: &mut Digest) {
    for n in LENGTHS {
        let src = typed::<A>(n, n as u64);
        let want = {
            let mut dst = vec![B::EQUILIBRIUM; n + 1];
            Converter::<A, B>::new().convert(&src, &mut dst);
            B::as_bytes_mut(&mut dst).to_vec()
        };
        for backend in backends() {
            let mut dst = vec![B::EQUILIBRIUM; n + 1];
            let converter = Converter::<A, B>::with_backend(backend).unwrap();
            assert_eq!(converter.convert(&src, &mut dst), n);
            assert_eq!(
                B::as_bytes_mut(&mut dst),
                want,
                "{backend} {converter:?} {n}"
            );
            if backend == pcm_convert::Backend::detect() {
                digest.samples(&mut dst);
            }
        }
        for channels in CHANNELS {
            let frames = n / channels;
            let mut planes = vec![vec![B::EQUILIBRIUM; frames + 1]; channels];
            digest.count(deinterleave(&src, &mut planes));
            planes.iter_mut().for_each(|plane| digest.samples(plane));
            let planes: Vec<&[A]> = src.chunks_exact(frames.max(1)).take(channels).collect();
            let mut joined = vec![B::EQUILIBRIUM; n];
            digest.count(interleave(&planes, &mut joined));
            digest.samples(&mut joined);
        }
    }
}

/// All types from one type.
macro_rules! from_type {
    ($from:ty => $($to:ty)*) => {{
        let mut digest = Digest::new();
        $(pair::<$from, $to>(&mut digest);)*
        digest.0
    }};
}

macro_rules! from_types {
    ($($from:ty)*) => {
        [$(from_type!($from => u8 i8 u16 i16 U24 I24 u32 i32 i64 f32 f64 MuLaw ALaw)),*]
    };
}

macro_rules! in_place {
    ($digest:ident: $($from:ty => $($to:ty)*;)*) => {$($({
        for n in LENGTHS {
            let mut samples = typed::<$from>(n, n as u64);
            let converted: &mut [$to] = convert_in_place(&mut samples);
            $digest.samples(converted);
        }
    })*)*};
}

fn dithered(dither: Dither, roundings: &[Rounding]) -> u64 {
    let mut digest = Digest::new();
    for format in SampleFormat::ALL {
        let size = format.bytes_per_sample();
        for rounding in roundings.iter().copied() {
            for (channels, blocks) in [
                (1, &[480][..]),
                (2, &[64, 1, 15]),
                (3, &[7, 33, 512, 2]),
                (64, &[257]),
            ] {
                let x = floats(1200, channels as u64);
                let all = backends().into_iter().map(|backend| {
                    let mut digest = Digest::new();
                    let quantizer = Quantizer::new(channels, rounding, dither, 11);
                    let mut quantizer = quantizer.with_backend(backend).unwrap();
                    let (mut at, mut sizes) = (0, blocks.iter().cycle());
                    while at < x.len() {
                        let n = *sizes.next().unwrap();
                        let mut out = vec![UNTOUCHED; n * size + 1];
                        let done = quantizer.quantize_bytes(*format, &x[at..], &mut out);
                        digest.quantized(done);
                        digest.bytes(&out);
                        at += done.samples;
                    }
                    (backend, digest.0)
                });
                let all: Vec<_> = all.collect();
                for (backend, got) in &all {
                    assert_eq!(*got, all[0].1, "{format} {dither} {rounding} {backend}");
                }
                digest.bytes(&all[0].1.to_le_bytes());
            }
        }
    }
    digest.0
}

#[test]
fn decoding_gives_these_bits() {
    let got: Vec<u64> = SampleFormat::ALL.iter().map(|f| decoded(*f)).collect();
    check("decoding", &DECODING, &got);
}

#[test]
fn encoding_gives_these_bits() {
    let all = |roundings| {
        SampleFormat::ALL
            .iter()
            .map(|f| encoded(*f, roundings))
            .collect()
    };
    let got: Vec<u64> = all(ROUNDINGS);
    check("encoding", &ENCODING, &got);
    let got: Vec<u64> = all(AWAY);
    check("encoding, half away", &ENCODING_AWAY, &got);
}

#[test]
fn converting_bytes_gives_these_bits() {
    let got: Vec<u64> = SampleFormat::ALL
        .iter()
        .map(|f| from_bytes_to_bytes(*f))
        .collect();
    check("converting bytes", &CONVERTING_BYTES, &got);
}

#[test]
fn converting_types_gives_these_bits() {
    let got = from_types!(u8 i8 u16 i16 U24 I24 u32 i32 i64 f32 f64 MuLaw ALaw);
    check("converting types", &CONVERTING_TYPES, &got);
}

#[test]
fn converting_in_place_gives_these_bits() {
    let mut digest = Digest::new();
    in_place! { digest:
        u8 => u8 i8 MuLaw ALaw; i8 => u8 MuLaw ALaw; MuLaw => u8 i8 ALaw; ALaw => u8 i8 MuLaw;
        u16 => i16; i16 => u16;
        U24 => I24; I24 => U24;
        u32 => i32 f32; i32 => u32 f32; f32 => u32 i32 f32;
        i64 => f64; f64 => i64;
    }
    check("converting in place", &[0xada5_8e81_e9bb_4218], &[digest.0]);
}

#[test]
fn dithering_gives_these_bits() {
    let all = |roundings| {
        Dither::ALL
            .iter()
            .map(|d| dithered(*d, roundings))
            .collect()
    };
    let got: Vec<u64> = all(ROUNDINGS);
    check("dithering", &DITHERING, &got);
    let got: Vec<u64> = all(AWAY);
    check("dithering, half away", &DITHERING_AWAY, &got);
}

#[test]
fn cleaning_gives_these_bits() {
    let mut digest = Digest::new();
    for n in LENGTHS {
        for format in SampleFormat::ALL {
            let src = raw(*format, n, n as u64);
            at_offsets(&mut digest, src.len(), |out| {
                out.copy_from_slice(&src);
                bytes::clean_non_finite(*format, out)
            });
        }
        for bound in [0.5, f32::INFINITY] {
            let mut x = floats(n, n as u64);
            x.iter_mut().for_each(|x| *x = x.clamp(-bound, bound));
            digest.count(all_finite(&x).into());
            digest.count(clean_non_finite(&mut x));
            digest.f32(&x);
            digest.count(all_finite(&x).into());
        }
    }
    check("cleaning", &[0x30e6_5a3a_1afc_1bfb], &[digest.0]);
}

#[test]
fn g711_gives_these_bits() {
    let mut digest = Digest::new();
    for value in i16::MIN..=i16::MAX {
        digest.bytes(&[MuLaw::from_i16(value).0, ALaw::from_i16(value).0]);
    }
    for code in 0..=u8::MAX {
        digest.bytes(&MuLaw(code).to_i16().to_le_bytes());
        digest.bytes(&ALaw(code).to_i16().to_le_bytes());
        digest.f32(&[MuLaw(code).to_f32(), ALaw(code).to_f32()]);
    }
    check("G.711", &[0xd9df_99ef_a915_8160], &[digest.0]);
}
