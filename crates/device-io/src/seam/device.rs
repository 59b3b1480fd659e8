//! What can be opened, and as what.

use std::fmt;

use rt_callback::SampleFormat;

/// An output or an input that could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// What [`OutputRequest::device`](crate::OutputRequest::device) takes.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// It is the one that `None` means.
    pub is_default: bool,
    /// What it says it can do; empty where it takes whatever it is given.
    pub supported: Vec<SupportedFormats>,
    /// Its formats that nothing can be rendered into, such as DSD, in its own words.
    pub refused: Vec<String>,
    /// Why it cannot be asked what it can do, where that is so.
    pub trouble: Option<String>,
}

impl DeviceInfo {
    /// A device that takes whatever it is given.
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

/// One of the ways in which a device can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupportedFormats {
    /// How samples are stored.
    pub format: SampleFormat,
    /// How many channels.
    pub channels: usize,
    /// The lowest and the highest rate, in Hz.
    pub rates_hz: (u32, u32),
    /// The shortest and the longest block, in frames, where the device says so. It may say what
    /// it likes: 0 and `u32::MAX` have been seen.
    pub block_frames: Option<(u32, u32)>,
}

impl SupportedFormats {
    /// Blocks of any length.
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
