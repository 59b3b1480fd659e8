//! User code in place of the queue, and streams inside a stream.

use crate::common::{config, events, samples, spec};
use rt_callback::{
    ConfigError, Decibels, EventKind, FrameSource, Mixer, Ramp, RenderStatus, Resample, stream,
    stream_from,
};

/// Gives these samples at most `at_a_time` frames at a time, then is at its end.
struct Once {
    samples: Vec<f32>,
    at: usize,
    at_a_time: usize,
}

impl FrameSource for Once {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        let rest = &self.samples[self.at..];
        let count = rest.len().min(block.len()).min(self.at_a_time);
        block[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        count
    }

    fn is_ended(&self) -> bool {
        self.at == self.samples.len()
    }
}

#[test]
fn a_source_sounds_as_the_same_samples_in_a_queue_do() {
    let data = samples(2_400);
    let floats: Vec<f32> = data.iter().map(|s| f32::from(*s) / 32_768.0).collect();
    for resample in Resample::ALL {
        for device in ["48000x2:f32le", "24000x1:f32le", "44100x2:f32le"] {
            let mut config = config("24000x1:s16le", device);
            config.resample = *resample;
            let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
            feeder.push(&data).unwrap();
            drop(feeder);
            let frames = 4_800;
            let expected = crate::common::render_blocks(&mut renderer, frames, &[480]);
            for (block, at_a_time) in [(480, 10_000), (77, 10_000), (4_800, 256)] {
                config.source = spec("24000x1:f32le");
                let source = Once {
                    samples: floats.clone(),
                    at: 0,
                    at_a_time,
                };
                let (_, mut renderer, mut monitor) =
                    stream_from(&config, Box::new(source)).unwrap();
                let sound = crate::common::render_blocks(&mut renderer, frames, &[block]);
                assert_eq!(sound, expected, "{resample} {device}");
                assert!(renderer.is_at_end());
                let counters = monitor.snapshot();
                assert_eq!(
                    (counters.pushed_frames, counters.heard_frames),
                    (2_400, 2_400)
                );
                assert_eq!(counters.underruns, 0);
                assert!(events(&mut monitor).is_empty());
            }
        }
    }
}

#[test]
fn a_shortage_is_an_underrun_and_sound_goes_on_after_it() {
    let mut config = config("48000x1:f32le", "48000x1:f32le");
    config.ramp_frames = 4;
    let mut calls = 0;
    let source = move |block: &mut [f32]| {
        calls += 1;
        block.fill(0.5);
        if calls == 2 { 0 } else { block.len() }
    };
    let (_, mut renderer, mut monitor) = stream_from(&config, Box::new(source)).unwrap();
    let mut block = [f32::NAN; 8];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    let missed = renderer.render(&mut block);
    assert_eq!(missed, RenderStatus::Underrun { missing_frames: 8 });
    assert_eq!(block, [0.375, 0.25, 0.125, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block, [0.125, 0.25, 0.375, 0.5, 0.5, 0.5, 0.5, 0.5]);
    let kinds: Vec<_> = events(&mut monitor).iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::Underrun,
            EventKind::Recovered { missing_frames: 8 }
        ]
    );
}

/// It says that it wrote past the end of what it was given: nothing of that can be believed.
#[test]
fn more_than_was_asked_for_is_a_shape_mismatch() {
    let mut calls = 0;
    let source = move |block: &mut [f32]| {
        calls += 1;
        block.fill(0.5);
        if calls == 2 {
            usize::MAX
        } else {
            block.len() / 2
        }
    };
    let config = config("48000x2:f32le", "48000x2:s16le");
    let (_, mut renderer, monitor) = stream_from(&config, Box::new(source)).unwrap();
    let mut block = [7_i16; 2 * 600];
    assert_eq!(renderer.render(&mut block), RenderStatus::ShapeMismatch);
    assert_eq!(block[..2 * 512], [16_384; 2 * 512]);
    assert!(
        block[2 * 512..].iter().all(|sample| *sample < 16_384),
        "decays"
    );
    let counters = monitor.snapshot();
    assert_eq!((counters.shape_mismatches, counters.heard_frames), (1, 512));
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
}

