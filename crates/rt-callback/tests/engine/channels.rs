//! Several channels, in blocks that are copied and in blocks that are computed.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crate::common::{config, samples, spec};
use channel_mix::{MixMatrix, MixRules};
use rt_callback::{
    CaptureConfig, Command, Config, Decibels, FrameSource, Ramp, RenderStatus, Resample, Timed,
    capture, stream, stream_from,
};

/// Frames of half of a value and a last one of all of it, in so many channels, with what that decays to behind it.
fn decaying(channels: usize, value: i16, frames: usize) -> Vec<i16> {
    let decay = [4, 3, 2, 1, 0, 0, 0].map(|quarters| value / 4 * quarters);
    let values = std::iter::repeat_n(value / 2, frames - 1).chain(decay);
    values
        .flat_map(|value| std::iter::repeat_n(value, channels))
        .collect()
}

/// What sounded last decays, wherever in the block it ran dry, and however it was made.
#[test]
fn every_channel_decays_from_where_it_was() {
    // Of nine, a frame is longer than what is kept as it was copied.
    for channels in [1, 2, 3, 9] {
        for (gain, pushed) in [(0.0, 16_384), (-200.0, 0)] {
            for meter in [false, true] {
                for blocks in [&[106][..], &[90, 16], &[100, 3, 3], &[40, 30, 30, 0, 6]] {
                    let both = format!("48000x{channels}:s16le");
                    let mut config = config(&both, &both);
                    config.ramp_frames = 4;
                    config.meter = meter;
                    config.gain = Decibels(gain);
                    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
                    feeder
                        .push(&decaying(channels, 16_384, 100)[..100 * channels])
                        .unwrap();
                    let mut heard = Vec::new();
                    for frames in blocks {
                        let mut block = vec![77_i16; frames * channels];
                        renderer.render(&mut block);
                        heard.extend(block);
                    }
                    assert_eq!(heard, decaying(channels, pushed, 100), "{both} {blocks:?}");
                    if meter {
                        let expected = f32::from(pushed) / 32_768.0;
                        let is_right =
                            |level: &rt_callback::Level| (level.peak - expected).abs() < 1e-6;
                        assert!(monitor.take_levels().iter().all(is_right));
                    }
                }
            }
        }
    }
}

#[test]
fn a_block_of_floats_decays_in_every_channel() {
    for source in ["48000x2:f32le", "48000x2:s16le"] {
        let mut config = config(source, "48000x2:f32le");
        config.ramp_frames = 4;
        let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
        let pushed = decaying(2, 16_384, 100);
        let floats = |samples: &[i16]| -> Vec<f32> {
            let floats = samples.iter().map(|sample| f32::from(*sample) / 32_768.0);
            floats.collect()
        };
        if source.ends_with("s16le") {
            feeder.push(&pushed[..200]).unwrap();
        } else {
            feeder.push(&floats(&pushed[..200])).unwrap();
        }
        let mut block = [77.0_f32; 2 * 106];
        renderer.render(&mut block);
        assert_eq!(block[..], floats(&pushed), "{source}");
    }
}

/// What a script does makes no sound.
#[test]
fn a_silent_block_in_two_parts_has_no_sound() {
    let mut config = capped(0, 0);
    let command = Command::Gain(Decibels(-6.0), Ramp::None);
    config.script = vec![Timed {
        at_frame: 50,
        command,
    }];
    let (_feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 100]), RenderStatus::Idle);
    renderer.render(&mut [0.0_f32; 10]);
    assert_eq!(monitor.snapshot().startup_silence_frames, 110);
}

/// What a stream of one channel gives, in so many channels.
fn rendered(config: &Config) -> Vec<f32> {
    let (mut feeder, _, mut renderer, _monitor) = stream(config).unwrap();
    feeder.push(&samples(900)).unwrap();
    let mut block = vec![0_u8; 480 * config.device.frame_bytes()];
    renderer.render_bytes(&mut block);
    let mut heard = vec![0.0; 480 * config.device.channels()];
    pcm_convert::bytes::decode(config.device.format, &block, &mut heard);
    heard
}

/// What is recorded of one channel, in so many channels.
fn recorded(config: &CaptureConfig) -> Vec<f32> {
    let (mut recorder, mut reader) = capture(config).unwrap();
    recorder.record(&samples(900));
    let mut heard = vec![0.0; 480 * config.application.channels()];
    let frames = reader.read(&mut heard);
    heard.truncate(frames * config.application.channels());
    heard
}

