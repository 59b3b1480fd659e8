//! What resamplers do to sound: responses and spectrograms, ours beside the peers'.

use std::error::Error;
use std::path::Path;

use benches::quality::{BINS, COLUMNS, PICTURED, SWEEP_S};
use benches::rows::{Kind, Measured, Sound};
use plotters::prelude::*;

use super::{FONT, area, captioned, chart_on, colour, legend};

/// The lowest level that is told from silence.
const LOWEST_DB: f64 = -170.0;

/// The sounds that have pictures: ours first.
fn pictured<'m>(measured: &'m Measured, c_peers: Option<&'m Measured>) -> Vec<&'m Sound> {
    let c = c_peers.map_or(&[][..], |c_peers| &c_peers.sounds);
    let c = c.iter().filter(|sound| sound.kind == Kind::Peer);
    let all = measured.sounds.iter().chain(c);
    all.filter(|sound| !sound.sweep.is_empty()).collect()
}

pub(super) fn response(
    path: &Path,
    caption: &str,
    measured: &Measured,
    c_peers: Option<&Measured>,
) -> Result<(), Box<dyn Error>> {
    let sounds = pictured(measured, c_peers);
    let nyquist = f64::from(PICTURED.1) / 2_000.0;
    let root = captioned(path, (1_100, 520), caption)?;
    let (plot, beside) = root.split_horizontally(800);
    let mut chart = chart_on(&plot, 56).build_cartesian_2d(0.0..nyquist, LOWEST_DB..10.0)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("kHz")
        .y_desc("dB")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .label_style((FONT, 13))
        .draw()?;
    // Ours wide, below the others.
    for (at, sound) in sounds.iter().enumerate() {
        let step = nyquist / (sound.response.len() - 1) as f64;
        let levels = sound.response.iter().enumerate();
        let points = levels.map(|(at, level)| (at as f64 * step, f64::from(*level).max(LOWEST_DB)));
        let width = if sound.kind == Kind::Ours { 4 } else { 1 };
        chart.draw_series(LineSeries::new(points, colour(at).stroke_width(width)))?;
    }
    let names = sounds.iter().enumerate();
    legend(
        &beside,
        names.map(|(at, sound)| (sound.who.as_str(), colour(at))),
    )?;
    root.present()?;
    Ok(())
}

pub(super) fn sweep(
    path: &Path,
    measured: &Measured,
    c_peers: Option<&Measured>,
) -> Result<(), Box<dyn Error>> {
    const ACROSS: usize = 4;
    let sounds = pictured(measured, c_peers);
    let down = sounds.len().div_ceil(ACROSS);
    let nyquist = f64::from(PICTURED.1) / 2_000.0;
    let root = area(path, (1_200, 250 * down as u32))?;
    for (sound, area) in sounds.iter().zip(root.split_evenly((down, ACROSS))) {
        let mut chart = ChartBuilder::on(&area)
            .caption(&sound.who, (FONT, 14))
            .margin(8)
            .x_label_area_size(30)
            .y_label_area_size(38)
            .build_cartesian_2d(0.0..SWEEP_S, 0.0..nyquist)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(5)
            .y_labels(5)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .x_desc("s")
            .y_desc("kHz")
            .draw()?;
        let (width, height) = (SWEEP_S / COLUMNS as f64, nyquist / BINS as f64);
        let mut cells = Vec::new();
        for (column, levels) in sound.sweep.iter().enumerate() {
            let x = column as f64 * width;
            let mut bin = 0;
            // Neighbours of one shade are one rectangle.
            for run in levels.chunk_by(|a, b| shade(*a) == shade(*b)) {
                let (y, high) = (bin as f64 * height, run.len() as f64 * height);
                bin += run.len();
                let shade = run.first().map_or(SHADES, |below| shade(*below));
                if shade < SHADES {
                    let light = (shade * 255 / SHADES) as u8;
                    let colour = RGBColor(light, light, 255 - (255 - light) / 3);
                    let corners = [(x, y), (x + width, y + high)];
                    cells.push(Rectangle::new(corners, colour.filled()));
                }
            }
        }
        chart.draw_series(cells)?;
    }
    root.present()?;
    Ok(())
}

/// Shades of a spectrogram, from full scale to what is white.
const SHADES: u32 = 12;
/// What is white, in dB below full scale.
const WHITE_DB: u32 = 120;

fn shade(below_db: u8) -> u32 {
    (u32::from(below_db) * SHADES / WHITE_DB).min(SHADES)
}
