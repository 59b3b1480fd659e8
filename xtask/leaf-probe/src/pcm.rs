//! `pcm-convert`: bytes of every format, slices of every type, the quantizer.

use pcm_convert::{
    ALaw, Backend, Converter, Dither, I24, MuLaw, Quantized, Quantizer, Rounding, Sample,
    SampleFormat, U24, all_finite, bytes, clean_non_finite, convert, convert_in_place,
    deinterleave, from_f32, from_f64, interleave, to_f32, to_f64,
};

use crate::Case;
use crate::exact::{self, Exact, bits, floats, planes, views};

const ROUNDINGS: &[Rounding] = Rounding::ALL;

pub fn case(case: &mut Case, index: u64) {
    let format = case.random.pick(SampleFormat::ALL);
    match case.random.below(6) {
        0 => decoding(case, format),
        1 => encoding(case, format),
        2 => bytes_to_bytes(case, format),
        3 => quantizing(case, format),
        4 => whole_slices(case),
        _ => PAIRS[index as usize % PAIRS.len()](case),
    }
}

fn backends() -> impl Iterator<Item = Backend> {
    Backend::ALL
        .iter()
        .copied()
        .filter(|backend| backend.is_available())
}

/// Two lengths that are often equal, and often not.
fn lengths(case: &mut Case) -> (usize, usize) {
    let n = case.random.length();
    let other = match case.random.below(3) {
        0 => case.random.length(),
        _ => n,
    };
    (n, other)
}

/// Bytes of a format that are samples of every kind; some bytes more than a whole number of samples.
fn raw(case: &mut Case, format: SampleFormat, samples: usize) -> Exact<u8> {
    let size = format.bytes_per_sample();
    let more = case.random.below(size);
    let mut raw = exact::bytes(&mut case.random, samples * size + more);
    if format.is_float() {
        let is_little = format.name().ends_with("le");
        for to in raw.get_mut().chunks_exact_mut(size) {
            match size {
                4 => to.copy_from_slice(&case.random.f32().to_le_bytes()),
                _ => to.copy_from_slice(&case.random.f64().to_le_bytes()),
            }
            if !is_little {
                to.reverse();
            }
        }
    }
    raw
}

fn decoding(case: &mut Case, format: SampleFormat) {
    let (n, room) = lengths(case);
    let src = raw(case, format, n);
    case.planted.before(&floats(&mut case.random, n));
    let mut single = floats(&mut case.random, room);
    let mut double = Exact::new(&mut case.random, room, |random| random.f64());
    let whole = bytes::decode(format, src.get(), single.get_mut());
    assert_eq!(
        whole,
        (src.get().len() / format.bytes_per_sample()).min(room)
    );
    let wide = bytes::decode_f64(format, src.get(), double.get_mut());
    assert_eq!(wide, whole);
    case.digest.f32(single.get());
    case.digest.f64(double.get());
    let channels = case.random.below(9);
    let mut split = planes(&mut case.random, channels, n / channels.max(1));
    let mut as_slices: Vec<&mut [f32]> = exact::views_mut(&mut split);
    let frames = bytes::decode_planar(format, src.get(), &mut as_slices);
    // Deinterleaving is decoding: bit for bit what the interleaved way gives.
    for (channel, plane) in split.iter().enumerate() {
        let want: Vec<f32> = single.get()[..whole]
            .iter()
            .copied()
            .skip(channel)
            .step_by(channels)
            .collect();
        let same = frames.min(want.len());
        assert_eq!(
            bits(&plane.get()[..same]),
            bits(&want[..same]),
            "{format} {channels}"
        );
    }
    case.digest.count(frames);
    case.digest.planes(&split);
    case.calls += 3;
}

