//! pcm-convert beside a memcpy of the output's bytes, plain loops, and other crates.
//!
//! 64 samples (the cost of a call), 960 (20 ms of 48 kHz, in the first-level cache) and 65,536 (the second level
//! or the third). `plain` is the loop one would write: a division, or a saturating `as`, which truncates.
//!
//! Groups are named by their formats: `cargo bench -p benches --bench convert -- s16le-f32le/960` is one of them,
//! `-- /960/` all of one length, and everything takes about five minutes.
#![allow(missing_docs)] // criterion_group makes a public function

use std::hint::black_box;
use std::time::Duration;

use audioadapter_sample::sample::{BytesSample, I24_LE, RawSample};
use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use dasp_sample::Sample as _;
use pcm_convert::{
    ALaw, Backend, Converter, Dither, I24, MuLaw, NoiseShaper, Quantizer, Rounding, Sample,
    SampleFormat, U24, bytes,
};
use symphonia_core::audio::conv::IntoSample;
use symphonia_core::audio::sample::i24;

const LENGTHS: [usize; 3] = [64, 960, 65_536];

fn floats(n: usize) -> Vec<f32> {
    (0..n)
        .map(|i| ((i * 7919 % 2001) as f32 - 1000.0) / 1001.0)
        .collect()
}

type Group<'c> = BenchmarkGroup<'c, WallTime>;

fn group<'c>(c: &'c mut Criterion, name: &str, n: usize) -> Group<'c> {
    let mut group = c.benchmark_group(format!("convert/{name}/{n}"));
    group
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200))
        .sample_size(20)
        .nresamples(1_000);
    group
}

/// One peer: a function from sample to sample.
fn each<A: Copy, B: Clone>(
    group: &mut Group<'_>,
    name: &str,
    src: &[A],
    zero: B,
    f: impl Fn(A) -> B,
) {
    let mut dst = vec![zero; src.len()];
    group.bench_function(name, |b| {
        b.iter(|| {
            for (to, from) in black_box(&mut dst[..]).iter_mut().zip(black_box(src)) {
                *to = f(*from);
            }
        });
    });
}

fn memcpy(group: &mut Group<'_>, bytes: usize) {
    let (from, mut to) = (vec![1u8; bytes], vec![0u8; bytes]);
    group.bench_function("memcpy", |b| {
        b.iter(|| black_box(&mut to[..]).copy_from_slice(black_box(&from)))
    });
}

fn typed<S: Sample>(n: usize) -> Vec<S> {
    floats(n).into_iter().map(S::from_f32).collect()
}

