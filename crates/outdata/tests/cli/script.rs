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
fn a_scripted_hold_is_a_pause_or_an_interruption_in_two_steps() {
    let (_, paused) = scripted(&["--at", "500ms=pause", "--at", "750ms=resume"]);
    let (_, held) = scripted(&["--at", "500ms=hold", "--at", "750ms=resume"]);
    assert!(held == paused);
    let (report, discarded) = scripted(&["--at", "500ms=hold", "--at", "750ms=discard"]);
    assert_eq!(
        events(&report),
        [
            event(0, "Started", None),
            event(36_000, "Interrupted", Some(12_000))
        ]
    );
    assert_eq!(discarded, paused[..36_000]);
    // Where nothing is held, a discard does nothing. Of a hold and a pause a resume lifts the hold.
    let script = [
        "100ms=discard",
        "500ms=hold",
        "550ms=pause",
        "600ms=resume",
        "750ms=resume",
    ];
    let script: Vec<_> = script.iter().flat_map(|at| ["--at", at]).collect();
    assert!(scripted(&script).1 == paused);
}

/// Whatever has been pushed by then: nothing at all, all of it, or less than is to be faded.
#[test]
fn an_interruption_ends_it_whatever_it_meets() {
    for (script, frames, heard) in [
        (&["0=pause", "0.1s=interrupt"][..], 4_800, 0),
        (&["0=hold", "0.1s=discard"], 4_800, 0),
        (&["0.1s=pause", "0.2s=interrupt:50ms"], 9_600, 2_400),
        (&["0.99s=interrupt:50ms"], 48_000, 24_000),
        (&["0.2s=interrupt:0", "0.4s=pause"], 9_600, 4_800),
        (&["0.2s=hold", "0.2s=discard"], 9_696, 4_848),
        (&["0.1s=pause", "0.2s=hold", "0.3s=discard"], 14_400, 2_400),
    ] {
        let script: Vec<_> = script.iter().flat_map(|at| ["--at", at]).collect();
        let (report, samples) = scripted(&script);
        assert_eq!(samples.len(), frames, "{script:?}");
        let last = events(&report).pop().unwrap();
        assert_eq!((last.0, last.2), (frames as u64, Some(heard)), "{script:?}");
    }
    let starved = ["--starve", "0.1s..0.5s", "--at", "0.3s=interrupt:10ms"];
    let (report, samples) = scripted(&starved);
    assert_eq!(samples.len(), 14_400);
    assert_eq!(report["underruns"], 0, "nothing more of it was to come");
}

/// What runs dry has ended there, if nothing more of it comes: no underrun, and a date that is long past.
#[test]
fn a_starvation_that_meets_the_end_is_no_underrun() {
    let bench = Bench::new();
    let same = ["render", "--raw", "s16le:24000:1", "--to", "24000x1:s16le"];
    let script = ["--starve", "1s..1.2s", "--report", "json", "-", "-"];
    let output = bench.run_with(&speech(), &[&same[..], &script].concat());
    let report = report(&output);
    assert_eq!(
        events(&report),
        [
            event(0, "Started", None),
            event(24_000, "Underrun", None),
            event(24_000, "Finished", Some(24_000)),
        ]
    );
    assert_eq!(
        (&report["underruns"], &report["underrun_frames"]),
        (&0.into(), &0.into())
    );
    assert_eq!(report["frames_out"], 28_800);
    assert_eq!(output.stdout[..48_000], speech());
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

/// 48,000 frames at 48 kHz, of which 9,900 are starved away, and of the others all from 12,000 on last twice as long.
#[test]
fn starvations_that_overlap_are_one() {
    let bench = Bench::new();
    let samples: Vec<u8> = (0..48_000_u32)
        .flat_map(|at| ((at % 1_000) as i16).to_le_bytes())
        .collect();
    let run = |spans: &[&str]| {
        let mut arguments = vec!["render", "--raw", "s16le:48000:1", "-", "-"];
        arguments.extend(["--to", "48000x1:s16le", "--report", "json"]);
        arguments.extend(["--at", "12000=source:s16le:24000:1"]);
        for span in spans {
            arguments.extend(["--starve", span]);
        }
        let output = bench.run_with(&samples, &arguments);
        let report = report(&output);
        (
            events(&report),
            report["underrun_frames"].clone(),
            output.stdout,
        )
    };
    let (happened, underrun, alone) = run(&["100..10000"]);
    assert_eq!(alone.len() / 2, 103_800);
    assert_eq!(happened[3], event(12_000, "SourceChanged", None));
    assert_eq!(underrun, 9_900);
    for spans in [
        &["100..10000", "500..10000"][..],
        &["500..10000", "100..600"],
        &["100..10000", "100..10000", "200..300"],
        &["5000..10000", "100..5000"],
    ] {
        let (other, other_underrun, samples) = run(spans);
        assert_eq!(other, happened, "{spans:?}");
        assert_eq!(other_underrun, underrun, "{spans:?}");
        assert!(samples == alone, "{spans:?}");
    }
}

/// The queue holds a time: however far the rates are apart, it holds what a block needs.
#[test]
fn sources_of_rates_far_apart_follow_each_other() {
    let bench = Bench::new();
    for (first, second) in [("400", "96000"), ("96000", "400"), ("8000", "768000")] {
        let second = format!("0.01s=source:s16le:{second}:1");
        let raw = format!("s16le:{first}:1");
        let arguments = [
            &["render", "--raw", &raw, "--to", "48000x1:s16le", "-", "-"][..],
            &["--block", "48000", "--push", "1000000", "--at", &second],
            &["--resample", "high", "--report", "json"],
        ];
        let report = report(&bench.run_with(&speech(), &arguments.concat()));
        assert_eq!(report["frames_in"], 24_000);
        assert_eq!(report["underruns"], 0);
        assert_eq!(report["events"][1]["kind"], "SourceChanged");
    }
}
