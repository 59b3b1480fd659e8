//! How often callbacks take how long.

use std::error::Error;
use std::path::Path;

use benches::rows::Callbacks;
use plotters::prelude::*;

use super::lines::decades;
use super::{FONT, captioned, colour, percentiles};

/// Bins of the histogram for a factor of ten.
const BINS: f64 = 20.0;

/// A histogram of each load, one above the other, on one logarithmic scale of time.
pub(super) fn draw(
    path: &Path,
    caption: &str,
    callbacks: &Callbacks,
) -> Result<(), Box<dyn Error>> {
    let both = [
        ("quiet", &callbacks.quiet),
        ("two busy threads a core", &callbacks.loaded),
    ];
    let all = || both.iter().flat_map(|(_, times)| times.iter());
    let shortest = f64::from(*all().min().ok_or("no callbacks")?).max(1.0);
    let longest = f64::from(*all().max().ok_or("no callbacks")?);
    let (left, right) = (shortest / 1e3 * 0.8, longest / 1e3 * 1.3);
    let root = captioned(path, (1_000, 600), caption)?;
    let (_, below) = root.split_vertically(30);
    for (at, (part, (name, times))) in below.split_evenly((2, 1)).iter().zip(both).enumerate() {
        let bins = histogram(times);
        let most = bins.iter().map(|(_, count)| *count).max().unwrap_or(1);
        let mut chart = ChartBuilder::on(part)
            .margin(10)
            .margin_top(24)
            .x_label_area_size(36)
            .y_label_area_size(64)
            .build_cartesian_2d(
                (left..right)
                    .log_scale()
                    .with_key_points(decades(left, right)),
                (0.7..f64::from(most) * 3.0)
                    .log_scale()
                    .with_key_points(vec![1.0, 10.0, 100.0, 1_000.0, 10_000.0]),
            )?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .x_desc("us")
            .y_desc("callbacks")
            .label_style((FONT, 13))
            .x_label_formatter(&|x| format!("{x}"))
            .y_label_formatter(&|y| format!("{y}"))
            .draw()?;
        chart.draw_series(bins.iter().map(|&(bin, count)| {
            let edge = |bin: i32| 10.0_f64.powf(f64::from(bin) / BINS) / 1e3;
            let corners = [(edge(bin), 0.7), (edge(bin + 1), f64::from(count))];
            Rectangle::new(corners, colour(at).mix(0.7).filled())
        }))?;
        let [p50, p99, p999, max] = percentiles(times).map(|ns| f64::from(ns) / 1e3);
        for x in [p50, p99, p999, max] {
            let line = [(x, 0.7), (x, f64::from(most) * 3.0)];
            chart.draw_series([PathElement::new(line, BLACK.mix(0.5))])?;
        }
        let words = format!(
            "{name}: {} callbacks, p50 {p50:.2}, p99 {p99:.2}, p99.9 {p999:.2}, max {max:.1} us (the lines); a block lasts 10,000 us",
            times.len()
        );
        part.draw(&Text::new(words, (90, 4), (FONT, 14)))?;
    }
    root.present()?;
    Ok(())
}

/// How many callbacks fall into each bin, by the bin's number.
fn histogram(times: &[u32]) -> Vec<(i32, u32)> {
    let mut bins: Vec<(i32, u32)> = Vec::new();
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    for ns in sorted {
        let bin = (f64::from(ns.max(1)).log10() * BINS).floor() as i32;
        match bins.last_mut() {
            Some((last, count)) if *last == bin => *count += 1,
            _ => bins.push((bin, 1)),
        }
    }
    bins
}
