//! Waveforms of what the engine replaces and of the engine, on the same arrivals.

use std::error::Error;
use std::f64::consts::TAU;
use std::path::Path;

use benches::paths::as_original;
use plotters::prelude::*;
use rt_callback::original::callback_block;
use rt_callback::{Controller, Ramp, Resample, Rounding, stream};

use super::{FONT, captioned, colour};

const BLOCK: usize = 480;
const RATE: u32 = 48_000;

/// What is drawn of a wave: from and to, in milliseconds, around what happens at 0.
struct Window {
    zero: usize,
    from_ms: f64,
    to_ms: f64,
}

/// A tone in 16 bits.
fn tone(hz: f64, rate: u32, frames: usize) -> Vec<i16> {
    let step = TAU * hz / f64::from(rate);
    let sample = |n| (20_000.0 * (step * n as f64).sin()) as i16;
    (0..frames).map(sample).collect()
}

/// What arrives before each block, and what the application does then.
struct Turn {
    frames: usize,
    does: fn(&Controller),
}

const fn arrives(frames: usize) -> Turn {
    Turn {
        frames,
        does: |_| (),
    }
}

/// The engine on these arrivals.
fn now(source: &str, x: &[i16], turns: &[Turn]) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut config = as_original(source.parse()?, "48000x1:f32le".parse()?);
    config.resample = Resample::Balanced;
    let (mut feeder, controller, mut renderer, _monitor) = stream(&config)?;
    let (mut out, mut at) = (Vec::new(), 0);
    for turn in turns {
        (turn.does)(&controller);
        let arrived = x.get(at..at + turn.frames).unwrap_or_default();
        feeder.push(arrived)?;
        at += arrived.len();
        let mut block = [0.0; BLOCK];
        renderer.render(&mut block[..]);
        out.extend(block);
    }
    Ok(out)
}

/// The replaced callback on data at the device's rate: each block takes what has arrived, and pads.
fn before(x: &[i16], arrivals: &[usize]) -> Vec<f32> {
    let (mut out, mut at) = (Vec::new(), 0);
    for frames in arrivals {
        let mut block = [0.0_f32; BLOCK];
        let arrived = x.get(at..at + frames).unwrap_or_default();
        at += callback_block(arrived, 1, &mut block, 1, Rounding::TowardZero);
        out.extend(block);
    }
    out
}

/// 24 to 48 kHz, each block of 10 ms interpolated for itself: its last frame is held, for the next is not known.
fn interpolated_anew(x: &[i16]) -> Vec<i16> {
    let mut out = Vec::new();
    for block in x.chunks(BLOCK / 2) {
        for (at, sample) in block.iter().enumerate() {
            let next = block.get(at + 1).unwrap_or(sample);
            out.push(*sample);
            out.push(((i32::from(*sample) + i32::from(*next)) / 2) as i16);
        }
    }
    out
}

pub(super) fn seam(path: &Path) -> Result<(), Box<dyn Error>> {
    let x = tone(2_750.0, 24_000, 6 * BLOCK);
    let before = before(&interpolated_anew(&x), &[BLOCK; 6]);
    // A block ahead, as a queue is.
    let turns = [BLOCK, BLOCK / 2, BLOCK / 2, BLOCK / 2, BLOCK / 2, BLOCK / 2];
    let now = now("24000x1:s16le", &x, &turns.map(arrives))?;
    let window = Window {
        zero: 3 * BLOCK,
        from_ms: -0.75,
        to_ms: 0.75,
    };
    panels(
        path,
        "A seam at 0 ms: 2.75 kHz, from 24 to 48 kHz in blocks of 10 ms",
        &window,
        [
            (
                "before: each block interpolated for itself, its last frame held",
                &before,
            ),
            ("now: the filter goes on from block to block", &now),
        ],
    )
}

