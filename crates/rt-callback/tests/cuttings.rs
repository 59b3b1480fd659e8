//! Whatever a script does: any cutting gives the same samples, and no step is above what the ramps and
//! the signal allow.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{config, events, samples, spec};
use proptest::prelude::*;
use rt_callback::{Command, Config, Decibels, Event, Ramp, Resample, Timed, UtteranceId, stream};

const FRAMES: usize = 2_400;

fn command(longest_ramp: u32) -> impl Strategy<Value = Command> {
    let ramp = 64..=longest_ramp;
    prop_oneof![
        2 => ramp.clone().prop_map(|fade| Command::Interrupt(Ramp::Frames(fade))),
        2 => (0..4_u64).prop_map(|id| Command::Cancel(UtteranceId(id))),
        2 => Just(Command::Pause),
        3 => Just(Command::Resume),
        2 => (-40.0..=0.0_f32, ramp)
            .prop_map(|(gain, ramp)| Command::Gain(Decibels(gain), Ramp::Frames(ramp))),
        1 => Just(Command::Mute),
        1 => Just(Command::Unmute),
    ]
}

fn script(first_frame: u64) -> impl Strategy<Value = Vec<Timed>> {
    let timed = (first_frame..FRAMES as u64, command(400))
        .prop_map(|(at_frame, command)| Timed { at_frame, command });
    prop::collection::vec(timed, 0..12)
}

/// Four utterances in three formats, all queued beforehand; one follows without a declared end.
fn render(config: &Config, sizes: &[usize]) -> (Vec<f32>, Vec<Event>) {
    let mut config = config.clone();
    config.queue_frames = 20_000;
    config.event_capacity = 200;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    for source in [
        "24000x1:s16le",
        "44100x2:s16le",
        "24000x1:s16le",
        "48000x2:s16le",
    ] {
        feeder.set_source(spec(source)).unwrap();
        feeder.begin_utterance().unwrap();
        feeder.mark().unwrap();
        let frames = feeder.source().rate_hz as usize / 100;
        feeder
            .push(&samples(frames * feeder.source().channels()))
            .unwrap();
    }
    feeder.end_utterance().unwrap();
    let sound = common::render_blocks(&mut renderer, FRAMES, sizes);
    (sound, events(&mut monitor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_two_cuttings_of_a_script_give_the_same_samples_and_events(
        script in script(0),
        resample in prop::sample::select(Resample::ALL),
        ramp_frames in 0..200_u32,
        lead_in_frames in 0..300_u32,
        sizes in prop::collection::vec(1..700_usize, 1..6),
    ) {
        let mut config = config("24000x1:s16le", "48000x2:f32le");
        config.script = script;
        config.resample = resample;
        config.ramp_frames = ramp_frames;
        config.lead_in_frames = lead_in_frames;
        let whole = render(&config, &[FRAMES]);
        for sizes in [&sizes[..], &[1]] {
            let cut = render(&config, sizes);
            prop_assert_eq!(&cut.1, &whole.1);
            let differs = cut.0.iter().zip(&whole.0).position(|(a, b)| a != b);
            prop_assert_eq!(differs, None);
        }
    }

    /// A constant at full scale is the signal with the largest steps that ramps can make: each ramp of
    /// n frames makes steps of 1/n, and a few may run at once. The beginning, at frame 0, and the
    /// declared end are not faded and left out.
    #[test]
    fn no_step_is_above_the_ramps_slope(script in script(1), block in 1..700_usize) {
        let mut config = config("48000x1:s16le", "48000x1:f32le");
        let shortest = 64;
        config.ramp_frames = shortest;
        config.script = script;
        // What is cancelled or interrupted ends a sound; a declared end would too, so there is none.
        let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&[i16::MAX; FRAMES + 100]).unwrap();
        let sound = common::render_blocks(&mut renderer, FRAMES, &[block]);
        // Of a gain, an interruption, a pause's decay and its fade-in, all at once.
        let bound = 4.0 / shortest as f32 + 1e-6;
        let steps = sound.iter().zip(&sound[1..]).map(|(a, b)| (b - a).abs());
        let largest = steps.fold(0.0, f32::max);
        prop_assert!(largest <= bound, "{} > {}", largest, bound);
    }

    /// An interruption whose fade is longer than what is queued comes down all the same.
    #[test]
    fn a_fade_that_runs_out_of_sound_does_not_click(
        queued in 100..2_000_usize,
        at_frame in 1..90_u64,
        fade in 64..4_000_u32,
        block in 1..700_usize,
    ) {
        let mut config = config("48000x1:s16le", "48000x1:f32le");
        config.ramp_frames = 64;
        config.script = vec![Timed {
            at_frame,
            command: Command::Interrupt(Ramp::Frames(fade)),
        }];
        let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&vec![i16::MAX; queued]).unwrap();
        let sound = common::render_blocks(&mut renderer, 5_000, &[block]);
        let steps = sound.iter().zip(&sound[1..]).map(|(a, b)| (b - a).abs());
        let largest = steps.fold(0.0, f32::max);
        prop_assert!(largest <= 1.0 / 64.0 + 1e-6, "{}", largest);
        prop_assert_eq!(sound[4_500], 0.0);
    }
}
