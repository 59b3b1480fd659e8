//! The bytes of IN. It is opened once; bytes that were looked at are put back.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::io::MediaSource;

/// How many bytes of a stream are kept while its kind is being found out. Who reads further cannot go back.
const MOST_KEPT_BYTES: usize = 1 << 20;

/// A file, a pipe or memory, read from its beginning. What was looked at is put back in front, so
/// nothing has to be opened twice; seeking is for regular files.
pub(crate) struct Source {
    stream: Stream,
    /// Bytes that were read from the stream and count as unread, from `at` on.
    head: Vec<u8>,
    at: usize,
    /// What is read is also kept in `head`, until [`rewind`](Self::rewind).
    is_kept: bool,
}

enum Stream {
    /// A regular file, and its length in bytes.
    File(File, u64),
    Pipe(Box<dyn Read + Send + Sync>),
}

impl Source {
    /// Opens a file, a FIFO, or a device.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let about = file.metadata().ok();
        if about.as_ref().is_some_and(Metadata::is_dir) {
            return Err(io::Error::other("is a folder"));
        }
        Ok(match about.filter(Metadata::is_file) {
            Some(about) => Self::new(Stream::File(file, about.len())),
            None => Self::from_reader(file),
        })
    }

    /// A stream that cannot seek.
    pub(crate) fn from_reader(reader: impl Read + Send + Sync + 'static) -> Self {
        Self::new(Stream::Pipe(Box::new(reader)))
    }

    fn new(stream: Stream) -> Self {
        Self {
            stream,
            head: Vec::new(),
            at: 0,
            is_kept: false,
        }
    }

    /// How many bytes a regular file has.
    pub(crate) fn file_bytes(&self) -> Option<u64> {
        match self.stream {
            Stream::File(_, bytes) => Some(bytes),
            Stream::Pipe(_) => None,
        }
    }

    /// The next bytes without reading them: `count`, or fewer where the end is nearer.
    pub(crate) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        let missing = count.saturating_sub(self.head.len() - self.at);
        let Self { stream, head, .. } = self;
        stream.take(missing as u64).read_to_end(head)?;
        let end = head.len().min(self.at + count);
        Ok(head.get(self.at..end).unwrap_or_default())
    }

    /// From here on everything that is read can be put back by [`rewind`](Self::rewind).
    pub(crate) fn keep(&mut self) {
        self.head.drain(..self.at);
        self.at = 0;
        self.is_kept = true;
    }

    /// Puts back what was read since [`keep`](Self::keep), unless that was too much.
    pub(crate) fn rewind(&mut self) -> bool {
        let can = self.is_kept;
        if can {
            self.at = 0;
        }
        self.is_kept = false;
        can
    }

    /// Nothing has to be put back.
    pub(crate) fn forget(&mut self) {
        self.is_kept = false;
    }

    /// The source as a pipe, which is read from here to its end, even if it is a file.
    pub(crate) fn into_stream(self) -> Self {
        let Self {
            stream, head, at, ..
        } = self;
        let stream = match stream {
            Stream::File(file, _) => Stream::Pipe(Box::new(file)),
            pipe => pipe,
        };
        Self {
            stream,
            head,
            at,
            is_kept: false,
        }
    }

    /// A source that can seek: what comes out of a pipe is copied into a file without a name.
    pub(crate) fn into_seekable(mut self) -> io::Result<Self> {
        if self.is_seekable() {
            return Ok(self);
        }
        let mut file = tempfile::tempfile()?;
        let bytes = io::copy(&mut self, &mut file)?;
        file.rewind()?;
        Ok(Self::new(Stream::File(file, bytes)))
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file, _) => file.read(buf),
            Self::Pipe(pipe) => pipe.read(buf),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let ready = self.head.get(self.at..).unwrap_or_default();
        if !ready.is_empty() {
            let count = ready.len().min(buf.len());
            let (ready, buf) = (ready.iter(), buf.iter_mut());
            buf.zip(ready).for_each(|(to, from)| *to = *from);
            self.at += count;
            return Ok(count);
        }
        let count = self.stream.read(buf)?;
        if self.is_kept {
            self.head.extend(buf.iter().take(count));
            self.at = self.head.len();
            self.is_kept = self.head.len() <= MOST_KEPT_BYTES;
        }
        if !self.is_kept && self.at > 0 {
            self.head.clear();
            self.at = 0;
        }
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let Stream::File(file, _) = &mut self.stream else {
            return Err(io::Error::other("a pipe cannot be seeked in"));
        };
        let ahead = (self.head.len() - self.at) as u64;
        let to = match to {
            // The file itself is at a later position: some of it was read and put back.
            SeekFrom::Current(offset) => {
                let here = file.stream_position()?.saturating_sub(ahead);
                let to = here.checked_add_signed(offset);
                SeekFrom::Start(to.ok_or(io::ErrorKind::InvalidInput)?)
            }
            to => to,
        };
        self.head.clear();
        self.at = 0;
        self.is_kept = false;
        file.seek(to)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        self.file_bytes().is_some()
    }

    fn byte_len(&self) -> Option<u64> {
        self.file_bytes()
    }
}
