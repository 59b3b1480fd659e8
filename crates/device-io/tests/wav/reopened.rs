//! A file that is opened again by what played into it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use device_io::wav::WavReader;
use device_io::{
    Backend, DeviceError, Fault, FaultInjector, Faults, Output, OutputRequest, Player, PlayerEvent,
    Supervised, Supervision, WavFile,
};
use rt_callback::{Config, Drained, Monitor, Renderer, StreamSpec, stream};

const SPEC: &str = "48000x1:s16le";

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

fn request(spec: StreamSpec) -> OutputRequest {
    let mut request = OutputRequest::new(spec);
    request.block = Duration::from_millis(5).into();
    request
}

/// Samples none of which is silence.
fn samples(count: usize) -> Vec<i16> {
    (0..count).map(|i| (i % 30_000) as i16 + 1).collect()
}

/// A stream of these samples, to its end.
fn prefilled(data: &[i16], device: StreamSpec) -> (Renderer, Monitor) {
    let mut config = Config::new(spec(SPEC), device);
    config.queue_frames = data.len().max(1);
    let (mut feeder, _, renderer, monitor) = stream(&config).unwrap();
    assert_eq!(feeder.push(data).unwrap(), data.len());
    feeder.end_utterance().unwrap();
    (renderer, monitor)
}

/// Plays all of these samples.
fn play(output: &mut dyn Output, data: &[i16]) -> Result<(), DeviceError> {
    let (renderer, monitor) = prefilled(data, output.spec());
    output.start(renderer)?;
    wait_for_end(&monitor, data.len());
    output.stop().map(drop)
}

fn wait_for_end(monitor: &Monitor, frames: usize) {
    while monitor.snapshot().heard_frames < frames as u64 {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What is in the file besides silence.
fn heard(path: &Path) -> Vec<i16> {
    let mut file = WavReader::new(fs::File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    let samples = bytes
        .as_chunks()
        .0
        .iter()
        .map(|two| i16::from_le_bytes(*two));
    samples.filter(|sample| *sample != 0).collect()
}

/// libsndfile/libsndfile#300 has it of a recording: what was heard before the device was lost was deleted.
#[test]
fn a_supervised_file_keeps_what_was_heard_before_it_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let faults = Faults::new(1)
        .at(4_800, Fault::Lose)
        .at(12_000, Fault::Invalidate);
    let mut player = Player::on(FaultInjector::new(WavFile::new(&path), faults))
        .config(|config| config.ramp_frames = 0)
        .open(spec(SPEC))
        .unwrap();
    let data = samples(19_200);
    player.write(&data).unwrap();
    assert_eq!(player.drain().unwrap(), Drained::Heard);
    let events = player.events();
    let reopened = events.iter().filter(|event| {
        matches!(
            event,
            PlayerEvent::Device(device_io::DeviceEvent::Reopened { .. })
        )
    });
    assert_eq!(reopened.count(), 2, "{events:?}");
    player.finish().unwrap();
    assert!(heard(&path) == data, "sound is lost or new");
}

#[test]
fn a_supervised_stream_that_was_stopped_goes_on_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let file = WavFile::new(&path);
    let mut output = Supervised::open(file, request(spec(SPEC)), Supervision::default()).unwrap();
    let data = samples(2_400);
    play(&mut output, &data[..1_200]).unwrap();
    play(&mut output, &data[1_200..]).unwrap();
    assert!(heard(&path) == data);
}

/// Also one output that is stopped and started, and one more of a clone, which was opened before the other had played.
#[test]
fn what_is_played_into_a_file_in_turn_is_all_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let file = WavFile::new(&path);
    let mut first = file.open_output(&request(spec(SPEC))).unwrap();
    let mut second = file.clone().open_output(&request(spec(SPEC))).unwrap();
    let data = samples(3_600);
    play(first.as_mut(), &data[..1_200]).unwrap();
    play(first.as_mut(), &data[1_200..2_400]).unwrap();
    play(second.as_mut(), &data[2_400..]).unwrap();
    assert!(heard(&path) == data);
    // Opened and not started: nothing changes, and nothing is left behind.
    drop(file.open_output(&request(spec(SPEC))).unwrap());
    assert!(heard(&path) == data);
    drop((first, second));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // Another recording replaces the file.
    let mut other = WavFile::new(&path)
        .open_output(&request(spec(SPEC)))
        .unwrap();
    play(other.as_mut(), &data[..1_200]).unwrap();
    assert!(heard(&path) == data[..1_200]);
}

