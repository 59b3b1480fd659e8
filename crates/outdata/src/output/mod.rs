//! Where the samples go, and what they add up to.

mod target;

use std::fs::File;
use std::io::{self, BufWriter, StdoutLock, Write};

use device_io::wav::{WavError, WavHeader, WavWriter};
use rt_callback::StreamSpec;
use sha2::{Digest, Sha256};

use self::target::Place;
pub(crate) use self::target::Target;
use crate::console::Failure;
use crate::signals::{Unfinished, unfinished};

/// Bytes that are written into a pipe at a time.
const STREAM_BYTES: usize = 1 << 12;

/// An opened output.
pub(crate) struct Output {
    name: String,
    sink: Sink,
    /// How many bytes of samples were written; the hash is of these.
    bytes: u64,
    hash: Sha256,
}

/// What [`Output::keep`] has kept.
pub(crate) struct Kept {
    /// Bytes of samples.
    pub(crate) bytes: u64,
    /// The hash of these, where they are all that was to be written.
    pub(crate) sha256: Option<String>,
    /// Why they are not all, or where they are.
    pub(crate) error: Option<Failure>,
    /// They are under the name that was asked for.
    pub(crate) is_named: bool,
}

enum Sink {
    File(Box<WavWriter>),
    Stream(BufWriter<Stream>),
}

enum Stream {
    Stdout(StdoutLock<'static>),
    Named(File),
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(pipe) => pipe.write(bytes),
            Self::Named(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(pipe) => pipe.flush(),
            Self::Named(file) => file.flush(),
        }
    }
}

impl Output {
    /// Opens it, for so many frames at most.
    pub(crate) fn create(
        target: &Target,
        spec: &StreamSpec,
        most_frames: Option<u64>,
    ) -> Result<Self, Failure> {
        let name = target.name();
        if target.is_wav() && !WavHeader::can_hold(spec.format) {
            return Err(Failure::usage(WavError::Format(spec.format)));
        }
        let begin = |file| {
            let name = name.clone();
            Some(Unfinished { name, file })
        };
        unfinished(|now| *now = begin(None));
        let mut output = Self {
            sink: match &target.place {
                Place::File(path) => {
                    let most_bytes = most_frames
                        .and_then(|frames| frames.checked_mul(spec.frame_bytes() as u64))
                        .unwrap_or(u64::MAX);
                    let writer = unfinished(|now| {
                        let writer = if target.is_wav() {
                            WavWriter::bounded(path, spec, most_bytes)
                        } else {
                            WavWriter::raw(path, spec)
                        }?;
                        *now = begin(Some(writer.temporary_path().to_path_buf()));
                        Ok::<_, WavError>(writer)
                    });
                    let writer = writer.map_err(|error| Failure::at(&name, error))?;
                    Sink::File(Box::new(writer))
                }
                Place::Stream(path) => {
                    let file = File::options().write(true).open(path);
                    let file = file.map_err(|error| Failure::at(&name, error))?;
                    Sink::Stream(buffered(Stream::Named(file)))
                }
                Place::Stdout => Sink::Stream(buffered(Stream::Stdout(io::stdout().lock()))),
            },
            name,
            bytes: 0,
            hash: Sha256::new(),
        };
        if let (Sink::Stream(pipe), true) = (&mut output.sink, target.is_wav()) {
            let header = WavHeader::stream(spec).map_err(Failure::usage)?;
            pipe.write_all(&header)
                .map_err(|error| Failure::writing(&output.name, &error))?;
        }
        Ok(output)
    }

    pub(crate) fn write(&mut self, samples: &[u8]) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::File(writer) => writer
                .write(samples)
                .map_err(|error| Failure::at(&self.name, error))?,
            Sink::Stream(pipe) => pipe
                .write_all(samples)
                .map_err(|error| Failure::writing(&self.name, &error))?,
        }
        self.hash.update(samples);
        self.bytes += samples.len() as u64;
        Ok(())
    }

    /// Hands on what has been collected for a pipe.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::File(_) => Ok(()),
            Sink::Stream(pipe) => pipe
                .flush()
                .map_err(|error| Failure::writing(&self.name, &error)),
        }
    }

    /// Completes it; returns the SHA-256 of its samples, in hexadecimal.
    pub(crate) fn finish(self) -> Result<String, Failure> {
        match self.sink {
            Sink::File(writer) => unfinished(|now| {
                *now = None;
                writer
                    .finish()
                    .map_err(|error| Failure::at(&self.name, error))
            })?,
            Sink::Stream(mut pipe) => {
                pipe.flush()
                    .map_err(|error| Failure::writing(&self.name, &error))?;
                unfinished(|now| *now = None);
            }
        }
        Ok(hexadecimal(self.hash))
    }

    /// Completes it with what could be written, whatever went wrong.
    pub(crate) fn keep(self) -> Kept {
        let (bytes, error, is_named) = match self.sink {
            Sink::File(writer) => {
                let kept = writer.keep();
                let is_named = !matches!(kept.error, Some(WavError::Unnamed { .. }));
                let error = kept.error.map(|error| Failure::at(&self.name, error));
                (kept.data_bytes, error, is_named)
            }
            Sink::Stream(mut pipe) => {
                let error = pipe.flush().err();
                let error = error.map(|error| Failure::writing(&self.name, &error));
                (self.bytes, error, true)
            }
        };
        let is_all = bytes == self.bytes;
        Kept {
            bytes,
            sha256: is_all.then(|| hexadecimal(self.hash)),
            error,
            is_named,
        }
    }
}

fn buffered(stream: Stream) -> BufWriter<Stream> {
    BufWriter::with_capacity(STREAM_BYTES, stream)
}

fn hexadecimal(hash: Sha256) -> String {
    let hash = hash.finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
