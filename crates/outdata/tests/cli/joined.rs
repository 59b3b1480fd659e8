//! Streams that change on the way, or were put one behind the other.

use crate::bench::{Bench, report};
use crate::make_flac::{Flac, noise};
use crate::ways::{asset, samples_by_every_way};

/// Each rendered alone, one after the other, is what all of them together are: a change of source
/// flushes the resampler.
fn assert_one_after_the_other(name: &str, parts: &[Vec<u8>]) {
    for to in ["48000x2:f32le", "44100x1:s16le", "22050x2:f32le"] {
        let alone: Vec<_> = parts
            .iter()
            .map(|part| samples_by_every_way(part, name, to).0)
            .collect();
        let (joined, said) = samples_by_every_way(&parts.concat(), name, to);
        assert_eq!(joined.len(), alone.concat().len(), "{name} {to}: {said}");
        assert!(joined == alone.concat(), "{name} {to}");
        assert_eq!(said, "", "{name} {to}");
    }
}

/// pdeljanov/Symphonia#404: of a chained Ogg only the first part was played.
#[test]
fn a_chained_ogg_may_change_its_rate_and_its_channels() {
    let (stereo, mono) = (asset("stereo44.ogg"), asset("mono48.ogg"));
    assert_one_after_the_other("a.ogg", &[stereo.clone(), mono.clone()]);
    assert_one_after_the_other("a.ogg", &[mono.clone(), stereo, mono]);
}

#[test]
fn an_mp3_may_turn_from_mono_to_stereo_and_to_another_rate() {
    let (mono, stereo) = (asset("vbr.mp3"), asset("stereo48.mp3"));
    assert_one_after_the_other("a.mp3", &[mono.clone(), stereo.clone()]);
    assert_one_after_the_other("a.mp3", &[stereo.clone(), mono, stereo]);
}

#[test]
fn flacs_may_be_joined() {
    let one = Flac::new(44_100, 2, noise(6_000)).bytes();
    let other = Flac::new(48_000, 1, noise(5_000)).bytes();
    assert_one_after_the_other("a.flac", &[one.clone(), other.clone(), one]);
}

/// More changes than a block has frames.
#[test]
fn many_short_parts_are_all_played() {
    let parts: Vec<_> = (0..200_usize)
        .map(|at| Flac::new(44_100 + 10 * at as u32, 1 + at % 2, noise(40)).bytes())
        .collect();
    let (rendered, said) = samples_by_every_way(&parts.concat(), "a.flac", "48000x1:s16le");
    let frames = |at: usize| (40 / (1 + at % 2) * 48_000_usize).div_ceil(44_100 + 10 * at);
    let all: usize = (0..200).map(frames).sum();
    assert_eq!(rendered.len(), 2 * all, "{said}");
}

#[test]
fn what_changes_is_played_live_and_its_blocks_change_nothing() {
    let bench = Bench::new();
    let joined = [asset("stereo44.ogg"), asset("mono48.ogg")].concat();
    bench.file("a.ogg", &joined);
    let output = bench.run(&["play", "a.ogg", "--device", "null", "--report", "json"]);
    let live = report(&output);
    assert_eq!(live["frames_in"], 22_050 + 24_000);
    assert_eq!(live["underruns"], 0);
    let events = live["events"].as_array().unwrap();
    let change = events
        .iter()
        .find(|event| event["kind"] == "SourceChanged")
        .unwrap();
    // Half a second of the first.
    assert_eq!(change["at_frame"], 24_000);
    assert_eq!(live["frames_out"].as_u64().unwrap() / 48_000, 1);
    let render = |cut: &[&str]| {
        let output = bench.run(&[&["render", "a.ogg", "-"], cut].concat());
        assert_eq!(output.status.code(), Some(0));
        output.stdout
    };
    let whole = render(&[]);
    for cut in [
        ["--block", "1"],
        ["--block", "100000"],
        ["--blocks", "7,480,3000"],
        ["--push", "3"],
    ] {
        assert!(render(&cut) == whole, "{cut:?}");
    }
}
