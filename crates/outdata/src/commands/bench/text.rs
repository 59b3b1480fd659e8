//! The report for people, as wide as their terminal.

use super::measure::{Measured, PAUSE, Run};
use super::times::{Bin, Summary};
use crate::console::{backends, duration, outlier_words};

/// Where the words of a line begin.
const INDENT: usize = 12;
/// What stands behind a bar: its share.
const SHARE: usize = 8;
/// A bar is no longer than this.
const LONGEST_BAR: usize = 50;
/// Bins of a histogram that is read line by line.
const BINS: usize = 10;

pub(super) fn text(run: &Run, columns: usize) -> String {
    let mut lines = Vec::new();
    let mut line = |name: &str, words: &[String]| lines.extend(wrapped(name, words, columns));
    line("processor", &words(&run.processor));
    line(
        "backend",
        &parts(backends().map(|(name, backend)| format!("{name} {backend}"))),
    );
    line("version", &words(env!("CARGO_PKG_VERSION")));
    let clock_ns = run.clock_ns;
    line(
        "clock",
        &words(&format!("{clock_ns} ns, taken off each time")),
    );
    for measured in &run.rows {
        lines.push(String::new());
        lines.extend(section(measured, columns));
    }
    lines.join("\n")
}

fn section(measured: &Measured, columns: usize) -> Vec<String> {
    let row = &measured.row;
    let (render, cold) = (measured.render.summary(), measured.cold.summary());
    let mut lines = Vec::new();
    let mut line = |name: &str, words: &[String]| lines.extend(wrapped(name, words, columns));
    line("formats", &words(&row.formats()));
    let mut cut = vec![
        format!("{} frames", row.block_frames),
        format!("{:.2} ms of sound", row.budget_ns() / 1e6),
    ];
    if row.streams > 1 {
        cut.push(format!("{} streams", row.streams));
    }
    line("block", &parts(cut));
    line("resample", &words(row.resample()));
    line("render", &parts(quantiles(&render)));
    let percent = |name, nanoseconds| format!("{name} {:.4} %", row.percent(nanoseconds));
    line(
        "of budget",
        &parts([percent("p50", render.p50), percent("p99.9", render.p99_9)]),
    );
    let pause = format!("{} calls, {} ms apart", cold.calls, PAUSE.as_millis());
    let after_pause = quantiles(&cold).into_iter().chain([pause]);
    line("cold", &parts(after_pause));
    line("push", &parts(quantiles(&measured.push)));
    let memcpy_ns = measured.memcpy_ns;
    let mut floor = vec![format!("{memcpy_ns:.1} ns")];
    if memcpy_ns > 0.0 {
        let times = render.p50 as f64 / memcpy_ns;
        floor.push(format!("render {times:.1} times it"));
    }
    line("memcpy", &parts(floor));
    for (name, summary) in [("outliers", render), ("cold", cold)] {
        let Summary {
            outliers,
            calls,
            above,
            ..
        } = summary;
        if outliers > 0 || name == "outliers" {
            line(name, &words(&outlier_words(outliers, calls, above)));
        }
    }
    let bins = measured.render.bins(BINS, render.p99);
    lines.extend(histogram(&bins, render.calls, columns));
    lines
}

fn quantiles(summary: &Summary) -> [String; 4] {
    let Summary {
        p50,
        p99,
        p99_9,
        max,
        ..
    } = *summary;
    let named = [("p50", p50), ("p99", p99), ("p99.9", p99_9), ("max", max)];
    named.map(|(name, nanoseconds)| format!("{name} {}", duration(nanoseconds)))
}

/// A line for each bin: from which time on, a bar, and how many calls of all.
fn histogram(bins: &[Bin], calls: u64, columns: usize) -> Vec<String> {
    let longest = columns.saturating_sub(INDENT + SHARE).clamp(1, LONGEST_BAR);
    let most = bins.iter().map(|bin| bin.calls).max().unwrap_or(0).max(1);
    let line = |bin: &Bin| {
        let length = bin.calls as f64 / most as f64 * longest as f64;
        // What is there is seen.
        let length = (length.round() as usize).max(usize::from(bin.calls > 0));
        let share = bin.calls as f64 * 100.0 / calls.max(1) as f64;
        let bar = "#".repeat(length);
        format!("{:>10}  {bar:longest$}{share:6.2} %", duration(bin.from_ns))
    };
    bins.iter().map(line).collect()
}

/// Parts of a line, each of which stays on one.
fn parts(parts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut parts: Vec<_> = parts.into_iter().collect();
    let count = parts.len();
    for part in parts.iter_mut().take(count.saturating_sub(1)) {
        part.push(',');
    }
    parts
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A name and what belongs to it, on as many lines as that takes.
fn wrapped(name: &str, parts: &[String], columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = format!("{name:>10} ");
    let mut is_empty = true;
    for part in parts {
        if !is_empty && line.chars().count() + 1 + part.chars().count() > columns {
            let next = " ".repeat(INDENT - 1);
            lines.push(std::mem::replace(&mut line, next));
        }
        line.push(' ');
        line.push_str(part);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use rt_callback::{Config, StreamSpec};

    use super::*;
    use crate::commands::bench::measure::measure;
    use crate::commands::bench::row::Row;

    #[test]
    fn lines_are_as_long_as_the_terminal_is_wide() {
        let all = parts(["p50 2301 ns", "p99 2934 ns", "p99.9 3410 ns"].map(str::to_owned));
        let expected = [
            "    render  p50 2301 ns, p99 2934 ns,",
            "            p99.9 3410 ns",
        ];
        assert_eq!(wrapped("render", &all, 40), expected);
        assert_eq!(wrapped("render", &all, 37), expected);
        assert_eq!(wrapped("render", &all, 36).len(), 3);
        assert_eq!(wrapped("render", &all, 80).len(), 1);
        assert_eq!(wrapped("render", &all, 1).len(), 3);
    }

    #[test]
    fn all_of_it_fits_a_narrow_terminal() {
        let spec = |text: &str| text.parse::<StreamSpec>().unwrap();
        let config = Config::new(spec("192000x7.1.4:s24_32hle"), spec("48000x2:f32le"));
        let row = Row::new(config, 4_096, 12);
        let run = Run {
            processor: "A processor with a name that is long".to_owned(),
            clock_ns: 20,
            rows: vec![measure(row, Duration::from_millis(1), 20, || ()).unwrap()],
        };
        for columns in [40, 60, 80] {
            for line in text(&run, columns).lines() {
                assert!(line.chars().count() <= columns, "{line}");
            }
        }
        let wide = text(&run, 200);
        let formats = "formats  192000x12:s24_32hle -> 48000x2:f32le\n";
        assert!(wide.contains(formats), "{wide}");
        assert!(wide.contains("block  4096 frames, 85.33 ms of sound, 12 streams"));
    }

    #[test]
    fn bars_are_as_long_as_there_are_calls() {
        let bin = |from_ns, calls| Bin {
            from_ns,
            below_ns: from_ns + 1,
            calls,
        };
        let bins = [
            bin(100, 1),
            bin(20_000, 598),
            bin(30_000_000, 1),
            bin(40_000_000, 0),
        ];
        let expected = [
            "    100 ns  #                     0.17 %",
            "   20.0 us  #################### 99.67 %",
            "   30.0 ms  #                     0.17 %",
            "   40.0 ms                        0.00 %",
        ];
        assert_eq!(histogram(&bins, 600, 40), expected);
        let widest = histogram(&bins, 600, usize::MAX);
        assert!(widest.iter().all(|line| line.chars().count() == 70));
    }
}
