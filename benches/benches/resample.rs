//! rate-convert beside a memcpy of as many bytes, and other crates: 480 output frames a call, as in a 10 ms callback.
//!
//! Each call asks for exactly the frames it needs and converts them; histories, and the copying into them, are
//! included. Where rubato gives blocks of another size, its time is scaled to 480 frames.
#![allow(missing_docs)] // criterion_group makes a public function
#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use dasp_signal::Signal;
use fixed_resample::{ResampleQuality, ResamplerConfig, resampler_from_quality};
use rate_convert::{Backend, Linear, Quality, Sinc, SincTable};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, Fft, FixedAsync, FixedSync, Resampler, SincInterpolationParameters, WindowFunction,
};

const RATES: [(u32, u32); 4] = [
    (24_000, 48_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (22_050, 48_000),
];
const BLOCK: usize = 480;
/// fixed-resample's qualities: rubato, as it is set there.
const FIXED: [(&str, ResampleQuality); 3] = [
    ("fixed-resample-low", ResampleQuality::Low),
    ("fixed-resample-high", ResampleQuality::High),
    ("fixed-resample-sinc", ResampleQuality::HighWithLowLatency),
];

fn noise(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| ((n * 7919 % 2001) as f32 - 1000.0) / 1000.0)
        .collect()
}

fn group<'c>(c: &'c mut Criterion, name: &str, frames: usize) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(format!("resample/{name}"));
    group
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(500));
    group.throughput(Throughput::Elements(frames as u64));
    group
}

fn linear(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    rates: (u32, u32),
    channels: usize,
    block: usize,
    backend: Backend,
) {
    let x = noise(8 * BLOCK * channels);
    let mut y = vec![0.0; block * channels];
    let mut r = Linear::new(rates.0, rates.1, channels).expect("ordinary rates");
    assert!(r.set_backend(backend));
    group.bench_function(name, |b| {
        b.iter(|| {
            let frames = r.input_frames_for(block);
            r.process(black_box(&x[..frames * channels]), black_box(&mut y))
        });
    });
}

struct Case<'a> {
    table: &'a Arc<SincTable>,
    channels: usize,
    block: usize,
    backend: Backend,
}

fn sinc(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, case: &Case<'_>) {
    let x = noise(8 * BLOCK * case.channels);
    let mut y = vec![0.0; case.block * case.channels];
    let mut r = Sinc::with_table(case.table.clone(), case.channels).expect("ordinary channels");
    assert!(r.set_backend(case.backend));
    group.bench_function(name, |b| {
        b.iter(|| {
            let frames = r.input_frames_for(case.block);
            r.process(black_box(&x[..frames * case.channels]), black_box(&mut y))
        });
    });
}

fn copied(group: &mut BenchmarkGroup<'_, WallTime>, samples: usize) {
    let (x, mut y) = (noise(samples), vec![0.0; samples]);
    group.bench_function("memcpy", |b| {
        b.iter(|| black_box(&mut y[..]).copy_from_slice(black_box(&x)))
    });
}

fn backends() -> impl Iterator<Item = Backend> {
    Backend::ALL.into_iter().filter(|b| b.is_available())
}

/// [`linear`] on every backend, in whole blocks.
fn linears(group: &mut BenchmarkGroup<'_, WallTime>, rates: (u32, u32), channels: usize) {
    for backend in backends() {
        let name = format!("Linear-{}", backend.name());
        linear(group, &name, rates, channels, BLOCK, backend);
    }
}

/// [`sinc`] on every backend, mono, in whole blocks.
fn sincs(group: &mut BenchmarkGroup<'_, WallTime>, quality: Quality, table: SincTable) {
    let table = &Arc::new(table);
    for backend in backends() {
        let name = format!("{quality:?}-{}", backend.name());
        let case = Case {
            table,
            channels: 1,
            block: BLOCK,
            backend,
        };
        sinc(group, &name, &case);
    }
}

fn mono(c: &mut Criterion) {
    for rates in RATES {
        let mut group = group(c, &format!("{}-{}", rates.0, rates.1), BLOCK);
        copied(&mut group, BLOCK);
        linears(&mut group, rates, 1);
        for quality in [Quality::Balanced, Quality::High] {
            let table = SincTable::new(rates.0, rates.1, quality).expect("ordinary rates");
            sincs(&mut group, quality, table);
        }
        peers(&mut group, rates);
        group.finish();
    }
}

