//! Whatever is done to a stream, in whatever order: the output is finite and in range, every frame
//! is accounted for, the heard position never runs back or ahead, and the stream comes to its end.

use std::time::Duration;

use crate::common::{config, samples, spec};
use proptest::prelude::*;
use rt_callback::{
    Buffering, Controller, Counters, Decibels, FeedError, Feeder, Monitor, Ramp, RenderStatus,
    Renderer, Resample, UtteranceId, stream,
};

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    PushBytes(usize),
    Source(usize),
    Begin,
    End,
    Mark,
    Interrupt(u32),
    Cancel(u64, u32),
    Hold,
    Discard,
    Pause,
    Resume,
    Gain(f32, u32),
    Mute(bool),
    Render(usize),
    RenderBytes(usize),
    WrongShape,
    Rebind(usize),
    Latency(u64),
    Poll,
}

const SOURCES: [&str; 8] = [
    "24000x1:s16le",
    "48000x2:s16le",
    "48000x2:f32le",
    "8000x1:u8",
    "96000x3:s24le",
    "24000x1:s32le",
    "44100x2:f64le",
    "8000x1:mulaw",
];

const DEVICES: [&str; 5] = [
    "48000x2:f32le",
    "44100x2:f32le",
    "16000x1:f32le",
    "48000x6:f32le",
    "24000x1:f32le",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..900_usize).prop_map(Step::Push),
        2 => (0..900_usize).prop_map(Step::PushBytes),
        1 => (0..SOURCES.len()).prop_map(Step::Source),
        2 => Just(Step::Begin),
        1 => Just(Step::End),
        1 => Just(Step::Mark),
        1 => (0..300_u32).prop_map(Step::Interrupt),
        1 => (0..8_u64, 0..300_u32).prop_map(|(id, fade)| Step::Cancel(id, fade)),
        1 => Just(Step::Hold),
        1 => Just(Step::Discard),
        1 => Just(Step::Pause),
        3 => Just(Step::Resume),
        1 => (-40.0..=0.0_f32, 0..200_u32).prop_map(|(gain, ramp)| Step::Gain(gain, ramp)),
        1 => any::<bool>().prop_map(Step::Mute),
        6 => prop_oneof![0..=2_usize, 1..=700_usize, Just(5_000)].prop_map(Step::Render),
        1 => (0..=700_usize).prop_map(Step::RenderBytes),
        1 => Just(Step::WrongShape),
        1 => (0..DEVICES.len()).prop_map(Step::Rebind),
        1 => prop_oneof![0..5_000_u64, Just(u64::MAX)].prop_map(Step::Latency),
        1 => Just(Step::Poll),
    ]
}

struct Patient {
    feeder: Feeder,
    controller: Controller,
    renderer: Renderer,
    monitor: Monitor,
    data: Vec<i16>,
    bytes: Vec<u8>,
    pushed: usize,
    begun: u64,
    last: Counters,
    last_heard: u64,
}

