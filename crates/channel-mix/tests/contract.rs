//! What callers rely on, whatever they pass.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use channel_mix::{
    ChannelLayout, GainRamp, LargeMixer, MAX_GAIN, MixError, MixMatrix, MixRules, Mixer,
};
use common::{backends, bits, noise, views, views_mut};
use proptest::prelude::*;

/// Counts what this thread asks the heap for.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

#[allow(unsafe_code)]
// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static HEAP: Counting = Counting;

#[test]
fn nothing_allocates() {
    let input = noise(64 * 100, 1);
    let mut output = vec![0.0; 64 * 100];
    let (left, mut right) = (noise(100, 2), vec![0.0; 100]);
    let before = CALLS.with(Cell::get);
    let layouts = ["5.1", "stereo", "64", "mono"].map(|name| name.parse::<ChannelLayout>());
    for from in layouts.into_iter().flatten() {
        for to in layouts.into_iter().flatten() {
            let matrix = MixMatrix::new(&from, &to, MixRules::Speakers);
            let Ok(mut mixer) = Mixer::new(&matrix) else {
                continue;
            };
            let _ = mixer.set_matrix(&matrix, 50);
            mixer.mix_interleaved(&input, &mut output);
            let _ = mixer.mix_in_place(&mut output);
            mixer.mix_planar(&[&left], &mut [&mut right]);
        }
    }
    let mut gain = GainRamp::new(0.5);
    gain.set(1.0, 10);
    gain.apply_interleaved(&mut output, 2);
    assert_eq!(CALLS.with(Cell::get), before);
    drop(Box::new(1));
    assert_ne!(CALLS.with(Cell::get), before, "the counter counts");
}

#[test]
fn the_ordinary_mixer_is_small() {
    assert!(size_of::<Mixer>() <= 2304, "{}", size_of::<Mixer>());
    assert!(
        size_of::<LargeMixer>() <= 43 * 1024,
        "{}",
        size_of::<LargeMixer>()
    );
}

#[test]
fn bad_matrices_are_refused() {
    for (inputs, outputs) in [(0, 1), (1, 0), (65, 1), (1, 65), (usize::MAX, usize::MAX)] {
        let bad = [inputs, outputs]
            .into_iter()
            .find(|n| *n == 0 || *n > 64)
            .unwrap();
        assert_eq!(
            MixMatrix::custom(inputs, outputs, &[]),
            Err(MixError::Channels(bad))
        );
    }
    let expected = MixError::CoefficientCount {
        expected: 6,
        found: 5,
    };
    assert_eq!(MixMatrix::custom(2, 3, &[0.0; 5]), Err(expected));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.1 * MAX_GAIN] {
        let found = MixMatrix::custom(2, 2, &[0.0, 1.0, bad, 0.0]);
        assert_eq!(
            found,
            Err(MixError::Coefficient {
                output: 1,
                input: 0
            })
        );
        assert!(
            found
                .unwrap_err()
                .to_string()
                .contains("input 0 to output 1")
        );
    }
    let dense = MixMatrix::custom(64, 64, &[0.5; 4096]).unwrap();
    assert_eq!(
        Mixer::new(&dense).err(),
        Some(MixError::TooManyTerms {
            needed: 4096,
            capacity: 128
        })
    );
    assert!(LargeMixer::with_terms(&dense).is_ok());
    assert_eq!(
        (dense.coefficient(64, 0), dense.coefficient(0, 64)),
        (0.0, 0.0)
    );
    assert!(dense.row(64).is_empty());
}

/// A panic on a 1-channel device (jpochyla/psst#280); an 8-channel device distorts (glicol/glicol-cli#35);
/// an assert above 32 channels (orottier/web-audio-api-rs#328); a 4-channel interface is unusable
/// (sallliisa/Airwave#9).
#[test]
fn every_channel_count_plays() {
    let layouts = || (1..=64).map(|n| ChannelLayout::from_count(n).unwrap());
    for from in layouts() {
        for to in layouts() {
            for rules in MixRules::ALL {
                let mut mixer = Mixer::new(&MixMatrix::new(&from, &to, rules)).unwrap();
                let mut out = vec![f32::NAN; to.channels() * 2];
                assert_eq!(
                    mixer.mix_interleaved(&vec![0.5; from.channels() * 2], &mut out),
                    2
                );
                assert!(
                    out.iter().all(|y| y.is_finite()) && out[0] >= 0.25,
                    "{from} to {to}, {rules}: {out:?}"
                );
            }
        }
    }
}

/// `is_identity` promises that the output is the input.
#[test]
fn identity_is_a_copy() {
    for channels in [1, 2, 6, 64] {
        let layout = ChannelLayout::from_count(channels).unwrap();
        let matrix = MixMatrix::new(&layout, &layout, MixRules::Speakers);
        let mut mixer = Mixer::new(&matrix).unwrap();
        assert!(mixer.is_identity());
        let odd: Vec<f32> = (0..channels * 3)
            .map(|n| f32::from_bits(0x7FA0_0001 + n as u32))
            .collect();
        let mut out = vec![0.0; odd.len()];
        mixer.mix_interleaved(&odd, &mut out);
        assert_eq!(bits(&out), bits(&odd), "signalling NaNs as well");
        mixer.set_matrix(&matrix, 2).unwrap();
        assert!(!mixer.is_identity());
        mixer.skip(2);
        assert!(mixer.is_identity());
    }
}

