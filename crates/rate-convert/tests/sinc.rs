//! What `Sinc` promises beyond quality: the same bits however it is cut, exact counts, no seams, no surprises.
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::print_stdout)]

mod common;

use std::sync::Arc;

use common::{GATED, QUALITIES, adjustable, bits, noise, run, run_cut, sinc};
use proptest::prelude::*;
use rate_convert::{Backend, Linear, Quality, RateError, Sinc, SincTable};

const MORE: [(u32, u32); 8] = [
    (48_000, 24_000),
    (48_000, 48_000),
    (96_000, 44_100),
    (192_000, 8_000),
    (8_000, 48_000),
    (3_000, 768_000),
    (11_025, 48_000),
    (768_000, 3_000),
];

/// Rhizomatica/mercury#84, autonomous-ai/autonomous-os#335, cloudflare/agents#1736, RustAudio/rodio#605: output that
/// depends on the chunk size, and a seam where chunks meet.
#[test]
fn chunk_size_does_not_change_a_bit() {
    for quality in QUALITIES {
        for (from, to) in GATED.into_iter().chain(MORE) {
            let frames = if from / to > 20 { 40_000 } else { 2_300 };
            let frames = if to / from > 20 { 200 } else { frames };
            let x = noise(frames, 1);
            let mut r = sinc(from, to, 1, quality);
            let whole = run_cut(&mut r, 1, &x, &[x.len()], &[x.len() * 257]);
            assert_eq!(
                whole.len() as u64,
                (frames as u64 * u64::from(to)).div_ceil(from.into())
            );
            for (reads, writes) in [
                (&[1][..], &[1][..]),
                (&[7, 0, 64], &[480]),
                (&[4096], &[1, 2, 3]),
                (&[240, 241], &[64]),
                (&[1999], &[17, 0, 999]),
            ] {
                let cut = run_cut(&mut r, 1, &x, reads, writes);
                assert!(
                    bits(&cut) == bits(&whole),
                    "{quality:?} {from} -> {to} {reads:?} {writes:?}"
                );
            }
        }
    }
}

#[test]
fn backends_with_fma_agree_and_the_others_are_close() {
    for (from, to) in GATED.into_iter().chain(MORE) {
        let x = noise(if from / to > 20 { 40_000 } else { 1500 }, 2);
        let mut fused: Option<Vec<f32>> = None;
        let mut r = sinc(from, to, 1, Quality::High);
        for backend in Backend::ALL.into_iter().rev().filter(|b| b.is_available()) {
            assert!(r.set_backend(backend));
            let y = run(&mut r, 1, &x);
            match &fused {
                None => fused = Some(y),
                Some(want) if backend.is_fused() => assert!(bits(&y) == bits(want), "{backend:?}"),
                Some(want) => {
                    for (a, b) in y.iter().zip(want) {
                        assert!((a - b).abs() <= 1e-6, "{backend:?}: {a} {b}");
                    }
                }
            }
        }
    }
}

