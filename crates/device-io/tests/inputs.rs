//! The inputs that need no hardware.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use device_io::wav::WavWriter;
use device_io::{
    Backend, DeviceError, DeviceEvent, DeviceInfo, Input, InputRequest, Null, Offline, Output,
    OutputRequest, SupervisedInput, Supervision, WavFile,
};
use rt_callback::{
    BlockSink, CaptureConfig, DuplexConfig, Reader, RecordStatus, Recorder, StreamSpec, capture,
    duplex,
};

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

fn samples(count: usize) -> Vec<i16> {
    (0..count).map(|i| ((i * i * 31) % 40_000) as i16).collect()
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|s| s.to_le_bytes()).collect()
}

fn request(spec: StreamSpec) -> InputRequest {
    let mut request = InputRequest::new(spec);
    request.block = Duration::from_millis(5).into();
    request
}

/// Opens and starts an input whose samples are read as they are.
fn started(backend: &dyn Backend, spec: StreamSpec) -> (Box<dyn Input>, Reader) {
    let mut input = backend.open_input(&request(spec)).unwrap();
    let (recorder, reader) = capture(&CaptureConfig::new(input.spec(), input.spec())).unwrap();
    input.start(recorder).unwrap();
    (input, reader)
}

fn wav(path: &std::path::Path, spec: StreamSpec, data: &[u8]) {
    let mut writer = WavWriter::create(path, &spec).unwrap();
    writer.write(data).unwrap();
    writer.finish().unwrap();
}

/// A file is heard in real time, whole, to the bit; its end is told of, and the recorder comes back.
#[test]
fn a_wav_file_is_a_microphone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let device = spec("44100x2:s16le");
    // 2,205 frames and a part of a block.
    let data = samples(2 * 2_222);
    wav(&path, device, &bytes(&data));
    let begin = Instant::now();
    // What is asked for is another spec; the file has its own.
    let (mut input, mut reader) = started(&WavFile::new(&path), spec("48000x1:f32le"));
    assert_eq!(input.spec(), device);
    assert_eq!(input.block_frames(), Some(220));
    let mut heard = vec![0_i16; data.len() + 10];
    let frames = reader.read_blocking(&mut heard[..data.len()], Duration::from_secs(20));
    assert_eq!(frames, 2_222);
    assert_eq!(heard[..data.len()], data);
    assert!(begin.elapsed() >= Duration::from_millis(49), "in real time");
    let begin = Instant::now();
    let event = loop {
        if let Some(event) = input.poll_event() {
            break event;
        }
        assert!(begin.elapsed() < Duration::from_secs(20));
        std::thread::yield_now();
    };
    assert!(matches!(event, DeviceEvent::Lost(_)));
    assert_eq!(input.poll_event(), None);
    assert!(!reader.is_at_end(), "the recorder lives");
    drop(input.stop().unwrap().unwrap());
    assert_eq!(reader.read(&mut heard), 0);
    assert!(reader.is_at_end());
}

/// What was lent comes back, and goes on elsewhere or in the same file, from its begin, if somebody wants that.
#[test]
fn a_supervised_file_ends_once_and_keeps_the_recorder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let device = spec("48000x1:s16le");
    let data = samples(2_400);
    wav(&path, device, &bytes(&data));
    let open = |backend| SupervisedInput::open(backend, request(device), Supervision::default());
    let mut input = open(WavFile::new(&path)).unwrap();
    let (recorder, mut reader) = capture(&CaptureConfig::new(device, device)).unwrap();
    input.start(recorder).unwrap();
    let failed = |input: &mut SupervisedInput| {
        let begin = Instant::now();
        let mut events = Vec::new();
        while !matches!(events.last(), Some(DeviceEvent::Failed(_))) {
            events.extend(input.poll_event());
            assert!(begin.elapsed() < Duration::from_secs(20), "{events:?}");
        }
        events
    };
    let events = failed(&mut input);
    assert!(
        matches!(events[..], [DeviceEvent::Lost(_), _]),
        "{events:?}"
    );
    assert!(input.failure().is_some());
    assert_eq!(reader.snapshot().captured_frames, 2_400);
    input.resume();
    let events = failed(&mut input);
    let again = [
        DeviceEvent::Reopened {
            device: None,
            spec: device,
        },
        events[1].clone(),
    ];
    assert_eq!(events[..2], again, "{events:?}");
    std::thread::sleep(Duration::from_millis(30));
    let recorder = input.stop().unwrap().unwrap();
    assert!(!reader.is_at_end(), "the recorder lives");
    drop(recorder);
    let mut heard = vec![0_i16; 3 * data.len()];
    assert_eq!(reader.read(&mut heard), 4_800, "without a gap");
    assert_eq!(heard[..2_400], data);
    assert_eq!(heard[2_400..4_800], data);
    assert!(reader.read(&mut heard) == 0 && reader.is_at_end());
}

