//! Playing, live: the null device keeps real time.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::bench::{Bench, Running, assert_fails, report, speech, text};

const RAW: [&str; 5] = ["--raw", "s16le:24000:1", "--to", "48000x1:f32le", "-"];
const JSON: [&str; 2] = ["--report", "json"];

/// A second of speech, played and rendered by the same script.
fn both(script: &[&str]) -> (Value, Value) {
    let bench = Bench::new();
    let play = [&["play", "--device", "null"], &RAW[..], &JSON, script].concat();
    let render = [&["render"], &RAW[..], &["-"], &JSON, script].concat();
    let played = bench.run_with(&speech(), &play);
    (report(&played), report(&bench.run_with(&speech(), &render)))
}

/// Offline == live: the same events at the same frames.
#[test]
fn a_script_acts_live_as_it_does_offline() {
    let (played, rendered) = both(&[
        "--at",
        "0.1s=gain:-6dB",
        "--at",
        "0.2s=pause",
        "--at",
        "0.3s=resume",
        "--at",
        "0.5s=interrupt:12ms",
    ]);
    assert_eq!(played["events"], rendered["events"]);
    let receipt = &played["events"][1];
    assert_eq!(receipt["kind"], "Interrupted");
    // To the end of the fade, less the pause.
    assert_eq!(receipt["heard_frames"], (500 + 12 - 100) * 24);
    assert_eq!(receipt["rate_hz"], 48_000);
    assert_eq!(receipt["device_latency_frames"], 0);
    assert_eq!(played["underruns"], 0);
}

#[test]
fn a_hold_is_discarded_live_as_it_is_offline() {
    let (played, rendered) = both(&["--at", "0.2s=hold", "--at", "0.4s=discard"]);
    assert_eq!(played["events"], rendered["events"]);
    let receipt = &played["events"][1];
    assert_eq!(receipt["kind"], "Interrupted");
    assert_eq!(receipt["at_frame"], 400 * 48);
    assert_eq!(receipt["heard_frames"], 200 * 24);
}

#[test]
fn a_source_changes_live_where_it_does_offline() {
    let (played, rendered) = both(&["--at", "0.25s=source:s16le:48000:1"]);
    assert_eq!(played["events"], rendered["events"]);
    assert_eq!(played["events"][1]["kind"], "SourceChanged");
    assert_eq!(played["frames_in"], rendered["frames_in"]);
}

#[test]
fn a_starved_player_runs_dry_and_goes_on() {
    let (played, rendered) = both(&["--starve", "0.3s..0.5s"]);
    assert_eq!(played["underruns"], 1);
    assert_eq!(played["frames_in"], rendered["frames_in"]);
    let silent = played["underrun_frames"].as_u64().unwrap();
    // 0.2 s, to the feeder's next turn and the device's next block.
    assert!((8_000..14_400).contains(&silent), "{silent}");
}

/// It waited for a first sample, for ever.
#[test]
fn nothing_to_play_comes_to_an_end() {
    let bench = Bench::new();
    bench.file("a.raw", &speech());
    let null = [
        "--raw",
        "s16le:24000:1",
        "--device",
        "null",
        "--report",
        "json",
    ];
    for (input, options) in [("-", &[][..]), ("a.raw", &["--start", "2s"])] {
        let output = bench.run(&[&["play", input], &null[..], options].concat());
        assert_eq!(report(&output)["frames_in"], 0);
    }
}

/// The second lies in the first: it takes nothing more away, so the change comes after 0.15 s of sound.
#[test]
fn starvations_that_overlap_are_one_live_too() {
    let change = ["--at", "0.35s=source:s16le:48000:1"];
    let spans = ["--starve", "0.1s..0.3s", "--starve", "0.15s..0.3s"];
    let (played, rendered) = both(&[&spans[..], &change].concat());
    let (_, alone) = both(&[&spans[..2], &change].concat());
    assert_eq!(rendered["events"], alone["events"]);
    let events = played["events"].as_array().unwrap();
    let changed = events.iter().find(|it| it["kind"] == "SourceChanged");
    let at_frame = changed.unwrap()["at_frame"].as_u64().unwrap();
    // To the feeder's next turn and the device's next block.
    assert!((16_800..23_200).contains(&at_frame), "{at_frame}");
}

/// It would find no gap if it waited for the end of the pipe.
#[test]
fn a_pipe_plays_before_it_ends() {
    let mut child = Running::start(
        Command::new(env!("CARGO_BIN_EXE_outdata"))
            .args([&["play", "--device", "null"], &RAW[..], &JSON].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped()),
    );
    let mut pipe = child.stdin.take().unwrap();
    let speech = speech();
    pipe.write_all(&speech[..9_600]).unwrap();
    std::thread::sleep(Duration::from_millis(700));
    pipe.write_all(&speech[9_600..14_400]).unwrap();
    drop(pipe);
    let report = report(&child.output());
    assert_eq!(report["underruns"], 1);
    assert_eq!(report["frames_in"], 7_200);
}

/// RustAudio/rodio#334: no device in CI panics.
#[test]
fn where_there_is_no_device_it_plays_to_the_null_device_and_says_so() {
    let bench = Bench::new();
    let output = bench.run_with(&speech()[..4_800], &["play", "--raw", "s16le:24000:1", "-"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stderr);
    assert!(
        said.contains("playing to the null device, unheard"),
        "{said}"
    );
}

#[test]
fn a_script_may_starve_and_interrupt() {
    let (played, _) = both(&["--starve", "0.1s..0.3s", "--at", "0.6s=interrupt:5ms"]);
    assert_eq!(played["underruns"], 1);
    let last = played["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["kind"], "Interrupted");
    // 0.6 s and the fade.
    assert_eq!(last["at_frame"], 600 * 48 + 5 * 48);
}

#[test]
fn what_makes_no_sense_live_is_refused() {
    let bench = Bench::new();
    for (options, words) in [
        (["--bad-shape-at", "1s"], "--bad-shape-at"),
        (["--on-loss", "weep"], "follow, pause, fail"),
        (["--starve", "2s..1s"], "--starve"),
    ] {
        let output = bench.run(&[&["play", "--device", "null"], &RAW[..], &options].concat());
        assert_fails(&output, 2, words);
    }
}
