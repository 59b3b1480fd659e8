//! Time passes for a ramp whether anything sounds or not, and a ramp is a time on every device.

use crate::common::{config, render_blocks, spec};
use rt_callback::{
    Config, Controller, Decibels, Feeder, Mixer, Ramp, RenderStatus, Renderer, stream, stream_from,
};

const HALF: i16 = 16_384;

type Silence = fn(&mut Feeder, &Controller, &mut Renderer);

/// Ways to be silent, in which 100 ms pass, or more, after `steer`; then sound may follow.
fn silences() -> [(&'static str, Silence); 7] {
    [
        ("before the first push", |_, _, renderer| {
            pass(renderer);
        }),
        ("after an end", |feeder, _, renderer| {
            feeder.push(&[0_i16; 10]).unwrap();
            feeder.end_utterance().unwrap();
            pass(renderer);
        }),
        ("in an underrun", |feeder, _, renderer| {
            feeder.push(&[0_i16; 10]).unwrap();
            pass(renderer);
        }),
        ("in a pause", |_, controller, renderer| {
            controller.pause();
            pass(renderer);
            controller.resume();
        }),
        ("while held", |_, controller, renderer| {
            controller.hold();
            pass(renderer);
            controller.resume();
        }),
        ("after an interruption", |feeder, controller, renderer| {
            feeder.push(&[0_i16; 1_000]).unwrap();
            renderer.render(&mut [0.0_f32; 10]);
            controller.interrupt(Ramp::None);
            pass(renderer);
        }),
        ("while a prebuffer fills", |feeder, _, renderer| {
            feeder.push(&[HALF; 10]).unwrap();
            pass(renderer);
            feeder.end_utterance().unwrap();
        }),
    ]
}

/// 100 ms in blocks of 10, long enough for a lull.
fn pass(renderer: &mut Renderer) {
    for _ in 0..10 {
        renderer.render(&mut [0.0_f32; 480]);
    }
}

fn quiet() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 48_000;
    config.prebuffer_frames = 20;
    config
}

/// "Mute, 3 s, sound: 2 ms at 0.89", and a volume that was still coming down when sound came
/// (hrkfdn/ncspot#613, mudita/MuditaOS#4882).
#[test]
fn a_mute_and_a_gain_set_in_silence_hold_when_sound_comes() {
    for (when, be_silent) in silences() {
        for steered_before in [true, false] {
            let (mut feeder, controller, mut renderer, _monitor) = stream(&quiet()).unwrap();
            let steer = || controller.mute();
            if steered_before {
                steer();
            }
            be_silent(&mut feeder, &controller, &mut renderer);
            if !steered_before {
                steer();
                be_silent(&mut feeder, &controller, &mut renderer);
            }
            feeder.push(&[HALF; 480]).unwrap();
            assert_eq!(
                render_blocks(&mut renderer, 480, &[7]),
                [0.0; 480],
                "{when}"
            );
            controller.unmute();
            controller.set_gain(Decibels(-20.0), Ramp::Milliseconds(100.0));
            be_silent(&mut feeder, &controller, &mut renderer);
            feeder.push(&[HALF; 2_000]).unwrap();
            // Faded in after a gap; then the gain, and nothing but the gain.
            let sound = render_blocks(&mut renderer, 480, &[480]);
            assert!(
                sound[..96].iter().all(|sample| *sample <= 0.05),
                "{when}: {sound:?}"
            );
            assert!(
                sound[96..].iter().all(|sample| *sample == 0.05),
                "{when}: {sound:?}"
            );
        }
    }
}

