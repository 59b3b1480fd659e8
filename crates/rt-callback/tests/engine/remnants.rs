//! What is over leaves nothing behind: half frames, marks, receipts, cancellations, what a resampler holds.

use crate::common::{config, events, render_blocks, samples, spec};
use rt_callback::{
    CaptureConfig, Config, EventKind, Gaps, Monitor, Ramp, RenderStatus, Resample, capture, stream,
};

/// No resampling, no ramps: what comes out is what went in.
fn plain() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    config
}

/// How many events are of this kind.
fn count(monitor: &mut Monitor, is_it: impl Fn(&EventKind) -> bool) -> usize {
    let events = events(monitor);
    events.iter().filter(|event| is_it(&event.kind)).count()
}

fn is_mark(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Mark { .. })
}

#[test]
fn half_a_frame_goes_with_its_source() {
    // The same source again, and others whose frames are as long.
    for next in ["48000x1:s16le", "24000x1:s16le", "48000x1:s16be"] {
        let render = |half: &[u8]| {
            let config = config("48000x1:s16le", "48000x1:f32le");
            let (mut feeder, _controller, mut renderer, _monitor) = stream(&config).unwrap();
            assert_eq!(feeder.push_bytes(&[0, 1]), Ok(2));
            assert_eq!(feeder.push_bytes(half), Ok(half.len()));
            assert_eq!(feeder.partial_bytes(), half.len());
            feeder.set_source(spec(next)).unwrap();
            assert_eq!(feeder.partial_bytes(), 0, "{next}");
            assert_eq!(feeder.push_bytes(&[3, 4, 5, 6]), Ok(4));
            drop(feeder);
            render_blocks(&mut renderer, 10, &[10])
        };
        assert_eq!(render(&[2]), render(&[]), "{next}");
    }
}

#[test]
fn a_cancellation_of_what_is_over_concerns_nothing_else() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let over = feeder.begin_utterance().unwrap();
    feeder.push(&[8_192_i16; 100]).unwrap();
    feeder.end_utterance().unwrap();
    assert_eq!(
        render_blocks(&mut renderer, 110, &[110])[..100],
        [0.25; 100]
    );
    // What sounds now is in no utterance.
    feeder.push(&[16_384_i16; 300]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 50, &[50]), [0.5; 50]);
    controller.cancel(over, Ramp::Frames(10));
    assert_eq!(render_blocks(&mut renderer, 250, &[25]), [0.5; 250]);
    assert_eq!(monitor.snapshot().dropped_frames, 0);
    let is_cut = |kind: &EventKind| matches!(kind, EventKind::Interrupted { .. });
    assert_eq!(count(&mut monitor, is_cut), 0);
}

/// A stream that has read past source frame 200, where `marks` marks are, and has not heard it.
fn looking_ahead(
    marks: usize,
) -> (
    rt_callback::Feeder,
    rt_callback::Controller,
    rt_callback::Renderer,
    Monitor,
) {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    config.marker_capacity = 64;
    config.event_capacity = 64;
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[8_192_i16; 200]).unwrap();
    for _ in 0..marks {
        feeder.mark().unwrap();
    }
    feeder.push(&[8_192_i16; 2_000]).unwrap();
    render_blocks(&mut renderer, 2 * 198, &[2 * 198]);
    let counters = monitor.snapshot();
    assert!(counters.heard_frames < 200);
    assert!(
        counters.heard_frames + counters.in_flight_frames > 202,
        "{counters:?}"
    );
    assert_eq!(count(&mut monitor, is_mark), 0);
    (feeder, controller, renderer, monitor)
}

#[test]
fn a_mark_that_was_read_and_not_heard_goes_with_an_interruption() {
    for interrupts in [false, true] {
        let (mut feeder, controller, mut renderer, mut monitor) = looking_ahead(1);
        if interrupts {
            controller.interrupt(Ramp::None);
        }
        render_blocks(&mut renderer, 2, &[1]);
        feeder.push(&[8_192_i16; 500]).unwrap();
        render_blocks(&mut renderer, 600, &[200]);
        let expected = usize::from(!interrupts);
        assert_eq!(count(&mut monitor, is_mark), expected, "{interrupts}");
    }
}

#[test]
fn marks_that_find_no_room_in_the_look_ahead_are_counted_as_lost() {
    let (_feeder, _controller, mut renderer, mut monitor) = looking_ahead(20);
    render_blocks(&mut renderer, 100, &[100]);
    assert_eq!(count(&mut monitor, is_mark), 16);
    assert_eq!(monitor.snapshot().events_lost, 4);
}

