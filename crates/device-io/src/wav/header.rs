//! The chunks in front of the samples, as they are read.
//!
//! Sources: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), for
//! RIFF and WAVE; `mmreg.h` for the tags and `WAVEFORMATEXTENSIBLE`; EBU Tech 3306 for RF64;
//! ITU-R BS.2088 for BW64, which differs in its name alone.

use std::io::{self, Read};
use std::path::PathBuf;
use std::{error, fmt};

use rt_callback::{ChannelLayout, MAX_RATE_HZ, SampleFormat, StreamSpec};

pub(super) const TAG_PCM: u16 = 1;
const TAG_FLOAT: u16 = 3;
const TAG_ALAW: u16 = 6;
const TAG_MULAW: u16 = 7;
pub(super) const TAG_EXTENSIBLE: u16 = 0xfffe;
/// A `fmt ` chunk is 16, 18 or 40 bytes, and a `ds64` chunk 28 and a short table; one far longer is
/// no such chunk.
const MAX_CHUNK_BYTES: u32 = 1 << 16;
/// What stands in the place of a length that is in the `ds64` chunk.
pub(super) const ELSEWHERE: u32 = u32::MAX;

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
    /// More samples than [`WavWriter::bounded`](crate::wav::WavWriter::bounded) was promised, and
    /// more than the header has room for.
    TooLong,
    /// The file could not be moved to its name. It is complete but for its header, perhaps, and
    /// stays where it is.
    Unnamed {
        /// Where it is.
        at: PathBuf,
        /// Why.
        error: io::Error,
    },
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
            Self::TooLong => {
                f.write_str("the WAV header has no room for the length of more than 4 GiB")
            }
            Self::Unnamed { at, error } => {
                write!(f, "{error}; what was written is in {}", at.display())
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for WavError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::Unnamed { error, .. } => Some(error),
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
    /// Reads up to the first sample, of RIFF, RF64 and BW64. Needs no seeking, so a pipe will do.
    ///
    /// # Errors
    /// [`WavError`] says what is wrong with the header.
    pub fn read(input: &mut impl Read) -> Result<Self, WavError> {
        let mut riff = [0; 12];
        input.read_exact(&mut riff)?;
        let riff_bytes = u32_at(&riff, 4);
        if !Self::begins_with(&riff) {
            return Err(WavError::NotWav);
        }
        let mut spec = None;
        let mut long = LongLengths::default();
        loop {
            let mut chunk = [0; 8];
            input.read_exact(&mut chunk)?;
            let (id, bytes) = chunk.split_at(4);
            let bytes = u32_at(bytes, 0);
            match id {
                b"fmt " => spec = Some(read_format(input, bytes)?),
                b"ds64" if (24..=MAX_CHUNK_BYTES).contains(&bytes) => {
                    long = LongLengths(read_chunk(input, bytes)?);
                }
                b"data" => {
                    let spec = spec.ok_or(WavError::Lies("no fmt chunk before the samples"))?;
                    let length = match long.data_bytes() {
                        Some(long) if bytes == ELSEWHERE => Length::Bytes(long),
                        _ if is_unknown(bytes, riff_bytes) => Length::ToTheEnd,
                        _ => Length::Bytes(u64::from(bytes)),
                    };
                    return Ok(Self { spec, length });
                }
                id if bytes == ELSEWHERE => {
                    let bytes = long.chunk_bytes(id).unwrap_or(u64::from(bytes));
                    skip_padded(input, bytes)?;
                }
                _ => skip_padded(input, u64::from(bytes))?,
            }
        }
    }

    /// Whether these are the first 12 bytes of a WAV file.
    #[must_use]
    pub fn begins_with(head: &[u8]) -> bool {
        matches!(head.get(..4), Some(b"RIFF" | b"RF64" | b"BW64"))
            && head.get(8..12) == Some(b"WAVE")
    }

    /// Whether a WAV file can hold samples of this format.
    #[must_use]
    pub fn can_hold(format: SampleFormat) -> bool {
        tag_and_bits(format).is_some()
    }
}

/// The lengths that writers into pipes leave behind: nothing at all, or as much as possible, a
/// header less or not, in 31 bits or in 32.
fn is_unknown(data_bytes: u32, riff_bytes: u32) -> bool {
    match data_bytes {
        0 => matches!(riff_bytes, 0 | 0xffff_ffff),
        0x7fff_f000..=0x8000_0000 | 0xffff_f000.. => true,
        _ => false,
    }
}

/// The body of a `ds64` chunk: the lengths, in bytes, of the file, of the samples (from 8 on), and
/// the number of frames; then a table of other chunks with their lengths (from 28 on).
#[derive(Default)]
struct LongLengths(Vec<u8>);

impl LongLengths {
    const TABLE: usize = 28;
    const ENTRY: usize = 12;

    /// Nothing where the writer could not know.
    fn data_bytes(&self) -> Option<u64> {
        self.u64_at(8)
            .filter(|&bytes| bytes != 0 && bytes != u64::MAX)
    }

    fn chunk_bytes(&self, id: &[u8]) -> Option<u64> {
        let mut entries = self.0.get(Self::TABLE..)?.chunks_exact(Self::ENTRY);
        let at = entries.position(|entry| entry.starts_with(id))?;
        self.u64_at(Self::TABLE + at * Self::ENTRY + 4)
    }

    fn u64_at(&self, at: usize) -> Option<u64> {
        let bytes = self.0.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}

fn read_format(input: &mut impl Read, bytes: u32) -> Result<StreamSpec, WavError> {
    if !(16..=MAX_CHUNK_BYTES).contains(&bytes) {
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

fn skip_padded(input: &mut impl Read, bytes: u64) -> Result<(), WavError> {
    skip_exactly(input, bytes.saturating_add(bytes % 2))
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
