//! Integer to integer, planar, in place, and the counts of min(lengths).
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod common;

use common::{Words, backends, int_to_int, nasty_f32};
use pcm_convert::{
    ALaw, Converter, I24, MuLaw, Rounding, Sample, SampleFormat, U24, bytes, convert,
    convert_in_place, deinterleave, interleave,
};

#[test]
fn integers_widen_exactly_and_narrow_to_even() {
    let mut words = Words(3);
    let wide: Vec<i64> = (0..50_000)
        .map(|_| words.next() as i64)
        .chain([
            i64::MIN,
            i64::MAX,
            0,
            -1,
            1,
            1 << 31,
            3 << 31,
            -(1 << 31),
            1 << 47,
            3 << 47,
            i64::MAX - (1 << 31),
        ])
        .collect();
    for backend in backends() {
        macro_rules! check {
            ($from:ty, $from_bits:literal, $get:expr => $($to:ty, $to_bits:literal, $read:expr;)*) => {{
                let mut src = vec![<$from>::EQUILIBRIUM; wide.len()];
                convert(&wide, &mut src);
                $(
                    let mut dst = vec![<$to>::EQUILIBRIUM; src.len()];
                    let n = Converter::<$from, $to>::with_backend(backend).unwrap().convert(&src, &mut dst);
                    assert_eq!(n, src.len());
                    for (a, b) in src.iter().zip(&dst) {
                        let (a, b): (i128, i128) = ($get(*a), $read(*b));
                        assert_eq!(b, int_to_int(a, $from_bits, $to_bits), "{backend}: {a} of {} bits", $from_bits);
                    }
                )*
            }};
        }
        let s = |v: i64| i128::from(v);
        check!(i64, 64, s => i32, 32, |v: i32| v.into(); i16, 16, |v: i16| v.into(); i8, 8, |v: i8| v.into();
            I24, 24, |v: I24| v.to_int().into(); u8, 8, |v: u8| i128::from(v) - 128;);
        check!(i32, 32, |v: i32| i128::from(v) => i64, 64, |v: i64| v.into(); i16, 16, |v: i16| v.into();
            I24, 24, |v: I24| v.to_int().into(); U24, 24, |v: U24| i128::from(v.to_int()) - 8_388_608;
            u16, 16, |v: u16| i128::from(v) - 32_768; u32, 32, |v: u32| i128::from(v) - 2_147_483_648;);
        check!(I24, 24, |v: I24| i128::from(v.to_int()) => i32, 32, |v: i32| v.into(); i16, 16, |v: i16| v.into();
            i64, 64, |v: i64| v.into(); U24, 24, |v: U24| i128::from(v.to_int()) - 8_388_608; i8, 8, |v: i8| v.into(););
        check!(i16, 16, |v: i16| i128::from(v) => I24, 24, |v: I24| v.to_int().into(); i32, 32, |v: i32| v.into();
            u8, 8, |v: u8| i128::from(v) - 128; u16, 16, |v: u16| i128::from(v) - 32_768;);
        check!(u8, 8, |v: u8| i128::from(v) - 128 => i16, 16, |v: i16| v.into(); I24, 24, |v: I24| v.to_int().into();
            i8, 8, |v: i8| v.into(); u32, 32, |v: u32| i128::from(v) - 2_147_483_648;);
        check!(u32, 32, |v: u32| i128::from(v) - 2_147_483_648 => i32, 32, |v: i32| v.into(); U24, 24,
            |v: U24| i128::from(v.to_int()) - 8_388_608;);
    }
}

#[test]
fn every_i16_survives_every_wider_type() {
    let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    fn through<B: Sample>(all: &[i16]) {
        let (mut wide, mut back) = (vec![B::EQUILIBRIUM; all.len()], vec![0i16; all.len()]);
        convert(all, &mut wide);
        convert(&wide, &mut back);
        assert_eq!(back, all);
    }
    through::<u16>(&all);
    through::<I24>(&all);
    through::<U24>(&all);
    through::<i32>(&all);
    through::<u32>(&all);
    through::<i64>(&all);
    through::<f32>(&all);
    through::<f64>(&all);
}

