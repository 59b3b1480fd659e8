//! PulseAudio, with a null sink.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use device_io::{Backend, Cpal, DeviceEvent, Input, Output, Supervised};
use rt_callback::{Reader, Recorder};

use crate::server::{self, Server, ask, wait_for};
use crate::streams::{
    STEREO, assert_counted, events, exact_once, hear, hear_past_a_death, input_events,
    input_request, is_exact, listening, microphone, noise, prefilled, reopened, request, spec,
    supervision,
};

/// A test that has a server's folder, and no other server.
macro_rules! with_pulse {
    ($name:ident, $body:expr) => {
        #[test]
        fn $name() {
            let path = concat!(module_path!(), "::", stringify!($name));
            let programs = ["pulseaudio", "pactl", "parec", "pacat"];
            let variables = [
                ("XDG_RUNTIME_DIR", "{}"),
                ("HOME", "{}"),
                ("PULSE_RUNTIME_PATH", "{}"),
                ("PULSE_STATE_PATH", "{}"),
                ("PULSE_CONFIG_PATH", "{}"),
                ("PULSE_SERVER", "unix:{}/native"),
            ];
            server::run(path, &programs, &variables, $body);
        }
    };
}

const SINK: &str =
    "module-null-sink sink_name=out format=float32le rate=48000 channels=2 norewinds=1";

const OTHER: &str =
    "module-null-sink sink_name=other format=float32le rate=48000 channels=2 norewinds=1";

