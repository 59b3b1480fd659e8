//! What each device would be opened as, and why: the negotiation explains itself.

use device_io::{Backend, BlockLength, DeviceInfo, Negotiated, Null};
use rt_callback::{StreamSpec, stream};

use crate::cli::args::Doctor;
use crate::commands::config::config;
use crate::console::{Failure, tell};
use crate::hosts;
use crate::input::Input;

/// What speech services send.
const VOICE: &str = "24000x1:s16le";

pub(crate) fn run(arguments: &Doctor) -> Result<(), Failure> {
    let source = source(arguments)?;
    let mut lines = vec![format!("source    {source}")];
    if let Some(allowed) = hosts::real_time() {
        let allowed = if allowed { "allowed" } else { "refused here" };
        lines.push(format!("realtime  {allowed}"));
    }
    let mut devices = Vec::new();
    for host in hosts::hosts(arguments.host.as_deref()) {
        let found = hosts::backend(Some(&host)).and_then(|host| host.devices());
        match found {
            Ok(found) => {
                lines.push(format!("host      {host}: {} devices", found.len()));
                devices.extend(found);
            }
            Err(error) => lines.push(format!("host      {host}: {error}")),
        }
    }
    let has_default = devices.iter().any(|device| device.is_default);
    for mut device in Null.devices().map_err(Failure::failed)? {
        device.is_default = !has_default;
        devices.push(device);
    }
    if let Some(wanted) = &arguments.device {
        let known: Vec<_> = devices.iter().map(|device| device.id.clone()).collect();
        devices.retain(|device| device.id == *wanted);
        if devices.is_empty() {
            let known = known.join(", ");
            return Err(Failure::failed(format!(
                "there is no device {wanted}; there are: {known}"
            )));
        }
    }
    for device in &devices {
        lines.push(String::new());
        lines.extend(examine(arguments, source, device));
    }
    tell(&lines.join("\n"))
}

/// What would be played.
fn source(arguments: &Doctor) -> Result<StreamSpec, Failure> {
    match (&arguments.input, arguments.options.raw) {
        (Some(path), raw) => Ok(Input::open(path.as_ref(), raw)?.spec()),
        (None, Some(raw)) => Ok(raw),
        (None, None) => VOICE.parse().map_err(Failure::failed),
    }
}

fn examine(arguments: &Doctor, source: StreamSpec, device: &DeviceInfo) -> Vec<String> {
    let default = if device.is_default { " (default)" } else { "" };
    let mut lines = vec![format!("{}  {}{default}", device.id, device.name)];
    let block = arguments.block.map_or_else(BlockLength::default, |frames| {
        BlockLength::Frames(u32::try_from(frames.get()).unwrap_or(u32::MAX))
    });
    match device.negotiate(source, block) {
        Ok(negotiated) => {
            lines.extend(indented(&negotiated.explain().to_string()));
            lines.extend(indented(&engine(arguments, &negotiated)));
        }
        Err(error) => lines.extend(indented(&format!("trouble   {error}"))),
    }
    if !device.refused.is_empty() {
        let refused = device.refused.join(" ");
        lines.extend(indented(&format!("refused   {refused}: no PCM")));
    }
    lines
}

/// What the engine does with these options for this device, and how late that is.
fn engine(arguments: &Doctor, negotiated: &Negotiated) -> String {
    let config = config(&arguments.options, negotiated.source, negotiated.spec);
    let (_, _, renderer, _) = match stream(&config) {
        Ok(halves) => halves,
        Err(error) => return format!("trouble   {error}"),
    };
    let mut how = Vec::new();
    if negotiated.source.rate_hz != negotiated.spec.rate_hz {
        how.push(format!(
            "{} resampler, reading {} source frames ahead",
            config.resample,
            renderer.latency_frames()
        ));
    }
    if negotiated.source.layout != negotiated.spec.layout {
        how.push(format!("{} mix", config.mix.rules));
    }
    if !negotiated.spec.format.is_float() && negotiated.source.format != negotiated.spec.format {
        how.push(format!("rounding {}", config.rounding));
        how.push(format!("dither {}", config.dither));
    }
    let ahead = renderer.latency_frames() as f64 / f64::from(negotiated.source.rate_hz);
    // A device plays one block while it asks for the next.
    let blocks = 2.0 * negotiated.block().as_secs_f64();
    let latency = format!(
        "latency   {:.1} ms: two blocks{}",
        (ahead + blocks) * 1000.0,
        if ahead > 0.0 {
            " and what the resampler reads ahead"
        } else {
            ""
        }
    );
    if how.is_empty() {
        latency
    } else {
        format!("how       {}\n{latency}", how.join(", "))
    }
}

fn indented(text: &str) -> Vec<String> {
    text.lines().map(|line| format!("  {line}")).collect()
}