#[test]
fn what_a_source_makes_non_finite_is_cleaned_and_counted() {
    let source = |block: &mut [f32]| {
        block.fill(f32::NAN);
        block.len()
    };
    let config = config("48000x1:f32le", "48000x1:f32le");
    let (_, mut renderer, monitor) = stream_from(&config, Box::new(source)).unwrap();
    let mut block = [7.0_f32; 10];
    renderer.render(&mut block);
    assert_eq!(block, [0.0; 10]);
    assert_eq!(monitor.snapshot().non_finite_samples, 10);
}

#[test]
fn a_source_moves_to_another_device() {
    let source = |block: &mut [f32]| {
        block.fill(0.5);
        block.len()
    };
    let mut config = config("24000x1:f32le", "48000x2:f32le");
    config.ramp_frames = 0;
    let (_, mut renderer, monitor) = stream_from(&config, Box::new(source)).unwrap();
    renderer.render(&mut [0.0_f32; 2 * 480]);
    renderer.rebind(spec("44100x1:s16le")).unwrap();
    let mut block = [7_i16; 441];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block[440], 16_384);
    let counters = monitor.snapshot();
    assert_eq!(
        counters.pushed_frames,
        counters.heard_frames + counters.in_flight_frames + counters.dropped_frames
    );
}

#[test]
fn a_mixer_adds_up_its_inputs_each_under_its_own_controls() {
    let bus = spec("48000x2:f32le");
    let mut mixer = Mixer::new(bus);
    let (mut music, music_control, music_monitor) = mixer
        .add(&config("48000x2:s16le", "48000x2:f32le"))
        .unwrap();
    let (mut speech, speech_control, mut speech_monitor) = mixer
        .add(&config("24000x1:s16le", "48000x2:f32le"))
        .unwrap();
    let refused = mixer.add(&config("24000x1:s16le", "44100x2:f32le"));
    assert_eq!(refused.err(), Some(ConfigError::MixerDevice));
    let (control, mut renderer, _) =
        stream_from(&config("48000x2:f32le", "48000x2:f32le"), Box::new(mixer)).unwrap();

    music.push(&[4_096_i16; 2 * 4_000]).unwrap();
    speech.begin_utterance().unwrap();
    speech.push(&[8_192_i16; 480]).unwrap();
    speech.end_utterance().unwrap();
    let mut block = [f32::NAN; 2 * 480];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block, [0.375; 960]);

    // Duck the music, interrupt the speech, then halve everything.
    music_control.set_gain(Decibels::SILENCE, Ramp::None);
    renderer.render(&mut block);
    assert_eq!(block, [0.25; 960]);
    speech.push(&[8_192_i16; 400]).unwrap();
    speech_control.interrupt(Ramp::None);
    renderer.render(&mut block);
    assert_eq!(block, [0.0; 960], "music is ducked, speech has gone");
    music_control.set_gain(Decibels::UNITY, Ramp::None);
    control.set_gain(Decibels(-20.0), Ramp::None);
    renderer.render(&mut block);
    assert!(block.iter().all(|sample| (sample - 0.0125).abs() < 1e-7));
    assert_eq!(music_monitor.snapshot().heard_frames, 4 * 480);
    assert_eq!(speech_monitor.snapshot().dropped_frames, 400);
    assert!(events(&mut speech_monitor).iter().any(|event| matches!(
        event.kind,
        EventKind::Finished {
            heard_frames: 480,
            ..
        }
    )));

    assert!(!renderer.is_at_end());
    drop((music, speech));
    for _ in 0..20 {
        renderer.render(&mut block);
    }
    assert!(renderer.is_at_end());
}

/// What a source was told: the number of its next frame, and how far ahead of being heard that is.
type Told = std::sync::mpsc::Sender<(u64, u64)>;

/// Counts its frames, and sounds from the call on that is said, until it has given so many.
struct Counting {
    told: Told,
    silent_calls: usize,
    given: u64,
    most: u64,
    ended: bool,
}

