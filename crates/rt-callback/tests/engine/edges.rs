//! Where a block ends changes nothing of what happens inside it: each of these was found by cutting the same
//! stretch in two ways.

use std::time::Duration;

use crate::common::{config, told};
use rt_callback::{
    Config, Controller, Counters, EventKind, MarkId, Monitor, Ramp, RenderStatus, Renderer,
    Resample, UtteranceId, stream,
};

/// Renders so many frames, in blocks of this size, and says how the counters stand.
fn render(renderer: &mut Renderer, monitor: &Monitor, frames: usize, size: usize) -> Counters {
    crate::common::render_blocks(renderer, frames, &[size]);
    monitor.snapshot()
}

#[test]
fn sound_that_goes_on_is_told_before_the_marks_in_it() {
    let (mut feeder, _, mut renderer, mut monitor) =
        stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    render(&mut renderer, &monitor, 100, 100);
    render(&mut renderer, &monitor, 50, 50);
    feeder.push(&[1_000_i16; 100]).unwrap();
    feeder.mark().unwrap();
    feeder.push(&[1_000_i16; 100]).unwrap();
    render(&mut renderer, &monitor, 200, 200);
    let marked = EventKind::Mark { mark: MarkId(0) };
    let recovered = EventKind::Recovered { missing_frames: 50 };
    assert_eq!(
        told(&mut monitor),
        [(100, EventKind::Underrun), (150, recovered), (250, marked)]
    );

    // A resampler reads ahead, so that a mark lies inside what is made at once.
    let mut config = config("96000x1:s16le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    feeder.push(&[1_000_i16; 200]).unwrap();
    render(&mut renderer, &monitor, 1, 1);
    render(&mut renderer, &monitor, 199, 199);
    feeder.mark().unwrap();
    feeder.push(&[1_000_i16; 1_000]).unwrap();
    render(&mut renderer, &monitor, 200, 200);
    let events = told(&mut monitor);
    let frames: Vec<_> = events.iter().map(|(at_frame, _)| *at_frame).collect();
    assert!(frames.is_sorted(), "{events:?}");
    assert_eq!(events.last().unwrap().1, marked);
}

#[test]
fn what_a_decay_clips_is_counted_in_the_block_that_clips_it() {
    for sizes in [&[40, 400][..], &[40, 0, 400], &[40, 1, 399]] {
        // Beyond full scale: all of a slow decay's first half is.
        let mut config = config("48000x1:f32le", "48000x1:s16le");
        config.ramp_frames = 100;
        let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
        feeder.push(&[2.0_f32; 1_000]).unwrap();
        let mut block = [0_i16; 1_000];
        renderer.render(&mut block[..sizes[0]]);
        controller.pause();
        for size in &sizes[1..] {
            renderer.render(&mut block[..*size]);
        }
        // 99% of 2.0 is the first of the decay, and 50% of it clips as 1.0 does.
        let clipped = monitor.snapshot().clipped_samples;
        assert_eq!(clipped, 40 + 50, "in {sizes:?}");
    }
}

/// A device that falls asleep at once, and a gap that the cap ends.
fn sleepy() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.rebuffer_frames = 1_000;
    config.prebuffer_cap = Duration::from_millis(2);
    config.lead_in_frames = 100;
    config.keep_alive_frames = Some(0);
    config
}

#[test]
fn a_device_that_fell_asleep_in_a_gap_wakes_wherever_blocks_end() {
    for size in [1_000, 96, 1] {
        let (mut feeder, _, mut renderer, monitor) = stream(&sleepy()).unwrap();
        feeder.push(&[1_000_i16; 50]).unwrap();
        render(&mut renderer, &monitor, 150, 150);
        render(&mut renderer, &monitor, 10, 10);
        feeder.push(&[1_000_i16; 50]).unwrap();
        // The cap's 96 frames, another lead-in, the sound.
        let now = render(&mut renderer, &monitor, 96 + 100 + 50, size);
        assert_eq!(now.startup_silence_frames, 200, "in blocks of {size}");
        assert_eq!(now.underrun_frames, 106);
        assert_eq!(now.heard_frames, 100);
    }
}

