//! Samples as they lie in a file or come through a pipe.

use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use device_io::wav::{Length, WavReader};

use crate::decode::cut_short;

/// How long to wait for what follows the samples.
const PATIENCE: Duration = Duration::from_millis(200);

pub(super) type Reader = Box<dyn Read + Send + Sync>;

pub(super) struct Pcm {
    bytes: Bytes,
    /// How many there can be, where that is known.
    most_bytes: Option<u64>,
    /// Read, but not handed out: less than a frame, or what was looked at first.
    pending: Vec<u8>,
    at_end: bool,
}

enum Bytes {
    Raw(Reader),
    Wav(Box<WavReader<Reader>>),
}

impl Read for Bytes {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Raw(reader) => reader.read(bytes),
            Self::Wav(wav) => wav.read(bytes),
        }
    }
}

impl Pcm {
    pub(super) fn raw(reader: Reader, most_bytes: Option<u64>) -> Self {
        Self::new(Bytes::Raw(reader), most_bytes)
    }

    pub(super) fn wav(wav: WavReader<Reader>) -> Self {
        let most_bytes = match wav.header().length {
            Length::Bytes(bytes) => Some(bytes),
            Length::ToTheEnd | Length::Doubtful(_) => None,
        };
        Self::new(Bytes::Wav(Box::new(wav)), most_bytes)
    }

    fn new(bytes: Bytes, most_bytes: Option<u64>) -> Self {
        Self {
            bytes,
            most_bytes,
            pending: Vec::new(),
            at_end: false,
        }
    }

    /// How many bytes there can be, where that is known.
    pub(super) fn most_bytes(&self) -> Option<u64> {
        self.most_bytes
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

    /// Reads until there are `wanted` bytes, or until there are `enough` and no more come at once.
    fn fill(&mut self, wanted: usize, enough: usize) -> io::Result<()> {
        while self.pending.len() < wanted && !self.at_end {
            let start = self.pending.len();
            let room = wanted - start;
            self.pending.resize(start + room, 0);
            let read = loop {
                let space = self.pending.get_mut(start..).unwrap_or_default();
                match self.bytes.read(space) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result,
                }
            };
            self.pending.truncate(start + *read.as_ref().unwrap_or(&0));
            let read = read?;
            self.at_end = read == 0;
            if self.pending.len() >= enough && read < room {
                break;
            }
        }
        Ok(())
    }

    /// What was wrong with its end, once that has been reached. To be asked once.
    pub(super) fn warning(&mut self) -> Option<String> {
        if !self.at_end {
            return None;
        }
        let rest = self.pending.len();
        let bytes = if rest == 1 { "byte" } else { "bytes" };
        let lengths = match &self.bytes {
            Bytes::Wav(wav) => Some((wav.header().length, wav.read_bytes())),
            Bytes::Raw(_) => None,
        };
        match lengths {
            Some((Length::Bytes(promised), held)) if held < promised => {
                return Some(cut_short(promised, held));
            }
            _ if rest > 0 => {
                return Some(format!(
                    "ends within a frame; its last {rest} {bytes} are unused"
                ));
            }
            _ => {}
        }
        let Bytes::Wav(wav) = std::mem::replace(&mut self.bytes, Bytes::Raw(Box::new(io::empty())))
        else {
            return None;
        };
        is_followed_by_wav(wav).then(|| {
            "is followed by a second WAV file in the same file, which is not read".to_owned()
        })
    }
}

/// Whoever has written a whole file into a pipe may keep it open, so its end is not waited for.
fn is_followed_by_wav(mut wav: Box<WavReader<Reader>>) -> bool {
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || answer.send(wav.is_followed_by_wav().unwrap_or(false)));
    answered.recv_timeout(PATIENCE).unwrap_or(false)
}
