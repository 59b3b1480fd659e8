//! Running resamplers, and measuring what comes out in f64.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::f64::consts::TAU;
use std::sync::Arc;

use rate_convert::{Progress, Quality, Sinc, SincTable};

pub const QUALITIES: [Quality; 2] = [Quality::Balanced, Quality::High];

/// The conversions at which the gates hold.
pub const GATED: [(u32, u32); 7] = [
    (24_000, 48_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (22_050, 48_000),
    (16_000, 44_100),
    (48_000, 8_000),
    (47_999, 48_000),
];

pub fn sinc(from: u32, to: u32, channels: usize, quality: Quality) -> Sinc<'static> {
    Sinc::with_table(
        Arc::new(SincTable::new(from, to, quality).unwrap()),
        channels,
    )
    .unwrap()
}

pub fn adjustable(from: u32, to: u32, channels: usize, quality: Quality) -> Sinc<'static> {
    Sinc::with_table(
        Arc::new(SincTable::adjustable(from, to, quality).unwrap()),
        channels,
    )
    .unwrap()
}

/// Any resampler of this crate.
pub trait Resampler {
    fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress;
    fn flush(&mut self, output: &mut [f32]) -> Progress;
}

impl Resampler for Sinc<'_> {
    fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        Sinc::process(self, input, output)
    }
    fn flush(&mut self, output: &mut [f32]) -> Progress {
        Sinc::flush(self, output)
    }
}

impl Resampler for rate_convert::Linear {
    fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        rate_convert::Linear::process(self, input, output)
    }
    fn flush(&mut self, output: &mut [f32]) -> Progress {
        rate_convert::Linear::flush(self, output)
    }
}

/// Runs all of `x` and the tail, at most `reads[..]` input and `writes[..]` output frames a call, in turn.
pub fn run_cut(
    r: &mut impl Resampler,
    channels: usize,
    x: &[f32],
    reads: &[usize],
    writes: &[usize],
) -> Vec<f32> {
    let mut y = Vec::new();
    let (mut at, mut turn) = (0, 0);
    while at < x.len() {
        let input = &x[at..x.len().min(at + reads[turn % reads.len()] * channels)];
        let mut out = vec![f32::NAN; writes[turn % writes.len()] * channels];
        let p = r.process(input, &mut out);
        at += p.frames_read * channels;
        y.extend_from_slice(&out[..p.frames_written * channels]);
        turn += 1;
    }
    loop {
        let mut out = vec![f32::NAN; writes[turn % writes.len()].max(1) * channels];
        let p = r.flush(&mut out);
        y.extend_from_slice(&out[..p.frames_written * channels]);
        if p.frames_written == 0 {
            return y;
        }
        turn += 1;
    }
}

/// Runs all of `x` and the tail in calls of ordinary size.
pub fn run(r: &mut impl Resampler, channels: usize, x: &[f32]) -> Vec<f32> {
    run_cut(r, channels, x, &[4096], &[4096])
}

pub fn bits(y: &[f32]) -> Vec<u32> {
    y.iter().map(|v| v.to_bits()).collect()
}

/// White noise, the same on every machine.
pub fn noise(frames: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..frames)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

pub fn tone(frames: usize, hz: f64, rate: f64) -> Vec<f32> {
    (0..frames)
        .map(|i| (0.9 * (TAU * hz / rate * i as f64 + 0.3).sin()) as f32)
        .collect()
}

/// Amplitude of the tone of `hz` in `y`, and the RMS of everything else, by least squares with both phases.
pub fn fit(y: &[f32], hz: f64, rate: f64) -> (f64, f64) {
    let w = TAU * hz / rate;
    let (mut ss, mut cc, mut sc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, &v) in y.iter().enumerate() {
        let (s, c) = (w * i as f64).sin_cos();
        ss += s * s;
        cc += c * c;
        sc += s * c;
        ys += f64::from(v) * s;
        yc += f64::from(v) * c;
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / det, (yc * ss - ys * sc) / det);
    let mut rest = 0.0;
    for (i, &v) in y.iter().enumerate() {
        let (s, c) = (w * i as f64).sin_cos();
        let e = f64::from(v) - a * s - b * c;
        rest += e * e;
    }
    (a.hypot(b), (rest / y.len() as f64).sqrt())
}

pub fn db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

pub struct ToneResult {
    pub snr_db: f64,
    pub gain_db: f64,
}

/// A tone through a resampler, away from its ends.
pub fn measure(r: &mut impl Resampler, from: u32, to: u32, hz: f64, edge: usize) -> ToneResult {
    let ratio = f64::from(to) / f64::from(from);
    let frames = ((6000.0 / ratio) as usize).max(6000) + 2 * edge;
    let y = run(r, 1, &tone(frames, hz, from.into()));
    let skip = (edge as f64 * ratio) as usize + 1;
    let (amplitude, rest) = fit(&y[skip..y.len() - skip], hz, to.into());
    ToneResult {
        snr_db: db(amplitude / 2f64.sqrt() / rest),
        gain_db: db(amplitude / 0.9),
    }
}
