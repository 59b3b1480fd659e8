//! A stream that is silent until somebody does something looks at nothing in between, and misses
//! nothing of what is done.

use std::time::Duration;

use crate::common::{config, events, spec};
use channel_mix::Decibels;
use proptest::prelude::*;
use rt_callback::{
    Config, Controller, Feeder, Monitor, Ramp, RenderStatus, Renderer, UtteranceId, stream,
};

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A block of so many frames.
    Render(usize),
    Push(usize),
    Begin,
    End,
    Mark,
    Source(bool),
    Interrupt(u32),
    Cancel(u64, u32),
    Hold,
    Discard,
    Pause,
    Resume,
    Mute(bool),
    Gain(f32),
    Rebind(bool),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..40_usize).prop_map(Step::Render),
        4 => (1..60_usize).prop_map(Step::Push),
        2 => Just(Step::Begin),
        2 => Just(Step::End),
        1 => Just(Step::Mark),
        1 => any::<bool>().prop_map(Step::Source),
        1 => (0..20_u32).prop_map(Step::Interrupt),
        1 => (0..4_u64, 0..20_u32).prop_map(|(id, fade)| Step::Cancel(id, fade)),
        1 => Just(Step::Hold),
        1 => Just(Step::Discard),
        2 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => any::<bool>().prop_map(Step::Mute),
        1 => (-12.0..6.0_f32).prop_map(Step::Gain),
        1 => any::<bool>().prop_map(Step::Rebind),
        1 => Just(Step::Close),
    ]
}

struct Stream {
    feeder: Option<Feeder>,
    controller: Controller,
    renderer: Renderer,
    monitor: Monitor,
    ids: Vec<UtteranceId>,
    gain: Decibels,
    /// Something is set before every block, to what it is already: nothing rests.
    restless: bool,
}

impl Stream {
    fn new(config: &Config, restless: bool) -> Self {
        let (feeder, controller, renderer, monitor) = stream(config).unwrap();
        Self {
            feeder: Some(feeder),
            controller,
            renderer,
            monitor,
            ids: Vec::new(),
            gain: Decibels::UNITY,
            restless,
        }
    }

    /// What can be seen of a step.
    fn take(&mut self, step: Step) -> Option<(RenderStatus, Vec<f32>, String)> {
        let controller = &self.controller;
        match step {
            Step::Render(frames) => {
                if self.restless {
                    controller.set_gain(self.gain, Ramp::None);
                }
                let mut block = vec![f32::NAN; 2 * frames];
                let status = self.renderer.render(&mut block);
                let seen = (events(&mut self.monitor), self.monitor.snapshot());
                return Some((status, block, format!("{seen:?}")));
            }
            Step::Interrupt(fade) => controller.interrupt(Ramp::Frames(fade)),
            Step::Cancel(index, fade) => {
                if let Some(id) = self.ids.get(index as usize) {
                    controller.cancel(*id, Ramp::Frames(fade));
                }
            }
            Step::Hold => controller.hold(),
            Step::Discard => controller.discard(),
            Step::Pause => controller.pause(),
            Step::Resume => controller.resume(),
            Step::Mute(true) => controller.mute(),
            Step::Mute(false) => controller.unmute(),
            Step::Gain(db) => {
                self.gain = Decibels(db);
                controller.set_gain(self.gain, Ramp::None);
            }
            Step::Rebind(slow) => {
                let rate = if slow { "24000" } else { "48000" };
                self.renderer
                    .rebind(spec(&format!("{rate}x2:f32le")))
                    .unwrap();
            }
            Step::Close => self.feeder = None,
            _ => {
                if let Some(feeder) = &mut self.feeder {
                    match step {
                        Step::Push(frames) => {
                            let _ = feeder.push(&vec![8_192_i16; frames]);
                        }
                        Step::Begin => self.ids.extend(feeder.begin_utterance()),
                        Step::End => {
                            let _ = feeder.end_utterance();
                        }
                        Step::Mark => {
                            let _ = feeder.mark();
                        }
                        Step::Source(slow) => {
                            let rate = if slow {
                                "24000x1:s16le"
                            } else {
                                "48000x1:s16le"
                            };
                            let _ = feeder.set_source(spec(rate));
                        }
                        _ => unreachable!("{step:?}"),
                    }
                }
            }
        }
        None
    }
}

/// Each push is heard, although the renderer may be looking away just then.
#[test]
fn no_push_is_overlooked() {
    const PUSHES: u64 = 20_000;
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 0;
    let (mut feeder, _controller, mut renderer, monitor) = stream(&config).unwrap();
    let renders = std::thread::spawn(move || {
        let mut heard = 0;
        let mut blocks_without = 0_u64;
        while heard < PUSHES && blocks_without < 50_000_000 {
            let mut sample = [0.0_f32];
            renderer.render(&mut sample);
            if sample[0] == 0.5 {
                heard += 1;
                blocks_without = 0;
            }
            blocks_without += 1;
        }
        heard
    });
    for pushed in 0..PUSHES {
        // Until the last one has been heard: then the renderer is about to rest again.
        while !renders.is_finished() && monitor.snapshot().heard_frames < pushed {
            std::hint::spin_loop();
        }
        feeder.begin_utterance().unwrap();
        feeder.push(&[16_384_i16]).unwrap();
        feeder.end_utterance().unwrap();
    }
    assert_eq!(renders.join().unwrap(), PUSHES);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_is_missed(
        steps in prop::collection::vec(step(), 1..120),
        prebuffer in prop_oneof![Just(0_usize), 1..80_usize],
        cap in prop_oneof![Just(Duration::from_secs(1)), (0..3_000_u64).prop_map(Duration::from_micros)],
        lead_in in prop_oneof![Just(0_u32), 1..50_u32],
    ) {
        let mut config = config("48000x1:s16le", "48000x2:f32le");
        config.queue_frames = 200;
        config.ramp_frames = 10;
        config.prebuffer_frames = prebuffer;
        config.rebuffer_frames = prebuffer / 2;
        config.prebuffer_cap = cap;
        config.lead_in_frames = lead_in;
        config.keep_alive_frames = (lead_in % 2 == 1).then_some(60);
        config.marker_capacity = 8;
        let mut resting = Stream::new(&config, false);
        let mut restless = Stream::new(&config, true);
        for (index, step) in steps.into_iter().enumerate() {
            prop_assert_eq!(resting.take(step), restless.take(step), "step {}, {:?}", index, step);
        }
    }
}
