//! The report's pictures.

mod callback;
mod lines;
mod scatter;
mod sounds;
mod waves;

use std::error::Error;
use std::path::Path;

use benches::rows::Measured;
use plotters::coord::Shift;
use plotters::prelude::*;

/// Each picture's file, and what it shows.
pub(crate) const PICTURES: [(&str, &str); 11] = [
    (
        "blocks.svg",
        "Cost of a frame over the frames of a block, push and render.",
    ),
    (
        "channels.svg",
        "Cost of a block of 480 frames over its channels, push and render.",
    ),
    (
        "rates.svg",
        "Cost of a block of 480 frames at 48 kHz over the source's rate, mono, push and render.",
    ),
    (
        "callback.svg",
        "How long callbacks take: 24 kHz mono s16 to 48 kHz stereo f32, Balanced, 480 frames.",
    ),
    (
        "streams.svg",
        "Cost of 10 ms of one stream's sound over the number of streams: 24 kHz mono s16 to 48 kHz stereo f32, Balanced.",
    ),
    (
        "response.svg",
        "Gain over frequency, 24 to 48 kHz: what stands right of 12 kHz is images.",
    ),
    (
        "sweep.svg",
        "A sweep from 0 to 12 kHz, from 24 to 48 kHz: all but the one rising line is images.",
    ),
    (
        "scatter.svg",
        "Noise against cost of every resampler, mono, 44.1 to 48 kHz, 480 frames: higher and further left is better.",
    ),
    (
        "seam.svg",
        "A seam between two blocks: the original's interpolation began anew with each.",
    ),
    (
        "interruption.svg",
        "An interruption: the replaced callback fell silent between two samples.",
    ),
    (
        "underrun.svg",
        "An underrun of 5 ms: the replaced callback padded the block with zeros.",
    ),
];

/// Draws all of them.
pub(crate) fn everything(
    folder: &Path,
    measured: &Measured,
    c_peers: Option<&Measured>,
) -> Result<(), Box<dyn Error>> {
    for (file, caption) in PICTURES {
        let path = folder.join(file);
        match file {
            "blocks.svg" => lines::draw(&path, caption, &measured.lines, &lines::BLOCKS)?,
            "channels.svg" => lines::draw(&path, caption, &measured.lines, &lines::CHANNELS)?,
            "rates.svg" => lines::draw(&path, caption, &measured.lines, &lines::RATES)?,
            "streams.svg" => lines::draw(&path, caption, &measured.lines, &lines::STREAMS)?,
            "callback.svg" => callback::draw(&path, caption, &measured.callbacks)?,
            "response.svg" => sounds::response(&path, caption, measured, c_peers)?,
            "sweep.svg" => sounds::sweep(&path, measured, c_peers)?,
            "scatter.svg" => scatter::draw(&path, caption, measured, c_peers)?,
            "seam.svg" => waves::seam(&path)?,
            "interruption.svg" => waves::interruption(&path)?,
            "underrun.svg" => waves::underrun(&path)?,
            _ => return Err(format!("{file}: nothing draws it").into()),
        }
    }
    Ok(())
}

/// The times that half, 99 % and 99.9 % of callbacks keep to, and the longest.
pub(crate) fn percentiles(times: &[u32]) -> [u32; 4] {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    [500, 990, 999, 1_000].map(|part| {
        let index = (sorted.len() * part / 1_000).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or(0)
    })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A picture's area, white.
fn area(path: &Path, size: (u32, u32)) -> Result<Area<'_>, Box<dyn Error>> {
    let area = SVGBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE)?;
    Ok(area)
}

/// A picture's area with its caption on top.
fn captioned<'a>(
    path: &'a Path,
    size: (u32, u32),
    caption: &str,
) -> Result<Area<'a>, Box<dyn Error>> {
    let area = area(path, size)?;
    area.draw(&Text::new(caption.to_owned(), (16, 10), (FONT, 17)))?;
    Ok(area)
}

/// A chart below a caption; its labels of the y axis are so wide.
fn chart_on<'a, 'b>(on: &'a Area<'b>, y_labels: u32) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut chart = ChartBuilder::on(on);
    chart
        .margin_top(36)
        .margin_right(16)
        .margin_bottom(8)
        .margin_left(8)
        .x_label_area_size(40)
        .y_label_area_size(y_labels);
    chart
}

const FONT: &str = "sans-serif";

/// Colours that are told apart, on white.
const COLOURS: [RGBColor; 14] = [
    RGBColor(200, 80, 60),
    RGBColor(40, 120, 190),
    RGBColor(30, 140, 70),
    RGBColor(150, 90, 170),
    RGBColor(200, 140, 20),
    RGBColor(20, 150, 160),
    RGBColor(120, 80, 50),
    RGBColor(220, 100, 160),
    RGBColor(100, 100, 110),
    RGBColor(130, 150, 30),
    RGBColor(20, 50, 120),
    RGBColor(170, 170, 180),
    RGBColor(250, 180, 120),
    RGBColor(60, 200, 120),
];

fn colour(index: usize) -> RGBColor {
    COLOURS.get(index % COLOURS.len()).copied().unwrap_or(BLACK)
}

/// Names and their lines' colours, one below the other.
fn legend<'n>(
    area: &Area<'_>,
    names: impl Iterator<Item = (&'n str, RGBColor)>,
) -> Result<(), Box<dyn Error>> {
    for (at, (name, colour)) in names.enumerate() {
        let y = 50 + 22 * at as i32;
        area.draw(&PathElement::new([(6, y), (26, y)], colour.stroke_width(3)))?;
        area.draw(&Text::new(name.to_owned(), (32, y - 7), (FONT, 13)))?;
    }
    Ok(())
}
