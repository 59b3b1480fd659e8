//! The coefficients, beside the books they come from.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use channel_mix::{ChannelLayout, MixMatrix, MixOptions, MixRules, Mixer, Position};
use common::named;
use proptest::prelude::*;

type L = ChannelLayout;

fn rows(from: L, to: L, options: impl Into<MixOptions>) -> Vec<Vec<f32>> {
    let matrix = MixMatrix::new(&from, &to, options);
    (0..matrix.outputs())
        .map(|o| matrix.row(o).to_vec())
        .collect()
}

fn assert_rows(from: L, to: L, options: impl Into<MixOptions>, wanted: &[&[f64]]) {
    let wanted: Vec<Vec<f32>> = wanted
        .iter()
        .map(|r| r.iter().map(|c| *c as f32).collect())
        .collect();
    assert_eq!(rows(from, to, options), wanted, "{from} to {to}");
}

#[test]
fn names_are_read_back_and_a_refusal_says_them() {
    let refused = "Speakers".parse::<MixRules>().unwrap_err().to_string();
    for rules in MixRules::ALL {
        assert_eq!(rules.to_string().parse(), Ok(rules));
        assert!(refused.contains(rules.name()), "{refused}");
    }
}

/// W3C Web Audio API 1.1, "Channel up-mixing and down-mixing", speaker layouts. Rows are outputs; quad
/// is L R SL SR, 5.1 is L R C LFE SL SR. Mono to 5.1 is left out: there the centre is not what is
/// wanted here (next test).
#[test]
fn the_web_audio_formulas_for_all_pairs() {
    let h = 0.5_f64.sqrt();
    let identity = |n: usize| -> Vec<Vec<f64>> {
        (0..n)
            .map(|o| (0..n).map(|i| f64::from(u8::from(i == o))).collect())
            .collect()
    };
    let check =
        |from: L, to: L, wanted: &[&[f64]]| assert_rows(from, to, MixRules::Speakers, wanted);
    // Web Audio's surround speakers are the side or the back ones of a wave file alike.
    for quad in [L::QUAD, L::QUAD_SIDE] {
        check(L::MONO, quad, &[&[1.0], &[1.0], &[0.0], &[0.0]]);
        check(
            L::STEREO,
            quad,
            &[&[1.0, 0.0], &[0.0, 1.0], &[0.0, 0.0], &[0.0, 0.0]],
        );
        check(quad, L::MONO, &[&[0.25, 0.25, 0.25, 0.25]]);
        check(
            quad,
            L::STEREO,
            &[&[0.5, 0.0, 0.5, 0.0], &[0.0, 0.5, 0.0, 0.5]],
        );
        for surround in [L::SURROUND_5_1, L::SURROUND_5_1_BACK] {
            check(
                quad,
                surround,
                &[
                    &[1.0, 0.0, 0.0, 0.0],
                    &[0.0, 1.0, 0.0, 0.0],
                    &[0.0, 0.0, 0.0, 0.0],
                    &[0.0, 0.0, 0.0, 0.0],
                    &[0.0, 0.0, 1.0, 0.0],
                    &[0.0, 0.0, 0.0, 1.0],
                ],
            );
            check(
                surround,
                quad,
                &[
                    &[1.0, 0.0, h, 0.0, 0.0, 0.0],
                    &[0.0, 1.0, h, 0.0, 0.0, 0.0],
                    &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                    &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
                ],
            );
        }
    }
    check(L::MONO, L::STEREO, &[&[1.0], &[1.0]]);
    check(L::STEREO, L::MONO, &[&[0.5, 0.5]]);
    for surround in [L::SURROUND_5_1, L::SURROUND_5_1_BACK] {
        check(surround, L::MONO, &[&[h, h, 1.0, 0.0, 0.5, 0.5]]);
        check(
            surround,
            L::STEREO,
            &[&[1.0, 0.0, h, 0.0, h, 0.0], &[0.0, 1.0, h, 0.0, 0.0, h]],
        );
        let silent: &[f64] = &[0.0, 0.0];
        check(
            L::STEREO,
            surround,
            &[&[1.0, 0.0], &[0.0, 1.0], silent, silent, silent, silent],
        );
    }
    for same in [L::MONO, L::STEREO, L::QUAD, L::SURROUND_5_1] {
        let identity = identity(same.channels());
        check(
            same,
            same,
            &identity.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        );
    }
}