/// A digest that every machine with fused multiply-add must reproduce (FNV-1a over the bits).
#[test]
fn one_digest_everywhere() {
    if !Backend::detect().is_fused() {
        return;
    }
    let mut digest = 0xCBF2_9CE4_8422_2325_u64;
    for quality in QUALITIES {
        for (from, to) in GATED {
            for bits in bits(&run(&mut sinc(from, to, 1, quality), 1, &noise(1000, 3))) {
                for byte in bits.to_le_bytes() {
                    digest = (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
                }
            }
        }
    }
    assert_eq!(format!("{digest:016x}"), "d355f55798edb1c4");
}

#[test]
fn channels_and_planes_are_the_mono_answer() {
    // The last are trimmed, first on a ramp and then steadily.
    for (from, to, trim) in [
        (24_000, 48_000, None),
        (48_000, 24_000, None),
        (44_100, 48_000, None),
        (48_000, 44_100, None),
        (47_999, 48_000, None),
        (48_000, 44_101, None),
        (44_100, 48_000, Some(0.02)),
        (48_000, 48_000, Some(-0.001)),
        (48_000, 16_000, Some(0.001)),
    ] {
        let table = match trim {
            None => SincTable::new(from, to, Quality::Balanced),
            Some(_) => SincTable::adjustable(from, to, Quality::Balanced),
        };
        let table = Arc::new(table.unwrap());
        let resampler = |channels| {
            let mut resampler = Sinc::with_table(table.clone(), channels).unwrap();
            if let Some(trim) = trim {
                resampler.set_trim(trim, 150).unwrap();
            }
            resampler
        };
        for channels in [2_usize, 3, 6, 64] {
            let planes: Vec<Vec<f32>> = (0..channels).map(|c| noise(700, c as u64 + 9)).collect();
            let want: Vec<Vec<f32>> = planes
                .iter()
                .map(|x| run(&mut resampler(1), 1, x))
                .collect();
            let mut wide = resampler(channels);
            let x: Vec<f32> = (0..700)
                .flat_map(|i| planes.iter().map(move |p| p[i]))
                .collect();
            // Pieces that begin and end on frames and between them.
            let y = run_cut(&mut wide, channels, &x, &[33, 256], &[100, 37, 1]);
            assert_eq!(y.len(), channels * want[0].len());
            for (i, frame) in y.chunks(channels).enumerate() {
                for (c, v) in frame.iter().enumerate() {
                    assert_eq!(v.to_bits(), want[c][i].to_bits());
                }
            }
            let input: Vec<&[f32]> = planes.iter().map(|p| &p[..]).collect();
            // What was flushed has its trim, but no ramp of it.
            let mut wide = resampler(channels);
            let mut out = vec![vec![0.0; want[0].len() + 5]; channels];
            let mut planar: Vec<&mut [f32]> = out.iter_mut().map(|p| &mut p[..]).collect();
            let n = wide.process_planar(&input, &mut planar).frames_written;
            let mut rest: Vec<&mut [f32]> = out.iter_mut().map(|p| &mut p[n..]).collect();
            let n = n + wide.flush_planar(&mut rest).frames_written;
            for (got, want) in out.iter().zip(&want) {
                assert!(bits(&got[..n]) == bits(want));
            }
        }
    }
}

#[test]
fn planar_takes_the_shortest_and_refuses_too_few() {
    let mut r = sinc(24_000, 48_000, 2, Quality::Balanced);
    let (x, mut a, mut b) = ([0.5; 100], [0.0; 90], [0.0; 64]);
    assert_eq!(
        r.process_planar(&[&x], &mut [&mut a, &mut b]),
        Default::default()
    );
    assert_eq!(
        r.process_planar(&[&x, &x], &mut [&mut a]),
        Default::default()
    );
    let p = r.process_planar(&[&x, &x[..50]], &mut [&mut a, &mut b]);
    assert_eq!((p.frames_read, p.frames_written), (50, 28));
    r.reset();
    let p = r.process_planar(&[&x, &x[..80]], &mut [&mut a, &mut b]);
    assert_eq!((p.frames_read, p.frames_written), (68, 64));
}

/// Tracktion/tracktion_engine#424, baijum/ukulele-companion#239: history that outlives a reset.
#[test]
fn reset_and_a_finished_flush_forget_everything() {
    for (from, to) in GATED {
        let x = noise(900, 4);
        let fresh = run(&mut sinc(from, to, 1, Quality::High), 1, &x);
        let mut r = sinc(from, to, 1, Quality::High);
        r.process(&noise(777, 5), &mut [0.0; 300]);
        r.reset();
        assert!(bits(&run(&mut r, 1, &x)) == bits(&fresh));
        // `run` ended with a flush; and one that is broken off ends at the next call too.
        r.process(&noise(777, 5), &mut [0.0; 5000]);
        r.flush(&mut [0.0; 3]);
        assert!(bits(&run(&mut r, 1, &x)) == bits(&fresh));
        assert_eq!(r.flush(&mut [0.0; 100]).frames_written, 0);
    }
}

#[test]
fn caller_storage_gives_the_same_bits_and_says_what_it_needs() {
    for (from, to) in GATED.into_iter().chain(MORE.into_iter().take(3)) {
        let x: Vec<f32> = noise(1200, 6);
        let len = Sinc::storage_len(from, to, 2, Quality::High).unwrap();
        // Whatever the memory held, and wherever it lies.
        let mut memory = vec![f32::NAN; len + 3];
        let mut r = Sinc::new(from, to, 2, Quality::High, &mut memory[3..]).unwrap();
        let want = run(&mut sinc(from, to, 2, Quality::High), 2, &x);
        assert!(bits(&run(&mut r, 2, &x)) == bits(&want));
        let given = len - 1;
        let error = Sinc::new(from, to, 2, Quality::High, &mut memory[..given]).err();
        assert_eq!(
            error,
            Some(RateError::StorageTooSmall { needed: len, given })
        );
    }
    let len = Sinc::adjustable_storage_len(48_000, 48_000, 1, Quality::Balanced).unwrap();
    let mut memory = vec![0.0; len];
    let mut r = Sinc::adjustable(48_000, 48_000, 1, Quality::Balanced, &mut memory).unwrap();
    r.set_trim(0.01, 10).unwrap();
    assert_eq!(
        Sinc::storage_len(0, 1, 1, Quality::High).err(),
        Some(RateError::RateOutOfRange { hz: 0 })
    );
    assert_eq!(
        Sinc::new(1, 1, 65, Quality::High, &mut []).err(),
        Some(RateError::ChannelsOutOfRange { channels: 65 })
    );
    for error in [
        RateError::StorageTooSmall {
            needed: 7,
            given: 1,
        },
        RateError::TrimOutOfRange,
        RateError::NotAdjustable,
    ] {
        assert!(error.to_string().len() > 20);
    }
}

/// LMMS/lmms#1048, hkrn/nanoem#16: NaN or infinity that reaches the speakers, or stays.
#[test]
fn what_is_not_finite_never_sticks() {
    for (from, to) in GATED {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut x = noise(3000, 7);
            let mut healed = x.clone();
            for i in [500, 501, 700] {
                x[i] = bad;
                healed[i] = 0.0;
            }
            let mut r = sinc(from, to, 1, Quality::High);
            let (y, want) = (run(&mut r, 1, &x), run(&mut r, 1, &healed));
            assert!(bits(&y) == bits(&want));
            // Overflow inside the filter: gone after its length.
            x = noise(3000, 7);
            x[500..600].fill(f32::MAX);
            x[510] = f32::MIN;
            let y = run(&mut r, 1, &x);
            let end = 600 + 2 * r.latency_frames() as u64 + 2;
            let after = (end * u64::from(to) / u64::from(from)) as usize;
            assert!(y[after..].iter().all(|v| v.is_finite()));
            assert!(bits(&y[after..]) == bits(&run(&mut r, 1, &noise(3000, 7))[after..]));
        }
    }
}

