//! [`Rounding::HalfAwayFromZero`]: every tie of 16 and 24 bits, and its neighbours, against integers and `f64::round`.
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::panic)]

mod common;

use common::{backends, f32_to_int, f64_to_int, nasty_f32};
use pcm_convert::{Dither, I24, Quantizer, Rounding, Sample, SampleFormat, bytes};

const AWAY: Rounding = Rounding::HalfAwayFromZero;

/// `x`, quantized by each backend, from the first place of a vector on and from the second.
fn each_backend<S: Sample + PartialEq + core::fmt::Debug>(x: &[f32], want: &[S]) {
    for backend in backends() {
        for from in [0, 1] {
            let (x, want) = (&x[from..], &want[from..]);
            let mut out = vec![S::EQUILIBRIUM; x.len()];
            let quantizer = Quantizer::new(1, AWAY, Dither::None, 0).with_backend(backend);
            let done = quantizer.unwrap().quantize(x, &mut out);
            assert_eq!(done.samples, x.len());
            if let Some(i) = (0..x.len()).find(|i| out[*i] != want[*i]) {
                panic!("{backend}: {:e} gave {:?}, not {:?}", x[i], out[i], want[i]);
            }
        }
    }
}

#[test]
fn every_tie_of_16_bits() {
    // k + 1/2 is 2k + 1 halves: away from zero it is the integer after it, or before it.
    let (mut x, mut want) = (Vec::new(), Vec::new());
    for k in -32_768i32..=32_767 {
        let tie = (2 * k + 1) as f32 / 65_536.0;
        let away = if k >= 0 { (k + 1).min(32_767) } else { k };
        let inward = if k >= 0 { k } else { k + 1 };
        let outside = if tie > 0.0 {
            tie.next_up()
        } else {
            tie.next_down()
        };
        let inside = if tie > 0.0 {
            tie.next_down()
        } else {
            tie.next_up()
        };
        x.extend([tie, inside, outside, k as f32 / 32_768.0]);
        want.extend([away, inward, away, k].map(|v| v as i16));
    }
    each_backend(&x, &want);
    // C's and Rust's own; the product is exact.
    for (x, want) in x.iter().zip(&want) {
        let rounded = (f64::from(*x) * 32_768.0)
            .round()
            .clamp(-32_768.0, 32_767.0);
        assert_eq!(f64::from(*want), rounded, "{x:e}");
    }
}

#[test]
fn every_tie_of_24_bits() {
    // From 2^22 on the half is the last bit that a float has, and no float lies between it and an integer.
    let block = 1 << 16;
    for start in (-8_388_608i32..8_388_608).step_by(block) {
        let (mut x, mut want) = (Vec::new(), Vec::new());
        for k in start..start + block as i32 {
            let tie = (f64::from(2 * k + 1) / 16_777_216.0) as f32;
            let away = if k >= 0 { (k + 1).min(8_388_607) } else { k };
            x.extend([tie, k as f32 / 8_388_608.0]);
            want.extend([I24::from_int(away), I24::from_int(k)]);
            assert_eq!(f64::from(tie) * 16_777_216.0, f64::from(2 * k + 1));
        }
        each_backend(&x, &want);
    }
}

#[test]
fn floats_beside_a_half_and_beyond_the_range() {
    let below = 0.5f32.next_down();
    let lsb = [128.0f32, 32_768.0, 8_388_608.0];
    let mut x = nasty_f32();
    x.extend([
        f32::NAN,
        -f32::NAN,
        f32::INFINITY,
        -f32::INFINITY,
        0.0,
        -0.0,
    ]);
    for scale in lsb {
        x.extend([below / scale, -below / scale, 0.5 / scale, -0.5 / scale]);
        x.extend([1.5 / scale, -1.5 / scale, 2.5 / scale, -2.5 / scale]);
        x.extend([1.0 - 0.5 / scale, -1.0 - 0.5 / scale, -1.0 - 1.0 / scale]);
    }
    let wide: Vec<f64> = x
        .iter()
        .map(|x| f64::from(*x))
        .chain([0.5f64.next_down(), 0.5, 1.5].into_iter().flat_map(|x| {
            [32_768.0, 2_147_483_648.0, 9_223_372_036_854_775_808.0].map(|scale| x / scale)
        }))
        .flat_map(|x| [x, -x])
        .collect();
    for (format, bits) in [
        (SampleFormat::S8, 8),
        (SampleFormat::S16Le, 16),
        (SampleFormat::S24Le, 24),
        (SampleFormat::S24In32Le, 24),
        (SampleFormat::S32Le, 32),
        (SampleFormat::S64Le, 64),
    ] {
        let size = format.bytes_per_sample();
        let value = |raw: &[u8]| {
            let mut all = [0; 8];
            all[..size].copy_from_slice(raw);
            let unused = 64 - 8 * size as u32;
            i128::from(i64::from_le_bytes(all) << unused >> unused)
        };
        // Enough of them for whole vectors.
        for place in 0..16 {
            let mut padded = vec![0.0; place];
            padded.extend(&x);
            let mut raw = vec![0; size * padded.len()];
            bytes::encode(format, AWAY, &padded, &mut raw);
            for (x, raw) in padded.iter().zip(raw.chunks(size)) {
                let want = f32_to_int(x.to_bits(), bits, AWAY);
                assert_eq!(value(raw), want, "{format} {x:e}");
            }
        }
        let mut raw = vec![0; size * wide.len()];
        bytes::encode_f64(format, AWAY, &wide, &mut raw);
        for (x, raw) in wide.iter().zip(raw.chunks(size)) {
            let want = f64_to_int(x.to_bits(), bits, AWAY);
            assert_eq!(value(raw), want, "{format} {x:e}");
        }
    }
}

/// With noise the sum is what is rounded, and at 24 bits no fraction of it is lost.
#[test]
fn dither_at_24_bits_differs_from_nearest_even_in_ties_alone() {
    let x: Vec<f32> = (0..200_000)
        .map(|i| (i - 100_000) as f32 / 131_072.0)
        .collect();
    for dither in [
        Dither::Rectangular,
        Dither::Triangular,
        Dither::TriangularHighPass,
    ] {
        let run = |rounding| {
            let mut out = vec![I24::EQUILIBRIUM; x.len()];
            Quantizer::new(1, rounding, dither, 3).quantize(&x, &mut out);
            out
        };
        let (even, away) = (run(Rounding::NearestEven), run(AWAY));
        let mut ties = 0;
        for ((x, even), away) in x.iter().zip(&even).zip(&away) {
            // The samples are whole LSB, so that each is rounded with noise alone.
            let whole = (f64::from(*x) * 8_388_608.0) as i32;
            let (even, away) = (even.to_int(), away.to_int());
            assert!((away - whole).abs() <= 1, "{dither} {x:e}");
            if even != away {
                ties += 1;
                assert_eq!(even % 2, 0, "{dither} {x:e}");
                assert_eq!((away - even).abs(), 1, "{dither} {x:e}");
                assert!(away.abs() > even.abs(), "{dither} {x:e}");
            }
        }
        // Of triangular noise one value in 65536 is a half, and as many its negative; every second of these is even.
        let expected = if dither == Dither::Triangular {
            1..=30
        } else {
            0..=30
        };
        assert!(expected.contains(&ties), "{dither}: {ties}");
    }
}
