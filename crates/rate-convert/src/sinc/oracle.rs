//! The definition of every sum, written as plainly as can be, against the kernels.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

extern crate std;

use alloc::sync::Arc;
use std::vec::Vec;
use std::{print, println, vec};

use super::design::Prototype;
use super::plan::Kind;
use super::*;

/// Front and back accumulators, towards the centre.
fn both_ends(c: &[f32], x: impl Fn(usize) -> f32) -> f32 {
    let (mut front, mut back) = (0.0_f32, 0.0_f32);
    for (k, c) in c.iter().enumerate().take(c.len() / 2) {
        front = c.mul_add(x(k), front);
    }
    for (k, c) in c.iter().enumerate().skip(c.len() / 2).rev() {
        back = c.mul_add(x(k), back);
    }
    front + back
}

/// The same in two times sixteen lanes along the taps.
fn lanes_along(c: &[f32], x: impl Fn(usize) -> f32) -> f32 {
    let vectors = c.len() / 16;
    let mut sums = [[0.0_f32; 16]; 2];
    for v in 0..vectors {
        let (side, v) = if v < vectors / 2 {
            (0, v)
        } else {
            (1, vectors + vectors / 2 - 1 - v)
        };
        for (l, sum) in sums[side].iter_mut().enumerate() {
            *sum = c[v * 16 + l].mul_add(x(v * 16 + l), *sum);
        }
    }
    let mut v: Vec<f32> = (0..16).map(|l| sums[0][l] + sums[1][l]).collect();
    for half in [8, 4, 2, 1] {
        v = (0..half).map(|l| v[l] + v[l + half]).collect();
    }
    v[0]
}

/// Taps at `fraction` of a frame, of which there are `phases` cubics for each of `rate` samples: how many samples the
/// window begins later, and the taps.
fn cubic_taps(prototype: &Prototype, rate: u32, fraction: f64) -> (isize, Vec<f32>) {
    let way = fraction * f64::from(rate * prototype.phases);
    let row = (way - 0.5).round_ties_even();
    let above = (way - row) as f32;
    let (later, phase) = (row as u32 / prototype.phases, row as u32 % prototype.phases);
    let mut taps = vec![0.0; prototype.taps.next_multiple_of(16)];
    prototype.cubics(phase, prototype.phases, |k, [c0, c1, c2, c3]| {
        let (lower, upper) = (c1.mul_add(above, c0), c3.mul_add(above, c2));
        taps[k] = upper.mul_add(above * above, lower);
    });
    (later as isize, taps)
}

/// Where an output stands: behind which input frame, how far, and in how many parts of a frame that is counted.
type Place = (isize, u64, u64);

fn rates(plan: &Plan) -> (u64, u64) {
    (plan.ratio.from.get().into(), plan.ratio.to.get().into())
}

/// The place of each output for `frames` input frames.
fn places(plan: &Plan, frames: usize) -> Vec<Place> {
    let (a, b) = rates(plan);
    let outputs = 0..(frames as u64 * b).div_ceil(a);
    outputs
        .map(|k| ((k * a / b) as isize, k * a % b, b))
        .collect()
}

/// The same while a trim goes from 0 to `target` / 2^32 within `ramp_frames` outputs, and then stays.
fn ramped_places(plan: &Plan, frames: usize, target: i64, ramp_frames: i64) -> Vec<Place> {
    let (a, b) = rates(plan);
    let frame = b << 32;
    let (mut places, mut at) = (Vec::new(), 0_u64);
    while at < frames as u64 * frame {
        places.push(((at / frame) as isize, at % frame, frame));
        let trim = target * (places.len() as i64 - 1).min(ramp_frames) / ramp_frames;
        at += a * ((1 << 32) + trim) as u64;
    }
    places
}

