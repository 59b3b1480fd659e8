//! Lines that move.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::ReportForm;

pub(crate) fn progress_bar(report: Option<ReportForm>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(
        None,
        if report.is_some() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        },
    );
    let style = ProgressStyle::with_template("{spinner} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// How much of something is done whose length is known.
pub(crate) fn measuring_bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:16} {percent:>3} % {wide_msg}");
    bar.set_style(style.map_or_else(
        |_| ProgressStyle::default_bar(),
        |style| style.progress_chars("##."),
    ));
    bar
}

/// A peak as a bar of 20 over 60 dB, and in dB below full scale.
pub(crate) fn level(peak: f32) -> String {
    let decibels = 20.0 * peak.log10();
    let filled = ((decibels + 60.0) / 3.0).clamp(0.0, 20.0) as usize;
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(20 - filled));
    if peak > 0.0 {
        format!("{bar} {decibels:5.1} dBFS")
    } else {
        format!("{bar}  -inf dBFS")
    }
}
