//! What ends, and where: each of these tells a change apart that every other test let pass.

use crate::common::{config, render_blocks, samples, spec, told};
use rt_callback::{Config, Drained, EventKind, FeedError, MarkId, Ramp, RenderStatus, stream};

/// No resampling, no ramps: what comes out is what went in.
fn plain() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    config
}

#[test]
fn a_mark_behind_the_last_frame_is_told_of_before_the_end() {
    for size in [200, 7] {
        let (mut feeder, _, mut renderer, mut monitor) = stream(&plain()).unwrap();
        let utterance = feeder.begin_utterance().unwrap();
        feeder.push(&[1_000_i16; 100]).unwrap();
        feeder.mark().unwrap();
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 200, &[size]);
        let expected = [
            (0, EventKind::Started { utterance }),
            (100, EventKind::Mark { mark: MarkId(0) }),
            (
                100,
                EventKind::Finished {
                    utterance,
                    heard_frames: 100,
                },
            ),
        ];
        assert_eq!(told(&mut monitor), expected, "{size}");
    }
}

/// What a resampler had read ahead goes with its device, and the marks in it are told of there.
#[test]
fn a_mark_that_was_read_ahead_is_told_of_where_the_device_goes() {
    let config = Config::new(spec("24000x1:s16le"), spec("48000x1:f32le"));
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&samples(200)).unwrap();
    feeder.mark().unwrap();
    render_blocks(&mut renderer, 398, &[398]);
    assert!(told(&mut monitor).is_empty());
    renderer.rebind(spec("44100x1:f32le")).unwrap();
    let mark = EventKind::Mark { mark: MarkId(0) };
    assert_eq!(told(&mut monitor), [(398, mark)]);
}

#[test]
fn a_receipt_names_no_utterance_that_is_over() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 150, &[150]);
    told(&mut monitor);
    feeder.push(&[1_000_i16; 1_000]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    controller.interrupt(Ramp::Frames(10));
    render_blocks(&mut renderer, 50, &[50]);
    let receipt = EventKind::Interrupted {
        utterance: None,
        heard_frames: 60,
        device_latency_frames: 0,
    };
    assert_eq!(told(&mut monitor), [(210, receipt)]);
}

#[test]
fn a_fade_that_runs_dry_before_the_end_is_declared_ended_where_it_ran_dry() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[1_000_i16; 60]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    assert!(controller.cancel(id, Ramp::Frames(100)));
    render_blocks(&mut renderer, 50, &[50]);
    feeder.end_utterance().unwrap();
    feeder.push(&[16_384_i16; 50]).unwrap();
    // What follows is not faded: the fade ended with its utterance.
    assert_eq!(render_blocks(&mut renderer, 50, &[50]), [0.5; 50]);
    let receipt = EventKind::Interrupted {
        utterance: Some(id),
        heard_frames: 60,
        device_latency_frames: 0,
    };
    let told = told(&mut monitor);
    let receipts = told.iter().filter(|(_, kind)| *kind == receipt);
    let receipts: Vec<u64> = receipts.map(|(at_frame, _)| *at_frame).collect();
    assert_eq!(receipts, [60], "{told:?}");
}

/// The receipt says that it was interrupted, and so does the drain, although all of it was heard.
#[test]
fn a_drain_behind_a_cancelled_utterance_says_so() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    assert!(controller.cancel(id, Ramp::Frames(10)));
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    assert!(matches!(
        told(&mut monitor).last(),
        Some((100, EventKind::Interrupted { .. }))
    ));
    let drained = feeder.drain(std::time::Duration::from_secs(1));
    assert_eq!(drained.unwrap(), Drained::Interrupted);
}

#[test]
fn the_shortest_sound_of_a_feeder_that_is_gone_is_heard() {
    // Of a single frame a resampler can give nothing before it knows that no more comes.
    for (device, frames) in [("48000x1:f32le", 2), ("8000x1:f32le", 1)] {
        for begins in [false, true] {
            let mut config = Config::new(spec("24000x1:s16le"), spec(device));
            config.ramp_frames = 0;
            let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
            if begins {
                feeder.begin_utterance().unwrap();
            }
            feeder.push(&[16_384_i16]).unwrap();
            drop(feeder);
            let out = render_blocks(&mut renderer, 20, &[20]);
            let sound = out.iter().rposition(|sample| *sample != 0.0);
            assert_eq!(sound, Some(frames - 1), "{device}");
            assert!(renderer.is_at_end());
            assert_eq!(monitor.snapshot().heard_frames, 1);
        }
    }
}

