//! Samples as they lie in a file or come through a pipe.

use std::io::{self, Read};

use device_io::wav::Length;

pub(super) struct Pcm {
    reader: Box<dyn Read + Send + Sync>,
    promised: Option<u64>,
    left: u64,
    /// Read, but not handed out: less than a frame, or what was looked at first.
    pending: Vec<u8>,
    at_end: bool,
}

impl Pcm {
    pub(super) fn new(reader: Box<dyn Read + Send + Sync>, length: Length) -> Self {
        let promised = match length {
            Length::Bytes(bytes) => Some(bytes),
            Length::ToTheEnd => None,
        };
        Self {
            reader,
            promised,
            left: promised.unwrap_or(u64::MAX),
            pending: Vec::new(),
            at_end: false,
        }
    }

    /// How many bytes there can be, where that is known.
    pub(super) fn most_bytes(&self) -> Option<u64> {
        self.promised
    }

    /// Whether not even one frame can be read.
    pub(super) fn is_empty(&mut self, frame_bytes: usize) -> io::Result<bool> {
        self.fill(frame_bytes, frame_bytes)?;
        Ok(self.pending.len() < frame_bytes)
    }

    /// Appends whole frames; without `all`, as many as there are at once.
    pub(super) fn read(
        &mut self,
        frames: usize,
        frame_bytes: usize,
        all: bool,
        bytes: &mut Vec<u8>,
    ) -> io::Result<()> {
        let wanted = frames * frame_bytes;
        self.fill(wanted, if all { wanted } else { frame_bytes })?;
        let whole = self.pending.len().min(frames * frame_bytes);
        bytes.extend(self.pending.drain(..whole - whole % frame_bytes));
        Ok(())
    }

    /// Reads until `wanted` bytes are there, or nothing more comes at once and `enough` are there.
    fn fill(&mut self, wanted: usize, enough: usize) -> io::Result<()> {
        while self.pending.len() < wanted && !self.at_end {
            let start = self.pending.len();
            let room = (wanted - start).min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.pending.resize(start + room, 0);
            let read = loop {
                let space = self.pending.get_mut(start..).unwrap_or_default();
                match self.reader.read(space) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result,
                }
            };
            self.pending.truncate(start + *read.as_ref().unwrap_or(&0));
            let read = read?;
            self.left -= read as u64;
            self.at_end = read == 0;
            if self.pending.len() >= enough && read < room {
                break;
            }
        }
        Ok(())
    }

    /// What was wrong with the end.
    pub(super) fn warning(&self) -> Option<String> {
        let rest = self.pending.len();
        let bytes = if rest == 1 { "byte" } else { "bytes" };
        match self.promised {
            Some(promised) if self.left > 0 => Some(format!(
                "is cut short: its header promises {promised} bytes of samples, it holds {}",
                promised - self.left
            )),
            _ if rest > 0 => Some(format!(
                "ends within a frame; its last {rest} {bytes} are unused"
            )),
            _ => None,
        }
    }
}
