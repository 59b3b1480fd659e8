//! Whatever ends a recording, what was recorded until then is a whole file under its name.
//!
//! libsndfile/libsndfile#300: a recording that cannot go on is deleted.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

#[cfg(unix)]
use rustix::process::Signal;

use crate::bench::{Bench, Running, speech, text, wav};

/// Starts to record, and waits until there is something.
fn recording(bench: &Bench, program: &str, before: &[&str]) -> Running {
    let child = Running::start(
        Command::new(program)
            .args(before)
            .args([
                "record",
                "--device",
                "null",
                "--to",
                "48000x1:s16le",
                "out.wav",
            ])
            .current_dir(bench.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    bench.wait_for_a_file();
    std::thread::sleep(Duration::from_millis(300));
    assert_ne!(
        bench.names(),
        ["out.wav"],
        "nothing yet under the final name"
    );
    child
}

const OUTDATA: &str = env!("CARGO_BIN_EXE_outdata");

/// What is sent by Ctrl-C, by a service manager, and by a terminal that is closed.
#[cfg(unix)]
const ENDINGS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

/// It ended well, and left one whole file of so many frames or more.
fn assert_whole(bench: &Bench, output: &Output, frames: usize) {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(bench.names(), ["out.wav"]);
    let samples = bench.samples("out.wav");
    assert!(samples.len() >= 2 * frames, "{}", samples.len());
    // What `render` reads is whole.
    let rendered = bench.run(&["render", "out.wav", "-", "--to", "48000x1:s16le"]);
    assert!(!text(&rendered.stderr).contains("warning"));
    assert_eq!(rendered.stdout, samples);
}

#[cfg(unix)]
#[test]
fn an_interrupted_recording_is_a_whole_file() {
    for signal in ENDINGS {
        let bench = Bench::new();
        let child = recording(&bench, OUTDATA, &[]);
        child.signal(signal);
        assert_whole(&bench, &child.output(), 4_800);
    }
}

/// A terminal that is closed hangs up twice, from the kernel and from the shell; whoever presses
/// Ctrl-C presses it again.
#[cfg(unix)]
#[test]
fn a_second_signal_loses_nothing() {
    for signal in ENDINGS {
        let bench = Bench::new();
        let child = recording(&bench, OUTDATA, &[]);
        for _ in 0..20 {
            child.signal(signal);
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_whole(&bench, &child.output(), 4_800);
    }
}

/// With its terminal closed, nobody hears what it says.
#[cfg(unix)]
#[test]
fn a_recording_that_nobody_listens_to_ends_as_any_other() {
    let bench = Bench::new();
    let mut child = recording(&bench, OUTDATA, &[]);
    drop(child.stderr.take());
    drop(child.stdout.take());
    child.signal(Signal::HUP);
    assert_whole(&bench, &child.output(), 4_800);
}

#[cfg(target_os = "linux")]
#[test]
fn under_nohup_a_hangup_ends_nothing() {
    let bench = Bench::new();
    let child = recording(&bench, "nohup", &[OUTDATA]);
    child.signal(Signal::HUP);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!bench.path("out.wav").exists());
    child.signal(Signal::TERM);
    assert_whole(&bench, &child.output(), 4_800);
}

/// What nothing can be done about: it is not under its name, but it can be read.
#[cfg(unix)]
#[test]
fn a_killed_recording_leaves_something_that_can_be_read_under_another_name() {
    let bench = Bench::new();
    let mut child = recording(&bench, OUTDATA, &[]);
    // Until more has been written than is collected in memory.
    std::thread::sleep(Duration::from_millis(900));
    child.kill().unwrap();
    child.wait().unwrap();
    let names = bench.names();
    assert!(names.len() == 1 && names[0].ends_with(".part"), "{names:?}");
    let rendered = bench.run(&["render", &names[0], "-", "--to", "48000x1:s16le"]);
    assert_eq!(
        rendered.status.code(),
        Some(0),
        "{}",
        text(&rendered.stderr)
    );
    assert!(rendered.stdout.len() >= 48_000);
}

#[test]
fn a_pipe_that_is_closed_ends_a_recording_quietly() {
    let bench = Bench::new();
    let mut child = Running::start(
        Command::new(OUTDATA)
            .args(["record", "--device", "null", "--to", "48000x1:s16le", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let output = child.output();
    assert_eq!(output.status.code(), Some(0));
    assert!(!text(&output.stderr).contains("outdata:"));
    assert!(bench.names().is_empty());
}

/// 3 channels of 24 bits: frames of 9 bytes, so that no limit falls between two of them.
const ODD: [&str; 4] = ["--to", "48000x3:s24le", "--mix", "discrete"];

/// A second of speech as it is to be recorded.
fn spoken(bench: &Bench) -> Vec<u8> {
    let speech = [speech(), speech()].concat();
    bench.file("in.wav", &wav(2, speech.len() as u32, &speech));
    let rendered = bench.run(&[&["render", "in.wav", "-"], &ODD[..]].concat());
    assert_eq!(rendered.stdout.len(), 9 * 48_000);
    rendered.stdout
}

/// Records it, in the words of a shell.
fn record_in(bench: &Bench, script: &str) -> Output {
    let arguments = [
        "record", "--device", "in.wav", "--report", "json", "out.wav",
    ];
    Command::new("sh")
        .args(["-c", script, OUTDATA])
        .args(arguments)
        .args(ODD)
        .current_dir(bench.folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// It failed for this reason, and what is in the file is the beginning of what was spoken.
fn assert_kept(bench: &Bench, output: &Output, spoken: &[u8], reason: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(bench.names(), ["in.wav", "out.wav"]);
    let kept = bench.samples("out.wav");
    assert_eq!(kept.len() % 9, 0);
    assert!(
        kept.len() >= 9 * 4_800 && kept.len() < spoken.len(),
        "{}",
        kept.len()
    );
    assert_eq!(kept, spoken[..kept.len()]);
    let frames = kept.len() / 9;
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    let seconds = frames as f64 / 48_000.0;
    let expected = format!("; the {seconds:.2} s until then are in out.wav");
    assert!(lines[0].starts_with("outdata: out.wav: "), "{said}");
    assert!(
        lines[0].contains(reason) && lines[0].ends_with(&expected),
        "{said}"
    );
    let report: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(report["frames_out"], frames);
    // Of samples that are not all there.
    assert_eq!(report["sha256"], serde_json::Value::Null);
}

/// Where the limit of a file's size is reached, the system would end the process without a word.
#[cfg(unix)]
#[test]
fn at_the_limit_of_a_files_size_what_was_recorded_is_kept() {
    let bench = Bench::new();
    let spoken = spoken(&bench);
    // In units of 512 bytes; each ends somewhere else in a frame.
    for blocks in [200, 201, 202, 203, 300] {
        let output = record_in(&bench, &format!("ulimit -f {blocks}; exec \"$0\" \"$@\""));
        assert_kept(&bench, &output, &spoken, "File too large");
    }
}

/// On a disk of its own, where this system lets us have one.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_what_was_recorded_is_kept() {
    let bench = Bench::new();
    let spoken = spoken(&bench);
    std::fs::create_dir(bench.path("disk")).unwrap();
    let mount = "mount -t tmpfs -o size=256k none disk";
    let may = Command::new("unshare")
        .args(["-m", "sh", "-c", mount])
        .current_dir(bench.folder.path())
        .stderr(Stdio::null())
        .status();
    if !may.is_ok_and(|status| status.success()) {
        // Not through eprintln, which the test harness hides.
        let words = "SKIPPED on_a_full_disk: this system lets nobody mount a disk";
        let _ = writeln!(std::io::stderr(), "{words}");
        return;
    }
    // The folder is seen only in there, so what is on it is copied out.
    let script = format!(
        "{mount} && cd disk && cp ../in.wav . && \
         {{ \"$0\" \"$@\"; status=$?; cp out.wav ..; ls -A > ../names; exit $status; }}"
    );
    let output = record_in(
        &bench,
        &format!("exec unshare -m sh -c '{script}' \"$0\" \"$@\""),
    );
    assert_eq!(
        std::fs::read_to_string(bench.path("names")).unwrap(),
        "in.wav\nout.wav\n"
    );
    std::fs::remove_file(bench.path("names")).unwrap();
    std::fs::remove_dir(bench.path("disk")).unwrap();
    assert_kept(&bench, &output, &spoken, "No space left on device");
}

/// Not even a name can be had: a folder has come to stand where the file was to be.
#[cfg(unix)]
#[test]
fn what_cannot_be_named_is_left_and_found() {
    let bench = Bench::new();
    let child = recording(&bench, OUTDATA, &[]);
    std::fs::create_dir(bench.path("out.wav")).unwrap();
    child.signal(Signal::INT);
    let output = child.output();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let names = bench.names();
    assert_eq!(names.len(), 2, "{names:?}");
    let words: Vec<_> = said.lines().next().unwrap().split("; ").collect();
    assert!(words[0].starts_with("outdata: out.wav: "), "{said}");
    assert!(words[1].starts_with("what was written is in /"), "{said}");
    assert!(words[1].ends_with(&names[0]), "{said}");
    assert!(bench.samples(&names[0]).len() >= 2 * 4_800);
}

#[cfg(target_os = "linux")]
#[test]
fn a_recording_into_a_full_pipe_ends_with_an_error() {
    let output = Command::new(OUTDATA)
        .args(["record", "--device", "null", "-"])
        .stdin(Stdio::null())
        .stdout(
            std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        )
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("standard output: No space left on device"),
        "{said}"
    );
}

/// A conversion that cannot be completed leaves nothing, and says why.
#[cfg(unix)]
#[test]
fn a_rendering_that_grows_too_large_fails_and_leaves_nothing() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 48_000, &speech()));
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 100; exec \"$0\" \"$@\"", OUTDATA])
        .args(["render", "in.wav", "out.wav"])
        .current_dir(bench.folder.path())
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("outdata: out.wav: File too large"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1);
    assert_eq!(bench.names(), ["in.wav"]);
}

/// Four days of it are no longer refused; the header has room for what may come of that.
#[cfg(unix)]
#[test]
fn a_recording_that_may_pass_4_gib_has_room_for_its_length() {
    let bench = Bench::new();
    let arguments = |seconds: &'static str| {
        [
            "record",
            "--device",
            "null",
            "--seconds",
            seconds,
            "--to",
            "48000x2:s16le",
            "out.wav",
        ]
    };
    let output = bench.run(&arguments("0.1"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let short = std::fs::read(bench.path("out.wav")).unwrap();
    assert_eq!(short.len(), 44 + 4 * 4_800);
    std::fs::remove_file(bench.path("out.wav")).unwrap();
    let child = Running::start(
        Command::new(OUTDATA)
            .args(arguments("345600"))
            .current_dir(bench.folder.path())
            .stderr(Stdio::piped()),
    );
    bench.wait_for_a_file();
    std::thread::sleep(Duration::from_millis(400));
    child.signal(Signal::INT);
    let output = child.output();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(bench.samples("out.wav").len() >= 4 * 4_800);
    assert_eq!(
        std::fs::read(bench.path("out.wav")).unwrap()[12..20],
        *b"JUNK\x1c\0\0\0"
    );
}