/// An odd number of bytes is padded, and the padding is no sample.
#[test]
fn a_file_of_odd_length_goes_on_behind_its_last_sample() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let file = WavFile::new(&path);
    let mut odd = OutputRequest::new(spec("8000x1:u8"));
    odd.block = device_io::BlockLength::Frames(81);
    for _ in 0..2 {
        let mut output = file.open_output(&odd).unwrap();
        let (renderer, monitor) = prefilled(&[], output.spec());
        output.start(renderer).unwrap();
        while monitor.snapshot().blocks == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        output.stop().unwrap();
    }
    let mut reader = WavReader::new(fs::File::open(&path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut bytes).unwrap();
    assert!(
        bytes.len() >= 162 && bytes.len() % 81 == 0,
        "{}",
        bytes.len()
    );
    assert!(bytes.iter().all(|byte| *byte == 128), "padding is heard");
}

#[test]
fn a_file_in_use_is_refused_and_the_renderer_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let file = WavFile::new(&path);
    let mut first = file.open_output(&request(spec(SPEC))).unwrap();
    let mut second = file.open_output(&request(spec(SPEC))).unwrap();
    let data = samples(1_200);
    let (renderer, monitor) = prefilled(&data[..600], spec(SPEC));
    first.start(renderer).unwrap();
    for _ in 0..2 {
        let refused = second.start(prefilled(&data[600..], spec(SPEC)).0);
        let words = refused.unwrap_err().to_string();
        assert!(words.contains("another output is playing into"), "{words}");
    }
    let renderer = second.stop().unwrap().unwrap();
    wait_for_end(&monitor, 600);
    assert!(first.stop().unwrap().is_some());
    second.start(renderer).unwrap();
    std::thread::sleep(Duration::from_millis(40));
    assert!(second.stop().unwrap().is_some());
    assert!(second.stop().unwrap().is_none());
    assert!(heard(&path) == data);
}

#[test]
fn a_file_that_cannot_go_on_is_refused_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let file = WavFile::new(&path);
    let other = spec("44100x1:s16le");
    let mut early = file.open_output(&request(other)).unwrap();
    let data = samples(1_200);
    let mut output = file.open_output(&request(spec(SPEC))).unwrap();
    play(output.as_mut(), &data).unwrap();
    let words = file.open_output(&request(other)).err().unwrap().to_string();
    assert!(words.contains("as 48000x1:s16le"), "{words}");
    let (renderer, _) = prefilled(&data, other);
    assert!(early.start(renderer).unwrap_err().to_string() == words);
    assert!(early.stop().unwrap().is_some());
    assert!(heard(&path) == data);
    // Somebody has put another file there.
    let another = WavFile::new(&path);
    let mut replacing = another.open_output(&request(other)).unwrap();
    play(replacing.as_mut(), &data[..10]).unwrap();
    let bytes = fs::read(&path).unwrap();
    let words = play(output.as_mut(), &data).unwrap_err().to_string();
    assert!(words.contains("is not what was played before"), "{words}");
    assert!(output.stop().unwrap().is_some());
    assert!(fs::read(&path).unwrap() == bytes);
    // Somebody has taken it away: it is begun anew.
    fs::remove_file(&path).unwrap();
    play(output.as_mut(), &data[..600]).unwrap();
    assert!(heard(&path) == data[..600]);
}
