//! What ends `render` before it is done leaves no file that is not whole, and is said.

use std::fs;
use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::bench::{Bench, Running, speech, text, wav};

const OUTDATA: &str = env!("CARGO_BIN_EXE_outdata");

const ENDINGS: [(Signal, &str); 4] = [
    (Signal::INT, "SIGINT"),
    (Signal::TERM, "SIGTERM"),
    (Signal::HUP, "SIGHUP"),
    (Signal::QUIT, "SIGQUIT"),
];

/// Renders from a pipe, which is open as long as the second of these, and waits until it is in the midst
/// of that.
fn rendering(bench: &Bench, output: &str) -> (Running, ChildStdin) {
    let present = bench.names().len();
    let mut child = Running::start(
        Command::new(OUTDATA)
            .args(["render", "--raw", "s16le:24000:1", "-", output])
            .current_dir(bench.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&speech()).unwrap();
    let begin = Instant::now();
    while bench.names().len() == present && output != "-" {
        assert!(begin.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(200));
    (child, stdin)
}

/// libsndfile/libsndfile#300 and many a converter: half a file, and nobody says so.
#[test]
fn a_signal_leaves_nothing_unfinished_and_is_said() {
    for (signal, name) in ENDINGS {
        for output in ["out.wav", "out.raw"] {
            let bench = Bench::new();
            let (child, _open) = rendering(&bench, output);
            assert!(bench.names()[0].ends_with(".part"));
            child.signal(signal);
            let ended = child.output();
            assert_eq!(ended.status.code(), Some(1));
            let expected = format!("outdata: {output}: ended by {name}; nothing was written\n");
            assert_eq!(text(&ended.stderr), expected);
            assert!(bench.names().is_empty());
        }
    }
}

#[test]
fn what_was_there_before_stays() {
    let bench = Bench::new();
    let old = bench.file("out.wav", b"old");
    let (child, _open) = rendering(&bench, "out.wav");
    for _ in 0..5 {
        child.signal(Signal::INT);
    }
    assert_eq!(child.output().status.code(), Some(1));
    assert_eq!(fs::read(old).unwrap(), b"old");
    assert_eq!(bench.names(), ["out.wav"]);
}

/// Nobody reads, so it waits, not for samples, but for the pipe.
#[test]
fn a_rendering_that_waits_for_a_pipe_ends_too() {
    let bench = Bench::new();
    let (child, _open) = rendering(&bench, "-");
    child.signal(Signal::TERM);
    let ended = child.output();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(
        text(&ended.stderr),
        "outdata: standard output: ended by SIGTERM; what was written is not all\n"
    );
    // Not even opened.
    let path = bench.path("pipe");
    let (at, mode) = (rustix::fs::CWD, rustix::fs::Mode::from_raw_mode(0o600));
    rustix::fs::mknodat(at, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    bench.file("in.wav", &wav(2, 4, &[1, 2, 3, 4]));
    let child = Running::start(
        Command::new(OUTDATA)
            .args(["render", "in.wav", "pipe"])
            .current_dir(bench.folder.path())
            .stderr(Stdio::piped()),
    );
    thread::sleep(Duration::from_millis(300));
    child.signal(Signal::INT);
    let ended = child.output();
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stderr).starts_with("outdata: pipe: ended by SIGINT; "));
}

/// Whoever starts it may have it ignore that its terminal is closed.
#[test]
fn under_nohup_a_hangup_ends_no_rendering() {
    let bench = Bench::new();
    let mut child = Running::start(
        Command::new("nohup")
            .args([OUTDATA, "render", "--raw", "s16le:24000:1", "-", "out.wav"])
            .current_dir(bench.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&speech()).unwrap();
    thread::sleep(Duration::from_millis(400));
    child.signal(Signal::HUP);
    thread::sleep(Duration::from_millis(100));
    drop(stdin);
    let ended = child.output();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(bench.names(), ["out.wav"]);
}

/// The limit of a file's size, here in units of 512 bytes, is a full disk that can be had anywhere.
#[test]
fn a_full_disk_leaves_nothing_and_is_said() {
    let bench = Bench::new();
    bench.file("in.wav", &wav(2, 48_000, &speech()));
    for output in ["out.wav", "out.raw"] {
        let old = bench.file(output, b"old");
        for blocks in ["0", "1", "100", "101"] {
            let ended = Command::new("sh")
                .args(["-c", "ulimit -f \"$1\"; shift; exec \"$0\" \"$@\"", OUTDATA])
                .args([blocks, "render", "in.wav", output])
                .current_dir(bench.folder.path())
                .output()
                .unwrap();
            let said = text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(1), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            let expected = format!("outdata: {output}: File too large");
            assert!(said.starts_with(&expected), "{said}");
            assert_eq!(fs::read(&old).unwrap(), b"old");
        }
        fs::remove_file(old).unwrap();
        assert_eq!(bench.names(), ["in.wav"]);
    }
}
