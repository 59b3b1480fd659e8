//! channel-mix beside a memcpy that moves as many bytes, a plain loop, and other crates.
//!
//! 480 frames a call, in the first-level cache, as in a 10 ms callback. Where a peer cannot do a mix
//! (rodio drops channels where a downmix would sum them) it is not there.
#![allow(missing_docs)] // criterion_group makes a public function
#![allow(clippy::expect_used)] // a bench that cannot be set up must stop

use std::hint::black_box;
use std::time::Duration;

use channel_mix::{Backend, ChannelLayout, Decibels, GainRamp, LargeMixer, MixMatrix, MixRules};
use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};

const FRAMES: usize = 480;

fn noise(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| ((n * 7919 % 2001) as f32 - 1000.0) / 1000.0)
        .collect()
}

/// A copy that reads and writes, together, what a mix of these counts must.
fn floor(group: &mut BenchmarkGroup<'_, WallTime>, inputs: usize, outputs: usize) {
    let samples = FRAMES * (inputs + outputs) / 2;
    let (x, mut y) = (noise(samples), vec![0.0; samples]);
    group.bench_function("memcpy", |b| {
        b.iter(|| black_box(&mut y[..]).copy_from_slice(black_box(&x)))
    });
}

fn ours(group: &mut BenchmarkGroup<'_, WallTime>, matrix: &MixMatrix) {
    let x = noise(FRAMES * matrix.inputs());
    let mut y = vec![0.0; FRAMES * matrix.outputs()];
    for backend in Backend::ALL.into_iter().filter(|b| b.is_available()) {
        let mut mixer = LargeMixer::with_backend(matrix, backend)
            .expect("any matrix fits, and it is available");
        group.bench_function(backend.name(), |b| {
            b.iter(|| mixer.mix_interleaved(black_box(&x), black_box(&mut y)));
        });
    }
}

fn group<'c>(c: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(format!("mix/{name}"));
    group
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    group
}

fn layouts(c: &mut Criterion, name: &str, from: ChannelLayout, to: ChannelLayout) {
    let mut group = group(c, name);
    floor(&mut group, from.channels(), to.channels());
    ours(&mut group, &MixMatrix::new(&from, &to, MixRules::Speakers));
}

/// rodio's converter, pulled sample by sample as its sources are.
fn rodio(group: &mut BenchmarkGroup<'_, WallTime>, inputs: u16, outputs: u16) {
    use rodio::conversions::ChannelCountConverter;
    let (Some(from), Some(to)) = (
        std::num::NonZero::new(inputs),
        std::num::NonZero::new(outputs),
    ) else {
        return;
    };
    let x = noise(FRAMES * usize::from(inputs));
    let mut y = vec![0.0; FRAMES * usize::from(outputs)];
    group.bench_function("rodio", |b| {
        b.iter(|| {
            let converter = ChannelCountConverter::new(black_box(&x).iter().copied(), from, to);
            black_box(&mut y)
                .iter_mut()
                .zip(converter)
                .for_each(|(y, x)| *y = x);
        });
    });
}

/// fundsp's split or join node, planar, in its blocks of 64 frames.
fn fundsp(group: &mut BenchmarkGroup<'_, WallTime>, mut unit: impl fundsp::prelude32::AudioUnit) {
    use fundsp::prelude32::{BufferVec, MAX_BUFFER_SIZE};
    let (input, mut output) = (
        BufferVec::new(unit.inputs()),
        BufferVec::new(unit.outputs()),
    );
    group.bench_function("fundsp, planar", |b| {
        b.iter(|| {
            let mut left = FRAMES;
            while left > 0 {
                let size = left.min(MAX_BUFFER_SIZE);
                unit.process(
                    size,
                    &black_box(&input).buffer_ref(),
                    &mut black_box(&mut output).buffer_mut(),
                );
                left -= size;
            }
        });
    });
}

fn mono_and_stereo(c: &mut Criterion) {
    use ChannelLayout as L;
    let (mono, stereo) = (noise(FRAMES), noise(FRAMES * 2));

    let mut up = group(c, "mono to stereo");
    floor(&mut up, 1, 2);
    ours(
        &mut up,
        &MixMatrix::new(&L::MONO, &L::STEREO, MixRules::Speakers),
    );
    rodio(&mut up, 1, 2);
    fundsp(&mut up, fundsp::prelude32::split::<fundsp::prelude32::U2>());
    let mut frames = vec![kira::Frame::ZERO; FRAMES];
    up.bench_function("kira", |b| {
        b.iter(|| {
            let pairs = black_box(&mut frames).iter_mut().zip(black_box(&mono));
            pairs.for_each(|(y, x)| *y = kira::Frame::from_mono(*x));
        });
    });
    up.finish();

    let mut down = group(c, "stereo to mono");
    floor(&mut down, 2, 1);
    ours(
        &mut down,
        &MixMatrix::new(&L::STEREO, &L::MONO, MixRules::Speakers),
    );
    fundsp(
        &mut down,
        fundsp::prelude32::join::<fundsp::prelude32::U2>(),
    );
    let frames: Vec<_> = stereo
        .chunks_exact(2)
        .map(|f| kira::Frame::new(f[0], f[1]))
        .collect();
    let mut y = vec![0.0; FRAMES];
    down.bench_function("kira", |b| {
        b.iter(|| {
            let pairs = black_box(&mut y).iter_mut().zip(black_box(&frames));
            pairs.for_each(|(y, x)| *y = x.as_mono().left);
        });
    });
    down.finish();
}