/// What has to follow another clock, mono; and 5.1 and 7.1, linear.
fn drifting_and_surround(c: &mut Criterion) {
    let mut drifting = group(c, "48000-48000 adjustable", BLOCK);
    copied(&mut drifting, BLOCK);
    for quality in [Quality::Balanced, Quality::High] {
        let table = SincTable::adjustable(48_000, 48_000, quality).expect("ordinary rates");
        sincs(&mut drifting, quality, table);
    }
    drifting.finish();
    for channels in [6, 8] {
        let mut surround = group(c, &format!("44100-48000 x{channels}"), BLOCK);
        copied(&mut surround, channels * BLOCK);
        linears(&mut surround, (44_100, 48_000), channels);
        surround.finish();
    }
}

/// Stereo, to compare with twice mono; and 64 frames a call, to compare per frame.
fn shapes(c: &mut Criterion) {
    let backend = Backend::detect();
    for rates in [(24_000, 48_000), (44_100, 48_000), (48_000, 44_100)] {
        for (shape, channels, block) in [("stereo", 2, BLOCK), ("block-64", 1, 64)] {
            let mut group = group(c, &format!("{}-{}-{shape}", rates.0, rates.1), block);
            linear(&mut group, "linear", rates, channels, block, backend);
            for quality in [Quality::Balanced, Quality::High] {
                let table =
                    &Arc::new(SincTable::new(rates.0, rates.1, quality).expect("ordinary rates"));
                sinc(
                    &mut group,
                    &format!("{quality:?}"),
                    &Case {
                        table,
                        channels,
                        block,
                        backend,
                    },
                );
            }
            group.finish();
        }
    }
}

fn peers(group: &mut BenchmarkGroup<'_, WallTime>, (from, to): (u32, u32)) {
    let x = noise(8 * BLOCK);
    let mut y = vec![0.0_f32; BLOCK];
    let mut at = 0;
    let endless = || {
        let x = x.clone();
        std::iter::repeat_with(move || {
            at = if at + 1 < x.len() { at + 1 } else { 0 };
            x[at]
        })
    };
    let mut signal = dasp_signal::from_iter(endless());
    let (a, b) = (signal.next(), signal.next());
    let interpolator = dasp_interpolate::linear::Linear::new(a, b);
    let mut dasp = signal.from_hz_to_hz(interpolator, from.into(), to.into());
    group.bench_function("dasp-linear", |b| {
        b.iter(|| y.iter_mut().for_each(|y| *y = dasp.next()))
    });

    let (from_hz, to_hz) = (
        NonZero::new(from).expect("a rate"),
        NonZero::new(to).expect("a rate"),
    );
    let one = NonZero::new(1).expect("one");
    let mut rodio = rodio::conversions::SampleRateConverter::new(endless(), from_hz, to_hz, one);
    group.bench_function("rodio", |b| {
        b.iter(|| y.iter_mut().for_each(|y| *y = rodio.next().unwrap_or(0.0)));
    });

    let parameters = SincInterpolationParameters::new(256, WindowFunction::BlackmanHarris2);
    let ratio = f64::from(to) / f64::from(from);
    let mut slow = Async::<f32>::new_sinc(ratio, 1.0, &parameters, BLOCK, 1, FixedAsync::Output)
        .expect("valid");
    rubato_bench(group, "rubato-sinc-256", &mut slow, &x);
    let mut fft =
        Fft::<f32>::new(from as usize, to as usize, BLOCK, 1, FixedSync::Output).expect("valid");
    rubato_bench(group, "rubato-fft", &mut fft, &x);
    for (name, quality) in FIXED {
        let config = ResamplerConfig {
            quality,
            chunk_size: BLOCK,
        };
        let mut fixed = resampler_from_quality::<f32>(1, from, to, config);
        rubato_bench(group, name, fixed.as_mut(), &x);
    }
}

fn rubato_bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    r: &mut dyn Resampler<f32>,
    x: &[f32],
) {
    let mut y = vec![0.0_f32; r.output_frames_max()];
    let most = y.len();
    let mut call = || {
        let frames = r.input_frames_next();
        let input = InterleavedSlice::new(black_box(&x[..frames]), 1, frames).expect("mono");
        let mut output = InterleavedSlice::new_mut(black_box(&mut y[..]), 1, most).expect("mono");
        let (_, given) = r
            .process_into_buffer(&input, &mut output, None)
            .expect("sizes as asked");
        given
    };
    // Some calls give nothing, so that the mean of many counts.
    let given: usize = (0..1_000).map(|_| call()).sum();
    let scale = (1_000 * BLOCK) as f64 / given as f64;
    group.bench_function(name, |b| {
        b.iter_custom(|iterations| {
            let begin = Instant::now();
            for _ in 0..iterations {
                black_box(call());
            }
            begin.elapsed().mul_f64(scale)
        });
    });
}

criterion_group!(benches, mono, drifting_and_surround, shapes);
criterion_main!(benches);
