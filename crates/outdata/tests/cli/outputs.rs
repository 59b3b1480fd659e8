//! OUT is what it is: a file, a link to one, a pipe, a device.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::bench::{Bench, Running, assert_fails, report, speech, text, wav};

const OUTDATA: &str = env!("CARGO_BIN_EXE_outdata");
const TO: [&str; 2] = ["--to", "48000x1:s16le"];

/// A bench with `in.wav`, and its samples.
fn spoken() -> (Bench, Vec<u8>) {
    let bench = Bench::new();
    let speech = speech();
    bench.file("in.wav", &wav(2, speech.len() as u32, &speech));
    (bench, speech)
}

fn render(bench: &Bench, arguments: &[&str]) -> Output {
    bench.run(&[&["render", "in.wav"], arguments, &TO].concat())
}

fn assert_done(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// RustAudio/hound and cp leave a link where it is, and so does a shell's `>`.
#[test]
fn a_link_is_followed_and_stays() {
    let (bench, speech) = spoken();
    fs::create_dir(bench.path("elsewhere")).unwrap();
    let there = bench.path("elsewhere/real.wav");
    for is_present in [false, true] {
        if is_present {
            fs::write(&there, "old").unwrap();
        }
        // Relative to itself, absolute, by way of another one, and in a folder that is one.
        symlink("elsewhere/real.wav", bench.path("relative.wav")).unwrap();
        symlink(&there, bench.path("absolute.wav")).unwrap();
        symlink("relative.wav", bench.path("twice.wav")).unwrap();
        symlink("elsewhere", bench.path("folder")).unwrap();
        symlink("real.wav", bench.path("elsewhere/beside.wav")).unwrap();
        assert_done(&render(&bench, &["elsewhere/beside.wav"]));
        assert_eq!(bench.samples("elsewhere/real.wav"), speech);
        fs::remove_file(bench.path("elsewhere/beside.wav")).unwrap();
        assert!(!bench.path("real.wav").exists());
        for name in [
            "relative.wav",
            "absolute.wav",
            "twice.wav",
            "folder/real.wav",
        ] {
            assert_done(&render(&bench, &[name]));
            assert_eq!(bench.samples("elsewhere/real.wav"), speech, "{name}");
            assert_eq!(fs::read_dir(bench.path("elsewhere")).unwrap().count(), 1);
            fs::write(&there, "old").unwrap();
        }
        for name in ["relative.wav", "absolute.wav", "twice.wav", "folder"] {
            let about = fs::symlink_metadata(bench.path(name)).unwrap();
            assert!(about.is_symlink(), "{name}");
            fs::remove_file(bench.path(name)).unwrap();
        }
        fs::remove_file(&there).unwrap();
    }
    symlink("round.wav", bench.path("round.wav")).unwrap();
    assert_fails(&render(&bench, &["round.wav"]), 1, "round.wav: too many");
}

/// Whichever of the two is a standard stream that a shell has led into the file: IN is never touched, and no file is
/// fed on itself without end.
#[test]
fn standard_streams_are_compared_too_when_in_and_out_are_one_file() {
    let raw = ["--raw", "s16le:48000:1"];
    for (input, output, file) in [
        ("-", "in.wav", "in.wav"),
        ("-", "link.wav", "in.wav"),
        ("/dev/stdin", "in.wav", "in.wav"),
        ("in.wav", "-", "in.wav"),
        ("in.wav", "/dev/stdout", "in.wav"),
        ("-", "-", "in.wav"),
        ("-", "-", "in.raw"),
        ("in.raw", "-", "in.raw"),
    ] {
        let (bench, speech) = spoken();
        bench.file("in.raw", &speech);
        symlink("in.wav", bench.path("link.wav")).unwrap();
        let path = bench.path(file);
        let before = fs::read(&path).unwrap();
        let mut tool = Command::new(OUTDATA);
        tool.args(["render", input, output]).args(TO);
        if file == "in.raw" {
            tool.args(raw);
        }
        if input != file {
            tool.stdin(File::open(&path).unwrap());
        }
        if output == "-" || output == "/dev/stdout" {
            // As by `>>`.
            tool.stdout(File::options().append(true).open(&path).unwrap());
        } else {
            tool.stdout(Stdio::piped());
        }
        tool.current_dir(bench.folder.path()).stderr(Stdio::piped());
        let ended = Running::start(&mut tool).output();
        assert_fails(&ended, 2, "IN and OUT are the same file");
        assert!(fs::read(&path).unwrap() == before, "{input} {output}");
    }
}

/// Two names, two files: nothing is in the way.
#[test]
fn standard_streams_of_other_files_are_none_of_it() {
    let (bench, speech) = spoken();
    let ended = Running::start(
        Command::new(OUTDATA)
            .args(["render", "-", "-"])
            .args(TO)
            .stdin(File::open(bench.path("in.wav")).unwrap())
            .stdout(File::create(bench.path("out.raw")).unwrap())
            .stderr(Stdio::piped()),
    );
    assert_done(&ended.output());
    assert!(fs::read(bench.path("out.raw")).unwrap() == speech);
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    let (bench, speech) = spoken();
    for wanted in [0o600, 0o640, 0o664, 0o755] {
        let old = bench.file("out.wav", b"old");
        fs::set_permissions(&old, PermissionsExt::from_mode(wanted)).unwrap();
        assert_done(&render(&bench, &["out.wav"]));
        assert_eq!(mode(&old), wanted, "{wanted:o}");
        assert_eq!(bench.samples("out.wav"), speech);
    }
    // A new one has the mode of any new file.
    let new = bench.path("plain");
    File::create(&new).unwrap();
    assert_done(&render(&bench, &["new.wav"]));
    assert_eq!(mode(&bench.path("new.wav")), mode(&new));
}

/// By whom root has no say over. (Root may write to anything.)
#[test]
fn a_file_that_may_not_be_written_to_is_not_replaced() {
    let (bench, _) = spoken();
    let old = bench.file("out.wav", b"old");
    fs::set_permissions(&old, PermissionsExt::from_mode(0o444)).unwrap();
    if File::options().write(true).open(&old).is_ok() {
        eprintln!("not tried: this user may write to anything");
        return;
    }
    assert_fails(
        &render(&bench, &["out.wav"]),
        1,
        "out.wav: Permission denied",
    );
    assert_eq!(fs::read(old).unwrap(), b"old");
}

#[test]
fn a_pipe_with_a_name_is_written_to() {
    let (bench, speech) = spoken();
    for (name, options, is_wav) in [
        ("pipe", &[][..], false),
        ("pipe.raw", &[], false),
        ("pipe.wav", &[], true),
        ("pipe.of", &["--wav"], true),
    ] {
        let path = bench.path(name);
        pipe(&path);
        let reading = thread::spawn({
            let path = path.clone();
            move || fs::read(path).unwrap()
        });
        assert_done(&render(&bench, &[&[name], options].concat()));
        let came = reading.join().unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
        assert_eq!(came.len(), speech.len() + if is_wav { 44 } else { 0 });
        assert_eq!(came.starts_with(b"RIFF"), is_wav, "{name}");
        assert!(came.ends_with(&speech));
    }
}

/// As of any pipe.
#[test]
fn a_pipe_with_a_name_that_is_closed_ends_it_quietly() {
    let (bench, _) = spoken();
    let path = bench.path("pipe");
    pipe(&path);
    let reading = thread::spawn(move || {
        let mut pipe = File::open(path).unwrap();
        pipe.read_exact(&mut [0; 10]).unwrap();
    });
    let output = bench.run(&["render", "in.wav", "pipe", "--to", "768000x64:f64le"]);
    reading.join().unwrap();
    assert_done(&output);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_device_is_written_to() {
    let (bench, speech) = spoken();
    for options in [&[][..], &["--wav"]] {
        assert_done(&render(&bench, &[&["/dev/null"], options].concat()));
    }
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    symlink("/dev/null", bench.path("null.wav")).unwrap();
    assert_done(&render(&bench, &["null.wav"]));
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let output = render(&bench, &[name]);
        assert_done(&output);
        assert_eq!(output.stdout, speech, "{name}");
    }
    // Both may be the same one.
    let raw = ["render", "--raw", "u8:8000:1", "/dev/null", "/dev/null"];
    assert_done(&bench.run(&raw));
    if Path::new("/dev/full").exists() {
        assert_fails(
            &render(&bench, &["/dev/full"]),
            1,
            "/dev/full: No space left on device",
        );
    }
    assert_eq!(bench.names(), ["in.wav", "null.wav"]);
}

/// The shell opens it, and hands on a pipe under `/dev/fd`.
#[test]
fn standard_output_may_be_a_file() {
    let (bench, speech) = spoken();
    for name in ["-", "/dev/stdout"] {
        let file = File::create(bench.path("out")).unwrap();
        let done = Command::new(OUTDATA)
            .args(["render", "in.wav", name])
            .args(TO)
            .current_dir(bench.folder.path())
            .stdout(file)
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success());
        assert_eq!(fs::read(bench.path("out")).unwrap(), speech);
    }
}

