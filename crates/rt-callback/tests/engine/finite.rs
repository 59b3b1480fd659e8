//! Nothing that is not finite reaches a device, by any way; the rest of a copy is exact.

use crate::common::{config, render_blocks, spec};
use rt_callback::{Command, Decibels, Ramp, Resample, Timed, UtteranceId, stream, stream_from};

const ODD: [f64; 8] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -0.0,
    1e300,
    -3.5,
    1e-310,
    0.1,
];

/// Regression class: "NaN or Inf reaches the speakers" (LMMS/lmms#1048, hkrn/nanoem#16): copies of f64 and f32 of one
/// spec, typed, as bytes at any address, whole and in pieces, with a meter and without.
#[test]
fn a_copy_is_cleaned_and_counted_and_else_exact() {
    for channels in [1, 2, 3] {
        for meter in [false, true] {
            for block in [1_000, 1, 7] {
                for start in 0..9 {
                    let data: Vec<f64> = ODD.into_iter().cycle().take(1_200 * channels).collect();
                    let clean = |sample: f64| match sample {
                        sample if sample.is_nan() => 0.0,
                        f64::INFINITY => 1.0,
                        f64::NEG_INFINITY => -1.0,
                        sample => sample,
                    };
                    let dirty = data.iter().filter(|sample| !sample.is_finite()).count() as u64;
                    let spec = format!("48000x{channels}:f64le");
                    let mut config = config(&spec, &spec);
                    config.meter = meter;
                    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
                    assert_eq!(feeder.push(&data), Ok(1_200));
                    let size = 8 * channels;
                    let mut heard = Vec::new();
                    let mut left = 1_200;
                    while left > 0 {
                        let frames = block.min(left);
                        let mut bytes = vec![0xAA; start + frames * size];
                        renderer.render_bytes(&mut bytes[start..]);
                        heard.extend_from_slice(&bytes[start..]);
                        left -= frames;
                    }
                    let heard = heard.as_chunks().0.iter().map(|b| f64::from_ne_bytes(*b));
                    for (heard, pushed) in heard.zip(&data) {
                        assert_eq!(heard.to_bits(), clean(*pushed).to_bits(), "{pushed}");
                    }
                    assert_eq!(monitor.snapshot().non_finite_samples, dirty);
                }
            }
        }
    }
}

#[test]
fn a_copy_of_f32_is_cleaned_and_counted_once_before_and_behind_a_ramp() {
    let data = [
        f32::NAN,
        f32::INFINITY,
        -0.0,
        0.1,
        f32::MAX,
        1e-40,
        f32::NEG_INFINITY,
    ];
    for block in [480, 1, 33] {
        let (mut feeder, controller, mut renderer, monitor) =
            stream(&config("48000x1:f32le", "48000x1:f32le")).unwrap();
        let pushed: Vec<f32> = data.into_iter().cycle().take(700).collect();
        feeder.push(&pushed).unwrap();
        // A ramp from 0 dB to 0 dB is none; one down and up again is.
        controller.set_gain(Decibels(-1.0), Ramp::None);
        let mut heard = render_blocks(&mut renderer, 30, &[block]);
        controller.set_gain(Decibels(0.0), Ramp::Frames(20));
        heard.extend(render_blocks(&mut renderer, 670, &[block]));
        assert!(heard.iter().all(|sample| sample.is_finite()));
        for (frame, (heard, pushed)) in heard.iter().zip(&pushed).enumerate().skip(49) {
            if pushed.is_finite() {
                assert_eq!(heard.to_bits(), pushed.to_bits(), "{frame}");
            }
        }
        assert_eq!(monitor.snapshot().non_finite_samples, 300);
    }
}

