//! What a resampler does to sound: its noise beside a tone, its response, and the spectrogram of a sweep.

use std::f64::consts::TAU;

use crate::rows::{Kind, Sound};

/// A whole signal of one channel through a new resampler.
pub type Convert<'a> = dyn FnMut(&[f32]) -> Vec<f32> + 'a;

/// The tones' amplitude.
const AMPLITUDE: f64 = 0.5;
/// The low tone's frequency, by custom.
const LOW_HZ: f64 = 997.0;
/// The high tone's frequency, as a part of the lower rate's Nyquist frequency.
const HIGH: f64 = 0.9;

/// How much of what comes out belongs there, in dB.
#[derive(Debug, Clone, Copy)]
struct Noise {
    /// A tone of 997 Hz over everything else.
    pub low_db: f64,
    /// A tone at 0.9 of the lower Nyquist frequency over everything else.
    pub high_db: f64,
}

/// What `convert` does to sound between `rates`. It is pictured where it is to be, at the [rates](PICTURED) of pictures.
pub fn sound(
    work: &str,
    rates: (u32, u32),
    (who, kind): (String, Kind),
    is_pictured: bool,
    convert: &mut Convert<'_>,
) -> Sound {
    let noise = noise(rates.0, rates.1, convert);
    let mut sound = Sound {
        work: work.to_owned(),
        who,
        kind,
        low_db: noise.low_db,
        high_db: noise.high_db,
        response: Vec::new(),
        sweep: Vec::new(),
    };
    if is_pictured && rates == PICTURED {
        sound.response = response(convert);
        sound.sweep = sweep(convert);
    }
    sound
}

/// Measures the noise beside two tones.
fn noise(from: u32, to: u32, convert: &mut Convert<'_>) -> Noise {
    let mut over = |hz: f64| {
        let y = convert(&tone(hz, from));
        let middle = y.get(y.len() / 4..y.len() * 3 / 4).unwrap_or_default();
        signal_to_rest(middle, hz, to)
    };
    Noise {
        low_db: over(LOW_HZ),
        high_db: over(HIGH * f64::from(from.min(to)) / 2.0),
    }
}

/// A second and a half of a tone.
fn tone(hz: f64, rate: u32) -> Vec<f32> {
    let step = TAU * hz / f64::from(rate);
    (0..rate * 3 / 2)
        .map(|n| (AMPLITUDE * (step * f64::from(n)).sin()) as f32)
        .collect()
}

/// The power of the best fitting tone of this frequency over that of the rest, in dB.
fn signal_to_rest(y: &[f32], hz: f64, rate: u32) -> f64 {
    let step = TAU * hz / f64::from(rate);
    let angles = || (0..y.len()).map(|n| (step * n as f64).sin_cos());
    let (mut ss, mut sc, mut cc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for ((s, c), &y) in angles().zip(y) {
        let y = f64::from(y);
        ss += s * s;
        sc += s * c;
        cc += c * c;
        ys += y * s;
        yc += y * c;
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = (
        (ys * cc - yc * sc) / determinant,
        (yc * ss - ys * sc) / determinant,
    );
    let rest: f64 = angles()
        .zip(y)
        .map(|((s, c), &y)| (f64::from(y) - a * s - b * c).powi(2))
        .sum();
    db((a * a + b * b) / 2.0 * y.len() as f64 / rest)
}

/// Decibels of a ratio of powers.
#[must_use]
pub fn db(power: f64) -> f64 {
    10.0 * power.max(1e-30).log10()
}

/// The rates of [`response`] and [`sweep`]: at 1:2 the answer to an impulse is the whole filter.
pub const PICTURED: (u32, u32) = (24_000, 48_000);
/// Points of a response, from 0 Hz to the Nyquist frequency of the higher rate.
pub const POINTS: usize = 481;

/// The gain over frequency in dB, at [`POINTS`] frequencies: pass band up to 12 kHz, images above.
fn response(convert: &mut Convert<'_>) -> Vec<f32> {
    const AROUND: usize = 2_048;
    let mut x = vec![0.0; 12_000];
    if let Some(impulse) = x.get_mut(4_000) {
        *impulse = 1.0;
    }
    let y = convert(&x);
    let peak = (0..y.len())
        .max_by(|&a, &b| level(&y, a).total_cmp(&level(&y, b)))
        .unwrap_or_default();
    let first = peak.saturating_sub(AROUND);
    let y = y.get(first..(peak + AROUND).min(y.len()));
    (0..POINTS)
        .map(|point| {
            let step = TAU / 2.0 * point as f64 / (POINTS - 1) as f64;
            let (mut re, mut im) = (0.0, 0.0);
            for (k, &v) in y.unwrap_or_default().iter().enumerate() {
                let (s, c) = (step * (k as f64 - AROUND as f64)).sin_cos();
                re += f64::from(v) * c;
                im += f64::from(v) * s;
            }
            db((re * re + im * im) / 4.0) as f32
        })
        .collect()
}

fn level(y: &[f32], at: usize) -> f32 {
    y.get(at).copied().unwrap_or_default().abs()
}

/// Columns and rows of a spectrogram.
pub const COLUMNS: usize = 90;
/// Rows of a spectrogram, from 0 Hz to the Nyquist frequency.
pub const BINS: usize = 80;
/// A sweep's length in seconds, over which it rises to the Nyquist frequency of the lower rate.
pub const SWEEP_S: f64 = 4.0;

/// The levels of a sweep from 0 to 12 kHz, by column and bin, in dB below full scale. Everything but the one rising
/// line is an image.
fn sweep(convert: &mut Convert<'_>) -> Vec<Vec<u8>> {
    const WINDOW: usize = 1_024;
    let (from, _) = PICTURED;
    let x: Vec<f32> = (0..from * SWEEP_S as u32)
        .map(|n| {
            let t = f64::from(n) / f64::from(from);
            let phase = f64::from(from) / 2.0 / (2.0 * SWEEP_S) * t * t;
            (0.9 * (TAU * phase).sin()) as f32
        })
        .collect();
    let mut y = convert(&x);
    // What came after the sweep's end is none of it.
    y.truncate(x.len() * (PICTURED.1 / PICTURED.0) as usize);
    let column = |column: usize| {
        let first = column * y.len().saturating_sub(WINDOW) / (COLUMNS - 1);
        let window = y.get(first..first + WINDOW).unwrap_or_default();
        let bin = |bin: usize| {
            let below = -windowed(window, (bin as f64 + 0.5) / BINS as f64);
            below.clamp(0.0, 255.0) as u8
        };
        (0..BINS).map(bin).collect()
    };
    (0..COLUMNS).map(column).collect()
}

/// Level at a part of the Nyquist frequency, under a Blackman-Harris window, in dB of full scale.
fn windowed(y: &[f32], part: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    let n = y.len() as f64;
    for (k, &v) in y.iter().enumerate() {
        let p = TAU * k as f64 / n;
        let window =
            0.358_75 - 0.488_29 * p.cos() + 0.141_28 * (2.0 * p).cos() - 0.011_68 * (3.0 * p).cos();
        let (s, c) = (TAU / 2.0 * part * k as f64).sin_cos();
        re += f64::from(v) * window * c;
        im += f64::from(v) * window * s;
    }
    db((re * re + im * im) / (n * 0.358_75 / 2.0).powi(2))
}
