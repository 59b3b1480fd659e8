//! Gains and matrices on the move.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use channel_mix::{
    ChannelLayout, Decibels, GainRamp, LargeMixer, MAX_GAIN, MixMatrix, MixOptions, MixRules, Mixer,
};
use common::{backends, bits, mixed, noise, planes, views, views_mut};
use proptest::prelude::*;

/// Cuts `frames` as `cuts` says, over and over.
fn pieces(frames: usize, cuts: &[usize]) -> Vec<usize> {
    let mut left = frames;
    let mut pieces = Vec::new();
    for cut in cuts.iter().cycle() {
        if left == 0 {
            break;
        }
        pieces.push((*cut).min(left));
        left -= (*cut).min(left);
    }
    pieces
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    (proptest::collection::vec(0..70_usize, 0..6), 1..70_usize).prop_map(|(mut cuts, last)| {
        cuts.push(last);
        cuts
    })
}

#[test]
fn decibels() {
    let gain = |db: f32| Decibels(db).to_gain();
    assert_eq!(gain(0.0).to_bits(), 1.0_f32.to_bits());
    assert_eq!(gain(-0.0).to_bits(), 1.0_f32.to_bits());
    assert_eq!(gain(f32::NEG_INFINITY).to_bits(), 0);
    assert_eq!(gain(f32::NAN).to_bits(), 0);
    assert_eq!(gain(f32::INFINITY).to_bits(), MAX_GAIN.to_bits());
    for (db, linear) in [
        (20.0, 10.0),
        (-20.0, 0.1),
        (-40.0, 0.01),
        (6.020_6, 2.0),
        (180.0, 1.0e9),
    ] {
        assert!(
            (gain(db) / linear - 1.0).abs() < 1.0e-6,
            "{db} dB is {}",
            gain(db)
        );
        assert!((Decibels::from_gain(linear).0 - db).abs() < 1.0e-4);
    }
    assert_eq!(Decibels::from_gain(0.0), Decibels::SILENCE);
    assert_eq!(Decibels(-3.5).to_string(), "-3.5 dB");
    assert_eq!(Decibels::UNITY.to_gain().to_bits(), 1.0_f32.to_bits());
}

/// A volume change pops: librespot-org/librespot#472.
#[test]
fn a_volume_change_does_not_pop() {
    let mut gain = GainRamp::new(1.0);
    gain.set(0.0, 480);
    let mut block = vec![1.0_f32; 960];
    gain.apply_interleaved(&mut block, 1);
    let mut before = 1.0;
    for sample in &block {
        assert!((before - sample).abs() <= 1.0 / 480.0 + 1.0e-6);
        before = *sample;
    }
    assert_eq!(block[479].to_bits(), 0);
    assert!(block[..479].iter().all(|s| *s > 0.0));
}

#[test]
fn a_steady_gain_of_one_or_zero_is_exact() {
    let odd = [f32::NAN, f32::INFINITY, -0.0, 1.0e-45, -1.0];
    let mut block = odd;
    assert_eq!(GainRamp::new(1.0).apply_interleaved(&mut block, 1), 5);
    assert_eq!(bits(&block), bits(&odd));
    assert_eq!(GainRamp::new(0.0).apply_interleaved(&mut block, 1), 5);
    assert_eq!(bits(&block), [0; 5]);
    let mut block = [1.0; 5];
    assert_eq!(
        GainRamp::new(0.5).apply_interleaved(&mut block, 2),
        2,
        "whole frames"
    );
    assert_eq!(block, [0.5, 0.5, 0.5, 0.5, 1.0]);
    assert_eq!(GainRamp::new(0.5).apply_interleaved(&mut block, 0), 0);
    for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        let mut gain = GainRamp::new(odd);
        gain.set(-gain.gain(), 7);
        let mut block = [1.0; 9];
        gain.apply_interleaved(&mut block, 1);
        assert!(block.iter().all(|s| s.abs() <= MAX_GAIN));
    }
}

