//! The outputs that need no hardware.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::time::{Duration, Instant};

use device_io::wav::WavHeader;
use device_io::{Backend, DeviceError, Null, Offline, OutputRequest, WavFile};
use rt_callback::{Config, Monitor, Renderer, Resample, StreamSpec, stream};

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

fn samples(count: usize) -> Vec<i16> {
    (0..count).map(|i| ((i * i * 31) % 40_000) as i16).collect()
}

/// A stream that has been fed to its end.
fn prefilled(source: &str, device: StreamSpec, data: &[i16]) -> (Renderer, Monitor) {
    let mut config = Config::new(spec(source), device);
    config.queue_frames = data.len();
    config.resample = Resample::Linear;
    let (mut feeder, _, renderer, monitor) = stream(&config).unwrap();
    assert_eq!(
        feeder.push(data).unwrap() * spec(source).channels(),
        data.len()
    );
    feeder.end_utterance().unwrap();
    (renderer, monitor)
}

fn wait_for(mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn request(spec: StreamSpec) -> OutputRequest {
    let mut request = OutputRequest::new(spec);
    request.block = Duration::from_millis(5).into();
    request
}

/// What is played live, prefilled, has the bytes that offline rendering gives.
#[test]
fn live_is_offline() {
    let device = spec("48000x2:s16le");
    let data = samples(5_000);
    let (offline, mut clock) = Offline::new();
    let mut output = offline.open_output(&request(device)).unwrap();
    let (renderer, _) = prefilled("24000x1:s16le", device, &data);
    output.start(renderer).unwrap();
    let mut expected = Vec::new();
    for frames in [1, 480, 9_519] {
        clock
            .tick(frames, |block| expected.extend_from_slice(block))
            .unwrap();
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.wav");
    let mut output = WavFile::new(&path).open_output(&request(device)).unwrap();
    let (renderer, monitor) = prefilled("24000x1:s16le", device, &data);
    let begin = Instant::now();
    output.start(renderer).unwrap();
    wait_for(|| monitor.snapshot().rendered_frames >= 10_000);
    // 10,000 frames are 208 ms, and the last block's begin is 5 ms earlier.
    assert!(
        begin.elapsed() >= Duration::from_millis(200),
        "paced in real time"
    );
    assert!(!path.exists());
    assert!(output.stop().unwrap().is_some());
    let file = fs::read(&path).unwrap();
    let mut played = &file[..];
    WavHeader::read(&mut played).unwrap();
    assert!(played[..expected.len()] == expected);
    assert!(played[expected.len()..].iter().all(|byte| *byte == 0));
    assert_eq!(monitor.snapshot().underruns, 0);
}

#[test]
fn a_stopped_output_gives_the_renderer_back_with_its_queue() {
    let device = spec("48000x1:s16le");
    let data = samples(48_000);
    let (renderer, monitor) = prefilled("48000x1:s16le", device, &data);
    let mut output = Null.open_output(&request(device)).unwrap();
    assert_eq!(output.block_frames(), Some(240));
    output.start(renderer).unwrap();
    wait_for(|| monitor.snapshot().rendered_frames >= 1_000);
    let mut renderer = output.stop().unwrap().unwrap();
    let heard = monitor.snapshot().heard_frames as usize;
    assert!(heard < data.len());
    let mut block = vec![0_i16; 100];
    renderer.render(&mut block);
    assert_eq!(block, data[heard..heard + 100]);
    // It may go on elsewhere.
    output.start(renderer).unwrap();
    wait_for(|| monitor.snapshot().heard_frames as usize > heard + 100);
    assert!(output.stop().unwrap().is_some());
    assert!(output.stop().unwrap().is_none());
}

#[test]
fn an_output_starts_once() {
    let device = spec("48000x1:s16le");
    let folder = tempfile::tempdir().unwrap();
    let (offline, _clock) = Offline::new();
    let backends: [Box<dyn Backend>; 3] = [
        Box::new(Null),
        Box::new(offline),
        Box::new(WavFile::new(folder.path().join("x.wav"))),
    ];
    for backend in backends {
        assert_eq!(backend.devices().unwrap().len(), 1);
        let mut output = backend.open_output(&request(device)).unwrap();
        assert_eq!(output.spec(), device);
        output
            .start(prefilled("48000x1:s16le", device, &[1]).0)
            .unwrap();
        assert!(
            matches!(
                output.start(prefilled("48000x1:s16le", device, &[1]).0),
                Err(DeviceError::AlreadyStarted)
            ),
            "{}",
            backend.name()
        );
        assert!(output.poll_event().is_none());
    }
}

#[test]
fn the_offline_clock_needs_an_output() {
    let (offline, mut clock) = Offline::new();
    assert!(clock.tick(10, |_| ()).is_none());
    assert_eq!(clock.missing_source_frames(10), 0);
    let device = spec("48000x2:s16le");
    let mut output = offline.open_output(&request(device)).unwrap();
    output
        .start(prefilled("24000x1:s16le", device, &[1; 100]).0)
        .unwrap();
    assert_eq!(clock.missing_source_frames(240), 21);
    let mut played = 0;
    clock.tick(10, |block| played = block.len());
    assert_eq!(played, 40);
}

#[test]
fn a_dropped_output_stops() {
    let device = spec("48000x1:s16le");
    let (renderer, monitor) = prefilled("48000x1:s16le", device, &samples(480));
    let mut output = Null.open_output(&request(device)).unwrap();
    output.start(renderer).unwrap();
    wait_for(|| monitor.snapshot().blocks > 0);
    drop(output);
    let blocks = monitor.snapshot().blocks;
    std::thread::sleep(Duration::from_millis(30));
    assert_eq!(monitor.snapshot().blocks, blocks);
}
