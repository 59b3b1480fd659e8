//! How many voice streams one core renders in real time: 24 kHz mono s16 to 48 kHz stereo f32.
//!
//! A round visits each of 2,000 streams, one after the other: a push of 10 ms (or of 100 ms), and one
//! block of 480 frames (or ten). Together they hold about 100 MB, so every stream is met with cold
//! caches, as a server meets it. `elements/s` are blocks; a stream needs 100 of them a second, so a
//! hundredth of that is the number of streams. The row `memcpy` moves each stream's bytes and does
//! nothing else.
#![allow(missing_docs, clippy::panic)]

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use rt_callback::{Config, MixRules, Resample, ResampleTables, StreamSpec, stream};

const STREAMS: usize = 2_000;

fn spec(text: &str) -> StreamSpec {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn streams(c: &mut Criterion) {
    let mut group = c.benchmark_group("streams");
    group.sample_size(10);
    for blocks in [1, 10] {
        group.throughput(Throughput::Elements((STREAMS * blocks) as u64));
        visits(&mut group, blocks);
    }
    group.finish();
}

/// Rounds of visits of so many blocks each.
fn visits(group: &mut BenchmarkGroup<'_, WallTime>, blocks: usize) {
    let name = format!("{} ms a visit", 10 * blocks);
    let frames = 240 * blocks;
    let data: Vec<i16> = (0..frames)
        .map(|i| ((i * 7_919) % 4_001) as i16 - 2_000)
        .collect();
    let mut block = vec![0.0_f32; 2 * 480];

    let mut queues = vec![vec![0_i16; 12_000]; STREAMS];
    let mut outputs = vec![vec![0.0_f32; 2 * 480]; STREAMS];
    group.bench_function(format!("memcpy, {name}"), |b| {
        b.iter(|| {
            for (queue, out) in queues.iter_mut().zip(&mut outputs) {
                black_box(&mut queue[..frames]).copy_from_slice(black_box(&data));
                for _ in 0..blocks {
                    black_box(&mut out[..]).copy_from_slice(black_box(&block));
                }
            }
        });
    });
    drop((queues, outputs));

    let (source, device) = (spec("24000x1:s16le"), spec("48000x2:f32le"));
    for resample in [Resample::Linear, Resample::Balanced, Resample::High] {
        let mut config = Config::new(source, device);
        config.resample = resample;
        config.mix = MixRules::Original.into();
        let mut tables = ResampleTables::default();
        if let Err(error) = tables.prepare(source.rate_hz, device.rate_hz, resample) {
            panic!("{error}");
        }
        config.tables = tables;
        let mut streams: Vec<_> = (0..STREAMS)
            .map(|_| {
                let Ok((mut feeder, _, renderer, _)) = stream(&config) else {
                    panic!("no stream");
                };
                // Never dry, whatever the resampler reads ahead.
                let _ = feeder.push(&data[..240]);
                (feeder, renderer)
            })
            .collect();
        group.bench_function(format!("{resample}, {name}"), |b| {
            b.iter(|| {
                for (feeder, renderer) in &mut streams {
                    let _ = feeder.push(black_box(&data));
                    for _ in 0..blocks {
                        renderer.render(black_box(&mut block));
                    }
                }
            });
        });
    }
}

criterion_group!(benches, streams);
criterion_main!(benches);
