//! Writes a file that appears under its name only when it is whole.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rt_callback::StreamSpec;
use tempfile::NamedTempFile;

use crate::wav::header::{WavError, WavHeader};

/// How many bytes of samples a file can hold: its length is a `u32`, header included.
pub const MAX_DATA_BYTES: u64 = u32::MAX as u64 - 256;

/// Writes samples to a temporary file beside `path`, and moves it there in
/// [`finish`](Self::finish). Dropped before that, it leaves nothing behind, and what stood at
/// `path` stays as it was.
#[derive(Debug)]
pub struct WavWriter {
    spec: StreamSpec,
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    data_bytes: u32,
}

impl WavWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// [`WavError::Format`] where WAV has no such samples, [`WavError::Io`] where the folder
    /// cannot be written to.
    pub fn create(path: impl AsRef<Path>, spec: &StreamSpec) -> Result<Self, WavError> {
        let path = path.as_ref().to_path_buf();
        let header = WavHeader::write(spec, 0)?;
        if path.is_dir() {
            return Err(WavError::Io(io::ErrorKind::IsADirectory.into()));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".outdata-").suffix(".part");
        #[cfg(unix)]
        {
            // As any new file's: less the umask.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = BufWriter::new(builder.tempfile_in(folder)?);
        file.write_all(&header)?;
        Ok(Self {
            spec: *spec,
            path,
            file,
            data_bytes: 0,
        })
    }

    /// Appends samples, as bytes of the file's own format.
    ///
    /// # Errors
    /// [`WavError::TooLong`] at 4 GiB, [`WavError::Io`] where the disk is full.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WavError> {
        let data_bytes = u32::try_from(bytes.len())
            .ok()
            .and_then(|count| self.data_bytes.checked_add(count))
            .filter(|data_bytes| u64::from(*data_bytes) <= MAX_DATA_BYTES)
            .ok_or(WavError::TooLong)?;
        self.file.write_all(bytes)?;
        self.data_bytes = data_bytes;
        Ok(())
    }

    /// Completes the header and moves the file to its name.
    ///
    /// # Errors
    /// [`WavError::Io`]; nothing is left behind then.
    pub fn finish(mut self) -> Result<(), WavError> {
        if self.data_bytes % 2 == 1 {
            self.file.write_all(&[0])?;
        }
        let header = WavHeader::write(&self.spec, self.data_bytes)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        let file = self.file.into_inner().map_err(io::Error::from)?;
        file.persist(&self.path).map_err(io::Error::from)?;
        Ok(())
    }
}