/// The feeder is gone, all was read, and what was read ahead went with the device: that is the end.
#[test]
fn what_was_left_of_a_feeder_that_is_gone_ends_with_its_device() {
    let config = Config::new(spec("24000x1:s16le"), spec("48000x1:f32le"));
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let utterance = feeder.begin_utterance().unwrap();
    feeder.push(&samples(200)).unwrap();
    render_blocks(&mut renderer, 398, &[398]);
    drop(feeder);
    renderer.rebind(spec("44100x1:f32le")).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 10]), RenderStatus::Idle);
    let counters = monitor.snapshot();
    assert_eq!(counters.heard_frames + counters.dropped_frames, 200);
    assert_eq!((counters.underruns, counters.starved_frames), (0, 0));
    let finished = EventKind::Finished {
        utterance,
        heard_frames: counters.heard_frames,
    };
    assert_eq!(told(&mut monitor).last(), Some(&(398, finished)));
}

#[test]
fn silence_before_a_sound_is_startup_and_behind_it_idle() {
    let mut config = plain();
    config.prebuffer_frames = 100;
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut silent = |renderer: &mut _, frames| {
        render_blocks(renderer, frames, &[frames]);
        told(&mut monitor);
        let counters = monitor.snapshot();
        (counters.startup_silence_frames, counters.idle_frames)
    };
    feeder.push(&[1_000_i16; 100]).unwrap();
    feeder.end_utterance().unwrap();
    assert_eq!(silent(&mut renderer, 100), (0, 0));
    assert_eq!(silent(&mut renderer, 30), (0, 30));
    // Held back, in no utterance.
    feeder.push(&[1_000_i16; 50]).unwrap();
    assert_eq!(silent(&mut renderer, 20), (20, 30));
    feeder.push(&[1_000_i16; 50]).unwrap();
    feeder.end_utterance().unwrap();
    assert_eq!(silent(&mut renderer, 110), (20, 40));
    // Begun, and nothing has come of it.
    feeder.begin_utterance().unwrap();
    assert_eq!(silent(&mut renderer, 5), (25, 40));
    // Over, and nothing came of it.
    feeder.end_utterance().unwrap();
    assert_eq!(silent(&mut renderer, 7), (25, 47));
    // Begun, heard, and interrupted.
    feeder.begin_utterance().unwrap();
    feeder.push(&[1_000_i16; 200]).unwrap();
    assert_eq!(silent(&mut renderer, 50), (25, 47));
    controller.interrupt(Ramp::None);
    assert_eq!(silent(&mut renderer, 11), (25, 58));
}

/// A resampler may have read what it cannot give yet.
#[test]
fn silence_while_a_resampler_waits_for_its_first_frame_is_startup() {
    let mut config = Config::new(spec("24000x1:s16le"), spec("48000x1:f32le"));
    config.ramp_frames = 0;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&samples(100)).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 210, &[200, 10]);
    let before = monitor.snapshot();
    assert_eq!((before.startup_silence_frames, before.idle_frames), (0, 10));
    feeder.push(&[1_000_i16]).unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    let counters = monitor.snapshot();
    assert_eq!(counters.in_flight_frames, 1);
    assert_eq!(
        (counters.startup_silence_frames, counters.idle_frames),
        (10, 10)
    );
}

#[test]
fn nothing_is_declared_inside_what_was_interrupted() {
    let (mut feeder, controller, mut renderer, _monitor) = stream(&plain()).unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    controller.interrupt(Ramp::None);
    let refused = FeedError::Interrupted { queued: 0 };
    assert_eq!(feeder.mark(), Err(refused));
    assert_eq!(feeder.push_bytes(&[1]), Err(refused));
    assert_eq!(feeder.partial_bytes(), 0);
}

