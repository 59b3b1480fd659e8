//! Checks that measure time: `cargo test --release -p rate-convert -- --ignored`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::hint::black_box;
use std::time::Instant;

use common::{QUALITIES, Resampler, adjustable, noise, sinc};
use rate_convert::Linear;

/// The least time of one block, in ns, over many.
fn least(r: &mut impl Resampler, x: &[f32], rounds: usize) -> f64 {
    let mut y = vec![0.0; 480];
    let mut least = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        let mut at = 0;
        while at < x.len() {
            let p = r.process(black_box(&x[at..]), black_box(&mut y));
            at += p.frames_read;
        }
        least = least.min(start.elapsed().as_nanos() as f64);
    }
    least
}

/// A voice that decays into denormals must not cost more than one that speaks.
#[test]
#[ignore = "measures time; on a quiet machine: cargo test --release -p rate-convert -- --ignored"]
fn input_that_decays_into_denormals_costs_no_more() {
    let normal = noise(4800, 1);
    // Every size from 1e-20 down to the smallest there is, and the whole of it below the least normal number.
    let decaying: Vec<f32> = noise(4800, 1)
        .iter()
        .enumerate()
        .map(|(i, v)| v * 10f32.powf(-20.0 - i as f32 / 180.0))
        .collect();
    let denormal: Vec<f32> = noise(4800, 1).iter().map(|v| v * 1e-39).collect();
    let compare = |name: &str, r: &mut dyn FnMut(&[f32]) -> f64| {
        let base = r(&normal);
        for (kind, x) in [("decaying", &decaying), ("denormal", &denormal)] {
            let ratio = r(x) / base;
            println!("{name}: {kind} costs {ratio:.2} times normal input");
            assert!(ratio <= 1.5, "{name}: {kind}");
        }
    };
    for (from, to) in [
        (24_000, 48_000),
        (44_100, 48_000),
        (48_000, 44_100),
        (47_999, 48_000),
    ] {
        let mut linear = Linear::new(from, to, 1).unwrap();
        compare(&format!("Linear {from} -> {to}"), &mut |x| {
            least(&mut linear, x, 300)
        });
        for quality in QUALITIES {
            let mut r = sinc(from, to, 1, quality);
            compare(&format!("{quality:?} {from} -> {to}"), &mut |x| {
                least(&mut r, x, 100)
            });
            let mut r = adjustable(from, to, 1, quality);
            compare(
                &format!("adjustable {quality:?} {from} -> {to}"),
                &mut |x| least(&mut r, x, 30),
            );
        }
    }
}
