//! Whatever is done to a stream, in whatever order: the output is finite and in range, every frame
//! is accounted for, and the heard position never runs back.
#![allow(missing_docs)]

mod common;

use common::{config, samples, spec};
use proptest::prelude::*;
use rt_callback::{Decibels, FeedError, Ramp, RenderStatus, Resample, UtteranceId, stream};

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    PushBytes(usize),
    Source(usize),
    Begin,
    End,
    Mark,
    Interrupt(u32),
    Cancel(u64),
    Pause,
    Resume,
    Gain(f32, u32),
    Mute(bool),
    Render(usize),
    WrongShape,
    Poll,
}

const SOURCES: [&str; 6] = [
    "24000x1:s16le",
    "48000x2:s16le",
    "48000x2:f32le",
    "8000x1:u8",
    "96000x3:s24le",
    "24000x1:s32le",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..900_usize).prop_map(Step::Push),
        2 => (0..900_usize).prop_map(Step::PushBytes),
        1 => (0..SOURCES.len()).prop_map(Step::Source),
        1 => Just(Step::Begin),
        1 => Just(Step::End),
        1 => Just(Step::Mark),
        1 => (0..300_u32).prop_map(Step::Interrupt),
        1 => (0..8_u64).prop_map(Step::Cancel),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => (-40.0..=0.0_f32, 0..200_u32).prop_map(|(gain, ramp)| Step::Gain(gain, ramp)),
        1 => any::<bool>().prop_map(Step::Mute),
        6 => prop_oneof![0..=2_usize, 1..=700_usize, Just(5_000)].prop_map(Step::Render),
        1 => Just(Step::WrongShape),
        1 => Just(Step::Poll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_frame_is_accounted_for(
        first in 0..SOURCES.len(),
        resample in prop::sample::select(Resample::ALL),
        ramp_frames in 0..100_u32,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut config = config(SOURCES[first], "48000x2:f32le");
        config.resample = resample;
        config.ramp_frames = ramp_frames;
        config.queue_frames = 1_500;
        config.marker_capacity = 5;
        config.event_capacity = 3;
        let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
        let data = samples(3 * 900);
        let bytes: Vec<u8> = data.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let (mut pushed, mut begun) = (0, 0);
        let mut last = monitor.snapshot();
        for step in steps {
            match step {
                Step::Push(frames) => {
                    let count = frames * feeder.source().channels();
                    match feeder.push(&data[..count]) {
                        Ok(frames) => pushed += frames,
                        Err(FeedError::Format { .. } | FeedError::PartialFrame) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                Step::PushBytes(count) => {
                    let before = feeder.partial_bytes();
                    // No float source is fed here: arbitrary bits are no samples in range.
                    if feeder.source() != &spec("48000x2:f32le") {
                        let taken = feeder.push_bytes(&bytes[..count]);
                        let whole = before + taken - feeder.partial_bytes();
                        prop_assert_eq!(whole % feeder.source().frame_bytes(), 0);
                        pushed += whole / feeder.source().frame_bytes();
                    }
                }
                Step::Source(index) => match feeder.set_source(spec(SOURCES[index])) {
                    Ok(()) => prop_assert_eq!(feeder.source(), &spec(SOURCES[index])),
                    Err(error) => prop_assert_eq!(error, FeedError::MarkersFull),
                },
                Step::Begin => begun += u64::from(feeder.begin_utterance().is_ok()),
                Step::End => drop(feeder.end_utterance()),
                Step::Mark => drop(feeder.mark()),
                Step::Interrupt(fade) => controller.interrupt(Ramp::Frames(fade)),
                Step::Cancel(id) => prop_assert_eq!(controller.cancel(UtteranceId(id)), id < begun),
                Step::Pause => controller.pause(),
                Step::Resume => controller.resume(),
                Step::Gain(gain, ramp) => controller.set_gain(Decibels(gain), Ramp::Frames(ramp)),
                Step::Mute(true) => controller.mute(),
                Step::Mute(false) => controller.unmute(),
                Step::Render(frames) => {
                    let mut block = vec![f32::NAN; 2 * frames];
                    let status = renderer.render(&mut block);
                    prop_assert!(status != RenderStatus::ShapeMismatch);
                    // A decay may overlap the fade-in that follows it, and a filter may ring.
                    prop_assert!(block.iter().all(|sample| sample.abs() <= 3.0), "{:?}", status);
                }
                Step::WrongShape => {
                    let mut block = [f32::NAN; 3];
                    prop_assert_eq!(renderer.render(&mut block), RenderStatus::ShapeMismatch);
                    prop_assert_eq!(block, [0.0; 3]);
                }
                Step::Poll => monitor.poll(|_| ()),
            }
            let now = monitor.snapshot();
            prop_assert_eq!(now.pushed_frames, pushed as u64);
            prop_assert_eq!(
                now.pushed_frames,
                now.heard_frames + now.in_flight_frames + now.queued_frames + now.dropped_frames
            );
            prop_assert!(now.heard_frames >= last.heard_frames);
            prop_assert!(now.rendered_frames >= last.rendered_frames);
            prop_assert!(
                now.utterance != last.utterance
                    || now.utterance_heard_frames >= last.utterance_heard_frames
            );
            last = now;
        }
        // Whatever happened: once resumed and ended, the stream plays out and is idle.
        controller.resume();
        drop(feeder);
        let mut block = vec![f32::NAN; 2 * 4_096];
        for _ in 0..20 {
            renderer.render(&mut block);
        }
        prop_assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
        let end = monitor.snapshot();
        prop_assert_eq!(end.queued_frames + end.in_flight_frames, 0);
    }
}
