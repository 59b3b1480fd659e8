//! Recording from cards that are made up and pulled out: the plugin is device-io's own test's.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::bench::{Bench, Running};

/// The plugin, compiled once a run; `None` where ALSA's headers or a compiler are missing.
fn plugin() -> Option<&'static Path> {
    static PLUGIN: OnceLock<Option<PathBuf>> = OnceLock::new();
    let plugin = PLUGIN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let source = "../device-io/tests/fakecard/pcm_fakecard.c";
        // Another run may be using the present one.
        let new = folder.join(format!("fakecard-{}.so", std::process::id()));
        let compiled = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-O2", "-fPIC", "-DPIC", "-shared", "-o"])
            .arg(&new)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(source))
            .arg("-lasound")
            .status();
        if !compiled.is_ok_and(|status| status.success()) {
            // Not through eprintln, which the test harness hides.
            let _ = writeln!(
                io::stderr(),
                "SKIPPED: the made-up card cannot be compiled (apt-get install libasound2-dev)"
            );
            return None;
        }
        let plugin = folder.join("libasound_module_pcm_fakecard.so");
        fs::rename(&new, &plugin).unwrap();
        Some(plugin)
    });
    plugin.as_deref()
}

/// A recording from a card that delivers a ramp: 1, 2, 3, ... since it was opened.
struct Taping {
    bench: Bench,
    child: Running,
    said: BufReader<ChildStderr>,
    /// Dropped when the process has been waited for.
    is_over: Sender<()>,
}

impl Taping {
    /// From the card `usb`, at 48 kHz, mono; beside it, where it is asked for, there is `default`.
    fn start(cards: &[&str], options: &[&str]) -> Option<Self> {
        let plugin = plugin()?.display();
        let bench = Bench::new();
        let mut conf = format!("pcm_type.fakecard {{ lib \"{plugin}\" }}\n");
        for card in cards {
            let (name, fields) = card.split_once(": ").unwrap();
            let file = bench.path(name).display().to_string();
            conf += &format!(
                "pcm.{name} {{ type fakecard {fields} file \"{file}\" gone \"{file}.gone\" \
                 hint {{ show on description \"{name}\" }} }}\n"
            );
        }
        let conf = bench.file("asound.conf", conf.as_bytes());
        let mut child = Running::start(
            Command::new(env!("CARGO_BIN_EXE_outdata"))
                .args([
                    "record", "--host", "alsa", "--device", "alsa:usb", "--report", "json",
                ])
                .args(options)
                .arg("out.wav")
                .current_dir(bench.folder.path())
                .env("ALSA_CONFIG_PATH", conf)
                .env_remove("PULSE_SERVER")
                .env_remove("RUST_LOG")
                .stdin(Stdio::null())
                .stderr(Stdio::piped()),
        );
        let said = BufReader::new(child.stderr.take().unwrap());
        let id = Pid::from_child(&child);
        let (is_over, over) = mpsc::channel();
        // Whatever it waits for, the test does not wait for ever.
        thread::spawn(move || {
            if over.recv_timeout(Duration::from_secs(30)) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(id, Signal::KILL);
            }
        });
        let begin = Instant::now();
        while !bench.names().iter().any(|name| name.ends_with(".part")) {
            assert!(begin.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(500));
        Some(Self {
            bench,
            child,
            said,
            is_over,
        })
    }

    /// Pulls the card out, and returns when that is noticed.
    fn unplug(&mut self) {
        self.bench.file("usb.gone", &[]);
        assert!(self.line().contains("warning"));
    }

    fn plug_in(&mut self) {
        fs::remove_file(self.bench.path("usb.gone")).unwrap();
    }

    /// The next line that it says.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }

    fn interrupt(&self) {
        self.child.signal(Signal::INT);
    }

    /// Its status, what it said, and the samples of the one file that it leaves.
    fn end(mut self) -> (Option<i32>, Vec<String>, Vec<i16>) {
        let said = self.said.lines().map(Result::unwrap).collect();
        let status = self.child.wait().unwrap().code();
        drop(self.is_over);
        let names = self.bench.names();
        assert!(names.contains(&"out.wav".into()), "{names:?}, {said:?}");
        assert!(
            !names.iter().any(|name| name.ends_with(".part")),
            "{names:?}"
        );
        let samples = self.bench.samples("out.wav");
        let samples = samples.chunks_exact(2);
        let samples = samples.map(|sample| i16::from_le_bytes(sample.try_into().unwrap()));
        (status, said, samples.collect())
    }
}

const USB: &str = "usb: formats S16_LE rate_min 48000 rate_max 48000 channels_min 1 channels_max 1";
const MONO: [&str; 2] = ["--to", "48000x1:s16le"];

