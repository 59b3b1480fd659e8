//! What the callback costs on your machine, with criterion, in a project of your own: copy this to `benches/`, with
//! `criterion` under `[dev-dependencies]` and `harness = false`.
//!
//! ```text
//! cargo run --release -p benches --example bench_my_callback -- --bench
//! ```
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rt_callback::{Config, stream};

/// A device's block: 10 ms of stereo at 48 kHz.
const FRAMES: usize = 480;

fn callback(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("my callback");
    group.throughput(Throughput::Elements(FRAMES as u64));

    // The floor: nobody writes a block faster than this.
    let source = vec![0.5_f32; 2 * FRAMES];
    let mut block = vec![0.0_f32; 2 * FRAMES];
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| black_box(&mut block).copy_from_slice(black_box(&source)));
    });

    // Yours: what is pushed, what the device takes, and how it is converted.
    let mut specs = ["24000x1:s16le", "48000x2:f32le"]
        .map(str::parse)
        .into_iter();
    let (Some(Ok(from)), Some(Ok(to))) = (specs.next(), specs.next()) else {
        return;
    };
    let Ok((mut feeder, _controller, mut renderer, _monitor)) = stream(&Config::new(from, to))
    else {
        return;
    };
    let speech = vec![1_000_i16; FRAMES / 2];
    group.bench_function("push and render", |bencher| {
        bencher.iter(|| {
            let _ = feeder.push(black_box(&speech));
            renderer.render(black_box(&mut block[..]))
        });
    });
    group.finish();
}

criterion_group!(benches, callback);
criterion_main!(benches);
