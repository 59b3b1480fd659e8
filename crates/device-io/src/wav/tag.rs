//! Format tags: the numbers of sample codings.

use rt_callback::SampleFormat;

pub(super) const TAG_PCM: u16 = 1;
pub(super) const TAG_FLOAT: u16 = 3;
pub(super) const TAG_ALAW: u16 = 6;
pub(super) const TAG_MULAW: u16 = 7;
pub(super) const TAG_EXTENSIBLE: u16 = 0xfffe;
/// The format tag and the bits of this format. `None` if WAV cannot hold it.
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

/// Returns the usual name of a coding by its format tag (`mmreg.h`, RFC 2361), if it has one.
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