#[test]
fn trim_is_refused_where_it_cannot_be() {
    assert_eq!(
        sinc(1, 2, 1, Quality::High).set_trim(0.0, 0),
        Err(RateError::NotAdjustable)
    );
    let mut r = adjustable(48_000, 48_000, 1, Quality::High);
    for trim in [0.020_1, -0.020_1, f64::NAN, f64::INFINITY] {
        assert_eq!(r.set_trim(trim, 0), Err(RateError::TrimOutOfRange));
    }
    assert_eq!(r.trim(), 0.0);
    for trim in [0.02, -0.02] {
        r.set_trim(trim, 0).unwrap();
        assert!((r.trim() - trim).abs() < 1e-9);
    }
}

/// RustAudio/cpal#787: two clocks drift until the ring runs dry. The trim that cures it must not be heard.
#[test]
fn a_ramped_trim_moves_without_a_click_and_counts_exactly() {
    let x: Vec<f32> = common::tone(60_000, 1000.0, 48_000.0);
    let mut r = adjustable(48_000, 48_000, 1, Quality::High);
    let mut y = vec![0.0; 50_000];
    let first = r.process(&x, &mut y[..10_000]);
    r.set_trim(0.02, 4800).unwrap();
    let need = r.input_frames_for(20_000);
    let second = r.process(&x[first.frames_read..], &mut y[10_000..30_000]);
    assert_eq!((second.frames_read, second.frames_written), (need, 20_000));
    // 20,000 outputs, of which 4,800 on the way from 0 to 2 %.
    assert!(
        (need as f64 - (20_000.0 * 1.02 - 4800.0 * 0.01)).abs() < 2.0,
        "{need}"
    );
    // Removing the tone by its own recurrence leaves what is not smooth; a click would stand out a hundredfold.
    let w = std::f64::consts::TAU * 1000.0 / 48_000.0;
    let rough = |from: usize, to: usize| {
        (from..to).fold(0f64, |m, i| {
            let (a, b, c) = (f64::from(y[i - 1]), f64::from(y[i]), f64::from(y[i + 1]));
            m.max((a + c - 2.0 * w.cos() * b).abs())
        })
    };
    // At 2 % the recurrence itself is off by 2 w sin(w) * 0.02 * amplitude; the ramp must not exceed that.
    let steady = rough(20_000, 29_000);
    assert!(
        rough(9_900, 15_000) <= steady * 1.01,
        "{} {steady}",
        rough(9_900, 15_000)
    );
    // And the same bits when cut.
    let cut = |pieces: &[usize]| {
        let mut r = adjustable(48_000, 48_000, 1, Quality::High);
        let (mut at, mut done, mut turn) = (0, 0, 0);
        let mut out = vec![0.0; 30_000];
        while done < 30_000 {
            let to = (done + pieces[turn % pieces.len()]).min(if done < 10_000 {
                10_000
            } else {
                30_000
            });
            if done == 10_000 {
                r.set_trim(0.02, 4800).unwrap();
            }
            let p = r.process(&x[at..], &mut out[done..to]);
            at += p.frames_read;
            done += p.frames_written;
            turn += 1;
        }
        out
    };
    for pieces in [&[64][..], &[1, 333], &[4096]] {
        assert!(bits(&cut(pieces)) == bits(&y[..30_000]));
    }
}