/// Neither the wait nor the silence that wakes the device is sound, where a block ends with them.
#[test]
fn a_block_of_a_wait_and_a_lead_in_is_idle() {
    let mut config = sleepy();
    config.prebuffer_frames = 1_000;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    render(&mut renderer, &monitor, 150, 150);
    feeder.push(&[1_000_i16; 50]).unwrap();
    let mut block = [f32::NAN; 96 + 54];
    assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
    assert_eq!(block, [0.0; 96 + 54]);
    // The rest of the lead-in, and the sound.
    assert_eq!(render(&mut renderer, &monitor, 46, 46).heard_frames, 0);
    let now = render(&mut renderer, &monitor, 50, 50);
    assert_eq!((now.heard_frames, now.startup_silence_frames), (50, 346));
}

#[test]
fn what_comes_after_a_lead_in_is_copied_from_the_decays_end_on() {
    // The low byte of such a frame is copied with it, and gone where the frame is computed.
    for size in [1_000, 1] {
        let mut config = config("48000x1:s24_32hle", "48000x1:s24_32hle");
        config.ramp_frames = 200;
        config.lead_in_frames = 100;
        config.keep_alive_frames = Some(0);
        let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
        feeder.push_bytes(&[0x44; 4 * 200]).unwrap();
        let mut block = [0; 4 * 310];
        renderer.render_bytes(&mut block);
        feeder.begin_utterance().unwrap();
        feeder.push_bytes(&[0x44; 4 * 400]).unwrap();
        // 10 frames of the decay are over and 100 are in the lead-in.
        let mut sound = [0; 4 * 500];
        for block in sound.chunks_mut(4 * size) {
            renderer.render_bytes(block);
        }
        let copied = sound.chunks(4).position(|frame| frame[0] == 0x44);
        assert_eq!(copied, Some(190), "in blocks of {size}");
    }
}

#[test]
fn a_tail_that_sounds_in_a_gap_lets_nobody_wait_anew() {
    for size in [600, 93, 1] {
        let mut config = config("24000x1:s16le", "48000x1:f32le");
        config.resample = Resample::Balanced;
        config.rebuffer_frames = 1_000;
        config.prebuffer_cap = Duration::from_millis(2);
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        feeder.push(&[1_000_i16; 200]).unwrap();
        render(&mut renderer, &monitor, 1, 1);
        render(&mut renderer, &monitor, 599, 599);
        feeder
            .set_source(crate::common::spec("48000x1:s16le"))
            .unwrap();
        feeder.push(&[1_000_i16; 100]).unwrap();
        render(&mut renderer, &monitor, 600, size);
        let mut gaps = told(&mut monitor)
            .into_iter()
            .filter_map(|(_, kind)| match kind {
                EventKind::Recovered { missing_frames } => Some(missing_frames),
                _ => None,
            });
        // The second is between the tail and what is held back, for as long as the cap says.
        assert_eq!(gaps.next_back(), Some(96), "in blocks of {size}");
    }
}

#[test]
fn a_peak_is_what_the_device_got_whatever_it_is_written_as() {
    for by_bytes in [true, false] {
        let mut config = config("24000x1:f64le", "48000x1:f32le");
        config.resample = Resample::Balanced;
        config.meter = true;
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        // The filter's sums overflow.
        let loud: Vec<_> = (0..400)
            .map(|n| if n % 2 == 0 { 1e300 } else { -1e300 })
            .collect();
        feeder.push(&loud[..]).unwrap();
        feeder.end_utterance().unwrap();
        let mut bytes = [0; 1 + 4 * 900];
        if by_bytes {
            renderer.render_bytes(&mut bytes[1..]);
        } else {
            renderer.render(&mut [0.0_f32; 900]);
        }
        assert!(monitor.snapshot().non_finite_samples > 0);
        assert!(monitor.take_levels()[0].peak.is_finite());
    }
}

