//! What the callback costs: `Renderer::render` for blocks of 480 frames.
//!
//! Only the callback is timed: the queue is filled between batches of blocks, off the clock, as the
//! application's thread does it. `ring` is what the queue itself costs, both sides. `memcpy` of the
//! block's bytes is the floor.
#![allow(missing_docs, clippy::panic)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use rt_callback::{Config, MixRules, Resample, Sample, StreamSpec, stream};

const FRAMES: usize = 480;

fn spec(text: &str) -> StreamSpec {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Bytes of a signal that is in range in every format: small 16-bit noise, or floats of it.
fn bytes_of(spec: &StreamSpec, frames: usize) -> Vec<u8> {
    let noise = (0..frames * spec.channels()).map(|i| ((i * 7_919) % 4_001) as i16 - 2_000);
    match spec.format.bytes_per_sample() {
        2 => noise.flat_map(i16::to_le_bytes).collect(),
        _ => noise
            .flat_map(|s| (f32::from(s) / 32_768.0).to_le_bytes())
            .collect(),
    }
}

/// Blocks that are rendered in one go.
const BATCH: usize = 8;

fn one<O: Sample>(c: &mut Criterion, name: &str, source: &str, device: &str, resample: Resample) {
    let (source, device) = (spec(source), spec(device));
    let mut config = Config::new(source, device);
    config.resample = resample;
    config.mix = MixRules::Original.into();
    config.queue_frames = 2 * BATCH * FRAMES;
    let Ok((mut feeder, _controller, mut renderer, _monitor)) = stream(&config) else {
        panic!("{name}: no stream");
    };
    let bytes = bytes_of(&source, 2 * BATCH * FRAMES);
    let mut block = vec![O::EQUILIBRIUM; FRAMES * device.channels()];
    c.bench_function(&format!("render/{name}"), |b| {
        b.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            let mut left = iterations as usize;
            while left > 0 {
                let blocks = left.min(BATCH);
                let missing = renderer.missing_source_frames(blocks * FRAMES);
                let _ = feeder.push_bytes(&bytes[..missing * source.frame_bytes()]);
                let begin = Instant::now();
                for _ in 0..blocks {
                    renderer.render(black_box(&mut block));
                }
                spent += begin.elapsed();
                left -= blocks;
            }
            spent
        });
    });
}

fn silent(c: &mut Criterion, name: &str, paused: bool) {
    let config = Config::new(spec("24000x1:s16le"), spec("48000x2:f32le"));
    let Ok((_feeder, controller, mut renderer, _monitor)) = stream(&config) else {
        panic!("{name}: no stream");
    };
    if paused {
        controller.pause();
    }
    let mut block = vec![0.0_f32; FRAMES * 2];
    c.bench_function(&format!("render/{name}"), |b| {
        b.iter(|| renderer.render(black_box(&mut block)));
    });
}

fn floor(c: &mut Criterion) {
    for (name, samples) in [("480 f32", FRAMES), ("480 stereo f32", 2 * FRAMES)] {
        let from = vec![0.25_f32; samples];
        let mut to = vec![0.0_f32; samples];
        c.bench_function(&format!("render/memcpy of {name}"), |b| {
            b.iter(|| black_box(&mut to).copy_from_slice(black_box(&from)));
        });
    }
    let mut config = Config::new(spec("48000x1:f32le"), spec("48000x1:f32le"));
    config.queue_frames = 4 * FRAMES;
    let Ok((mut feeder, _controller, mut renderer, _monitor)) = stream(&config) else {
        panic!("no stream");
    };
    let from = vec![0.25_f32; FRAMES];
    let mut to = vec![0.0_f32; FRAMES];
    c.bench_function("render/ring, push and render 480 f32", |b| {
        b.iter(|| {
            let _ = feeder.push(black_box(&from));
            renderer.render(black_box(&mut to))
        });
    });
}

fn render(c: &mut Criterion) {
    floor(c);
    for resample in [Resample::Linear, Resample::Balanced, Resample::High] {
        let (speech, device) = ("24000x1:s16le", "48000x2:f32le");
        one::<f32>(
            c,
            &format!("{speech} to {device} {resample}"),
            speech,
            device,
            resample,
        );
        let (music, device) = ("44100x2:s16le", "48000x2:f32le");
        one::<f32>(
            c,
            &format!("{music} to {device} {resample}"),
            music,
            device,
            resample,
        );
    }
    for (source, device) in [
        ("48000x1:s16le", "48000x2:s16le"),
        ("48000x6:f32le", "48000x2:s16le"),
    ] {
        one::<i16>(
            c,
            &format!("{source} to {device}"),
            source,
            device,
            Resample::Linear,
        );
    }
    silent(c, "idle", false);
    silent(c, "paused", true);
}

criterion_group!(benches, render);
criterion_main!(benches);
