//! A stream of bytes, seen through a window that slides along it.

use std::io::{self, Read};

use crate::source::Source;

/// How much is read at a time, in bytes; a pipe may give less.
const STEP_BYTES: usize = 1 << 14;

/// The bytes that lie ahead, as many as were asked for.
pub(super) struct Window {
    source: Source,
    bytes: Vec<u8>,
    /// What lies ahead begins here in `bytes`.
    start: usize,
    passed: u64,
    at_end: bool,
}

impl Window {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            bytes: Vec::new(),
            start: 0,
            passed: 0,
            at_end: false,
        }
    }

    /// What lies ahead and has been read.
    pub(super) fn ahead(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Bytes passed so far.
    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// The next `count` bytes; fewer where the end is nearer.
    pub(super) fn look(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.ahead().len() < count && !self.at_end {
            self.read_more()?;
        }
        let ahead = self.ahead();
        Ok(ahead.get(..count).unwrap_or(ahead))
    }

    fn read_more(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let length = self.bytes.len();
        self.bytes.resize(length + STEP_BYTES, 0);
        let space = self.bytes.get_mut(length..).unwrap_or_default();
        let read = loop {
            match self.source.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.bytes.truncate(length + *read.as_ref().unwrap_or(&0));
        self.at_end = read? == 0;
        Ok(())
    }

    /// Goes on by this many of the bytes that lie ahead.
    pub(super) fn pass(&mut self, count: usize) {
        let count = count.min(self.ahead().len());
        self.start += count;
        self.passed += count as u64;
    }

    /// Goes on by this many bytes, also those that were not read yet. Returns whether the stream has that many.
    pub(super) fn skip(&mut self, mut count: u64) -> io::Result<bool> {
        while count > 0 {
            let step = count.min(STEP_BYTES as u64) as usize;
            let there = self.look(step)?.len();
            if there == 0 {
                return Ok(false);
            }
            self.pass(there);
            count -= there as u64;
        }
        Ok(true)
    }
}
