//! `Linear` against the reference's vectors and its own promises.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use proptest::prelude::*;
use rate_convert::{Backend, Linear, RateError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    in_rate: u32,
    out_rate: u32,
    x_bits: Vec<u32>,
    y: Vec<f64>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("vectors/resample_linear.json")).unwrap()
}

/// Runs the whole input through, at most `reads[..]` input and `writes[..]` output frames a call, in turn.
fn run(
    linear: &mut Linear,
    channels: usize,
    x: &[f32],
    reads: &[usize],
    writes: &[usize],
) -> Vec<f32> {
    let mut y = Vec::new();
    let mut at = 0;
    let mut turn = 0;
    while at < x.len() {
        let input = &x[at..x.len().min(at + reads[turn % reads.len()] * channels)];
        let mut out = vec![f32::NAN; writes[turn % writes.len()] * channels];
        let p = linear.process(input, &mut out);
        at += p.frames_read * channels;
        y.extend_from_slice(&out[..p.frames_written * channels]);
        turn += 1;
    }
    loop {
        let mut out = vec![f32::NAN; writes[turn % writes.len()].max(1) * channels];
        let p = linear.flush(&mut out);
        y.extend_from_slice(&out[..p.frames_written * channels]);
        if p.frames_written == 0 {
            return y;
        }
        turn += 1;
    }
}

fn bits(y: &[f32]) -> Vec<u32> {
    y.iter().map(|v| v.to_bits()).collect()
}

/// Where there is no room, what was not taken comes again. That it was lost where nobody asked how much had been taken
/// was measured in the linear mode of the samplerate crate.
#[test]
fn the_reference_vectors_whole_and_cut() {
    for case in cases() {
        let x: Vec<f32> = case.x_bits.iter().map(|&b| f32::from_bits(b)).collect();
        let mut linear = Linear::new(case.in_rate, case.out_rate, 1).unwrap();
        let whole = run(&mut linear, 1, &x, &[x.len()], &[10 * x.len()]);
        assert_eq!(whole.len(), case.y.len());
        for (k, (&got, &want)) in whole.iter().zip(&case.y).enumerate() {
            assert!(
                (f64::from(got) - want).abs() <= 2e-7,
                "{} -> {} frame {k}: {got} for {want}",
                case.in_rate,
                case.out_rate
            );
        }
        for reads in [&[1][..], &[7], &[0, 1, 2, 64], &[399], &[13, 400]] {
            for writes in [&[1][..], &[3], &[480], &[5, 0, 1]] {
                let cut = run(&mut linear, 1, &x, reads, writes);
                assert_eq!(bits(&cut), bits(&whole), "{reads:?} {writes:?}");
            }
        }
    }
}

#[test]
fn channels_do_not_mix() {
    let x: Vec<f32> = (0..300).map(|i| (i * i % 91) as f32 / 91.0).collect();
    for (from, to) in [
        (24_000, 48_000),
        (44_100, 48_000),
        (48_000, 44_100),
        (48_000, 8_000),
        (300, 768),
    ] {
        let mono = run(
            &mut Linear::new(from, to, 1).unwrap(),
            1,
            &x,
            &[300],
            &[9000],
        );
        for channels in [2, 3, 8, 64] {
            let wide: Vec<f32> = x
                .iter()
                .flat_map(|&v| (0..channels).map(move |c| v * (c as f32 + 1.0).exp2()))
                .collect();
            let y = run(
                &mut Linear::new(from, to, channels).unwrap(),
                channels,
                &wide,
                &[17, 64],
                &[29, 100],
            );
            assert_eq!(y.len(), mono.len() * channels);
            for (k, frame) in y.chunks(channels).enumerate() {
                for (c, &v) in frame.iter().enumerate() {
                    assert_eq!(v, mono[k] * (c as f32 + 1.0).exp2());
                }
            }
        }
    }
}