/// A stopped input goes on where it was, with the same recorder.
#[test]
fn an_input_may_be_stopped_and_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let device = spec("48000x1:s16le");
    let data = samples(9_600);
    wav(&path, device, &bytes(&data));
    let (mut input, mut reader) = started(&WavFile::new(&path), device);
    let mut heard = vec![0_i16; data.len()];
    let mut frames = reader.read_blocking(&mut heard[..960], Duration::from_secs(20));
    let recorder = input.stop().unwrap().unwrap();
    assert!(input.stop().unwrap().is_none());
    frames += reader.read(&mut heard[frames..]);
    assert!(frames < data.len());
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(reader.read(&mut heard[frames..]), 0);
    input.start(recorder).unwrap();
    frames += reader.read_blocking(&mut heard[frames..], Duration::from_secs(20));
    assert_eq!((frames, &heard), (9_600, &data));
}

#[test]
fn a_wav_file_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let open = || WavFile::new(&path).open_input(&request(spec("48000x1:s16le")));
    assert!(matches!(open(), Err(DeviceError::Io(_))));
    std::fs::write(&path, "this is no WAV file, but long enough").unwrap();
    assert!(matches!(open(), Err(DeviceError::Backend(_))));
}

#[test]
fn the_null_device_is_silence_in_real_time() {
    let device = spec("48000x1:u8");
    let begin = Instant::now();
    let (mut input, mut reader) = started(&Null, device);
    let mut heard = [1_u8; 2_400];
    assert_eq!(
        reader.read_blocking(&mut heard, Duration::from_secs(20)),
        2_400
    );
    assert!(begin.elapsed() >= Duration::from_millis(50));
    assert_eq!(heard, [128; 2_400]);
    let progress = input.progress().unwrap();
    assert!(progress.blocks >= 10 && progress.frames == progress.blocks * 240);
    assert!(input.stop().unwrap().is_some());
}

#[test]
fn an_input_starts_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let device = spec("48000x1:s16le");
    wav(&path, device, &bytes(&samples(48_000)));
    let (offline, _clock) = Offline::new();
    let backends: [Box<dyn Backend>; 3] = [
        Box::new(Null),
        Box::new(offline),
        Box::new(WavFile::new(&path)),
    ];
    for backend in backends {
        assert_eq!(backend.inputs().unwrap().len(), 1);
        let (mut input, _reader) = started(backend.as_ref(), device);
        let (recorder, _) = capture(&CaptureConfig::new(device, device)).unwrap();
        assert!(
            matches!(input.start(recorder), Err(DeviceError::AlreadyStarted)),
            "{}",
            backend.name()
        );
        assert!(input.poll_event().is_none());
    }
}

/// A backend that was written before there were inputs.
struct OutputsOnly;

impl Backend for OutputsOnly {
    fn name(&self) -> &'static str {
        "outputs"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        Null.devices()
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        Null.open_output(request)
    }
}

#[test]
fn a_backend_needs_no_inputs() {
    assert_eq!(OutputsOnly.inputs().unwrap(), []);
    let opened = OutputsOnly.open_input(&request(spec("48000x1:s16le")));
    assert!(matches!(opened, Err(DeviceError::NoInput)));
}

