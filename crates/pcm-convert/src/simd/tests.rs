//! Every kernel of every backend against the scalar definitions, sample by sample, for all lengths, byte offsets
//! and kinds of values.

extern crate std;

use core::num::NonZeroUsize;
use proptest::prelude::*;
use std::vec;
use std::vec::Vec;

use super::{Backend, Selected};
use crate::encoding::{self, Encoding, Float, Raw, with_encoding};
use crate::format::SampleFormat;
use crate::noise::{self, LANES};
use crate::policy::{NEAREST, Rounding, with_rounding};
use crate::step::{Convert, Decode, Encode, Step};

fn others() -> Vec<Selected> {
    Backend::ALL
        .iter()
        .copied()
        .filter_map(Selected::new)
        .collect()
}

/// Deterministic values: ordinary, at and just past full scale, halves of an LSB, denormal, infinite, NaN.
fn float(seed: u32, i: usize) -> f32 {
    let w = seed.wrapping_add(i as u32).wrapping_mul(0x9E37_79B9);
    let w = (w ^ (w >> 15)).wrapping_mul(0x85EB_CA6B);
    match w % 16 {
        0 => f32::from_bits(w.rotate_left(9)),
        1 => [
            1.0,
            -1.0,
            0.999_969_5,
            1.0f32.next_up(),
            -1.0f32.next_up(),
            f32::NAN,
            f32::INFINITY,
            -f32::INFINITY,
        ][(w >> 8) as usize % 8],
        2 => (w >> 8) as f32 * 0.5 / 32_768.0 - 128.0,
        3 => (((w >> 8) % 65_536) as f32 - 32_768.0 + 0.5) / 32_768.0,
        4 => (((w >> 8) % 1024) as f32 - 512.0 + 0.5) / 8_388_608.0,
        _ => (w >> 4) as f32 / 134_217_728.0 - 1.0,
    }
}

fn same_f32(a: &[f32], b: &[f32]) -> bool {
    // NaN is passed on by decoding; which NaN is not promised.
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
}

/// The float as the format has it: what is not finite stays so where it can.
fn raw_of<F: Encoding>(x: f32) -> F::Raw {
    let wide = |bytes: &[u8]| core::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0));
    F::Raw::narrow(match F::FORMAT {
        SampleFormat::F32Le => wide(&x.to_le_bytes()),
        SampleFormat::F32Be => wide(&x.to_be_bytes()),
        SampleFormat::F64Le => f64::from(x).to_le_bytes(),
        SampleFormat::F64Be => f64::from(x).to_be_bytes(),
        _ => F::from_f32::<NEAREST>(x).widen(),
    })
}

fn check<F: Encoding>(selected: Selected, seed: u32, len: usize, offset: usize) {
    let what = (F::FORMAT, selected.get(), len, offset);
    let size = F::Raw::BYTES;
    let mut bytes = vec![0u8; offset + len * size + 64];
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = (float(seed, i).to_bits() >> 7) as u8;
    }
    let x: Vec<f32> = (0..len).map(|i| float(seed, i)).collect();
    let wide: Vec<f64> = x.iter().map(|x| f64::from(*x) * 1.000_000_123).collect();

    let raw = F::Raw::samples(&bytes[offset..offset + len * size]);
    let mut out = vec![7.0f32; len + 1];
    super::decode::<F>(selected, raw, &mut out[..len]);
    let expected: Vec<f32> = raw.iter().map(|r| F::to_f32(*r)).collect();
    assert!(same_f32(&out[..len], &expected), "decode {what:?}");
    assert_eq!(out[len].to_bits(), 7.0f32.to_bits());
    let mut out = vec![7.0f64; len];
    super::decode_f64::<F>(selected, raw, &mut out);
    let equal = |(a, r): (&f64, &F::Raw)| a.to_bits() == F::to_f64(*r).to_bits() || a.is_nan();
    assert!(out.iter().zip(raw).all(equal), "decode_f64 {what:?}");

    let mut target = bytes.clone();
    let mut put = |encode: &dyn Fn(&mut [F::Raw]), one: &dyn Fn(usize) -> F::Raw, name: &str| {
        target.fill(0xA5);
        encode(F::Raw::samples_mut(
            &mut target[offset..offset + len * size],
        ));
        for (i, r) in F::Raw::samples(&target[offset..offset + len * size])
            .iter()
            .enumerate()
        {
            assert_eq!(r.widen(), one(i).widen(), "{name} {what:?} {:e}", x[i]);
        }
        assert!(
            target[..offset]
                .iter()
                .chain(&target[offset + len * size..])
                .all(|b| *b == 0xA5),
            "{name} {what:?}"
        );
    };
    // A plane of one channel is all of it.
    let one = NonZeroUsize::MIN;
    let bits = |x: &[f32]| x.iter().map(|x| x.to_ne_bytes()).collect::<Vec<_>>();
    let mut plane = vec![[0xA5; 4]; len];
    super::take_channel::<Decode<F>>(selected, raw, one, 0, &mut plane);
    let plane: Vec<f32> = plane.into_iter().map(f32::from_ne_bytes).collect();
    assert!(same_f32(&plane, &expected), "decode, planar {what:?}");
    let magnitudes = x.iter().map(|x| x.to_bits() as i32 & i32::MAX);
    let largest = magnitudes.max().unwrap_or(0);
    for rounding in Rounding::ALL {
        with_rounding!(*rounding, R => {
            put(
                &|d| super::encode::<F, R>(selected, &x, d),
                &|i| F::from_f32::<R>(x[i]),
                rounding.name(),
            );
            put(
                &|d| assert_eq!(super::encode_largest::<F, R>(selected, &x, d), largest, "{what:?}"),
                &|i| F::from_f32::<R>(x[i]),
                rounding.name(),
            );
            put(
                &|d| super::put_channel::<Encode<F, R>>(selected, &bits(&x), one, 0, d),
                &|i| F::from_f32::<R>(x[i]),
                "planar",
            );
            put(
                &|d| super::encode_f64::<F, R>(selected, &wide, d),
                &|i| F::from_f64::<R>(wide[i]),
                "f64",
            );
        });
    }
}