/// All outputs of `x`, one by one.
fn oracle(plan: &Plan, x: &[f32], places: Vec<Place>) -> Vec<f32> {
    let (_, b) = rates(plan);
    let taps = plan.prototype.taps;
    let mut rows: Vec<Vec<f32>> = Vec::new();
    let at = |index: isize| {
        usize::try_from(index)
            .ok()
            .and_then(|i| x.get(i))
            .copied()
            .unwrap_or(0.0)
    };
    let row = |n: f64, d: f64, sum: f64| {
        let mut c = vec![0.0; taps];
        plan.prototype.row(n, d, sum, |k, v| c[k] = v);
        c
    };
    match plan.kind {
        Kind::HalfUp => rows.push(row(1.0, 2.0, 1.0)),
        Kind::HalfDown => rows.push(row(1.0, 2.0, 0.5)),
        Kind::Banded(_) => rows.extend((0..b).map(|r| row(r as f64, b as f64, 1.0))),
        Kind::Interpolated => {}
        Kind::Oversampled(_) => rows.push(row(1.0, 2.0, 1.0)),
    }
    // Between frames `i` and `i + 1`. The second half of the row mirrors the first, to the bit.
    let first = rows.first().map_or(&[][..], |row| &row[..taps / 2]);
    let mirrored: Vec<f32> = first.iter().chain(first.iter().rev()).copied().collect();
    let between = |i: isize| both_ends(&mirrored, |k| at(i - (taps as isize / 2 - 1) + k as isize));
    let reach = taps as isize / 2 - 1;
    places
        .into_iter()
        .map(|(i, r, frame)| {
            let begin = i - reach;
            match plan.kind {
                Kind::HalfUp if r == 0 => at(i),
                Kind::HalfUp => between(i),
                Kind::HalfDown => {
                    let even = |k: usize| at(i - (taps as isize - 1) + 2 * k as isize);
                    both_ends(&mirrored, even) + 0.5 * at(i)
                }
                Kind::Banded(_) => both_ends(&rows[r as usize], |k| at(begin + k as isize)),
                Kind::Interpolated => {
                    let (_, c) = cubic_taps(&plan.prototype, 1, r as f64 / frame as f64);
                    lanes_along(&c, |k| at(begin + k as isize))
                }
                Kind::Oversampled(fine) => {
                    let (later, c) = cubic_taps(&fine, 2, r as f64 / frame as f64);
                    let begin = 2 * i + later - (fine.taps as isize / 2 - 1);
                    lanes_along(&c, |k| match begin + k as isize {
                        j if j.rem_euclid(2) == 0 => at(j.div_euclid(2)),
                        j => between(j.div_euclid(2)),
                    })
                }
            }
        })
        .collect()
}

/// White noise.
fn noise(frames: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state as i32 as f32 / 2_147_483_648.0
    };
    (0..frames).map(|_| next()).collect()
}

/// Runs `x` through `start` on every backend, which must give `want`.
fn check(start: &Sinc<'static>, x: &[f32], want: &[f32]) {
    for backend in Backend::ALL.into_iter().filter(|b| b.is_available()) {
        let mut r = start.clone();
        assert!(r.set_backend(backend));
        let mut got = vec![f32::NAN; want.len() + 1];
        let mut n = r.process(x, &mut got).frames_written;
        n += r.flush(&mut got[n..]).frames_written;
        assert_eq!(n, want.len());
        for (k, (&got, &want)) in got.iter().zip(want).enumerate() {
            let same = if backend.is_fused() {
                got == want
            } else {
                (got - want).abs() <= 1e-6
            };
            assert!(
                same,
                "{start:?} on {backend:?}, frame {k}: {got} for {want}"
            );
        }
    }
}

#[test]
fn every_backend_is_the_definition() {
    let x = noise(2500);
    for quality in [Quality::Balanced, Quality::High] {
        for (from, to) in [
            (24_000, 48_000),
            (48_000, 24_000),
            (44_100, 48_000),
            (48_000, 44_100),
            (22_050, 48_000),
            (48_000, 8_000),
            (16_000, 44_100),
            (48_000, 48_000),
            (47_999, 48_000),
            (3, 2),
            (256, 1),
            (1, 7),
            (44_101, 48_000),
            (48_000, 44_101),
        ] {
            let table = Arc::new(SincTable::new(from, to, quality).unwrap());
            let plan = table.plan().0;
            let want = oracle(&plan, &x, places(&plan, x.len()));
            check(&Sinc::with_table(table.clone(), 1).unwrap(), &x, &want);
            print!("{from}->{to}: {} KiB; ", table.size_bytes() / 1024);
        }
        println!();
    }
}

#[test]
fn every_backend_ramps_a_trim_as_defined() {
    let x = noise(2500);
    for (from, to, target, ramp_frames) in [
        (48_000, 48_000, -55_834_574, 300),
        (24_000, 48_000, 4_294, 4_000),
        (48_000, 44_100, 85_899_345, 777),
        (48_000, 44_100, -3, 1_000),
        (44_101, 48_000, -1, 1),
    ] {
        let table = Arc::new(SincTable::adjustable(from, to, Quality::Balanced).unwrap());
        let plan = table.plan().0;
        let want = ramped_places(&plan, x.len(), target, ramp_frames);
        let want = oracle(&plan, &x, want);
        let mut r = Sinc::with_table(table, 1).unwrap();
        r.set_trim(target as f64 / (1_u64 << 32) as f64, ramp_frames as u32)
            .unwrap();
        check(&r, &x, &want);
        let mut counted = Sinc::clone(&r);
        let (mut read, mut out) = (0, [0.0]);
        for output in 0..ramp_frames.min(2_000) {
            let trim = target * output / ramp_frames;
            assert_eq!(counted.trim() * (1_u64 << 32) as f64, trim as f64);
            read += counted.process(&x[read..], &mut out).frames_read;
        }
    }
}
