//! Writing the chunks before the samples.
//!
//! A file that may outgrow RIFF begins with a `JUNK` chunk. If it outgrows RIFF, that chunk becomes the `ds64` chunk of
//! an RF64 file (EBU Tech 3306, "on the fly conversion").

use rt_callback::StreamSpec;

use crate::wav::error::WavError;
use crate::wav::tag::{TAG_EXTENSIBLE, TAG_PCM, tag_and_bits};

/// How many bytes of samples a RIFF file may hold. Its lengths have 32 bits, and the highest numbers mean that the
/// writer did not know the length.
pub(super) const MAX_RIFF_DATA_BYTES: u64 = 0xffff_0000;
/// Stands for a length that is in the `ds64` chunk.
pub(super) const ELSEWHERE: u32 = u32::MAX;
/// The bytes after the tag in the sub-format GUID of an extensible header.
const GUID_TAIL: [u8; 14] = [
    0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71,
];
/// The size of the body of a `ds64` chunk without a table.
const DS64_BYTES: usize = 28;

/// The header of a file whose length is not known yet. The header's own length never changes.
#[derive(Debug)]
pub(super) struct Front {
    /// The body of the `fmt ` chunk. Empty if there is no header at all.
    fmt: Vec<u8>,
    /// Whether there is a `fact` chunk, with the number of frames.
    has_fact: bool,
    /// Whether there is room for a `ds64` chunk.
    has_room: bool,
    frame_bytes: u64,
}

impl Front {
    /// Makes a header. With `has_room`, the file may become longer than [`MAX_RIFF_DATA_BYTES`].
    pub(super) fn new(spec: &StreamSpec, has_room: bool) -> Result<Self, WavError> {
        let (tag, bits) = tag_and_bits(spec.format).ok_or(WavError::Format(spec.format))?;
        Ok(Self {
            fmt: fmt(spec, tag, bits),
            has_fact: tag != TAG_PCM,
            has_room,
            frame_bytes: spec.frame_bytes() as u64,
        })
    }

    /// Makes an empty header, for raw samples.
    pub(super) fn raw() -> Self {
        Self {
            fmt: Vec::new(),
            has_fact: false,
            has_room: true,
            frame_bytes: 1,
        }
    }

    /// Whether a byte of padding follows `data_bytes` bytes of samples.
    pub(super) fn is_padded(&self, data_bytes: u64) -> bool {
        !self.fmt.is_empty() && data_bytes % 2 == 1
    }

    /// How many bytes of samples may follow.
    pub(super) fn max_data_bytes(&self) -> u64 {
        if self.has_room {
            u64::MAX / 2
        } else {
            MAX_RIFF_DATA_BYTES
        }
    }

    /// The header for samples of unknown length, as a writer into a pipe leaves it.
    pub(super) fn unfinished(&self) -> Vec<u8> {
        self.chunks(
            b"RIFF",
            ELSEWHERE,
            (b"JUNK", &[0; DS64_BYTES]),
            0,
            ELSEWHERE,
        )
    }

    /// The header for `data_bytes` bytes of samples. A byte of padding follows them if that is odd.
    pub(super) fn finished(&self, data_bytes: u64) -> Vec<u8> {
        let frames = data_bytes / self.frame_bytes;
        let fact = u32::try_from(frames).unwrap_or(ELSEWHERE);
        // Without the 8 bytes of the first chunk's own head.
        let head_bytes = (self.unfinished().len() as u64).saturating_sub(8);
        let riff_bytes = head_bytes + data_bytes + data_bytes % 2;
        match (u32::try_from(riff_bytes), u32::try_from(data_bytes)) {
            (Ok(riff), Ok(data)) if data_bytes <= MAX_RIFF_DATA_BYTES => {
                self.chunks(b"RIFF", riff, (b"JUNK", &[0; DS64_BYTES]), fact, data)
            }
            _ => {
                let mut ds64 = Vec::with_capacity(DS64_BYTES);
                ds64.extend(riff_bytes.to_le_bytes());
                ds64.extend(data_bytes.to_le_bytes());
                ds64.extend(frames.to_le_bytes());
                // No table.
                ds64.extend(0_u32.to_le_bytes());
                self.chunks(b"RF64", ELSEWHERE, (b"ds64", &ds64), fact, ELSEWHERE)
            }
        }
    }

    fn chunks(
        &self,
        form: &[u8; 4],
        riff_bytes: u32,
        (room_id, room): (&[u8; 4], &[u8]),
        frames: u32,
        data_bytes: u32,
    ) -> Vec<u8> {
        if self.fmt.is_empty() {
            return Vec::new();
        }
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(form);
        bytes.extend(riff_bytes.to_le_bytes());
        bytes.extend(b"WAVE");
        if self.has_room {
            push_chunk(&mut bytes, room_id, room);
        }
        push_chunk(&mut bytes, b"fmt ", &self.fmt);
        if self.has_fact {
            push_chunk(&mut bytes, b"fact", &frames.to_le_bytes());
        }
        bytes.extend(b"data");
        bytes.extend(data_bytes.to_le_bytes());
        bytes
    }
}

/// The body of the `fmt ` chunk. It is `WAVE_FORMAT_EXTENSIBLE` for more than 2 channels, or samples wider than 16
/// bits.
fn fmt(spec: &StreamSpec, tag: u16, bits: u16) -> Vec<u8> {
    let channels = spec.channels() as u16;
    let extensible = channels > 2 || tag == TAG_PCM && bits > 16;
    let frame_bytes = spec.frame_bytes() as u16;
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
    fmt
}

fn push_chunk(out: &mut Vec<u8>, id: &[u8; 4], body: &[u8]) {
    out.extend(id);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
}