/// "s32 to s32, 1:1, mute at 10 and unmute at 100: one block of 1,500 against blocks of 1 differ in 484 samples":
/// a piece ends where the way of making it changes, so what is copied is exact from the very frame on.
#[test]
fn a_copy_is_exact_from_the_first_frame_behind_a_ramp() {
    for gaps in [false, true] {
        let data: Vec<i32> = (0..1_500)
            .map(|n: i32| n.wrapping_mul(0x0123_4567) | 1)
            .collect();
        let render = |sizes: &[usize]| {
            let mut config = config("48000x1:s32le", "48000x1:s32le");
            config.ramp_frames = 20;
            let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
            feeder.push(&data).unwrap();
            let mut heard = Vec::new();
            let mut sizes = sizes.iter().cycle();
            for (until, act) in [(10, 0), (100, 1), (1_500, 2)] {
                while heard.len() < until {
                    let frames = (until - heard.len()).min(*sizes.next().unwrap());
                    let mut block = vec![0_i32; frames];
                    renderer.render(&mut block);
                    heard.extend(block);
                }
                match (act, gaps) {
                    (0, false) => controller.mute(),
                    (1, false) => controller.unmute(),
                    (0, true) => controller.pause(),
                    (1, true) => controller.resume(),
                    _ => {}
                }
            }
            heard
        };
        let whole = render(&[1_500]);
        // The ramp's last frame has its target already.
        let from = if gaps { 10 } else { 120 };
        assert_eq!(
            whole[120..],
            data[from + 20 * usize::from(gaps)..][..1_380],
            "{gaps}"
        );
        for sizes in [&[1][..], &[7], &[13, 400]] {
            assert_eq!(render(sizes), whole, "{gaps} {sizes:?}");
        }
    }
}

/// Found by random scripts: where an end, or a cancelled utterance's, lies inside a ramp, what follows is not touched
/// by that ramp any more, and is copied from its first frame on, wherever blocks end.
#[test]
fn what_begins_behind_an_end_inside_a_ramp_is_exact() {
    let fade_in = [(388, Command::Pause), (419, Command::Resume)];
    let cancelled = [(1, Command::Cancel(UtteranceId(0), Ramp::Frames(0)))];
    for script in [&fade_in[..], &cancelled] {
        let data: Vec<i32> = (0..960)
            .map(|n: i32| n.wrapping_mul(0x0765_4321) | 1)
            .collect();
        let render = |size: usize| {
            let mut config = config("48000x1:s32le", "48000x1:s32le");
            config.ramp_frames = 93;
            let timed = script.iter().copied();
            config.script = timed
                .map(|(at_frame, command)| Timed { at_frame, command })
                .collect();
            let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
            for utterance in data.chunks(480) {
                feeder.begin_utterance().unwrap();
                feeder.push(utterance).unwrap();
            }
            feeder.end_utterance().unwrap();
            let mut heard = vec![77_i32; 1_200];
            for block in heard.chunks_mut(size) {
                renderer.render(block);
            }
            heard
        };
        let whole = render(1_200);
        let begin = if script.len() == 2 { 480 + 31 } else { 1 };
        assert_eq!(whole[begin..][..480], data[480..]);
        for size in [1, 7, 480] {
            assert_eq!(render(size), whole, "{size}");
        }
    }
}

/// The largest floats there are, in an order whose sums and filters overflow.
fn huge(samples: usize) -> Vec<f32> {
    let signs = (0..samples).map(|n| n.wrapping_mul(0x9E37_79B9) >> 16 & 1);
    signs.map(|sign| [f32::MAX, f32::MIN][sign]).collect()
}

