//! What is written is finite.

use super::*;

#[test]
fn what_is_written_is_finite_by_every_way() {
    let x = f32s();
    let wide = f64s();
    for format in SampleFormat::ALL.iter().copied() {
        let size = format.bytes_per_sample();
        for rounding in ROUNDINGS {
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