fn encoding(case: &mut Case, format: SampleFormat) {
    let (n, room) = lengths(case);
    let size = format.bytes_per_sample();
    let rounding = case.random.pick(ROUNDINGS);
    let src = floats(&mut case.random, n);
    case.planted.before(&src);
    let more = case.random.below(size);
    let out = exact::bytes(&mut case.random, room * size + more);
    let (mut encoded, mut quantized) = (out.again(), out.again());
    let whole = bytes::encode(format, rounding, src.get(), encoded.get_mut());
    assert_eq!(whole, n.min(room));
    let done = bytes::quantize(format, rounding, src.get(), quantized.get_mut());
    assert_eq!(
        (done.samples, encoded.get()),
        (whole, quantized.get()),
        "{format} {rounding}"
    );
    let wide = Exact::new(&mut case.random, n, |random| random.f64());
    let mut doubles = out.again();
    assert_eq!(
        bytes::encode_f64(format, rounding, wide.get(), doubles.get_mut()),
        whole
    );
    case.planted.untold(encoded.get_mut());
    let channels = case.random.below(9);
    let parts = planes(&mut case.random, channels, n / channels.max(1));
    let mut joined = out.again();
    let frames = bytes::encode_planar(format, rounding, &views(&parts), joined.get_mut());
    let mut plain = vec![0.0; frames * channels];
    for (at, sample) in plain.iter_mut().enumerate() {
        *sample = parts[at % channels].get()[at / channels];
    }
    let mut want = out.again();
    bytes::encode(format, rounding, &plain, want.get_mut());
    assert_eq!(joined.get(), want.get(), "{format} {channels}");
    let mut silent = out.again();
    format.fill_equilibrium(silent.get_mut());
    for out in [&encoded, &doubles, &joined, &silent] {
        case.digest.bytes(out.get());
    }
    case.digest.count(done.clipped + 1_000 * done.non_finite);
    case.calls += 6;
}

fn bytes_to_bytes(case: &mut Case, from: SampleFormat) {
    let to = case.random.pick(SampleFormat::ALL);
    let (n, room) = lengths(case);
    let src = raw(case, from, n);
    let more = case.random.below(to.bytes_per_sample());
    let mut out = exact::bytes(&mut case.random, room * to.bytes_per_sample() + more);
    let done = bytes::convert(from, to, src.get(), out.get_mut());
    assert_eq!(done, n.min(room));
    case.digest.bytes(out.get());
    let widest = from.bytes_per_sample().max(to.bytes_per_sample());
    let mut place = exact::bytes(&mut case.random, n * widest);
    let whole = n * from.bytes_per_sample();
    place.get_mut()[..whole].copy_from_slice(&src.get()[..whole]);
    let most = if case.random.one_in(4) {
        case.random.count()
    } else {
        n
    };
    let within = bytes::convert_in_place(from, to, place.get_mut(), most);
    assert_eq!(within, most.min(n));
    let same = within.min(done) * to.bytes_per_sample();
    assert_eq!(place.get()[..same], out.get()[..same], "{from} {to}");
    case.digest.bytes(place.get());
    let mut cleaned = src.again();
    let count = bytes::clean_non_finite(from, cleaned.get_mut());
    assert!(from.is_float() || cleaned.get() == src.get());
    assert_eq!(
        bytes::clean_non_finite(from, cleaned.get_mut()),
        0,
        "{from}"
    );
    case.digest.count(count);
    case.digest.bytes(cleaned.get());
    case.calls += 4;
}

fn quantizing(case: &mut Case, format: SampleFormat) {
    let dither = case.random.pick(Dither::ALL);
    let rounding = case.random.pick(ROUNDINGS);
    let channels = match case.random.below(3) {
        0 => case.random.count(),
        _ => 1 + case.random.below(8),
    };
    let seed = case.random.next();
    let size = format.bytes_per_sample();
    let blocks: Vec<Exact<f32>> = (0..1 + case.random.below(3))
        .map(|_| {
            let length = case.random.length();
            floats(&mut case.random, length)
        })
        .collect();
    let mut first: Option<(Vec<Vec<u8>>, Vec<Quantized>)> = None;
    let fastest = Backend::detect();
    for backend in backends() {
        let quantizer = Quantizer::new(channels, rounding, dither, seed).with_backend(backend);
        let mut quantizer = quantizer.unwrap();
        let (mut outs, mut counts) = (Vec::new(), Vec::new());
        for block in &blocks {
            let mut out = Exact::new(&mut case.random, block.get().len() * size, |_| 0xA5);
            counts.push(quantizer.quantize_bytes(format, block.get(), out.get_mut()));
            case.planted.after(
                backend == fastest && backend != Backend::Scalar,
                out.get_mut(),
            );
            outs.push(out.get().to_vec());
            case.calls += 1;
        }
        let _ = (quantizer.channels(), quantizer.clone().reset());
        match &first {
            None => first = Some((outs, counts)),
            Some(first) => assert!(
                first.0 == outs && first.1 == counts,
                "{format} {dither} {rounding} {channels}: {backend}"
            ),
        }
    }
    for out in first.into_iter().flat_map(|(outs, _)| outs) {
        case.digest.bytes(&out);
    }
}