/// Mono heard only on the left: thestk/rtaudio#243.
#[test]
fn mono_is_never_heard_on_the_left_only() {
    let wide = (3..=64).map(|n| L::discrete(n).unwrap());
    for to in named().into_iter().filter(|l| *l != L::MONO).chain(wide) {
        for rules in [MixRules::Original, MixRules::Speakers] {
            for (output, row) in rows(L::MONO, to, rules).iter().enumerate() {
                assert_eq!(
                    row.as_slice(),
                    &[f32::from(u8::from(output < 2))],
                    "{to}, {rules}"
                );
            }
        }
    }
}

/// ITU-R BS.775-3, annex 4 (downward mixing of 3/2 signals): to 1/0, 2/0, 3/0, 3/1 and 2/2.
#[test]
fn the_downmix_equations_of_bs_775() {
    let h = 0.5_f64.sqrt();
    let from = L::SURROUND_5_0;
    let check = |to: L, wanted: &[&[f64]]| assert_rows(from, to, MixRules::Speakers, wanted);
    check(L::MONO, &[&[h, h, 1.0, 0.5, 0.5]]);
    check(L::STEREO, &[&[1.0, 0.0, h, h, 0.0], &[0.0, 1.0, h, 0.0, h]]);
    check(
        L::SURROUND_3_0,
        &[
            &[1.0, 0.0, 0.0, h, 0.0],
            &[0.0, 1.0, 0.0, 0.0, h],
            &[0.0, 0.0, 1.0, 0.0, 0.0],
        ],
    );
    check(
        L::SURROUND_4_0,
        &[
            &[1.0, 0.0, 0.0, 0.0, 0.0],
            &[0.0, 1.0, 0.0, 0.0, 0.0],
            &[0.0, 0.0, 1.0, 0.0, 0.0],
            &[0.0, 0.0, 0.0, h, h],
        ],
    );
    check(
        L::QUAD_SIDE,
        &[
            &[1.0, 0.0, h, 0.0, 0.0],
            &[0.0, 1.0, h, 0.0, 0.0],
            &[0.0, 0.0, 0.0, 1.0, 0.0],
            &[0.0, 0.0, 0.0, 0.0, 1.0],
        ],
    );
}

/// Steps that no standard has, as the README states them.
#[test]
fn the_rules_beyond_the_standards() {
    let h = 0.5_f64.sqrt();
    let check =
        |from: L, to: L, wanted: &[&[f64]]| assert_rows(from, to, MixRules::Speakers, wanted);
    check(
        L::SURROUND_7_1,
        L::STEREO,
        &[
            &[1.0, 0.0, h, 0.0, h, 0.0, h, 0.0],
            &[0.0, 1.0, h, 0.0, 0.0, h, 0.0, h],
        ],
    );
    // 7.1 to 5.1: back and side meet at -3 dB for the back.
    let sides = &rows(L::SURROUND_7_1, L::SURROUND_5_1, MixRules::Speakers)[4..];
    let h32 = h as f32;
    assert_eq!(
        sides,
        [
            vec![0.0, 0.0, 0.0, 0.0, h32, 0.0, 1.0, 0.0],
            vec![0.0, 0.0, 0.0, 0.0, 0.0, h32, 0.0, 1.0]
        ]
    );
    // A back centre is split; 3/1 to stereo and mono.
    check(
        L::SURROUND_4_0,
        L::STEREO,
        &[&[1.0, 0.0, h, 0.5], &[0.0, 1.0, h, 0.5]],
    );
    check(L::SURROUND_4_0, L::MONO, &[&[h, h, 1.0, h]]);
    // The upper layer comes down at -3 dB.
    let row = &rows(L::SURROUND_7_1_4, L::STEREO, MixRules::Speakers)[0];
    let wanted = [1.0, 0.0, h, 0.0, h, 0.0, h, 0.0, h, 0.0, 0.5, 0.0].map(|c: f64| c as f32);
    assert_eq!(row, &wanted);
    // An LFE beside it changes nothing.
    check(L::SURROUND_2_1, L::MONO, &[&[0.5, 0.5, 0.0]]);
}

