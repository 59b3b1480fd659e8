//! Ogg pages.
//!
//! Source: RFC 3533, section 6.

use std::io;

use crate::decode::window::Window;

const HEADER_BYTES: usize = 27;

/// A page whose check sum is right.
#[derive(Debug)]
pub(crate) struct Page {
    flags: u8,
    /// Where the last packet that ends in this page ends, in the codec's own counting. Negative where none ends here,
    /// or where the writer left it out.
    pub(crate) granule: i64,
    pub(crate) serial: u32,
    pub(crate) number: u32,
    /// Lengths of segments; a packet ends with the first that is not full.
    lacing: Vec<u8>,
    body: Vec<u8>,
}

/// A packet, or a part of it.
pub(crate) struct Part<'a> {
    pub(crate) bytes: &'a [u8],
    /// The packet ends with it.
    pub(crate) is_end: bool,
}

impl Page {
    /// The next page, and how many bytes before it belong to no page; `None` at the end.
    pub(crate) fn next(window: &mut Window) -> io::Result<(Option<Self>, u64)> {
        let mut skipped = 0;
        loop {
            let head = window.look(HEADER_BYTES)?;
            if head.len() < HEADER_BYTES {
                let rest = head.len();
                window.pass(rest);
                return Ok((None, skipped + rest as u64));
            }
            if head.starts_with(b"OggS\0")
                && let Some(page) = Self::read(window)?
            {
                return Ok((Some(page), skipped));
            }
            window.pass(1);
            skipped += 1;
        }
    }

    fn read(window: &mut Window) -> io::Result<Option<Self>> {
        let segments = usize::from(window.ahead().get(HEADER_BYTES - 1).copied().unwrap_or(0));
        let head = window.look(HEADER_BYTES + segments)?;
        let Some(lacing) = head.get(HEADER_BYTES..HEADER_BYTES + segments) else {
            return Ok(None);
        };
        let lacing = lacing.to_vec();
        let body_at = HEADER_BYTES + segments;
        let length = body_at
            + lacing
                .iter()
                .map(|bytes| usize::from(*bytes))
                .sum::<usize>();
        let page = window.look(length)?;
        let (Some(body), Some(sum)) = (page.get(body_at..length), page.get(22..26)) else {
            return Ok(None);
        };
        let is_sum = |at: usize| (22..26).contains(&at);
        let bytes = page.iter().enumerate();
        let crc = bytes.fold(0, |crc, (at, byte)| {
            crc32(crc, if is_sum(at) { 0 } else { *byte })
        });
        if sum != crc.to_le_bytes() {
            return Ok(None);
        }
        let word = |at: usize| {
            let bytes = page.get(at..).and_then(<[u8]>::first_chunk);
            bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let page = Self {
            flags: page.get(5).copied().unwrap_or_default(),
            granule: word(6) as i64,
            serial: word(14) as u32,
            number: word(18) as u32,
            lacing,
            body: body.to_vec(),
        };
        window.pass(length);
        Ok(Some(page))
    }

    /// It goes on with a packet of the page before.
    pub(crate) fn is_continued(&self) -> bool {
        self.flags & 1 != 0
    }

    /// A stream begins with it.
    pub(crate) fn is_first(&self) -> bool {
        self.flags & 2 != 0
    }

    /// Its stream ends with it.
    pub(crate) fn is_last(&self) -> bool {
        self.flags & 4 != 0
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut rest = self.body.as_slice();
        self.lacing
            .split_inclusive(|bytes| *bytes < 255)
            .map(move |lacing| {
                let length = lacing.iter().map(|bytes| usize::from(*bytes)).sum();
                let (bytes, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                rest = behind;
                let is_end = lacing.last().is_some_and(|bytes| *bytes < 255);
                Part { bytes, is_end }
            })
    }
}

/// Polynomial 0x04c11db7, highest bit first, one byte further.
fn crc32(crc: u32, byte: u8) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut crc = (at as u32) << 24;
            let mut bit = 0;
            while bit < 8 {
                crc = crc << 1 ^ if crc >> 31 != 0 { 0x04c1_1db7 } else { 0 };
                bit += 1;
            }
            table[at] = crc;
            at += 1;
        }
        table
    };
    let index = usize::from((crc >> 24) as u8 ^ byte);
    crc << 8 ^ TABLE.get(index).copied().unwrap_or_default()
}