#[test]
fn planes_are_the_mono_answer() {
    let plane = |c: usize| -> Vec<f32> {
        (0..700)
            .map(|i| ((i + 5 * c) * i % 91) as f32 / 91.0 - 0.5)
            .collect()
    };
    for (from, to) in [
        (24_000, 48_000),
        (44_100, 48_000),
        (48_000, 44_100),
        (48_000, 8_000),
        (47_999, 48_000),
    ] {
        for channels in [1, 2, 3, 64] {
            let x: Vec<Vec<f32>> = (0..channels).map(plane).collect();
            let want: Vec<Vec<f32>> = x
                .iter()
                .map(|x| {
                    let mut mono = Linear::new(from, to, 1).unwrap();
                    run(&mut mono, 1, x, &[700], &[9000])
                })
                .collect();
            let mut r = Linear::new(from, to, channels).unwrap();
            let mut y = vec![vec![f32::NAN; want[0].len() + 3]; channels];
            // Cut in uneven pieces; the shortest slice counts.
            let (mut read, mut written, mut turn) = (0, 0, 0);
            let mut step = |r: &mut Linear, read: usize, written: usize, flush: bool| {
                turn += 1;
                let upto = 700.min(read + [33, 1, 200][turn % 3]);
                let input: Vec<&[f32]> = x.iter().map(|x| &x[read..upto]).collect();
                let mut out: Vec<&mut [f32]> = y
                    .iter_mut()
                    .enumerate()
                    .map(|(c, y)| {
                        let end = y.len().min(written + 90 + c);
                        &mut y[written..end]
                    })
                    .collect();
                if flush {
                    r.flush_planar(&mut out)
                } else {
                    r.process_planar(&input, &mut out)
                }
            };
            while read < 700 {
                let p = step(&mut r, read, written, false);
                (read, written) = (read + p.frames_read, written + p.frames_written);
            }
            loop {
                let p = step(&mut r, read, written, true);
                written += p.frames_written;
                if p.frames_written == 0 {
                    break;
                }
            }
            assert_eq!(written, want[0].len());
            for (y, want) in y.iter().zip(&want) {
                assert_eq!(
                    bits(&y[..written]),
                    bits(want),
                    "{from} -> {to} x{channels}"
                );
            }
        }
    }
    let mut r = Linear::new(1, 2, 2).unwrap();
    let (mut a, mut b) = ([0.0; 8], [0.0; 8]);
    assert_eq!(
        r.process_planar(&[&[1.0; 4]], &mut [&mut a, &mut b]),
        Default::default()
    );
    assert_eq!(
        r.process_planar(&[&[1.0; 4], &[1.0; 4]], &mut [&mut a]),
        Default::default()
    );
    let p = r.process_planar(&[&[1.0; 4], &[1.0; 3]], &mut [&mut a, &mut b[..7]]);
    assert_eq!((p.frames_read, p.frames_written), (3, 5));
}

#[test]
fn every_backend_gives_the_same_bits() {
    let x: Vec<f32> = (0..4000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 8_388_608.0 - 1.0)
        .collect();
    let mut rates = vec![
        (24_000, 48_000),
        (44_100, 48_000),
        (48_000, 44_100),
        (47_999, 48_000),
        (48_000, 24_000),
        (48_000, 24_001),
    ];
    rates.extend([
        (1, 767_999),
        (767_999, 768_000),
        (384_001, 767_999),
        (768_000, 384_001),
        (5, 3),
        (3, 7),
        (7, 1),
        (1, 1),
    ]);
    for (from, to) in rates {
        for (channels, samples) in [(1, 1998), (2, 1998), (3, 999), (6, 606), (11, 605)] {
            let x = &x[..if from == 1 { 30 * channels } else { samples }];
            let results: Vec<Vec<u32>> = Backend::ALL
                .into_iter()
                .filter(|b| b.is_available())
                .map(|backend| {
                    let Ok(mut linear) = Linear::new(from, to, channels) else {
                        return Vec::new();
                    };
                    assert!(linear.set_backend(backend));
                    bits(&run(&mut linear, channels, x, &[333], &[77, 480]))
                })
                .collect();
            for other in &results[1..] {
                assert!(*other == results[0], "{from} -> {to} x{channels}");
            }
        }
    }
}

#[test]
fn a_backend_is_set_where_it_is_available() {
    let mut linear = Linear::new(44_100, 48_000, 1).unwrap();
    for backend in Backend::ALL {
        assert_eq!(linear.set_backend(backend), backend.is_available());
    }
}

#[test]
fn refuses_what_it_cannot_do() {
    assert_eq!(
        Linear::new(0, 1, 1).err(),
        Some(RateError::RateOutOfRange { hz: 0 })
    );
    assert_eq!(
        Linear::new(1, 768_001, 1).err(),
        Some(RateError::RateOutOfRange { hz: 768_001 })
    );
    assert!(Linear::new(768_000, 3_000, 1).is_ok());
    assert!(Linear::new(3_000, 768_000, 64).is_ok());
    assert!(matches!(
        Linear::new(768_000, 2_999, 1),
        Err(RateError::RatioOutOfRange { .. })
    ));
    assert!(matches!(
        Linear::new(2_999, 768_000, 1),
        Err(RateError::RatioOutOfRange { .. })
    ));
    for channels in [0, 65, usize::MAX] {
        assert_eq!(
            Linear::new(1, 1, channels).err(),
            Some(RateError::ChannelsOutOfRange { channels })
        );
    }
    let text = Linear::new(768_000, 2_999, 1).unwrap_err().to_string();
    assert!(text.contains("256") && text.contains("2999"), "{text}");
}