#[test]
fn a_ramp_arrives_with_the_frame_that_was_asked_for() {
    for (trim, ramp_frames) in [
        (1e-6, 4_000),
        (-1e-6, 4_000),
        (1e-6, 4_295),
        (0.02, 999),
        (-0.013, 1),
    ] {
        for piece in [1, 37] {
            let mut r = adjustable(48_000, 48_000, 1, Quality::Balanced);
            r.set_trim(trim, 0).unwrap();
            let there = r.trim();
            r.set_trim(0.0, 0).unwrap();
            r.set_trim(trim, ramp_frames).unwrap();
            let (x, mut y, mut written) = ([0.0; 100], [0.0; 37], 0);
            while written < ramp_frames {
                let even = there * f64::from(written) / f64::from(ramp_frames);
                // The unit of a trim is 2^-32.
                assert!((r.trim() - even).abs() < 2.4e-10 && r.trim() != there);
                let count = piece.min(ramp_frames - written) as usize;
                let needed = r.input_frames_for(count);
                let progress = r.process(&x[..needed], &mut y[..count]);
                assert_eq!(progress.frames_written, count);
                written += count as u32;
            }
            assert_eq!(r.trim(), there, "{trim} within {ramp_frames}");
        }
    }
}

/// It may be asked in a callback.
#[test]
fn what_a_ramp_needs_is_known_without_going_through_it() {
    let mut r = adjustable(48_000, 48_000, 1, Quality::Balanced);
    r.set_trim(-0.02, 0).unwrap();
    r.set_trim(0.02, u32::MAX).unwrap();
    let start = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(r.input_frames_for(usize::MAX), usize::MAX);
    }
    // It took 70 s when the ramp was gone through.
    assert!(start.elapsed().as_secs() < 5);
    // All of a ramp is as long as without a trim, since it is as far below it as above.
    r.set_trim(-0.02, 0).unwrap();
    r.set_trim(0.02, 1 << 30).unwrap();
    let all = (1 << 30) + 1 + r.latency_frames();
    assert!(r.input_frames_for((1 << 30) + 1).abs_diff(all) <= 1);
}