#[test]
fn names_say_what_is_written() {
    let (bench, speech) = spoken();
    for name in ["out.raw", "out.pcm", "OUT.RAW"] {
        let output = render(&bench, &[name, "--report", "json"]);
        assert_eq!(report(&output)["frames_out"], 24_000);
        assert_eq!(fs::read(bench.path(name)).unwrap(), speech);
        assert_done(&render(&bench, &[name, "--wav"]));
        assert_eq!(bench.samples(name), speech);
    }
    // What WAV has no samples of, too.
    let output = bench.run(&["render", "in.wav", "out.raw", "--to", "48000x1:s16be"]);
    assert_done(&output);
    let swapped: Vec<_> = speech.chunks_exact(2).flat_map(|s| [s[1], s[0]]).collect();
    assert_eq!(fs::read(bench.path("out.raw")).unwrap(), swapped);
    // An odd number of bytes is no more than that.
    let odd = ["render", "--raw", "u8:8000:1", "--to", "8000x1:u8", "-"];
    assert_done(&bench.run_with(b"abc", &[&odd[..], &["out.raw"]].concat()));
    assert_eq!(fs::read(bench.path("out.raw")).unwrap(), b"abc");
    for name in ["out.mp3", "out", "wav"] {
        assert_fails(&render(&bench, &[name]), 2, "--wav");
        assert_done(&render(&bench, &[name, "--wav"]));
        assert_eq!(bench.samples(name), speech);
    }
    assert_fails(
        &bench.run(&["render", "in.wav", "-", "--wav", "--to", "8000x1:s16be"]),
        2,
        "a WAV file cannot hold s16be",
    );
}

