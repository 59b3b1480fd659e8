//! What a file is, how long, and what is wrong with it.

use rt_callback::{ChannelLayout, StreamSpec};
use serde_json::{Map, Value, json};

use crate::cli::args::Info;
use crate::console::{Failure, ReportForm, say, tell};
use crate::decode::{About, clock};
use crate::input::{Input, Next, names};

/// Frames read at a time.
const STEP_FRAMES: usize = 1 << 14;

/// Frames of one kind.
struct Part {
    spec: StreamSpec,
    frames: u64,
}

impl Part {
    fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.spec.rate_hz)
    }

    fn words(&self) -> String {
        let (rate_hz, layout) = (self.spec.rate_hz, layout_words(self.spec.layout));
        let (time, frames) = (clock(self.seconds()), self.frames);
        format!("{rate_hz} Hz, {layout}, {time}, {frames} frames")
    }
}

pub(crate) fn run(arguments: &Info) -> Result<(), Failure> {
    let mut input = Input::open(&arguments.input, arguments.raw)?;
    // A length that a header promises is a hint: only reading shows how much there is.
    let parts = read(&mut input)?;
    let (about, warnings) = (input.about(), input.warnings());
    tell(&text(&about, &parts, &warnings))?;
    if let Some(ReportForm::Json) = arguments.report {
        let file = arguments.input.to_string_lossy();
        say(&json(&file, &about, &parts, &warnings));
    }
    Ok(())
}

fn read(input: &mut Input) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    let mut part = Part {
        spec: input.spec(),
        frames: 0,
    };
    let mut bytes = Vec::new();
    loop {
        match input.read(STEP_FRAMES, &mut bytes)? {
            Next::Frames(frames) => part.frames += frames as u64,
            Next::Changed(spec) => {
                parts.push(part);
                part = Part { spec, frames: 0 };
            }
            Next::End => break,
        }
    }
    parts.push(part);
    Ok(parts)
}

fn text(about: &About, parts: &[Part], warnings: &[String]) -> String {
    let mut lines = Vec::new();
    let mut line = |name: &str, words: &str| lines.push(format!("{name:>10}  {words}"));
    line("container", &about.container);
    line("codec", &about.codec);
    if let [Part { spec, .. }] = parts {
        line("rate", &format!("{} Hz", spec.rate_hz));
        line("layout", &layout_words(spec.layout));
    }
    if let Some(Part { spec, .. }) = parts.first() {
        line("format", &spec.format.to_string());
    }
    let frames: u64 = parts.iter().map(|part| part.frames).sum();
    let seconds: f64 = parts.iter().map(Part::seconds).sum();
    line("length", &format!("{} ({frames} frames)", clock(seconds)));
    if let Some(promised) = about.promised_frames.filter(|promised| *promised != frames) {
        line("promised", &format!("{promised} frames, by its header"));
    }
    if parts.len() > 1 {
        parts.iter().for_each(|part| line("part", &part.words()));
    }
    for (name, value) in &about.tags.0 {
        line("tag", &format!("{name}={value}"));
    }
    warnings.iter().for_each(|warning| line("warning", warning));
    lines.join("\n")
}

/// `stereo (FL FR)`
fn layout_words(layout: ChannelLayout) -> String {
    format!("{} ({})", layout_name(layout), names(layout))
}

fn layout_name(layout: ChannelLayout) -> String {
    layout
        .name()
        .map_or_else(|| layout.to_string(), str::to_owned)
}

fn positions(layout: ChannelLayout) -> Vec<&'static str> {
    layout.positions().map(|position| position.name()).collect()
}

fn json(file: &str, about: &About, parts: &[Part], warnings: &[String]) -> String {
    let mut tags = Map::new();
    for (name, value) in &about.tags.0 {
        // A name may stand more than once.
        let values = tags.entry(name.as_str()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(value.as_str().into());
        }
    }
    let first = parts.first();
    json!({
        "file": file,
        "container": about.container,
        "codec": about.codec,
        "rate_hz": first.map(|part| part.spec.rate_hz),
        "channels": first.map(|part| part.spec.channels()),
        "layout": first.map(|part| layout_name(part.spec.layout)),
        "positions": first.map(|part| positions(part.spec.layout)),
        "format": first.map(|part| part.spec.format.to_string()),
        "frames": parts.iter().map(|part| part.frames).sum::<u64>(),
        "seconds": parts.iter().map(Part::seconds).sum::<f64>(),
        "promised_frames": about.promised_frames,
        "parts": parts.iter().map(|part| json!({
            "rate_hz": part.spec.rate_hz,
            "channels": part.spec.channels(),
            "layout": layout_name(part.spec.layout),
            "positions": positions(part.spec.layout),
            "frames": part.frames,
        })).collect::<Vec<_>>(),
        "tags": tags,
        "warnings": warnings,
        "version": env!("CARGO_PKG_VERSION"),
    })
    .to_string()
}
