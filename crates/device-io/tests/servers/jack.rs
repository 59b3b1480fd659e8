//! JACK, with its dummy driver.

use std::path::Path;
use std::time::Duration;

use crate::server::{self, Server, ask, wait_for};
use crate::streams::{
    STEREO, events, exact_once, hear_past_a_death, input_request, is_exact, listening, noise,
    prefilled, reopened, request, spec, supervision,
};
use device_io::{Backend, Cpal, Output, Supervised};

macro_rules! with_jack {
    ($name:ident, $body:expr) => {
        #[test]
        fn $name() {
            let path = concat!(module_path!(), "::", stringify!($name));
            let server = format!("pcm{}{}", std::process::id(), stringify!($name).len());
            let variables = [
                ("JACK_DEFAULT_SERVER", server.as_str()),
                ("JACK_NO_START_SERVER", "1"),
                ("JACK_NO_AUDIO_RESERVATION", "1"),
            ];
            let programs = ["jackd", "jack_wait", "jack_lsp", "jack_connect"];
            server::run(path, &programs, &variables, $body);
        }
    };
}

fn start(folder: &Path) -> Server {
    let name = std::env::var("JACK_DEFAULT_SERVER").unwrap();
    // A long period: on a busy machine a client that is late loses it.
    let arguments = [
        "-n", &name, "-r", "-d", "dummy", "-r", "48000", "-p", "4096", "-C", "2", "-P", "2",
    ];
    let arguments = arguments.map(str::to_owned);
    let server = Server::start("jackd", &arguments, folder.join("log"));
    wait_for("JACK", || {
        ask("jack_wait", &["-s", &name, "-c"])
            .is_ok_and(|said| said.contains("running\n") && !said.contains("not running"))
    });
    server
}

fn host() -> Cpal {
    Cpal::host("jack").unwrap()
}

/// The ports of clients that are not the system's.
fn ports() -> Vec<String> {
    let said = ask("jack_lsp", &[]).unwrap_or_default();
    let lines = said.lines().map(str::trim);
    let ours = lines.filter(|port| port.contains(':') && !port.starts_with("system:"));
    ours.map(str::to_owned).collect()
}

// What one client plays the other records, through the server.
with_jack!(playback_and_capture_are_exact, |folder| {
    let _server = start(folder);
    let data = noise(48_000);
    exact_once(|| {
        let mut input = host().open_input(&input_request()).unwrap();
        let application = spec(STEREO);
        let (recorder, mut reader) = listening(input.spec());
        input.start(recorder).unwrap();
        let ears = ports();
        let mut output = host().open_output(&request()).unwrap();
        assert_eq!((output.spec(), input.spec()), (application, application));
        let (mut feeder, renderer, monitor) = prefilled(output.spec(), &[]);
        drop(monitor);
        output.start(renderer).unwrap();
        let mouths: Vec<_> = ports()
            .into_iter()
            .filter(|port| !ears.contains(port))
            .collect();
        assert_eq!((mouths.len(), ears.len()), (2, 2), "{mouths:?} {ears:?}");
        for (mouth, ear) in mouths.iter().zip(&ears) {
            ask("jack_connect", &[mouth, ear]).unwrap();
        }
        // Nothing is said before somebody listens.
        assert_eq!(feeder.push(&data).unwrap(), 48_000);
        feeder.drain(Duration::from_secs(10)).unwrap();
        std::thread::sleep(Duration::from_millis(600));
        assert!(output.stop().unwrap().is_some());
        drop(input.stop().unwrap().unwrap());
        let mut heard = vec![0.0; 2 * 480_000];
        let frames = reader.read(&mut heard);
        heard.truncate(2 * frames);
        is_exact(&heard, &data)
    });
});

with_jack!(
    a_server_that_is_killed_and_started_again_is_survived,
    |folder| {
        let server = start(folder);
        let mut output = Supervised::open(host(), request(), supervision()).unwrap();
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

with_jack!(a_microphone_outlives_its_server, |folder| {
    hear_past_a_death(|| start(folder), host());
});
