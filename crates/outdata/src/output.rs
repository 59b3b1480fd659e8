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
    hash: Sha256,
}

enum Sink {
    Wav(Box<WavWriter>),
    Stdout(StdoutLock<'static>),
}

impl Output {
    /// A `.wav` file, or standard output for `-`.
    pub(crate) fn create(path: &str, spec: &StreamSpec) -> Result<Self, Failure> {
        check_name(path)?;
        let sink = if path == "-" {
            Sink::Stdout(io::stdout().lock())
        } else {
            let writer = WavWriter::create(path, spec).map_err(|error| match error {
                WavError::Format(_) => Failure::usage(error),
                error => Failure::at(path, error),
            })?;
            Sink::Wav(Box::new(writer))
        };
        Ok(Self {
            name: path.to_owned(),
            sink,
            hash: Sha256::new(),
        })
    }

    pub(crate) fn write(&mut self, samples: &[u8]) -> Result<(), Failure> {
        self.hash.update(samples);
        match &mut self.sink {
            Sink::Wav(writer) => writer
                .write(samples)
                .map_err(|error| Failure::at(&self.name, error)),
            Sink::Stdout(pipe) => pipe
                .write_all(samples)
                .map_err(|error| Failure::writing("standard output", &error)),
        }
    }

    /// Completes it; returns the SHA-256 of its samples, in hexadecimal.
    pub(crate) fn finish(self) -> Result<String, Failure> {
        match self.sink {
            Sink::Wav(writer) => writer
                .finish()
                .map_err(|error| Failure::at(&self.name, error))?,
            Sink::Stdout(mut pipe) => pipe
                .flush()
                .map_err(|error| Failure::writing("standard output", &error))?,
        }
        let hash = self.hash.finalize();
        Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