fn start(folder: &Path) -> Server {
    let folder_name = folder.display();
    let native =
        format!("module-native-protocol-unix auth-anonymous=1 socket={folder_name}/native");
    let mut arguments: Vec<String> = [
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "--realtime=no",
        "--high-priority=no",
        "--log-target=stderr",
        "--log-level=info",
        "-L",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.extend([native, "-L".into(), SINK.into()]);
    let server = Server::start("pulseaudio", &arguments, folder.join("log"));
    wait_for("PulseAudio", || ask("pactl", &["info"]).is_ok());
    server
}

fn host() -> Cpal {
    Cpal::host("pulseaudio").unwrap()
}

/// A client that is ended with the test.
struct Client(Child);

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Records what the sink plays, from when this returns on.
fn listen(to: PathBuf) -> Client {
    let file = fs::File::create(&to).unwrap();
    let child = Command::new("parec")
        .args(["-d", "out.monitor", "--raw", "--format=float32le"])
        .args(["--rate=48000", "--channels=2", "--latency-msec=50"])
        .stdin(Stdio::null())
        .stdout(file)
        .spawn()
        .unwrap();
    wait_for("parec", || fs::metadata(&to).unwrap().len() > 0);
    Client(child)
}

fn floats(path: &Path) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

with_pulse!(playback_is_exact, |folder| {
    let _server = start(folder);
    let data = noise(48_000);
    let path = folder.join("heard.raw");
    exact_once(|| {
        let listener = listen(path.clone());
        let mut output = host().open_output(&request()).unwrap();
        assert_eq!(output.spec(), spec(STEREO));
        let (mut feeder, renderer, monitor) = prefilled(output.spec(), &data);
        output.start(renderer).unwrap();
        feeder.drain(Duration::from_secs(10)).unwrap();
        let enough = 4 * (data.len() + 2 * 9_600) as u64;
        let begin = Instant::now();
        while fs::metadata(&path).unwrap().len() < enough && begin.elapsed().as_secs() < 3 {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(output.stop().unwrap().is_some());
        assert_eq!(monitor.snapshot().heard_frames, 48_000);
        drop(listener);
        is_exact(&floats(&path), &data)
    });
});

/// An input that is started and read as it is.
fn record() -> (Box<dyn Input>, Reader) {
    let mut input = host().open_input(&input_request()).unwrap();
    let (recorder, reader) = listening(input.spec());
    input.start(recorder).unwrap();
    (input, reader)
}

/// Reads so much, or what comes in ten seconds.
fn read(reader: &mut Reader, frames: usize) -> Vec<f32> {
    let mut heard = vec![0.0; 2 * frames];
    let frames = reader.read_blocking(&mut heard, Duration::from_secs(10));
    heard.truncate(2 * frames);
    heard
}

with_pulse!(capture_is_exact, |folder| {
    let _server = start(folder);
    let inputs = host().inputs().unwrap();
    assert!(inputs.iter().any(|input| input.is_default), "{inputs:?}");
    let data = noise(48_000);
    let bytes: Vec<u8> = data
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let path = folder.join("said.raw");
    fs::write(&path, bytes).unwrap();
    exact_once(|| {
        let (mut input, mut reader) = record();
        assert_eq!(input.spec(), spec(STEREO));
        // Something has come, so nothing of what follows is missed.
        let mut heard = read(&mut reader, 480);
        let said = Command::new("pacat")
            .args(["--playback", "-d", "out", "--raw", "--format=float32le"])
            .args(["--rate=48000", "--channels=2", "--latency-msec=200"])
            .arg(&path)
            .status();
        assert!(said.unwrap().success());
        heard.extend(read(&mut reader, 48_000 + 24_000));
        assert!(input.stop().unwrap().is_some());
        let counters = reader.snapshot();
        assert_eq!((counters.overruns, counters.shape_mismatches), (0, 0));
        is_exact(&heard, &data)
    });
});

fn supervised() -> Supervised {
    Supervised::open(host(), request(), supervision()).unwrap()
}

fn load_sink(sink: &str) {
    let arguments: Vec<_> = std::iter::once("load-module")
        .chain(sink.split(' '))
        .collect();
    ask("pactl", &arguments).unwrap();
}

// The callbacks stop without an error, and dropping the stream hangs for ever.
with_pulse!(a_sink_that_is_unloaded_is_survived, |folder| {
    let _server = start(folder);
    let mut output = supervised();
    let (_feeder, renderer, monitor) = prefilled(output.spec(), &noise(96_000));
    output.start(renderer).unwrap();
    wait_for("sound", || monitor.snapshot().heard_frames > 24_000);
    ask("pactl", &["unload-module", "module-null-sink"]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    load_sink(SINK);
    let told = reopened(|| output.poll_event());
    wait_for("the rest", || monitor.snapshot().heard_frames == 96_000);
    let begin = Instant::now();
    assert!(output.stop().unwrap().is_some(), "{told:?}");
    drop(output);
    assert!(begin.elapsed() < Duration::from_secs(5), "{told:?}");
    assert_eq!(monitor.snapshot().dropped_frames, 0);
});

with_pulse!(
    a_server_that_is_killed_and_started_again_is_survived,
    |folder| {
        let server = start(folder);
        let mut output = supervised();
        let (_feeder, renderer, monitor) = prefilled(output.spec(), &noise(96_000));
        output.start(renderer).unwrap();
        wait_for("sound", || monitor.snapshot().heard_frames > 24_000);
        server.kill();
        let mut told = Vec::new();
        wait_for("the loss", || {
            told.extend(events(&mut output));
            !told.is_empty()
        });
        let _server = start(folder);
        told.extend(reopened(|| output.poll_event()));
        wait_for("the rest", || monitor.snapshot().heard_frames == 96_000);
        assert!(output.stop().unwrap().is_some(), "{told:?}");
        assert_eq!(monitor.snapshot().dropped_frames, 0);
    }
);

/// Until something says that the device is gone, or nothing comes any more.
fn loss(input: &mut dyn Input) {
    let (mut blocks, mut since) = (0, Instant::now());
    wait_for("the loss", || {
        let now = input.progress().unwrap().blocks;
        if now != blocks {
            (blocks, since) = (now, Instant::now());
        }
        let told = input_events(input);
        let gone = |event: &DeviceEvent| {
            matches!(event, DeviceEvent::Lost(_) | DeviceEvent::Invalidated(_))
        };
        told.iter().any(gone) || since.elapsed() > Duration::from_secs(2)
    });
}

fn go_on(mut recorder: Recorder) -> Box<dyn Input> {
    let mut input = host().open_input(&input_request()).unwrap();
    recorder.rebind(input.spec()).unwrap();
    input.start(recorder).unwrap();
    input
}

with_pulse!(a_capture_outlives_its_server, |folder| {
    let server = start(folder);
    let (mut input, mut reader) = record();
    assert_eq!(read(&mut reader, 4_800).len(), 9_600);
    server.kill();
    loss(input.as_mut());
    let begin = Instant::now();
    let recorder = input.stop().unwrap().unwrap();
    drop(input);
    assert!(begin.elapsed() < Duration::from_secs(5));
    let _server = start(folder);
    let mut input = go_on(recorder);
    let before = reader.snapshot();
    assert_eq!(
        read(&mut reader, before.queued_frames as usize + 4_800).len() as u64,
        2 * (before.queued_frames + 4_800)
    );
    assert!(input.stop().unwrap().is_some());
    let counters = reader.snapshot();
    assert_eq!(
        counters.captured_frames,
        counters.read_frames + counters.queued_frames
    );
});

// The monitor of a sink, which is all there is to record from, goes with it.
with_pulse!(a_source_that_is_unloaded_is_survived, |folder| {
    let _server = start(folder);
    let (mut input, reader) = microphone(host());
    hear(&reader, 24_000);
    ask("pactl", &["unload-module", "module-null-sink"]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    load_sink(SINK);
    reopened(|| input.poll_event());
    hear(&reader, 24_000);
    assert_counted(input, reader);
});

with_pulse!(a_microphone_outlives_its_server, |folder| {
    hear_past_a_death(|| start(folder), host());
});

// tesselode/kira#38: this host tells of no change, so it is asked once a second.
with_pulse!(another_default_device_is_followed_both_ways, |folder| {
    let _server = start(folder);
    ask("pactl", &["set-default-sink", "out"]).unwrap();
    ask("pactl", &["set-default-source", "out.monitor"]).unwrap();
    load_sink(OTHER);
    let mut output = supervised();
    let (_feeder, renderer, monitor) = prefilled(output.spec(), &noise(240_000));
    output.start(renderer).unwrap();
    let (mut input, reader) = microphone(host());
    wait_for("sound", || monitor.snapshot().heard_frames > 9_600);
    hear(&reader, 9_600);
    ask("pactl", &["set-default-sink", "other"]).unwrap();
    ask("pactl", &["set-default-source", "other.monitor"]).unwrap();
    for told in [
        reopened(|| output.poll_event()),
        reopened(|| input.poll_event()),
    ] {
        let moved = |event: &DeviceEvent| matches!(event, DeviceEvent::DefaultChanged(id) if id.contains("other"));
        assert!(told.iter().any(moved), "{told:?}");
    }
    let heard = monitor.snapshot().heard_frames;
    wait_for("sound", || monitor.snapshot().heard_frames > heard + 9_600);
    hear(&reader, 9_600);
    let playing = ask("pactl", &["list", "short", "sink-inputs"]).unwrap();
    let sinks = ask("pactl", &["list", "short", "sinks"]).unwrap();
    let index = sinks.lines().find(|line| line.contains("other")).unwrap();
    let index = index.split_whitespace().next();
    assert_eq!(playing.split_whitespace().nth(1), index, "{playing}{sinks}");
    assert!(output.stop().unwrap().is_some());
    assert_eq!(monitor.snapshot().dropped_frames, 0);
    assert_counted(input, reader);
});
