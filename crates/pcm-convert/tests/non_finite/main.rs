//! The README's one rule for NaN and infinities, by every way that a sample can go: what is read passes, what is
//! written is finite, a copy is a copy.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[path = "../common/mod.rs"]
mod common;
mod values;

use common::backends;
use pcm_convert::{
    Converter, Dither, I24, MuLaw, Quantizer, Rounding, Sample, SampleFormat, bytes,
    clean_non_finite, convert, convert_in_place, deinterleave, from_f32, from_f64, interleave,
    to_f32, to_f64,
};
use proptest::prelude::*;
use values::{
    F32_BITS, FLOATS, ROUNDINGS, f32s, f64s, planes_of, read, same, stored, values, written,
};

#[test]
fn what_is_read_passes_by_every_way() {
    for format in FLOATS {
        let raw = stored(format);
        let wide = format.bytes_per_sample() == 8;
        let want: Vec<f32> = if wide {
            f64s().into_iter().map(read).collect()
        } else {
            f32s()
        };
        let mut x = vec![7.0; want.len()];
        bytes::decode(format, &raw, &mut x);
        assert!(same(&x, &want, wide), "{format} decode");
        for channels in 1..=8 {
            let mut planes = vec![vec![7.0; want.len() / channels]; channels];
            bytes::decode_planar(format, &raw, &mut planes);
            for (got, want) in planes.iter().zip(planes_of(&want, channels)) {
                assert!(
                    same(got, &want, wide),
                    "{format} decode_planar of {channels}"
                );
            }
        }
        let mut x = vec![7.0; want.len()];
        bytes::decode_f64(format, &raw, &mut x);
        for (got, want) in x.iter().zip(values(format, &raw)) {
            let want = f64::from_bits(want);
            assert!(
                got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan() && !wide),
                "{format} decode_f64: {got:e} for {want:e}"
            );
        }
    }

    let (narrow, wide) = (f32s(), f64s());
    let mut x = vec![7.0; narrow.len()];
    to_f32(&narrow, &mut x);
    assert!(same(&x, &narrow, false));
    let one_by_one: Vec<f32> = narrow.iter().map(|x| x.to_f32()).collect();
    assert!(same(&one_by_one, &narrow, false));
    let want: Vec<f32> = wide.iter().copied().map(read).collect();
    to_f32(&wide, &mut x);
    assert!(same(&x, &want, true));
    let one_by_one: Vec<f32> = wide.iter().map(|x| x.to_f32()).collect();
    assert!(same(&one_by_one, &want, true));
    let mut x = vec![7.0; wide.len()];
    to_f64(&wide, &mut x);
    assert!(x.iter().zip(&wide).all(|(a, b)| a.to_bits() == b.to_bits()));
    to_f64(&narrow, &mut x);
    for (got, want) in x.iter().zip(&narrow) {
        assert!(*got == f64::from(*want) || (got.is_nan() && want.is_nan()));
        assert!(got.is_sign_negative() == want.is_sign_negative() || got.is_nan());
    }
}

