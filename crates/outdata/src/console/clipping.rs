//! What to do about samples that were too loud for their format.

use rt_callback::{Decibels, Monitor, SampleFormat};

use crate::console::warn;

/// The loudest sample so far, before it was rounded and clipped; 1.0 is full scale.
pub(crate) fn peak(monitor: &mut Monitor) -> f32 {
    let levels = monitor.take_levels().iter();
    levels.map(|level| level.peak).fold(0.0, f32::max)
}

/// Says how to avoid it, where samples were clipped: with which gain, where that is known.
pub(crate) fn warn_of_clipping(
    samples: u64,
    format: SampleFormat,
    gain: Option<(Decibels, Option<f32>)>,
) {
    if samples == 0 {
        return;
    }
    let were = if samples == 1 {
        "sample was"
    } else {
        "samples were"
    };
    let remedy = match gain {
        Some((gain, Some(peak))) => format!("--gain-db {:.1}, or ", quieter(peak, gain, format)),
        Some((_, None)) => "a lower --gain-db, or ".to_owned(),
        None => String::new(),
    };
    warn(format!(
        "{samples} {were} too loud for {format} and clipped; {remedy}a float format avoids that"
    ));
}

/// A gain at which nothing is clipped, in dB, to the next lower tenth.
fn quieter(peak: f32, gain: Decibels, format: SampleFormat) -> f64 {
    let bits = format.integer_bits().unwrap_or(8);
    // Full scale is one step above the highest value; dither adds another.
    let most = 1.0 - 2.0 / f64::from(bits.saturating_sub(1)).exp2();
    let excess = 20.0 * (f64::from(peak) / most).log10();
    ((f64::from(gain.0) - excess) * 10.0).floor() / 10.0
}
