//! What there is to play on.

use comfy_table::{Table, presets};
use device_io::{Backend, DeviceInfo, Null};

use crate::failure::{Failure, say, tell};

pub(crate) fn run() -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "ID", "NAME", "FORMATS", "RATES (Hz)", "CHANNELS"]);
    let mut devices = real_devices();
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

#[cfg(feature = "cpal")]
fn real_devices() -> Vec<DeviceInfo> {
    device_io::Cpal.devices().unwrap_or_else(|error| {
        say(&format!("outdata: {error}"));
        Vec::new()
    })
}

#[cfg(not(feature = "cpal"))]
fn real_devices() -> Vec<DeviceInfo> {
    say("outdata: this build has no real devices; build it with --features cpal");
    Vec::new()
}

/// Formats, rates and channels as ranges; `any` where the device takes what it is given.
fn row(device: &DeviceInfo) -> [String; 6] {
    let supported = &device.supported;
    let mut formats: Vec<_> = supported.iter().map(|one| one.format.to_string()).collect();
    formats.sort();
    formats.dedup();
    let formats = if formats.is_empty() {
        "any".to_owned()
    } else {
        formats.join(" ")
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
