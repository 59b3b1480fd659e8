//! The front door: a device and its stream in one.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use device_io::{
    Call, DeviceError, Error, Fault, FaultInjector, Faults, Input, Microphone, MicrophoneEvent,
    Null, Player, PlayerEvent, Policy, WavFile, now_ns,
};
use rt_callback::{Drained, EventKind, FeedError, Ramp, SampleFormat, StreamSpec};

/// As samples lie in this machine's memory.
fn spec(text: &str) -> StreamSpec {
    let mut spec: StreamSpec = text.parse().unwrap();
    spec.format = SampleFormat::S16;
    spec
}

/// Every frame of every chunk, in both channels: the program of the README once counted frames as samples.
#[test]
fn a_stereo_player_plays_all_of_every_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heard.wav");
    let mut player = Player::on(WavFile::new(&path))
        .block(Duration::from_millis(5))
        .config(|config| {
            config.queue_frames = 300; // less than a chunk: writing waits
            config.ramp_frames = 0;
        })
        .open(spec("48000x2:s16le"))
        .unwrap();
    let samples: Vec<i16> = (1..=4_800).collect();
    for chunk in samples.chunks(1_600) {
        player.write(chunk).unwrap();
    }
    let heard = player.position();
    assert!(heard.frames <= 2_400);
    assert_eq!(player.finish().unwrap(), Drained::Heard);
    let mut wav = hound::WavReader::open(path).unwrap();
    assert_eq!(wav.spec().channels, 2);
    let played: Vec<i16> = wav.samples().map(Result::unwrap).collect();
    let first = played.iter().position(|sample| *sample != 0).unwrap();
    // What the queue waited for is silence; nothing of the samples is missing or out of order.
    let played: Vec<i16> = played.into_iter().skip(first).collect();
    let played: Vec<i16> = played.into_iter().filter(|sample| *sample != 0).collect();
    assert_eq!(played, samples);
}

#[test]
fn bytes_may_be_cut_in_the_middle_of_a_frame() {
    let mut player = Player::on(Null).open(spec("48000x2:s16le")).unwrap();
    player.write_bytes(&[1, 2, 3]).unwrap();
    player.write_bytes(&[4, 5, 6, 7, 8]).unwrap();
    assert_eq!(player.drain().unwrap(), Drained::Heard);
    assert_eq!(player.position().frames, 2);
    // It goes on afterwards.
    player.write(&[0_i16; 20]).unwrap();
    assert_eq!(player.finish().unwrap(), Drained::Heard);
}

#[test]
fn what_cannot_be_taken_is_an_error_that_says_so() {
    let mut player = Player::on(Null).open(spec("48000x2:s16le")).unwrap();
    let partial = player.write(&[0_i16; 3]).unwrap_err();
    assert!(partial.to_string().contains("3 samples"), "{partial}");
    player.write_bytes(&[1]).unwrap();
    let partial = player.write(&[0_i16; 4]);
    assert!(matches!(partial, Err(Error::Feed(FeedError::PartialFrame))));
    player.write_bytes(&[2, 3, 4]).unwrap();
    let other = player.write(&[0.0_f32; 2]);
    assert!(matches!(other, Err(Error::Feed(FeedError::Format { .. }))));
    let unknown: Result<StreamSpec, _> = "fast".parse();
    let error = Error::from(unknown.unwrap_err());
    assert!(error.to_string().contains("48000x2:s16le"), "{error}");
    assert_eq!(player.finish().unwrap(), Drained::Heard);
}

/// Its own thread waits in `write` for a queue that is full; another one interrupts.
#[test]
fn an_interruption_ends_a_write_that_waits() {
    let mut player = Player::on(Null).open(spec("48000x1:s16le")).unwrap();
    let controller = player.controller().clone();
    let stopping = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        controller.interrupt(Ramp::Milliseconds(5.0));
    });
    // Half a minute.
    let error = player.write(&vec![1_000_i16; 48_000 * 30]).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    stopping.join().unwrap();
    player.drain().unwrap();
    let events = player.events();
    let receipt = events.iter().find_map(|event| match event {
        PlayerEvent::Stream(event) => match event.kind {
            EventKind::Interrupted { heard_frames, .. } => Some(heard_frames),
            _ => None,
        },
        _ => None,
    });
    let heard = receipt.unwrap();
    assert!(0 < heard && heard < 48_000, "{heard} frames");
    assert_eq!(player.position().frames, heard);
}