#[test]
fn nothing_in_nothing_out_and_partial_frames_are_left_alone() {
    let mut linear = Linear::new(44_100, 48_000, 2).unwrap();
    assert_eq!(linear.flush(&mut [0.0; 8]).frames_written, 0);
    assert_eq!(linear.process(&[], &mut [0.0; 8]), Default::default());
    assert_eq!(linear.process(&[1.0; 8], &mut []), Default::default());
    let mut out = [9.0; 3];
    let p = linear.process(&[0.5, -0.5, 0.25], &mut out);
    assert_eq!(
        (p.frames_read, p.frames_written, out),
        (1, 1, [0.5, -0.5, 9.0])
    );
    assert_eq!(
        linear.input_frames_for(usize::MAX / 2).max(1 << 20),
        linear.input_frames_for(usize::MAX / 2)
    );
    let _ = linear.input_frames_for(usize::MAX);
}

proptest! {
    #[test]
    fn any_rates_any_cut(
        from in 1u32..=768_000, ratio in 1u32..=2560, channels in 1usize..=3, frames in 0usize..80,
        up: bool,
        reads in proptest::collection::vec(1usize..40, 1..6), writes in proptest::collection::vec(1usize..40, 1..6),
    ) {
        let to = if up { u64::from(from) * u64::from(ratio) / 10 } else { u64::from(from) * 10 / u64::from(ratio) };
        let to = to.clamp(1, 768_000) as u32;
        let Ok(mut linear) = Linear::new(from, to, channels) else { return Ok(()) };
        let x: Vec<f32> = (0..frames * channels).map(|i| (i * 37 % 101) as f32 / 101.0 - 0.5).collect();
        let due = (frames as u64 * u64::from(to)).div_ceil(u64::from(from)) as usize;
        let whole = run(&mut linear, channels, &x, &[frames.max(1)], &[due + 1]);
        prop_assert_eq!(whole.len(), due * channels);
        let cut = run(&mut linear, channels, &x, &reads, &writes);
        prop_assert_eq!(bits(&cut), bits(&whole));
    }

    #[test]
    fn input_frames_for_is_exact(from in 1u32..2000, to in 1u32..2000, warm in 0usize..50, n in 1usize..200) {
        let Ok(mut linear) = Linear::new(from, to, 1) else { return Ok(()) };
        linear.process(&vec![0.5; 100_000], &mut vec![0.0; warm]);
        let need = linear.input_frames_for(n);
        let mut out = vec![0.0; n];
        if need > 0 {
            let mut short = linear.clone();
            prop_assert!(short.process(&vec![0.5; need - 1], &mut out).frames_written < n);
        }
        let p = linear.process(&vec![0.5; need + 9], &mut out);
        prop_assert_eq!((p.frames_read, p.frames_written), (need, n));
    }
}

#[test]
fn what_is_not_finite_passes_to_the_outputs_beside_it_and_no_further() {
    for (from, to) in [(24_000, 48_000), (44_100, 48_000), (48_000, 44_100)] {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut x = vec![0.5; 500];
            x[200] = bad;
            let mut linear = Linear::new(from, to, 1).unwrap();
            let y = run(&mut linear, 1, &x, &[37], &[64]);
            let mut reached = 0;
            for (k, y) in (0_u64..).zip(y) {
                let (at, step) = (k * u64::from(from), u64::from(to));
                let beside = 199 * step < at && at < 201 * step;
                assert_eq!(y.is_finite(), !beside, "{from} -> {to}, {bad}: {k} is {y}");
                reached += u32::from(beside);
            }
            assert!(reached > 0);
        }
    }
}

#[test]
fn denormals_count_as_nothing_between_frames_and_pass_on_them() {
    for backend in Backend::ALL.into_iter().filter(|b| b.is_available()) {
        for (from, to) in [(1, 2), (4, 5), (5, 4)] {
            let mut linear = Linear::new(from, to, 1).unwrap();
            assert!(linear.set_backend(backend));
            let y = run(&mut linear, 1, &[1e-40; 40], &[40], &[100]);
            for (k, v) in y.iter().enumerate() {
                let on_frame = (k as u32 * from).is_multiple_of(to);
                let held = k as u32 * from / to == 39;
                assert_eq!(
                    *v,
                    if on_frame || held { 1e-40 } else { 0.0 },
                    "{backend:?} {k}"
                );
            }
        }
    }
}
