//! A folder to run the tool in, and what is asked of its answers.

use std::fs;
use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// Runs the tool in the folder, with this on its standard input.
    pub(crate) fn run_with(&self, input: &[u8], arguments: &[&str]) -> Output {
        let mut child = Running::start(
            Command::new(env!("CARGO_BIN_EXE_outdata"))
                .args(arguments)
                .current_dir(self.folder.path())
                .env_remove("RUST_LOG")
                // Whatever this machine's ALSA is set up for, the tests find no card.
                .env("ALSA_CONFIG_PATH", "/dev/null")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        );
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeding = std::thread::spawn(move || {
            // A tool that refuses its arguments does not read on.
            let _ = stdin.write_all(&input);
        });
        let output = child.output();
        feeding.join().unwrap();
        output
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(&[], arguments)
    }

    /// The samples of a WAV file, after a look at its lengths and its padding.
    pub(crate) fn samples(&self, name: &str) -> Vec<u8> {
        let bytes = fs::read(self.path(name)).unwrap();
        let length = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(bytes[..4], *b"RIFF");
        assert_eq!(length(4) + 8, bytes.len());
        let mut at = 12;
        while bytes[at..at + 4] != *b"data" {
            at += 8 + length(at + 4).next_multiple_of(2);
        }
        let end = at + 8 + length(at + 4);
        assert_eq!(end.next_multiple_of(2), bytes.len());
        bytes[at + 8..end].to_vec()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Waits for a first file, by any name.
    pub(crate) fn wait_for_a_file(&self) {
        let begin = Instant::now();
        while self.names().is_empty() {
            assert!(begin.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A program that runs. Where a test fails before it has ended, it is killed.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(Some(command.spawn().unwrap()))
    }

    /// Its end, and what it said until then. One that does not come to its end is killed.
    pub(crate) fn output(mut self) -> Output {
        #[cfg(unix)]
        let _watched = self.watched();
        self.0.take().unwrap().wait_with_output().unwrap()
    }

    /// It is killed after a minute, if this is there so long.
    #[cfg(unix)]
    fn watched(&self) -> std::sync::mpsc::Sender<()> {
        use rustix::process::{Pid, Signal, kill_process};
        use std::sync::mpsc::{RecvTimeoutError, channel};
        let id = Pid::from_child(self);
        let (watched, over) = channel();
        std::thread::spawn(move || {
            let limit = std::time::Duration::from_secs(60);
            if over.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(id, Signal::KILL);
            }
        });
        watched
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(self);
        rustix::process::kill_process(id, signal).unwrap();
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        self.0.as_ref().unwrap()
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// It ended with this status and one line that says this.
pub(crate) fn assert_fails(output: &Output, status: i32, words: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("outdata: "), "{said}");
    assert!(said.contains(words), "{said}");
    assert!(output.stdout.is_empty());
}

pub(crate) fn report(output: &Output) -> Value {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

pub(crate) fn all_i16() -> Vec<u8> {
    (i16::MIN..=i16::MAX).flat_map(i16::to_le_bytes).collect()
}

pub(crate) fn speech() -> Vec<u8> {
    (0..24_000_u64)
        .flat_map(|i| {
            let tone = (i as f64 * 0.05).sin() * (i as f64 * 0.0007).sin() * 20_000.0;
            (tone as i16).to_le_bytes()
        })
        .collect()
}

pub(crate) fn wav(frame_bytes: u16, data: u32, samples: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\x00\x00\x01\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00".to_vec();
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend(96_000_u32.to_le_bytes());
    bytes.extend(frame_bytes.to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes.extend(samples);
    bytes
}
