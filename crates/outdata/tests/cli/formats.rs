//! Every format, dither, resampler and mixing rule.

use crate::bench::{Bench, report, speech, text};

/// Every format name there is.
const FORMATS: [&str; 26] = [
    "u8",
    "s8",
    "u16le",
    "u16be",
    "s16le",
    "s16be",
    "u24le",
    "u24be",
    "s24le",
    "s24be",
    "u32le",
    "u32be",
    "s32le",
    "s32be",
    "s64le",
    "s64be",
    "f32le",
    "f32be",
    "f64le",
    "f64be",
    "mulaw",
    "alaw",
    "s24_32le",
    "s24_32be",
    "s24_32hle",
    "s24_32hbe",
];

#[test]
fn every_format_goes_in_and_out() {
    let bench = Bench::new();
    // Multiples of 1/128 survive every format but the logarithmic ones, and those nearly.
    let bytes: Vec<u8> = (0..=255).collect();
    for format in FORMATS {
        let there = bench.run_with(
            &bytes,
            &[
                "render",
                "--raw",
                "u8:48000:1",
                "--to",
                &format!("48000x1:{format}"),
                "-",
                "-",
            ],
        );
        assert_eq!(there.status.code(), Some(0), "{}", text(&there.stderr));
        let raw = format!("{format}:48000:1");
        let back = bench.run_with(
            &there.stdout,
            &["render", "--raw", &raw, "--to", "48000x1:u8", "-", "-"],
        );
        let off = |(a, b): (&u8, &u8)| a.abs_diff(*b);
        let furthest = back.stdout.iter().zip(&bytes).map(off).max().unwrap();
        assert_eq!(back.stdout.len(), 256);
        assert!(
            furthest <= if format.ends_with("law") { 3 } else { 0 },
            "{format}"
        );
    }
}

#[test]
fn dither_is_noise_that_can_be_repeated() {
    let bench = Bench::new();
    let render = |arguments: &[&str]| {
        let fixed = [
            "render",
            "--raw",
            "s16le:24000:1",
            "--to",
            "48000x2:s16le",
            "-",
            "-",
        ];
        let output = bench.run_with(&speech(), &[&fixed[..], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        output.stdout
    };
    let plain = render(&[]);
    for kind in ["rectangular", "tpdf", "tpdf-hp", "lipshitz", "f-weighted"] {
        let one = render(&["--dither", kind]);
        assert!(one != plain, "{kind}");
        assert!(one == render(&["--dither", kind, "--seed", "0", "--block", "77"]));
        assert!(one != render(&["--dither", kind, "--seed", "1"]), "{kind}");
    }
}

#[test]
fn the_better_resamplers_are_better() {
    let bench = Bench::new();
    // 997 Hz at 24 kHz; what is left beside it at 48 kHz is the resampler's doing.
    let tone = |rate: f64, count: usize| -> Vec<f32> {
        (0..count)
            .map(|i| (std::f64::consts::TAU * 997.0 * i as f64 / rate).sin() as f32 * 0.5)
            .collect()
    };
    let input: Vec<u8> = tone(24_000.0, 24_000)
        .iter()
        .flat_map(|s| s.to_le_bytes())
        .collect();
    let error_of = |kind: &str| {
        let output = bench.run_with(
            &input,
            &[
                "render",
                "--raw",
                "f32le:24000:1",
                "--to",
                "48000x1:f32le",
                "--resample",
                kind,
                "-",
                "-",
            ],
        );
        let errors = output.stdout.chunks_exact(4).zip(tone(48_000.0, 48_000));
        errors
            .skip(200)
            .take(47_000)
            .map(|(bytes, expected)| {
                (f32::from_le_bytes(bytes.try_into().unwrap()) - expected).abs()
            })
            .fold(0.0, f32::max)
    };
    let (linear, balanced, high) = (error_of("linear"), error_of("balanced"), error_of("high"));
    assert!(
        linear > 1e-3 && balanced < 3e-6 && high < 3e-7,
        "{linear} {balanced} {high}"
    );
}

#[test]
fn speakers_are_the_default_and_have_options() {
    let bench = Bench::new();
    // FL FR FC LFE SL SR.
    let frame: Vec<u8> = [0.0_f32, 0.0, 0.5, 0.25, 0.0, 0.0]
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let render = |arguments: &[&str]| -> Vec<f32> {
        let fixed = [
            "render",
            "--raw",
            "f32le:48000:5.1",
            "--to",
            "48000xstereo:f32le",
            "-",
            "-",
        ];
        let output = bench.run_with(&frame, &[&fixed[..], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let samples = output.stdout.chunks_exact(4);
        samples
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect()
    };
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let close = |samples: &[f32], expected: f32| {
        samples.len() == 2 && samples.iter().all(|s| (s - expected).abs() < 1e-6)
    };
    assert!(close(&render(&[]), 0.5 * half));
    assert!(close(
        &render(&["--mix", "speakers", "--lfe", "keep"]),
        0.75 * half
    ));
    assert!(close(
        &render(&["--normalize"]),
        0.5 * half / (1.0 + 2.0 * half)
    ));
    assert!(close(&render(&["--mix", "original"]), 0.0));
    assert!(close(&render(&["--mix", "discrete"]), 0.0));
}

/// What a device gets of floats: NaN is 0. (Infinities do not occur here.) Returns how many there were.
fn without_nan(format: &str, bytes: &mut [u8]) -> usize {
    let size = match format {
        "f32le" | "f32be" => 4,
        "f64le" | "f64be" => 8,
        _ => return 0,
    };
    let is_nan = |sample: &&mut [u8]| {
        let mut sample = sample.to_vec();
        if format.ends_with("le") {
            sample.reverse();
        }
        match size {
            4 => f32::from_be_bytes(sample.try_into().unwrap()).is_nan(),
            _ => f64::from_be_bytes(sample.try_into().unwrap()).is_nan(),
        }
    };
    let cleaned = bytes.chunks_exact_mut(size).filter(is_nan);
    cleaned.map(|sample| sample.fill(0)).count()
}

/// s32 and all: nothing is asked of the samples, so nothing happens to them, but that NaN goes nowhere.
#[test]
fn the_same_spec_is_a_byte_copy() {
    let bench = Bench::new();
    let noise: Vec<u8> = (0..24_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for format in FORMATS {
        let (raw, to) = (format!("{format}:44100:2"), format!("44100x2:{format}"));
        let output = bench.run_with(
            &noise,
            &[
                "render", "--raw", &raw, "--to", &to, "--block", "77", "--report", "json", "-", "-",
            ],
        );
        let mut expected = noise.clone();
        let cleaned = without_nan(format, &mut expected);
        assert!(cleaned > 0 || !format.starts_with("f32"), "{format}");
        assert!(output.stdout == expected, "{format}");
        assert_eq!(report(&output)["non_finite_samples"], cleaned, "{format}");
    }
}