/// Half of the ramp in silence, half of it in sound: it is where it would have been.
#[test]
fn a_ramp_that_began_in_silence_goes_on_in_sound() {
    for block in [480, 1, 77] {
        let mut config = config("48000x1:s16le", "48000x1:f32le");
        config.lead_in_frames = 100;
        let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
        controller.set_gain(Decibels::SILENCE, Ramp::Frames(1_000));
        render_blocks(&mut renderer, 400, &[block]);
        feeder.push(&[HALF; 1_000]).unwrap();
        let sound = render_blocks(&mut renderer, 700, &[block]);
        for (frame, sample) in sound.iter().enumerate() {
            let gain = 1.0 - (frame + 401).min(1_000) as f32 / 1_000.0;
            assert!((sample - 0.5 * gain).abs() < 1e-6, "{block}: {frame}");
        }
    }
}

/// The same for a stream in a stream: the outer one is paused, or leads in, and time passes inside as well.
#[test]
fn time_passes_in_a_mixers_input() {
    for rate in [48_000, 44_100, 24_000] {
        let bus = spec(&format!("{rate}x1:f32le"));
        let mut mixer = Mixer::new(bus);
        let source = format!("{rate}x1:s16le");
        let (mut feeder, inner, _) = mixer.add(&Config::new(spec(&source), bus)).unwrap();
        let outer = Config::new(bus, spec("48000x1:f32le"));
        let (controller, mut renderer, _) = stream_from(&outer, Box::new(mixer)).unwrap();
        controller.pause();
        pass(&mut renderer);
        inner.mute();
        pass(&mut renderer);
        feeder.push(&[HALF; 4_800]).unwrap();
        controller.resume();
        assert_eq!(
            render_blocks(&mut renderer, 480, &[13]),
            [0.0; 480],
            "{rate}"
        );
        controller.pause();
        render_blocks(&mut renderer, 960, &[1]);
        inner.unmute();
        inner.set_gain(Decibels(-20.0), Ramp::Milliseconds(10.0));
        // Blocks shorter than a frame of the bus add up to its time all the same.
        render_blocks(&mut renderer, 960, &[1]);
        controller.resume();
        let sound = render_blocks(&mut renderer, 960, &[480]);
        assert!((sound[900] - 0.05).abs() < 1e-5, "{rate}: {}", sound[900]);
        let largest = sound
            .iter()
            .fold(0.0, |largest: f32, sample| largest.max(*sample));
        assert!(largest < 0.0505, "{rate}: {largest}");
    }
}

/// "Each rebind truncates: 95 -> 63 frames after 30 pairs of 48 <-> 44.1 kHz, 0 after 90: a click".
#[test]
fn ramps_keep_their_length_however_often_the_device_changes() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 96;
    config.queue_frames = 96_000;
    config.lead_in_frames = 48;
    let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
    for _ in 0..90 {
        for rate in [44_100, 8_000, 192_000, 48_000] {
            renderer.rebind(spec(&format!("{rate}x1:f32le"))).unwrap();
        }
    }
    let down = |renderer: &mut Renderer| {
        let sound = render_blocks(renderer, 400, &[400]);
        sound
            .iter()
            .filter(|sample| **sample != 0.0 && **sample != 0.5)
            .count()
    };
    feeder.push(&[HALF; 20_000]).unwrap();
    let sound = render_blocks(&mut renderer, 148, &[148]);
    assert_eq!(
        (sound[47], sound[48], sound[147]),
        (0.0, 0.5, 0.5),
        "the lead-in"
    );
    // A mute, a pause, and what is cut by a discard: 95 steps between the ends.
    controller.mute();
    assert_eq!(down(&mut renderer), 95);
    controller.unmute();
    assert_eq!(down(&mut renderer), 95);
    controller.pause();
    assert_eq!(down(&mut renderer), 95);
    controller.resume();
    assert_eq!(down(&mut renderer), 95);
    // The length is a time on every other device too: 2 ms.
    for (rate, frames) in [(192_000, 384), (8_000, 16), (44_100, 88)] {
        renderer.rebind(spec(&format!("{rate}x1:f32le"))).unwrap();
        render_blocks(&mut renderer, 1_200, &[1_200]);
        controller.mute();
        assert_eq!(down(&mut renderer), frames - 1, "{rate}");
        controller.unmute();
        assert_eq!(down(&mut renderer), frames - 1, "{rate}");
    }
}

