//! The report for programs and for pages.

use std::fmt::Write;

use serde_json::{Value, json};

use super::measure::{Measured, Run};
use super::times::{Summary, Times};
use crate::console::{backends, duration, versions};

/// Bins of a histogram that a program reads.
const BINS: usize = 60;

/// One JSON object on one line.
pub(super) fn json(run: &Run) -> String {
    let rows: Vec<_> = run.rows.iter().map(row_json).collect();
    let mut report = json!({
        "processor": run.processor,
        "clock_ns": run.clock_ns,
        "measurements": rows,
    });
    if let (Value::Object(report), Value::Object(versions)) = (&mut report, versions()) {
        report.extend(versions);
    }
    report.to_string()
}

fn row_json(measured: &Measured) -> Value {
    let row = &measured.row;
    let render = measured.render.summary();
    json!({
        "from": row.config.source.to_string(),
        "to": row.config.device.to_string(),
        "block": row.block_frames,
        "resample": row.config.resample.name(),
        "mix": row.config.mix.rules.name(),
        "round": row.config.rounding.name(),
        "dither": row.config.dither.name(),
        "streams": row.streams,
        "budget_ns": row.budget_ns(),
        "budget_percent": {
            "p50": row.percent(render.p50),
            "p99": row.percent(render.p99),
            "p99_9": row.percent(render.p99_9),
            "max": row.percent(render.max),
        },
        "render_ns": summary_json(&render),
        "cold_ns": summary_json(&measured.cold.summary()),
        "push_ns": summary_json(&measured.push),
        "memcpy_ns": measured.memcpy_ns,
        "render_histogram": bins_json(&measured.render),
        "cold_histogram": bins_json(&measured.cold),
    })
}

fn summary_json(summary: &Summary) -> Value {
    json!({
        "calls": summary.calls,
        "p50": summary.p50,
        "p99": summary.p99,
        "p99_9": summary.p99_9,
        "max": summary.max,
        "outliers": {"calls": summary.outliers, "above": summary.above},
    })
}

fn bins_json(times: &Times) -> Vec<Value> {
    let bins = times.bins(BINS, times.summary().p99_9);
    let bins = bins.iter().filter(|bin| bin.calls > 0);
    bins.map(|bin| json!({"from_ns": bin.from_ns, "below_ns": bin.below_ns, "calls": bin.calls}))
        .collect()
}

/// What it was measured on, and a table.
pub(super) fn markdown(run: &Run) -> String {
    let backends = backends().map(|(name, backend)| format!("{name} {backend}"));
    let mut text = format!(
        "outdata {}, {}; {}; reading the clock takes {} ns, which are taken off\n\n",
        env!("CARGO_PKG_VERSION"),
        run.processor.replace('|', "\\|"),
        backends.join(", "),
        run.clock_ns
    );
    text += "| from | to | block | resample | streams | p50 | p99 | p99.9 | max | of the budget | cold p50 | \
             push p50 | memcpy | outliers |\n";
    text += "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for measured in &run.rows {
        let row = &measured.row;
        let render = measured.render.summary();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.4} % | {} | {} | {:.1} ns | {} of {} |",
            row.config.source,
            row.config.device,
            row.block_frames,
            row.resample(),
            row.streams,
            duration(render.p50),
            duration(render.p99),
            duration(render.p99_9),
            duration(render.max),
            row.percent(render.p50),
            duration(measured.cold.summary().p50),
            duration(measured.push.p50),
            measured.memcpy_ns,
            render.outliers,
            render.calls
        );
    }
    text
}

/// A line of names, and one for each measurement.
pub(super) fn csv(run: &Run) -> String {
    const TIMES: [&str; 7] = ["calls", "p50", "p99", "p99_9", "max", "outliers", "above"];
    let mut names: Vec<String> = ["version", "processor"].map(str::to_owned).to_vec();
    names.extend(backends().map(|(name, _)| name.to_owned()));
    let asked = ["from", "to", "block", "resample", "streams"];
    names.extend(asked.map(str::to_owned));
    names.push("budget_ns".to_owned());
    for what in ["render", "cold", "push"] {
        let name = |time: &&str| match *time {
            "calls" | "outliers" => format!("{what}_{time}"),
            _ => format!("{what}_{time}_ns"),
        };
        names.extend(TIMES.iter().map(name));
    }
    names.extend(["memcpy_ns", "clock_ns"].map(str::to_owned));
    let mut lines = vec![names.join(",")];
    for measured in &run.rows {
        let row = &measured.row;
        let mut fields = vec![env!("CARGO_PKG_VERSION").to_owned(), quoted(&run.processor)];
        fields.extend(backends().map(|(_, backend)| backend.to_owned()));
        fields.extend([
            row.config.source.to_string(),
            row.config.device.to_string(),
            row.block_frames.to_string(),
            row.config.resample.name().to_owned(),
            row.streams.to_string(),
            row.budget_ns().to_string(),
        ]);
        let (render, cold) = (measured.render.summary(), measured.cold.summary());
        for times in [render, cold, measured.push] {
            let Summary {
                calls,
                p50,
                p99,
                p99_9,
                max,
                outliers,
                above,
            } = times;
            let numbers = [calls, p50, p99, p99_9, max, outliers, above];
            fields.extend(numbers.map(|number| number.to_string()));
        }
        fields.extend([measured.memcpy_ns.to_string(), run.clock_ns.to_string()]);
        lines.push(fields.join(","));
    }
    lines.join("\n")
}

/// As RFC 4180 has it.
fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_commas_is_one_field() {
        assert_eq!(quoted("A \"B\", C"), "\"A \"\"B\"\", C\"");
    }
}
