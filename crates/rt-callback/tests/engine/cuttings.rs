//! Whatever a script does: any cutting gives the same samples, and no step is above what the ramps and
//! the signal allow.

use std::time::Duration;

use crate::common::{config, events, samples, spec};
use proptest::prelude::*;
use rt_callback::{
    Buffering, Command, Config, Counters, Decibels, Dither, Event, Ramp, Resample, SampleFormat,
    StreamSpec, Timed, UtteranceId, stream,
};

const FRAMES: usize = 2_400;

fn command(shortest_ramp: u32) -> impl Strategy<Value = Command> {
    let ramp = shortest_ramp..=400;
    let timed = ramp.clone();
    prop_oneof![
        2 => ramp.clone().prop_map(|fade| Command::Interrupt(Ramp::Frames(fade))),
        2 => (0..6_u64, ramp.clone())
            .prop_map(|(id, fade)| Command::Cancel(UtteranceId(id), Ramp::Frames(fade))),
        2 => Just(Command::Pause),
        1 => Just(Command::Hold),
        1 => Just(Command::Discard),
        4 => Just(Command::Resume),
        2 => (-40.0..=0.0_f32, ramp)
            .prop_map(|(gain, ramp)| Command::Gain(Decibels(gain), Ramp::Frames(ramp))),
        // Where a ramp ends is where sound may be copied again.
        2 => timed.prop_map(|ramp| Command::Gain(Decibels(0.0), Ramp::Frames(ramp))),
        2 => Just(Command::Mute),
        3 => Just(Command::Unmute),
    ]
}

fn script(first_frame: u64, shortest_ramp: u32) -> impl Strategy<Value = Vec<Timed>> {
    let timed = (first_frame..FRAMES as u64, command(shortest_ramp))
        .prop_map(|(at_frame, command)| Timed { at_frame, command });
    prop::collection::vec(timed, 0..12)
}

/// Samples in any format, with what floats can hold besides: NaN, infinities, a negative zero, and more than an
/// f32 can hold.
fn bytes_of(source: &StreamSpec, frames: usize, seed: usize) -> Vec<u8> {
    let noise = samples(frames * source.channels() + seed).split_off(seed);
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        1e300,
        1e-310,
    ];
    let noise = noise.into_iter().enumerate();
    match source.format {
        SampleFormat::F32 | SampleFormat::F64 => {
            let floats = noise.map(|(i, sample)| match i % 37 {
                0 => odd[(i / 37 + seed) % odd.len()],
                _ => f64::from(sample) / 32_771.0,
            });
            if source.format == SampleFormat::F64 {
                floats.flat_map(f64::to_ne_bytes).collect()
            } else {
                floats
                    .flat_map(|float| (float as f32).to_ne_bytes())
                    .collect()
            }
        }
        SampleFormat::S32 => {
            let wide =
                noise.map(|(i, sample)| i32::from(sample) << 16 | (i * 40_503) as i32 & 0xFFFF);
            wide.flat_map(i32::to_ne_bytes).collect()
        }
        _ => {
            let size = source.format.bytes_per_sample();
            // Any bytes are samples: 16 bits of noise, and what is behind them in wider formats.
            let any = noise.flat_map(|(i, sample)| {
                let bytes = (i64::from(sample) | (i as i64) << 16).to_ne_bytes();
                bytes.into_iter().take(size)
            });
            any.collect()
        }
    }
}

/// What is pushed, one utterance each; the device changes behind the first blocks.
#[derive(Debug, Clone)]
struct Scene {
    sources: Vec<&'static str>,
    rebind: Option<&'static str>,
    bytes: bool,
}

/// Utterances that are queued beforehand; the last has no declared end. What was rendered, as bytes.
fn render(config: &Config, scene: &Scene, sizes: &[usize]) -> (Vec<u8>, Vec<Event>, Counters) {
    let mut config = config.clone();
    config.queue_frames = config.source.rate_hz as usize * 2;
    config.event_capacity = 200;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    for (n, source) in scene.sources.iter().enumerate() {
        feeder.set_source(spec(source)).unwrap();
        if n % 3 < 2 {
            feeder.begin_utterance().unwrap();
        }
        feeder.mark().unwrap();
        let frames = feeder.source().rate_hz as usize / 100;
        let bytes = bytes_of(feeder.source(), frames, n);
        assert_eq!(feeder.push_bytes(&bytes), Ok(bytes.len()));
    }
    feeder.end_utterance().unwrap();
    let mut out = Vec::new();
    let mut rendered = 0;
    // The first half on one device, the second on the other.
    for until in [FRAMES / 2, FRAMES] {
        for size in sizes.iter().cycle() {
            let frames = (until - rendered).min(*size);
            if frames == 0 {
                break;
            }
            let device = *renderer.device();
            let mut block = vec![0xFF_u8; frames * device.frame_bytes()];
            match device.format {
                // Aligned as its samples are, or at any address.
                SampleFormat::F32 if !scene.bytes => {
                    let mut typed = vec![f32::NAN; frames * device.channels()];
                    renderer.render(&mut typed);
                    block = typed.into_iter().flat_map(f32::to_ne_bytes).collect();
                }
                SampleFormat::S32 if !scene.bytes => {
                    let mut typed = vec![77_i32; frames * device.channels()];
                    renderer.render(&mut typed);
                    block = typed.into_iter().flat_map(i32::to_ne_bytes).collect();
                }
                _ => {
                    renderer.render_bytes(&mut block);
                }
            }
            assert_finite(device.format, &block);
            out.extend(block);
            rendered += frames;
        }
        if let Some(device) = scene.rebind {
            renderer.rebind(spec(device)).unwrap();
        }
    }
    // What is told of the latest block is then told of an empty one.
    renderer.render_bytes(&mut []);
    let mut counters = monitor.snapshot();
    counters.blocks = 0;
    counters.block_at_frame = 0;
    // The rest of the first block that sounds is counted as startup.
    counters.idle_frames += core::mem::take(&mut counters.startup_silence_frames);
    (out, events(&mut monitor), counters)
}