fn any_matrix() -> impl Strategy<Value = MixMatrix> {
    (1..=64_usize, 1..=64_usize, 0.02..1.0_f32, any::<u64>()).prop_map(
        |(inputs, outputs, fill, seed)| {
            let coefficients: Vec<f32> = noise(inputs * outputs * 2, seed)
                .chunks_exact(2)
                .map(|v| if v[0].abs() > fill { 0.0 } else { v[1] })
                .collect();
            MixMatrix::custom(inputs, outputs, &coefficients).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whole frames only, all of each, nothing behind them; lengths need not divide.
    #[test]
    fn whole_frames_are_written_and_nothing_else(matrix in any_matrix(), x in 0..1500_usize, y in 0..1500_usize) {
        let (ins, outs) = (matrix.inputs(), matrix.outputs());
        let input = noise(x, 7);
        for backend in backends() {
            let mut mixer = LargeMixer::with_backend(&matrix, backend).unwrap();
            let mut output = vec![f32::NAN; y];
            let frames = mixer.mix_interleaved(&input, &mut output);
            prop_assert_eq!(frames, (x / ins).min(y / outs));
            let (written, rest) = output.split_at(frames * outs);
            prop_assert!(written.iter().all(|y| !y.is_nan()), "poison is left");
            prop_assert!(rest.iter().all(|y| y.is_nan()), "written too far");

            let mut output = vec![f32::NAN; y];
            let planes = common::planes(&input, ins);
            let frames = mixer.mix_to_interleaved(&views(&planes), &mut output);
            prop_assert_eq!(frames, (x / ins).min(y / outs));
            prop_assert!(output[..frames * outs].iter().all(|y| !y.is_nan()));
            prop_assert!(output[frames * outs..].iter().all(|y| y.is_nan()));

            let mut planes = vec![vec![f32::NAN; y / outs]; outs];
            prop_assert_eq!(mixer.mix_to_planar(&input, &mut views_mut(&mut planes)), frames);
            for plane in &planes {
                prop_assert!(plane[..frames].iter().all(|y| !y.is_nan()));
                prop_assert!(plane[frames..].iter().all(|y| y.is_nan()));
            }
            // One plane too few: nothing.
            planes.pop();
            prop_assert_eq!(mixer.mix_to_planar(&input, &mut views_mut(&mut planes)), 0);
            if outs <= ins {
                let mut block = input.clone();
                let frames = mixer.mix_in_place(&mut block).unwrap();
                prop_assert_eq!(frames, x / ins);
                prop_assert_eq!(bits(&block[frames * ins..]), bits(&input[frames * ins..]));
            }
        }
    }

    /// Beside a dense sum in f64: the error of n products and n - 1 additions in f32.
    #[test]
    fn within_rounding_of_a_dense_matrix_in_f64(matrix in any_matrix(), seed in any::<u64>()) {
        let (ins, outs) = (matrix.inputs(), matrix.outputs());
        let input = noise(ins * 40, seed);
        let mut output = vec![f32::NAN; outs * 40];
        LargeMixer::with_terms(&matrix).unwrap().mix_interleaved(&input, &mut output);
        for (n, y) in output.iter().enumerate() {
            let (frame, row) = (n / outs, matrix.row(n % outs));
            let products = row.iter().zip(&input[frame * ins..]).map(|(c, x)| f64::from(*c) * f64::from(*x));
            let (sum, size) = products.fold((0.0, 0.0), |(sum, size), p| (sum + p, size + p.abs()));
            let bound = (ins as f64) * f64::from(f32::EPSILON) / 2.0 * size + f64::from(f32::MIN_POSITIVE);
            prop_assert!((sum - f64::from(*y)).abs() <= bound, "{} is not {}", y, sum);
        }
    }

    /// Twice the input is twice the output, to the bit; and a sum mixes to the sum.
    #[test]
    fn linear_in_its_input(matrix in any_matrix(), seed in any::<u64>()) {
        let (ins, outs) = (matrix.inputs(), matrix.outputs());
        let (a, b) = (noise(ins * 33, seed), noise(ins * 33, !seed));
        let mut mixer = LargeMixer::with_terms(&matrix).unwrap();
        let mut mix = |x: &[f32]| {
            let mut y = vec![f32::NAN; outs * 33];
            mixer.mix_interleaved(x, &mut y);
            y
        };
        let (ya, yb) = (mix(&a), mix(&b));
        let double: Vec<f32> = a.iter().map(|x| 2.0 * x).collect();
        let doubled: Vec<f32> = ya.iter().map(|y| 2.0 * y).collect();
        prop_assert_eq!(bits(&mix(&double)), bits(&doubled));
        let sum: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
        for ((y, a), b) in mix(&sum).iter().zip(&ya).zip(&yb) {
            prop_assert!((y - (a + b)).abs() < 64.0 * 64.0 * f32::EPSILON);
        }
    }
}