fn surround(c: &mut Criterion) {
    use ChannelLayout as L;
    let mut down = group(c, "5.1 to stereo");
    floor(&mut down, 6, 2);
    ours(
        &mut down,
        &MixMatrix::new(&L::SURROUND_5_1, &L::STEREO, MixRules::Speakers),
    );
    let (x, mut y) = (noise(FRAMES * 6), vec![0.0; FRAMES * 2]);
    down.bench_function("plain loop", |b| {
        b.iter(|| {
            let half_power = std::f32::consts::FRAC_1_SQRT_2;
            for (x, y) in black_box(&x)
                .chunks_exact(6)
                .zip(black_box(&mut y).chunks_exact_mut(2))
            {
                y[0] = x[0] + half_power * x[2] + half_power * x[4];
                y[1] = x[1] + half_power * x[2] + half_power * x[5];
            }
        });
    });
    down.finish();

    layouts(c, "7.1 to stereo", L::SURROUND_7_1, L::STEREO);
    layouts(c, "7.1.4 to stereo", L::SURROUND_7_1_4, L::STEREO);
    layouts(c, "7.1.4 to 5.1", L::SURROUND_7_1_4, L::SURROUND_5_1);
    layouts(c, "5.1 to mono", L::SURROUND_5_1, L::MONO);
    layouts(c, "stereo to 5.1", L::STEREO, L::SURROUND_5_1);
    layouts(c, "stereo to stereo", L::STEREO, L::STEREO);
}

/// Mono to stereo without arithmetic, in the samples' own type, beside a copy of as many bytes.
fn moved<S: Copy>(c: &mut Criterion, name: &str, sample: S) {
    use ChannelLayout as L;
    let mut group = group(c, &format!("{name}, mono to stereo"));
    let (from, mut to) = (vec![sample; FRAMES * 3 / 2], vec![sample; FRAMES * 3 / 2]);
    group.bench_function("memcpy", |b| {
        b.iter(|| black_box(&mut to[..]).copy_from_slice(black_box(&from)))
    });
    let map = MixMatrix::new(&L::MONO, &L::STEREO, MixRules::Speakers)
        .channel_map()
        .expect("mono to stereo moves samples");
    let (x, mut y) = (vec![sample; FRAMES], vec![sample; FRAMES * 2]);
    group.bench_function("map", |b| {
        b.iter(|| map.map_interleaved(black_box(&x), black_box(&mut y), sample))
    });
}

fn maps(c: &mut Criterion) {
    moved(c, "u8", 1_u8);
    moved(c, "i16", 1_i16);
    moved(c, "f32", 1_f32);
}

fn dense(c: &mut Criterion) {
    for (inputs, outputs) in [(64, 2), (2, 64), (16, 16), (64, 64)] {
        let coefficients: Vec<f32> = (0..inputs * outputs)
            .map(|n| 0.001 + n as f32 / 8192.0)
            .collect();
        let matrix =
            MixMatrix::custom(inputs, outputs, &coefficients).expect("the sizes are right");
        let mut group = group(c, &format!("{inputs} to {outputs} dense"));
        floor(&mut group, inputs, outputs);
        ours(&mut group, &matrix);
    }
}

fn planes(c: &mut Criterion) {
    use ChannelLayout as L;
    let mut group = group(c, "5.1 to stereo elsewhere");
    let matrix = MixMatrix::new(&L::SURROUND_5_1, &L::STEREO, MixRules::Speakers);
    let mut mixer = LargeMixer::with_terms(&matrix).expect("any matrix fits");
    let x = noise(FRAMES * 6);
    let inputs: Vec<&[f32]> = x.chunks_exact(FRAMES).collect();
    let (mut left, mut right, mut y) =
        (vec![0.0; FRAMES], vec![0.0; FRAMES], vec![0.0; FRAMES * 2]);
    group.bench_function("planar", |b| {
        b.iter(|| {
            mixer.mix_planar(
                black_box(&inputs),
                &mut [black_box(&mut left), black_box(&mut right)],
            )
        });
    });
    group.bench_function("to planar", |b| {
        b.iter(|| {
            mixer.mix_to_planar(
                black_box(&x),
                &mut [black_box(&mut left), black_box(&mut right)],
            )
        });
    });
    group.bench_function("to interleaved", |b| {
        b.iter(|| mixer.mix_to_interleaved(black_box(&inputs), black_box(&mut y)));
    });
    let options = channel_mix::MixOptions::from(MixRules::Speakers).normalize(true);
    let normalized = MixMatrix::new(&L::SURROUND_5_1, &L::STEREO, options);
    group.bench_function("ramped", |b| {
        b.iter(|| {
            // From one matrix to another and back, always on the way.
            let _ = mixer.set_matrix(black_box(&normalized), 0);
            let _ = mixer.set_matrix(black_box(&matrix), 48_000);
            mixer.mix_interleaved(black_box(&x), black_box(&mut y))
        });
    });
    let mut block = x.clone();
    group.bench_function("in place", |b| {
        b.iter(|| mixer.mix_in_place(black_box(&mut block)))
    });
    group.finish();
}

fn gain(c: &mut Criterion) {
    let mut group = group(c, "gain on stereo");
    let mut block = noise(FRAMES * 2);
    let mut steady = GainRamp::new(0.999_999);
    group.bench_function("steady", |b| {
        b.iter(|| steady.apply_interleaved(black_box(&mut block), 2))
    });
    let mut block = noise(FRAMES * 2);
    group.bench_function("ramped", |b| {
        b.iter(|| {
            let mut ramp = GainRamp::new(1.0);
            ramp.set(Decibels(-0.001).to_gain(), 48_000);
            ramp.apply_interleaved(black_box(&mut block), 2)
        });
    });
    group.finish();
}

criterion_group!(
    benches,
    mono_and_stereo,
    surround,
    maps,
    dense,
    planes,
    gain
);
criterion_main!(benches);