#[test]
fn a_mark_in_what_an_interruption_drops_is_not_told_of() {
    // In no utterance: the mark is amid what was queued.
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.push(&[8_192_i16; 100]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    feeder.mark().unwrap();
    feeder.push(&[8_192_i16; 100]).unwrap();
    controller.interrupt(Ramp::Frames(10));
    feeder.push(&[16_384_i16; 100]).unwrap();
    render_blocks(&mut renderer, 110, &[110]);
    assert_eq!(count(&mut monitor, is_mark), 0);

    // In an utterance: it is behind the last frame of it.
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&[8_192_i16; 100]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    feeder.mark().unwrap();
    controller.interrupt(Ramp::Frames(10));
    render_blocks(&mut renderer, 20, &[20]);
    feeder.end_utterance().unwrap();
    feeder.push(&[16_384_i16; 100]).unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    assert_eq!(count(&mut monitor, is_mark), 0);
}

#[test]
fn an_interruption_has_one_receipt_however_often_it_is_asked_for() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[8_192_i16; 1_000]).unwrap();
    render_blocks(&mut renderer, 100, &[100]);
    controller.interrupt(Ramp::Frames(50));
    render_blocks(&mut renderer, 20, &[20]);
    controller.interrupt(Ramp::Frames(50));
    controller.cancel(id, Ramp::Frames(50));
    render_blocks(&mut renderer, 20, &[20]);
    controller.interrupt(Ramp::None);
    render_blocks(&mut renderer, 200, &[20]);
    feeder.end_utterance().unwrap();
    controller.interrupt(Ramp::None);
    render_blocks(&mut renderer, 200, &[20]);
    let events = events(&mut monitor);
    let receipts = events.iter().filter(|event| {
        matches!(
            event.kind,
            EventKind::Interrupted { .. } | EventKind::Finished { .. }
        )
    });
    let receipts: Vec<_> = receipts.map(|event| event.kind).collect();
    let expected = EventKind::Interrupted {
        utterance: Some(id),
        // The latest fade is the shortest: none, from frame 140 on.
        heard_frames: 140,
        device_latency_frames: 0,
    };
    assert_eq!(receipts, [expected]);
}

#[test]
fn what_comes_after_an_interruption_waits_for_its_prebuffer() {
    let mut config = plain();
    config.prebuffer_frames = 100;
    let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[8_192_i16; 300]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 50, &[50]), [0.25; 50]);
    controller.interrupt(Ramp::None);
    feeder.push(&[16_384_i16; 99]).unwrap();
    let mut block = [f32::NAN; 20];
    assert_ne!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block, [0.0; 20]);
    feeder.push(&[16_384_i16]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 100, &[10]), [0.5; 100]);
}

#[test]
fn an_end_after_a_gap_leaves_nothing_to_recover_from() {
    let (mut feeder, _controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    for _ in 0..3 {
        feeder.begin_utterance().unwrap();
        feeder.push(&[8_192_i16; 100]).unwrap();
        render_blocks(&mut renderer, 150, &[50]);
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 50, &[50]);
    }
    let events = events(&mut monitor);
    let is_recovery = |kind: &EventKind| matches!(kind, EventKind::Recovered { .. });
    assert!(
        !events.iter().any(|event| is_recovery(&event.kind)),
        "{events:?}"
    );
    let ends = events.iter().filter_map(|event| {
        matches!(event.kind, EventKind::Finished { .. }).then_some(event.at_frame)
    });
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [100, 300, 500],
        "where it ran dry"
    );
    let counters = monitor.snapshot();
    assert_eq!((counters.underruns, counters.underrun_frames), (0, 0));
    // One in which nothing was said ends where it ends.
    feeder.begin_utterance().unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    let events = crate::common::events(&mut monitor);
    assert!(
        events.iter().all(|event| event.at_frame >= 600),
        "{events:?}"
    );
    assert!(!events.is_empty());
}

#[test]
fn an_interruption_outside_any_utterance_has_one_receipt() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.push(&[8_192_i16; 1_000]).unwrap();
    render_blocks(&mut renderer, 50, &[50]);
    controller.interrupt(Ramp::Frames(10));
    render_blocks(&mut renderer, 200, &[7]);
    feeder.push(&[8_192_i16; 100]).unwrap();
    feeder.set_source(spec("24000x1:s16le")).unwrap();
    feeder.push(&[8_192_i16; 100]).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 400, &[7]);
    let is_cut = |kind: &EventKind| matches!(kind, EventKind::Interrupted { .. });
    assert_eq!(count(&mut monitor, is_cut), 1);
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.dropped_frames), (260, 940));
}

#[test]
fn nothing_of_what_was_discarded_sounds_into_what_comes() {
    for (device, application) in [
        ("48000x1:s16le", "16000x1:f32le"),
        ("16000x1:s16le", "44100x1:f32le"),
    ] {
        for resample in Resample::ALL {
            let mut config = CaptureConfig::new(spec(device), spec(application));
            config.resample = *resample;
            config.queue_frames = 20_000;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            recorder.record(&samples(4_800));
            let mut out = vec![f32::NAN; 300];
            assert_eq!(reader.read(&mut out), 300);
            assert!(reader.discard(usize::MAX) > 0);
            recorder.record(&[0_i16; 9_600]);
            let mut out = vec![f32::NAN; 1_000];
            assert_eq!(reader.read(&mut out), 1_000);
            assert!(
                out.iter().all(|sample| *sample == 0.0),
                "{resample} {device}"
            );
        }
    }
}

#[test]
fn of_gaps_that_nobody_asks_for_the_latest_64_are_kept() {
    let mut config = CaptureConfig::new(spec("48000x1:s16le"), spec("48000x1:s16le"));
    config.queue_frames = 100;
    config.gaps = Gaps::Skip;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let mut lost = Vec::new();
    let mut captured = 0;
    for round in 0..70_u64 {
        // Full, and as many frames too many as rounds have been.
        let frames = 100 + round as usize + 1;
        recorder.record(&samples(frames));
        lost.push((captured + 100, round + 1));
        captured += frames as u64;
        let mut out = [0_i16; 200];
        assert_eq!(reader.read(&mut out), 100);
    }
    recorder.record(&samples(50));
    reader.read(&mut [0_i16; 200]);
    let mut told = Vec::new();
    reader.poll(|gap| told.push((gap.at_frame, gap.frames)));
    assert_eq!(told, lost[6..]);
}
