//! What there is to play on.

use comfy_table::{Table, presets};
use device_io::{Backend, DeviceInfo, Null};

use crate::args::Devices;
use crate::failure::{Failure, say, tell};
use crate::real;

pub(crate) fn run(arguments: &Devices) -> Result<(), Failure> {
    let real = real::backend(arguments.host.as_deref()).and_then(|real| real.devices());
    let mut devices = match real {
        Ok(devices) => devices,
        // Whoever names an audio system wants that one.
        Err(error) if arguments.host.is_some() => return Err(Failure::failed(error)),
        Err(error) => {
            say(&format!("outdata: {error}"));
            Vec::new()
        }
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "ID", "NAME", "FORMATS", "RATES (Hz)", "CHANNELS"]);
    let has_default = devices.iter().any(|device| device.is_default);
    for mut device in Null.devices().map_err(Failure::failed)? {
        device.is_default = !has_default;
        devices.push(device);
    }
    for device in &devices {
        table.add_row(row(device));
    }
    tell(&table.to_string())
}

/// Formats, rates and channels as ranges; `any` where the device takes what it is given.
fn row(device: &DeviceInfo) -> [String; 6] {
    let supported = &device.supported;
    let mut formats: Vec<_> = supported.iter().map(|one| one.format.to_string()).collect();
    formats.sort();
    formats.dedup();
    let formats = match &device.trouble {
        Some(trouble) => trouble.clone(),
        None if formats.is_empty() => "any".to_owned(),
        None => formats.join(" "),
    };
    let lowest = supported.iter().map(|one| one.rates_hz.0).min();
    let highest = supported.iter().map(|one| one.rates_hz.1).max();
    let channels = supported.iter().map(|one| one.channels);
    [
        if device.is_default { "*" } else { "" }.to_owned(),
        device.id.clone(),
        device.name.clone(),
        formats,
        range(lowest, highest),
        range(channels.clone().min(), channels.max()),
    ]
}

fn range<T: PartialEq + std::fmt::Display>(lowest: Option<T>, highest: Option<T>) -> String {
    match (lowest, highest) {
        (Some(lowest), Some(highest)) if lowest == highest => lowest.to_string(),
        (Some(lowest), Some(highest)) => format!("{lowest}-{highest}"),
        _ => "any".to_owned(),
    }
}