/// Nothing that is not finite reaches a device.
fn assert_finite(format: SampleFormat, block: &[u8]) {
    match format {
        SampleFormat::F32 => {
            let mut samples = block.as_chunks().0.iter().map(|b| f32::from_ne_bytes(*b));
            assert!(samples.all(f32::is_finite));
        }
        SampleFormat::F64 => {
            let mut samples = block.as_chunks().0.iter().map(|b| f64::from_ne_bytes(*b));
            assert!(samples.all(f64::is_finite));
        }
        _ => {}
    }
}

const FORMATS: [&str; 7] = ["s16le", "s24le", "s32le", "f32le", "f64le", "u8", "mulaw"];
const SHAPES: [&str; 4] = ["48000x1", "48000x2", "44100x2", "24000x1"];

fn a_spec() -> impl Strategy<Value = &'static str> {
    // Each is made once, for all cases: a spec's text has to live as long as the test.
    static SPECS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let shapes = SHAPES.iter();
        let pairs = shapes.flat_map(|shape| FORMATS.map(|format| format!("{shape}:{format}")));
        pairs.collect()
    });
    prop::sample::select(SPECS.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Sources beside a device: half of them are of its own spec, so that sound is copied and made by turns.
fn scene(device: &'static str) -> impl Strategy<Value = Scene> {
    let source = prop_oneof![1 => Just(device), 1 => a_spec()];
    let rebind = prop_oneof![2 => Just(None), 1 => a_spec().prop_map(Some)];
    (prop::collection::vec(source, 1..7), rebind, any::<bool>()).prop_map(
        |(sources, rebind, bytes)| Scene {
            sources,
            rebind,
            bytes,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The first promise of the crate, over every way in which sound is made: copied, mapped, mixed, resampled,
    /// faded, dithered, and from one to the other in the middle of a block.
    #[test]
    fn any_two_cuttings_of_a_script_give_the_same_samples_and_events(
        script in script(0, 0),
        (device, scene) in a_spec().prop_flat_map(|device| (Just(device), scene(device))),
        resample in prop::sample::select(Resample::ALL),
        dither in prop::sample::select(&[Dither::None, Dither::None, Dither::Triangular][..]),
        ramp_frames in prop_oneof![Just(0_u32), 0..200_u32],
        lead_in_frames in prop_oneof![Just(0_u32), 0..300_u32],
        (prebuffer, adaptive, meter) in (0..4_usize, any::<bool>(), any::<bool>()),
        sizes in prop::collection::vec(1..700_usize, 1..6),
    ) {
        let mut config = config(scene.sources[0], device);
        config.script = script;
        config.resample = resample;
        config.dither = dither;
        config.ramp_frames = ramp_frames;
        config.lead_in_frames = lead_in_frames;
        config.prebuffer_frames = prebuffer * 200;
        config.meter = meter;
        if adaptive {
            let (min, max) = (Duration::from_millis(5), Duration::from_millis(50));
            config.buffering = Buffering::Adaptive { min, max };
        }
        let whole = render(&config, &scene, &[FRAMES]);
        for sizes in [&sizes[..], &[1]] {
            let cut = render(&config, &scene, sizes);
            prop_assert_eq!(&cut.1, &whole.1);
            let differs = cut.0.iter().zip(&whole.0).position(|(a, b)| a != b);
            prop_assert_eq!(differs, None, "in {:?}", sizes);
            prop_assert_eq!(cut.2, whole.2);
        }
    }

    /// A constant at full scale is the signal with the largest steps that ramps can make: each ramp of
    /// n frames makes steps of 1/n, and a few may run at once. The beginning, at frame 0, and the
    /// declared end are not faded and left out.
    #[test]
    fn no_step_is_above_the_ramps_slope(script in script(1, 64), block in 1..700_usize) {
        let mut config = config("48000x1:s16le", "48000x1:f32le");
        let shortest = 64;
        config.ramp_frames = shortest;
        config.script = script;
        // What is cancelled or interrupted ends a sound; a declared end would too, so there is none.
        let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
        feeder.push(&[i16::MAX; FRAMES + 100]).unwrap();
        let sound = crate::common::render_blocks(&mut renderer, FRAMES, &[block]);
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
        let sound = crate::common::render_blocks(&mut renderer, 5_000, &[block]);
        let steps = sound.iter().zip(&sound[1..]).map(|(a, b)| (b - a).abs());
        let largest = steps.fold(0.0, f32::max);
        prop_assert!(largest <= 1.0 / 64.0 + 1e-6, "{}", largest);
        prop_assert_eq!(sound[4_500], 0.0);
    }
}
