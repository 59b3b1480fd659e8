//! The outputs that need no hardware.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use device_io::wav::WavHeader;
use device_io::{Backend, Clock, DeviceError, Null, Offline, Output, OutputRequest, WavFile};
use rt_callback::{
    Config, FrameSource, Monitor, Renderer, Resample, StreamSpec, stream, stream_from,
};

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

/// Every backend without hardware, and what turns the one that has no time of its own.
fn software(folder: &Path) -> ([Box<dyn Backend>; 3], Clock) {
    let (offline, clock) = Offline::new();
    let file = WavFile::new(folder.join("x.wav"));
    ([Box::new(Null), Box::new(offline), Box::new(file)], clock)
}

#[test]
fn an_output_starts_once() {
    let device = spec("48000x1:s16le");
    let folder = tempfile::tempdir().unwrap();
    let (backends, _clock) = software(folder.path());
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

/// Whoever asks for loudspeakers by name does not get a file.
#[test]
fn there_is_no_other_device_than_the_one_that_is_listed() {
    let device = spec("48000x1:s16le");
    let folder = tempfile::tempdir().unwrap();
    let (backends, _clock) = software(folder.path());
    for backend in backends {
        let listed = backend.devices().unwrap().remove(0).id;
        let mut request = request(device);
        request.device = Some("loudspeakers".into());
        match backend.open_output(&request).err() {
            Some(DeviceError::UnknownDevice { id, known }) => {
                assert_eq!((id.as_str(), known), ("loudspeakers", vec![listed.clone()]));
            }
            other => panic!("{}: {other:?}", backend.name()),
        }
        request.device = Some(listed);
        assert!(backend.open_output(&request).is_ok());
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

/// It was never started: what another handle has started is none of its business.
#[test]
fn an_offline_output_stops_only_what_it_started() {
    let device = spec("48000x1:s16le");
    let (offline, mut clock) = Offline::new();
    let open = || offline.open_output(&request(device)).unwrap();
    let (mut first, mut second) = (open(), open());
    let (renderer, monitor) = prefilled("48000x1:s16le", device, &samples(480));
    first.start(renderer).unwrap();
    drop(open());
    assert!(second.stop().unwrap().is_none());
    assert!(clock.tick(48, |_| ()).is_some());
    // What cannot be started is given back, and not the other one.
    let (refused, unheard) = prefilled("48000x1:s16le", device, &samples(480));
    let started = second.start(refused);
    assert!(matches!(started, Err(DeviceError::AlreadyStarted)));
    let refused = second.stop().unwrap().unwrap();
    assert!(second.stop().unwrap().is_none());
    clock.tick(48, |_| ()).unwrap();
    let heard = || {
        (
            monitor.snapshot().heard_frames,
            unheard.snapshot().heard_frames,
        )
    };
    assert_eq!(heard(), (96, 0));
    // The place is free when the first is stopped.
    assert!(first.stop().unwrap().is_some());
    assert!(clock.tick(48, |_| ()).is_none());
    second.start(refused).unwrap();
    assert!(first.stop().unwrap().is_none());
    clock.tick(48, |_| ()).unwrap();
    assert_eq!(heard(), (96, 48));
}

/// Fails where something waits for itself.
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, is_done) = channel();
    std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    is_done.recv_timeout(Duration::from_secs(20)).unwrap();
}

#[test]
fn an_offline_output_may_be_stopped_where_its_block_is_shown() {
    in_time(|| {
        let device = spec("48000x1:s16le");
        let (offline, mut clock) = Offline::new();
        let mut output = offline.open_output(&request(device)).unwrap();
        let data = samples(96);
        output
            .start(prefilled("48000x1:s16le", device, &data).0)
            .unwrap();
        let mut renderer = None;
        clock.tick(48, |_| renderer = output.stop().unwrap());
        assert!(clock.tick(48, |_| ()).is_none());
        // It goes on behind that block.
        output.start(renderer.unwrap()).unwrap();
        let mut played = Vec::new();
        clock.tick(48, |block| {
            played.extend_from_slice(block);
            drop(output);
        });
        let expected: Vec<u8> = data[48..].iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(played, expected);
        assert!(clock.tick(48, |_| ()).is_none());
    });
}

/// A source that ends its own output in its fourth block, and tells how.
struct Ending {
    output: Receiver<Box<dyn Output>>,
    blocks: usize,
    stops: bool,
    ended: Sender<Option<Renderer>>,
}

impl FrameSource for Ending {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        self.blocks += 1;
        if self.blocks == 4
            && let Ok(mut output) = self.output.recv()
        {
            let renderer = match self.stops {
                true => output.stop().unwrap(),
                false => None,
            };
            drop(output);
            let _ = self.ended.send(renderer);
        }
        block.fill(0.5);
        block.len()
    }
}

