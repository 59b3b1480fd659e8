//! Dither and noise shaping against their theory.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod common;

use common::backends;
use pcm_convert::{Dither, I24, NoiseShaper, Quantizer, Rounding, Sample, SampleFormat};
use proptest::prelude::*;

const LSB: f64 = 1.0 / 32_768.0;

/// The total error of quantizing a constant of `level` LSB to s16, in LSB.
fn errors(dither: Dither, level: f64, n: usize, seed: u64) -> Vec<f64> {
    let x = vec![(level * LSB) as f32; n];
    let mut out = vec![0i16; n];
    let done = Quantizer::new(1, Rounding::NearestEven, dither, seed).quantize(&x, &mut out);
    assert_eq!((done.samples, done.clipped, done.non_finite), (n, 0, 0));
    out.iter()
        .map(|v| f64::from(*v) - f64::from(x[0]) / LSB)
        .collect()
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn variance(x: &[f64]) -> f64 {
    let m = mean(x);
    x.iter().map(|e| (e - m) * (e - m)).sum::<f64>() / x.len() as f64
}

#[test]
fn triangular_dither_leaves_no_bias_and_a_constant_quarter_of_an_lsb_squared() {
    let n = 1 << 17;
    for dither in [Dither::Triangular, Dither::TriangularHighPass] {
        for level in [0.0, 0.1, 0.25, 0.5, 0.7, 100.5, -3.3] {
            let e = errors(dither, level, n, 42);
            // The error of the mean is 0.5 / sqrt(n) = 0.0014; five of them.
            assert!(
                mean(&e).abs() < 0.007,
                "{dither} {level}: mean {}",
                mean(&e)
            );
            assert!(
                (variance(&e) - 0.25).abs() < 0.006,
                "{dither} {level}: variance {}",
                variance(&e)
            );
        }
    }
}

#[test]
fn rectangular_dither_leaves_no_bias_but_a_variance_that_moves() {
    let n = 1 << 17;
    for level in [0.0, 0.1, 0.25, 0.5, 0.7, -3.3] {
        let e = errors(Dither::Rectangular, level, n, 42);
        assert!(mean(&e).abs() < 0.007, "{level}: mean {}", mean(&e));
        // Between integers a and a+1 at a + f: variance f (1 - f).
        let f = level - level.floor();
        assert!(
            (variance(&e) - f * (1.0 - f)).abs() < 0.006,
            "{level}: variance {}",
            variance(&e)
        );
    }
    assert!(
        errors(Dither::None, 0.3, 100, 0)
            .iter()
            .all(|e| (e + 0.3).abs() < 1e-6)
    );
}

/// 24 bits at full level, where adding noise in `f32` would lose half of its resolution.
#[test]
fn triangular_dither_keeps_its_moments_at_24_bits_and_high_level() {
    let n = 1 << 16;
    for level in [
        8_000_000.0f64,
        8_000_000.5,
        -7_999_999.5,
        4_000_000.25,
        0.25,
    ] {
        let x = vec![(level / 8_388_608.0) as f32; n];
        let mut out = vec![I24::EQUILIBRIUM; n];
        Quantizer::new(1, Rounding::NearestEven, Dither::Triangular, 1).quantize(&x, &mut out);
        let e: Vec<f64> = out.iter().map(|v| f64::from(v.to_int()) - level).collect();
        assert!(
            mean(&e).abs() < 0.01 && (variance(&e) - 0.25).abs() < 0.008,
            "{level}: {} {}",
            mean(&e),
            variance(&e)
        );
    }
}

#[test]
fn white_dither_is_white_and_independent_between_channels() {
    let n = 1 << 17;
    for channels in [1usize, 2, 3, 16, 17, 32, 33] {
        let x = vec![(0.3 * LSB) as f32; n];
        let mut out = vec![0i16; n];
        Quantizer::new(channels, Rounding::NearestEven, Dither::Triangular, 9)
            .quantize(&x, &mut out);
        let e: Vec<f64> = out.iter().map(|v| f64::from(*v) - 0.3).collect();
        // A lag below the channel count compares channels, a multiple of it one channel with itself.
        for lag in 1..=64 {
            let products: Vec<f64> = e.iter().zip(&e[lag..]).map(|(a, b)| a * b).collect();
            let correlation = mean(&products) / 0.25;
            assert!(
                correlation.abs() < 5.0 / (n as f64).sqrt(),
                "{channels} channels, lag {lag}: {correlation}"
            );
        }
    }
}

#[test]
fn seeds_differ_and_reset_repeats() {
    let e = |seed| errors(Dither::Triangular, 0.5, 4096, seed);
    assert_eq!(e(1), e(1));
    let (a, b) = (e(1), e(2));
    let same = a.iter().zip(&b).filter(|(a, b)| a == b).count();
    assert!(same < 3000, "{same} of 4096 alike");
    let x = vec![0.000_1f32; 777];
    for dither in Dither::ALL {
        let mut quantizer = Quantizer::new(3, Rounding::NearestEven, *dither, 5);
        let (mut first, mut second) = (vec![0i16; 777], vec![0i16; 777]);
        quantizer.quantize(&x, &mut first);
        quantizer.reset();
        quantizer.quantize(&x, &mut second);
        assert_eq!(first, second, "{dither}");
    }
}

/// In-place radix-2 transform of (re, im).
fn fft(x: &mut [(f64, f64)]) {
    let n = x.len();
    if n == 1 {
        return;
    }
    let (mut even, mut odd): (Vec<_>, Vec<_>) = (
        x.iter().step_by(2).copied().collect(),
        x.iter().skip(1).step_by(2).copied().collect(),
    );
    fft(&mut even);
    fft(&mut odd);
    for k in 0..n / 2 {
        let (sin, cos) = (-2.0 * std::f64::consts::PI * k as f64 / n as f64).sin_cos();
        let t = (
            odd[k].0 * cos - odd[k].1 * sin,
            odd[k].0 * sin + odd[k].1 * cos,
        );
        x[k] = (even[k].0 + t.0, even[k].1 + t.1);
        x[k + n / 2] = (even[k].0 - t.0, even[k].1 - t.1);
    }
}

const N: usize = 256;

/// Mean power of the error in each of N/2 frequencies, 1 for white noise of variance 1.
fn spectrum(e: &[f64]) -> Vec<f64> {
    let mut power = vec![0.0; N / 2];
    let segments = e.len() / N;
    for s in 0..segments {
        // A Hann window, for the deep notches.
        let mut x: Vec<(f64, f64)> = e[s * N..][..N]
            .iter()
            .enumerate()
            .map(|(i, e)| {
                (
                    e * (1.0 - (2.0 * std::f64::consts::PI * i as f64 / N as f64).cos()),
                    0.0,
                )
            })
            .collect();
        fft(&mut x);
        for (p, (re, im)) in power.iter_mut().zip(x) {
            *p += (re * re + im * im) / (1.5 * N as f64 * segments as f64);
        }
    }
    power
}

/// |1 - sum h[k] z^-k|^2 at bin k.
fn design(taps: &[f32], bin: f64) -> f64 {
    let w = 2.0 * std::f64::consts::PI * bin / N as f64;
    let (mut re, mut im) = (1.0, 0.0);
    for (k, h) in taps.iter().enumerate() {
        let (sin, cos) = (w * (k + 1) as f64).sin_cos();
        re -= f64::from(*h) * cos;
        im += f64::from(*h) * sin;
    }
    re * re + im * im
}

#[test]
fn shaped_noise_has_the_designed_spectrum_in_every_channel() {
    for shaper in NoiseShaper::ALL {
        let frames = 1 << 16;
        // A slow ramp on channel 0, a constant on channel 1: the spectrum must not depend on it.
        let x: Vec<f32> = (0..frames)
            .flat_map(|f| [f as f32 * 1e-6 - 0.03, 0.012_345])
            .collect();
        let mut out = vec![0i16; x.len()];
        Quantizer::new(2, Rounding::NearestEven, Dither::Shaped(*shaper), 3).quantize(&x, &mut out);
        for channel in 0..2 {
            let e: Vec<f64> = x
                .iter()
                .zip(&out)
                .skip(channel)
                .step_by(2)
                .map(|(x, v)| f64::from(*v) - f64::from(*x) / LSB)
                .collect();
            assert!(mean(&e).abs() < 0.05, "{shaper}");
            for (bin, power) in spectrum(&e).iter().enumerate().skip(3) {
                // The window smears a notch over its neighbours.
                let around = (-20..=20)
                    .map(|d| 0.25 * design(shaper.taps(), bin as f64 + f64::from(d) / 10.0));
                let (low, high) = around.fold((f64::MAX, 0.0f64), |(l, h), d| (l.min(d), h.max(d)));
                assert!(
                    *power > low * 0.7 && *power < high * 1.4,
                    "{shaper}: bin {bin}: {power}, designed {low}..{high}"
                );
            }
        }
    }
}

#[test]
fn high_pass_dither_rises_as_a_difference() {
    // Alone, without the rounding error: 1/12 |1 - z^-1|^2, and the rounding adds a white 1/12.
    let e = errors(Dither::TriangularHighPass, 0.37, 1 << 17, 8);
    for (bin, power) in spectrum(&e).iter().enumerate().skip(2) {
        let w = std::f64::consts::PI * bin as f64 / N as f64;
        let expected = (1.0 + 4.0 * w.sin() * w.sin()) / 12.0;
        assert!(
            (power / expected - 1.0).abs() < 0.3,
            "bin {bin}: {power}, expected {expected}"
        );
    }
}

/// Gerzon and Craven: the mean of the log of a minimum-phase noise transfer function is zero. (The published taps
/// themselves are pinned by the checksums below.)
#[test]
fn noise_shapers_are_minimum_phase_and_quiet_where_the_ear_is_keen() {
    for shaper in NoiseShaper::ALL {
        let steps = 200_000;
        let log = |i: usize| {
            design(
                shaper.taps(),
                (i as f64 + 0.5) / steps as f64 * N as f64 / 2.0,
            )
            .log10()
                * 10.0
        };
        let total: f64 = (0..steps).map(log).sum::<f64>() / steps as f64;
        assert!(total.abs() < 0.01, "{shaper}: {total} dB");
        // 2 to 5 kHz at 44.1 kHz.
        let keen = (20_000..40_000)
            .step_by(100)
            .map(|hz| hz as f64 / 10.0 + 1_000.0);
        let worst = keen
            .map(|hz| design(shaper.taps(), hz / 44_100.0 * N as f64))
            .fold(0.0, f64::max);
        assert!(
            10.0 * worst.log10() < -5.0,
            "{shaper}: {} dB",
            10.0 * worst.log10()
        );
    }
}

/// libsndfile and others: shapers that ran away when the signal clipped.
#[test]
fn shapers_survive_clipping_and_nonsense() {
    for shaper in NoiseShaper::ALL {
        let mut quantizer = Quantizer::new(1, Rounding::NearestEven, Dither::Shaped(*shaper), 0);
        let mut out = vec![0i16; 4096];
        for bad in [
            2.0,
            -1e30,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            f32::MAX,
        ] {
            quantizer.quantize(&vec![bad; 4096], &mut out);
            let expected: &dyn Fn(&i16) -> bool = if bad.is_nan() {
                &|v| v.abs() < 100
            } else if bad > 0.0 {
                &|v| *v > 32_700
            } else {
                &|v| *v < -32_700
            };
            assert!(out[16..].iter().all(expected), "{shaper} {bad}");
        }
        let done = quantizer.quantize(&vec![0.0; 4096], &mut out);
        assert_eq!((done.clipped, done.non_finite), (0, 0));
        assert!(out[64..].iter().all(|v| v.abs() < 100), "{shaper}");
    }
}

/// Steps between what is written of `x`, which may be out of range or not finite, and `plain`, the most of them.
fn most_off<S: Sample>(dither: Dither, x: f32, plain: f64, bits: i32) -> f64 {
    let mut most = 0.0_f64;
    for seed in 0..20 {
        let mut out = [S::default(); 1000];
        let mut quantizer = Quantizer::new(1, Rounding::NearestEven, dither, seed);
        let done = quantizer.quantize(&[x; 1000], &mut out);
        assert_eq!(done.clipped + done.non_finite, out.len());
        let off = |v: S| (v.to_f64() * 2f64.powi(bits - 1) - plain).abs();
        most = out.into_iter().map(off).fold(most, f64::max);
    }
    most
}

/// What is clipped or not finite is exactly that without dither only.
#[test]
fn what_is_out_of_range_or_not_finite_is_dithered_as_any_sample() {
    for &dither in Dither::ALL {
        let most = match dither {
            Dither::None => 0.0,
            Dither::Shaped(_) => 40.0,
            _ => 1.0,
        };
        let mut moved = [0.0_f64; 2];
        for (x, sign) in [
            (f32::NAN, 0.0),
            (f32::INFINITY, 1.0),
            (f32::NEG_INFINITY, -1.0),
            (1.0, 1.0),
            (-1.000_01, -1.0),
        ] {
            let plain = |bits: i32| match sign {
                1.0 => 2f64.powi(bits - 1) - 1.0,
                sign => sign * 2f64.powi(bits - 1),
            };
            let off = [
                most_off::<i16>(dither, x, plain(16), 16),
                most_off::<I24>(dither, x, plain(24), 24),
            ];
            assert!(off.iter().all(|off| *off <= most), "{dither}, {x}: {off:?}");
            moved = [moved[0].max(off[0]), moved[1].max(off[1])];
        }
        let moves = !matches!(dither, Dither::None | Dither::Rectangular);
        assert_eq!(moved.map(|moved| moved > 0.0), [moves; 2], "{dither}");
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Other machines, and later versions, must give these bytes.
#[test]
fn dithered_output_is_the_same_everywhere() {
    let x: Vec<f32> = (0..10_007)
        .map(|i| ((i * 7919) % 20_011) as f32 / 20_011.0 * 1.9 - 0.95)
        .collect();
    let mut sums = Vec::new();
    for dither in Dither::ALL {
        for backend in backends() {
            let mut raw = vec![0u8; x.len() * 2];
            let quantizer = Quantizer::new(2, Rounding::NearestEven, *dither, 2024);
            quantizer.with_backend(backend).unwrap().quantize_bytes(
                SampleFormat::S16Le,
                &x,
                &mut raw,
            );
            sums.push(checksum(&raw));
        }
    }
    sums.dedup();
    assert_eq!(sums, GOLDEN, "{sums:#018x?}");
}

const GOLDEN: [u64; 9] = [
    0x1696_9755_18d0_0790,
    0xa682_d927_c2e5_b418,
    0x859d_9a50_9ff8_dfc4,
    0x0603_dab9_465e_0c67,
    0x319b_a90c_715a_718f,
    0xc3d0_4c7d_23c9_c914,
    0x64d8_4159_6e2a_a1ff,
    0x6497_b4e3_f575_d950,
    0xc435_813e_7445_16a0,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn output_does_not_depend_on_the_cuts(
        channels in prop_oneof![0usize..5, 5usize..70],
        dither in 0..Dither::ALL.len(),
        rounding in 0..Rounding::ALL.len(),
        format in 0..SampleFormat::ALL.len(),
        seed in any::<u64>(),
        cuts in proptest::collection::vec(0usize..600, 0..12),
    ) {
        let (dither, format) = (Dither::ALL[dither], SampleFormat::ALL[format]);
        let rounding = Rounding::ALL[rounding];
        let n = 2_000;
        let x: Vec<f32> = (0..n).map(|i| ((i * 7919 + 13) % 4_001) as f32 / 1_900.0 - 1.05).collect();
        let size = format.bytes_per_sample();
        let mut whole = vec![0u8; n * size];
        let once = Quantizer::new(channels, rounding, dither, seed).quantize_bytes(format, &x, &mut whole);
        if dither == Dither::None {
            let mut plain = vec![0u8; n * size];
            prop_assert_eq!(pcm_convert::bytes::quantize(format, rounding, &x, &mut plain), once);
            prop_assert!(plain == whole, "{} {}", format, rounding);
        }
        for backend in backends() {
            let mut quantizer = Quantizer::new(channels, rounding, dither, seed).with_backend(backend).unwrap();
            let mut pieces = vec![0u8; n * size];
            let (mut at, mut clipped) = (0, 0);
            for cut in cuts.iter().copied().chain([n]) {
                let end = (at + cut).min(n);
                let done = quantizer.quantize_bytes(format, &x[at..end], &mut pieces[at * size..end * size]);
                prop_assert_eq!(done.samples, end - at);
                clipped += done.clipped;
                at = end;
            }
            prop_assert_eq!(clipped, once.clipped);
            prop_assert!(pieces == whole, "{} {} {} {}", backend, dither, format, rounding);
        }
    }
}
