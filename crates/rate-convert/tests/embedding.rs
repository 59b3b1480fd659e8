//! What those need who keep a resampler in a struct or a static: sizes in constants, owned memory, either kind, clones.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use rate_convert::{Linear, Quality, RateError, Resampler, Sinc, SincTable};

/// The rates of the README's table.
const RATES: [u32; 9] = [
    8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];

const fn len(from: u32, to: u32, channels: usize, quality: Quality) -> usize {
    match Sinc::storage_len(from, to, channels, quality) {
        Ok(len) => len,
        Err(_) => panic!("no such conversion"),
    }
}

/// A sum over all pairs, computed by the compiler.
const fn all_pairs(quality: Quality) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < RATES.len() * RATES.len() {
        let (from, to) = (RATES[i / RATES.len()], RATES[i % RATES.len()]);
        let adjustable = match Sinc::adjustable_storage_len(from, to, 2, quality) {
            Ok(len) => len,
            Err(_) => panic!("no such conversion"),
        };
        sum += len(from, to, 1, quality) + adjustable;
        i += 1;
    }
    sum
}

const BALANCED: usize = all_pairs(Quality::Balanced);
const HIGH: usize = all_pairs(Quality::High);
/// Among the longest cycles that are not interpolated: the most that the compiler has to compute.
const LONG: usize = len(1_361, 1_362, 1, Quality::Balanced);

#[test]
fn sizes_are_the_same_in_constants_and_at_run_time() {
    for (quality, constant) in [(Quality::Balanced, BALANCED), (Quality::High, HIGH)] {
        let mut sum = 0;
        for from in RATES {
            for to in RATES {
                sum += Sinc::storage_len(from, to, 1, quality).unwrap();
                sum += Sinc::adjustable_storage_len(from, to, 2, quality).unwrap();
            }
        }
        assert_eq!(sum, constant);
    }
    assert_eq!(
        Sinc::storage_len(1_361, 1_362, 1, Quality::Balanced),
        Ok(LONG)
    );
}

/// 64 groups of 96 rows of 16. One coefficient more, and rows would be interpolated.
#[test]
fn the_largest_table_is_exact() {
    let table = SincTable::new(2_050, 10_240, Quality::Balanced).unwrap();
    assert_eq!(table.size_bytes(), 384 * 1024);
}

/// So many are enough, and one less is not, whatever the rates.
#[test]
fn constructors_take_what_the_sizes_say_and_no_less() {
    let mut state = 1_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    for _ in 0..60 {
        let (from, channels) = (1 + next(96_000), 1 + next(3) as usize);
        let to = (from / (1 + next(5))).max(1) * (1 + next(5));
        let quality = [Quality::Balanced, Quality::High][next(2) as usize];
        let needed = Sinc::storage_len(from, to, channels, quality).unwrap();
        let mut storage = vec![0.0; needed];
        assert!(Sinc::new(from, to, channels, quality, &mut storage).is_ok());
        let given = needed - 1;
        assert_eq!(
            Sinc::new(from, to, channels, quality, &mut storage[1..]).err(),
            Some(RateError::StorageTooSmall { needed, given }),
            "{from} -> {to}"
        );
    }
    let refused = Sinc::storage_len(0, 48_000, 1, Quality::High);
    assert_eq!(refused, Err(RateError::RateOutOfRange { hz: 0 }));
    let refused = Sinc::storage_len(8_000, 48_000, 65, Quality::High);
    assert_eq!(refused, Err(RateError::ChannelsOutOfRange { channels: 65 }));
}

#[test]
fn the_readme_has_the_sizes() {
    let readme = include_str!("../README.md");
    for quality in [Quality::Balanced, Quality::High] {
        let mut table = format!("| `{quality:?}` |");
        for to in RATES {
            table += &format!(" {to} |");
        }
        table += &format!("\n|{}", "---|".repeat(RATES.len() + 1));
        for from in RATES {
            table += &format!("\n| {from} |");
            for to in RATES {
                table += &format!(" {} |", len(from, to, 1, quality));
            }
        }
        assert!(readme.contains(&table), "the README lacks:\n{table}");
    }
}

fn noise(count: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * 7_919 + 13) % 4_001) as f32 / 2_000.5 - 1.0)
        .collect()
}

/// The rest of a stream, with its tail.
fn rest(resampler: &mut Resampler<'_>, x: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; 4 * x.len() + 4_000];
    let written = resampler.process(x, &mut out).frames_written;
    let tail = resampler.flush(&mut out[2 * written..]).frames_written;
    out.truncate(2 * (written + tail));
    out
}

#[test]
fn a_clone_and_an_owned_one_go_on_where_the_first_stood() {
    let (head, tail) = (noise(1_800), noise(2_468));
    for (from, to) in [
        (24_000, 48_000),
        (48_000, 24_000),
        (44_100, 48_000),
        (47_999, 48_000),
    ] {
        let mut storage = vec![0.0; len(from, to, 2, Quality::High)];
        let table = Arc::new(SincTable::clone(
            &SincTable::new(from, to, Quality::High).unwrap(),
        ));
        let borrowing = Sinc::new(from, to, 2, Quality::High, &mut storage).unwrap();
        let owning = Sinc::with_table(table, 2).unwrap();
        let mut all: [Resampler<'_>; 3] = [
            borrowing.into(),
            owning.into(),
            Linear::new(from, to, 2).unwrap().into(),
        ];
        let mut before = vec![0.0; 600];
        for resampler in &mut all {
            let done = resampler.process(&head, &mut before);
            assert_eq!(done.frames_written, 300);
        }
        let [borrowing, owning, linear] = all;
        let mut results = Vec::new();
        for resampler in [
            borrowing.into_owned(),
            owning.into_owned(),
            linear.into_owned(),
        ] {
            let (mut first, mut second) = (resampler.clone(), resampler);
            assert_eq!(first.position(), second.position());
            assert_eq!(first.input_frames_for(77), second.input_frames_for(77));
            let want = rest(&mut first, &tail);
            // What one did has not touched the other.
            let got = rest(&mut second, &tail);
            assert!(want == got && !want.is_empty(), "{from} -> {to}");
            results.push(want);
        }
        // The owned one gives the bits of the one that borrowed, and neither those of another filter.
        assert!(results[0] == results[1] && results[0] != results[2]);
    }
}

#[test]
fn either_kind_does_what_it_does_alone() {
    let x = noise(2_000);
    let mut alone = Linear::new(44_100, 48_000, 2).unwrap();
    let mut either = Resampler::from(alone.clone());
    assert_eq!(either.latency_frames(), 1);
    let (mut a, mut b) = (vec![0.0; 500], vec![0.0; 500]);
    assert_eq!(alone.process(&x, &mut a), either.process(&x, &mut b));
    assert_eq!(a, b);
    assert_eq!(alone.position(), either.position());
    alone.reset();
    either.reset();
    assert_eq!(alone.position(), either.position());
    let (left, right) = x.split_at(1_000);
    let (c, d) = a.split_at_mut(250);
    let (e, f) = b.split_at_mut(250);
    assert_eq!(
        alone.process_planar(&[left, right], &mut [&mut *c, &mut *d]),
        either.process_planar(&[left, right], &mut [&mut *e, &mut *f])
    );
    assert_eq!((&*c, &*d), (&*e, &*f));
    assert_eq!(
        alone.flush_planar(&mut [&mut *c, &mut *d]),
        either.flush_planar(&mut [&mut *e, &mut *f])
    );
    assert_eq!(a, b);
}