/// Every backend and the peers, at every length.
fn pair<A: Sample, B: Sample>(c: &mut Criterion, peers: fn(&mut Group<'_>, &[A])) {
    for n in LENGTHS {
        let g = &mut group(c, &format!("{}-{}", A::FORMAT, B::FORMAT), n);
        memcpy(g, n * size_of::<B>());
        let (src, mut dst) = (typed::<A>(n), vec![B::EQUILIBRIUM; n]);
        for backend in Backend::ALL {
            if let Some(converter) = Converter::<A, B>::with_backend(*backend) {
                g.bench_function(backend.name(), |b| {
                    b.iter(|| converter.convert(black_box(&src), black_box(&mut dst)));
                });
            }
        }
        peers(g, &src);
    }
}

macro_rules! pairs {
    ($c:ident: $($from:ty => $($to:ty)*;)*) => { $($(pair::<$from, $to>($c, |_, _| ());)*)* };
}

fn s16_to_f32(g: &mut Group<'_>, x: &[i16]) {
    each(g, "plain", x, 0.0, |v| f32::from(v) / 32_768.0);
    each(g, "dasp_sample", x, 0.0, |v| v.to_sample::<f32>());
    each(g, "audioadapter", x, 0.0, |v| {
        RawSample::to_scaled_float::<f32>(&v)
    });
    each(g, "symphonia", x, 0.0, |v| -> f32 { v.into_sample() });
}

fn s24_to_f32(g: &mut Group<'_>, x: &[I24]) {
    let raw: Vec<[u8; 3]> = x.iter().map(|v| v.to_le_bytes()).collect();
    each(g, "plain", &raw, 0.0, |[a, b, c]| {
        (i32::from_le_bytes([0, a, b, c]) >> 8) as f32 / 8_388_608.0
    });
    each(g, "dasp_sample", &raw, 0.0, |[a, b, c]| {
        dasp_sample::I24::new_unchecked(i32::from_le_bytes([0, a, b, c]) >> 8).to_sample::<f32>()
    });
    each(g, "audioadapter", &raw, 0.0, |b| {
        I24_LE::from_slice(&b).to_scaled_float::<f32>()
    });
    each(g, "symphonia", &raw, 0.0, |[a, b, c]| -> f32 {
        i24(i32::from_le_bytes([0, a, b, c]) >> 8).into_sample()
    });
}

fn s32_to_f32(g: &mut Group<'_>, x: &[i32]) {
    each(g, "plain", x, 0.0, |v| v as f32 / 2_147_483_648.0);
    each(g, "dasp_sample", x, 0.0, |v| v.to_sample::<f32>());
    each(g, "audioadapter", x, 0.0, |v| {
        RawSample::to_scaled_float::<f32>(&v)
    });
    each(g, "symphonia", x, 0.0, |v| -> f32 { v.into_sample() });
}

fn u8_to_f32(g: &mut Group<'_>, x: &[u8]) {
    each(g, "plain", x, 0.0, |v| (f32::from(v) - 128.0) / 128.0);
    each(g, "dasp_sample", x, 0.0, |v| v.to_sample::<f32>());
    each(g, "audioadapter", x, 0.0, |v| {
        RawSample::to_scaled_float::<f32>(&v)
    });
    each(g, "symphonia", x, 0.0, |v| -> f32 { v.into_sample() });
}

fn f32_to_s16(g: &mut Group<'_>, x: &[f32]) {
    each(g, "plain", x, 0, |v| (v * 32_768.0) as i16);
    each(g, "dasp_sample", x, 0, |v| v.to_sample::<i16>());
    each(g, "audioadapter", x, 0i16, |v| {
        i16::from_scaled_float(v).value
    });
    each(g, "symphonia", x, 0, |v| -> i16 { v.into_sample() });
}

fn f32_to_s24(g: &mut Group<'_>, x: &[f32]) {
    let bytes = |v: i32| {
        let [a, b, c, _] = v.to_le_bytes();
        [a, b, c]
    };
    each(g, "plain", x, [0; 3], |v| {
        bytes((v * 8_388_608.0).clamp(-8_388_608.0, 8_388_607.0) as i32)
    });
    each(g, "dasp_sample", x, [0; 3], |v| {
        bytes(v.to_sample::<dasp_sample::I24>().inner())
    });
    each(g, "audioadapter", x, [0; 3], |v| {
        let mut bytes = [0; 3];
        bytes.copy_from_slice(I24_LE::from_scaled_float(v).value.as_slice());
        bytes
    });
    each(g, "symphonia", x, [0; 3], |v| {
        let v: i24 = v.into_sample();
        bytes(v.inner())
    });
}

fn f32_to_s32(g: &mut Group<'_>, x: &[f32]) {
    each(g, "plain", x, 0, |v| (v * 2_147_483_648.0) as i32);
    each(g, "dasp_sample", x, 0, |v| v.to_sample::<i32>());
    each(g, "audioadapter", x, 0i32, |v| {
        i32::from_scaled_float(v).value
    });
    each(g, "symphonia", x, 0, |v| -> i32 { v.into_sample() });
}

fn convert(c: &mut Criterion) {
    pair::<i16, f32>(c, s16_to_f32);
    pair::<I24, f32>(c, s24_to_f32);
    pair::<i32, f32>(c, s32_to_f32);
    pair::<u8, f32>(c, u8_to_f32);
    pair::<f32, i16>(c, f32_to_s16);
    pair::<f32, I24>(c, f32_to_s24);
    pair::<f32, i32>(c, f32_to_s32);
    pairs! { c:
        f32 => u8 i8 u16 U24 u32 i64 f64 MuLaw ALaw;
        i8 => f32; u16 => f32; U24 => f32; u32 => f32; i64 => f32; f64 => f32; MuLaw => f32; ALaw => f32;
        u8 => i16;
        i16 => u8 I24 i32 MuLaw ALaw;
        I24 => i16 U24 i32 i64 f64;
        i32 => i16 I24 i64 f64;
        i64 => I24 i32 f64;
        f64 => i16 I24 i32 i64;
        MuLaw => i16;
        ALaw => i16;
    }
}

/// The formats that are no type of this machine: from bytes, on the backend that is found.
fn by_bytes(c: &mut Criterion) {
    let typed = [
        SampleFormat::U8,
        SampleFormat::S8,
        SampleFormat::U16,
        SampleFormat::S16,
        SampleFormat::U24Le,
        SampleFormat::S24Le,
        SampleFormat::U32,
        SampleFormat::S32,
        SampleFormat::S64,
        SampleFormat::F32,
        SampleFormat::F64,
        SampleFormat::MuLaw,
        SampleFormat::ALaw,
    ];
    for format in SampleFormat::ALL.iter().filter(|f| !typed.contains(f)) {
        for n in LENGTHS {
            let (mut float, mut raw) = (floats(n), vec![0; n * format.bytes_per_sample()]);
            let mut g = group(c, &format!("f32le-{format}"), n);
            memcpy(&mut g, raw.len());
            g.bench_function("detected", |b| {
                let nearest = Rounding::NearestEven;
                b.iter(|| bytes::encode(*format, nearest, black_box(&float), black_box(&mut raw)));
            });
            drop(g);
            let mut g = group(c, &format!("{format}-f32le"), n);
            memcpy(&mut g, n * 4);
            g.bench_function("detected", |b| {
                b.iter(|| bytes::decode(*format, black_box(&raw), black_box(&mut float)));
            });
        }
    }
}

/// With counts of what clipped, and dither.
fn quantize(c: &mut Criterion) {
    let kinds = [
        Dither::None,
        Dither::Triangular,
        Dither::TriangularHighPass,
        Dither::Shaped(NoiseShaper::Lipshitz),
    ];
    for n in LENGTHS {
        let x = floats(n);
        let mut out = vec![0i16; n];
        for dither in kinds {
            let g = &mut group(c, &format!("quantize-s16le-{dither}"), n);
            memcpy(g, n * size_of::<i16>());
            for backend in Backend::ALL.iter().filter(|b| b.is_available()) {
                let quantizer = Quantizer::new(2, Rounding::NearestEven, dither, 1);
                let Some(mut quantizer) = quantizer.with_backend(*backend) else {
                    continue;
                };
                g.bench_function(backend.name(), |b| {
                    b.iter(|| quantizer.quantize(black_box(&x), black_box(&mut out)));
                });
            }
        }
    }
}

criterion_group!(benches, convert, by_bytes, quantize);
criterion_main!(benches);