/// The functions that work on `f32` as they are.
fn whole_slices(case: &mut Case) {
    let n = case.random.length();
    let mut x = floats(&mut case.random, n);
    let count = x.get().iter().filter(|x| !x.is_finite()).count();
    assert_eq!(all_finite(x.get()), count == 0);
    let mut raw = x.get().to_vec();
    assert_eq!(
        bytes::clean_non_finite(SampleFormat::F32, f32::as_bytes_mut(&mut raw)),
        count
    );
    assert_eq!(clean_non_finite(x.get_mut()), count);
    assert_eq!(bits(x.get()), bits(&raw));
    assert!(all_finite(x.get()));
    case.digest.f32(x.get());
    let mut words = x.again();
    let as_ints: &mut [i32] = convert_in_place(words.get_mut());
    let as_floats: &mut [f32] = convert_in_place(as_ints);
    case.digest.f32(as_floats);
    let mut longs = Exact::new(&mut case.random, n, |random| random.f64());
    let as_longs: &mut [i64] = convert_in_place(longs.get_mut());
    let as_doubles: &mut [f64] = convert_in_place(as_longs);
    case.digest.f64(as_doubles);
    let value = case.random.next() as i32;
    assert!(I24::new(value).is_none_or(|kept| kept.to_int() == value));
    assert!(U24::new(value as u32).is_none_or(|kept| kept.to_int() == value as u32));
    let _ = (I24::from_int(value), U24::from_int(value as u32));
    let (short, byte) = (value as i16, value as u8);
    let laws = [
        MuLaw::from_i16(short).to_i16(),
        ALaw::from_i16(short).to_i16(),
    ];
    case.digest.f32(&laws.map(f32::from));
    case.digest
        .f32(&[MuLaw(byte).to_f32(), ALaw(byte).to_f32()]);
    case.calls += 15;
}

fn typed<S: Sample>(case: &mut Case, length: usize) -> Exact<S> {
    let mut samples = Exact::new(&mut case.random, length, |_| S::EQUILIBRIUM);
    let raw = raw(case, S::FORMAT, length);
    assert_eq!(S::read_bytes(raw.get(), samples.get_mut()), length);
    samples
}

/// One type to another, on every backend.
fn pair<A: Sample, B: Sample>(case: &mut Case) {
    let (n, room) = lengths(case);
    let mut src = typed::<A>(case, n);
    let out = typed::<B>(case, room);
    let mut plain = out.again();
    let scalar = Converter::<A, B>::with_backend(Backend::Scalar).unwrap();
    assert_eq!(scalar.convert(src.get(), plain.get_mut()), n.min(room));
    let want = B::as_bytes_mut(plain.get_mut()).to_vec();
    let fastest = Backend::detect();
    for backend in backends() {
        let mut y = out.again();
        let converter = Converter::<A, B>::with_backend(backend).unwrap();
        assert_eq!(converter.backend(), backend);
        converter.convert(src.get(), y.get_mut());
        let y = B::as_bytes_mut(y.get_mut());
        case.planted
            .after(backend == fastest && backend != Backend::Scalar, y);
        same::<B>(y, &want, &format!("{converter:?}"));
        case.calls += 1;
    }
    let mut y = out.again();
    convert(src.get(), y.get_mut());
    same::<B>(B::as_bytes_mut(y.get_mut()), &want, "convert");
    digest::<B>(case, &want);
    let channels = case.random.below(9);
    let mut split: Vec<Vec<B>> = (0..channels)
        .map(|_| typed::<B>(case, n / channels.max(1)).get().to_vec())
        .collect();
    let frames = deinterleave(src.get(), &mut split);
    case.digest.count(frames);
    for plane in &mut split {
        let bytes = B::as_bytes_mut(plane).to_vec();
        digest::<B>(case, &bytes);
    }
    let split: Vec<&[A]> = src
        .get()
        .chunks_exact((n / channels.max(1)).max(1))
        .take(channels)
        .collect();
    let mut joined = out.again();
    let frames = interleave(&split, joined.get_mut());
    case.digest.count(frames);
    digest::<B>(case, B::as_bytes_mut(joined.get_mut()));
    let raw = A::as_bytes(src.get()).to_vec();
    assert_eq!(A::as_bytes_mut(src.get_mut()), raw);
    one_type::<A>(case, src.get(), room);
    case.calls += 5;
}

