//! Files made byte by byte.

use std::io::Read;

use device_io::wav::{WavError, WavHeader, WavReader};
use rt_callback::StreamSpec;

pub(crate) fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

pub(crate) fn header(bytes: &[u8]) -> Result<WavHeader, WavError> {
    WavHeader::read(&mut &bytes[..])
}

/// All samples of it, read through a pipe that delivers so many bytes at a time.
pub(crate) fn samples(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let mut reader = WavReader::new(bytes).unwrap();
    reader.read_to_end(&mut all).unwrap();
    assert_eq!(reader.read_bytes(), all.len() as u64);
    for step in [1, 2, 3, 7] {
        let mut reader = WavReader::new(Dribble(bytes, step)).unwrap();
        let mut again = Vec::new();
        reader.read_to_end(&mut again).unwrap();
        assert_eq!(again, all, "in steps of {step}");
    }
    all
}

/// A pipe that delivers a few bytes at a time.
pub(crate) struct Dribble<'a>(pub(crate) &'a [u8], pub(crate) usize);

impl Read for Dribble<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let most = bytes.len().min(self.1);
        self.0.read(&mut bytes[..most])
    }
}

/// A header of its parts: fmt body, then the data chunk's length.
pub(crate) fn wav(fmt: &[u8], data: u32) -> Vec<u8> {
    let mut bytes = b"RIFF\x00\x00\x01\x00WAVE".to_vec();
    bytes.extend(b"fmt ");
    bytes.extend((fmt.len() as u32).to_le_bytes());
    bytes.extend(fmt);
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes
}

pub(crate) fn fmt(tag: u16, channels: u16, rate: u32, frame_bytes: u16, bits: u16) -> Vec<u8> {
    let mut fmt = Vec::new();
    fmt.extend(tag.to_le_bytes());
    fmt.extend(channels.to_le_bytes());
    fmt.extend(rate.to_le_bytes());
    fmt.extend((rate.wrapping_mul(u32::from(frame_bytes))).to_le_bytes());
    fmt.extend(frame_bytes.to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    fmt
}

/// The chunks of a file whose lengths are of 64 bits: what `ds64` says of the whole and of the
/// samples, its table, and the chunks behind it; then the data chunk's own length.
pub(crate) fn rf64(
    id: &[u8; 4],
    long: u64,
    table: &[(&[u8; 4], u64)],
    chunks: &[u8],
    data: u32,
) -> Vec<u8> {
    let mut bytes = [&id[..], &[0xff; 4], b"WAVEds64"].concat();
    bytes.extend((28 + 12 * table.len() as u32).to_le_bytes());
    bytes.extend((long + 100).to_le_bytes());
    bytes.extend(long.to_le_bytes());
    bytes.extend((long / 2).to_le_bytes());
    bytes.extend((table.len() as u32).to_le_bytes());
    for (id, length) in table {
        bytes.extend(*id);
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(chunks);
    bytes.extend(&wav(&fmt(1, 1, 48_000, 2, 16), data)[12..]);
    bytes
}
