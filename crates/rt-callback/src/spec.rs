//! Stream specs: the format, rate and channels of samples.

use core::fmt;
use core::num::NonZeroUsize;
use core::str::FromStr;

use channel_mix::ChannelLayout;
use pcm_convert::SampleFormat;

/// The highest sample rate that this crate accepts, in Hz.
pub const MAX_RATE_HZ: u32 = 768_000;

/// The most channels that this crate accepts.
pub(crate) const MAX_CHANNELS: usize = 64;

/// Format, rate and channel layout of interleaved samples.
///
/// Prints and parses as `RATExCHANNELS:FORMAT`, for example `48000x2:s16le` or `44100x5.1:f32le`.
/// [`StreamSpec::parse_raw`] reads the other common order, `FORMAT:RATE:CHANNELS`.
///
/// ```
/// use rt_callback::StreamSpec;
///
/// let spec: StreamSpec = "48000x2:s16le".parse()?;
/// assert_eq!((spec.rate_hz, spec.channels(), spec.frame_bytes()), (48_000, 2, 4));
/// assert_eq!(StreamSpec::parse_raw("s16le:48000:2")?, spec);
/// assert_eq!(spec.to_string(), "48000x2:s16le");
/// # Ok::<(), rt_callback::SpecError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSpec {
    /// How one sample is stored.
    pub format: SampleFormat,
    /// Frames per second, `1..=768_000` Hz.
    pub rate_hz: u32,
    /// How many channels there are, `1..=64`, and the speaker of each.
    pub layout: ChannelLayout,
}

impl StreamSpec {
    /// Makes a spec from its three parts.
    #[must_use]
    pub const fn new(format: SampleFormat, rate_hz: u32, layout: ChannelLayout) -> Self {
        Self {
            format,
            rate_hz,
            layout,
        }
    }

    /// Samples in a frame, `1..=64`.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.layout.channels()
    }

    /// [`channels`](Self::channels), at least 1.
    pub(crate) fn channel_count(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.channels()).unwrap_or(NonZeroUsize::MIN)
    }

    /// [`frame_bytes`](Self::frame_bytes), at least 1.
    pub(crate) fn frame_size(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.frame_bytes()).unwrap_or(NonZeroUsize::MIN)
    }

    /// Bytes in a frame, `1..=512`.
    #[must_use]
    pub fn frame_bytes(&self) -> usize {
        self.channels() * self.format.bytes_per_sample()
    }

    /// Reads `FORMAT:RATE:CHANNELS`, the order in which raw PCM is usually described
    /// (`s16le:24000:1`).
    ///
    /// # Errors
    /// [`SpecError`] names the part that is wrong.
    pub fn parse_raw(text: &str) -> Result<Self, SpecError> {
        let mut parts = text.split(':');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(format), Some(rate), Some(channels), None) => {
                Self::from_parts(format, rate, channels)
            }
            _ => Err(SpecError::RawForm),
        }
    }

    fn from_parts(format: &str, rate: &str, channels: &str) -> Result<Self, SpecError> {
        let rate_hz = rate
            .parse()
            .ok()
            .filter(|rate_hz| (1..=MAX_RATE_HZ).contains(rate_hz))
            .ok_or(SpecError::Rate)?;
        Ok(Self {
            format: format.parse().map_err(|_| SpecError::Format)?,
            rate_hz,
            layout: channels.parse().map_err(|_| SpecError::Channels)?,
        })
    }
}

impl FromStr for StreamSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (rate, rest) = text.split_once('x').ok_or(SpecError::Form)?;
        let (channels, format) = rest.split_once(':').ok_or(SpecError::Form)?;
        Self::from_parts(format, rate, channels)
    }
}

impl fmt::Display for StreamSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}:{}", self.rate_hz, self.layout, self.format)
    }
}

/// Why a text is no [`StreamSpec`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpecError {
    /// It does not have the form `RATExCHANNELS:FORMAT`.
    Form,
    /// It does not have the form `FORMAT:RATE:CHANNELS`.
    RawForm,
    /// The rate is no whole number of Hz in `1..=768_000`.
    Rate,
    /// The channels are neither a count in `1..=64` nor a layout's name.
    Channels,
    /// The sample format is not known.
    Format,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("expected RATExCHANNELS:FORMAT, such as 48000x2:s16le"),
            Self::RawForm => f.write_str("expected FORMAT:RATE:CHANNELS, such as s16le:24000:1"),
            Self::Rate => write!(
                f,
                "the rate must be a whole number of Hz from 1 to {MAX_RATE_HZ}"
            ),
            Self::Channels => f.write_str(
                "channels must be a count from 1 to 64 or a layout's name such as stereo or 5.1",
            ),
            Self::Format => {
                f.write_str("unknown sample format; known are:")?;
                SampleFormat::ALL
                    .iter()
                    .try_for_each(|format| write!(f, " {format}"))
            }
        }
    }
}

impl core::error::Error for SpecError {}
