//! The chunks in front of the samples.
//!
//! Sources: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), for
//! RIFF and WAVE; `mmreg.h` for the tags and `WAVEFORMATEXTENSIBLE`; EBU Tech 3306 for RF64.

use std::io::{self, Read};
use std::{error, fmt};

use rt_callback::{ChannelLayout, MAX_RATE_HZ, SampleFormat, StreamSpec};

const TAG_PCM: u16 = 1;
const TAG_FLOAT: u16 = 3;
const TAG_ALAW: u16 = 6;
const TAG_MULAW: u16 = 7;
const TAG_EXTENSIBLE: u16 = 0xfffe;
/// What follows the tag in an extensible header's sub-format GUID.
const GUID_TAIL: [u8; 14] = [
    0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71,
];
/// A `fmt ` chunk is 16, 18 or 40 bytes; one far longer is no such chunk.
const MAX_FMT_BYTES: u32 = 1 << 16;

/// How many bytes of samples follow a [`WavHeader`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// As many as the header says; if the file ends earlier, it was cut short.
    Bytes(u64),
    /// All to the end of the file: the writer could not know, as into a pipe.
    ToTheEnd,
}

/// What stands before the samples of a WAV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavHeader {
    /// What the samples are.
    pub spec: StreamSpec,
    /// How many bytes of them there are.
    pub length: Length,
}

/// Why a WAV header cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum WavError {
    /// It is no WAV file at all.
    NotWav,
    /// It ends before its samples begin.
    EndsInHeader,
    /// The header contradicts itself; how.
    Lies(&'static str),
    /// The samples are coded in a way that is not plain PCM or G.711: tag and bits.
    Codec(u16, u16),
    /// A WAV file cannot hold samples of this format.
    Format(SampleFormat),
    /// A WAV file cannot hold so many bytes.
    TooLong,
    /// It could not be read or written.
    Io(io::Error),
}

impl fmt::Display for WavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWav => f.write_str("this is no WAV file"),
            Self::EndsInHeader => f.write_str("the WAV file ends before its samples begin"),
            Self::Lies(how) => write!(f, "the WAV header is wrong: {how}"),
            Self::Codec(tag, bits) => {
                write!(
                    f,
                    "unsupported WAV coding (format tag {tag:#06x}, {bits} bits)"
                )
            }
            Self::Format(format) => write!(
                f,
                "a WAV file cannot hold {format}; it can hold u8, s16le, s24le, s32le, f32le, \
                 f64le, mulaw and alaw"
            ),
            Self::TooLong => f.write_str("a WAV file cannot be longer than 4 GiB"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for WavError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for WavError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::EndsInHeader,
            _ => Self::Io(error),
        }
    }
}

impl WavHeader {
    /// Reads up to the first sample. Needs no seeking, so a pipe will do.
    ///
    /// # Errors
    /// [`WavError`] says what is wrong with the header.
    pub fn read(input: &mut impl Read) -> Result<Self, WavError> {
        let mut riff = [0; 12];
        input.read_exact(&mut riff)?;
        let (id, length, form) = (&riff[..4], u32_at(&riff, 4), &riff[8..]);
        if !matches!(id, b"RIFF" | b"RF64") || form != b"WAVE" {
            return Err(WavError::NotWav);
        }
        let mut spec = None;
        let mut long_length = None;
        loop {
            let mut chunk = [0; 8];
            input.read_exact(&mut chunk)?;
            let bytes = u32_at(&chunk, 4);
            match &chunk[..4] {
                b"fmt " => spec = Some(read_format(input, bytes)?),
                b"ds64" if bytes >= 24 => {
                    let body = read_chunk(input, bytes)?;
                    long_length = body.get(8..16).and_then(|at| at.try_into().ok());
                }
                b"data" => {
                    let spec = spec.ok_or(WavError::Lies("no fmt chunk before the samples"))?;
                    let length = match long_length {
                        Some(long) => Length::Bytes(u64::from_le_bytes(long)),
                        None if is_unknown(bytes, length) => Length::ToTheEnd,
                        None => Length::Bytes(u64::from(bytes)),
                    };
                    return Ok(Self { spec, length });
                }
                _ => skip(input, bytes)?,
            }
        }
    }

    /// Whether a WAV file can hold samples of this format.
    #[must_use]
    pub fn can_hold(format: SampleFormat) -> bool {
        tag_and_bits(format).is_some()
    }

