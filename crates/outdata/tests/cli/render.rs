//! Identity, cutting, lengths, the report.

use crate::bench::{Bench, all_i16, report, speech, text};

#[test]
fn all_i16_values_come_back_identical() {
    let bench = Bench::new();
    for rounding in ["nearest", "toward-zero", "half-away"] {
        for block in ["1", "480", "4096"] {
            let output = bench.run_with(
                &all_i16(),
                &[
                    "render",
                    "--raw",
                    "s16le:48000:1",
                    "--to",
                    "48000x1:s16le",
                    "--round",
                    rounding,
                    "--block",
                    block,
                    "-",
                    "-",
                ],
            );
            assert_eq!(output.status.code(), Some(0));
            assert!(output.stdout == all_i16());
        }
    }
}

/// Through f32 and back is the identity as well.
#[test]
fn all_i16_values_survive_f32() {
    let bench = Bench::new();
    let floats = bench.run_with(
        &all_i16(),
        &[
            "render",
            "--raw",
            "s16le:48000:1",
            "--to",
            "48000x1:f32le",
            "-",
            "-",
        ],
    );
    assert_eq!(floats.stdout.len(), 2 * all_i16().len());
    for rounding in ["nearest", "toward-zero", "half-away"] {
        let back = bench.run_with(
            &floats.stdout,
            &[
                "render",
                "--raw",
                "f32le:48000:1",
                "--to",
                "48000x1:s16le",
                "--round",
                rounding,
                "-",
                "-",
            ],
        );
        assert!(back.stdout == all_i16());
    }
}

#[test]
fn no_cutting_changes_a_byte() {
    let bench = Bench::new();
    let mut hashes = Vec::new();
    let mut render = |cut: &[&str]| {
        let fixed = [
            "render",
            "--raw",
            "s16le:24000:1",
            "--report",
            "json",
            "-",
            "-",
        ];
        let output = bench.run_with(&speech(), &[&fixed[..], cut].concat());
        let report = report(&output);
        assert_eq!(report["frames_in"], 24_000);
        assert_eq!(report["frames_out"], 48_000);
        assert_eq!(report["underruns"], 0);
        assert_eq!(output.stdout.len(), 48_000 * 8);
        hashes.push(report["sha256"].as_str().unwrap().to_owned());
    };
    for block in ["1", "7", "480", "4096"] {
        for push in ["1", "13", "4800"] {
            render(&["--block", block, "--push", push]);
        }
    }
    render(&["--blocks", "480,960,17"]);
    hashes.dedup();
    assert_eq!(hashes.len(), 1);
}

#[test]
fn frames_out_are_the_ceiling() {
    let bench = Bench::new();
    for (rate, to, expected) in [
        ("22050", "48000x1:s16le", (7 * 48_000_u64).div_ceil(22_050)),
        ("48000", "44100x1:s16le", (7 * 44_100_u64).div_ceil(48_000)),
        ("8000", "48000x1:s16le", 42),
        ("48000", "8000x1:s16le", 2),
    ] {
        let raw = format!("s16le:{rate}:1");
        let output = bench.run_with(
            &[1; 14],
            &[
                "render", "--raw", &raw, "--to", to, "--report", "json", "-", "-",
            ],
        );
        assert_eq!(report(&output)["frames_out"], expected);
        assert_eq!(output.stdout.len() as u64, expected * 2);
    }
}

#[test]
fn the_report_has_its_keys_and_ends_standard_error() {
    let bench = Bench::new();
    let output = bench.run_with(
        &speech(),
        &[
            "render",
            "--raw",
            "s16le:24000:1",
            "--gain-db",
            "6",
            "--to",
            "48000x2:s16le",
            "--report",
            "json",
            "-",
            "out.wav",
        ],
    );
    let report = report(&output);
    let keys: Vec<_> = report.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "from",
            "to",
            "block",
            "resample",
            "backend",
            "version",
            "frames_in",
            "frames_out",
            "blocks",
            "underruns",
            "underrun_frames",
            "shape_mismatches",
            "clipped_samples",
            "non_finite_samples",
            "latency_frames",
            "callback_ns",
            "load_percent",
            "events",
            "sha256",
        ]
    );
    assert_eq!(report["blocks"], 100);
    assert!(report["clipped_samples"].as_u64().unwrap() > 100);
    assert!(report["callback_ns"]["p50"].as_u64().unwrap() > 0);
    assert_eq!(report["events"][0]["kind"], "Started");
    assert_eq!(report["events"][1]["kind"], "Finished");
    assert_eq!(report["events"][1]["at_frame"], 48_000);
    assert!(text(&output.stderr).ends_with("}\n"));
    assert_eq!(bench.names(), ["out.wav"]);
}

#[test]
fn the_original_mix_and_gain() {
    let bench = Bench::new();
    let stereo: Vec<u8> = [16384_i16, -32768]
        .iter()
        .flat_map(|s| s.to_le_bytes())
        .collect();
    let mono = bench.run_with(
        &stereo,
        &[
            "render",
            "--raw",
            "s16le:48000:2",
            "--to",
            "48000x1:s16le",
            "--mix",
            "original",
            "-",
            "-",
        ],
    );
    assert_eq!(mono.stdout, (-8192_i16).to_le_bytes());
    let discrete = bench.run_with(
        &stereo,
        &[
            "render",
            "--raw",
            "s16le:48000:2",
            "--to",
            "48000x1:s16le",
            "--mix",
            "discrete",
            "-",
            "-",
        ],
    );
    assert_eq!(discrete.stdout, 16384_i16.to_le_bytes());
    let quiet = bench.run_with(
        &stereo,
        &[
            "render",
            "--raw",
            "s16le:48000:2",
            "--to",
            "48000x2:f32le",
            "--gain-db",
            "-20",
            "-",
            "-",
        ],
    );
    let expected: Vec<u8> = [0.05_f32, -0.1]
        .iter()
        .flat_map(|s| s.to_le_bytes())
        .collect();
    assert_eq!(quiet.stdout, expected);
}