#[test]
fn s64_rounds_once_on_its_way_to_a_float() {
    // 2^62 + 2^38 + 1: just above the middle between two f32; rounding to f64 first would lose the 1.
    let v = [(1i64 << 62) + (1 << 38) + 1];
    let mut x = [0f32];
    convert(&v, &mut x);
    assert_eq!(x[0], 0.5 + 2f32.powi(-24));
    let mut raw = [0u8; 4];
    bytes::convert(
        SampleFormat::S64,
        SampleFormat::F32Be,
        &v[0].to_ne_bytes(),
        &mut raw,
    );
    assert_eq!(f32::from_be_bytes(raw), x[0]);
}

/// Every pair of formats by bytes, against the two steps through the typed definition in f64 (exact for at
/// most 32 bits) or i64.
#[test]
fn every_pair_of_formats_by_bytes() {
    let mut words = Words(11);
    let noise: Vec<u8> = (0..8 * 150).map(|_| words.next() as u8).collect();
    for from in SampleFormat::ALL {
        // Floats from random bytes are mostly absurd; take sensible ones and the nasty ones.
        let mut src = noise.clone();
        if from.is_float() {
            let mut x = nasty_f32();
            x.extend((0..100).map(|_| words.next() as u32 as f32 / 2_147_483_648.0 - 1.0));
            src = vec![0; x.len() * from.bytes_per_sample()];
            bytes::encode(*from, Rounding::NearestEven, &x, &mut src);
        }
        let n = src.len() / from.bytes_per_sample();
        let mut exact = vec![0f64; n];
        bytes::decode_f64(*from, &src, &mut exact);
        for to in SampleFormat::ALL {
            let mut dst = vec![0xA5u8; n * to.bytes_per_sample() + 3];
            assert_eq!(bytes::convert(*from, *to, &src, &mut dst), n, "{from} {to}");
            assert_eq!(
                dst[n * to.bytes_per_sample()..],
                [0xA5; 3],
                "{from} {to}: wrote behind the samples"
            );
            if from == to {
                assert_eq!(dst[..src.len()], src, "{from}");
            } else if !matches!(from, SampleFormat::S64Le | SampleFormat::S64Be) {
                let mut expected = vec![0u8; n * to.bytes_per_sample()];
                bytes::encode_f64(*to, Rounding::NearestEven, &exact, &mut expected);
                assert_eq!(dst[..expected.len()], expected, "{from} {to}");
            }
            // However the bytes lie: between 4-byte samples some of these are copied, and some are not.
            for shift in [1, 2, 3, 4] {
                let moved: Vec<u8> = [&noise[..shift], &src].concat();
                let mut got = vec![0xA5; 4 + dst.len()];
                bytes::convert(
                    *from,
                    *to,
                    &moved[shift..],
                    &mut got[4 - shift..][..dst.len()],
                );
                assert_eq!(got[4 - shift..][..dst.len()], dst, "{from} {to} at {shift}");
            }
            // In place, from a buffer just large enough.
            let room = n * from.bytes_per_sample().max(to.bytes_per_sample());
            let mut buffer = vec![0u8; room];
            buffer[..src.len()].copy_from_slice(&src[..n * from.bytes_per_sample()]);
            assert_eq!(bytes::convert_in_place(*from, *to, &mut buffer, n), n);
            assert_eq!(
                buffer[..n * to.bytes_per_sample()],
                dst[..n * to.bytes_per_sample()],
                "{from} {to} in place"
            );
            assert_eq!(
                bytes::convert_in_place(*from, *to, &mut buffer, usize::MAX),
                n.max(room / from.bytes_per_sample().max(to.bytes_per_sample()))
            );
        }
    }
}