#[test]
fn an_lfe_is_kept_as_a_front_centre_would_be() {
    let h = 0.5_f32.sqrt();
    let keep = MixOptions::new(MixRules::Speakers).keep_lfe(true);
    let lfe = |from: L, to: L, options: MixOptions| -> Vec<f32> {
        let channel = from.channel_of(Position::LowFrequency).unwrap();
        rows(from, to, options)
            .iter()
            .map(|row| row[channel])
            .collect()
    };
    let drop = MixOptions::new(MixRules::Speakers);
    assert_eq!(lfe(L::SURROUND_5_1, L::STEREO, keep), [h, h]);
    assert_eq!(lfe(L::SURROUND_5_1, L::STEREO, drop), [0.0, 0.0]);
    assert_eq!(lfe(L::SURROUND_2_1, L::MONO, keep), [1.0]);
    assert_eq!(lfe(L::SURROUND_2_1, L::MONO, drop), [0.0]);
    // A front centre that is there gets all of it; without one, the speakers beside it.
    assert_eq!(
        lfe(L::SURROUND_5_1, L::SURROUND_5_0, keep),
        [0.0, 0.0, 1.0, 0.0, 0.0]
    );
    let of = |text: &str| -> L { text.parse().unwrap() };
    assert_eq!(lfe(L::SURROUND_5_1, of("3.0"), keep), [0.0, 0.0, 1.0]);
    assert_eq!(lfe(L::SURROUND_2_1, of("3.0"), keep), [0.0, 0.0, 1.0]);
    assert_eq!(lfe(L::SURROUND_5_1, of("FL+FC"), keep), [0.0, 1.0]);
    assert_eq!(lfe(L::SURROUND_5_1, L::QUAD, keep), [h, h, 0.0, 0.0]);
    assert_eq!(lfe(L::SURROUND_2_1, L::STEREO, keep), [h, h]);
    assert_eq!(lfe(L::SURROUND_5_1, L::MONO, keep), [1.0]);
    assert_eq!(lfe(of("LFE"), L::MONO, keep), [1.0]);
    // Half of a pair is taken for it, as by a front centre; with no speaker in front it is lost.
    assert_eq!(lfe(L::SURROUND_5_1, of("FL"), keep), [h]);
    assert_eq!(lfe(L::SURROUND_5_1, of("SL+SR"), keep), [0.0, 0.0]);
    // Whatever the output, the coefficients of the two are the same.
    for to in named()
        .into_iter()
        .filter(|to| to.channel_of(Position::LowFrequency).is_none())
    {
        let matrix = rows(L::SURROUND_5_1, to, keep);
        assert!(matrix.iter().all(|row| row[2] == row[3]), "{to}");
    }
    // Where the output has one, it goes there, whatever the option.
    for options in [keep, drop] {
        assert_eq!(
            lfe(L::SURROUND_7_1, L::SURROUND_2_1, options),
            [0.0, 0.0, 1.0]
        );
    }
}

fn mirrored(position: Position) -> Position {
    use Position::*;
    match position {
        FrontLeft => FrontRight,
        FrontRight => FrontLeft,
        BackLeft => BackRight,
        BackRight => BackLeft,
        FrontLeftOfCenter => FrontRightOfCenter,
        FrontRightOfCenter => FrontLeftOfCenter,
        SideLeft => SideRight,
        SideRight => SideLeft,
        TopFrontLeft => TopFrontRight,
        TopFrontRight => TopFrontLeft,
        TopBackLeft => TopBackRight,
        TopBackRight => TopBackLeft,
        centre => centre,
    }
}

/// Every pair of the named layouts: nothing lost, nothing louder than it was, left as right.
#[test]
fn all_pairs_of_named_layouts_are_sane() {
    let core = |l: L| l.mask().unwrap() & !Position::LowFrequency.bit();
    let quads = [core(L::QUAD), core(L::QUAD_SIDE)];
    for from in named() {
        for to in named() {
            let case = format!("{from} to {to}");
            let matrix = MixMatrix::new(&from, &to, MixRules::Speakers);
            assert_eq!(
                (matrix.inputs(), matrix.outputs()),
                (from.channels(), to.channels())
            );
            assert!(Mixer::new(&matrix).is_ok(), "{case}");
            let web_audio_mean = quads.contains(&core(from)) && core(to) == core(L::STEREO);
            for (input, position) in from.positions().enumerate() {
                let column: Vec<f32> = (0..to.channels())
                    .map(|o| matrix.coefficient(o, input))
                    .collect();
                assert!(
                    column.iter().all(|c| (0.0..=1.0).contains(c)),
                    "{case}: {column:?}"
                );
                let energy: f32 = column.iter().map(|c| c * c).sum();
                if position == Position::LowFrequency && to.channel_of(position).is_none() {
                    assert_eq!(energy.to_bits(), 0, "{case}");
                } else {
                    // Mono on two speakers at unity, as the original had it, has twice its power.
                    let most = if from == L::MONO { 2.0 } else { 1.000_001 };
                    assert!(
                        energy > 0.06 && energy <= most,
                        "{case}: {} has {energy}",
                        position.name()
                    );
                }
                if let Some(output) = to.channel_of(position)
                    && !web_audio_mean
                    && from != L::MONO
                {
                    assert_eq!(
                        matrix.coefficient(output, input).to_bits(),
                        1.0_f32.to_bits(),
                        "{case}"
                    );
                }
                let mirror = from.channel_of(mirrored(position)).unwrap();
                for (output, target) in to.positions().enumerate() {
                    let mirror_output = to.channel_of(mirrored(target)).unwrap();
                    let pair = (
                        matrix.coefficient(output, input),
                        matrix.coefficient(mirror_output, mirror),
                    );
                    assert_eq!(
                        pair.0.to_bits(),
                        pair.1.to_bits(),
                        "{case}: left is not as right"
                    );
                }
            }
            for output in 0..to.channels() {
                let peak: f32 = matrix.row(output).iter().sum();
                // The most there is to add up: 7.1.4 on one speaker, and on each of two.
                let most = if to == L::MONO { 6.13 } else { 4.34 };
                assert!(peak <= most, "{case}: {peak}");
            }
        }
    }
}

