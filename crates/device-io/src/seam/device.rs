//! Devices that can be opened, and their formats.

use std::fmt;

use rt_callback::SampleFormat;

/// An output or an input that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// The id, as [`OutputRequest::device`](crate::OutputRequest::device) takes it.
    pub id: String,
    /// The name, for people.
    pub name: String,
    /// Whether it is the default device, which a request with `None` opens.
    pub is_default: bool,
    /// The formats that the device says it supports. Empty if it takes anything.
    pub supported: Vec<SupportedFormats>,
    /// The formats of the device that cannot be rendered, such as DSD, in its own words.
    pub refused: Vec<String>,
    /// Why the device cannot be asked for its formats, if it cannot.
    pub trouble: Option<String>,
}

impl DeviceInfo {
    /// Makes the info of a device that takes anything.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            is_default: false,
            supported: Vec::new(),
            refused: Vec::new(),
            trouble: None,
        }
    }
}

/// One of the formats in which a device can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupportedFormats {
    /// How samples are stored.
    pub format: SampleFormat,
    /// How many channels there are.
    pub channels: usize,
    /// The lowest and the highest rate, in Hz.
    pub rates_hz: (u32, u32),
    /// The shortest and the longest block in frames, if the device says so. The values may make no sense: 0 and
    /// `u32::MAX` have been seen.
    pub block_frames: Option<(u32, u32)>,
}

impl SupportedFormats {
    /// A format with blocks of any length.
    #[must_use]
    pub const fn new(format: SampleFormat, channels: usize, rates_hz: (u32, u32)) -> Self {
        Self {
            format,
            channels,
            rates_hz,
            block_frames: None,
        }
    }
}

impl fmt::Display for SupportedFormats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            format,
            channels,
            rates_hz: (lowest, highest),
            ..
        } = self;
        if lowest == highest {
            write!(f, "{lowest}x{channels}:{format}")
        } else {
            write!(f, "{lowest}-{highest}x{channels}:{format}")
        }
    }
}