impl Patient {
    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let Self {
            feeder,
            controller,
            renderer,
            monitor,
            ..
        } = self;
        let channels = renderer.device().channels();
        match *step {
            Step::Push(frames) => {
                let count = frames * feeder.source().channels();
                match feeder.push(&self.data[..count]) {
                    Ok(frames) => self.pushed += frames,
                    Err(
                        FeedError::Format { .. }
                        | FeedError::PartialFrame
                        | FeedError::Interrupted { queued: 0 },
                    ) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Step::PushBytes(count) => {
                let before = feeder.partial_bytes();
                // No float source is fed here: arbitrary bits are no samples in range.
                if !feeder.source().format.is_float() {
                    match feeder.push_bytes(&self.bytes[..count]) {
                        Ok(taken) => {
                            let frame_bytes = feeder.source().frame_bytes();
                            let after = taken - feeder.partial_bytes().min(taken);
                            let grown = feeder.pushed_frames() as usize - self.pushed;
                            prop_assert!(grown * frame_bytes <= before + after);
                            self.pushed += grown;
                        }
                        Err(error) => {
                            prop_assert_eq!(error, FeedError::Interrupted { queued: 0 });
                            prop_assert_eq!(feeder.partial_bytes(), 0);
                        }
                    }
                }
            }
            Step::Source(index) => match feeder.set_source(spec(SOURCES[index])) {
                Ok(()) => prop_assert_eq!(feeder.source(), &spec(SOURCES[index])),
                Err(error) => prop_assert_eq!(error, FeedError::MarkersFull),
            },
            Step::Begin => self.begun += u64::from(feeder.begin_utterance().is_ok()),
            Step::End => drop(feeder.end_utterance()),
            Step::Mark => drop(feeder.mark()),
            Step::Interrupt(fade) => controller.interrupt(Ramp::Frames(fade)),
            Step::Cancel(id, fade) => {
                let cancelled = controller.cancel(UtteranceId(id), Ramp::Frames(fade));
                prop_assert_eq!(cancelled, id < self.begun);
            }
            Step::Hold => controller.hold(),
            Step::Discard => controller.discard(),
            Step::Pause => controller.pause(),
            Step::Resume => controller.resume(),
            Step::Gain(gain, ramp) => controller.set_gain(Decibels(gain), Ramp::Frames(ramp)),
            Step::Mute(true) => controller.mute(),
            Step::Mute(false) => controller.unmute(),
            Step::Render(frames) => {
                let mut block = vec![f32::NAN; channels * frames];
                let status = renderer.render(&mut block);
                prop_assert!(status != RenderStatus::ShapeMismatch);
                // A decay may overlap the fade-in that follows it, and a filter may ring.
                prop_assert!(
                    block.iter().all(|sample| sample.abs() <= 3.0),
                    "{:?}",
                    status
                );
            }
            Step::RenderBytes(frames) => {
                let mut block = vec![0xFF_u8; 4 * channels * frames];
                renderer.render_bytes(&mut block);
                let samples = block
                    .chunks_exact(4)
                    .map(|b| f32::from_ne_bytes(b.try_into().unwrap()));
                prop_assert!(samples.into_iter().all(|sample| sample.abs() <= 3.0));
            }
            Step::WrongShape => {
                if channels > 1 {
                    let mut block = vec![f32::NAN; channels + 1];
                    prop_assert_eq!(renderer.render(&mut block), RenderStatus::ShapeMismatch);
                    prop_assert!(block.iter().all(|sample| *sample == 0.0));
                }
            }
            Step::Rebind(index) => renderer.rebind(spec(DEVICES[index])).unwrap(),
            Step::Latency(frames) => renderer.set_device_latency(frames),
            Step::Poll => monitor.poll(|_| ()),
        }
        self.check()
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        let (now, last) = (self.monitor.snapshot(), self.last);
        prop_assert_eq!(now.pushed_frames, self.pushed as u64);
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
        let silence = now.startup_silence_frames
            + now.idle_frames
            + now.paused_frames
            + now.underrun_frames
            + now.starved_frames;
        prop_assert!(silence <= now.rendered_frames);
        let heard = self.monitor.heard().frames;
        prop_assert!((self.last_heard..=now.heard_frames).contains(&heard));
        self.last_heard = heard;
        self.last = now;
        Ok(())
    }

    fn consumed(&self) -> u64 {
        let now = self.monitor.snapshot();
        now.heard_frames + now.in_flight_frames + now.dropped_frames
    }

    fn render(&mut self, frames: usize) -> RenderStatus {
        let mut block = vec![f32::NAN; frames * self.renderer.device().channels()];
        self.renderer.render(&mut block)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_frame_is_accounted_for(
        first in 0..SOURCES.len(),
        resample in prop::sample::select(Resample::ALL),
        ramp_frames in 0..100_u32,
        queue_frames in prop_oneof![Just(1_500_usize), 1..1_500_usize],
        thresholds in (0.0..=1.0, 0.0..=1.0),
        adaptive in any::<bool>(),
        backlog_ms in prop_oneof![Just(None), (0..30_u64).prop_map(Some)],
        marker_capacity in 1..6_usize,
        lead_in_frames in prop_oneof![Just(0_u32), 0..100_u32],
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut config = config(SOURCES[first], DEVICES[0]);
        config.resample = resample;
        config.ramp_frames = ramp_frames;
        config.queue_frames = queue_frames;
        config.prebuffer_frames = (thresholds.0 * queue_frames as f64) as usize;
        config.rebuffer_frames = (thresholds.1 * queue_frames as f64) as usize;
        if adaptive {
            let queue = Duration::from_secs_f64(queue_frames as f64 / f64::from(config.source.rate_hz));
            config.buffering = Buffering::Adaptive { min: queue / 8, max: queue / 2 };
        }
        config.max_backlog = backlog_ms.map(Duration::from_millis);
        config.marker_capacity = marker_capacity;
        config.event_capacity = 3;
        config.lead_in_frames = lead_in_frames;
        let (feeder, controller, renderer, monitor) = stream(&config).unwrap();
        let data = samples(3 * 900);
        let bytes: Vec<u8> = data.iter().flat_map(|sample| sample.to_ne_bytes()).collect();
        let mut patient = Patient {
            feeder,
            controller,
            renderer,
            last: monitor.snapshot(),
            monitor,
            data,
            bytes,
            pushed: 0,
            begun: 0,
            last_heard: 0,
        };
        for step in &steps {
            patient.take(step)?;
        }
        // Whatever happened: resumed, a full queue is played.
        patient.controller.resume();
        patient.controller.resume();
        let consumed = patient.consumed();
        let silence = vec![0; patient.feeder.source().frame_bytes() * patient.feeder.free_frames()];
        let _ = patient.feeder.push_bytes(&silence);
        if patient.feeder.free_frames() == 0 {
            patient.render(lead_in_frames as usize);
            for _ in 0..4 {
                patient.render(4_096);
            }
            prop_assert!(patient.consumed() > consumed, "a full queue stands still");
        }
        // Ended, it comes to its end.
        let Patient { feeder, mut renderer, monitor, .. } = patient;
        drop(feeder);
        let mut block = vec![f32::NAN; 4_096 * renderer.device().channels()];
        let mut blocks = 0;
        while !renderer.is_at_end() {
            renderer.render(&mut block);
            blocks += 1;
            prop_assert!(blocks < 40, "never ends: {:?}", monitor.snapshot());
        }
        prop_assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
        let end = monitor.snapshot();
        prop_assert_eq!(end.queued_frames + end.in_flight_frames, 0);
        prop_assert_eq!(end.starved_frames, 0);
    }
}