fn dying() -> FaultInjector<Null> {
    FaultInjector::new(Null, Faults::new(1).at(2_400, Fault::Lose))
}

/// Nobody waits for a device that does not come back.
#[test]
fn a_device_that_is_gone_ends_every_call_that_waits() {
    let source = spec("48000x1:s16le");
    let open = || {
        Player::on(dying())
            .policy(Policy::Fail)
            .open(source)
            .unwrap()
    };
    let error = open().write(&vec![0_i16; 48_000 * 30]).unwrap_err();
    assert!(matches!(error, Error::Failed(_)), "{error}");
    let error = open().write_bytes(&vec![0; 96_000 * 30]).unwrap_err();
    assert!(matches!(error, Error::Failed(_)), "{error}");
    let mut player = open();
    player.write(&[0_i16; 9_600]).unwrap();
    let error = player.drain().unwrap_err();
    assert!(matches!(error, Error::Failed(_)), "{error}");
    // That it failed is told as an event as well, whoever looked before.
    assert!(player.output().failure().is_some());
    let failed = |event: &PlayerEvent| {
        matches!(
            event,
            PlayerEvent::Device(device_io::DeviceEvent::Failed(_))
        )
    };
    assert!(player.events().iter().any(failed));

    let mut microphone = Microphone::on(dying())
        .policy(Policy::Fail)
        .open(source)
        .unwrap();
    let mut out = vec![0_i16; 48_000];
    let read = microphone.read(&mut out).unwrap();
    assert!((1..48_000).contains(&read), "{read}");
    assert!(matches!(microphone.read(&mut out), Err(Error::Failed(_))));
    assert!(
        microphone
            .events()
            .iter()
            .any(|event| matches!(event, MicrophoneEvent::Device(_)))
    );

    let mut call = Call::between(Box::new(dying()), Box::new(Null))
        .policy(Policy::Fail)
        .open(16_000)
        .unwrap();
    let failed = (0..1_000).find_map(|_| call.run(Duration::from_secs(1), |_, _| ()).err());
    assert!(matches!(failed, Some(Error::Failed(_))));
}

/// It was lost in the middle of a word, and the word goes on.
#[test]
fn a_device_that_comes_back_plays_what_was_written() {
    let mut player = Player::on(dying()).open(spec("48000x1:s16le")).unwrap();
    player.write(&[1_000_i16; 9_600]).unwrap();
    assert_eq!(player.drain().unwrap(), Drained::Heard);
    assert_eq!(player.position().frames, 9_600);
    assert!(player.events().iter().any(|event| matches!(
        event,
        PlayerEvent::Device(device_io::DeviceEvent::Reopened { .. })
    )));
}

#[test]
fn a_held_player_plays_on_where_it_was() {
    let mut player = Player::on(dying())
        .policy(Policy::Pause)
        .open(spec("48000x1:s16le"))
        .unwrap();
    player.write(&[1_000_i16; 9_600]).unwrap();
    while !player
        .events()
        .iter()
        .any(|event| matches!(event, PlayerEvent::Device(device_io::DeviceEvent::Held)))
    {
        std::thread::yield_now();
    }
    player.resume();
    assert_eq!(player.finish().unwrap(), Drained::Heard);
}

/// Stereo at 48 kHz: each frame has its number.
fn spoken(path: &std::path::Path) {
    let format = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, format).unwrap();
    for sample in 1..=4_800_i16 {
        wav.write_sample(sample).unwrap();
        wav.write_sample(sample).unwrap();
    }
    wav.finalize().unwrap();
}

#[test]
fn a_microphone_reads_a_file_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spoken.wav");
    spoken(&path);
    let mut microphone = Microphone::on(WavFile::new(&path))
        .policy(Policy::Fail)
        .open(spec("48000x1:s16le"))
        .unwrap();
    assert_eq!(microphone.spec().channels(), 2);
    let mut spoken = vec![0_i16; 4_800];
    assert_eq!(microphone.read(&mut spoken).unwrap(), 4_800);
    assert!(spoken.iter().copied().eq(1..=4_800));
}