pub(super) fn interruption(path: &Path) -> Result<(), Box<dyn Error>> {
    let x = tone(220.0, RATE, 8 * BLOCK);
    let before = before(&x, &[BLOCK, BLOCK, 0, 0, 0]);
    let interrupted = Turn {
        frames: 0,
        does: |controller| controller.interrupt(Ramp::Milliseconds(20.0)),
    };
    // What was going to sound is queued, and fades.
    let turns = [
        arrives(6 * BLOCK),
        arrives(0),
        interrupted,
        arrives(0),
        arrives(0),
    ];
    let now = now("48000x1:s16le", &x, &turns)?;
    let window = Window {
        zero: 2 * BLOCK,
        from_ms: -8.0,
        to_ms: 28.0,
    };
    panels(
        path,
        "An interruption at 0 ms of a tone of 220 Hz",
        &window,
        [
            (
                "before: the queue is emptied, the next block is silent",
                &before,
            ),
            (
                "now: what was going to sound fades within the 20 ms that were asked for",
                &now,
            ),
        ],
    )
}

pub(super) fn underrun(path: &Path) -> Result<(), Box<dyn Error>> {
    // At its peak where it stops.
    let x = tone(210.0, RATE, 8 * BLOCK);
    let arrivals = [BLOCK, BLOCK, BLOCK / 2, BLOCK, BLOCK];
    let before = before(&x, &arrivals);
    let now = now("48000x1:s16le", &x, &arrivals.map(arrives))?;
    let window = Window {
        zero: 5 * BLOCK / 2,
        from_ms: -8.0,
        to_ms: 14.0,
    };
    panels(
        path,
        "An underrun from 0 to 5 ms in a tone of 210 Hz",
        &window,
        [
            (
                "before: the rest of the block is zero, and the next begins where the sound stood",
                &before,
            ),
            (
                "now: the sound decays within 2 ms, and is faded in again",
                &now,
            ),
        ],
    )
}

/// One wave above the other.
fn panels(
    path: &Path,
    caption: &str,
    window: &Window,
    waves: [(&str, &[f32]); 2],
) -> Result<(), Box<dyn Error>> {
    let root = captioned(path, (1_000, 480), caption)?;
    let (_, below) = root.split_vertically(30);
    let ms = |frame: usize| (frame as f64 - window.zero as f64) * 1e3 / f64::from(RATE);
    for (at, (part, (name, wave))) in below.split_evenly((2, 1)).iter().zip(waves).enumerate() {
        let mut chart = ChartBuilder::on(part)
            .margin_top(24)
            .margin_right(16)
            .margin_bottom(6)
            .x_label_area_size(34)
            .y_label_area_size(48)
            .build_cartesian_2d(window.from_ms..window.to_ms, -0.75..0.75)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .x_desc("ms")
            .x_label_formatter(&|x| tenths(*x))
            .y_label_formatter(&|y| tenths(*y))
            .y_labels(5)
            .label_style((FONT, 13))
            .draw()?;
        let points = wave
            .iter()
            .enumerate()
            .map(|(frame, y)| (ms(frame), f64::from(*y)));
        let points: Vec<_> = points
            .filter(|(x, _)| (window.from_ms..=window.to_ms).contains(x))
            .collect();
        let colour = colour(at);
        chart.draw_series(LineSeries::new(
            points.iter().copied(),
            colour.stroke_width(2),
        ))?;
        if points.len() < 200 {
            chart.draw_series(
                points
                    .iter()
                    .map(|point| Circle::new(*point, 3, colour.filled())),
            )?;
        }
        chart.draw_series([PathElement::new(
            [(0.0, -0.75), (0.0, 0.75)],
            BLACK.mix(0.4),
        )])?;
        part.draw(&Text::new(name.to_owned(), (56, 4), (FONT, 14)))?;
    }
    root.present()?;
    Ok(())
}

/// One decimal, and no negative zero.
fn tenths(value: f64) -> String {
    format!("{:.1}", (value * 10.0).round() / 10.0 + 0.0)
}
