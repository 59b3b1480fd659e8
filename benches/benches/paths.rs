//! The whole path of a block of 480 frames: pushed on one side, rendered on the other, beside a memcpy of the block's
//! bytes, and rodio where it can do the work.
#![allow(missing_docs)] // criterion_group makes a public function
#![allow(clippy::expect_used)] // a bench that cannot be set up must stop

use std::hint::black_box;
use std::num::NonZero;
use std::time::Duration;

use benches::kernels::floor;
use benches::paths::{FRAMES, PATHS, Path};
use criterion::{Criterion, criterion_group, criterion_main};
use rodio::source::UniformSourceIterator;
use rt_callback::StreamSpec;

/// An endless source of 16-bit samples, as rodio takes one.
struct Endless {
    samples: Vec<i16>,
    at: usize,
    channels: NonZero<u16>,
    rate: NonZero<u32>,
}

impl Iterator for Endless {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        self.at = if self.at + 1 < self.samples.len() {
            self.at + 1
        } else {
            0
        };
        let sample = self.samples.get(self.at)?;
        Some(f32::from(*sample) / 32_768.0)
    }
}

impl rodio::Source for Endless {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> NonZero<u16> {
        self.channels
    }

    fn sample_rate(&self) -> NonZero<u32> {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

/// rodio's conversion of channels and rates, pulled sample by sample as its mixer does.
fn rodio(path: &Path) -> impl FnMut() {
    let spec = |text: &str| text.parse::<StreamSpec>().expect("a spec");
    let (from, to) = (spec(path.source), spec(path.device));
    let channels = |spec: &StreamSpec| NonZero::new(spec.channels() as u16).expect("channels");
    let rate = |spec: &StreamSpec| NonZero::new(spec.rate_hz).expect("a rate");
    let endless = Endless {
        samples: (0..FRAMES as i16).collect(),
        at: 0,
        channels: channels(&from),
        rate: rate(&from),
    };
    let mut source = UniformSourceIterator::new(endless, channels(&to), rate(&to));
    let mut block = vec![0.0_f32; FRAMES * to.channels()];
    move || {
        black_box(&mut block)
            .iter_mut()
            .for_each(|sample| *sample = source.next().unwrap_or(0.0));
    }
}

fn paths(c: &mut Criterion) {
    for path in PATHS {
        let mut group = c.benchmark_group(path.work());
        group
            .warm_up_time(Duration::from_millis(150))
            .measurement_time(Duration::from_millis(500));
        let mut memcpy = floor(path.block_bytes());
        group.bench_function("memcpy", |b| b.iter(&mut memcpy));
        for resample in path.qualities {
            let mut stream = path.open(*resample).expect("an ordinary stream");
            group.bench_function(path.who(*resample), |b| b.iter(|| stream.push_and_render()));
            assert_eq!(stream.starved_frames(), 0, "{}: dry", path.work());
        }
        // What rodio gives is f32.
        if path.device.ends_with("f32le") {
            group.bench_function("rodio", |b| b.iter(rodio(&path)));
        }
    }
}

criterion_group!(benches, paths);
criterion_main!(benches);
