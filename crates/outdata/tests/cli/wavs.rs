//! WAV files as they really are: from a file and through a pipe, the same samples and the same words.

use crate::bench::{Bench, all_i16, report, speech, text, wav};

const TO: [&str; 2] = ["--to", "48000x1:s16le"];
const LIST: &[u8] = b"LIST\x1a\x00\x00\x00INFOISFT\x0e\x00\x00\x00Lavf58.29.100\x00";

/// What comes out of it: samples, and what is said. A pipe says and gives the same.
fn rendered(file: &[u8]) -> (Vec<u8>, String) {
    let bench = Bench::new();
    bench.file("in.wav", file);
    let read = bench.run(&[&["render", "in.wav", "-", "--report", "json"], &TO[..]].concat());
    let piped = bench.run_with(
        file,
        &[&["render", "-", "-", "--report", "json"], &TO[..]].concat(),
    );
    assert_eq!(read.status.code(), piped.status.code());
    assert_eq!(read.stdout, piped.stdout);
    let said = |bytes: &[u8]| {
        let said = text(bytes).replace("standard input", "in.wav");
        let lines = said.lines().filter(|line| line.starts_with("outdata"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(said(&read.stderr), said(&piped.stderr));
    (read.stdout, said(&read.stderr))
}

/// rhasspy/piper#556: a length of 0 with samples behind it. Python's `wave` into a pipe; a recording that was stopped at
/// once; ffmpeg into a pipe.
#[test]
fn a_length_of_nothing_is_a_stream_or_nothing() {
    let speech = speech();
    for unknown in [0, u32::MAX, 0x7fff_ffff] {
        let (samples, said) = rendered(&wav(2, unknown, &speech));
        assert!(samples == speech);
        assert_eq!(said, "");
    }
    let (samples, said) = rendered(&wav(2, 0, LIST));
    assert!(samples.is_empty());
    assert_eq!(said, "outdata: in.wav: holds no samples");
}

/// ffmpeg and SoX read these samples too.
#[test]
fn fields_that_are_wrong_cost_nothing() {
    let speech = speech();
    for frame_bytes in [0, 1, 16, 32, 4] {
        let (samples, said) = rendered(&wav(frame_bytes, 48_000, &speech));
        assert!(samples == speech);
        assert_eq!(said, "");
    }
    // 12 bits in 16.
    let mut twelve = wav(2, 48_000, &speech);
    twelve[34] = 12;
    assert!(rendered(&twelve).0 == speech);
}

#[test]
fn a_second_file_behind_the_first_is_told_of() {
    let speech = speech();
    let one = wav(2, 48_000, &speech);
    for between in [&b""[..], LIST] {
        let (samples, said) = rendered(&[&one[..], between, &one].concat());
        assert!(samples == speech);
        assert_eq!(
            said,
            "outdata: warning: in.wav: is followed by a second WAV file in the same file, which is not read"
        );
    }
    assert_eq!(rendered(&[&one[..], LIST].concat()).1, "");
}

/// Whoever has written all into a pipe may keep it open.
#[test]
fn what_may_follow_is_not_waited_for() {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    let mut child = crate::bench::Running::start(
        Command::new(env!("CARGO_BIN_EXE_outdata"))
            .args(["render", "-", "-"])
            .args(TO)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    );
    let begin = std::time::Instant::now();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&wav(2, 8, b"12345678")).unwrap();
    let mut samples = Vec::new();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_end(&mut samples).unwrap();
    assert_eq!(samples, b"12345678");
    assert!(child.wait().unwrap().success());
    assert!(begin.elapsed().as_secs() < 30, "{:?}", begin.elapsed());
}

#[test]
fn a_header_that_is_played_is_told_of() {
    let bench = Bench::new();
    let raw = ["render", "--raw", "s16le:48000:1", "-", "-"];
    let raw = [&raw[..], &TO].concat();
    for id in [b"RIFF", b"RF64", b"BW64"] {
        let mut file = wav(2, 4, &[1, 2, 3, 4]);
        file[..4].copy_from_slice(id);
        let output = bench.run_with(&file, &raw);
        assert_eq!(output.stdout, file, "it is done all the same");
        assert!(text(&output.stderr).starts_with(
            "outdata: warning: standard input: begins as a WAV file does; with --raw its header is \
             played too\n"
        ));
    }
    for plain in [&b""[..], b"RIFF", b"RIFF....AVI LIST", b"12345678901234"] {
        let output = bench.run_with(plain, &raw);
        assert_eq!(output.stdout, plain);
        assert!(!text(&output.stderr).contains("warning"));
    }
}

/// The gain that is offered is one at which nothing is clipped, and not much softer than that.
#[test]
fn clipping_says_how_to_avoid_it() {
    let bench = Bench::new();
    for (format, dither) in [
        ("u8", "none"),
        ("u8", "tpdf"),
        ("s16le", "none"),
        ("s16be", "tpdf"),
        ("s24le", "none"),
        ("s32le", "none"),
        ("mulaw", "none"),
        ("alaw", "none"),
    ] {
        for gain in ["0", "6", "20"] {
            let to = format!("48000x1:{format}");
            let raw = [
                "render",
                "--raw",
                "s16le:48000:1",
                "--to",
                &to,
                "--dither",
                dither,
            ];
            let render = |gain: &str| {
                let rest = ["--report", "json", "--gain-db", gain, "-", "-"];
                bench.run_with(&all_i16(), &[&raw[..], &rest].concat())
            };
            let output = render(gain);
            let said = text(&output.stderr);
            let clipped = report(&output)["clipped_samples"].as_u64().unwrap();
            let Some((_, rest)) = said.split_once("--gain-db ") else {
                assert_eq!(clipped, 0, "{said}");
                assert_eq!(gain, "0");
                continue;
            };
            let start = format!("outdata: warning: {clipped} sample");
            assert!(said.starts_with(&start), "{said}");
            let offered = rest.split(',').next().unwrap();
            let better = render(offered);
            assert_eq!(report(&better)["clipped_samples"], 0, "{format} {offered}");
            assert!(!text(&better.stderr).contains("warning"));
            // Full scale came in, so what was added is what is too much.
            let offered: f64 = offered.parse().unwrap();
            assert!((-0.3..=0.0).contains(&offered), "{format}: {offered}");
        }
    }
    let output = bench.run_with(
        &all_i16(),
        &[
            "render",
            "--raw",
            "s16le:48000:1",
            "--gain-db",
            "20",
            "-",
            "/dev/null",
        ],
    );
    assert!(
        !text(&output.stderr).contains("warning"),
        "floats never clip"
    );
}

#[test]
fn a_format_that_is_nearly_right_is_offered() {
    let bench = Bench::new();
    for arguments in [
        ["--raw", "s16:24000:1"],
        ["--to", "24000x1:S16LE"],
        ["--at", "1s=source:s16:24000:1"],
    ] {
        let output = bench.run(&[&["render", "-", "-"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("did you mean s16le?"), "{said}");
    }
}