impl FrameSource for Counting {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        if self.silent_calls > 0 {
            self.silent_calls -= 1;
            return 0;
        }
        let frames = (block.len() as u64).min(self.most - self.given);
        // It knows of its end only when it is asked for more.
        self.ended = frames == 0;
        self.given += frames;
        block[..frames as usize].fill(0.5);
        frames as usize
    }

    fn is_ended(&self) -> bool {
        self.ended
    }

    fn set_device_latency(&mut self, frames: u64) {
        self.told.send((self.given, frames)).unwrap();
    }
}

fn counting(told: Told, silent_calls: usize, most: u64) -> Box<Counting> {
    Box::new(Counting {
        told,
        silent_calls,
        given: 0,
        most,
        ended: false,
    })
}

/// Frame n is heard at n of the source's frames, the device's latency later.
#[test]
fn a_source_is_told_when_its_next_frame_is_heard() {
    for (rate, resample) in [
        (24_000, Resample::Linear),
        (24_000, Resample::Balanced),
        (48_000, Resample::Balanced),
    ] {
        let mut config = config(&format!("{rate}x1:f32le"), "48000x1:f32le");
        config.resample = resample;
        let (sender, told) = std::sync::mpsc::channel();
        let source = counting(sender, 0, 100_000);
        let (_controller, mut renderer, _monitor) = stream_from(&config, source).unwrap();
        renderer.set_device_latency(960);
        for begin in [0, 1_500, 3_000] {
            renderer.render(&mut [0.0_f32; 1_500]);
            let times: Vec<_> = told.try_iter().collect();
            assert!(times.len() > 1, "several pieces");
            for (frame, ahead) in times {
                let begin_of_block = (begin + 960) * rate / 48_000;
                let heard = frame as i64 + 960 * rate / 48_000;
                let is_at = begin_of_block - 960 * rate / 48_000 + ahead as i64;
                assert!(
                    (heard - is_at).abs() <= 1,
                    "{rate} {resample}: {frame} {ahead}"
                );
            }
        }
    }
}

#[test]
fn a_source_that_does_not_sound_yet_is_asked_again_and_lacks_nothing() {
    let config = config("48000x1:f32le", "48000x1:f32le");
    let (sender, _told) = std::sync::mpsc::channel();
    let (_controller, mut renderer, monitor) =
        stream_from(&config, counting(sender, 3, 1_000)).unwrap();
    for _ in 0..3 {
        assert_eq!(renderer.render(&mut [0.0_f32; 100]), RenderStatus::Idle);
    }
    let mut block = [0.0_f32; 100];
    assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
    assert_eq!(block, [0.5; 100]);
    let counters = monitor.snapshot();
    assert_eq!(
        (counters.startup_silence_frames, counters.starved_frames),
        (300, 0)
    );
}

#[test]
fn a_source_that_knows_of_its_end_when_it_is_asked_lacks_nothing() {
    for source in ["48000x1:f32le", "24000x1:f32le"] {
        let config = config(source, "48000x1:f32le");
        let (sender, _told) = std::sync::mpsc::channel();
        let (_controller, mut renderer, monitor) =
            stream_from(&config, counting(sender, 0, 1_000)).unwrap();
        let frames = 1_000 * 48_000 / config.source.rate_hz as usize;
        let mut block = vec![9.0_f32; frames + 10];
        assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
        assert!(block[..frames].iter().all(|sample| *sample != 0.0));
        assert_eq!(block[frames..], [0.0; 10], "nothing decays");
        assert_eq!(renderer.render(&mut [0.0_f32; 10]), RenderStatus::Idle);
        assert!(renderer.is_at_end());
        let counters = monitor.snapshot();
        assert_eq!((counters.underruns, counters.starved_frames), (0, 0));
    }
}

/// 100 frames, a call that gives none, and the end.
#[test]
fn a_source_that_ends_in_a_gap_ended_where_it_ran_dry() {
    struct Dry(Vec<usize>);
    impl FrameSource for Dry {
        fn fill(&mut self, block: &mut [f32]) -> usize {
            let frames = self.0.pop().unwrap_or(0);
            block[..2 * frames].fill(0.5);
            frames
        }
        fn is_ended(&self) -> bool {
            self.0.is_empty()
        }
    }
    let config = config("48000x2:f32le", "48000x2:f32le");
    let source = Box::new(Dry(vec![0, 0, 100]));
    let (_controller, mut renderer, monitor) = stream_from(&config, source).unwrap();
    crate::common::render_blocks(&mut renderer, 100, &[100]);
    let missing_frames = 10;
    assert_eq!(
        renderer.render(&mut [0.0_f32; 2 * 10]),
        RenderStatus::Underrun { missing_frames }
    );
    crate::common::render_blocks(&mut renderer, 60, &[30]);
    let counters = monitor.snapshot();
    assert_eq!((counters.underruns, counters.starved_frames), (0, 0));
    assert_eq!(counters.idle_frames, 70);
}