    /// The header for `data_bytes` bytes of samples.
    pub(crate) fn write(spec: &StreamSpec, data_bytes: u32) -> Result<Vec<u8>, WavError> {
        let (tag, bits) = tag_and_bits(spec.format).ok_or(WavError::Format(spec.format))?;
        let channels = spec.channels() as u16;
        let extensible = channels > 2 || tag == TAG_PCM && bits > 16;
        let frame_bytes = spec.frame_bytes() as u16;
        let frames = data_bytes / u32::from(frame_bytes);

        let mut fmt = Vec::with_capacity(40);
        let outer_tag = if extensible { TAG_EXTENSIBLE } else { tag };
        fmt.extend(outer_tag.to_le_bytes());
        fmt.extend(channels.to_le_bytes());
        fmt.extend(spec.rate_hz.to_le_bytes());
        fmt.extend((spec.rate_hz.saturating_mul(u32::from(frame_bytes))).to_le_bytes());
        fmt.extend(frame_bytes.to_le_bytes());
        fmt.extend(bits.to_le_bytes());
        if extensible {
            fmt.extend(22_u16.to_le_bytes());
            fmt.extend(bits.to_le_bytes());
            fmt.extend(spec.layout.mask().unwrap_or(0).to_le_bytes());
            fmt.extend(tag.to_le_bytes());
            fmt.extend(GUID_TAIL);
        } else if tag != TAG_PCM {
            fmt.extend(0_u16.to_le_bytes());
        }

        let mut chunks = Vec::with_capacity(80);
        chunks.extend(b"WAVE");
        push_chunk(&mut chunks, b"fmt ", &fmt);
        if tag != TAG_PCM {
            push_chunk(&mut chunks, b"fact", &frames.to_le_bytes());
        }
        chunks.extend(b"data");
        chunks.extend(data_bytes.to_le_bytes());

        let padded = u64::from(data_bytes) + u64::from(data_bytes % 2);
        let length = u32::try_from(chunks.len() as u64 + padded).map_err(|_| WavError::TooLong)?;
        let mut header = Vec::with_capacity(8 + chunks.len());
        header.extend(b"RIFF");
        header.extend(length.to_le_bytes());
        header.extend(chunks);
        Ok(header)
    }
}

/// The lengths that writers into pipes leave behind: nothing at all, or as much as possible.
fn is_unknown(data_bytes: u32, riff_bytes: u32) -> bool {
    data_bytes >= 0x7fff_f000 || data_bytes == 0 && matches!(riff_bytes, 0 | 0xffff_ffff)
}

fn read_format(input: &mut impl Read, bytes: u32) -> Result<StreamSpec, WavError> {
    if !(16..=MAX_FMT_BYTES).contains(&bytes) {
        return Err(WavError::Lies("the fmt chunk has an impossible size"));
    }
    let fmt = read_chunk(input, bytes)?;
    let (channels, rate_hz) = (u16_at(&fmt, 2), u32_at(&fmt, 4));
    let (frame_bytes, bits) = (u16_at(&fmt, 12), u16_at(&fmt, 14));
    let (tag, mask) = match u16_at(&fmt, 0) {
        TAG_EXTENSIBLE if fmt.len() >= 40 => (u16_at(&fmt, 24), Some(u32_at(&fmt, 20))),
        TAG_EXTENSIBLE => return Err(WavError::Lies("its extensible part is missing")),
        tag => (tag, None),
    };
    if channels == 0 {
        return Err(WavError::Lies("0 channels"));
    }
    if !(1..=MAX_RATE_HZ).contains(&rate_hz) {
        return Err(WavError::Lies("the rate is outside 1..=768000 Hz"));
    }
    let format = match (tag, bits) {
        (TAG_PCM, 8) => SampleFormat::U8,
        (TAG_PCM, 16) => SampleFormat::S16Le,
        (TAG_PCM, 24) => SampleFormat::S24Le,
        (TAG_PCM, 32) => SampleFormat::S32Le,
        (TAG_FLOAT, 32) => SampleFormat::F32Le,
        (TAG_FLOAT, 64) => SampleFormat::F64Le,
        (TAG_ALAW, 8) => SampleFormat::ALaw,
        (TAG_MULAW, 8) => SampleFormat::MuLaw,
        _ => return Err(WavError::Codec(tag, bits)),
    };
    let channels = usize::from(channels);
    let layout = match mask {
        Some(mask) => ChannelLayout::from_mask(mask, channels),
        None => ChannelLayout::from_count(channels),
    };
    let layout = layout.ok_or(WavError::Lies("more than 64 channels"))?;
    let spec = StreamSpec::new(format, rate_hz, layout);
    if usize::from(frame_bytes) != spec.frame_bytes() {
        return Err(WavError::Lies(
            "the size of a frame is not that of its samples",
        ));
    }
    Ok(spec)
}

fn tag_and_bits(format: SampleFormat) -> Option<(u16, u16)> {
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

fn push_chunk(out: &mut Vec<u8>, id: &[u8; 4], body: &[u8]) {
    out.extend(id);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
}

/// The body of a small chunk, and past its padding.
fn read_chunk(input: &mut impl Read, bytes: u32) -> Result<Vec<u8>, WavError> {
    let mut body = Vec::new();
    let read = input.take(u64::from(bytes)).read_to_end(&mut body)?;
    if read < bytes as usize {
        return Err(WavError::EndsInHeader);
    }
    skip_exactly(input, u64::from(bytes % 2))?;
    Ok(body)
}

fn skip(input: &mut impl Read, bytes: u32) -> Result<(), WavError> {
    skip_exactly(input, u64::from(bytes) + u64::from(bytes % 2))
}

fn skip_exactly(input: &mut impl Read, bytes: u64) -> Result<(), WavError> {
    let skipped = io::copy(&mut input.take(bytes), &mut io::sink())?;
    if skipped == bytes {
        Ok(())
    } else {
        Err(WavError::EndsInHeader)
    }
}

/// Reads past the end as zeros; the callers have looked at the length.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let value = bytes
        .get(at..at + 2)
        .and_then(|value| value.try_into().ok());
    u16::from_le_bytes(value.unwrap_or_default())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let value = bytes
        .get(at..at + 4)
        .and_then(|value| value.try_into().ok());
    u32::from_le_bytes(value.unwrap_or_default())
}