/// Whoever asks for a microphone by name does not get silence.
#[test]
fn there_is_no_other_input_than_the_one_that_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let device = spec("48000x1:s16le");
    wav(&path, device, &[0; 96]);
    let (offline, _clock) = Offline::new();
    let backends: [Box<dyn Backend>; 3] = [
        Box::new(Null),
        Box::new(offline),
        Box::new(WavFile::new(&path)),
    ];
    for backend in backends {
        let mut request = request(device);
        request.device = Some("headset".into());
        let refused = backend.open_input(&request).err();
        assert!(
            matches!(refused, Some(DeviceError::UnknownDevice { .. })),
            "{}: {refused:?}",
            backend.name()
        );
        request.device = Some(backend.inputs().unwrap().remove(0).id);
        assert!(backend.open_input(&request).is_ok());
    }
}

#[test]
fn the_offline_clock_feeds_an_input_by_hand() {
    let (offline, mut clock) = Offline::new();
    assert_eq!(clock.capture(&[]), None);
    let device = spec("48000x2:s16le");
    let (mut input, mut reader) = started(&offline, device);
    let data = samples(960);
    assert_eq!(clock.capture(&bytes(&data)), Some(RecordStatus::Recorded));
    assert_eq!(clock.capture(&[1, 2, 3]), Some(RecordStatus::ShapeMismatch));
    let mut heard = vec![0_i16; 960];
    assert_eq!(reader.read(&mut heard), 480);
    assert_eq!(heard, data);
    drop(input.stop().unwrap());
    assert!(clock.capture(&bytes(&data)).is_none());
}