#[test]
fn what_is_held_back_waits_as_long_on_another_device() {
    for size in [10, 4] {
        let mut config = config("48000x1:s16le", "16000x1:f32le");
        config.prebuffer_frames = 10_000;
        config.prebuffer_cap = Duration::from_millis(20);
        let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
        feeder.push(&[1_000_i16; 480]).unwrap();
        // Half of the wait on each: 160 frames and 480.
        render(&mut renderer, &monitor, 160, size);
        renderer
            .rebind(crate::common::spec("48000x1:f32le"))
            .unwrap();
        let before = render(&mut renderer, &monitor, 480, size);
        assert_eq!(before.heard_frames, 0, "in blocks of {size}");
        let now = render(&mut renderer, &monitor, 1, size);
        assert_eq!(now.heard_frames, 1, "in blocks of {size}");
    }
}

/// Where a block had all of the silence between the two, it had decayed over the second.
#[test]
fn what_is_cut_off_decays_before_a_sound_that_is_held_back() {
    let cuts: [fn(&Controller, &mut Renderer, UtteranceId); 5] = [
        // While it is paused, nothing fades; a fade of which too little is queued does not come to its end.
        |controller, renderer, _| {
            controller.pause();
            heard(renderer, 0, 1);
            controller.interrupt(Ramp::None);
            controller.resume();
        },
        |controller, renderer, first| {
            controller.pause();
            heard(renderer, 0, 1);
            assert!(controller.cancel(first, Ramp::None));
            controller.resume();
        },
        |controller, _, _| {
            controller.hold();
            controller.discard();
            controller.resume();
        },
        |controller, _, _| controller.interrupt(Ramp::Frames(200)),
        |controller, _, first| assert!(controller.cancel(first, Ramp::Frames(200))),
    ];
    // Copied, made, and resampled.
    for device in ["48000x1:s16le", "48000x1:f32le", "96000x1:f32le"] {
        for (n, cut) in cuts.iter().enumerate() {
            let run = |size| {
                let mut config = config("48000x1:s16le", device);
                config.prebuffer_frames = 100;
                config.prebuffer_cap = Duration::from_millis(20);
                config.ramp_frames = 100;
                let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
                let first = feeder.begin_utterance().unwrap();
                feeder.push(&[16_384_i16; 100]).unwrap();
                heard(&mut renderer, 50, 50);
                cut(&controller, &mut renderer, first);
                feeder.begin_utterance().unwrap();
                feeder.push(&[-8_192_i16; 60]).unwrap();
                let out = heard(&mut renderer, 3_000, size);
                let second = out.iter().position(|x| *x < 0.0).unwrap();
                (out, second)
            };
            let (by_frames, second) = run(1);
            let (before, sound) = by_frames.split_at(second);
            let steps = before.windows(2).map(|pair| pair[0] - pair[1]);
            let steps: Vec<_> = [0.5 - before[0]].into_iter().chain(steps).collect();
            let slope = 0.5 / 100.0 + 1.0 / 32_768.0;
            let falls = steps.iter().all(|step| (0.0..=slope).contains(step));
            assert!(falls, "cut {n} of {device}: {before:?}");
            assert_eq!(sound[..30], [-0.25; 30], "cut {n} of {device}");
            for size in [3_000, 960, 961, 7] {
                assert!(
                    run(size).0 == by_frames,
                    "cut {n} of {device}, blocks of {size}"
                );
            }
        }
    }
}

/// The next `frames` frames of a mono device, in blocks of `size`.
fn heard(renderer: &mut Renderer, frames: usize, size: usize) -> Vec<f32> {
    let format = renderer.device().format;
    let mut bytes = vec![0; frames * format.bytes_per_sample()];
    if frames == 0 {
        renderer.render_bytes(&mut bytes);
    }
    for block in bytes.chunks_mut(size * format.bytes_per_sample()) {
        renderer.render_bytes(block);
    }
    let mut out = vec![f32::NAN; frames];
    pcm_convert::bytes::decode(format, &bytes, &mut out);
    out
}
