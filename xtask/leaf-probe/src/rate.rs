//! `rate-convert`: both resamplers on every backend, with memory of their own and of the caller.

use std::sync::Arc;

use rate_convert::{Backend, Linear, Progress, Quality, Sinc, SincTable};

use crate::Case;
use crate::exact::{Exact, again, bits, floats, planes, views, views_mut};
use crate::planted::Planted;
use crate::random::Random;

/// Of every kind of kernel: half-band, banded, interpolated, and far apart.
const RATES: [(u32, u32); 12] = [
    (24_000, 48_000),
    (48_000, 24_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (16_000, 44_100),
    (48_000, 8_000),
    (48_000, 48_000),
    (3, 2),
    (1, 7),
    (47_999, 48_000),
    (768_000, 3_000),
    (3_000, 768_000),
];
const QUALITIES: [Quality; 2] = [Quality::Balanced, Quality::High];

/// Tables take longer than a case.
pub struct Tables(Vec<(Arc<SincTable>, bool)>);

impl Tables {
    pub fn new() -> Self {
        let mut tables = Vec::new();
        for (from, to) in RATES {
            for quality in QUALITIES {
                tables.push((Arc::new(SincTable::new(from, to, quality).unwrap()), false));
            }
            let table = SincTable::adjustable(from, to, Quality::Balanced).unwrap();
            tables.push((Arc::new(table), true));
        }
        Self(tables)
    }
}

pub fn case(case: &mut Case, tables: &mut Tables) {
    match case.random.below(16) {
        0 => borrowed(case),
        1 => refusals(case),
        2..=6 => linear(case),
        _ => shared(case, tables),
    }
}

/// Either resampler.
trait Any {
    fn choose(&mut self, backend: Backend);
    fn process(&mut self, x: &[f32], y: &mut [f32]) -> Progress;
    fn process_planar(&mut self, x: &[&[f32]], y: &mut [&mut [f32]]) -> Progress;
    fn flush(&mut self, y: &mut [f32]) -> Progress;
    fn flush_planar(&mut self, y: &mut [&mut [f32]]) -> Progress;
    fn reset(&mut self);
    fn input_frames_for(&self, frames: usize) -> usize;
    fn told(&self) -> (usize, (i64, f64));
    fn trim(&mut self, trim: f64, frames: u32);
}

macro_rules! any {
    ($type:ty, |$this:ident, $trim:ident, $frames:ident| $set:expr) => {
        impl Any for $type {
            fn choose(&mut self, backend: Backend) {
                assert!(self.set_backend(backend));
            }
            fn process(&mut self, x: &[f32], y: &mut [f32]) -> Progress {
                <$type>::process(self, x, y)
            }
            fn process_planar(&mut self, x: &[&[f32]], y: &mut [&mut [f32]]) -> Progress {
                <$type>::process_planar(self, x, y)
            }
            fn flush(&mut self, y: &mut [f32]) -> Progress {
                <$type>::flush(self, y)
            }
            fn flush_planar(&mut self, y: &mut [&mut [f32]]) -> Progress {
                <$type>::flush_planar(self, y)
            }
            fn reset(&mut self) {
                <$type>::reset(self);
            }
            fn input_frames_for(&self, frames: usize) -> usize {
                <$type>::input_frames_for(self, frames)
            }
            fn told(&self) -> (usize, (i64, f64)) {
                (self.latency_frames(), self.position())
            }
            fn trim(&mut self, $trim: f64, $frames: u32) {
                let $this = self;
                $set
            }
        }
    };
}
any!(Linear, |_this, _trim, _frames| {});
any!(Sinc<'_>, |this, trim, frames| {
    let is_set = this.set_trim(trim, frames).is_ok();
    assert!(!is_set || trim.abs() <= rate_convert::MAX_TRIM);
    assert!(Sinc::trim(this).abs() <= rate_convert::MAX_TRIM);
});

/// What is done to a resampler.
enum Step {
    Process(Exact<f32>, Exact<f32>),
    ProcessPlanar(Vec<Exact<f32>>, Vec<Exact<f32>>),
    Flush(Exact<f32>),
    FlushPlanar(Vec<Exact<f32>>),
    Ask(usize),
    Trim(f64, u32),
    Reset,
}

