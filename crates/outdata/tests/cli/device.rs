//! Playing, pipes, and what the tool says about itself.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::{Bench, Running, report, speech, text, wav};

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let bench = Bench::new();
    bench.file("long.raw", &vec![0; 4_000_000]);
    let mut child = Running::start(
        Command::new(env!("CARGO_BIN_EXE_outdata"))
            .args(["render", "--raw", "s16le:24000:1", "long.raw", "-"])
            .current_dir(bench.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let output = child.output();
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

/// Each format by its name, and each name is taken.
#[test]
fn help_says_what_is_read_and_written() {
    let bench = Bench::new();
    let help = text(&bench.run(&["--help"]).stdout);
    let (_, formats) = help.split_once("Read (IN)").unwrap();
    let (read, rest) = formats.split_once("Written (OUT)").unwrap();
    for kind in ["WAV", "RF64", "BW64", "FLAC", "MP3", "Ogg", "--raw"] {
        assert!(read.contains(kind), "{kind}");
    }
    let (written, _) = rest.split_once("Formats:").unwrap();
    for kind in [".wav", ".raw", ".pcm", "\n  - ", "--wav"] {
        assert!(written.contains(kind), "{kind}");
    }
    let wavs = written.split_once(".wav").unwrap().1;
    let wavs = wavs.split_once(';').unwrap().0;
    for format in wavs.split(',').map(str::trim) {
        let to = format!("8000x1:{format}");
        let output = bench.run(&["render", "--raw", "u8:8000:1", "--to", &to, "-", "out.wav"]);
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
    assert_eq!(wavs.split(',').count(), 8);
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

#[test]
fn an_audio_system_that_is_not_built_in_is_a_usage_error() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    for arguments in [&["devices"][..], &["play", "in.wav"]] {
        let output = bench.run(&[arguments, &["--host", "gramophone"]].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        let expected = if cfg!(feature = "cpal") {
            "it knows: "
        } else {
            "no real devices"
        };
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn doctor_explains_each_device() {
    let bench = Bench::new();
    let output = bench.run(&["doctor", "--device", "null"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    for part in [
        "source    24000x1:s16le",
        "24000 Hz: the device takes anything",
        "480 frames (20.0 ms): as asked for",
        "copies the samples as they are",
        "latency   40.0 ms",
    ] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    let output = bench.run(&["doctor", "in.wav", "--device", "null", "--block", "960"]);
    assert!(text(&output.stdout).contains("960 frames"));
    let output = bench.run(&["doctor", "--device", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("null"));
}
