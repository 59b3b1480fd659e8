//! A mixer's inputs come and go while it plays.

use crate::common::allocator::{forbidden, in_callback};
use crate::common::{config, render_blocks, samples, spec};
use rt_callback::{
    Command, Config, ConfigError, EventKind, FrameSource, Mixer, Ramp, RenderStatus, Renderer,
    Timed, stream_from,
};

const EIGHTH: i16 = 4_096;

fn bus(most: usize) -> (Renderer, rt_callback::MixerInputs) {
    let bus = spec("48000x1:f32le");
    let (mixer, inputs) = Mixer::with_room(bus, most);
    let (_, renderer, _) = stream_from(&Config::new(bus, bus), Box::new(mixer)).unwrap();
    (renderer, inputs)
}

#[test]
fn inputs_are_added_and_dropped_while_it_plays_and_the_callback_allocates_nothing() {
    let (mut renderer, mut inputs) = bus(3);
    let input = config("48000x1:s16le", "48000x1:f32le");
    let mut playing = Vec::new();
    let mut block = [0.0_f32; 48];
    forbidden();
    for round in 0..200 {
        assert_eq!(inputs.count(), playing.len());
        match inputs.add(&input) {
            Ok((mut feeder, controller, monitor)) => {
                feeder.push(&[EIGHTH; 24_000]).unwrap();
                playing.push((feeder, controller, monitor));
            }
            Err(error) => assert_eq!((error, playing.len()), (ConfigError::MixerFull, 3)),
        }
        in_callback(|| renderer.render(&mut block));
        assert_eq!(block, [0.125 * playing.len() as f32; 48], "{round}");
        if playing.len() == 3 {
            // One goes at once, in whatever place it is.
            let (feeder, controller, monitor) = playing.swap_remove(round % 3);
            controller.interrupt(Ramp::None);
            drop(feeder);
            in_callback(|| renderer.render(&mut block));
            assert_eq!(block, [0.25; 48], "{round}");
            // Another block, and its place is free.
            in_callback(|| renderer.render(&mut block));
            assert!(monitor.snapshot().dropped_frames > 0);
        }
    }
    assert_eq!(forbidden(), 0, "allocated or freed in the callback");
}

/// An input whose feeder is gone is heard to its end, tail and all, before it goes.
#[test]
fn what_was_pushed_is_heard_to_its_end_and_then_the_mixer_ends() {
    let (mut renderer, mut inputs) = bus(2);
    assert_eq!(render_blocks(&mut renderer, 480, &[480]), [0.0; 480]);
    assert!(!renderer.is_at_end(), "somebody may come");
    let (mut feeder, _, monitor) = inputs
        .add(&config("24000x1:s16le", "48000x1:f32le"))
        .unwrap();
    feeder.push(&[EIGHTH; 1_000]).unwrap();
    drop(feeder);
    assert_eq!(render_blocks(&mut renderer, 2_000, &[480]), [0.125; 2_000]);
    render_blocks(&mut renderer, 480, &[480]);
    assert_eq!(monitor.snapshot().heard_frames, 1_000);
    assert_eq!(inputs.count(), 0);
    assert!(!renderer.is_at_end());
    drop(inputs);
    let mut block = [0.0_f32; 480];
    assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
    assert!(renderer.is_at_end());
}

/// What is added goes through another thread than the one that plays.
#[test]
fn inputs_come_from_another_thread() {
    let (mut renderer, mut inputs) = bus(4);
    let playing = std::thread::spawn(move || {
        let mut loudest = 0.0_f32;
        while !renderer.is_at_end() {
            let mut block = [0.0_f32; 48];
            renderer.render(&mut block);
            loudest = block
                .iter()
                .fold(loudest, |loudest, sample| loudest.max(*sample));
            std::thread::yield_now();
        }
        loudest
    });
    let input = config("48000x1:s16le", "48000x1:f32le");
    let mut added = 0;
    while added < 300 {
        match inputs.add(&input) {
            Ok((mut feeder, ..)) => {
                feeder.push(&[EIGHTH; 100]).unwrap();
                added += 1;
            }
            Err(error) => {
                assert_eq!(error, ConfigError::MixerFull);
                std::thread::yield_now();
            }
        }
    }
    drop(inputs);
    assert!((0.125..=0.5).contains(&playing.join().unwrap()));
}

#[test]
fn a_mixer_with_room_takes_no_inputs_behind_its_back() {
    let bus = spec("48000x1:f32le");
    let (mut mixer, mut inputs) = Mixer::with_room(bus, 0);
    let input = config("48000x1:s16le", "48000x1:f32le");
    assert_eq!(mixer.add(&input).err(), Some(ConfigError::MixerFull));
    assert_eq!(inputs.add(&input).err(), Some(ConfigError::MixerFull));
    let (_mixer, mut inputs) = Mixer::with_room(bus, 1);
    let other = config("48000x1:s16le", "44100x1:f32le");
    assert_eq!(inputs.add(&other).err(), Some(ConfigError::MixerDevice));
}

