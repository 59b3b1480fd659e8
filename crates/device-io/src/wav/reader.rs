//! Reading the samples of a WAV file, and nothing else of it.

use std::io::{self, Read};

use crate::wav::error::WavError;
use crate::wav::header::{Length, WavHeader};
use crate::wav::numbers::u32_at;

/// The size of the head of a chunk, and a byte of padding before it.
const AHEAD_BYTES: u64 = 9;
/// How far behind the samples to look for a second WAV file.
const BEHIND_BYTES: u64 = 1 << 24;

/// Reads the header at once, and then, by [`Read`], the samples in the file's format. Needs no seeking, so a pipe gives
/// the same samples as a file. Allocates only for the header.
#[derive(Debug)]
pub struct WavReader<R> {
    header: WavHeader,
    source: R,
    /// Bytes that were read and not handed out: samples, then the bytes behind them.
    ahead: Vec<u8>,
    /// How many bytes of samples are still to come.
    left: u64,
    /// Whether the bytes behind these may be samples too.
    is_doubtful: bool,
    /// How many bytes of samples have been handed out.
    read: u64,
}

impl<R: Read> WavReader<R> {
    /// Makes a reader, and reads up to the first sample.
    ///
    /// # Errors
    /// Those of [`WavHeader::read`].
    pub fn new(mut source: R) -> Result<Self, WavError> {
        let header = WavHeader::read(&mut source)?;
        Ok(Self::after(header, source))
    }

    /// Makes a reader of the samples behind `header`, which has just been read from `source`.
    #[must_use]
    pub fn after(header: WavHeader, source: R) -> Self {
        let (left, is_doubtful) = match header.length {
            Length::Bytes(bytes) => (bytes, false),
            Length::Doubtful(bytes) => (bytes, true),
            Length::ToTheEnd => (u64::MAX, false),
        };
        Self {
            header,
            source,
            ahead: Vec::new(),
            left,
            is_doubtful,
            read: 0,
        }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> WavHeader {
        self.header
    }

    /// How many bytes of samples have been read.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.read
    }

    /// Whether another WAV file begins where this one ends, because two were joined. Call this when all samples have
    /// been read. It reads on until the answer is clear.
    ///
    /// # Errors
    /// Those of the source.
    pub fn is_followed_by_wav(&mut self) -> io::Result<bool> {
        if self.left > 0 {
            return Ok(false);
        }
        let mut behind = self.ahead.as_slice().chain(self.source.by_ref());
        let mut behind = behind.by_ref().take(BEHIND_BYTES);
        let mut is_odd = self.read % 2 == 1;
        let mut head = Vec::with_capacity(12);
        loop {
            let missing = 12_u64.saturating_sub(head.len() as u64);
            behind.by_ref().take(missing).read_to_end(&mut head)?;
            if std::mem::take(&mut is_odd) && head.first() == Some(&0) {
                // The padding.
                head.remove(0);
                continue;
            }
            if WavHeader::begins_with(&head) {
                return Ok(true);
            }
            if !is_chunk(&head) {
                return Ok(false);
            }
            let bytes = u32_at(&head, 4);
            is_odd = bytes % 2 == 1;
            let mut chunk = head.as_slice().chain(behind.by_ref());
            let mut chunk = chunk.by_ref().take(8 + u64::from(bytes));
            io::copy(&mut chunk, &mut io::sink())?;
            head.drain(..head.len().min(8 + bytes as usize));
        }
    }

    /// Decides whether the header's length is true: it is if a chunk or nothing follows the samples. Other bytes are
    /// samples.
    fn decide(&mut self) -> io::Result<()> {
        self.is_doubtful = false;
        self.look_ahead()?;
        let is_padded = self.read % 2 == 1;
        let is_end = match self.ahead.as_slice() {
            [] => true,
            [0] => is_padded,
            [_, next @ ..] if is_padded && is_chunk(next) => true,
            next => is_chunk(next),
        };
        if !is_end {
            self.left = u64::MAX;
        }
        Ok(())
    }

    fn look_ahead(&mut self) -> io::Result<()> {
        let missing = AHEAD_BYTES.saturating_sub(self.ahead.len() as u64);
        let mut more = self.source.by_ref().take(missing);
        more.read_to_end(&mut self.ahead).map(drop)
    }
}

impl<R: Read> Read for WavReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && self.is_doubtful && !bytes.is_empty() {
            self.decide()?;
        }
        if self.left == 0 {
            return Ok(0);
        }
        let most = bytes
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let bytes = bytes.get_mut(..most).unwrap_or_default();
        let count = if self.ahead.is_empty() {
            self.source.read(bytes)?
        } else {
            let count = self.ahead.as_slice().read(bytes)?;
            self.ahead.drain(..count);
            count
        };
        self.left -= count as u64;
        self.read += count as u64;
        Ok(count)
    }
}

/// Whether this looks like the head of a chunk: a name of printable characters, and a length that samples are unlikely
/// to look like.
fn is_chunk(bytes: &[u8]) -> bool {
    let id = bytes.get(..4).unwrap_or_default();
    let is_name = !id.is_empty() && id.iter().all(|byte| matches!(byte, b' '..=b'~'));
    is_name && bytes.len() >= 8 && u32_at(bytes, 4) < 1 << 24
}