#[test]
fn what_is_written_is_finite_by_every_way() {
    let x = f32s();
    let wide = f64s();
    for format in SampleFormat::ALL.iter().copied() {
        let size = format.bytes_per_sample();
        for rounding in ROUNDINGS.iter().copied() {
            let mut want = vec![0xEE; x.len() * size];
            bytes::encode(format, rounding, &x, &mut want);
            if format.is_float() {
                let by_hand = x.iter().map(|x| written(f64::from(*x)).to_bits());
                assert!(
                    values(format, &want).into_iter().eq(by_hand),
                    "{format} encode"
                );
            } else {
                // Without NaN and infinities, which are silence and full scale.
                let finite: Vec<f32> = (x.iter()).map(|x| written(f64::from(*x)) as f32).collect();
                let mut tame = vec![0xEE; x.len() * size];
                bytes::encode(format, rounding, &finite, &mut tame);
                assert!(want == tame, "{format} {rounding} encode");
            }

            for channels in 1..=8 {
                let planes = planes_of(&x, channels);
                let mut raw = vec![0xEE; x.len() * size];
                let frames = bytes::encode_planar(format, rounding, &planes, &mut raw);
                let end = frames * channels * size;
                assert!(
                    raw[..end] == want[..end],
                    "{format} {rounding} encode_planar of {channels}"
                );
            }
            let mut raw = vec![0xEE; x.len() * size];
            bytes::quantize(format, rounding, &x, &mut raw);
            assert!(raw == want, "{format} quantize");
            for backend in backends() {
                let mut quantizer = Quantizer::new(2, rounding, Dither::None, 0)
                    .with_backend(backend)
                    .unwrap();
                let mut raw = vec![0xEE; x.len() * size];
                let done = quantizer.quantize_bytes(format, &x, &mut raw);
                assert!(raw == want, "{format} {backend} quantize_bytes");
                assert_eq!(done.non_finite, x.iter().filter(|x| !x.is_finite()).count());
            }

            let mut raw = vec![0xEE; wide.len() * size];
            bytes::encode_f64(format, rounding, &wide, &mut raw);
            let finite: Vec<f64> = wide.iter().copied().map(written).collect();
            let mut tame = vec![0xEE; wide.len() * size];
            bytes::encode_f64(format, rounding, &finite, &mut tame);
            assert!(raw == tame, "{format} encode_f64");
            if size == 8 && format.is_float() {
                let by_hand = finite.iter().map(|x| x.to_bits());
                assert!(values(format, &raw).into_iter().eq(by_hand));
            } else if format.is_float() {
                let by_hand = finite.iter().map(|x| f64::from(read(*x)).to_bits());
                assert!(values(format, &raw).into_iter().eq(by_hand));
            }
        }
    }

    fn typed<S: Sample>() {
        let x = f32s();
        let mut want = vec![S::EQUILIBRIUM; x.len()];
        bytes::encode(
            S::FORMAT,
            Rounding::NearestEven,
            &x,
            S::as_bytes_mut(&mut want),
        );
        let raw = |mut s: Vec<S>| S::as_bytes_mut(&mut s).to_vec();
        let want = raw(want);
        let mut got = vec![S::EQUILIBRIUM; x.len()];
        from_f32(&x, &mut got);
        assert_eq!(raw(got.clone()), want);
        Quantizer::new(1, Rounding::NearestEven, Dither::None, 0).quantize(&x, &mut got);
        assert_eq!(raw(got), want);
        assert_eq!(raw(x.iter().map(|x| S::from_f32(*x)).collect()), want);

        let x = f64s();
        let mut want = vec![S::EQUILIBRIUM; x.len()];
        bytes::encode_f64(
            S::FORMAT,
            Rounding::NearestEven,
            &x,
            S::as_bytes_mut(&mut want),
        );
        let want = raw(want);
        let mut got = vec![S::EQUILIBRIUM; x.len()];
        from_f64(&x, &mut got);
        assert_eq!(raw(got), want);
        assert_eq!(raw(x.iter().map(|x| S::from_f64(*x)).collect()), want);
    }
    typed::<f32>();
    typed::<f64>();
    typed::<i16>();
    typed::<I24>();
    typed::<i32>();
    typed::<i64>();
    typed::<MuLaw>();
}

