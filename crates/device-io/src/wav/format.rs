//! Reading the `fmt ` chunk: format, rate and channels.
//!
//! Only the coding, the rate, the channels and the bits are used. The size of a frame and the bytes per second follow
//! from these, and many writers get them wrong.

use rt_callback::{ChannelLayout, MAX_RATE_HZ, SampleFormat, StreamSpec};

use crate::wav::error::WavError;
use crate::wav::numbers::{u16_at, u32_at};
use crate::wav::tag::{TAG_ALAW, TAG_EXTENSIBLE, TAG_FLOAT, TAG_MULAW, TAG_PCM};

/// The size of `WAVEFORMAT` of 1991: tag, channels, rate, bytes per second and bytes of a frame.
const SHORTEST: usize = 14;
/// The size of `WAVEFORMATEXTENSIBLE`.
const EXTENSIBLE: usize = 40;

/// Parses the body of a `fmt ` chunk.
pub(super) fn parse(fmt: &[u8]) -> Result<StreamSpec, WavError> {
    if fmt.len() < SHORTEST {
        return Err(WavError::Lies("the fmt chunk has an impossible size"));
    }
    let (channels, rate_hz) = (u16_at(fmt, 2), u32_at(fmt, 4));
    let (tag, valid_bits, mask) = match u16_at(fmt, 0) {
        TAG_EXTENSIBLE if fmt.len() >= EXTENSIBLE => {
            (u16_at(fmt, 24), u16_at(fmt, 18), Some(u32_at(fmt, 20)))
        }
        TAG_EXTENSIBLE => return Err(WavError::Lies("its extensible part is missing")),
        tag => (tag, 0, None),
    };
    if channels == 0 {
        return Err(WavError::Lies("0 channels"));
    }
    if !(1..=MAX_RATE_HZ).contains(&rate_hz) {
        return Err(WavError::Lies("the rate is outside 1..=768000 Hz"));
    }
    let bits = match (tag, u16_at(fmt, 14)) {
        // If no field has the bits of a sample, they follow from the size of a frame.
        (TAG_PCM | TAG_FLOAT, 0) if valid_bits == 0 => {
            (u16_at(fmt, 12) / channels).saturating_mul(8)
        }
        (_, 0) => valid_bits,
        (_, bits) => bits,
    };
    let format = format_of(tag, bits).ok_or(WavError::Codec(tag, bits))?;
    let layout =
        layout_of(mask, usize::from(channels)).ok_or(WavError::Lies("more than 64 channels"))?;
    Ok(StreamSpec::new(format, rate_hz, layout))
}

/// The format of samples with this tag and these bits.
///
/// Samples of 12 or 20 bits are in the upper bits of as many bytes as they need, so they are read as samples of that
/// many bytes.
fn format_of(tag: u16, bits: u16) -> Option<SampleFormat> {
    Some(match (tag, bits) {
        (TAG_PCM, 1..=8) => SampleFormat::U8,
        (TAG_PCM, 9..=16) => SampleFormat::S16Le,
        (TAG_PCM, 17..=24) => SampleFormat::S24Le,
        (TAG_PCM, 25..=32) => SampleFormat::S32Le,
        (TAG_PCM, 57..=64) => SampleFormat::S64Le,
        (TAG_FLOAT, 32) => SampleFormat::F32Le,
        (TAG_FLOAT, 64) => SampleFormat::F64Le,
        // These always have 8 bits. Some writers note the 13 or 16 bits that they stand for.
        (TAG_ALAW, _) => SampleFormat::ALaw,
        (TAG_MULAW, _) => SampleFormat::MuLaw,
        _ => return None,
    })
}

/// The layout of the channels. One channel is mono, although many writers call it front left: they name as many
/// speakers as there are channels, beginning with the first.
fn layout_of(mask: Option<u32>, channels: usize) -> Option<ChannelLayout> {
    const FRONT_LEFT: u32 = 1;
    let layout = match mask {
        Some(mask) => ChannelLayout::from_mask(mask, channels)?,
        None => ChannelLayout::from_count(channels)?,
    };
    let is_mono = channels == 1 && matches!(layout.mask(), None | Some(FRONT_LEFT));
    Some(if is_mono { ChannelLayout::MONO } else { layout })
}