/// A file is no device that comes back: once it was played again and again, with gaps that were none.
#[test]
fn the_end_of_a_file_ends_the_stream_under_any_policy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spoken.wav");
    spoken(&path);
    for policy in [Policy::Follow, Policy::Pause, Policy::Fail] {
        let mut microphone = Microphone::on(WavFile::new(&path))
            .policy(policy)
            .open(spec("48000x1:s16le"))
            .unwrap();
        let mut heard = vec![0_i16; 6_000];
        assert_eq!(microphone.read(&mut heard).unwrap(), 4_800, "{policy:?}");
        assert!(heard[..4_800].iter().copied().eq(1..=4_800));
        for _ in 0..2 {
            assert_eq!(microphone.read(&mut heard).unwrap(), 0);
        }
        let events = microphone.events();
        let told: Vec<_> = events.iter().map(|event| format!("{event:?}")).collect();
        let words = "the file has come to its end";
        assert!(
            told[0].contains("Lost") && told[0].contains(words),
            "{told:?}"
        );
        assert!(told[1].contains("Failed"), "{told:?}");
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(microphone.input().failure().unwrap(), words);
        assert!(microphone.input().progress().is_none());
        microphone.stop().unwrap();
    }
}

/// What the resampler held back comes too: of 4,800 frames a third, whole.
#[test]
fn the_end_of_a_file_is_read_through_a_resampler() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spoken.wav");
    spoken(&path);
    // A backend around it passes the end on.
    let backend = FaultInjector::new(WavFile::new(&path), Faults::new(1));
    let mut microphone = Microphone::on(backend).open(spec("16000x1:s16le")).unwrap();
    let (mut frames, mut heard) = (0, [0_i16; 160]);
    loop {
        match microphone.read(&mut heard).unwrap() {
            0 => break,
            read => frames += read,
        }
        assert!(frames <= 1_600, "it begins again");
    }
    assert_eq!(frames, 1_600);
    assert_eq!(microphone.reader().snapshot().dropped_frames, 0);
}

#[test]
fn the_end_of_a_file_ends_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spoken.wav");
    spoken(&path);
    let mut call = Call::between(Box::new(WavFile::new(&path)), Box::new(Null))
        .open(16_000)
        .unwrap();
    let mut frames = 0;
    let error = loop {
        match call.run(Duration::from_secs(5), |_, _| ()) {
            Ok(run) => frames += run,
            Err(error) => break error,
        }
        assert!(frames < 3_200, "it begins again");
    };
    assert!(error.to_string().contains("its end"), "{error}");
}

/// The reference has as many frames as the capture, and what was played is heard in it.
#[test]
fn a_call_takes_what_is_captured_through_its_work() {
    let mut call = Call::on(Null).open(16_000).unwrap();
    let (mut frames, mut pieces, mut loudest) = (0, 0, 0.0_f32);
    // Until it is heard that a quarter was played, which is not before it has gone through the output.
    while loudest < 0.249 {
        frames += call
            .run(Duration::from_secs(5), |block, heard| {
                assert_eq!(block.len(), heard.len());
                assert!(block.iter().all(|sample| *sample == 0.0));
                block.fill(0.25);
                loudest = heard.iter().copied().fold(loudest, f32::max);
                pieces += 1;
            })
            .unwrap();
        assert!(frames < 16_000 * 10, "{loudest}");
    }
    assert!(pieces >= frames / 512);
    call.stop().unwrap();
}

#[test]
fn without_cpal_the_default_device_says_what_to_do() {
    if cfg!(feature = "cpal") {
        return;
    }
    let spec = spec("48000x1:s16le");
    let error = Player::open(spec).unwrap_err();
    assert!(matches!(error, Error::Device(DeviceError::NotBuilt)));
    assert!(error.to_string().contains("enable its feature `cpal`"));
    assert!(Microphone::open(spec).is_err() && Call::open(16_000).is_err());
    assert!(device_io::play(&[0_i16; 10], spec).is_err());
    assert!(device_io::record::<i16>(10, spec).is_err());
}

#[test]
fn the_clock_never_runs_back() {
    let times: Vec<u64> = (0..1_000).map(|_| now_ns()).collect();
    assert!(times.is_sorted());
    std::thread::sleep(Duration::from_millis(2));
    assert!(now_ns() - times[0] >= 2_000_000);
}