/// Every sample of a frame that is no number is cleaned, and counted once.
#[test]
fn a_source_is_cleaned_in_every_channel() {
    let config = config("48000x2:f32le", "48000x2:f32le");
    let source = Box::new(|block: &mut [f32]| {
        block.fill(f32::NAN);
        block.len() / 2
    });
    let (_controller, mut renderer, monitor) = stream_from(&config, source).unwrap();
    let mut block = [9.0_f32; 200];
    renderer.render(&mut block);
    assert_eq!(block, [0.0; 200]);
    assert_eq!(monitor.snapshot().non_finite_samples, 200);
    // Before a filter, which would make many of one.
    let mut config = config;
    config.source.rate_hz = 24_000;
    config.resample = Resample::Balanced;
    let mut left = 1;
    let source = Box::new(move |block: &mut [f32]| {
        block.fill(0.25);
        if left > 0 {
            left -= 1;
            block[block.len() - 1] = f32::NAN;
        }
        block.len() / 2
    });
    let (_controller, mut renderer, monitor) = stream_from(&config, source).unwrap();
    renderer.render(&mut [9.0_f32; 4_000]);
    assert_eq!(monitor.snapshot().non_finite_samples, 1);
}

/// With the same rate not a frame is lost; with another, what had been read ahead.
#[test]
fn what_a_source_gave_is_heard_on_the_next_device_too() {
    for (device, loses) in [("48000x2:f32le", false), ("44100x1:f32le", true)] {
        let mut config = config("24000x1:f32le", "48000x1:f32le");
        config.resample = Resample::Balanced;
        let (sender, _told) = std::sync::mpsc::channel();
        let source = counting(sender, 0, 100_000);
        let (_controller, mut renderer, monitor) = stream_from(&config, source).unwrap();
        renderer.render(&mut [0.0_f32; 400]);
        let before = monitor.snapshot();
        assert!(before.in_flight_frames > 0);
        renderer.rebind(spec(device)).unwrap();
        let after = monitor.snapshot();
        let ahead = (after.in_flight_frames, after.dropped_frames);
        if loses {
            assert_eq!(ahead, (0, before.in_flight_frames));
        } else {
            assert_eq!(ahead, (before.in_flight_frames, 0));
        }
    }
}

/// Between two sounds it is idle; once the second has begun it is not, though a resampler gives nothing of it yet.
#[test]
fn a_source_may_begin_again() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
    struct Again(Arc<(AtomicUsize, AtomicBool)>);
    impl FrameSource for Again {
        fn fill(&mut self, block: &mut [f32]) -> usize {
            let frames = self.0.0.load(Relaxed).min(block.len());
            self.0.0.fetch_sub(frames, Relaxed);
            block[..frames].fill(0.5);
            frames
        }
        fn is_ended(&self) -> bool {
            self.0.1.load(Relaxed) && self.0.0.load(Relaxed) == 0
        }
    }
    let mut config = config("24000x1:f32le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    let state = Arc::new((AtomicUsize::new(100), AtomicBool::new(true)));
    let source = Box::new(Again(Arc::clone(&state)));
    let (_controller, mut renderer, monitor) = stream_from(&config, source).unwrap();
    let mut silent = |frames| {
        crate::common::render_blocks(&mut renderer, frames, &[frames]);
        let counters = monitor.snapshot();
        (counters.startup_silence_frames, counters.idle_frames)
    };
    assert_eq!(silent(100), (0, 0));
    assert_eq!(silent(110), (0, 10));
    state.1.store(false, Relaxed);
    assert_eq!(silent(7), (0, 17));
    state.0.store(1, Relaxed);
    assert_eq!(silent(5), (5, 17));
}