/// Starts an output whose source ends it, and returns how that is told.
fn ending(backend: &dyn Backend, stops: bool) -> Receiver<Option<Renderer>> {
    let device = spec("48000x1:s16le");
    let mut output = backend.open_output(&request(device)).unwrap();
    let ((handing, output_of), (ended, has_ended)) = (channel(), channel());
    let source = Ending {
        output: output_of,
        blocks: 0,
        stops,
        ended,
    };
    let config = Config::new(spec("48000x1:f32le"), device);
    let (_, renderer, _) = stream_from(&config, Box::new(source)).unwrap();
    output.start(renderer).unwrap();
    handing.send(output).unwrap();
    has_ended
}

/// A thread that waited for its own end panicked, and the file was lost.
#[test]
fn an_output_may_be_ended_in_its_own_callback() {
    let folder = tempfile::tempdir().unwrap();
    for stops in [false, true] {
        let path = folder.path().join(format!("{stops}.wav"));
        let backends: [Box<dyn Backend>; 2] = [Box::new(Null), Box::new(WavFile::new(&path))];
        for backend in backends {
            let ended = ending(backend.as_ref(), stops);
            // The renderer is at work in the block that this comes from.
            let renderer = ended.recv_timeout(Duration::from_secs(20)).unwrap();
            assert!(renderer.is_none(), "{}", backend.name());
            // Its source ends with the thread.
            assert!(ended.recv_timeout(Duration::from_secs(20)).is_err());
        }
        let file = fs::read(&path).unwrap();
        let mut played = &file[..];
        WavHeader::read(&mut played).unwrap();
        // The three blocks of 5 ms before it.
        assert_eq!(played.len(), 3 * 240 * 2);
        assert!(played[..2 * 240].iter().any(|byte| *byte != 0));
    }
}

#[test]
fn an_offline_output_may_be_ended_in_its_own_source() {
    for stops in [false, true] {
        in_time(move || {
            let (offline, mut clock) = Offline::new();
            let ended = ending(&offline, stops);
            for _ in 0..4 {
                assert!(clock.tick(240, |_| ()).is_some());
            }
            assert!(ended.recv().unwrap().is_none());
            assert!(clock.tick(240, |_| ()).is_none());
            assert!(ended.recv().is_err(), "the source is dropped");
        });
    }
}

/// It has its own way, as before there was one.
#[test]
fn an_offline_output_may_be_stopped_from_another_thread_in_a_block() {
    struct Slow(Sender<()>);
    impl FrameSource for Slow {
        fn fill(&mut self, block: &mut [f32]) -> usize {
            let _ = self.0.send(());
            std::thread::sleep(Duration::from_millis(50));
            block.len()
        }
    }
    in_time(|| {
        let device = spec("48000x1:s16le");
        let (offline, mut clock) = Offline::new();
        let mut output = offline.open_output(&request(device)).unwrap();
        let (begun, has_begun) = channel();
        let config = Config::new(spec("48000x1:f32le"), device);
        let (_, renderer, _) = stream_from(&config, Box::new(Slow(begun))).unwrap();
        output.start(renderer).unwrap();
        let stopping = std::thread::spawn(move || {
            has_begun.recv().unwrap();
            output.stop().unwrap()
        });
        assert!(clock.tick(48, |_| ()).is_some());
        assert!(stopping.join().unwrap().is_some());
        assert!(clock.tick(48, |_| ()).is_none());
    });
}
