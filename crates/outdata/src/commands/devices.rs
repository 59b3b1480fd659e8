//! What there is to play on and to record from.

use comfy_table::{Table, presets};
use device_io::{Backend, DeviceError, DeviceInfo, Null};

use crate::cli::args::Devices;
use crate::console::{Failure, columns, say, tell};
use crate::hosts;

/// Lists the devices of one kind.
type List = fn(&dyn Backend) -> Result<Vec<DeviceInfo>, DeviceError>;

pub(crate) fn run(arguments: &Devices) -> Result<(), Failure> {
    let real = match hosts::backend(arguments.host.as_deref()) {
        Ok(real) => Some(real),
        // Whoever names an audio system wants that one.
        Err(error) if arguments.host.is_some() => return Err(Failure::failed(error)),
        Err(error) => {
            say(&format!("outdata: {error}"));
            None
        }
    };
    let kinds: [(&str, List); 2] = [
        ("OUTPUTS", |backend| backend.devices()),
        ("INPUTS", |backend| backend.inputs()),
    ];
    for (kind, list) in kinds {
        let mut devices = match real.as_deref().map(list) {
            Some(Ok(devices)) => devices,
            Some(Err(error)) if arguments.host.is_some() => return Err(Failure::failed(error)),
            Some(Err(error)) => {
                say(&format!("outdata: {error}"));
                Vec::new()
            }
            None => Vec::new(),
        };
        let has_default = devices.iter().any(|device| device.is_default);
        for mut device in list(&Null).map_err(Failure::failed)? {
            device.is_default = !has_default;
            devices.push(device);
        }
        let rows: Vec<_> = devices.iter().map(row).collect();
        tell(&fitted(kind, &rows))?;
    }
    Ok(())
}

/// A table where it fits into the terminal, else a few lines for each device.
fn fitted(kind: &str, rows: &[[String; 6]]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", kind, "NAME", "FORMATS", "RATES (Hz)", "CHANNELS"]);
    table.add_rows(rows);
    let text = table.to_string();
    let columns = columns().unwrap_or(usize::MAX);
    let fits = |line: &str| line.trim_end().chars().count() <= columns;
    if text.lines().all(fits) {
        return text;
    }
    let mut lines = vec![kind.to_owned()];
    for [default, id, name, formats, rates, channels] in rows {
        lines.push(format!("{default:1} {id}"));
        lines.push(format!("    {name}"));
        for (what, values) in [("formats", formats), ("Hz", rates), ("channels", channels)] {
            if !values.is_empty() {
                lines.push(format!("    {values} {what}"));
            }
        }
    }
    lines.join("\n")
}

/// Formats, rates and channels as ranges; `any` where the device takes what it is given. Why one
/// cannot be opened, `outdata doctor` says.
fn row(device: &DeviceInfo) -> [String; 6] {
    let supported = &device.supported;
    let mut formats: Vec<_> = supported.iter().map(|one| one.format.to_string()).collect();
    formats.sort();
    formats.dedup();
    let lowest = supported.iter().map(|one| one.rates_hz.0).min();
    let highest = supported.iter().map(|one| one.rates_hz.1).max();
    let channels = supported.iter().map(|one| one.channels);
    let what = if device.trouble.is_some() {
        ["not to be had".to_owned(), String::new(), String::new()]
    } else if supported.is_empty() && !device.refused.is_empty() {
        [device.refused.join(" "), String::new(), String::new()]
    } else {
        [
            if formats.is_empty() {
                "any".to_owned()
            } else {
                formats.join(" ")
            },
            range(lowest, highest),
            range(channels.clone().min(), channels.max()),
        ]
    };
    let default = if device.is_default { "*" } else { "" }.to_owned();
    let [formats, rates, channels] = what;
    [
        default,
        device.id.clone(),
        device.name.clone(),
        formats,
        rates,
        channels,
    ]
}

fn range<T: PartialEq + std::fmt::Display>(lowest: Option<T>, highest: Option<T>) -> String {
    match (lowest, highest) {
        (Some(lowest), Some(highest)) if lowest == highest => lowest.to_string(),
        (Some(lowest), Some(highest)) => format!("{lowest}-{highest}"),
        _ => "any".to_owned(),
    }
}