thread_local! {
    static NOW_NS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Two offline devices, one of which is 200 ppm fast: the sound between them stays what it was.
#[test]
fn a_capture_and_an_output_that_drift_are_kept_together() {
    let devices = (spec("48000x1:s16le"), spec("48000x2:f32le"));
    let (microphone, mut speaking) = Offline::new();
    let (headphones, mut hearing) = Offline::new();
    let mut input = microphone
        .open_input(&InputRequest::new(devices.0))
        .unwrap();
    let mut output = headphones
        .open_output(&OutputRequest::new(devices.1))
        .unwrap();
    let config = DuplexConfig::new(input.spec(), output.spec(), || NOW_NS.get());
    let (recorder, mut duplex, renderer) = duplex(&config).unwrap();
    input.start(recorder).unwrap();
    output.start(renderer).unwrap();

    let block = bytes(&[8_192; 960]);
    let (mut due, mut last) = ([0_u64; 3], 0.0_f32);
    let period_ns = [20_000_000 * 9_998 / 10_000, 20_000_000, 5_000_000];
    while due[1] < 90_000_000_000 {
        let next = (0..3).min_by_key(|i| due[*i]).unwrap();
        NOW_NS.set(due[next]);
        due[next] += period_ns[next];
        match next {
            0 => assert_eq!(speaking.capture(&block), Some(RecordStatus::Recorded)),
            1 => {
                hearing.tick(960, |block| {
                    last = f32::from_le_bytes(block[block.len() - 4..].try_into().unwrap());
                });
            }
            _ => {
                duplex.run(|frames| frames.iter_mut().for_each(|sample| *sample *= 2.0));
            }
        }
        if due[1] > 60_000_000_000 {
            assert!(
                (duplex.fill_s() - 0.060).abs() < 0.001,
                "{}",
                duplex.fill_s()
            );
        }
    }
    assert!((duplex.drift().drift() - 200e-6).abs() < 10e-6);
    assert_eq!(duplex.output().snapshot().underruns, 0);
    assert_eq!((duplex.input().snapshot().overruns, duplex.cuts()), (0, 0));
    assert!((last - 0.5).abs() < 1e-3, "{last}");
}

/// What a block's first frame took from the microphone to the callback is the block's own length, where it is
/// delivered as its last frame is due.
#[test]
fn inputs_without_hardware_say_how_old_their_blocks_are() {
    let device = spec("48000x2:s16le");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    wav(&path, device, &bytes(&samples(2 * 4_800)));
    let backends: [Box<dyn Backend>; 2] = [Box::new(Null), Box::new(WavFile::new(&path))];
    for backend in backends {
        let (mut input, mut reader) = started(backend.as_ref(), device);
        let mut heard = [0_i16; 2 * 480];
        reader.read_blocking(&mut heard, Duration::from_secs(20));
        let latency_frames = reader.snapshot().device_latency_frames;
        assert_eq!(latency_frames, 240, "{}", backend.name());
        assert!(input.stop().unwrap().is_some());
    }
    let (offline, mut clock) = Offline::new();
    let (_input, reader) = started(&offline, device);
    for frames in [480, 37, 0] {
        clock.capture(&vec![0; 4 * frames]).unwrap();
        let latency_frames = reader.snapshot().device_latency_frames;
        assert_eq!(latency_frames, frames as u64);
    }
}

/// A block without end is a minute: that is stopped at once all the same.
#[test]
fn a_block_without_end_is_cut_and_stops_at_once() {
    let mut request = InputRequest::new(spec("8000x1:u8"));
    request.block = Duration::MAX.into();
    let mut input = Null.open_input(&request).unwrap();
    assert_eq!(input.block_frames(), Some(60 * 8_000));
    let (recorder, reader) = capture(&CaptureConfig::new(input.spec(), input.spec())).unwrap();
    let begin = Instant::now();
    input.start(recorder).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    assert!(input.stop().unwrap().is_some());
    assert_eq!(reader.snapshot().captured_frames, 0);
    assert!(begin.elapsed() < Duration::from_secs(10));
}

/// The twin of the output: a handle that was never started stops nothing, and gives back what it could not start.
#[test]
fn an_offline_input_stops_only_what_it_started() {
    let device = spec("48000x1:s16le");
    let (offline, mut clock) = Offline::new();
    let (mut input, mut reader) = started(&offline, device);
    let mut second = offline.open_input(&request(device)).unwrap();
    drop(offline.open_input(&request(device)).unwrap());
    assert!(second.stop().unwrap().is_none());
    let (recorder, other) = capture(&CaptureConfig::new(device, device)).unwrap();
    let refused = second.start(recorder);
    assert!(matches!(refused, Err(DeviceError::AlreadyStarted)));
    let refused = second.stop().unwrap().unwrap();
    let data = samples(480);
    assert_eq!(clock.capture(&bytes(&data)), Some(RecordStatus::Recorded));
    let mut heard = vec![0_i16; 480];
    assert_eq!(reader.read(&mut heard), 480);
    assert_eq!(other.snapshot().captured_frames, 0);
    assert!(input.stop().unwrap().is_some());
    second.start(refused).unwrap();
    assert!(clock.capture(&bytes(&data)).is_some());
    assert_eq!(other.snapshot().captured_frames, 480);
}

/// A sink that ends its own input in its third block.
struct Ending {
    input: Receiver<Box<dyn Input>>,
    blocks: usize,
    ended: Sender<bool>,
}

impl BlockSink for Ending {
    fn take(&mut self, _: &[u8]) {
        self.blocks += 1;
        if self.blocks == 3
            && let Ok(mut input) = self.input.recv()
        {
            let stopped = input.stop().unwrap();
            drop(input);
            let _ = self.ended.send(stopped.is_some());
        }
    }
}

#[test]
fn an_input_may_be_ended_in_its_own_callback() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.wav");
    let device = spec("48000x1:s16le");
    wav(&path, device, &bytes(&samples(48_000)));
    let (offline, mut clock) = Offline::new();
    let (stop, stopped) = channel::<()>();
    let ticking = std::thread::spawn(move || {
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            clock.capture(&[0; 480]);
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let backends: [Box<dyn Backend>; 3] = [
        Box::new(offline),
        Box::new(Null),
        Box::new(WavFile::new(&path)),
    ];
    for backend in backends {
        let mut input = backend.open_input(&request(device)).unwrap();
        let ((handing, input_of), (ended, has_ended)) = (channel(), channel());
        let sink = Ending {
            input: input_of,
            blocks: 0,
            ended,
        };
        input
            .start(Recorder::into_sink(device, Box::new(sink)).unwrap())
            .unwrap();
        handing.send(input).unwrap();
        let recorder = has_ended.recv_timeout(Duration::from_secs(20));
        assert_eq!(recorder, Ok(false), "{}", backend.name());
        assert!(has_ended.recv_timeout(Duration::from_secs(20)).is_err());
    }
    drop(stop);
    ticking.join().unwrap();
}
