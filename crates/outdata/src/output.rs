//! Where the samples go, and what they add up to.

use std::io::{self, StdoutLock, Write};

use device_io::wav::{WavError, WavWriter};
use rt_callback::StreamSpec;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::input::extension;

/// Refuses a name that does not say what kind of output it is.
pub(crate) fn check_name(path: &str) -> Result<(), Failure> {
    if path == "-" || extension(path).as_deref() == Some("wav") {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "OUT must end in .wav, or be - for raw samples, and {path} does neither"
    )))
}

/// An opened output.
pub(crate) struct Output {
    name: String,
    sink: Sink,
    /// Of samples, written, as the hash is.
    bytes: u64,
    hash: Sha256,
}

/// What [`Output::keep`] has kept.
pub(crate) struct Kept {
    /// Bytes of samples.
    pub(crate) bytes: u64,
    /// Of these, where they are all that was to be written.
    pub(crate) sha256: Option<String>,
    /// Why they are not, or where they are.
    pub(crate) error: Option<Failure>,
    /// They are where they were to be.
    pub(crate) is_named: bool,
}

enum Sink {
    Wav(Box<WavWriter>),
    Stdout(StdoutLock<'static>),
}

impl Output {
    /// A `.wav` file, or standard output for `-`, for so many frames at most.
    pub(crate) fn create(
        path: &str,
        spec: &StreamSpec,
        most_frames: Option<u64>,
    ) -> Result<Self, Failure> {
        check_name(path)?;
        let most_bytes = most_frames
            .and_then(|frames| frames.checked_mul(spec.frame_bytes() as u64))
            .unwrap_or(u64::MAX);
        let sink = if path == "-" {
            Sink::Stdout(io::stdout().lock())
        } else {
            let writer =
                WavWriter::bounded(path, spec, most_bytes).map_err(|error| match error {
                    WavError::Format(_) => Failure::usage(error),
                    error => Failure::at(path, error),
                })?;
            Sink::Wav(Box::new(writer))
        };
        Ok(Self {
            name: path.to_owned(),
            sink,
            bytes: 0,
            hash: Sha256::new(),
        })
    }

    pub(crate) fn write(&mut self, samples: &[u8]) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::Wav(writer) => writer
                .write(samples)
                .map_err(|error| Failure::at(&self.name, error))?,
            Sink::Stdout(pipe) => pipe
                .write_all(samples)
                .map_err(|error| Failure::writing("standard output", &error))?,
        }
        self.hash.update(samples);
        self.bytes += samples.len() as u64;
        Ok(())
    }

    /// Completes it; returns the SHA-256 of its samples, in hexadecimal.
    pub(crate) fn finish(self) -> Result<String, Failure> {
        match self.sink {
            Sink::Wav(writer) => writer
                .finish()
                .map_err(|error| Failure::at(&self.name, error))?,
            Sink::Stdout(pipe) => flush(pipe)?,
        }
        Ok(hexadecimal(self.hash))
    }

    /// Completes it with what could be written, whatever went wrong.
    pub(crate) fn keep(self) -> Kept {
        let (bytes, error, is_named) = match self.sink {
            Sink::Wav(writer) => {
                let kept = writer.keep();
                let is_named = !matches!(kept.error, Some(WavError::Unnamed { .. }));
                let error = kept.error.map(|error| Failure::at(&self.name, error));
                (kept.data_bytes, error, is_named)
            }
            Sink::Stdout(pipe) => (self.bytes, flush(pipe).err(), true),
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

fn flush(mut pipe: StdoutLock<'_>) -> Result<(), Failure> {
    pipe.flush()
        .map_err(|error| Failure::writing("standard output", &error))
}

fn hexadecimal(hash: Sha256) -> String {
    let hash = hash.finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
