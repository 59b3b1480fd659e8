//! Recording: what was heard, exactly.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Running, assert_fails, report, speech, text, wav};

#[test]
fn a_recording_is_what_the_device_delivered() {
    let bench = Bench::new();
    // 0.2 s.
    let data = &speech()[..19_200];
    bench.file("in.wav", &wav(2, data.len() as u32, data));
    let begin = Instant::now();
    let output = bench.run(&[
        "record", "--device", "in.wav", "out.wav", "--report", "json",
    ]);
    let report = report(&output);
    assert!(
        begin.elapsed() >= Duration::from_millis(190),
        "in real time"
    );
    assert_eq!(bench.samples("out.wav"), *data);
    assert_eq!(report["from"], "48000x1:s16le");
    assert_eq!(
        (&report["frames_in"], &report["frames_out"]),
        (&9_600.into(), &9_600.into())
    );
    assert_eq!(
        (&report["overruns"], &report["gaps"]),
        (&0.into(), &serde_json::json!([]))
    );
    assert_eq!(bench.names(), ["in.wav", "out.wav"]);
}

/// What a speech recognizer wants, and exactly as much as was asked for.
#[test]
fn a_recording_takes_so_many_seconds_in_another_format() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 48_000, &speech()));
    let arguments = [
        "record",
        "--device",
        "in.wav",
        "--seconds",
        "0.1",
        "--to",
        "16000x1:s16le",
        "-",
        "--report",
        "json",
    ];
    let output = bench.run(&arguments);
    assert_eq!(output.stdout.len(), 2 * 1_600);
    // The same as rendered offline: decode, mix, resample, quantize.
    let rendered = bench.run(&["render", "in.wav", "-", "--to", "16000x1:s16le"]);
    assert_eq!(output.stdout, rendered.stdout[..2 * 1_600]);
    assert_eq!(report(&output)["frames_out"], 1_600);
}

#[test]
fn the_null_device_is_silent() {
    let bench = Bench::new();
    let output = bench.run(&[
        "record",
        "--device",
        "null",
        "--seconds",
        "0.05",
        "--to",
        "48000x1:u8",
        "-",
    ]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, [128; 2_400]);
    assert!(text(&output.stderr).contains("0 overruns"));
}

/// A pipe that is not read for longer than the queue lasts: what is missing is silence, and the report
/// says where.
#[test]
fn what_could_not_be_written_fast_enough_is_a_gap_in_the_report() {
    let mut child = Running::start(
        Command::new(env!("CARGO_BIN_EXE_outdata"))
            .args(["record", "--device", "null", "--to", "48000x1:s16le"])
            .args(["--seconds", "7", "--report", "json", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let mut stdout = child.stdout.take().unwrap();
    std::thread::sleep(Duration::from_secs(6));
    let mut samples = Vec::new();
    stdout.read_to_end(&mut samples).unwrap();
    let output = child.output();
    assert_eq!(samples.len(), 2 * 7 * 48_000);
    let said = text(&output.stderr);
    assert!(said.contains("sound is missing in 1 places"), "{said}");
    let report = report(&output);
    let gaps = report["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 1, "{report}");
    assert_eq!(gaps[0]["rate_hz"], 48_000);
    assert_eq!(gaps[0]["frames"], report["dropped_frames"]);
    // What the pipe and the queue hold comes before it.
    let at_frame = gaps[0]["at_frame"].as_u64().unwrap();
    assert!((4 * 48_000..6 * 48_000).contains(&at_frame), "{at_frame}");
}

#[test]
fn what_cannot_be_recorded_is_refused() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    let fails = |arguments: &[&str], status, words| {
        let arguments = [&["record"], arguments].concat();
        assert_fails(&bench.run(&arguments), status, words);
    };
    // ALSA has words of its own to say here.
    let output = bench.run(&["record", "--device", "nowhere", "out.wav"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("nowhere") && said.contains("null"), "{said}");
    fails(&["--device", "missing.wav", "out.wav"], 1, "missing.wav");
    fails(&["--device", "in.wav", "in.wav"], 2, "same file");
    fails(&["--device", "null", "out.mp3"], 2, "out.mp3");
    fails(
        &["--device", "null", "--to", "48000x1:s16be", "out.wav"],
        2,
        "s16be",
    );
    fails(
        &["--device", "null", "--on-loss", "weep", "out.wav"],
        2,
        "follow, pause, fail",
    );
    for seconds in ["0", "-1", "nan", "inf", "x"] {
        let option = format!("--seconds={seconds}");
        fails(&["--device", "null", &option, "out.wav"], 2, "seconds");
    }
    fails(
        &[
            "--device",
            "null",
            "--to",
            "1x1:s16le",
            "--seconds",
            "1",
            "no/out.wav",
        ],
        1,
        "no/out.wav",
    );
    assert_eq!(bench.names(), ["in.wav"]);
}
