//! pcm-convert beside a memcpy of the output's bytes, plain loops, and other crates.
//!
//! 64 samples (the cost of a call), 960 (20 ms of 48 kHz, in the first-level cache) and 65,536 (the second level
//! or the third). `plain` is the loop one would write: a division, or a saturating `as`, which truncates.
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
};
use symphonia_core::audio::conv::IntoSample;
use symphonia_core::audio::sample::i24;

const LENGTHS: [usize; 3] = [64, 960, 65_536];

fn floats(n: usize) -> Vec<f32> {
    (0..n)
        .map(|i| ((i * 7919 % 2001) as f32 - 1000.0) / 1001.0)
        .collect()
}

fn group<'c>(c: &'c mut Criterion, name: &str, n: usize) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(format!("convert/{name}/{n}"));
    group
        .warm_up_time(Duration::from_millis(60))
        .measurement_time(Duration::from_millis(250))
        .sample_size(20);
    group
}

/// One peer: a function from sample to sample.
fn each<A: Copy, B: Clone>(
    group: &mut BenchmarkGroup<'_, WallTime>,
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

fn ours<A: Sample, B: Sample>(group: &mut BenchmarkGroup<'_, WallTime>, src: &[A]) {
    let bytes = size_of_val(src).max(src.len() * size_of::<B>());
    let (from, mut to) = (vec![1u8; bytes], vec![0u8; bytes]);
    let out = src.len() * size_of::<B>();
    group.bench_function("memcpy", |b| {
        b.iter(|| black_box(&mut to[..out]).copy_from_slice(black_box(&from[..out])))
    });
    let mut dst = vec![B::EQUILIBRIUM; src.len()];
    for converter in Backend::ALL
        .iter()
        .filter_map(|b| Converter::<A, B>::with_backend(*b))
    {
        group.bench_function(converter.backend().name(), |b| {
            b.iter(|| converter.convert(black_box(src), black_box(&mut dst)));
        });
    }
}

fn typed<S: Sample>(n: usize) -> Vec<S> {
    floats(n).into_iter().map(S::from_f32).collect()
}

fn s16_to_f32(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "s16-f32", n);
    let x = typed::<i16>(n);
    ours::<i16, f32>(g, &x);
    each(g, "plain", &x, 0.0, |v| f32::from(v) / 32_768.0);
    each(g, "dasp_sample", &x, 0.0, |v| v.to_sample::<f32>());
    each(g, "audioadapter", &x, 0.0, |v| {
        RawSample::to_scaled_float::<f32>(&v)
    });
    each(g, "symphonia", &x, 0.0, |v| -> f32 { v.into_sample() });
}

fn s24_to_f32(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "s24-f32", n);
    let x = typed::<I24>(n);
    ours::<I24, f32>(g, &x);
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

fn s32_to_f32(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "s32-f32", n);
    let x = typed::<i32>(n);
    ours::<i32, f32>(g, &x);
    each(g, "plain", &x, 0.0, |v| v as f32 / 2_147_483_648.0);
    each(g, "dasp_sample", &x, 0.0, |v| v.to_sample::<f32>());
    each(g, "audioadapter", &x, 0.0, |v| {
        RawSample::to_scaled_float::<f32>(&v)
    });
    each(g, "symphonia", &x, 0.0, |v| -> f32 { v.into_sample() });
}

fn u8_to_f32(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "u8-f32", n);
    let x = typed::<u8>(n);
    ours::<u8, f32>(g, &x);
    each(g, "plain", &x, 0.0, |v| (f32::from(v) - 128.0) / 128.0);
    each(g, "dasp_sample", &x, 0.0, |v| v.to_sample::<f32>());
    each(g, "audioadapter", &x, 0.0, |v| {
        RawSample::to_scaled_float::<f32>(&v)
    });
    each(g, "symphonia", &x, 0.0, |v| -> f32 { v.into_sample() });
}

fn f32_to_s16(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "f32-s16", n);
    let x = floats(n);
    ours::<f32, i16>(g, &x);
    each(g, "plain", &x, 0, |v| (v * 32_768.0) as i16);
    each(g, "dasp_sample", &x, 0, |v| v.to_sample::<i16>());
    each(g, "audioadapter", &x, 0i16, |v| {
        i16::from_scaled_float(v).value
    });
    each(g, "symphonia", &x, 0, |v| -> i16 { v.into_sample() });
}

fn f32_to_s24(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "f32-s24", n);
    let x = floats(n);
    ours::<f32, I24>(g, &x);
    let bytes = |v: i32| {
        let [a, b, c, _] = v.to_le_bytes();
        [a, b, c]
    };
    each(g, "plain", &x, [0; 3], |v| {
        bytes((v * 8_388_608.0).clamp(-8_388_608.0, 8_388_607.0) as i32)
    });
    each(g, "dasp_sample", &x, [0; 3], |v| {
        bytes(v.to_sample::<dasp_sample::I24>().inner())
    });
    each(g, "audioadapter", &x, [0; 3], |v| {
        let mut bytes = [0; 3];
        bytes.copy_from_slice(I24_LE::from_scaled_float(v).value.as_slice());
        bytes
    });
    each(g, "symphonia", &x, [0; 3], |v| {
        let v: i24 = v.into_sample();
        bytes(v.inner())
    });
}

fn f32_to_s32(c: &mut Criterion, n: usize) {
    let g = &mut group(c, "f32-s32", n);
    let x = floats(n);
    ours::<f32, i32>(g, &x);
    each(g, "plain", &x, 0, |v| (v * 2_147_483_648.0) as i32);
    each(g, "dasp_sample", &x, 0, |v| v.to_sample::<i32>());
    each(g, "audioadapter", &x, 0i32, |v| {
        i32::from_scaled_float(v).value
    });
    each(g, "symphonia", &x, 0, |v| -> i32 { v.into_sample() });
}

fn convert(c: &mut Criterion) {
    for n in LENGTHS {
        s16_to_f32(c, n);
        s24_to_f32(c, n);
        s32_to_f32(c, n);
        u8_to_f32(c, n);
        ours::<MuLaw, f32>(&mut group(c, "mulaw-f32", n), &typed(n));
        ours::<ALaw, f32>(&mut group(c, "alaw-f32", n), &typed(n));
        f32_to_s16(c, n);
        f32_to_s24(c, n);
        f32_to_s32(c, n);
        ours::<f32, u8>(&mut group(c, "f32-u8", n), &floats(n));
        ours::<f32, MuLaw>(&mut group(c, "f32-mulaw", n), &floats(n));
        ours::<f32, ALaw>(&mut group(c, "f32-alaw", n), &floats(n));
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
            let g = &mut group(c, &format!("quantize-s16-{dither}"), n);
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

criterion_group!(benches, convert, quantize);
criterion_main!(benches);