/// A ramp that is under way, or was asked for before the change, takes as long as it would have.
#[test]
fn a_ramp_that_a_change_of_device_meets_takes_its_time() {
    for begun in [false, true] {
        let source = |block: &mut [f32]| {
            block.fill(0.5);
            block.len()
        };
        let config = config("48000x1:f32le", "48000x1:f32le");
        let (controller, mut renderer, _) = stream_from(&config, Box::new(source)).unwrap();
        controller.set_gain(Decibels::SILENCE, Ramp::Milliseconds(100.0));
        if begun {
            render_blocks(&mut renderer, 2_400, &[480]);
        }
        renderer.rebind(spec("16000x1:f32le")).unwrap();
        let half = render_blocks(&mut renderer, 800, &[160]);
        let expected = if begun { 0.0 } else { 0.25 };
        assert!(
            (half[799] - expected).abs() < 0.01,
            "{begun}: {}",
            half[799]
        );
    }
}

/// `resume` after a false alarm lifts only the hold (two flags), and what was set can be asked for.
#[test]
fn a_hold_and_a_pause_are_two_flags() {
    let config = config("48000x1:s16le", "48000x1:f32le");
    let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[HALF; 4_000]).unwrap();
    let render = |renderer: &mut Renderer| renderer.render(&mut [0.0_f32; 100]);
    controller.pause();
    controller.hold();
    assert!(controller.is_paused() && controller.is_held());
    assert_eq!(render(&mut renderer), RenderStatus::Paused);
    controller.resume();
    assert!(controller.is_paused() && !controller.is_held());
    assert_eq!(
        render(&mut renderer),
        RenderStatus::Paused,
        "the user's pause stays"
    );
    controller.resume();
    assert!(!controller.is_paused());
    assert_eq!(render(&mut renderer), RenderStatus::Rendered);
    controller.hold();
    controller.pause();
    controller.discard();
    assert_eq!(render(&mut renderer), RenderStatus::Paused);
    controller.resume();
    feeder.push(&[HALF; 100]).unwrap();
    assert_eq!(render(&mut renderer), RenderStatus::Rendered);
    // Nothing is held: nothing is discarded.
    controller.discard();
    feeder.push(&[HALF; 100]).unwrap();
    assert_eq!(render(&mut renderer), RenderStatus::Rendered);

    assert_eq!(controller.gain(), Decibels(0.0));
    controller.set_gain(Decibels(-12.3), Ramp::None);
    controller.mute();
    let other = controller.clone();
    assert_eq!((other.gain(), other.is_muted()), (Decibels(-12.3), true));
    other.unmute();
    assert!(!controller.is_muted());
}

/// A mute and a gain have ramps of their own: neither makes the other's longer or shorter.
#[test]
fn a_gain_that_is_set_in_a_mute_does_not_delay_it() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.ramp_frames = 96;
    let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[HALF; 9_600]).unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    controller.mute();
    render_blocks(&mut renderer, 48, &[48]);
    controller.set_gain(Decibels(-6.0), Ramp::Frames(48_000));
    let sound = render_blocks(&mut renderer, 480, &[480]);
    assert!(sound[46] > 0.0 && sound[47..] == [0.0; 433]);
    // And the gain's time passes in the mute.
    config.gain = Decibels(f32::NEG_INFINITY);
    let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[HALF; 19_200]).unwrap();
    controller.set_gain(Decibels(0.0), Ramp::Frames(24_000));
    render_blocks(&mut renderer, 480, &[480]);
    controller.mute();
    render_blocks(&mut renderer, 480, &[480]);
    controller.unmute();
    let sound = render_blocks(&mut renderer, 480, &[480]);
    let expected = 0.5 * 1_440.0 / 24_000.0;
    assert!((sound[479] - expected).abs() < 1e-6, "{}", sound[479]);
}