#[test]
fn the_longest_ramp_does_not_wrap() {
    let mut gain = GainRamp::new(0.0);
    gain.set(1.0, u32::MAX);
    gain.skip(u32::MAX as usize - 3);
    assert!(!gain.is_steady());
    let mut block = [1.0; 6];
    assert_eq!(gain.apply_interleaved(&mut block, 1), 6);
    assert!(gain.is_steady() && block.iter().all(|s| (*s - 1.0).abs() < 1.0e-6));
    gain.skip(usize::MAX);
    assert_eq!(gain.remaining_frames(), 0);
}

fn two_matrices() -> impl Strategy<Value = (MixMatrix, MixMatrix)> {
    (1..=20_usize, 1..=20_usize, any::<u64>(), 0.1..1.0_f32).prop_map(
        |(inputs, outputs, seed, fill)| {
            let make = |seed: u64| {
                let coefficients: Vec<f32> = noise(inputs * outputs * 2, seed)
                    .chunks_exact(2)
                    .map(|v| if v[0].abs() > fill { 0.0 } else { v[1] })
                    .collect();
                MixMatrix::custom(inputs, outputs, &coefficients).unwrap()
            };
            (make(seed), make(seed ^ 0xABCD))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_gain_in_any_cutting_is_the_gain_in_one(
        from in -2.0..2.0_f32, to in -2.0..2.0_f32, ramp_frames in 0..300_u32, channels in 1..9_usize,
        frames in 0..400_usize, cuts in cuts(), skip in any::<bool>(),
    ) {
        let input = noise(frames * channels, 3);
        let start = || {
            let mut gain = GainRamp::new(from);
            gain.set(to, ramp_frames);
            gain
        };
        let (mut whole, mut cut) = (input.clone(), input.clone());
        let mut gain = start();
        gain.apply_interleaved(&mut whole, channels);
        // By the definition, in f64.
        for (n, (x, y)) in input.iter().zip(&whole).enumerate() {
            let k = (n / channels + 1) as f64;
            let t = if ramp_frames == 0 { 1.0 } else { (k / f64::from(ramp_frames)).min(1.0) };
            let wanted = (f64::from(from) + (f64::from(to) - f64::from(from)) * t) * f64::from(*x);
            prop_assert!((wanted - f64::from(*y)).abs() < 1.0e-6, "{} is not {}", y, wanted);
        }
        let mut other = start();
        let mut at = 0;
        for (n, piece) in pieces(frames, &cuts).into_iter().enumerate() {
            let block = &mut cut[at * channels..(at + piece) * channels];
            if skip && n % 2 == 1 {
                other.skip(piece);
                block.copy_from_slice(&whole[at * channels..(at + piece) * channels]);
            } else {
                prop_assert_eq!(other.apply_interleaved(block, channels), piece);
            }
            at += piece;
        }
        prop_assert_eq!(bits(&whole), bits(&cut));
        prop_assert_eq!(gain, other);
        prop_assert_eq!(gain.is_steady(), frames as u64 >= u64::from(ramp_frames) || ramp_frames <= 1);
    }

    #[test]
    fn a_matrix_ramp_in_any_cutting_is_the_ramp_in_one(
        (from, to) in two_matrices(), ramp_frames in 0..200_u32, frames in 0..300_usize, cuts in cuts(),
    ) {
        let (ins, outs) = (from.inputs(), from.outputs());
        let input = noise(frames * ins, 11);
        let mut wholes = Vec::new();
        for backend in backends() {
            let start = || {
                let mut mixer = LargeMixer::with_backend(&from, backend).unwrap();
                mixer.set_matrix(&to, ramp_frames).unwrap();
                mixer
            };
            let mut whole = vec![f32::NAN; frames * outs];
            start().mix_interleaved(&input, &mut whole);

            // Each piece in another way.
            let mut mixer = start();
            let mut cut = vec![f32::NAN; frames * outs];
            let mut at = 0;
            for (n, piece) in pieces(frames, &cuts).into_iter().enumerate() {
                let x = &input[at * ins..(at + piece) * ins];
                let y = &mut cut[at * outs..(at + piece) * outs];
                let in_planes = planes(x, ins);
                let mut out_planes = vec![vec![f32::NAN; piece]; outs];
                let done = match n % 5 {
                    0 => mixer.mix_interleaved(x, y),
                    1 => mixer.mix_to_interleaved(&views(&in_planes), y),
                    2 => mixer.mix_planar(&views(&in_planes), &mut views_mut(&mut out_planes)),
                    3 if outs <= ins => {
                        let mut block = x.to_vec();
                        let done = mixer.mix_in_place(&mut block).unwrap();
                        y.copy_from_slice(&block[..piece * outs]);
                        done
                    }
                    _ => mixer.mix_to_planar(x, &mut views_mut(&mut out_planes)),
                };
                prop_assert_eq!(done, piece);
                if n % 5 == 2 || n % 5 == 4 || (n % 5 == 3 && outs > ins) {
                    for (frame, y) in y.chunks_exact_mut(outs).enumerate() {
                        y.iter_mut().zip(&out_planes).for_each(|(y, plane)| *y = plane[frame]);
                    }
                }
                at += piece;
            }
            prop_assert_eq!(bits(&whole), bits(&cut), "{}", backend);
            wholes.push(bits(&whole));

            // By the definition, in f64; and exactly the new matrix from the ramp's last frame on.
            for (n, y) in whole.iter().enumerate() {
                let (frame, output) = (n / outs, n % outs);
                let t = if ramp_frames == 0 { 1.0 } else { ((frame + 1) as f64 / f64::from(ramp_frames)).min(1.0) };
                let wanted: f64 = (0..ins).map(|i| {
                    let (a, b) = (f64::from(from.coefficient(output, i)), f64::from(to.coefficient(output, i)));
                    (a + (b - a) * t) * f64::from(input[frame * ins + i])
                }).sum();
                prop_assert!((wanted - f64::from(*y)).abs() < 1.0e-5);
            }
            let steady = (ramp_frames.saturating_sub(1) as usize).min(frames);
            // And to the bit: the terms of both matrices, in channel order.
            for (n, y) in whole[..steady * outs].iter().enumerate() {
                let (frame, output) = (n / outs, n % outs);
                let t = (frame + 1) as f32 / ramp_frames as f32;
                let terms = from.row(output).iter().zip(to.row(output)).zip(&input[frame * ins..]);
                let products = terms.filter(|((a, b), _)| **a != 0.0 || **b != 0.0).map(|((a, b), x)| (a + (b - a) * t) * x);
                let wanted = products.reduce(|sum, product| sum + product).unwrap_or(0.0);
                prop_assert_eq!(wanted.to_bits(), y.to_bits());
            }
            prop_assert_eq!(bits(&whole[steady * outs..]), bits(&mixed(&to, &input[steady * ins..])));
        }
        prop_assert!(wholes.windows(2).all(|w| w[0] == w[1]));
    }

    /// A ramp that is replaced on its way goes on from where it is.
    #[test]
    fn a_ramp_replaced_midway_does_not_jump((a, b) in two_matrices(), at in 0..100_usize) {
        let mut mixer = LargeMixer::with_terms(&a).unwrap();
        mixer.set_matrix(&b, 100).unwrap();
        let (ins, outs) = (a.inputs(), a.outputs());
        let input = vec![1.0; ins * (at + 1)];
        let mut before = vec![0.0; outs * (at + 1)];
        mixer.mix_interleaved(&input, &mut before);
        mixer.set_matrix(&a, 1000).unwrap();
        let mut after = vec![0.0; outs];
        mixer.mix_interleaved(&input[..ins], &mut after);
        // One step of a thousand, of coefficients below 1 that move by less than 2.
        let most = 2.0 * ins as f32 / 1000.0 + 1.0e-5;
        for (before, after) in before[at * outs..].iter().zip(&after) {
            prop_assert!((before - after).abs() <= most, "{} to {}", before, after);
        }
    }
}

#[test]
fn a_matrix_change_that_does_not_fit_changes_nothing() {
    use channel_mix::MixError;
    let from = MixMatrix::new(
        &ChannelLayout::SURROUND_5_1,
        &ChannelLayout::STEREO,
        MixRules::Speakers,
    );
    let mut mixer = Mixer::<12>::with_terms(&from).unwrap();
    let dense = MixMatrix::custom(6, 2, &[0.25; 12]).unwrap();
    let other = MixMatrix::new(
        &ChannelLayout::STEREO,
        &ChannelLayout::STEREO,
        MixRules::Speakers,
    );
    assert_eq!(
        mixer.set_matrix(&other, 5),
        Err(MixError::Shape {
            expected: (6, 2),
            found: (2, 2)
        })
    );
    let mut small = Mixer::<6>::with_terms(&from).unwrap();
    assert_eq!(
        small.set_matrix(&dense, 5),
        Err(MixError::TooManyTerms {
            needed: 12,
            capacity: 6
        })
    );
    let input = noise(6 * 7, 2);
    let mut out = vec![0.0; 14];
    small.mix_interleaved(&input, &mut out);
    assert_eq!(bits(&out), bits(&mixed(&from, &input)));
    mixer.set_matrix(&dense, 3).unwrap();
    assert!(!mixer.is_steady());
    mixer.skip(3);
    assert!(mixer.is_steady());
}

/// The coefficients are in a straight line: what a listener hears when the LFE option is switched.
#[test]
fn switching_an_option_is_a_ramp_of_its_coefficients() {
    let with = |keep| {
        let options = MixOptions::new(MixRules::Speakers).keep_lfe(keep);
        MixMatrix::new(
            &ChannelLayout::SURROUND_5_1,
            &ChannelLayout::STEREO,
            options,
        )
    };
    let mut mixer = Mixer::new(&with(false)).unwrap();
    mixer.set_matrix(&with(true), 4).unwrap();
    let mut input = [0.0; 36];
    input
        .iter_mut()
        .skip(3)
        .step_by(6)
        .for_each(|lfe| *lfe = 1.0);
    let mut out = [9.0; 12];
    assert_eq!(mixer.mix_interleaved(&input, &mut out), 6);
    let h = 0.5_f32.sqrt();
    for (frame, t) in out.chunks_exact(2).zip([0.25, 0.5, 0.75, 1.0, 1.0, 1.0]) {
        assert_eq!(bits(frame), bits(&[h * t, h * t]));
    }
}

/// A ramp knows where it goes from its first frame on, and one that goes nowhere, or at once, is none.
#[test]
fn a_ramp_says_where_it_goes_and_whether_it_is_there() {
    let mut ramp = GainRamp::new(1.0);
    ramp.set(1.0, 100);
    assert!(ramp.is_steady());
    ramp.set(0.5, 100);
    assert_eq!(
        (ramp.is_steady(), ramp.target(), ramp.gain()),
        (false, 0.5, 1.0)
    );
    for frames in [0, 1] {
        ramp.set(0.25 * frames as f32, frames);
        let now = (ramp.is_steady(), ramp.target(), ramp.gain());
        assert_eq!(now, (true, 0.25 * frames as f32, 0.25 * frames as f32));
        assert_eq!(ramp.remaining_frames(), 0);
    }
}

/// A coefficient of 0 takes no part if it is one at both ends of a ramp, and not if the ramp only passes through it.
#[test]
fn a_coefficient_that_is_on_its_way_through_zero_takes_part() {
    let matrix = |c: [f32; 2]| MixMatrix::custom(2, 1, &c).unwrap();
    let mut mixer = Mixer::new(&matrix([-1.0, 0.0])).unwrap();
    mixer.set_matrix(&matrix([1.0, 0.0]), 2).unwrap();
    let mut out = [9.0; 2];
    mixer.mix_interleaved(&[f32::INFINITY, f32::NAN, 0.5, f32::NAN], &mut out);
    assert!(out[0].is_nan(), "0 times infinity");
    assert_eq!(out[1], 0.5);
    let mut mixer = Mixer::new(&matrix([0.0, 0.0])).unwrap();
    mixer.set_matrix(&matrix([0.0, 1.0]), 2).unwrap();
    mixer.mix_interleaved(&[f32::INFINITY, 0.5, f32::NAN, 0.5], &mut out);
    assert_eq!(out, [0.25, 0.5]);
}
