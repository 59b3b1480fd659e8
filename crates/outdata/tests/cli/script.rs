//! The callback's simulator.

use serde_json::Value;

use crate::bench::{Bench, report, speech};

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
