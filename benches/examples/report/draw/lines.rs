//! Costs over something, as lines on logarithmic scales.

use std::error::Error;
use std::path::Path;

use benches::rows::Line;
use plotters::prelude::*;

use super::{FONT, captioned, chart_on, colour, legend};

/// What a picture of lines says on its axes.
pub(super) struct Axes {
    picture: &'static str,
    x: &'static str,
    y: &'static str,
    /// Where the x axis is labelled.
    keys: &'static [f64],
}

pub(super) const BLOCKS: Axes = Axes {
    picture: "blocks",
    x: "frames a block",
    y: "ns a frame",
    keys: &[16.0, 64.0, 128.0, 256.0, 480.0, 1_024.0, 4_096.0],
};
pub(super) const CHANNELS: Axes = Axes {
    picture: "channels",
    x: "channels",
    y: "ns a block",
    keys: &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0],
};
pub(super) const RATES: Axes = Axes {
    picture: "rates",
    x: "source rate, kHz",
    y: "ns a block",
    keys: &[8.0, 16.0, 24.0, 44.1, 96.0, 192.0],
};
pub(super) const STREAMS: Axes = Axes {
    picture: "streams",
    x: "streams",
    y: "ns for 10 ms of one stream's sound",
    keys: &[1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0],
};

/// Draws the lines of one picture.
pub(super) fn draw(
    path: &Path,
    caption: &str,
    lines: &[Line],
    axes: &Axes,
) -> Result<(), Box<dyn Error>> {
    let lines: Vec<&Line> = lines
        .iter()
        .filter(|line| line.picture == axes.picture)
        .collect();
    let points = || lines.iter().flat_map(|line| &line.points);
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let (left, right) = range(&mut points().map(|(x, _)| *x));
    let (low, high) = range(&mut points().map(|(_, y)| *y));
    let root = captioned(path, (1_100, 480), caption)?;
    let (plot, beside) = root.split_horizontally(760);
    let keys = axes
        .keys
        .iter()
        .copied()
        .filter(|key| (left..=right).contains(key));
    let mut chart = chart_on(&plot, 64).build_cartesian_2d(
        (left * 0.95..right * 1.05)
            .log_scale()
            .with_key_points(keys.collect()),
        (low * 0.8..high * 1.25)
            .log_scale()
            .with_key_points(decades(low * 0.8, high * 1.25)),
    )?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc(axes.x)
        .y_desc(axes.y)
        .label_style((FONT, 13))
        .x_label_formatter(&|x| format!("{x}"))
        .y_label_formatter(&|y| format!("{y}"))
        .draw()?;
    for (at, line) in lines.iter().enumerate() {
        let colour = colour(at);
        let points = line.points.iter().copied();
        chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?;
        chart.draw_series(points.map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    let names = lines.iter().enumerate();
    legend(
        &beside,
        names.map(|(at, line)| (line.name.as_str(), colour(at))),
    )?;
    root.present()?;
    Ok(())
}

/// 1, 2 and 5 of every power of ten in a range.
pub(super) fn decades(low: f64, high: f64) -> Vec<f64> {
    let powers = (-3..10).flat_map(|power| [1.0, 2.0, 5.0].map(|of| of * 10.0_f64.powi(power)));
    powers.filter(|key| (low..=high).contains(key)).collect()
}
