//! Reading the chunks before the samples.
//!
//! Sources: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), for
//! RIFF and WAVE; `mmreg.h` for the tags and `WAVEFORMATEXTENSIBLE`; EBU Tech 3306 for RF64;
//! ITU-R BS.2088 for BW64, which differs in its name alone.

use std::io::{self, Read};

use rt_callback::{SampleFormat, StreamSpec};

use crate::wav::error::WavError;
use crate::wav::format;
use crate::wav::front::{ELSEWHERE, Front};
use crate::wav::numbers::u32_at;
use crate::wav::tag::tag_and_bits;

/// The longest chunk that is read. A `fmt ` chunk has 16, 18 or 40 bytes, and a `ds64` chunk has 28 and a short table.
const MAX_CHUNK_BYTES: u32 = 1 << 16;
/// The most chunks that are read before the samples. Only an endless pipe seems to have more.
const MAX_CHUNKS: u32 = 1 << 16;
/// A chunk of odd length is padded, but some writers forget it. One of these names in place of the padding shows that.
const UNPADDED: [&[u8]; 8] = [
    b"data", b"fmt ", b"fact", b"LIST", b"JUNK", b"bext", b"iXML", b"cue ",
];

/// How many bytes of samples follow a [`WavHeader`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// As many as the header says. If the file ends earlier, it was cut short.
    Bytes(u64),
    /// All bytes to the end of the file: the writer could not know the length, as in a pipe.
    ToTheEnd,
    /// Perhaps as many as the header says. A writer that did not know the length leaves such a number too.
    ///
    /// The bytes behind decide, as in [`WavReader`](crate::wav::WavReader): if a chunk or nothing follows, the number
    /// is true. Otherwise the samples go on to the end of the file.
    Doubtful(u64),
}

/// The header of a WAV file: everything before the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavHeader {
    /// The format, rate and channels of the samples.
    pub spec: StreamSpec,
    /// How many bytes of samples there are.
    pub length: Length,
}

impl WavHeader {
    /// Reads the header of a RIFF, RF64 or BW64 file, up to the first sample. Needs no seeking, so it works on a pipe.
    ///
    /// # Errors
    /// [`WavError`] if the header cannot be read or is wrong.
    pub fn read(input: &mut impl Read) -> Result<Self, WavError> {
        let mut riff = [0; 12];
        input.read_exact(&mut riff)?;
        if !Self::begins_with(&riff) {
            return Err(WavError::NotWav);
        }
        let mut spec = None;
        let mut long = LongLengths::default();
        let mut is_odd = false;
        for _ in 0..MAX_CHUNKS {
            let mut chunk = [0; 8];
            input.read_exact(&mut chunk)?;
            if is_odd && !UNPADDED.iter().any(|id| chunk.starts_with(id)) {
                // The padding.
                chunk.rotate_left(1);
                input.read_exact(&mut chunk[7..])?;
            }
            let (id, bytes) = chunk.split_at(4);
            let bytes = u32_at(bytes, 0);
            let mut body = Vec::new();
            match id {
                b"data" => {
                    let spec = spec.ok_or(WavError::Lies("no fmt chunk before the samples"))?;
                    let length = long.length(bytes);
                    return Ok(Self { spec, length });
                }
                b"fmt " if spec.is_none() => {
                    body = read_chunk(input, bytes)?
                        .ok_or(WavError::Lies("the fmt chunk has an impossible size"))?;
                    spec = Some(format::parse(&body)?);
                }
                b"ds64" => {
                    body = read_chunk(input, bytes)?.unwrap_or_default();
                    long = LongLengths(body.clone());
                }
                _ => {}
            }
            let bytes = match bytes {
                ELSEWHERE => long.chunk_bytes(id).unwrap_or(u64::from(bytes)),
                bytes => u64::from(bytes),
            };
            skip_exactly(input, bytes - body.len() as u64)?;
            is_odd = bytes % 2 == 1;
        }
        Err(WavError::Lies("no samples behind so many chunks"))
    }

    /// Whether these are the first 12 bytes of a WAV file.
    #[must_use]
    pub fn begins_with(head: &[u8]) -> bool {
        matches!(head.get(..4), Some(b"RIFF" | b"RF64" | b"BW64"))
            && head.get(8..12) == Some(b"WAVE")
    }

    /// Returns the header of samples whose length is not known and cannot be filled in later, as in a pipe. Its lengths
    /// are the highest numbers, which means unknown.
    ///
    /// # Errors
    /// [`WavError::Format`] if a WAV file cannot hold samples of this format.
    pub fn stream(spec: &StreamSpec) -> Result<Vec<u8>, WavError> {
        Ok(Front::new(spec, false)?.unfinished())
    }

    /// Whether a WAV file can hold samples of this format.
    #[must_use]
    pub fn can_hold(format: SampleFormat) -> bool {
        tag_and_bits(format).is_some()
    }
}

/// The body of a `ds64` chunk: the lengths of the file and of the samples (at byte 8), the number of frames, and a
/// table of other chunks with their lengths (from byte 28 on). Lengths are in bytes.
#[derive(Default)]
struct LongLengths(Vec<u8>);

impl LongLengths {
    const TABLE: usize = 28;
    const ENTRY: usize = 12;

    /// How many bytes of samples there are, if the `data` chunk says `data_bytes`.
    fn length(&self, data_bytes: u32) -> Length {
        match (data_bytes, self.data_bytes()) {
            (0 | ELSEWHERE, Some(long)) => Length::Bytes(long),
            (ELSEWHERE, None) => Length::ToTheEnd,
            // Writers into pipes leave 0, or the highest number of 31 or 32 bits, perhaps less the header.
            (0 | 0x7fff_0000..=0x8000_0000 | 0xffff_f000.., _) => {
                Length::Doubtful(u64::from(data_bytes))
            }
            _ => Length::Bytes(u64::from(data_bytes)),
        }
    }

    /// The length of the samples. `None` if the writer did not know it.
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

/// Reads the body of a small chunk. If the chunk is too long to be one, reads nothing and returns `None`.
fn read_chunk(input: &mut impl Read, bytes: u32) -> Result<Option<Vec<u8>>, WavError> {
    if bytes > MAX_CHUNK_BYTES {
        return Ok(None);
    }
    let mut body = Vec::new();
    let read = input.take(u64::from(bytes)).read_to_end(&mut body)?;
    if read < bytes as usize {
        return Err(WavError::EndsInHeader);
    }
    Ok(Some(body))
}

fn skip_exactly(input: &mut impl Read, bytes: u64) -> Result<(), WavError> {
    let skipped = io::copy(&mut input.take(bytes), &mut io::sink())?;
    if skipped == bytes {
        Ok(())
    } else {
        Err(WavError::EndsInHeader)
    }
}