#[test]
fn typed_in_place_is_the_typed_conversion() {
    let mut words = Words(5);
    let source: Vec<i32> = (0..1000).map(|_| words.next() as i32).collect();
    let mut expected = vec![0f32; 1000];
    convert(&source, &mut expected);
    let mut block = source.clone();
    let float: &mut [f32] = convert_in_place(&mut block);
    assert_eq!(float, expected);
    let unsigned: &mut [u32] = convert_in_place(float);
    let mut again = vec![0u32; 1000];
    convert(&expected, &mut again);
    assert_eq!(unsigned, again);
    let mut codes: Vec<MuLaw> = (0..=255).map(MuLaw).collect();
    let a_law: &mut [ALaw] = convert_in_place(&mut codes);
    assert_eq!(a_law[0xFF], ALaw(0xD5));
}

#[test]
fn planes_are_the_interleaved_samples_for_every_channel_count() {
    let samples: Vec<i16> = (0..1009).map(|i| (i * 37) as i16).collect();
    for channels in [1usize, 2, 3, 4, 6, 8, 13, 64] {
        let frames = samples.len() / channels;
        let mut planes = vec![vec![9f32; frames + 2]; channels];
        planes[channels - 1].truncate(frames);
        assert_eq!(deinterleave(&samples, &mut planes), frames);
        for (c, plane) in planes.iter().enumerate() {
            for (f, x) in plane[..frames].iter().enumerate() {
                assert_eq!(*x, f32::from(samples[f * channels + c]) / 32_768.0);
            }
            assert!(plane[frames..].iter().all(|x| *x == 9.0));
        }
        let mut long = vec![vec![9f32; frames + 5]; channels];
        assert_eq!(deinterleave(&samples, &mut long), frames);
        assert!(long.iter().all(|p| p[frames..] == [9.0; 5]));
        assert_eq!(interleave(&long, &mut vec![0i16; samples.len()]), frames);
        let mut back = vec![0i16; samples.len()];
        assert_eq!(interleave(&planes, &mut back), frames);
        assert_eq!(back[..frames * channels], samples[..frames * channels]);

        let raw: Vec<u8> = samples.iter().flat_map(|s| s.to_be_bytes()).collect();
        let mut again = vec![vec![0f32; frames]; channels];
        assert_eq!(
            bytes::decode_planar(SampleFormat::S16Be, &raw, &mut again),
            frames
        );
        assert!(again.iter().zip(&planes).all(|(a, p)| *a == p[..frames]));
        let mut out = vec![0u8; raw.len()];
        assert_eq!(
            bytes::encode_planar(SampleFormat::S16Be, Rounding::TowardZero, &again, &mut out),
            frames
        );
        assert_eq!(out[..frames * channels * 2], raw[..frames * channels * 2]);
        // Same type: a copy of the bits.
        let nan = vec![f32::from_bits(0x7FC0_1234); channels];
        let mut one = vec![vec![0f32]; channels];
        deinterleave(&nan, &mut one);
        assert!(one.iter().all(|p| p[0].to_bits() == 0x7FC0_1234));
    }
    let none: &mut [Vec<f32>] = &mut [];
    assert_eq!(deinterleave(&samples, none), 0);
    assert_eq!(interleave::<f32, i16, Vec<f32>>(none, &mut [0]), 0);
}

