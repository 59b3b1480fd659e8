//! Whether a Matroska file has all that its header promises: only its end shows that.
//!
//! Source: RFC 8794, section 4, for lengths; RFC 9559 for the Segment.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use symphonia::core::io::MediaSource;

use crate::source::Source;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;

/// Where the file ends, by its header; `None` where the writer could not know.
pub(crate) fn promised_end(head: &[u8]) -> Option<u64> {
    let (id, at) = number(head, 0, false)?;
    let (bytes, at) = number(head, at, true)?;
    let at = usize::try_from(bytes).ok()?.checked_add(at)?;
    let (segment, at) = number(head, at, false)?;
    let (bytes, end) = number(head, at, true)?;
    // All ones.
    let unknown = (1 << (7 * (end - at))) - 1;
    let is_known = id == EBML && segment == SEGMENT && bytes != unknown;
    is_known.then_some(bytes.saturating_add(end as u64))
}

/// A number whose first byte says how many bytes follow; and where it ends. A length is read without that mark.
fn number(bytes: &[u8], at: usize, is_length: bool) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    let count = first.leading_zeros() as usize + 1;
    let end = at.checked_add(count).filter(|_| count <= 8)?;
    let all = bytes.get(at..end)?;
    let number = all
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    let mark = 1 << (7 * count);
    Some((
        if is_length {
            number & (mark - 1)
        } else {
            number
        },
        end,
    ))
}

/// A source that counts what is read.
pub(crate) struct Counted {
    source: Source,
    bytes: Arc<AtomicU64>,
}

impl Counted {
    pub(crate) fn new(source: Source) -> (Self, Arc<AtomicU64>) {
        let bytes = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&bytes);
        (Self { source, bytes }, counter)
    }
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buf)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

impl MediaSource for Counted {
    fn is_seekable(&self) -> bool {
        self.source.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.source.byte_len()
    }
}