/// One channel goes to both of two only where the rules say so, also where it is resampled.
#[test]
fn one_channel_goes_where_the_rules_say() {
    let mut kinds = std::collections::BTreeSet::new();
    for (layout, rules) in ["1", "FL", "LFE", "discrete-1"]
        .into_iter()
        .flat_map(|layout| MixRules::ALL.map(|rules| (layout, rules)))
    {
        for (rate, resample) in [24_000, 44_100, 48_000]
            .into_iter()
            .flat_map(|rate| Resample::ALL.iter().map(move |resample| (rate, *resample)))
        {
            for format in ["f32le", "s16le"] {
                let source = spec(&format!("{rate}x{layout}:s16le"));
                let [mono, stereo] =
                    ["48000x1", "48000x2"].map(|it| spec(&format!("{it}:{format}")));
                let matrix = MixMatrix::new(&source.layout, &stereo.layout, rules);
                let gains = [0, 1].map(|output| matrix.coefficient(output, 0));
                kinds.insert(gains.map(|gain| gain as u8));
                let check = |alone: &[f32], both: &[f32], what: &str| {
                    let expected = alone.iter().flat_map(|x| gains.map(|gain| x * gain));
                    let is_right = both.iter().copied().eq(expected);
                    assert!(
                        is_right,
                        "{what} of {source} by {rules}, {resample} {gains:?}"
                    );
                };
                let mut config = Config::new(source, mono);
                config.resample = resample;
                config.ramp_frames = 0;
                // Alone it is moved as it is.
                config.mix = MixRules::Discrete.into();
                let alone = rendered(&config);
                config.device = stereo;
                config.mix = rules.into();
                check(&alone, &rendered(&config), "playback");

                let mut config = CaptureConfig::new(source, spec("48000x1:f32le"));
                config.resample = resample;
                config.mix = MixRules::Discrete.into();
                let alone = recorded(&config);
                assert!(alone.len() > 400);
                config.application = spec("48000x2:f32le");
                config.mix = rules.into();
                check(&alone, &recorded(&config), "a capture");
            }
        }
    }
    assert_eq!(kinds, [[0, 0], [1, 0], [1, 1]].into());
}

/// Also where a block crosses the end of the queue.
#[test]
fn frames_that_are_only_moved_come_out_to_the_byte() {
    let ways = [
        (1, 2, MixRules::Speakers),
        (2, 2, MixRules::Speakers),
        (1, 3, MixRules::Discrete),
        (2, 5, MixRules::Discrete),
        (3, 2, MixRules::Discrete),
    ];
    for (inputs, outputs, rules) in ways {
        for format in ["u8", "s16be", "s24le", "s32be", "s64le"] {
            let source = spec(&format!("48000x{inputs}:{format}"));
            let device = spec(&format!("48000x{outputs}:{format}"));
            let size = source.format.bytes_per_sample();
            let matrix = MixMatrix::new(&source.layout, &device.layout, rules);
            let mut silence = [0; 8];
            source.format.fill_equilibrium(&mut silence[..size]);
            let mut config = Config::new(source, device);
            config.queue_frames = 10;
            config.mix = rules.into();
            let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
            let mut bytes = (0..=255_u8).cycle();
            let mut frame = || -> Vec<u8> { bytes.by_ref().take(inputs * size).collect() };
            for round in 0..20 {
                let frames: Vec<Vec<u8>> = (0..1 + round % 7).map(|_| frame()).collect();
                let pushed = frames.concat();
                assert_eq!(feeder.push_bytes(&pushed), Ok(pushed.len()));
                let mut block = vec![0x77; frames.len() * outputs * size];
                renderer.render_bytes(&mut block);
                let sample = |frame: &[u8], output| {
                    let from = (0..inputs).find(|input| matrix.coefficient(output, *input) == 1.0);
                    from.map_or(silence[..size].to_vec(), |input| {
                        frame[input * size..][..size].to_vec()
                    })
                };
                let expected = frames
                    .iter()
                    .flat_map(|frame| (0..outputs).flat_map(move |output| sample(frame, output)));
                assert!(
                    block.iter().copied().eq(expected),
                    "{source} to {device}, {round}"
                );
            }
        }
    }
}

/// A block longer than what is computed at once.
#[test]
fn a_long_block_is_computed_in_every_channel() {
    for channels in [2, 3] {
        for device in ["s16le", "f32le"] {
            let mut config = config(
                &format!("48000x{channels}:s16le"),
                &format!("48000x{channels}:{device}"),
            );
            config.gain = Decibels::from_gain(0.5);
            let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
            // Even, so that the half of each is whole.
            let data: Vec<i16> = samples(1_500 * channels).iter().map(|n| n & !1).collect();
            feeder.push(&data).unwrap();
            let halves = data.iter().map(|sample| sample / 2);
            if device == "s16le" {
                let mut block = vec![77_i16; 1_500 * channels];
                renderer.render(&mut block);
                assert!(block.into_iter().eq(halves));
            } else {
                let mut block = vec![77.0_f32; 1_500 * channels];
                renderer.render(&mut block);
                let expected = halves.map(|half| f32::from(half) / 32_768.0);
                assert!(block.into_iter().eq(expected));
            }
        }
    }
}