/// A pitch that is off by 0.09 %, depending on how much is put at once: measured in SDL2's audio stream. Positions are
/// integers here.
#[test]
fn days_of_frames_leave_no_drift() {
    for (from, to) in [(44_100, 48_000), (48_000, 44_100), (47_999, 48_000)] {
        let r = sinc(from, to, 1, Quality::Balanced);
        // A month, or what a `usize` counts: a day where it has 32 bits.
        let most = (usize::MAX as u64 - 1000) / u64::from(from.max(to));
        let seconds = most.min(30 * 24 * 3600);
        let frames = |rate: u32| usize::try_from(seconds * u64::from(rate)).unwrap();
        let more = r.input_frames_for(frames(to) + 1) - r.input_frames_for(1);
        assert_eq!(more, frames(from));
        let linear = Linear::new(from, to, 1).unwrap();
        assert_eq!(linear.input_frames_for(frames(to) + 1), frames(from) + 1);
        let mut r = adjustable(from, to, 1, Quality::Balanced);
        r.set_trim(0.0, 0).unwrap();
        let more = r.input_frames_for(frames(to) + 1) - r.input_frames_for(1);
        assert_eq!(more, frames(from));
    }
}

#[test]
fn what_is_needed_is_exact_up_to_the_largest_count_and_stays_there() {
    let same = sinc(48_000, 48_000, 1, Quality::High);
    for n in [usize::MAX, usize::MAX - 1, usize::MAX - 1000] {
        assert_eq!(same.input_frames_for(n), n);
    }
    for (from, to) in [(48_000, 44_100), (48_000, 8_000), (768_000, 3_000)] {
        let exact = sinc(from, to, 1, Quality::High);
        assert_eq!(exact.input_frames_for(usize::MAX), usize::MAX);
        let trimmed = adjustable(from, to, 1, Quality::High);
        assert_eq!(trimmed.input_frames_for(usize::MAX), usize::MAX);
        let linear = Linear::new(from, to, 1).unwrap();
        assert_eq!(linear.input_frames_for(usize::MAX), usize::MAX);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_rates_any_cut(
        from in 1_000u32..=200_000, to in 1_000u32..=200_000, round: bool, high: bool, frames in 0usize..600,
        reads in proptest::collection::vec(1usize..300, 1..6), writes in proptest::collection::vec(1usize..300, 1..6),
    ) {
        let (from, to) = if round { (from / 4000 * 4000 + 4000, to / 4000 * 4000 + 4000) } else { (from, to) };
        let quality = if high { Quality::High } else { Quality::Balanced };
        let mut r = sinc(from, to, 1, quality);
        let x = noise(frames, 8);
        let due = (frames as u64 * u64::from(to)).div_ceil(from.into()) as usize;
        let whole = run_cut(&mut r, 1, &x, &[frames.max(1)], &[due + 1]);
        prop_assert_eq!(whole.len(), due);
        prop_assert!(whole.iter().all(|v| v.is_finite()));
        let cut = run_cut(&mut r, 1, &x, &reads, &writes);
        prop_assert!(bits(&cut) == bits(&whole));
    }

    #[test]
    fn input_frames_for_is_exact(from in 1u32..300, to in 1u32..300, warm in 0usize..900, n in 1usize..900) {
        let Ok(table) = SincTable::new(from, to, Quality::Balanced) else { return Ok(()) };
        let table = Arc::new(table);
        let x = vec![0.5; 2_000_000];
        let warmed = || {
            let mut r = Sinc::with_table(table.clone(), 1).unwrap();
            assert_eq!(r.process(&x, &mut vec![0.0; warm]).frames_written, warm);
            r
        };
        let mut r = warmed();
        let need = r.input_frames_for(n);
        let mut out = vec![0.0; n];
        let p = r.process(&x[..need + 9], &mut out);
        prop_assert_eq!((p.frames_read, p.frames_written), (need, n));
        if need > 0 {
            prop_assert!(warmed().process(&x[..need - 1], &mut out).frames_written < n);
        }
    }
}

/// Not every processor is slow with denormals, so time alone does not show that none get in.
#[test]
fn what_would_become_denormal_counts_as_nothing() {
    for (from, to) in GATED.into_iter().chain([(48_000, 24_000)]) {
        for (level, silent) in [(1e-25, true), (1e-40, true), (1e-23, false)] {
            let y = run(&mut sinc(from, to, 1, Quality::High), 1, &[level; 2000]);
            assert_eq!(
                y.iter().all(|v| *v == 0.0),
                silent,
                "{from} -> {to}: {level}"
            );
        }
    }
}
