//! Where a FLAC frame begins and ends.
//!
//! Source: RFC 9639, sections 8.2 (STREAMINFO) and 9 (frames).

use std::io;

use crate::decode::window::Window;

/// What STREAMINFO says of all frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamInfo {
    pub(crate) rate_hz: u32,
    pub(crate) channels: u8,
    pub(crate) bits: u32,
    /// Frames (of samples) in all; 0 where the writer did not know.
    pub(crate) total: u64,
}

impl StreamInfo {
    pub(crate) const BYTES: usize = 34;

    /// Lengths of blocks, which may make no sense, are passed over: each frame says its own.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let body: &[u8; Self::BYTES] = body.first_chunk()?;
        let word = |at: usize| {
            body.get(at..)?
                .first_chunk()
                .map(|bytes| u64::from_be_bytes(*bytes))
        };
        let packed = word(10)?;
        Some(Self {
            rate_hz: (packed >> 44) as u32,
            channels: (packed >> 41 & 7) as u8 + 1,
            bits: (packed >> 36 & 31) as u32 + 1,
            total: packed & ((1 << 36) - 1),
        })
    }

    /// What the decoder is told: blocks of any length.
    pub(crate) fn for_the_decoder(&self) -> Box<[u8]> {
        let mut body = vec![0, 16, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
        let packed = u64::from(self.rate_hz) << 44
            | u64::from(self.channels - 1) << 41
            | u64::from(self.bits - 1) << 36;
        body.extend(packed.to_be_bytes());
        body.resize(Self::BYTES, 0);
        body.into()
    }
}

/// What a frame's header says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlacHeader {
    /// Frames (of samples) in it.
    pub(crate) frames: u64,
    pub(crate) number: Number,
    /// Bytes of the header alone.
    bytes: usize,
}

/// Where the frame stands in its stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    /// The number of blocks before it, all of one length.
    Block(u64),
    /// The number of frames (of samples) before it.
    Sample(u64),
}

impl FlacHeader {
    /// The longest header, in bytes.
    pub(crate) const MOST_BYTES: usize = 16;

    /// `None` where these bytes are no header, its check sum is wrong, or it belongs to another stream.
    pub(crate) fn read(bytes: &[u8], info: &StreamInfo) -> Option<Self> {
        let [0xff, second, sizes, rest, ..] = *bytes else {
            return None;
        };
        if second & 0xfe != 0xf8 || rest & 1 != 0 {
            return None;
        }
        let (coded, mut at) = coded_number(bytes)?;
        let mut extra = |count: usize| {
            let value = bytes.get(at..at + count)?;
            at += count;
            Some(
                value
                    .iter()
                    .fold(0, |value, byte| value << 8 | u64::from(*byte)),
            )
        };
        let frames = match sizes >> 4 {
            0 => return None,
            1 => 192,
            size @ 2..=5 => 144 << size,
            6 => extra(1)? + 1,
            7 => extra(2)? + 1,
            size => 1 << size,
        };
        let rate = match sizes & 0xf {
            0 => u64::from(info.rate_hz),
            12 => extra(1)? * 1_000,
            13 => extra(2)?,
            14 => extra(2)? * 10,
            15 => return None,
            listed => *RATES.get(usize::from(listed))?,
        };
        let channels = match rest >> 4 {
            8..=10 => 2,
            plain @ 0..=7 => plain + 1,
            _ => return None,
        };
        let bits = match rest >> 1 & 7 {
            0 => info.bits,
            3 => return None,
            listed => *BITS.get(usize::from(listed))?,
        };
        let is_ours = rate == u64::from(info.rate_hz) && channels == info.channels;
        if !is_ours || bits != info.bits {
            return None;
        }
        let header = bytes.get(..at)?;
        if crc8(header) != *bytes.get(at)? {
            return None;
        }
        let number = if second & 1 == 0 {
            Number::Block(coded)
        } else {
            Number::Sample(coded)
        };
        Some(Self {
            frames,
            number,
            bytes: at + 1,
        })
    }

    /// The longest frame: no encoder makes one much longer than its samples are.
    fn most_bytes(&self, info: &StreamInfo) -> usize {
        let samples = self.frames as usize * usize::from(info.channels);
        let bits = info.bits as usize + 1;
        self.bytes + samples * bits / 8 + usize::from(info.channels) * 8 + 1_024
    }

    /// Where the frame at the window's beginning may end. What was looked through is taken from `budget`.
    pub(crate) fn ends(
        &self,
        window: &mut Window,
        info: &StreamInfo,
        budget: &mut u64,
    ) -> io::Result<Ends> {
        const STEP: usize = 1_024;
        let most = self.most_bytes(info);
        let (mut at, mut crc) = (0, 0);
        let mut candidates = Vec::new();
        let mut has_seen_next = false;
        loop {
            let ahead = window.look(at + STEP + Self::MOST_BYTES)?;
            let is_end = ahead.len() < at + STEP + Self::MOST_BYTES;
            let until = if is_end { ahead.len() } else { at + STEP };
            *budget = budget.saturating_sub((until - at) as u64);
            while at < until {
                let byte = ahead.get(at).copied().unwrap_or_default();
                crc = crc16(crc, byte);
                at += 1;
                let behind = ahead.get(at..).unwrap_or_default();
                let is_next = || Self::read(behind, info).is_some();
                if crc == 0 && at > self.bytes {
                    if behind.is_empty() || is_next() {
                        return Ok(Ends::Certain(at));
                    }
                    if !has_seen_next {
                        candidates.push(at);
                    }
                } else if behind.first() == Some(&0xff) && !has_seen_next {
                    has_seen_next = is_next();
                }
            }
            if is_end || at > most || *budget == 0 {
                return Ok(Ends::Perhaps(candidates));
            }
        }
    }
}

/// Where a frame may end.
pub(crate) enum Ends {
    /// The check sum is right there, and another frame begins, or the file ends.
    Certain(usize),
    /// The check sum is right there, but no frame follows: the next one may be damaged.
    Perhaps(Vec<usize>),
}

const RATES: [u64; 12] = [
    0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];
const BITS: [u32; 8] = [0, 8, 12, 0, 16, 20, 24, 32];

/// The number coded as UTF-8 codes characters, up to 36 bits, and where it ends.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.get(4)?;
    let count = first.leading_ones() as usize;
    if count == 0 {
        return Some((u64::from(first), 5));
    }
    if count == 1 || count == 8 {
        return None;
    }
    let mut number = u64::from(first) & ((1 << (7 - count.min(7))) - 1);
    for byte in bytes.get(5..4 + count)? {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3f);
    }
    Some((number, 4 + count))
}

/// Polynomial x^8 + x^2 + x + 1.
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| {
            crc << 1 ^ if crc & 0x80 != 0 { 7 } else { 0 }
        })
    })
}

/// Polynomial x^16 + x^15 + x^2 + 1, one byte further.
fn crc16(crc: u16, byte: u8) -> u16 {
    const TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut crc = (at as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                crc = crc << 1 ^ if crc & 0x8000 != 0 { 0x8005 } else { 0 };
                bit += 1;
            }
            table[at] = crc;
            at += 1;
        }
        table
    };
    let index = usize::from((crc >> 8) as u8 ^ byte);
    crc << 8 ^ TABLE.get(index).copied().unwrap_or_default()
}
