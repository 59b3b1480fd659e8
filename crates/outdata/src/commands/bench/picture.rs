//! The histograms as a picture.

use std::fmt::Write;

use super::measure::{Measured, PAUSE, Run};
use super::times::Times;
use crate::console::{backends, duration};

const WIDTH: f64 = 760.0;
/// Where times are drawn.
const LEFT: f64 = 20.0;
const RIGHT: f64 = 740.0;
/// What stands above the first histogram.
const HEAD: f64 = 74.0;
/// One histogram with its words, and what of it is bars.
const PANEL: f64 = 180.0;
const BARS: f64 = 90.0;
/// Of few calls, there are few bars.
const HOT_BINS: usize = 60;
const COLD_BINS: usize = 20;
const HOT: &str = "#1f6fb4";
const COLD: &str = "#d9822b";

pub(super) fn svg(run: &Run) -> String {
    let height = HEAD + PANEL * run.rows.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n\
         <title>What the callback costs</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let backends = backends().map(|(name, backend)| format!("{name} {backend}"));
    let version = env!("CARGO_PKG_VERSION");
    let machine = format!("outdata {version}, {}", escaped(&run.processor));
    words(&mut svg, 22.0, "font-weight=\"bold\"", &machine);
    words(&mut svg, 40.0, "", &backends.join(", "));
    let pause = PAUSE.as_millis();
    let legend = format!(
        "<tspan fill=\"{HOT}\">render, call after call</tspan>; \
         <tspan fill=\"{COLD}\">after {pause} ms of sleep</tspan>; \
         99.9 % of the calls of each, drawn to its own height"
    );
    words(&mut svg, 58.0, "", &legend);
    for (index, measured) in run.rows.iter().enumerate() {
        panel(&mut svg, measured, HEAD + PANEL * index as f64);
    }
    svg += "</svg>\n";
    svg
}

fn panel(svg: &mut String, measured: &Measured, top: f64) {
    let row = &measured.row;
    let (render, cold) = (measured.render.summary(), measured.cold.summary());
    let streams = match row.streams {
        1 => String::new(),
        streams => format!(", {streams} streams"),
    };
    let what = format!(
        "{}, {} frames, resample {}{streams}",
        escaped(&row.formats()),
        row.block_frames,
        row.resample()
    );
    words(svg, top + 16.0, "font-weight=\"bold\"", &what);
    let figures = format!(
        "p50 {}, p99 {}, p99.9 {}, {:.4} % of the budget at p50; cold p50 {}; memcpy {:.1} ns",
        duration(render.p50),
        duration(render.p99),
        duration(render.p99_9),
        row.percent(render.p50),
        duration(cold.p50),
        measured.memcpy_ns
    );
    words(svg, top + 33.0, "", &figures);
    let from_ns = measured.render.least().min(measured.cold.least()).max(1);
    let to_ns = render.p99_9.max(cold.p99_9).max(from_ns) + 1;
    let axis = Axis { from_ns, to_ns };
    let floor = top + 42.0 + BARS;
    for (times, most, color) in [
        (&measured.cold, COLD_BINS, COLD),
        (&measured.render, HOT_BINS, HOT),
    ] {
        bars(svg, times, most, &axis, floor, color);
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{LEFT} {floor:.1}H{RIGHT}\" stroke=\"#222\"/>"
    );
    for ns in axis.marks() {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\">{}</text>",
            axis.place(ns),
            floor + 14.0,
            duration(ns)
        );
    }
}

/// A bar's area is its share of the calls; the highest is as high as there is room.
fn bars(svg: &mut String, times: &Times, most: usize, axis: &Axis, floor: f64, color: &str) {
    let last_ns = times.summary().p99_9;
    let bins = times.bins(most, last_ns);
    let drawn = bins.iter().filter(|bin| bin.from_ns <= last_ns);
    let placed = drawn.map(|bin| {
        let (from, to) = (axis.place(bin.from_ns), axis.place(bin.below_ns));
        (from, to, bin.calls as f64 / (to - from).max(0.1))
    });
    let placed: Vec<_> = placed.collect();
    let most = placed.iter().map(|(_, _, high)| *high).fold(0.0, f64::max);
    for (from, to, high) in placed.into_iter().filter(|(_, _, high)| *high > 0.0) {
        let height = high / most * BARS;
        let _ = writeln!(
            svg,
            "<rect x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{color}\" \
             fill-opacity=\"0.7\"/>",
            floor - height,
            (to - from).max(0.5)
        );
    }
}

/// Times, by their logarithm.
struct Axis {
    from_ns: u64,
    to_ns: u64,
}

impl Axis {
    fn place(&self, ns: u64) -> f64 {
        let ln = |ns: u64| (ns.clamp(self.from_ns, self.to_ns) as f64).ln();
        let share = (ln(ns) - ln(self.from_ns)) / (ln(self.to_ns) - ln(self.from_ns));
        LEFT + share * (RIGHT - LEFT)
    }

    /// 1, 2, 3 and 5 of each decade, or both ends.
    fn marks(&self) -> Vec<u64> {
        let decades = (0..11).map(|power| 10_u64.pow(power));
        let marks = decades.flat_map(|decade| [1, 2, 3, 5].map(|times| times * decade));
        let marks: Vec<_> = marks
            .filter(|ns| (self.from_ns..=self.to_ns).contains(ns))
            .collect();
        if marks.len() < 2 {
            vec![self.from_ns, self.to_ns]
        } else {
            marks
        }
    }
}

fn words(svg: &mut String, y: f64, style: &str, words: &str) {
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{y}\" {style}>{words}</text>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_its_ends_and_marks() {
        let axis = Axis {
            from_ns: 100,
            to_ns: 10_000,
        };
        assert_eq!((axis.place(100), axis.place(10_000)), (LEFT, RIGHT));
        assert!((axis.place(1_000) - (LEFT + RIGHT) / 2.0).abs() < 1e-9);
        assert_eq!((axis.place(0), axis.place(u64::MAX)), (LEFT, RIGHT));
        let marks = [100, 200, 300, 500, 1_000, 2_000, 3_000, 5_000, 10_000];
        assert_eq!(axis.marks(), marks);
        let narrow = Axis {
            from_ns: 310,
            to_ns: 400,
        };
        assert_eq!(narrow.marks(), [310, 400]);
    }

    #[test]
    fn words_are_no_tags() {
        assert_eq!(escaped("a -> b & <c>"), "a -&gt; b &amp; &lt;c&gt;");
    }
}