/// Waits for no more than 2 ms for what it would like to have.
fn capped(prebuffer_frames: usize, rebuffer_frames: usize) -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.prebuffer_frames = prebuffer_frames;
    config.rebuffer_frames = rebuffer_frames;
    config.prebuffer_cap = Duration::from_millis(2);
    config
}

#[test]
fn what_is_held_back_is_missing_in_a_gap_and_not_before_a_beginning() {
    let (mut feeder, _, mut renderer, monitor) = stream(&capped(1_000, 1_000)).unwrap();
    feeder.push(&[1_000_i16; 50]).unwrap();
    let status = renderer.render(&mut [0.0_f32; 146]);
    assert_eq!(status, RenderStatus::Rendered, "96 frames of waiting");
    let missing = |missing_frames| RenderStatus::Underrun { missing_frames };
    assert_eq!(renderer.render(&mut [0.0_f32; 10]), missing(10));
    feeder.push(&[1_000_i16; 50]).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 146]), missing(96));
    assert_eq!(monitor.snapshot().underrun_frames, 106);
}

#[test]
fn a_block_with_a_lead_in_and_sound_has_sound_and_one_of_nothing_lacks_nothing() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.lead_in_frames = 100;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[1_000_i16; 500]).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 50]), RenderStatus::Idle);
    assert_eq!(renderer.render(&mut [0.0_f32; 100]), RenderStatus::Rendered);
    assert_eq!(renderer.render(&mut [0.0_f32; 0]), RenderStatus::Rendered);
}

/// Counts the silence that it is told of.
struct Counting(Sender<usize>);

impl FrameSource for Counting {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        block.fill(0.5);
        block.len() / 2
    }

    fn pass(&mut self, frames: usize) {
        self.0.send(frames).unwrap();
    }
}

#[test]
fn a_source_is_told_of_silence_from_its_first_frame_on() {
    for (device, rate) in [("48000x2:f32le", 48), ("32000x2:f32le", 32)] {
        let mut config = Config::new(spec("48000x2:f32le"), spec(device));
        config.script = [(3 * rate, Command::Pause), (7 * rate, Command::Resume)]
            .map(|(at_frame, command)| Timed { at_frame, command })
            .to_vec();
        let (passed, told) = channel();
        let (controller, mut renderer, _monitor) =
            stream_from(&config, Box::new(Counting(passed))).unwrap();
        controller.set_gain(Decibels(-1.0), Ramp::None);
        renderer.render(&mut vec![0.0_f32; 2 * 10 * rate as usize]);
        assert_eq!(told.try_iter().sum::<usize>(), 4 * 48, "{device}");
        // Seven frames at a time: none of the other rate is lost between them.
        controller.pause();
        for _ in 0..1_000 {
            renderer.render(&mut [0.0_f32; 2 * 7]);
        }
        let expected = 7 * 1_000 * 48 / rate as usize;
        assert_eq!(told.try_iter().sum::<usize>(), expected, "{device}");
    }
}

/// Changes of source with nothing between them are passed in one block, however many.
#[test]
fn sources_may_change_as_often_as_there_are_places() {
    let mut config = config("48000x2:s16le", "48000x2:s16le");
    config.ramp_frames = 0;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    for source in [1, 2, 1, 2, 1, 2, 1, 2] {
        feeder
            .set_source(spec(&format!("48000x{source}:s16le")))
            .unwrap();
    }
    feeder.push(&[1_000_i16; 200]).unwrap();
    let mut block = [0_i16; 200];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block, [1_000; 200]);
}

/// Noise was asked for: nothing is a copy, although nothing else would have to be computed.
#[test]
fn what_is_dithered_is_no_copy() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.dither = rt_callback::Dither::Triangular;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[1_000_i16; 1_000]).unwrap();
    let mut block = [0_i16; 1_000];
    renderer.render(&mut block);
    assert!(block.iter().any(|sample| *sample != 1_000));
    assert!(block.iter().all(|sample| (sample - 1_000).abs() <= 1));
}

/// To the last byte, and with what the format calls silence.
#[test]
fn a_block_of_a_wrong_shape_is_silent() {
    let config = config("48000x2:s16le", "48000x2:u8");
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    let mut block = [9_u8; 7];
    assert_eq!(renderer.render(&mut block), RenderStatus::ShapeMismatch);
    assert_eq!(block, [128; 7]);
    renderer.rebind(spec("48000x2:s16le")).unwrap();
    let mut block = [9_u8; 7];
    assert_eq!(
        renderer.render_bytes(&mut block),
        RenderStatus::ShapeMismatch
    );
    assert_eq!(block, [0; 7]);
    assert_eq!(monitor.snapshot().heard_frames, 0);
}
