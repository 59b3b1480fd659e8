//! What recording costs, for blocks of 480 frames: `Recorder::record` in the callback, and
//! `Reader::read` on the application's thread, each timed alone. `memcpy` of what each is
//! given room for is the floor.
#![allow(missing_docs, clippy::panic)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::kernels::floor;
use criterion::{Criterion, criterion_group, criterion_main};
use rate_convert::Backend;
use rt_callback::{CaptureConfig, Reader, Recorder, StreamSpec, capture};

const FRAMES: usize = 480;
/// Blocks that are recorded or read in one go.
const BATCH: usize = 8;

fn spec(text: &str) -> StreamSpec {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Which of the two sides is timed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Record,
    Read,
}

fn one(c: &mut Criterion, side: Side, name: &str, device: &str, application: &str) {
    let (device, application) = (spec(device), spec(application));
    let mut config = CaptureConfig::new(device, application);
    config.queue_frames = 2 * BATCH * FRAMES;
    let Ok((mut recorder, mut reader)): Result<(Recorder, Reader), _> = capture(&config) else {
        panic!("{name}: no capture");
    };
    // Small noise, in range in 16 bits and as floats alike.
    let block: Vec<u8> = (0..FRAMES * device.channels())
        .flat_map(|i| {
            let sample = ((i * 7_919) % 4_001) as i16 - 2_000;
            match device.format.bytes_per_sample() {
                2 => sample.to_le_bytes().to_vec(),
                _ => (f32::from(sample) / 32_768.0).to_le_bytes().to_vec(),
            }
        })
        .collect();
    let mut out = vec![0; FRAMES * application.frame_bytes()];
    let mut group = c.benchmark_group(name);
    let mut memcpy = floor(match side {
        Side::Record => block.len(),
        Side::Read => out.len(),
    });
    group.bench_function("memcpy", |b| b.iter(&mut memcpy));
    group.bench_function(Backend::detect().name(), |b| {
        b.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            let mut left = iterations as usize;
            while left > 0 {
                let blocks = left.min(BATCH);
                let begin = Instant::now();
                for _ in 0..blocks {
                    recorder.record_bytes(black_box(&block));
                }
                let recorded = begin.elapsed();
                let begin = Instant::now();
                while reader.read_bytes(black_box(&mut out)) > 0 {}
                spent += match side {
                    Side::Record => recorded,
                    Side::Read => begin.elapsed(),
                };
                left -= blocks;
            }
            spent
        });
    });
    assert_eq!(reader.snapshot().overruns, 0, "{name}: the queue ran over");
}

fn record(c: &mut Criterion) {
    let speech = "16000x1:s16le";
    one(
        c,
        Side::Record,
        "record/48k stereo f32",
        "48000x2:f32le",
        speech,
    );
    one(
        c,
        Side::Record,
        "record/48k stereo s16",
        "48000x2:s16le",
        speech,
    );
    one(
        c,
        Side::Read,
        "read/48k stereo f32 to 16k mono s16",
        "48000x2:f32le",
        speech,
    );
    one(
        c,
        Side::Read,
        "read/48k stereo s16 as it is",
        "48000x2:s16le",
        "48000x2:s16le",
    );
}

criterion_group!(benches, record);
criterion_main!(benches);
