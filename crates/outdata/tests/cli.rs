//! The tool as its users meet it: exact bytes, exit statuses, one-line errors.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// Runs the tool in the folder, with this on its standard input.
    fn run_with(&self, input: &[u8], arguments: &[&str]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outdata"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeding = std::thread::spawn(move || {
            // A tool that refuses its arguments does not read on.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        feeding.join().unwrap();
        output
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(&[], arguments)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// It ended with this status and one line that says this.
fn assert_fails(output: &Output, status: i32, words: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("outdata: "), "{said}");
    assert!(said.contains(words), "{said}");
    assert!(output.stdout.is_empty());
}

fn report(output: &Output) -> Value {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

fn all_i16() -> Vec<u8> {
    (i16::MIN..=i16::MAX).flat_map(i16::to_le_bytes).collect()
}

fn speech() -> Vec<u8> {
    (0..24_000_u64)
        .flat_map(|i| {
            let tone = (i as f64 * 0.05).sin() * (i as f64 * 0.0007).sin() * 20_000.0;
            (tone as i16).to_le_bytes()
        })
        .collect()
}

#[test]
fn all_i16_values_come_back_identical() {
    let bench = Bench::new();
    for rounding in ["nearest", "toward-zero"] {
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
    for rounding in ["nearest", "toward-zero"] {
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

/// What happened, as (frame, kind, heard frames).
fn events(report: &Value) -> Vec<(u64, String, Option<u64>)> {
    let events = report["events"].as_array().unwrap().iter();
    events
        .map(|event| {
            (
                event["at_frame"].as_u64().unwrap(),
                event["kind"].as_str().unwrap().to_owned(),
                event["heard_frames"].as_u64(),
            )
        })
        .collect()
}

/// Renders a second of speech at 24 kHz by a script in many cuttings, which must all agree.
fn scripted(script: &[&str]) -> (Value, Vec<f32>) {
    let bench = Bench::new();
    let mut results = Vec::new();
    for block in [
        &["--block", "1"][..],
        &["--block", "480"],
        &["--blocks", "480,960,17"],
    ] {
        for push in ["1", "13", "4800"] {
            let fixed = [
                "render",
                "--raw",
                "s16le:24000:1",
                "--to",
                "48000x1:f32le",
                "-",
                "-",
            ];
            let cut = ["--report", "json", "--push", push];
            let output = bench.run_with(&speech(), &[&fixed[..], block, &cut, script].concat());
            results.push((report(&output), output.stdout));
        }
    }
    let (report, bytes) = results.swap_remove(0);
    for (other, other_bytes) in results {
        assert!(other_bytes == bytes, "{script:?}");
        assert_eq!(events(&other), events(&report), "{script:?}");
        for key in [
            "underruns",
            "underrun_frames",
            "shape_mismatches",
            "frames_out",
        ] {
            assert_eq!(other[key], report[key], "{script:?} {key}");
        }
    }
    let samples = bytes.chunks_exact(4);
    (
        report,
        samples
            .map(|sample| f32::from_le_bytes(sample.try_into().unwrap()))
            .collect(),
    )
}

fn event(at: u64, kind: &str, heard: Option<u64>) -> (u64, String, Option<u64>) {
    (at, kind.to_owned(), heard)
}

#[test]
fn a_scripted_interruption_fades_and_gives_a_receipt() {
    let (report, samples) = scripted(&["--at", "0.5s=interrupt:12ms"]);
    assert_eq!(
        events(&report),
        [
            event(0, "Started", None),
            event(24_576, "Interrupted", Some(12_288))
        ]
    );
    assert_eq!(samples.len(), 24_576);
    assert!(samples[24_575].abs() < 1e-4);
    let (report, samples) = scripted(&["--at", "0=interrupt"]);
    assert_eq!(events(&report), [event(0, "Interrupted", Some(0))]);
    assert!(samples.is_empty());
}

#[test]
fn a_scripted_pause_or_starvation_makes_the_output_longer() {
    let (_, whole) = scripted(&[]);
    let (report, paused) = scripted(&["--at", "500ms=pause", "--at", "750ms=resume"]);
    assert_eq!(paused.len(), 48_000 + 12_000);
    assert_eq!(report["underruns"], 0);
    assert_eq!(paused[..24_000], whole[..24_000]);
    assert!(paused[24_096..36_000].iter().all(|sample| *sample == 0.0));
    assert_eq!(paused[36_096..], whole[24_096..]);
    let (report, starved) = scripted(&["--starve", "500ms..750ms"]);
    assert_eq!(report["underruns"], 1);
    assert_eq!(report["underrun_frames"], 12_000);
    assert!(starved == paused, "both decay and fade in alike");
    assert_eq!(
        events(&report),
        [
            event(0, "Started", None),
            event(24_000, "Underrun", None),
            event(36_000, "Recovered", None),
            event(60_000, "Finished", Some(24_000)),
        ]
    );
}

#[test]
fn a_scripted_gain_and_a_wrong_shape() {
    let (_, whole) = scripted(&[]);
    let script = [
        "--at",
        "0.2s=gain:-6dB",
        "--at",
        "0.4s=mute",
        "--at",
        "0.6s=unmute",
    ];
    let (_, steered) = scripted(&script);
    assert_eq!(steered.len(), whole.len());
    let gain = 10_f32.powf(-6.0 / 20.0);
    for (at, (sample, source)) in steered.iter().zip(&whole).enumerate() {
        match at {
            ..9_600 => assert_eq!(sample, source),
            10_080..19_200 | 29_280.. => assert!((sample - source * gain).abs() < 1e-6),
            19_680..28_800 => assert_eq!(*sample, 0.0),
            _ => assert!(sample.abs() <= source.abs() + 1e-6),
        }
    }
    let (report, wrong) = scripted(&["--bad-shape-at", "0.5s", "--bad-shape-at", "0.7s"]);
    assert_eq!(report["shape_mismatches"], 2);
    assert!(wrong == whole, "nothing was consumed");
}

#[test]
fn a_scripted_change_of_source_happens_at_its_frame() {
    let (report, samples) = scripted(&[
        "--at",
        "0.5s=source:s16le:48000:1",
        "--at",
        "0.6s=source:s16le:16000:2",
    ]);
    // 12,000 frames at 24 kHz, 4,800 at 48 kHz, and the other 7,200 values as 3,600 of stereo.
    let frames_out = 24_000 + 4_800 + 3 * 3_600;
    assert_eq!(
        events(&report),
        [
            event(0, "Started", None),
            event(24_000, "SourceChanged", None),
            event(28_800, "SourceChanged", None),
            event(frames_out, "Finished", Some(12_000 + 4_800 + 3_600)),
        ]
    );
    assert_eq!(samples.len() as u64, frames_out);
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

/// NaN bits, s32 and all: nothing is asked of the samples, so nothing happens to them.
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
                "render", "--raw", &raw, "--to", &to, "--block", "77", "-", "-",
            ],
        );
        assert!(output.stdout == noise, "{format}");
    }
}

#[test]
fn wav_in_and_wav_out() {
    let bench = Bench::new();
    let output = bench.run_with(
        &speech(),
        &[
            "render",
            "--raw",
            "s16le:24000:1",
            "--to",
            "24000x1:s16le",
            "-",
            "one.wav",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = bench.run(&["render", "one.wav", "two.WAV", "--to", "24000x1:s16le"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let one = fs::read(bench.path("one.wav")).unwrap();
    assert_eq!(one, fs::read(bench.path("two.WAV")).unwrap());
    let read: Vec<u8> = hound::WavReader::new(&one[..])
        .unwrap()
        .samples::<i16>()
        .flat_map(|sample| sample.unwrap().to_le_bytes())
        .collect();
    assert!(read == speech());
    // From a pipe, too.
    let piped = bench.run_with(&one, &["render", "-", "-", "--to", "24000x1:s16le"]);
    assert!(piped.stdout == speech());
}

#[test]
fn the_demo_writes_a_wav_and_a_report() {
    let bench = Bench::new();
    let output = bench.run(&["demo"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    for words in [
        "outdata-demo.wav",
        "22050x1:s16le -> 48000x2:f32le",
        "0 underruns",
        "0 guard trips",
        "p50",
        "p99",
        "max",
        "% of the block's budget",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let reader = hound::WavReader::open(bench.path("outdata-demo.wav")).unwrap();
    assert_eq!(reader.spec().sample_rate, 48_000);
    assert_eq!(reader.spec().channels, 2);
    let samples: Vec<f32> = reader.into_samples().map(Result::unwrap).collect();
    assert!(samples.iter().any(|sample| sample.abs() > 0.1), "it speaks");
    assert!(samples.chunks(2).all(|frame| frame[0] == frame[1]));
    let output = bench.run(&["demo", "--out", "other.wav"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(bench.names(), ["other.wav", "outdata-demo.wav"]);
}

fn asset(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/assets")
        .join(name);
    path.into_os_string().into_string().unwrap()
}

/// The signal that the FLAC files were made of.
fn flac_samples() -> impl Iterator<Item = i32> {
    (0..1_000_i32).map(|i| {
        let tone = (f64::from(i) * 0.05).sin() * 12_000.0;
        (tone + f64::from(i * 7_919 % 2_001 - 1_000)) as i32
    })
}

#[test]
fn flac_comes_out_bit_for_bit() {
    let bench = Bench::new();
    let s16: Vec<u8> = flac_samples()
        .flat_map(|s| (s as i16).to_le_bytes())
        .collect();
    let output = bench.run(&["render", &asset("s16.flac"), "-", "--to", "44100x2:s16le"]);
    assert!(output.stdout == s16, "{}", text(&output.stderr));
    let s24: Vec<u8> = flac_samples()
        .flat_map(|s| (s * 256 + 37).to_le_bytes()[..3].to_vec())
        .collect();
    let output = bench.run(&["render", &asset("s24.flac"), "-", "--to", "48000x1:s24le"]);
    assert!(output.stdout == s24, "{}", text(&output.stderr));
    // The content decides, and a pipe will do.
    let bytes = fs::read(asset("s16.flac")).unwrap();
    let piped = bench.run_with(&bytes, &["render", "-", "-", "--to", "44100x2:s16le"]);
    assert!(piped.stdout == s16, "{}", text(&piped.stderr));
}

/// 0.3 s of speech, 24 kHz mono, coded in three lossy ways.
#[test]
fn mp3_ogg_and_adpcm_are_decoded() {
    let bench = Bench::new();
    for (name, spread) in [("tone.mp3", 0), ("tone.ogg", 0), ("adpcm.wav", 600)] {
        let output = bench.run(&[
            "render",
            &asset(name),
            "-",
            "--to",
            "24000x1:s16le",
            "--report",
            "json",
        ]);
        let frames = report(&output)["frames_in"].as_u64().unwrap();
        assert!(
            (7_200..=7_200 + spread).contains(&frames),
            "{name}: {frames}"
        );
        let peak = output
            .stdout
            .chunks_exact(2)
            .map(|sample| i16::from_le_bytes(sample.try_into().unwrap()).unsigned_abs())
            .max();
        assert!(peak.unwrap() > 1_000, "{name}");
    }
}

fn wav(frame_bytes: u16, data: u32, samples: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\x00\x00\x01\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00".to_vec();
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend(96_000_u32.to_le_bytes());
    bytes.extend(frame_bytes.to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes.extend(samples);
    bytes
}

#[test]
fn inputs_that_cannot_be_used_are_one_line_and_status_1() {
    let bench = Bench::new();
    bench.file("empty.wav", &[]);
    bench.file("nothing.wav", &wav(2, 0, &[]));
    bench.file("lie.wav", &wav(3, 4, &[0; 4]));
    bench.file("short.wav", &wav(2, 4, &[0; 4])[..20]);
    bench.file("half.wav", &wav(2, 1, &[0]));
    bench.file(
        "text.txt",
        b"this is no audio file, whatever its name may say about it",
    );
    bench.file(
        "fake.flac",
        b"fLaC but then nothing that makes sense at all here........",
    );
    for (name, words) in [
        ("empty.wav", "empty.wav: is empty"),
        ("nothing.wav", "holds no samples"),
        ("lie.wav", "the WAV header is wrong"),
        ("short.wav", "ends before its samples begin"),
        ("half.wav", "holds no samples"),
        ("text.txt", "text.txt: "),
        ("fake.flac", "fake.flac: "),
        ("missing.wav", "missing.wav: "),
        (".", ".: is a folder"),
    ] {
        let before = bench.names();
        assert_fails(&bench.run(&["render", name, "out.wav"]), 1, words);
        assert_eq!(bench.names(), before, "no file is left behind");
    }
}

#[test]
fn outputs_that_cannot_be_written_are_one_line_and_status_1() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    fs::create_dir(bench.path("folder.wav")).unwrap();
    assert_fails(
        &bench.run(&["render", "in.wav", "no/such/out.wav"]),
        1,
        "no/such/out.wav",
    );
    assert_fails(
        &bench.run(&["render", "in.wav", "folder.wav"]),
        1,
        "folder.wav",
    );
}

#[test]
fn wrong_use_is_one_line_and_status_2() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    bench.file("in.raw", &[1, 2, 3, 4]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("in.wav", bench.path("link.wav")).unwrap();
    fs::hard_link(bench.path("in.wav"), bench.path("hard.wav")).unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["render", "in.wav"], "OUT"),
        (&["render", "in.wav", "out.wav", "--bogus"], "--bogus"),
        (
            &["render", "in.wav", "out.wav", "--to", "48000x2"],
            "RATExCHANNELS:FORMAT",
        ),
        (
            &["render", "in.wav", "out.wav", "--to", "48000x2:s17le"],
            "s16le",
        ),
        (
            &["render", "in.wav", "out.wav", "--to", "48000x0:s16le"],
            "channels",
        ),
        (
            &["render", "in.wav", "out.wav", "--to", "48000x65:s16le"],
            "channels",
        ),
        (
            &["render", "in.wav", "out.wav", "--to", "0x2:s16le"],
            "rate",
        ),
        (
            &["render", "in.wav", "out.wav", "--to", "768001x2:s16le"],
            "rate",
        ),
        (
            &["render", "in.raw", "out.wav", "--raw", "s16le:0:1"],
            "rate",
        ),
        (
            &["render", "in.raw", "out.wav", "--raw", "s16le:48000:0"],
            "channels",
        ),
        (
            &["render", "in.raw", "out.wav", "--raw", "s16le:48000"],
            "FORMAT:RATE:CHANNELS",
        ),
        (
            &["render", "in.raw", "out.wav", "--raw", "s99:48000:1"],
            "format",
        ),
        (&["render", "in.wav", "out.wav", "--block", "0"], "1 to"),
        (&["render", "in.wav", "out.wav", "--block", "-1"], "-1"),
        (
            &["render", "in.wav", "out.wav", "--blocks", "480,0"],
            "1 to",
        ),
        (&["render", "in.wav", "out.wav", "--blocks", ""], "1 to"),
        (
            &[
                "render", "in.wav", "out.wav", "--block", "1", "--blocks", "2",
            ],
            "--blocks",
        ),
        (&["render", "in.wav", "out.wav", "--push", "0"], "1 to"),
        (
            &["render", "in.wav", "out.wav", "--gain-db", "loud"],
            "decibels",
        ),
        (
            &["render", "in.wav", "out.wav", "--gain-db", "nan"],
            "decibels",
        ),
        (
            &["render", "in.wav", "out.wav", "--mix", "sideways"],
            "sideways",
        ),
        (&["render", "in.wav", "out.wav", "--round", "up"], "up"),
        (
            &["render", "in.wav", "out.wav", "--resample", "magic"],
            "linear",
        ),
        (&["render", "in.wav", "out.wav", "--report", "xml"], "json"),
        (&["render", "in.wav", "out.mp3"], ".wav"),
        (&["render", "in.wav", "in.wav"], "same file"),
        (&["render", "in.wav", "./in.wav"], "same file"),
        #[cfg(unix)]
        (&["render", "in.wav", "link.wav"], "same file"),
        #[cfg(unix)]
        (&["render", "in.wav", "hard.wav"], "same file"),
        (
            &["render", "in.wav", "out.wav", "--to", "100x1:s16le"],
            "256",
        ),
        (&["render", "-", "out.wav"], "--raw"),
        (
            &["render", "in.wav", "out.wav", "--at", "1s=pause"],
            "never resumes",
        ),
        (
            &["render", "in.wav", "out.wav", "--at", "soon=pause"],
            "no time",
        ),
        (
            &["render", "in.wav", "out.wav", "--at", "1s"],
            "TIME=ACTION",
        ),
        (
            &["render", "in.wav", "out.wav", "--at", "1s=dance"],
            "no action",
        ),
        (
            &["render", "in.wav", "out.wav", "--at", "1s=gain:much"],
            "decibels",
        ),
        (
            &["render", "in.wav", "out.wav", "--at", "1s=source:s16le:0:1"],
            "rate",
        ),
        (
            &["render", "in.wav", "out.wav", "--starve", "1s..1s"],
            "after it begins",
        ),
        (
            &["render", "in.wav", "out.wav", "--starve", "1s"],
            "TIME..TIME",
        ),
        (
            &["render", "in.wav", "out.wav", "--bad-shape-at", "soon"],
            "no time",
        ),
        (&["frobnicate"], "frobnicate"),
    ];
    for (arguments, words) in cases {
        let output = bench.run_with(b"neither audio nor anything else", arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!bench.path("out.wav").exists());
    }
    assert_eq!(
        fs::read(bench.path("in.wav")).unwrap(),
        wav(2, 4, &[1, 2, 3, 4]),
        "IN is never touched"
    );
}

#[test]
fn an_odd_byte_is_a_warning_and_all_whole_samples_are_used() {
    let bench = Bench::new();
    let output = bench.run_with(
        &[1, 0, 2, 0, 3],
        &[
            "render",
            "--raw",
            "s16le:48000:1",
            "--to",
            "48000x1:s16le",
            "--report",
            "json",
            "-",
            "-",
        ],
    );
    assert_eq!(output.stdout, [1, 0, 2, 0]);
    assert_eq!(report(&output)["frames_in"], 2);
    let said = text(&output.stderr);
    assert!(
        said.starts_with("outdata: warning: ") && said.contains("1 byte"),
        "{said}"
    );
}

#[test]
fn a_wav_cut_short_is_a_warning_and_all_whole_samples_are_used() {
    let bench = Bench::new();
    bench.file("cut.wav", &wav(2, 1_000, &[1, 0, 2, 0, 3]));
    let output = bench.run(&["render", "cut.wav", "-", "--to", "48000x1:s16le"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, [1, 0, 2, 0]);
    let said = text(&output.stderr);
    assert!(said.contains("warning: cut.wav: is cut short"), "{said}");
    // Odd data, honestly declared.
    bench.file("odd.wav", &wav(2, 5, &[1, 0, 2, 0, 3, 0]));
    let output = bench.run(&["render", "odd.wav", "-", "--to", "48000x1:s16le"]);
    assert_eq!(output.stdout, [1, 0, 2, 0]);
    assert!(text(&output.stderr).contains("warning"));
}

#[test]
fn raw_pcm_may_be_empty() {
    let bench = Bench::new();
    let output = bench.run(&[
        "render",
        "--raw",
        "s16le:24000:1",
        "--report",
        "json",
        "-",
        "out.wav",
    ]);
    assert_eq!(report(&output)["frames_out"], 0);
    assert!(bench.path("out.wav").exists());
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let bench = Bench::new();
    bench.file("long.raw", &vec![0; 4_000_000]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_outdata"))
        .args(["render", "--raw", "s16le:24000:1", "long.raw", "-"])
        .current_dir(bench.folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn play_goes_to_the_null_device_in_real_time() {
    let bench = Bench::new();
    let begin = std::time::Instant::now();
    let output = bench.run_with(
        &speech()[..9_600],
        &[
            "play",
            "--raw",
            "s16le:24000:1",
            "--device",
            "null",
            "--report",
            "json",
            "-",
        ],
    );
    let report = report(&output);
    assert!(begin.elapsed().as_millis() >= 190, "0.2 s of sound");
    assert_eq!(report["frames_in"], 4_800);
    assert_eq!(report["underruns"], 0);
    assert_eq!(report["events"][1]["kind"], "Finished");
    assert_eq!(report["events"][1]["heard_frames"], 4_800);
}

#[test]
fn a_device_that_is_not_there_is_an_error_that_lists_what_is() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    let output = bench.run(&["play", "in.wav", "--device", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("nowhere") && said.contains("null"), "{said}");
}

#[test]
fn devices_lists_the_null_device() {
    let output = Bench::new().run(&["devices"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("null"));
}

#[test]
fn help_and_version_are_no_errors() {
    let bench = Bench::new();
    for arguments in [&["--help"][..], &["render", "--help"], &["--version"]] {
        let output = bench.run(arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(!output.stdout.is_empty() && output.stderr.is_empty());
    }
}

/// The clip in the binary is what the README says it is.
#[test]
fn the_clip_is_mono_s16_at_22050_hz() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo.wav");
    let spec = hound::WavReader::open(path).unwrap().spec();
    assert_eq!(
        (spec.channels, spec.sample_rate, spec.bits_per_sample),
        (1, 22_050, 16)
    );
}
