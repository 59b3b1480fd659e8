//! The `fmt ` chunk: which samples there are.
//!
//! Only the coding, the rate, the channels and the bits decide. The size of a frame and the bytes a
//! second follow from them, and many writers get them wrong.

use rt_callback::{ChannelLayout, MAX_RATE_HZ, SampleFormat, StreamSpec};

use crate::wav::error::WavError;
use crate::wav::header::{u16_at, u32_at};

pub(super) const TAG_PCM: u16 = 1;
const TAG_FLOAT: u16 = 3;
const TAG_ALAW: u16 = 6;
const TAG_MULAW: u16 = 7;
pub(super) const TAG_EXTENSIBLE: u16 = 0xfffe;
/// The tag, channels, the rate, bytes a second and a frame's bytes: `WAVEFORMAT` of 1991.
const SHORTEST: usize = 14;
/// `WAVEFORMATEXTENSIBLE`.
const EXTENSIBLE: usize = 40;

/// What the body of a `fmt ` chunk says.
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
        // Where nobody says how many bits a sample has, the size of a frame is all there is to go by.
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

/// Samples of 12 or 20 bits lie in as many bytes as they need, in the upper bits: they are read as
/// samples of that many bytes.
fn format_of(tag: u16, bits: u16) -> Option<SampleFormat> {
    Some(match (tag, bits) {
        (TAG_PCM, 1..=8) => SampleFormat::U8,
        (TAG_PCM, 9..=16) => SampleFormat::S16Le,
        (TAG_PCM, 17..=24) => SampleFormat::S24Le,
        (TAG_PCM, 25..=32) => SampleFormat::S32Le,
        (TAG_PCM, 57..=64) => SampleFormat::S64Le,
        (TAG_FLOAT, 32) => SampleFormat::F32Le,
        (TAG_FLOAT, 64) => SampleFormat::F64Le,
        // These have 8 bits, whatever is said: some write the 13 or 16 bits that they stand for.
        (TAG_ALAW, _) => SampleFormat::ALaw,
        (TAG_MULAW, _) => SampleFormat::MuLaw,
        _ => return None,
    })
}

/// One channel is mono, although many writers say that it is the front left one: they name as many
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

/// How samples of this format are written, where WAV can hold them.
pub(super) fn tag_and_bits(format: SampleFormat) -> Option<(u16, u16)> {
    Some(match format {
        SampleFormat::U8 => (TAG_PCM, 8),
        SampleFormat::S16Le => (TAG_PCM, 16),
        SampleFormat::S24Le => (TAG_PCM, 24),
        SampleFormat::S32Le => (TAG_PCM, 32),
        SampleFormat::F32Le => (TAG_FLOAT, 32),
        SampleFormat::F64Le => (TAG_FLOAT, 64),
        SampleFormat::ALaw => (TAG_ALAW, 8),
        SampleFormat::MuLaw => (TAG_MULAW, 8),
        _ => return None,
    })
}

/// What people call a WAV file's coding, by its format tag (`mmreg.h`, RFC 2361), where it has a name.
#[must_use]
pub fn codec_name(tag: u16) -> Option<&'static str> {
    Some(match tag {
        TAG_PCM => "PCM",
        0x0002 => "Microsoft ADPCM",
        TAG_FLOAT => "floating point",
        0x0011 => "IMA ADPCM",
        0x0022 => "TrueSpeech",
        0x0031 => "GSM 6.10",
        0x0040 => "G.721 ADPCM",
        0x0042 => "G.723.1",
        0x0045 | 0x0064 => "G.726 ADPCM",
        0x0050 => "MPEG audio, layer 1 or 2",
        0x0055 => "MP3",
        0x0083 => "G.729",
        0x0092 => "AC-3 (S/PDIF)",
        0x00ff | 0x1600 | 0x1610 => "AAC",
        0x0160..=0x0163 => "Windows Media Audio",
        0x0270 => "ATRAC3",
        0x2000 => "AC-3",
        0x2001 => "DTS",
        0x566f | 0x674f..=0x6751 | 0x676f..=0x6771 => "Vorbis",
        0x704f => "Opus",
        0xa109 => "Speex",
        0xf1ac => "FLAC",
        _ => return None,
    })
}
