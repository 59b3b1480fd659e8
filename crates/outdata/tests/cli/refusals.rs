//! What cannot be done, and what is done with a warning.

use std::fs;

use crate::bench::{Bench, assert_fails, report, text, wav};

#[test]
fn inputs_that_cannot_be_used_are_one_line_and_status_1() {
    let bench = Bench::new();
    bench.file("empty.wav", &[]);
    bench.file("nothing.wav", &wav(2, 0, &[]));
    let mut no_channels = wav(2, 4, &[0; 4]);
    no_channels[22] = 0;
    bench.file("lie.wav", &no_channels);
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
            &["render", "in.wav", "out.wav", "--at", "1s=hold"],
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
