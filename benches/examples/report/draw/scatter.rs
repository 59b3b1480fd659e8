//! Noise against cost, a point for each resampler.

use std::error::Error;
use std::path::Path;

use benches::rows::{Kind, Measured};
use plotters::prelude::*;

use super::lines::decades;
use super::{FONT, captioned, chart_on, colour};

const WORK: &str = "resample/44100-48000";

struct Point {
    who: String,
    kind: Kind,
    ns: f64,
    db: f64,
}

pub(super) fn draw(
    path: &Path,
    caption: &str,
    measured: &Measured,
    c_peers: Option<&Measured>,
) -> Result<(), Box<dyn Error>> {
    let mut points = points(measured);
    let c = c_peers.map(self::points).unwrap_or_default();
    // Ours are those of the first run.
    points.extend(c.into_iter().filter(|point| point.kind == Kind::Peer));
    let cheapest = points.iter().map(|point| point.ns).fold(f64::MAX, f64::min);
    let dearest = points.iter().map(|point| point.ns).fold(0.0, f64::max);
    let (left, right) = (cheapest * 0.7, dearest * 3.5);
    let root = captioned(path, (1_000, 560), caption)?;
    let mut chart = chart_on(&root, 56).build_cartesian_2d(
        (left..right)
            .log_scale()
            .with_key_points(decades(left, right)),
        -20.0..160.0,
    )?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("us a block of 480 frames")
        .y_desc("worse of two tones over the rest, dB")
        .label_style((FONT, 13))
        .x_label_formatter(&|ns| format!("{}", ns / 1000.0))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .draw()?;
    points.sort_by(|a, b| a.db.total_cmp(&b.db));
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for point in &points {
        let (colour, size) = match point.kind {
            Kind::Ours => (colour(1), 6),
            _ => (colour(0), 4),
        };
        let at = (point.ns, point.db);
        chart.draw_series([Circle::new(at, size, colour.filled())])?;
        // A name goes up until it covers no other: 5 dB are a line of text, a factor of 2 is its length.
        let mut label = at.1;
        let covers = |label: f64, taken: &[(f64, f64)]| {
            taken
                .iter()
                .any(|(ns, db)| (db - label).abs() < 5.0 && (ns / at.0).ln().abs() < 0.9)
        };
        while covers(label, &taken) {
            label += 1.0;
        }
        taken.push((at.0, label));
        let style = (FONT, 13).into_font().color(&colour);
        chart.draw_series([
            EmptyElement::at((at.0, label)) + Text::new(point.who.clone(), (9, -7), style)
        ])?;
    }
    root.present()?;
    Ok(())
}

/// What has both a cost and a noise: of ours the fastest backend, by quality.
fn points(measured: &Measured) -> Vec<Point> {
    let mut points = Vec::new();
    for sound in measured.sounds.iter().filter(|sound| sound.work == WORK) {
        let prefix = format!("{}-", sound.who);
        let rows = measured.rows.iter().filter(|row| {
            let is_it = match sound.kind {
                Kind::Ours => row.who.starts_with(&prefix),
                _ => row.who == sound.who,
            };
            row.work == WORK && is_it
        });
        if let Some(ns) = rows.filter_map(|row| row.ns).min_by(f64::total_cmp) {
            points.push(Point {
                who: sound.who.clone(),
                kind: sound.kind,
                ns,
                db: sound.worst_db(),
            });
        }
    }
    points
}
