//! Which formats a device supports, and in which one it is opened.

use cpal::traits::DeviceTrait;
use cpal::{SupportedBufferSize, SupportedStreamConfigRange};
use rt_callback::StreamSpec;

use super::error::backend_error;
use super::format::{Memory, rendered_as};
use super::side::Side;
use crate::error::DeviceError;
use crate::negotiate::Negotiated;
use crate::seam::{BlockLength, DeviceInfo, SupportedFormats};

/// Chooses the format in which the device is opened.
pub(super) fn choose(
    device: &cpal::Device,
    side: Side,
    wanted: StreamSpec,
    block: BlockLength,
) -> Result<(Negotiated, Memory), DeviceError> {
    let ranges = side.ranges(device).map_err(backend_error)?;
    let Ways { supported, refused } = Ways::of(&ranges, side);
    if supported.is_empty() {
        return Err(DeviceError::UnsupportedFormat(match refused.is_empty() {
            true => "nothing".to_owned(),
            false => refused.join(", "),
        }));
    }
    let formats: Vec<_> = supported.iter().map(|(formats, _)| *formats).collect();
    let negotiated = Negotiated::new(wanted, block, &formats)?;
    // Of two formats that are rendered alike, the one that needs no conversion in place.
    let memory = supported
        .iter()
        .filter(|(formats, _)| formats.format == negotiated.spec.format)
        .map(|(_, memory)| *memory)
        .max_by_key(|memory| memory.is_plain())
        .ok_or_else(|| side.none())?;
    Ok((negotiated, memory))
}

/// The formats that a device says it supports: those that can be rendered, and those that cannot.
struct Ways {
    supported: Vec<(SupportedFormats, Memory)>,
    refused: Vec<String>,
}

impl Ways {
    fn of(ranges: &[SupportedStreamConfigRange], side: Side) -> Self {
        let mut ways = Self {
            supported: Vec::new(),
            refused: Vec::new(),
        };
        for range in ranges {
            // An input's block is read-only, so it cannot be converted in place.
            let known = rendered_as(range.sample_format())
                .filter(|(_, memory)| side == Side::Output || memory.is_plain());
            let Some((format, memory)) = known else {
                let format = range.sample_format().to_string();
                if !ways.refused.contains(&format) {
                    ways.refused.push(format);
                }
                continue;
            };
            let rates_hz = (range.min_sample_rate(), range.max_sample_rate());
            let channels = usize::from(range.channels());
            let mut formats = SupportedFormats::new(format, channels, rates_hz);
            formats.block_frames = match *range.buffer_size() {
                SupportedBufferSize::Range { min, max } => Some((min, max)),
                SupportedBufferSize::Unknown => None,
            };
            ways.supported.push((formats, memory));
        }
        ways
    }
}

pub(super) fn describe(
    device: &cpal::Device,
    side: Side,
    default: Option<&cpal::DeviceId>,
) -> Option<DeviceInfo> {
    let id = device.id().ok()?;
    let ranges = side.ranges(device);
    let trouble = match &ranges {
        Err(error) => Some(error.to_string()),
        Ok(ranges) if ranges.is_empty() => Some("it says nothing of what it can do".to_owned()),
        Ok(_) => None,
    };
    let ways = Ways::of(&ranges.unwrap_or_default(), side);
    let name = device
        .description()
        .map_or_else(|_| id.to_string(), |said| said.name().to_owned());
    let mut info = DeviceInfo::new(id.to_string(), name);
    info.is_default = default == Some(&id);
    info.supported = ways.supported.iter().map(|(formats, _)| *formats).collect();
    info.refused = ways.refused;
    info.trouble = trouble;
    Some(info)
}