/// Found by random scripts, in two million: a source of the same rate goes on in the resampler of the one before.
/// What that one holds are floats, and the device must not have what becomes of them, though the source is one of
/// integers by now.
#[test]
fn what_a_resampler_holds_of_floats_is_made_finite_behind_a_change_to_integers() {
    for (from, to) in [(8_000, 48_000), (44_100, 48_000), (48_000, 16_000)] {
        for (channels, device) in [(1, 2), (2, 2), (2, 1), (6, 2)] {
            for resample in Resample::ALL {
                for block in [480, 1] {
                    let source = format!("{from}x{channels}:f32le");
                    let mut config = config(&source, &format!("{to}x{device}:f32le"));
                    config.resample = *resample;
                    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
                    feeder.push(&huge(200 * channels)).unwrap();
                    for integers in ["u8", "s24le"] {
                        let next = spec(&format!("{from}x{channels}:{integers}"));
                        feeder.set_source(next).unwrap();
                        feeder
                            .push_bytes(&vec![99; 9 * next.frame_bytes()])
                            .unwrap();
                    }
                    drop(feeder);
                    let heard = render_blocks(&mut renderer, 2_000, &[block]);
                    let case = format!("{source} to {to}x{device}, {resample}, {block}");
                    assert!(heard.iter().all(|sample| sample.is_finite()), "{case}");
                    // What is interpolated, or averaged, lies between two samples.
                    if *resample != Resample::Linear && channels <= device && from < to {
                        assert!(monitor.snapshot().non_finite_samples > 0, "{case}");
                    }
                }
            }
        }
    }
}

/// A source makes floats, whatever format its stream names.
#[test]
fn what_a_source_makes_is_made_finite_though_its_format_is_one_of_integers() {
    for source in ["44100x2:u8", "44100x2:f32le", "24000x6:s16le"] {
        let mut config = config(source, "48000x2:f32le");
        config.resample = Resample::Balanced;
        let channels = config.source.channels();
        let fill = move |block: &mut [f32]| {
            block.copy_from_slice(&huge(block.len()));
            block.len() / channels
        };
        let fill = Box::new(fill);
        let (_, mut renderer, monitor) = stream_from(&config, fill).unwrap();
        let heard = render_blocks(&mut renderer, 960, &[480]);
        assert!(heard.iter().all(|sample| sample.is_finite()), "{source}");
        assert!(monitor.snapshot().non_finite_samples > 0, "{source}");
    }
}

/// A product that overflowed was made finite in the block, but decayed as it was, into a source of integers too, in
/// which nothing is looked for that is not finite.
#[test]
fn what_decays_is_finite() {
    for (format, device) in [("f32le", "f32le"), ("f64le", "f32le"), ("f32le", "f64le")] {
        let mut config = config(&format!("48000x6:{format}"), &format!("48000x2:{device}"));
        config.ramp_frames = 50;
        config.gain = Decibels(6.0);
        let (mut feeder, _controller, mut renderer, monitor) = stream(&config).unwrap();
        let largest: &[u8] = match format {
            "f32le" => &f32::MAX.to_le_bytes(),
            _ => &f64::MAX.to_le_bytes(),
        };
        feeder.push_bytes(&largest.repeat(600)).unwrap();
        feeder.set_source(spec("48000x6:u8")).unwrap();
        // It runs dry at the change, and decays.
        let heard = render_blocks(&mut renderer, 300, &[20]);
        assert!(
            heard.iter().all(|sample| sample.is_finite()),
            "{format} {device}"
        );
        assert_eq!(
            monitor.snapshot().non_finite_samples,
            200,
            "{format} {device}"
        );
    }
}

/// An f64 that a device can play may be more than an f32 holds, in which it is tapped.
#[test]
fn what_is_tapped_is_finite() {
    let mut config = config("48000x1:f64le", "48000x1:f64le");
    config.tap_frames = 100;
    config.meter = true;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut tap = monitor.take_tap().unwrap();
    feeder.push(&[f64::MAX, f64::MIN, 0.25, f64::NAN]).unwrap();
    let mut heard = [9.0_f64; 4];
    renderer.render(&mut heard);
    assert_eq!(heard, [f64::MAX, f64::MIN, 0.25, 0.0]);
    let mut tapped = [9.0_f32; 4];
    assert_eq!(tap.read(&mut tapped).frames, 4);
    assert_eq!(tapped, [f32::MAX, f32::MIN, 0.25, 0.0]);
}