fn check_format(format: SampleFormat, seed: u32, len: usize, offset: usize) {
    for selected in others() {
        with_encoding!(format, E => check::<E>(selected, seed, len, offset));
    }
}

#[test]
fn all_lengths_to_257() {
    for len in 0..=257 {
        for format in SampleFormat::ALL {
            // Every length, and with it every offset, for some formats at a time; the random test has the rest.
            if (len + *format as usize).is_multiple_of(5) || len < 36 {
                check_format(*format, len as u32, len, (len * 7) % 64);
            }
        }
    }
}

#[test]
fn all_offsets_to_63() {
    for offset in 0..64 {
        for format in SampleFormat::ALL {
            check_format(*format, offset as u32, 37, offset);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_length_offset_and_format(
        seed in any::<u32>(), len in 0usize..=257, offset in 0usize..64, format in 0..SampleFormat::ALL.len(),
    ) {
        check_format(SampleFormat::ALL[format], seed, len, offset);
    }

    #[test]
    fn converting_splitting_and_joining(seed in any::<u32>(), len in 0usize..=257, channels in 1usize..9) {
        use crate::encoding::*;
        pair::<S16Le, S24Le>(seed, len, channels);
        pair::<S24Le, S16Le>(seed, len, channels);
        pair::<S32Le, S24Le>(seed, len, channels);
        pair::<S24Le, S32Be>(seed, len, channels);
        pair::<S24Be, U24Le>(seed, len, channels);
        pair::<U24Le, S24Be>(seed, len, channels);
        pair::<U24Be, U8>(seed, len, channels);
        pair::<ALaw, U24Be>(seed, len, channels);
        pair::<S64Le, U24Le>(seed, len, channels);
        pair::<S24Be, S64Le>(seed, len, channels);
        pair::<F64Le, S24Be>(seed, len, channels);
        pair::<U24Le, F64Be>(seed, len, channels);
        pair::<U24Be, F32Be>(seed, len, channels);
        pair::<F32Be, U24Be>(seed, len, channels);
        pair::<S24In32Be, S24Le>(seed, len, channels);
        pair::<S16Be, F32Le>(seed, len, channels);
        pair::<F32Le, S24Le>(seed, len, channels);
        pair::<F32Le, S32Le>(seed, len, channels);
        pair::<F32Le, S64Le>(seed, len, channels);
        pair::<MuLaw, S16Le>(seed, len, channels);
        pair::<S32Le, MuLaw>(seed, len, channels);
        pair::<F32Le, F32Le>(seed, len, channels);
        pair::<F32Le, F32Be>(seed, len, channels);
        pair::<F32Be, F64Le>(seed, len, channels);
        pair::<F64Le, F32Le>(seed, len, channels);
        pair::<F64Be, F64Le>(seed, len, channels);
        pair::<F64Be, F64Be>(seed, len, channels);
    }

    #[test]
    fn counting_cleaning_and_noise(seed in any::<u32>(), len in 0usize..=700, bits in 0usize..4) {
        let x: Vec<f32> = (0..len).map(|i| float(seed, i)).collect();
        let calm: Vec<f32> = (0..len).map(|i| (float(seed, i)).clamp(-0.5, 0.5)).collect();
        let above = crate::arith::max_f32([8, 16, 24, 32][bits]);
        let naive = |x: &[f32]| {
            let clipped = x.iter().filter(|x| x.is_finite() && (**x > above || **x < -1.0)).count();
            (clipped as u32, x.iter().filter(|x| !x.is_finite()).count() as u32)
        };
        for selected in others() {
            prop_assert_eq!(super::count(selected, &x, above), naive(&x));
            prop_assert_eq!(super::count(selected, &calm, above), naive(&calm));
            let finite = super::largest(selected, &x) < f32::INFINITY.to_bits() as i32;
            prop_assert_eq!(finite, naive(&x).1 == 0);
            for x in [&x, &calm] {
                cleaned::<encoding::F32Le>(selected, x);
                cleaned::<encoding::F32Be>(selected, x);
                cleaned::<encoding::F64Le>(selected, x);
                cleaned::<encoding::F64Be>(selected, x);
            }
            let lsb = 1.0 / [128.0, 32_768.0, 8_388_608.0, 1.0][bits];
            for triangular in [false, true] {
                let start: [u32; LANES] = core::array::from_fn(|i| seed.wrapping_mul(i as u32 + 1) | 1);
                let (mut a, mut b) = (start, start);
                let mut out = vec![[0.0f32; LANES]; len % 20];
                let input: Vec<[f32; LANES]> = (0..out.len()).map(|g| core::array::from_fn(|i| float(seed, g * LANES + i))).collect();
                super::noise(selected, &mut a, &input, lsb, &mut out, triangular);
                for (group, from) in out.iter().zip(&input) {
                    noise::step(&mut b);
                    let noise = noise::of(&b, triangular);
                    let expected: [f32; LANES] = core::array::from_fn(|i| from[i] + noise[i] * lsb);
                    prop_assert!(same_f32(group, &expected));
                }
                prop_assert_eq!(a, b);
            }
            for round in [None, Some(Rounding::NearestEven), Some(Rounding::HalfAwayFromZero)] {
                let lsb = if round.is_some() { 1.0 / 8_388_608.0 } else { 1.0 / 32_768.0 };
                let (mut a, mut b) = (vec![0.0f32; len], vec![0.0f32; len]);
                super::add_noise(selected, &x, &calm, lsb, &mut a, round);
                super::add_noise(Selected::new(Backend::Scalar).unwrap(), &x, &calm, lsb, &mut b, round);
                prop_assert!(same_f32(&a, &b));
            }
        }
    }
}

fn cleaned<F: Float>(selected: Selected, x: &[f32]) {
    let mut samples: Vec<F::Raw> = x.iter().map(|x| raw_of::<F>(*x)).collect();
    let bad = x.iter().filter(|x| !x.is_finite()).count();
    assert_eq!(super::clean::<F>(selected, &mut samples), bad as u32);
    for (got, x) in samples.iter().zip(x) {
        let finite = match x {
            x if x.is_nan() => 0.0,
            x if x.is_infinite() => x.signum(),
            x => *x,
        };
        let what = (F::FORMAT, selected.get(), x);
        assert_eq!(got.widen(), raw_of::<F>(finite).widen(), "{what:?}");
    }
}

fn pair<A: Encoding, B: Encoding>(seed: u32, len: usize, channels: usize) {
    let mut bytes = vec![0u8; len * A::Raw::BYTES];
    for (i, to) in A::Raw::samples_mut(&mut bytes).iter_mut().enumerate() {
        *to = raw_of::<A>(float(seed, i));
    }
    let src = A::Raw::samples(&bytes);
    let expected: Vec<_> = src
        .iter()
        .map(|r| Convert::<A, B>::step(*r).widen())
        .collect();
    let what = (A::FORMAT, B::FORMAT, len, channels);
    let mut out = vec![B::Raw::narrow([0; 8]); len];
    for selected in others() {
        super::convert::<A, B>(selected, src, &mut out);
        assert!(
            out.iter().map(|r| r.widen()).eq(expected.iter().copied()),
            "{what:?} {}",
            selected.get()
        );

        let frames = len / channels;
        let count = NonZeroUsize::new(channels).unwrap();
        let mut joined = vec![B::Raw::narrow([0; 8]); len];
        for channel in 0..channels {
            let mut plane = vec![B::Raw::narrow([0; 8]); frames];
            super::take_channel::<Convert<A, B>>(selected, src, count, channel, &mut plane);
            for (f, r) in plane.iter().enumerate() {
                assert_eq!(
                    r.widen(),
                    expected[f * channels + channel],
                    "{what:?} {}",
                    selected.get()
                );
            }
            let plane: Vec<A::Raw> = (0..frames).map(|f| src[f * channels + channel]).collect();
            super::put_channel::<Convert<A, B>>(selected, &plane, count, channel, &mut joined);
        }
        for (r, e) in joined.iter().zip(&expected).take(frames * channels) {
            assert_eq!(r.widen(), *e, "{what:?} {}", selected.get());
        }
        if channels == 2 {
            let (mut left, mut right) = (
                vec![B::Raw::narrow([0; 8]); frames],
                vec![B::Raw::narrow([0; 8]); frames],
            );
            super::take_stereo::<Convert<A, B>>(selected, src, &mut left, &mut right);
            let planes: (Vec<_>, Vec<_>) = (
                (0..frames).map(|f| src[f * 2]).collect(),
                (0..frames).map(|f| src[f * 2 + 1]).collect(),
            );
            super::put_stereo::<Convert<A, B>>(selected, &planes.0, &planes.1, &mut joined);
            for f in 0..frames {
                assert_eq!(
                    (left[f].widen(), right[f].widen()),
                    (expected[2 * f], expected[2 * f + 1]),
                    "{what:?}"
                );
                assert_eq!(
                    (joined[2 * f].widen(), joined[2 * f + 1].widen()),
                    (expected[2 * f], expected[2 * f + 1])
                );
            }
        }
    }
}