/// Samples that a filter's sum cannot make infinite on one backend only.
fn signal(random: &mut Random, length: usize, most: f32) -> Exact<f32> {
    let mut x = floats(random, length);
    for x in x.get_mut() {
        if x.is_finite() && x.abs() > most {
            *x = most.copysign(*x);
        }
    }
    x
}

fn steps(case: &mut Case, channels: usize, most: f32) -> Vec<Step> {
    let random = &mut case.random;
    let is_planar = channels > 1 && random.one_in(2);
    let limit = 1 + 1_200 / channels;
    (0..1 + random.below(5))
        .map(|_| {
            let (n, room) = (random.length().min(limit), random.length().min(limit));
            match random.below(12) {
                0 => Step::Reset,
                1 => Step::Ask(random.count()),
                2 => Step::Trim(
                    random.pick(&[0.02, -0.02, 0.0, 0.013, f64::NAN, 0.03, -1e-9]),
                    random.next() as u32 >> random.below(32),
                ),
                3 | 4 if is_planar => Step::FlushPlanar(planes(random, channels, room)),
                3 | 4 => Step::Flush(floats(random, room * channels)),
                _ if is_planar => {
                    let x = (0..channels).map(|_| signal(random, n, most)).collect();
                    Step::ProcessPlanar(x, planes(random, channels, room))
                }
                _ => {
                    let (x_more, y_more) = (random.below(channels), random.below(channels));
                    let x = signal(random, n * channels + x_more, most);
                    Step::Process(x, floats(random, room * channels + y_more))
                }
            }
        })
        .collect()
}

/// All samples that it wrote, and what is left of the buffers; what it says beside.
fn run(case: &mut Case, resampler: &mut impl Any, steps: &[Step]) -> (Vec<f32>, Vec<usize>) {
    let (mut written, mut said) = (Vec::new(), Vec::new());
    for step in steps {
        let done = match step {
            Step::Process(x, y) => {
                case.planted.before(x);
                let mut y = y.again();
                let done = resampler.process(x.get(), y.get_mut());
                written.extend_from_slice(y.get());
                done
            }
            Step::ProcessPlanar(x, y) => {
                let mut y = again(y);
                let done = resampler.process_planar(&views(x), &mut views_mut(&mut y));
                y.iter().for_each(|y| written.extend_from_slice(y.get()));
                done
            }
            Step::Flush(y) => {
                let mut y = y.again();
                let done = resampler.flush(y.get_mut());
                written.extend_from_slice(y.get());
                done
            }
            Step::FlushPlanar(y) => {
                let mut y = again(y);
                let done = resampler.flush_planar(&mut views_mut(&mut y));
                y.iter().for_each(|y| written.extend_from_slice(y.get()));
                done
            }
            Step::Ask(frames) => Progress {
                frames_read: resampler.input_frames_for(*frames),
                ..Progress::default()
            },
            Step::Trim(trim, frames) => {
                resampler.trim(*trim, *frames);
                Progress::default()
            }
            Step::Reset => {
                resampler.reset();
                Progress::default()
            }
        };
        let (latency, (whole, part)) = resampler.told();
        said.extend([
            done.frames_read,
            done.frames_written,
            latency,
            whole as usize,
        ]);
        said.push(part.to_bits() as usize);
        case.calls += 3;
    }
    (written, said)
}

/// The same on all backends: by bits where `exact`, else among those that fuse, and nearly on the others.
fn on_all_backends<R: Any>(
    case: &mut Case,
    steps: &[Step],
    exact: bool,
    new: impl Fn() -> R,
    peak: f32,
) {
    let mut kept: [Option<(Vec<f32>, Vec<usize>)>; 2] = [None, None];
    let fastest = Backend::detect();
    for backend in Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_available())
    {
        let mut resampler = new();
        resampler.choose(backend);
        let (mut y, said) = run(case, &mut resampler, steps);
        if let Some(last) = y.last_mut()
            && backend == fastest
            && backend != Backend::Scalar
            && case.planted == Planted::Lane
        {
            *last = f32::from_bits(last.to_bits() ^ 1);
        }
        let kind = usize::from(backend.is_fused() && !exact);
        match &kept[kind] {
            None => kept[kind] = Some((y, said)),
            Some((want, told)) => {
                assert_eq!(told, &said, "{}", backend.name());
                assert!(bits(want) == bits(&y), "{}", backend.name());
            }
        }
    }
    let [Some((plain, told)), fused] = kept else {
        return;
    };
    if let Some((fused, said)) = fused {
        assert_eq!(told, said);
        for (a, b) in plain.iter().zip(&fused) {
            let is_near = (a - b).abs() <= 1e-6 * peak || a.to_bits() == b.to_bits();
            assert!(is_near || (a.is_nan() && b.is_nan()), "{a} {b}");
        }
    }
    case.digest.f32(if exact { &plain } else { &[] });
    told.into_iter().for_each(|told| case.digest.count(told));
}

