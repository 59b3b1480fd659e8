//! Draws what the resamplers do to sound: frequency responses, and spectrograms of a sweep.
//!
//! `cargo run --release -p benches --example response_plots -- [DIR]` writes `response.svg` and `sweep.svg` there (by
//! default into the present directory).

use std::error::Error;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plotters::prelude::*;
use rate_convert::{Linear, Progress, Quality, Sinc, SincTable};

const FROM: u32 = 24_000;
const TO: u32 = 48_000;
const NAMES: [&str; 3] = ["Linear", "Balanced", "High"];
const COLOURS: [RGBColor; 3] = [
    RGBColor(200, 80, 60),
    RGBColor(40, 120, 190),
    RGBColor(30, 140, 70),
];

/// One conversion of a whole signal.
fn convert(which: usize, x: &[f32]) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut y = vec![0.0; x.len() * 2 + 2];
    let (frames_written, tail) = if which == 0 {
        let mut r = Linear::new(FROM, TO, 1)?;
        let Progress { frames_written, .. } = r.process(x, &mut y);
        (
            frames_written,
            r.flush(&mut y[frames_written..]).frames_written,
        )
    } else {
        let quality = if which == 1 {
            Quality::Balanced
        } else {
            Quality::High
        };
        let mut r = Sinc::with_table(Arc::new(SincTable::new(FROM, TO, quality)?), 1)?;
        let Progress { frames_written, .. } = r.process(x, &mut y);
        (
            frames_written,
            r.flush(&mut y[frames_written..]).frames_written,
        )
    };
    y.truncate(frames_written + tail);
    Ok(y)
}

fn db(power: f64) -> f64 {
    10.0 * power.max(1e-30).log10()
}

/// The spectrum of an impulse, which at 1:2 is the filter itself: pass band up to 12 kHz, images above.
fn response(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut x = vec![0.0; 401];
    x[200] = 1.0;
    let root = SVGBackend::new(path, (960, 480)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("24 to 48 kHz: gain over frequency", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..24.0, -170.0..10.0)?;
    chart.configure_mesh().x_desc("kHz").y_desc("dB").draw()?;
    for (which, (name, colour)) in NAMES.into_iter().zip(COLOURS).enumerate() {
        let y = convert(which, &x)?;
        let points = (0..=960).map(|i| {
            let khz = f64::from(i) / 40.0;
            let w = TAU * khz * 1000.0 / f64::from(TO);
            let (mut re, mut im) = (0.0, 0.0);
            for (k, &v) in y.iter().enumerate() {
                let (s, c) = (w * (k as f64 - 400.0)).sin_cos();
                re += f64::from(v) * c;
                im += f64::from(v) * s;
            }
            (khz, db((re * re + im * im) / 4.0).max(-170.0))
        });
        let series = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        series
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}

/// A sweep from 0 to 12 kHz over 4 s; everything but the one rising line is an image.
fn sweep(path: &Path) -> Result<(), Box<dyn Error>> {
    const COLUMNS: usize = 90;
    const BINS: usize = 80;
    const WINDOW: usize = 1024;
    let frames = 4 * FROM as usize;
    let x: Vec<f32> = (0..frames)
        .map(|i| {
            let t = i as f64 / f64::from(FROM);
            (0.9 * (TAU * 12_000.0 / 8.0 * t * t).sin()) as f32
        })
        .collect();
    let root = SVGBackend::new(path, (1200, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    for (which, area) in root.split_evenly((1, 3)).into_iter().enumerate() {
        let y = convert(which, &x)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(
                format!("{}: sweep to 12 kHz", NAMES[which]),
                ("sans-serif", 16),
            )
            .margin(8)
            .x_label_area_size(30)
            .y_label_area_size(36)
            .build_cartesian_2d(0.0..4.0, 0.0..24.0)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_desc("s")
            .y_desc("kHz")
            .draw()?;
        let mut cells = Vec::new();
        for column in 0..COLUMNS {
            let start = column * (y.len() - WINDOW) / (COLUMNS - 1);
            for bin in 0..BINS {
                let khz = (bin as f64 + 0.5) * 24.0 / BINS as f64;
                let level = goertzel(&y[start..start + WINDOW], khz * 1000.0);
                // White at -140 dB, dark at 0.
                let shade = (255.0 * (-level / 140.0).clamp(0.0, 1.0)) as u8;
                if shade < 250 {
                    let (left, low) = (
                        4.0 * column as f64 / COLUMNS as f64,
                        24.0 * bin as f64 / BINS as f64,
                    );
                    let (right, high) = (left + 4.0 / COLUMNS as f64, low + 24.0 / BINS as f64);
                    cells.push(Rectangle::new(
                        [(left, low), (right, high)],
                        RGBColor(shade, shade, 255 - (255 - shade) / 3).filled(),
                    ));
                }
            }
        }
        chart.draw_series(cells)?;
    }
    root.present()?;
    Ok(())
}

/// Level of one frequency under a Blackman-Harris window, in dB of full scale.
fn goertzel(y: &[f32], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    let n = y.len() as f64;
    for (k, &v) in y.iter().enumerate() {
        let p = TAU * k as f64 / n;
        let window =
            0.358_75 - 0.488_29 * p.cos() + 0.141_28 * (2.0 * p).cos() - 0.011_68 * (3.0 * p).cos();
        let (s, c) = (TAU * hz / f64::from(TO) * k as f64).sin_cos();
        re += f64::from(v) * window * c;
        im += f64::from(v) * window * s;
    }
    db((re * re + im * im) / (n * 0.358_75 / 2.0).powi(2))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    response(&folder.join("response.svg"))?;
    sweep(&folder.join("sweep.svg"))?;
    Ok(())
}