/// A length that nobody knows is the highest there is, as ffmpeg writes it into a pipe.
#[test]
fn a_wav_goes_through_a_pipe() {
    let (bench, speech) = spoken();
    let piped = render(&bench, &["-", "--wav"]);
    assert_done(&piped);
    assert_eq!(piped.stdout[..8], *b"RIFF\xff\xff\xff\xff");
    assert_eq!(piped.stdout[36..44], *b"data\xff\xff\xff\xff");
    assert_eq!(piped.stdout[44..], speech);
    let again = bench.run_with(&piped.stdout, &[&["render", "-", "-"], &TO[..]].concat());
    assert_eq!(text(&again.stderr).matches("warning").count(), 0);
    assert_eq!(again.stdout, speech);
    // In other clothes: floats have a fact chunk, and 6 channels a mask.
    let output = bench.run(&["render", "in.wav", "-", "--wav", "--to", "48000x5.1:f32le"]);
    let again = bench.run_with(
        &output.stdout,
        &["render", "-", "-", "--to", "48000x5.1:f32le"],
    );
    let raw = bench.run(&["render", "in.wav", "-", "--to", "48000x5.1:f32le"]);
    assert_eq!(again.stdout, raw.stdout);
}

/// Names of files are bytes.
#[cfg(target_os = "linux")]
#[test]
fn names_need_not_be_utf_8() {
    let (bench, speech) = spoken();
    let path = |name: &[u8]| bench.folder.path().join(OsStr::from_bytes(name));
    let run = |arguments: &[&[u8]]| {
        Command::new(OUTDATA)
            .args(arguments.iter().map(|bytes| OsStr::from_bytes(bytes)))
            .args(TO)
            .current_dir(bench.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    fs::copy(bench.path("in.wav"), path(b"caf\xe9.wav")).unwrap();
    let flac = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/s16.flac");
    fs::copy(flac, path(b"\xfcber.flac")).unwrap();
    for (input, output) in [
        (&b"caf\xe9.wav"[..], &b"\xff\xfe.wav"[..]),
        (b"caf\xe9.wav", b"out\x80.raw"),
        (b"\xfcber.flac", b"\xe4.wav"),
    ] {
        let done = run(&[b"render", input, output]);
        assert_done(&done);
        assert!(path(output).exists());
    }
    assert_eq!(fs::read(path(b"out\x80.raw")).unwrap(), speech);
    let taped = run(&[b"record", b"--device", b"caf\xe9.wav", b"t\xe4pe.wav"]);
    assert_done(&taped);
    assert!(path(b"t\xe4pe.wav").exists());
    let demo = run(&[b"doctor", b"--device", b"null", b"caf\xe9.wav"]);
    assert!(
        !text(&demo.stderr).contains("UTF-8"),
        "{}",
        text(&demo.stderr)
    );
    // What is said of them is said in the characters that there are.
    let missing = run(&[b"render", b"n\xf6.wav", b"out.wav"]);
    assert_fails(&missing, 1, "n\u{fffd}.wav: No such file");
    let same = run(&[b"render", b"caf\xe9.wav", b"caf\xe9.wav"]);
    assert_fails(&same, 2, "same file");
}

#[test]
fn a_recording_goes_wherever_a_rendering_does() {
    let (bench, speech) = spoken();
    let record = |arguments: &[&str]| {
        let fixed = ["record", "--device", "in.wav", "--seconds", "0.1"];
        bench.run(&[&fixed, arguments].concat())
    };
    let spoken = &speech[..9_600];
    assert_done(&record(&["out.raw"]));
    assert_eq!(fs::read(bench.path("out.raw")).unwrap(), spoken);
    let piped = record(&["-", "--wav"]);
    assert_done(&piped);
    assert_eq!(piped.stdout[..4], *b"RIFF");
    assert_eq!(piped.stdout[44..], *spoken);
    assert_done(&record(&["/dev/null"]));
    let path = bench.path("pipe");
    pipe(&path);
    let reading = thread::spawn(move || fs::read(path).unwrap());
    assert_done(&record(&["pipe"]));
    assert_eq!(reading.join().unwrap(), spoken);
    assert_fails(&record(&["out"]), 2, ".raw");
}

/// A live pipe is not kept waiting for more.
#[test]
fn what_was_recorded_is_in_the_pipe_at_once() {
    let mut child = Running::start(
        Command::new(OUTDATA)
            .args(["record", "--device", "null", "--to", "8000x1:u8", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    );
    let mut stdout = child.stdout.take().unwrap();
    let begin = std::time::Instant::now();
    stdout.read_exact(&mut [0; 160]).unwrap();
    let mut last = begin.elapsed();
    // What lasts 100 ms comes about as often, and not in pieces of 4096 bytes, which last half a second.
    let mut at_once = 0;
    for _ in 0..12 {
        stdout.read_exact(&mut [0; 800]).unwrap();
        at_once += u32::from((begin.elapsed() - last).as_millis() < 20);
        last = begin.elapsed();
    }
    assert!(at_once <= 6, "{at_once} of 12");
}