#[test]
fn the_shorter_length_is_converted_and_the_rest_left_alone() {
    fn pair<A: Sample, B: Sample>() {
        for (src, dst) in [(0, 5), (5, 0), (3, 5), (5, 3), (40, 33), (33, 40)] {
            let a = vec![A::EQUILIBRIUM; src];
            let mut b = vec![B::from_f32(0.5); dst];
            assert_eq!(convert(&a, &mut b), src.min(dst));
            assert!(b[src.min(dst)..].iter().all(|x| *x == B::from_f32(0.5)));
            assert!(b[..src.min(dst)].iter().all(|x| *x != B::from_f32(0.5)));
        }
    }
    pair::<i16, f32>();
    pair::<f32, I24>();
    pair::<I24, f32>();
    pair::<I24, i16>();
    pair::<f32, i32>();
    pair::<f32, f32>();
    pair::<f64, MuLaw>();
    pair::<i64, U24>();
    for format in SampleFormat::ALL {
        let size = format.bytes_per_sample();
        for len in 0..4 * size {
            let mut x = [7.0; 9];
            assert_eq!(bytes::decode(*format, &vec![0; len], &mut x), len / size);
            assert!(x[len / size..].iter().all(|x| *x == 7.0));
            let mut raw = vec![0x5A; len];
            assert_eq!(
                bytes::encode(*format, Rounding::NearestEven, &[0.25; 9], &mut raw),
                len / size
            );
            assert!(raw[len / size * size..].iter().all(|b| *b == 0x5A));
        }
    }
}

#[test]
fn equilibrium_is_silence_in_every_format() {
    for format in SampleFormat::ALL {
        let size = format.bytes_per_sample();
        for len in [0, 1, size, 5 * size, 5 * size + size - 1] {
            let mut raw = vec![0x33u8; len];
            format.fill_equilibrium(&mut raw);
            let mut x = vec![9.0f32; len / size];
            bytes::decode(*format, &raw, &mut x);
            let silence = if *format == SampleFormat::ALaw {
                8.0 / 32_768.0
            } else {
                0.0
            };
            assert!(x.iter().all(|x| *x == silence), "{format}");
            assert!(raw[len / size * size..].iter().all(|b| *b == 0), "{format}");
            // It is also what 0.0 is encoded as.
            let mut zeros = vec![0x33u8; len / size * size];
            bytes::encode(*format, Rounding::NearestEven, &vec![0.0; len], &mut zeros);
            assert_eq!(zeros, raw[..zeros.len()], "{format}");
        }
    }
    fn typed<S: Sample>() {
        let mut raw = vec![1u8; size_of::<S>()];
        S::FORMAT.fill_equilibrium(&mut raw);
        let mut one = [S::from_f32(0.5)];
        assert_eq!(S::read_bytes(&raw, &mut one), 1);
        assert_eq!(one, [S::EQUILIBRIUM]);
        assert_eq!(S::as_bytes(&one), raw);
    }
    typed::<u8>();
    typed::<i8>();
    typed::<u16>();
    typed::<i16>();
    typed::<U24>();
    typed::<I24>();
    typed::<u32>();
    typed::<i32>();
    typed::<i64>();
    typed::<f32>();
    typed::<f64>();
    typed::<MuLaw>();
    typed::<ALaw>();
}

#[test]
fn names_are_ffmpegs_and_parse_back() {
    let names: Vec<String> = SampleFormat::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(
        names.join(" "),
        "u8 s8 u16le u16be s16le s16be u24le u24be s24le s24be s24_32le s24_32be s24_32hle s24_32hbe u32le u32be s32le \
         s32be s64le s64be f32le f32be f64le f64be mulaw alaw"
    );
    for format in SampleFormat::ALL {
        assert_eq!(format.name().parse::<SampleFormat>().unwrap(), *format);
    }
    for wrong in ["", "s16", "S16LE", "s16le ", "s24_32h", "pcm"] {
        assert!(
            wrong
                .parse::<SampleFormat>()
                .unwrap_err()
                .to_string()
                .contains("s16le")
        );
    }
    for dither in pcm_convert::Dither::ALL {
        assert_eq!(
            dither.to_string().parse::<pcm_convert::Dither>().unwrap(),
            *dither
        );
    }
    for rounding in Rounding::ALL {
        assert_eq!(rounding.to_string().parse::<Rounding>().unwrap(), *rounding);
    }
    assert_eq!(
        "half-away".parse::<Rounding>().unwrap(),
        Rounding::HalfAwayFromZero
    );
    assert!("up".parse::<Rounding>().is_err());
}
