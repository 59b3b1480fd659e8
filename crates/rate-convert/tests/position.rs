//! `position` is where the next output stands, whatever was read, written, trimmed and flushed before.
#![allow(clippy::unwrap_used)]

mod common;

use common::{GATED, QUALITIES, adjustable, noise, sinc};
use rate_convert::{Linear, Progress};

/// Reads `frames` frames of noise in uneven pieces and checks, after each call, that the next output stands at
/// `written * from / to`. Returns frames written.
fn follow(
    (from, to): (u32, u32),
    frames: usize,
    mut process: impl FnMut(&[f32], &mut [f32]) -> (Progress, (i64, f64)),
) -> usize {
    let x = noise(frames, 3);
    let (mut read, mut written) = (0, 0);
    let sizes = [(1, 3), (40, 7), (0, 9), (130, 1_000), (17, 0), (300, 30)];
    for (input, output) in sizes.into_iter().cycle().take(2_000) {
        let input = &x[read..frames.min(read + input)];
        let (progress, (whole, fraction)) = process(input, &mut vec![0.0; output]);
        read += progress.frames_read;
        written += progress.frames_written;
        let due = written as f64 * f64::from(from) / f64::from(to);
        let at = (read as i64 + whole) as f64 + fraction;
        assert!((0.0..1.0).contains(&fraction), "{from} -> {to}: {fraction}");
        assert!(
            (at - due).abs() < 1e-6,
            "{from} -> {to}: {at} and not {due}"
        );
    }
    assert_eq!(read, frames);
    written
}

#[test]
fn the_next_output_stands_where_the_rates_say() {
    for (from, to) in GATED
        .into_iter()
        .chain([(48_000, 24_000), (44_100, 44_100)])
    {
        for quality in QUALITIES {
            let mut r = sinc(from, to, 1, quality);
            assert_eq!(r.position(), (0, 0.0));
            follow((from, to), 5_000, |x, y| (r.process(x, y), r.position()));
            let mut r = adjustable(from, to, 1, quality);
            follow((from, to), 5_000, |x, y| (r.process(x, y), r.position()));
        }
        let mut r = Linear::new(from, to, 1).unwrap();
        assert_eq!(r.position(), (0, 0.0));
        follow((from, to), 5_000, |x, y| (r.process(x, y), r.position()));
    }
}

#[test]
fn a_flush_does_not_move_the_frame_that_positions_are_counted_from() {
    for (from, to) in GATED {
        let mut r = sinc(from, to, 1, QUALITIES[0]);
        let mut written = follow((from, to), 900, |x, y| (r.process(x, y), r.position()));
        loop {
            let mut out = [0.0; 5];
            let count = r.flush(&mut out).frames_written;
            written += count;
            if count < out.len() {
                break;
            }
            let due = written as f64 * f64::from(from) / f64::from(to) - 900.0;
            let (whole, fraction) = r.position();
            // It is as new as soon as the last frame has been written.
            let is_new = (whole, fraction) == (0, 0.0) && due >= 0.0;
            assert!(
                is_new || (whole as f64 + fraction - due).abs() < 1e-6,
                "{from} -> {to}"
            );
        }
        assert_eq!(r.position(), (0, 0.0), "as new");
    }
}

/// What comes out is the input at that time.
#[test]
fn a_trim_and_its_ramp_are_in_the_position() {
    const TURN: f64 = 0.01;
    for (from, to) in [(48_000, 16_000), (44_100, 48_000), (16_000, 16_000)] {
        let mut r = adjustable(from, to, 1, QUALITIES[1]);
        let x: Vec<f32> = (0..40_000)
            .map(|i| (f64::from(i) * TURN).sin() as f32)
            .collect();
        let mut read = 0;
        for step in 0..300 {
            match step % 40 {
                7 => r.set_trim(0.02, 50).unwrap(),
                19 => r.set_trim(-0.013, 0).unwrap(),
                31 => r.set_trim(0.001, 300).unwrap(),
                _ => {}
            }
            let (whole, fraction) = r.position();
            let at = (read as i64 + whole) as f64 + fraction;
            let mut out = [0.0; 23];
            let progress = r.process(&x[read..], &mut out);
            assert_eq!(progress.frames_written, out.len());
            read += progress.frames_read;
            if at > 200.0 {
                let wrong = f64::from(out[0]) - (at * TURN).sin();
                assert!(
                    wrong.abs() < 1e-5,
                    "{from} -> {to}, step {step}: off by {wrong}"
                );
            }
        }
    }
}