/// Read and written, hence finite, wherever the format changes, if only in the order of its bytes.
#[test]
fn from_a_format_to_another_is_read_and_written_and_to_the_same_one_a_copy() {
    for from in FLOATS {
        let raw = stored(from);
        let samples = raw.len() / from.bytes_per_sample();
        let mut read = vec![0.0; samples];
        bytes::decode_f64(from, &raw, &mut read);
        for to in SampleFormat::ALL.iter().copied() {
            let mut want = vec![0; samples * to.bytes_per_sample()];
            if from == to {
                want.copy_from_slice(&raw);
            } else {
                bytes::encode_f64(to, Rounding::NearestEven, &read, &mut want);
            }
            let mut got = vec![0xEE; want.len()];
            bytes::convert(from, to, &raw, &mut got);
            assert!(got == want, "{from} {to}");
            let mut buffer = raw.clone();
            buffer.resize(raw.len().max(want.len()), 0xEE);
            bytes::convert_in_place(from, to, &mut buffer, samples);
            assert!(buffer[..want.len()] == want, "{from} {to} in place");
        }
    }

    fn typed<A: Sample, B: Sample>(x: &[A]) {
        let raw = |mut s: Vec<B>| B::as_bytes_mut(&mut s).to_vec();
        let mut source = x.to_vec();
        let mut want = vec![0; x.len() * size_of::<B>()];
        bytes::convert(
            A::FORMAT,
            B::FORMAT,
            A::as_bytes_mut(&mut source),
            &mut want,
        );
        let mut got = vec![B::EQUILIBRIUM; x.len()];
        convert(x, &mut got);
        assert_eq!(raw(got), want);
        for backend in backends() {
            let mut got = vec![B::EQUILIBRIUM; x.len()];
            let converter = Converter::<A, B>::with_backend(backend).unwrap();
            converter.convert(x, &mut got);
            assert_eq!(raw(got), want, "{converter:?}");
        }
        for channels in 1..=8 {
            let end = x.len() / channels * channels;
            let mut planes = vec![vec![B::EQUILIBRIUM; x.len() / channels]; channels];
            deinterleave(x, &mut planes);
            let together = (0..end).map(|i| planes[i % channels][i / channels]);
            assert_eq!(raw(together.collect()), want[..end * size_of::<B>()]);
            let mut joined = vec![B::EQUILIBRIUM; end];
            interleave(&planes_of(x, channels), &mut joined);
            assert_eq!(raw(joined), want[..end * size_of::<B>()]);
        }
    }
    typed::<f32, f32>(&f32s());
    typed::<f32, f64>(&f32s());
    typed::<f32, i16>(&f32s());
    typed::<f64, f32>(&f64s());
    typed::<f64, f64>(&f64s());
    typed::<f64, I24>(&f64s());

    let mut block = f32s();
    let same: &mut [f32] = convert_in_place(&mut block);
    assert!(
        same.iter()
            .zip(f32s())
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}

/// Sample by sample, by hand; and how many were changed.
fn cleaned(format: SampleFormat, raw: &[u8]) -> (Vec<u8>, usize) {
    let size = format.bytes_per_sample();
    let mut clean = raw.to_vec();
    let mut changed = 0;
    for (sample, bits) in clean.chunks_exact_mut(size).zip(values(format, raw)) {
        let x = f64::from_bits(bits);
        if !x.is_finite() {
            changed += 1;
            let one: &[u8] = match format {
                _ if x.is_nan() => &[0; 8],
                SampleFormat::F32Le => &(x.signum() as f32).to_le_bytes(),
                SampleFormat::F32Be => &(x.signum() as f32).to_be_bytes(),
                SampleFormat::F64Le => &x.signum().to_le_bytes(),
                _ => &x.signum().to_be_bytes(),
            };
            sample.copy_from_slice(&one[..size]);
        }
    }
    (clean, changed)
}

#[test]
fn what_lies_in_bytes_is_cleaned_where_it_is() {
    for format in FLOATS {
        let raw = stored(format);
        for offset in 0..8 {
            // With bytes behind that make no whole sample.
            for behind in 0..format.bytes_per_sample() {
                let mut memory = vec![0xFF; offset];
                memory.extend(&raw);
                memory.resize(memory.len() + behind, 0xFF);
                let (want, changed) = cleaned(format, &raw);
                assert_eq!(
                    bytes::clean_non_finite(format, &mut memory[offset..]),
                    changed
                );
                assert!(
                    memory[offset..][..raw.len()] == want,
                    "{format} at {offset}"
                );
                let around = memory[..offset].iter().chain(&memory[offset + raw.len()..]);
                assert!(
                    around.clone().count() == offset + behind
                        && around.into_iter().all(|b| *b == 0xFF)
                );
                assert_eq!(bytes::clean_non_finite(format, &mut memory[offset..]), 0);
            }
        }
    }
    let mut x = f32s();
    let (want, changed) = cleaned(SampleFormat::F32, f32::as_bytes_mut(&mut f32s()));
    assert_eq!(clean_non_finite(&mut x), changed);
    assert_eq!(f32::as_bytes_mut(&mut x), want);
}

#[test]
fn one_sample_that_is_not_finite_is_found_wherever_it_lies() {
    for format in FLOATS {
        let size = format.bytes_per_sample();
        let mut raw = vec![0; 1300 * size];
        bytes::encode(format, Rounding::NearestEven, &[f32::MAX; 1300], &mut raw);
        let bad = stored(format);
        for at in [0, 1, 7, 8, 510, 511, 512, 1023, 1024, 1298, 1299] {
            for bad in bad.chunks(size).take(5) {
                let mut memory = raw.clone();
                memory[at * size..][..size].copy_from_slice(bad);
                let (want, changed) = cleaned(format, &memory);
                assert_eq!(bytes::clean_non_finite(format, &mut memory), changed);
                assert!(memory == want, "{format} at {at}");
            }
        }
    }
}

#[test]
fn integers_are_finite_whatever_their_bytes() {
    for format in SampleFormat::ALL.iter().copied().filter(|f| !f.is_float()) {
        let mut raw = [0x7F, 0xF0, 0xFF].repeat(100);
        assert_eq!(bytes::clean_non_finite(format, &mut raw), 0);
        assert_eq!(raw, [0x7F, 0xF0, 0xFF].repeat(100));
    }
    for format in FLOATS {
        assert_eq!(bytes::clean_non_finite(format, &mut []), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes are. (Rust does not say which NaN an f64 becomes as an f32; what is stored as f32 keeps its
    /// bits.)
    #[test]
    fn planes_are_the_interleaved_samples_to_the_bit(
        format in proptest::sample::select(SampleFormat::ALL), channels in 1usize..=8, offset in 0usize..8,
        raw in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0x7F), 1 => Just(0xFF)], 0..700),
    ) {
        let raw = &raw[offset.min(raw.len())..];
        let frames = raw.len() / format.bytes_per_sample() / channels;
        let mut x = vec![7.0; frames * channels];
        prop_assert_eq!(bytes::decode(format, raw, &mut x), x.len());
        let mut planes = vec![vec![7.0; frames]; channels];
        prop_assert_eq!(bytes::decode_planar(format, raw, &mut planes), frames);
        let wide = format.bytes_per_sample() == 8;
        for (got, want) in planes.iter().zip(planes_of(&x, channels)) {
            prop_assert!(same(got, &want, wide));
        }
    }

    #[test]
    fn any_bytes_are_cleaned_to_the_bit(
        format in proptest::sample::select(&FLOATS[..]), offset in 0usize..8,
        raw in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0x7F), 1 => Just(0xFF)], 8..9000),
    ) {
        let mut got = raw.clone();
        let (want, changed) = cleaned(format, &raw[offset..]);
        prop_assert_eq!(bytes::clean_non_finite(format, &mut got[offset..]), changed);
        prop_assert_eq!(&got[..offset], &raw[..offset]);
        prop_assert!(got[offset..] == want);
    }

    #[test]
    fn planes_become_the_interleaved_bytes_to_the_bit(
        format in proptest::sample::select(SampleFormat::ALL),
        rounding in proptest::sample::select(ROUNDINGS), channels in 1usize..=8,
        offset in 0usize..8,
        x in proptest::collection::vec(prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            proptest::sample::select(&F32_BITS[..]).prop_map(f32::from_bits),
            -1.1f32..1.1,
        ], 0..150),
    ) {
        let x = &x[..x.len() / channels * channels];
        let size = x.len() * format.bytes_per_sample();
        let (mut got, mut want) = (vec![0xEE; offset + size], vec![0xEE; offset + size]);
        prop_assert_eq!(bytes::encode(format, rounding, x, &mut want[offset..]), x.len());
        let frames = bytes::encode_planar(format, rounding, &planes_of(x, channels), &mut got[offset..]);
        prop_assert_eq!(frames * channels, x.len());
        prop_assert_eq!(got, want);
    }
}