/// Changes its mind about its end at every look.
struct Undecided {
    calls: std::cell::Cell<u32>,
    fills: u32,
}

impl FrameSource for Undecided {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        self.fills += 1;
        block.fill(0.25);
        if self.fills.is_multiple_of(7) {
            block.len()
        } else {
            0
        }
    }

    fn is_ended(&self) -> bool {
        self.calls.set(self.calls.get() + 1);
        self.calls.get().is_multiple_of(2)
    }
}

/// "`render` can hang: a `FrameSource` whose `is_ended` alternates loops for ever." Bounded, whatever it says.
#[test]
fn a_source_that_cannot_decide_whether_it_has_ended_does_not_hang_the_callback() {
    for (source, device) in [
        ("48000x1:f32le", "48000x1:f32le"),
        ("24000x1:f32le", "48000x2:f32le"),
        ("48000x2:f32le", "44100x1:s16le"),
    ] {
        for calls in 0..2 {
            let undecided = Undecided {
                calls: calls.into(),
                fills: 0,
            };
            let config = config(source, device);
            let (_, mut renderer, monitor) = stream_from(&config, Box::new(undecided)).unwrap();
            let mut block = vec![0; 480 * renderer.device().frame_bytes()];
            for _ in 0..100 {
                renderer.render_bytes(&mut block);
            }
            assert_eq!(monitor.snapshot().rendered_frames, 48_000);
        }
    }
}

/// Nothing of a shared queue: inputs with a meter, a clock, dither and their own fades.
#[test]
fn an_input_is_a_stream_with_all_that_a_stream_has() {
    let (mut renderer, mut inputs) = bus(1);
    let mut input = config("24000x1:s16le", "48000x1:f32le");
    input.meter = true;
    input.clock = Some(|| 0);
    let (mut feeder, controller, mut monitor) = inputs.add(&input).unwrap();
    feeder.push(&samples(2_400)).unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    controller.pause();
    render_blocks(&mut renderer, 480, &[480]);
    assert_eq!(monitor.snapshot().paused_frames, 480);
    assert_eq!(monitor.take_levels().len(), 1);
    assert!(monitor.load().unwrap().blocks() > 0);
    let readings = monitor.readings();
    let other = readings.clone();
    let heard = std::thread::spawn(move || other.heard().frames)
        .join()
        .unwrap();
    assert_eq!(heard, readings.heard().frames);
    assert_eq!(readings.take_levels(&mut []), 0);
}

/// An input goes when its decay has been heard, and not before.
#[test]
fn an_input_that_is_cut_off_decays_before_it_goes() {
    for interrupts in [false, true] {
        let (mut renderer, mut inputs) = bus(1);
        let mut input = config("48000x1:s16le", "48000x1:f32le");
        input.ramp_frames = 96;
        let (mut feeder, controller, _) = inputs.add(&input).unwrap();
        feeder.push(&[4 * EIGHTH; 100]).unwrap();
        let mut sound = render_blocks(&mut renderer, 48, &[16]);
        if interrupts {
            controller.interrupt(Ramp::Frames(480));
            drop(feeder);
            sound.extend(render_blocks(&mut renderer, 480, &[48]));
        } else {
            sound.extend(render_blocks(&mut renderer, 64, &[16]));
            drop(feeder);
            sound.extend(render_blocks(&mut renderer, 480, &[16]));
        }
        let steps = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let largest = steps.fold(0.0, f32::max);
        assert!(largest <= 0.5 / 96.0 + 1e-6, "{interrupts}: {largest}");
        assert_eq!((sound[527], inputs.count()), (0.0, 0));
    }
    // The same of a stream by itself.
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 96;
    let (mut feeder, _, mut renderer, _) = rt_callback::stream(&config).unwrap();
    feeder.push(&[4 * EIGHTH; 100]).unwrap();
    render_blocks(&mut renderer, 112, &[16]);
    drop(feeder);
    let mut blocks = 0;
    while !renderer.is_at_end() {
        render_blocks(&mut renderer, 16, &[16]);
        blocks += 1;
    }
    assert_eq!(blocks, 6, "84 frames of the decay were left");
    assert_eq!(render_blocks(&mut renderer, 96, &[96]), [0.0; 96]);
}

/// It may be interrupted in its first frames.
#[test]
fn an_input_that_is_added_knows_the_devices_latency_at_once() {
    let (mut renderer, mut inputs) = bus(1);
    renderer.set_device_latency(4_800);
    render_blocks(&mut renderer, 480, &[480]);
    let mut input = config("48000x1:s16le", "48000x1:f32le");
    input.script = vec![Timed {
        at_frame: 100,
        command: Command::Interrupt(Ramp::None),
    }];
    let (mut feeder, _, mut monitor) = inputs.add(&input).unwrap();
    feeder.push(&[EIGHTH; 480]).unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    let latencies: Vec<_> = crate::common::events(&mut monitor)
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Interrupted {
                device_latency_frames,
                ..
            } => Some(device_latency_frames),
            _ => None,
        })
        .collect();
    assert_eq!(latencies, [4_800]);
}
