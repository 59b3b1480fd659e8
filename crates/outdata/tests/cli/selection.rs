//! `--start`, `--duration`, `--channels`, and `info`.

use crate::bench::{Bench, assert_fails, report, text};
use crate::make_flac::{Flac, noise};
use crate::ways::asset;

/// 1,000 frames of four channels.
fn four() -> Flac {
    Flac::new(1_000, 4, noise(4_000))
}

fn channels(flac: &Flac, picks: &[usize], frames: std::ops::Range<usize>) -> Vec<u8> {
    let frames = flac
        .samples
        .chunks_exact(4)
        .skip(frames.start)
        .take(frames.len());
    frames
        .flat_map(|frame| {
            picks
                .iter()
                .flat_map(|pick| frame[*pick].to_le_bytes())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_part_in_time_is_exactly_that_part() {
    let (bench, flac) = (Bench::new(), four());
    bench.file("a.flac", &flac.bytes());
    bench.file("a.raw", &flac.pcm());
    for (options, range) in [
        (vec!["--start", "0.25s"], 250..1_000),
        (vec!["--start", "250"], 250..1_000),
        (vec!["--duration", "100ms"], 0..100),
        (vec!["--start", "250ms", "--duration", "0.1s"], 250..350),
        (vec!["--start", "999", "--duration", "100"], 999..1_000),
        (vec!["--start", "0s", "--duration", "1e5s"], 0..1_000),
        (vec!["--start", "2s"], 0..0),
        (vec!["--duration", "0"], 0..0),
    ] {
        let expected = channels(&flac, &[0, 1, 2, 3], range.clone());
        for input in [vec!["a.flac"], vec!["a.raw", "--raw", "s16le:1000:4"]] {
            let render = ["render", "-", "--to", "1000x4:s16le", "--report", "json"];
            let output = bench.run(
                &[
                    &render[..1],
                    &input[..1],
                    &render[1..],
                    &input[1..],
                    &options,
                ]
                .concat(),
            );
            assert_eq!(
                report(&output)["frames_in"],
                range.len() as u64,
                "{options:?}"
            );
            assert!(output.stdout == expected, "{options:?}");
        }
    }
}

/// An empty WAV file is what was asked for, but hardly what was wanted.
#[test]
fn a_start_behind_the_end_is_told_of() {
    let (bench, flac) = (Bench::new(), four());
    bench.file("a.flac", &flac.bytes());
    bench.file("a.raw", &flac.pcm());
    let raw = ["--raw", "s16le:1000:4"];
    let null = ["--device", "null"];
    for (start, is_behind) in [("2s", true), ("1000", true), ("999", false)] {
        let start = ["--start", start, "--to", "1000x4:s16le"];
        for arguments in [
            [&["render", "a.flac", "out.wav"], &start[..]].concat(),
            [&["render", "a.raw", "out.wav"], &raw[..], &start].concat(),
            [&["play", "a.flac"], &null[..], &start].concat(),
        ] {
            let output = bench.run(&arguments);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{said}");
            let warning = format!(
                "outdata: warning: {}: ends after 1.000 s (1000 frames), before --start: nothing is left of it\n",
                arguments[1]
            );
            assert_eq!(said.contains(&warning), is_behind, "{arguments:?}: {said}");
        }
    }
    // None of these is wrong.
    for options in [
        &["--duration", "0"][..],
        &["--start", "2s", "--duration", "0"],
    ] {
        let output = bench.run(&[&["render", "a.flac", "-"], options].concat());
        assert!(!text(&output.stderr).contains("before --start"));
    }
}

#[test]
fn channels_are_picked_and_remapped() {
    let (bench, flac) = (Bench::new(), four());
    bench.file("a.flac", &flac.bytes());
    for (option, to, picks) in [
        ("0,1", "1000x2:s16le", vec![0, 1]),
        ("1,0", "1000x2:s16le", vec![1, 0]),
        ("BL,BR", "1000x2:s16le", vec![2, 3]),
        ("fr, 0", "1000x2:s16le", vec![1, 0]),
        ("2", "1000x1:s16le", vec![2]),
        ("0,0,0,0", "1000x4:s16le", vec![0, 0, 0, 0]),
        ("0,1,2,3", "1000x4:s16le", vec![0, 1, 2, 3]),
    ] {
        let output = bench.run(&["render", "a.flac", "-", "--channels", option, "--to", to]);
        assert!(
            output.stdout == channels(&flac, &picks, 0..1_000),
            "{option}: {}",
            text(&output.stderr)
        );
    }
    let live = [
        "play",
        "a.flac",
        "--device",
        "null",
        "--channels",
        "BL",
        "--start",
        "900",
        "--report",
        "json",
    ];
    assert_eq!(report(&bench.run(&live))["frames_in"], 100);
}

/// Where they are heard: picked from 5.1 with the back, to all of 7.1.
#[test]
fn picked_channels_go_where_their_names_say() {
    let bench = Bench::new();
    // 1 to 6 in FL FR FC LFE BL BR.
    let flac = Flac::new(48_000, 6, (1..=6).collect::<Vec<i16>>().repeat(100));
    bench.file("a.flac", &flac.bytes());
    for (option, expected) in [
        ("FC,BL,BR", [0, 0, 3, 0, 5, 6, 0, 0]),
        ("0,2,3", [1, 0, 3, 4, 0, 0, 0, 0]),
        ("4,5", [5, 6, 0, 0, 0, 0, 0, 0]),
        ("5,4,3,2,1,0", [6, 5, 4, 3, 2, 1, 0, 0]),
        // In no order: what three channels usually are, FL FR LFE.
        ("BL,FC,FR", [5, 3, 0, 2, 0, 0, 0, 0]),
    ] {
        let to = ["--to", "48000x7.1:s16le"];
        let output =
            bench.run(&[&["render", "a.flac", "-", "--channels", option], &to[..]].concat());
        let frame: Vec<u8> = expected
            .iter()
            .flat_map(|sample: &i16| sample.to_le_bytes())
            .collect();
        assert!(
            output.stdout == frame.repeat(100),
            "{option}: {}",
            text(&output.stderr)
        );
    }
}

/// 0.5 s at 44.1 kHz, then 0.5 s at 48 kHz.
#[test]
fn a_part_in_time_may_reach_over_a_change_of_rate() {
    let bench = Bench::new();
    bench.file(
        "a.ogg",
        &[asset("stereo44.ogg"), asset("mono48.ogg")].concat(),
    );
    for (start, duration, frames) in [
        ("0.75s", "0.1s", 4_800),
        ("0s", "0.6s", 22_050 + 4_800),
        ("0.4s", "0.2s", 4_410 + 4_800),
        ("0.4s", "2s", 4_410 + 24_000),
    ] {
        let part = ["--start", start, "--duration", duration, "--report", "json"];
        let output = bench.run(&[&["render", "a.ogg", "-"], &part[..]].concat());
        assert_eq!(report(&output)["frames_in"], frames, "{start} {duration}");
    }
}

#[test]
fn a_selection_that_makes_no_sense_is_refused() {
    let bench = Bench::new();
    bench.file("a.flac", &four().bytes());
    for (options, words) in [
        (
            ["--channels", "4"],
            "there is no channel 4; there are 0 to 3",
        ),
        (
            ["--channels", "FC"],
            "there is no FC; there are FL FR BL BR",
        ),
        (["--channels", "XX"], "XX is no channel"),
        (["--channels", ""], "is no channel"),
        (["--duration", "soon"], "soon is no time"),
    ] {
        let output = bench.run(&["render", "a.flac", "-", options[0], options[1]]);
        assert_fails(&output, 2, words);
    }
}

#[test]
fn info_says_what_a_file_is() {
    let bench = Bench::new();
    let mut flac = Flac::new(48_000, 3, noise(3 * 24_000)).comment("TITLE=A \x1b[31mname");
    flac.total = 50_000;
    bench.file("a.flac", &flac.bytes());
    let output = bench.run(&["info", "a.flac", "--report", "json"]);
    let said = text(&output.stdout);
    for line in [
        " container  FLAC",
        "     codec  FLAC, 16 bits",
        "      rate  48000 Hz",
        "    layout  3.0 (FL FR FC)",
        "    format  s16le",
        "    length  0.500 s (24000 frames)",
        "  promised  50000 frames, by its header",
        "       tag  TITLE=A  [31mname",
        "   warning  a.flac: ends early: its header promises 1.042 s, it ends at 0.500 s",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    let report = report(&output);
    assert_eq!(report["frames"], 24_000);
    assert_eq!(report["seconds"], 0.5);
    assert_eq!(report["promised_frames"], 50_000);
    assert_eq!(report["layout"], "3.0");
    assert_eq!(report["tags"]["TITLE"][0], "A  [31mname");
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("ends early")
    );
}

#[test]
fn info_tells_the_parts_and_the_tags_of_every_kind() {
    let bench = Bench::new();
    let id3 = b"ID3\x03\0\0\0\0\0\x17TIT2\0\0\0\x09\0\0\x01\xff\xfea\0b\0c\0\0\0\0\0";
    let cases = [
        (asset("stereo44.ogg"), "Ogg", "Vorbis", 22_050),
        (
            [id3.as_slice(), &asset("vbr.mp3")].concat(),
            "MPEG audio",
            "MP3",
            44_100,
        ),
        (asset("alac.m4a"), "MP4", "ALAC", 2_000),
        (asset("alac.caf"), "CAF", "ALAC", 2_000),
        (asset("flac.mka"), "Matroska", "FLAC", 2_000),
        (crate::bench::wav(2, 200, &[7; 200]), "WAV", "PCM", 100),
    ];
    for (bytes, container, codec, frames) in cases {
        let output = bench.run_with(&bytes, &["info", "-", "--report", "json"]);
        let report = report(&output);
        let found = (report["container"].as_str(), report["codec"].as_str());
        assert_eq!(found, (Some(container), Some(codec)));
        assert_eq!(report["frames"], frames, "{codec}");
        if codec == "MP3" {
            assert_eq!(report["tags"]["TITLE"][0], "abc");
        }
    }
    let joined = [asset("stereo44.ogg"), asset("mono48.ogg")].concat();
    let output = bench.run_with(&joined, &["info", "-", "--report", "json"]);
    let report = report(&output);
    assert_eq!(report["parts"][0]["frames"], 22_050);
    assert_eq!(report["parts"][1]["rate_hz"], 48_000);
    assert_eq!(report["parts"][1]["frames"], 24_000);
    let words = "part  48000 Hz, mono (FC), 0.500 s, 24000 frames";
    assert!(
        text(&output.stdout).contains(words),
        "{}",
        text(&output.stdout)
    );
    assert_fails(&bench.run(&["info", "nowhere.wav"]), 1, "nowhere.wav");
}
