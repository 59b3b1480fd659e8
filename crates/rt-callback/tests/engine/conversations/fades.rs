//! A fade of an interruption is the last that is heard of what it drops.

use crate::common::{config, events, render_blocks};
use rt_callback::{
    Config, Controller, Event, EventKind, Feeder, Mixer, Monitor, Ramp, Renderer, UtteranceId,
    stream, stream_from,
};

const RAMP_FRAMES: usize = 96;
const HALF: i16 = 16_384;

fn plain() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = RAMP_FRAMES as u32;
    config
}

/// A stream in whose first utterance an interruption fades out: 100 frames of 960 are through.
fn fading(config: &Config) -> (Feeder, Controller, Renderer, Monitor, UtteranceId) {
    let (mut feeder, controller, mut renderer, monitor) = stream(config).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 9_600]).unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    controller.interrupt(Ramp::Frames(960));
    render_blocks(&mut renderer, 100, &[100]);
    (feeder, controller, renderer, monitor, id)
}

/// The utterances of the receipts, each with what was heard of it.
fn receipts(events: &[Event]) -> Vec<(Option<u64>, u64)> {
    let receipts = events.iter().filter_map(|event| match event.kind {
        EventKind::Interrupted {
            utterance,
            heard_frames,
            ..
        } => Some((utterance.map(|id| id.0), heard_frames)),
        _ => None,
    });
    receipts.collect()
}

fn peak(signal: &[f32]) -> f32 {
    signal
        .iter()
        .fold(0.0, |peak, sample| sample.abs().max(peak))
}

type Silence = fn(&Controller, &mut Renderer, bool);

/// Ways to silence a stream, and to let it sound again.
const SILENCES: [(&str, Silence); 3] = [
    ("paused", |controller, _, silenced| match silenced {
        true => controller.pause(),
        false => controller.resume(),
    }),
    ("held", |controller, _, silenced| match silenced {
        true => controller.hold(),
        false => controller.discard(),
    }),
    ("absent", |_, renderer, silenced| {
        renderer.set_absent(silenced);
    }),
];

/// The rest of the fade is not heard later, and its receipt comes at once.
#[test]
fn a_silence_in_a_fade_ends_it() {
    for cancels in [false, true] {
        for (how, silence) in SILENCES {
            let (mut feeder, controller, mut renderer, mut monitor, id) = fading(&plain());
            silence(&controller, &mut renderer, true);
            let sound = render_blocks(&mut renderer, 480, &[480]);
            assert!(sound[0] > 0.4 && sound[RAMP_FRAMES..] == [0.0; 480 - RAMP_FRAMES]);
            assert_eq!(receipts(&events(&mut monitor)), [(Some(0), 580)], "{how}");
            let counters = monitor.snapshot();
            assert_eq!(
                (counters.heard_frames, counters.dropped_frames),
                (580, 9_020)
            );
            if cancels {
                controller.cancel(id, Ramp::None);
                render_blocks(&mut renderer, 480, &[480]);
            }
            feeder.end_utterance().unwrap();
            silence(&controller, &mut renderer, false);
            let sound = render_blocks(&mut renderer, 4_800, &[480]);
            assert_eq!(peak(&sound), 0.0, "{how}");
            assert_eq!(receipts(&events(&mut monitor)), [], "{how}: one was sent");
        }
    }
}

/// The fade belongs to the sound before it.
#[test]
fn a_fade_ends_where_an_utterance_begins_that_was_cancelled() {
    for blocks in [[960], [7]] {
        let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
        feeder.begin_utterance().unwrap();
        feeder.push(&[3_277_i16; 100]).unwrap();
        let cancelled = feeder.begin_utterance().unwrap();
        feeder.push(&[29_491_i16; 1_000]).unwrap();
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 50, &[50]);
        controller.cancel(cancelled, Ramp::None);
        render_blocks(&mut renderer, 10, &[10]);
        controller.interrupt(Ramp::Frames(480));
        feeder.push(&[HALF; 100]).unwrap();
        let sound = render_blocks(&mut renderer, 960, &blocks);
        assert!(
            sound[..40]
                .iter()
                .all(|sample| (0.08..=0.1001).contains(sample))
        );
        assert_eq!(sound[40..140], [0.5; 100], "what was pushed behind it");
        assert_eq!(receipts(&events(&mut monitor)), [(Some(1), 0)]);
        assert_eq!(monitor.snapshot().dropped_frames, 1_000);
    }
}

/// The latest wins: a fade is never longer than any that was asked for.
#[test]
fn a_shorter_fade_shortens_the_one_under_way() {
    type Steer = fn(&Controller, UtteranceId, Ramp);
    let shorter: [(&str, Steer); 2] = [
        ("interrupt", |controller, _, fade| {
            controller.interrupt(fade)
        }),
        ("cancel", |controller, id, fade| {
            controller.cancel(id, fade);
        }),
    ];
    for (how, steer) in shorter {
        for frames in [0, 1, 48] {
            let (_feeder, controller, mut renderer, mut monitor, id) = fading(&plain());
            steer(&controller, id, Ramp::Frames(frames));
            let sound = render_blocks(&mut renderer, 960, &[32]);
            let end = frames as usize;
            assert_eq!(peak(&sound[end..]), 0.0, "{how} {frames}");
            assert!(sound[..end].windows(2).all(|pair| pair[1] < pair[0]));
            let heard = 580 + u64::from(frames);
            assert_eq!(receipts(&events(&mut monitor)), [(Some(0), heard)], "{how}");
        }
        // A longer one changes nothing.
        let (_feeder, controller, mut renderer, _monitor, id) = fading(&plain());
        steer(&controller, id, Ramp::Frames(48_000));
        let sound = render_blocks(&mut renderer, 960, &[32]);
        assert!(sound[858] > 0.0 && sound[860..] == [0.0; 100], "{how}");
    }
}

/// An input of a mixer that is silenced obeys what concerns it all the same.
#[test]
fn an_input_of_a_silenced_mixer_drops_what_is_interrupted() {
    for fades in [false, true] {
        for (how, silence) in SILENCES {
            let outer = config("48000x1:f32le", "48000x1:f32le");
            let mut mixer = Mixer::new(outer.source);
            let (mut feeder, inner, mut monitor) = mixer.add(&plain()).unwrap();
            let (controller, mut renderer, _) = stream_from(&outer, Box::new(mixer)).unwrap();
            feeder.begin_utterance().unwrap();
            feeder.push(&[HALF; 24_000]).unwrap();
            render_blocks(&mut renderer, 480, &[480]);
            if fades {
                inner.interrupt(Ramp::Frames(4_800));
                render_blocks(&mut renderer, 480, &[480]);
            }
            silence(&controller, &mut renderer, true);
            render_blocks(&mut renderer, 480, &[480]);
            if !fades {
                inner.interrupt(Ramp::Frames(4_800));
            }
            render_blocks(&mut renderer, 9_600, &[480]);
            let heard = if fades { 960 } else { 480 };
            assert_eq!(receipts(&events(&mut monitor)), [(Some(0), heard)], "{how}");
            // A hold of the mixer's own stream has nothing to discard.
            match how {
                "held" => controller.resume(),
                _ => silence(&controller, &mut renderer, false),
            }
            let sound = render_blocks(&mut renderer, 9_600, &[480]);
            assert_eq!(peak(&sound), 0.0, "{how} {fades}");
        }
    }
}