/// A type to floats and from them, slices beside single samples.
fn one_type<S: Sample>(case: &mut Case, src: &[S], room: usize) {
    let n = src.len().min(room);
    let (mut single, wide) = (
        floats(&mut case.random, room),
        Exact::new(&mut case.random, room, |random| random.f64()),
    );
    let from = single.again();
    let mut doubles = wide.again();
    assert_eq!(
        (
            to_f32(src, single.get_mut()),
            to_f64(src, doubles.get_mut())
        ),
        (n, n)
    );
    let want: Vec<f32> = src[..n].iter().map(|x| x.to_f32()).collect();
    assert_eq!(bits(&single.get()[..n]), bits(&want), "{}", S::FORMAT);
    case.digest.f64(doubles.get());
    let mut back = typed::<S>(case, room);
    assert_eq!(from_f32(from.get(), back.get_mut()), room);
    let want: Vec<S> = from.get().iter().map(|x| S::from_f32(*x)).collect();
    assert!(back.get() == want, "{}", S::FORMAT);
    assert_eq!(from_f64(wide.get(), back.get_mut()), room);
    let want: Vec<S> = wide.get().iter().map(|x| S::from_f64(*x)).collect();
    assert!(back.get() == want, "{}", S::FORMAT);
    case.calls += 4;
}

/// Bytes of samples that may be NaN: any NaN is as good.
fn canonical<S: Sample>(bytes: &[u8]) -> Vec<u8> {
    if !S::FORMAT.is_float() {
        return bytes.to_vec();
    }
    let is_nan = |sample: &&[u8]| match **sample {
        [a, b, c, d] => f32::from_ne_bytes([a, b, c, d]).is_nan(),
        [a, b, c, d, e, f, g, h] => f64::from_ne_bytes([a, b, c, d, e, f, g, h]).is_nan(),
        _ => false,
    };
    let samples = bytes.chunks(size_of::<S>());
    samples
        .flat_map(|sample| {
            if is_nan(&sample) {
                vec![0xFF; sample.len()]
            } else {
                sample.to_vec()
            }
        })
        .collect()
}

fn same<S: Sample>(got: &[u8], want: &[u8], what: &str) {
    assert!(canonical::<S>(got) == canonical::<S>(want), "{what}");
}

fn digest<S: Sample>(case: &mut Case, bytes: &[u8]) {
    case.digest.bytes(&canonical::<S>(bytes));
}

macro_rules! pairs {
    ($($other:ty)*) => {
        &[$(
            pair::<$other, f32>, pair::<f32, $other>,
            // These take most of the time that it takes to build this.
            #[cfg(feature = "all-pairs")] pair::<$other, f64>,
            #[cfg(feature = "all-pairs")] pair::<$other, i16>,
            #[cfg(feature = "all-pairs")] pair::<$other, I24>,
            #[cfg(feature = "all-pairs")] pair::<f64, $other>,
        )*]
    };
}

/// To and from the floats that the engine works on; with `all-pairs`, those of 64 bits and to the two integers that most
/// devices take, too.
const PAIRS: &[fn(&mut Case)] = pairs!(u8 i8 u16 i16 U24 I24 u32 i32 i64 f32 f64 MuLaw ALaw);