#[test]
fn original_looks_at_counts_only_and_discrete_at_nothing() {
    for from in 1..=64 {
        for to in 1..=64 {
            let layouts = (L::discrete(from).unwrap(), L::from_count(to).unwrap());
            let original = MixMatrix::new(&layouts.0, &layouts.1, MixRules::Original);
            let discrete = MixMatrix::new(&layouts.0, &layouts.1, MixRules::Discrete);
            // No positions on one side: there is no speaker to go by.
            assert_eq!(
                original,
                MixMatrix::new(&layouts.0, &layouts.1, MixRules::Speakers)
            );
            for output in 0..to {
                for input in 0..from {
                    let same = f32::from(u8::from(input == output));
                    let wanted = match (from, to) {
                        (1, 2..) => f32::from(u8::from(output < 2)),
                        (2.., 1) => 0.5 * f32::from(u8::from(input < 2)),
                        _ => same,
                    };
                    assert_eq!(
                        original.coefficient(output, input).to_bits(),
                        wanted.to_bits()
                    );
                    assert_eq!(
                        discrete.coefficient(output, input).to_bits(),
                        same.to_bits()
                    );
                }
            }
        }
    }
}

#[test]
fn rules_print_and_parse() {
    let all = [MixRules::Original, MixRules::Speakers, MixRules::Discrete];
    assert_eq!(MixRules::ALL, all);
    for rules in all {
        assert_eq!(rules.to_string().parse(), Ok(rules));
    }
    assert!("Speakers ".parse::<MixRules>().is_err());
    assert_eq!(MixRules::default(), MixRules::Speakers);
}

#[test]
fn normalised_every_named_pair_cannot_clip() {
    for from in named() {
        for to in named() {
            for keep in [false, true] {
                let options = MixOptions::new(MixRules::Speakers).keep_lfe(keep);
                let plain = MixMatrix::new(&from, &to, options);
                let normal = MixMatrix::new(&from, &to, options.normalize(true));
                let mut mixer = Mixer::new(&normal).unwrap();
                let mut out = vec![0.0; to.channels()];
                mixer.mix_interleaved(&vec![1.0; from.channels()], &mut out);
                assert!(out.iter().all(|y| *y <= 1.0), "{from} to {to}: {out:?}");
                let peak = |m: &MixMatrix| -> f32 {
                    (0..m.outputs())
                        .map(|o| m.row(o).iter().sum::<f32>())
                        .fold(0.0, f32::max)
                };
                if peak(&plain) <= 1.0 {
                    assert_eq!(plain, normal, "only ever down");
                } else {
                    assert!(
                        peak(&normal) > 0.999_999,
                        "{from} to {to}: no more than is needed"
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the mask of a wave file says, every rule makes a matrix that an ordinary mixer holds.
    #[test]
    fn any_two_masks_fit_an_ordinary_mixer(from in 1..0x4_0000_u32, to in 1..0x4_0000_u32, keep in any::<bool>()) {
        let layout = |mask: u32| L::from_mask(mask, mask.count_ones() as usize).unwrap();
        let options = MixOptions::new(MixRules::Speakers).keep_lfe(keep);
        let matrix = MixMatrix::new(&layout(from), &layout(to), options);
        prop_assert!(Mixer::new(&matrix).is_ok());
        for output in 0..matrix.outputs() {
            prop_assert!(matrix.row(output).iter().all(|c| (0.0..=1.000_001).contains(c)));
        }
    }

    #[test]
    fn normalised_no_input_can_clip(inputs in 1..=64_usize, outputs in 1..=64_usize, seed in any::<u64>()) {
        let coefficients = common::noise(inputs * outputs, seed);
        let mut matrix = MixMatrix::custom(inputs, outputs, &coefficients).unwrap();
        matrix.normalize();
        for output in 0..outputs {
            let worst: Vec<f32> = matrix.row(output).iter().map(|c| c.signum()).collect();
            let peak = common::mixed(&matrix, &worst);
            prop_assert!(peak[output] <= 1.0);
        }
    }
}