fn channels(case: &mut Case) -> usize {
    match case.random.below(4) {
        0 => 1 + case.random.below(64),
        _ => 1 + case.random.below(3),
    }
}

fn linear(case: &mut Case) {
    let (from, to) = if case.random.one_in(2) {
        case.random.pick(&RATES)
    } else {
        let from = 1 + case.random.below(768_000);
        (
            from as u32,
            (from / 256 + 1 + case.random.below(from * 2)).min(768_000) as u32,
        )
    };
    let channels = channels(case);
    let steps = steps(case, channels, f32::MAX);
    if let Ok(resampler) = Linear::new(from, to, channels) {
        drop(resampler);
        on_all_backends(
            case,
            &steps,
            true,
            || Linear::new(from, to, channels).unwrap(),
            1.0,
        );
    }
}

fn shared(case: &mut Case, tables: &Tables) {
    let (table, _) = &tables.0[case.random.below(tables.0.len())];
    let channels = channels(case);
    let peak = case.random.pick(&[1.0, 1.0, 1e30]);
    let steps = steps(case, channels, peak);
    let new = || Sinc::with_table(table.clone(), channels).unwrap();
    on_all_backends(case, &steps, false, new, peak);
    assert!(table.size_bytes() > 0);
}

/// In exactly as much memory as it says, and in one less.
fn borrowed(case: &mut Case) {
    let (from, to) = RATES[case.random.below(7)];
    let quality = case.random.pick(&QUALITIES);
    let (channels, adjustable) = (1 + case.random.below(3), case.random.one_in(4));
    let length = match adjustable {
        true => Sinc::adjustable_storage_len(from, to, channels, quality).unwrap(),
        false => Sinc::storage_len(from, to, channels, quality).unwrap(),
    };
    let steps = steps(case, channels, 1.0);
    let mut storage = floats(&mut case.random, length);
    fn make(
        adjustable: bool,
        rates: (u32, u32),
        channels: usize,
        quality: Quality,
        storage: &mut [f32],
    ) -> Option<Sinc<'_>> {
        let (from, to) = rates;
        match adjustable {
            true => Sinc::adjustable(from, to, channels, quality, storage).ok(),
            false => Sinc::new(from, to, channels, quality, storage).ok(),
        }
    }
    let short = &mut storage.get_mut()[1..];
    assert!(make(adjustable, (from, to), channels, quality, short).is_none());
    let mut resampler = make(adjustable, (from, to), channels, quality, storage.get_mut()).unwrap();
    let (y, said) = run(case, &mut resampler, &steps);
    let table = match adjustable {
        true => SincTable::adjustable(from, to, quality),
        false => SincTable::new(from, to, quality),
    };
    let mut owning = Sinc::with_table(Arc::new(table.unwrap()), channels).unwrap();
    let (want, told) = run(case, &mut owning, &steps);
    assert!(bits(&y) == bits(&want) && said == told);
    case.calls += 6;
}

/// Any rates and counts at all: refused, or made.
fn refusals(case: &mut Case) {
    let any = |case: &mut Case| match case.random.below(3) {
        0 => case.random.next() as u32,
        1 => case.random.below(3) as u32,
        _ => case.random.below(768_002) as u32,
    };
    let (from, to) = (any(case), any(case));
    let channels = case.random.count();
    let quality = case.random.pick(&QUALITIES);
    let length = Sinc::storage_len(from, to, channels, quality);
    assert_eq!(
        length.is_ok(),
        Linear::new(from, to, channels).is_ok(),
        "{from} {to} {channels}"
    );
    assert_eq!(
        length.is_ok(),
        Sinc::adjustable_storage_len(from, to, channels, quality).is_ok()
    );
    if let Err(error) = length {
        assert_eq!(
            Sinc::new(from, to, channels, quality, &mut []).err(),
            Some(error)
        );
        let _ = error.to_string();
    }
    case.calls += 4;
}