/// How many samples go up by 1 from 1 on.
fn ramp(samples: &[i16]) -> usize {
    let expected = (1..=samples.len()).map(|at| at as i16);
    let ramp = samples.iter().zip(expected);
    ramp.take_while(|(is, expected)| **is == *expected).count()
}

/// The ramp, and nothing behind it but the silence in which the device was away.
fn assert_ramp(samples: &[i16]) {
    let heard = ramp(samples);
    assert!(heard > 48 * 300, "{heard}");
    assert!(samples[heard..].iter().all(|sample| *sample == 0));
}

fn last_line(said: &[String]) -> Value {
    serde_json::from_str(said.last().unwrap()).unwrap()
}

/// The microphone is pulled out and put back: the recording goes on in the same file, and the time
/// between is silence.
#[test]
fn a_recording_goes_on_when_its_microphone_comes_back() {
    let Some(mut taping) = Taping::start(&[USB], &MONO) else {
        return;
    };
    let unplugged = Instant::now();
    taping.unplug();
    taping.plug_in();
    let line = taping.line();
    let back = unplugged.elapsed().as_millis() as usize * 48;
    assert!(line.contains("going on on alsa:usb"), "{line}");
    thread::sleep(Duration::from_millis(500));
    taping.interrupt();
    let (status, said, samples) = taping.end();
    assert_eq!(status, Some(0), "{said:?}");
    let before = ramp(&samples);
    assert!(before > 48 * 300, "{before}");
    let silent = samples[before..]
        .iter()
        .take_while(|sample| **sample == 0)
        .count();
    let after = ramp(&samples[before + silent..]);
    assert_eq!(
        before + silent + after,
        samples.len(),
        "nothing else is heard"
    );
    assert!(after > 48 * 300, "{after}");
    let report = last_line(&said);
    assert_eq!(report["frames_out"], samples.len());
    assert_eq!(report["overruns"], 0);
    // One gap, as long as it took, to some blocks.
    let gap = json!({"at_frame": before, "frames": silent, "rate_hz": 48_000});
    assert_eq!(report["gaps"], json!([gap]));
    assert!(silent.abs_diff(back) < 48 * 100, "{silent} {back}");
}

/// Where it does not come back, the default device is heard instead, in the file's own format.
#[test]
fn a_recording_goes_on_on_the_default_device() {
    let other = "default: formats S16_LE rate_min 44100 rate_max 44100";
    let Some(mut taping) = Taping::start(&[USB, other], &MONO) else {
        return;
    };
    taping.unplug();
    let line = taping.line();
    assert!(
        line.contains("going on on the default device, 44100x"),
        "{line}"
    );
    thread::sleep(Duration::from_millis(500));
    taping.interrupt();
    let (status, said, samples) = taping.end();
    assert_eq!(status, Some(0), "{said:?}");
    assert!(samples.len() > 48 * 800, "{}", samples.len());
}

#[test]
fn a_recording_that_is_not_to_go_on_is_kept() {
    for (policy, words) in [
        ("fail", "outdata: "),
        ("pause", "there are no keys to go on"),
    ] {
        let Some(taping) = Taping::start(&[USB], &["--on-loss", policy]) else {
            return;
        };
        taping.bench.file("usb.gone", &[]);
        let (status, said, samples) = taping.end();
        assert_eq!(status, Some(1), "{said:?}");
        assert_ramp(&samples);
        let last = &said[said.len() - 2];
        assert!(
            last.starts_with("outdata: ") && last.contains(words),
            "{said:?}"
        );
        let seconds = samples.len() as f64 / 48_000.0;
        let kept = format!("the {seconds:.2} s until then are in out.wav");
        assert!(last.ends_with(&kept), "{said:?}");
        assert_eq!(last_line(&said)["frames_out"], samples.len());
    }
}

/// A device that stays away keeps nobody waiting for longer than was asked for.
#[test]
fn so_many_seconds_are_over_without_a_device_too() {
    let Some(mut taping) = Taping::start(&[USB], &["--seconds", "1.5"]) else {
        return;
    };
    let begin = Instant::now();
    taping.unplug();
    let (status, said, samples) = taping.end();
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(status, Some(1), "{said:?}");
    assert_ramp(&samples);
    assert!(samples.len() <= 48 * 1_500);
    assert!(said[0].contains("did not come back in time"), "{said:?}");
}

/// Told to end while there is no device, it ends at once.
#[test]
fn an_interrupted_search_is_a_whole_file() {
    let Some(mut taping) = Taping::start(&[USB], &MONO) else {
        return;
    };
    taping.unplug();
    taping.interrupt();
    let (status, said, samples) = taping.end();
    assert_eq!(status, Some(0), "{said:?}");
    assert_ramp(&samples);
}