#[test]
fn a_declaration_that_finds_no_place_changes_nothing() {
    let mut config = plain();
    config.marker_capacity = 4;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let utterance = feeder.begin_utterance().unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    while feeder.mark().is_ok() {}
    feeder.push_bytes(&[1]).unwrap();
    assert_eq!(feeder.end_utterance(), Err(FeedError::MarkersFull));
    assert_eq!(feeder.begin_utterance(), Err(FeedError::MarkersFull));
    let next = spec("24000x1:s16le");
    assert_eq!(feeder.set_source(next), Err(FeedError::MarkersFull));
    assert_eq!(feeder.partial_bytes(), 1);
    render_blocks(&mut renderer, 100, &[100]);
    feeder.push_bytes(&[1]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    let finished = EventKind::Finished {
        utterance,
        heard_frames: 101,
    };
    assert_eq!(told(&mut monitor).last(), Some(&(101, finished)));
}

#[test]
fn a_full_queue_takes_no_byte_of_a_whole_frame() {
    let mut config = plain();
    config.queue_frames = 10;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    assert_eq!(feeder.push_bytes(&[1; 22]), Ok(20));
    assert_eq!(
        (feeder.push_bytes(&[1; 2]), feeder.partial_bytes()),
        (Ok(0), 0)
    );
    assert_eq!(
        (feeder.push_bytes(&[1]), feeder.partial_bytes()),
        (Ok(1), 1)
    );
    assert_eq!(
        (feeder.push_bytes(&[2]), feeder.partial_bytes()),
        (Ok(0), 1)
    );
    render_blocks(&mut renderer, 1, &[1]);
    assert_eq!(
        (feeder.push_bytes(&[2]), feeder.partial_bytes()),
        (Ok(1), 0)
    );
}

/// The block in which a fade comes to its end is the one that has its receipt.
#[test]
fn a_receipt_comes_with_the_block_that_reaches_it() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.push(&[1_000_i16; 1_000]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    controller.interrupt(Ramp::Frames(10));
    render_blocks(&mut renderer, 10, &[10]);
    let receipt = EventKind::Interrupted {
        utterance: None,
        heard_frames: 60,
        device_latency_frames: 0,
    };
    assert_eq!(told(&mut monitor), [(60, receipt)]);
    // What was behind the fade is gone by then.
    assert_eq!(monitor.snapshot().dropped_frames, 940);
}

/// A copy whose channels are moved is exact, across the end of the ring too, which no frame of three bytes meets evenly.
#[test]
fn a_copy_into_other_channels_is_exact() {
    for source in ["u8", "s16le", "s24le", "s32le", "s64le"] {
        let source = &format!("48000x1:{source}");
        let bytes = spec(source).frame_bytes();
        let device = source.replace("x1", "x2");
        let mut config = config(source, &device);
        config.queue_frames = 7;
        config.mix = rt_callback::MixRules::Speakers.into();
        let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
        let data: Vec<u8> = (0..bytes * 40).map(|n| (n % 251) as u8 + 1).collect();
        let mut heard = Vec::new();
        for five in data.chunks(5 * bytes) {
            assert_eq!(feeder.push_bytes(five), Ok(five.len()));
            let mut block = vec![0; 5 * 2 * bytes];
            renderer.render_bytes(&mut block);
            heard.extend(block);
        }
        for (frame, sample) in heard.chunks(2 * bytes).zip(data.chunks(bytes)) {
            assert_eq!(frame, [sample, sample].concat(), "{source}");
        }
    }
}

#[test]
fn every_mark_has_a_number_of_its_own() {
    let (mut feeder, _, mut renderer, mut monitor) = stream(&plain()).unwrap();
    for n in 0..3 {
        assert_eq!(feeder.mark(), Ok(MarkId(n)));
        feeder.push(&[1_000_i16; 10]).unwrap();
    }
    render_blocks(&mut renderer, 30, &[30]);
    let expected = [0, 1, 2].map(|n| (10 * n, EventKind::Mark { mark: MarkId(n) }));
    assert_eq!(told(&mut monitor), expected);
}
