//! Writing samples into a file that gets its name only when it is complete.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use rt_callback::StreamSpec;

use crate::wav::draft::Draft;

use crate::wav::error::WavError;
use crate::wav::front::{Front, MAX_RIFF_DATA_BYTES};

/// How many bytes are written at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// Writes samples to a temporary file beside a path, and moves it to the path in [`finish`](Self::finish).
///
/// If the writer is dropped before that, the temporary file is removed, and a file at the path stays as it was.
///
/// A symbolic link at the path is followed, and stays. The new file gets the mode of the file that it replaces. A file
/// that may not be written to is not replaced. Anything but a regular file, such as a pipe or a device, is refused: use
/// [`WavHeader::stream`](crate::wav::WavHeader::stream) for these.
///
/// A file that outgrows RIFF (4 GiB) becomes RF64.
#[derive(Debug)]
pub struct WavWriter {
    front: Front,
    frame_bytes: u64,
    file: BufWriter<Draft>,
    data_bytes: u64,
    /// Whether a write has failed, so that the file holds less than it should.
    has_failed: bool,
}

/// The result of [`WavWriter::keep`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Kept {
    /// How many bytes of samples are in the file. They are whole frames.
    pub data_bytes: u64,
    /// Why the file holds less than [`write`](WavWriter::write) took, or why it has not got its name. With
    /// [`WavError::Unnamed`] it is at another path.
    pub error: Option<WavError>,
}

impl WavWriter {
    /// Begins a file of any length. Its header has room (a `JUNK` chunk of 36 bytes) to become RF64 at 4 GiB.
    ///
    /// # Errors
    /// [`WavError::Format`] if a WAV file cannot hold samples of this format, and [`WavError::Io`] if the folder cannot
    /// be written to.
    pub fn create(path: impl AsRef<Path>, spec: &StreamSpec) -> Result<Self, WavError> {
        Self::bounded(path, spec, u64::MAX)
    }

    /// Begins a file of at most `most_data_bytes` bytes of samples. If the file cannot outgrow RIFF, its header has no
    /// room for RF64 and is as short as possible.
    ///
    /// # Errors
    /// Those of [`create`](Self::create).
    pub fn bounded(
        path: impl AsRef<Path>,
        spec: &StreamSpec,
        most_data_bytes: u64,
    ) -> Result<Self, WavError> {
        let front = Front::new(spec, most_data_bytes > MAX_RIFF_DATA_BYTES)?;
        Self::begin(path.as_ref(), spec, front)
    }

    /// Begins a file of raw samples without a header, of any format and length.
    ///
    /// # Errors
    /// [`WavError::Io`] if the folder cannot be written to.
    pub fn raw(path: impl AsRef<Path>, spec: &StreamSpec) -> Result<Self, WavError> {
        Self::begin(path.as_ref(), spec, Front::raw())
    }

    fn begin(path: &Path, spec: &StreamSpec, front: Front) -> Result<Self, WavError> {
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, Draft::create(path)?);
        // If the process is killed, the file that is left can be read to its end.
        file.write_all(&front.unfinished())?;
        Ok(Self {
            front,
            frame_bytes: spec.frame_bytes() as u64,
            file,
            data_bytes: 0,
            has_failed: false,
        })
    }

    /// The path of the temporary file. A process that ends without dropping the writer can remove the file by it.
    #[must_use]
    pub fn temporary_path(&self) -> &Path {
        self.file.get_ref().file.path()
    }

    /// Appends samples, as bytes of the file's format.
    ///
    /// # Errors
    /// [`WavError::Io`] if the file cannot be written, for example because the disk is full. [`WavError::TooLong`] if a
    /// [`bounded`](Self::bounded) file would pass 4 GiB; nothing is appended then. After an error [`keep`](Self::keep)
    /// completes the file with what is in it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WavError> {
        let data_bytes = self.data_bytes.saturating_add(bytes.len() as u64);
        if data_bytes > self.front.max_data_bytes() {
            return Err(WavError::TooLong);
        }
        let written = self.file.write_all(bytes);
        self.has_failed |= written.is_err();
        written?;
        self.data_bytes = data_bytes;
        Ok(())
    }

    /// Completes the header, and moves the file to its path.
    ///
    /// # Errors
    /// [`WavError::Io`] if that fails. Nothing is left behind then.
    pub fn finish(mut self) -> Result<(), WavError> {
        if self.front.is_padded(self.data_bytes) {
            self.file.write_all(&[0])?;
        }
        let mut file = self.file.into_inner().map_err(io::Error::from)?;
        complete(&mut file, &self.front, self.data_bytes)?;
        file.persist().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Completes the file with what could be written, cut to whole frames, and moves it to its path.
    ///
    /// This needs no more room on the disk. If not one frame could be written, no file appears, and a file at the path
    /// stays as it was.
    ///
    /// If this fails too, the temporary file is left, and the error has its path.
    #[must_use]
    pub fn keep(mut self) -> Kept {
        let mut error = self.file.flush().err().map(WavError::Io);
        self.has_failed |= error.is_some();
        let (mut file, _) = self.file.into_parts();
        let front_bytes = self.front.unfinished().len() as u64;
        // After a failed write, only the file knows how much is there.
        let end = file.stream_position().unwrap_or(0);
        let stored_bytes = end.saturating_sub(front_bytes);
        let data_bytes = stored_bytes - stored_bytes % self.frame_bytes;
        if data_bytes == 0 && self.has_failed {
            return Kept { data_bytes, error };
        }
        let end = front_bytes + data_bytes;
        let padding = u64::from(self.front.is_padded(data_bytes));
        let stored = file.file.as_file();
        let completed = stored
            .set_len(end)
            // A chunk of odd length is padded. The byte needs no new room: it is within what was just cut off, or
            // within a block of the disk.
            .and_then(|()| stored.set_len(end + padding))
            .and_then(|()| complete(&mut file, &self.front, data_bytes));
        let named = match completed {
            Ok(()) => file.persist(),
            Err(error) => Err((file, error)),
        };
        if let Err((file, why)) = named {
            error = Some(leave(file, why));
        }
        Kept { data_bytes, error }
    }
}

/// Writes the final header over the first one.
fn complete(file: &mut Draft, front: &Front, data_bytes: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&front.finished(data_bytes))
}

/// Leaves the temporary file where it is, and returns the error with its path.
fn leave(draft: Draft, error: io::Error) -> WavError {
    match draft.file.keep() {
        Ok((_, at)) => WavError::Unnamed { at, error },
        // Only Windows can refuse this. The file is removed then.
        Err(_) => WavError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::fs::File;
    use std::io::Read;

    use tempfile::NamedTempFile;

    use super::*;
    use crate::wav::{Length, WavHeader};

    /// A file of `data_bytes` bytes of samples, all zero and none on the disk.
    fn grown(path: &Path, spec: &str, bounded: bool, data_bytes: u64) -> WavWriter {
        let most = if bounded { data_bytes } else { u64::MAX };
        let mut writer = WavWriter::bounded(path, &spec.parse().unwrap(), most).unwrap();
        writer.file.flush().unwrap();
        let end = writer.file.stream_position().unwrap() + data_bytes;
        writer.file.get_ref().file.as_file().set_len(end).unwrap();
        writer.file.seek(SeekFrom::Start(end)).unwrap();
        writer.data_bytes = data_bytes;
        writer
    }

    /// The first four bytes, the length in the header, and how many bytes follow the header.
    fn read(path: &Path) -> ([u8; 4], Length, u64) {
        let mut file = File::open(path).unwrap();
        let mut id = [0; 4];
        file.read_exact(&mut id).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let header = WavHeader::read(&mut file).unwrap();
        let front = file.stream_position().unwrap();
        (id, header.length, file.metadata().unwrap().len() - front)
    }

    /// A file that RIFF can hold stays RIFF. A longer one is RF64, with its length.
    #[test]
    fn what_outgrows_riff_becomes_rf64() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.wav");
        for (data_bytes, id) in [
            (0, b"RIFF"),
            (0x8000_0001, b"RIFF"),
            (MAX_RIFF_DATA_BYTES - 3, b"RIFF"),
            (MAX_RIFF_DATA_BYTES, b"RF64"),
            (0xffff_ffff, b"RF64"),
            (0x1_0000_0002, b"RF64"),
            (0x3_0000_0000, b"RF64"),
        ] {
            for kept in [false, true] {
                let mut writer = grown(&path, "48000x1:s24le", false, data_bytes);
                writer.write(&[1, 2, 3]).unwrap();
                let all = data_bytes + 3;
                if kept {
                    let kept = writer.keep();
                    assert!(kept.error.is_none());
                    assert_eq!(kept.data_bytes, all);
                } else {
                    writer.finish().unwrap();
                }
                let (found, length, rest) = read(&path);
                assert_eq!(found, *id, "{data_bytes:#x}");
                assert_eq!(length, Length::Bytes(all), "{data_bytes:#x}");
                assert_eq!(rest, all + all % 2, "{data_bytes:#x}: padded");
            }
        }
    }

    /// EBU Tech 3306: the lengths of 32 bits are all ones, and those of 64 bits are in the first chunk.
    #[test]
    fn an_rf64_header_is_what_the_standard_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.wav");
        let data_bytes = 0x1_2345_6788;
        grown(&path, "48000x2:f32le", false, data_bytes)
            .finish()
            .unwrap();
        let mut head = [0; 12 + 36 + 26 + 12 + 8];
        File::open(&path).unwrap().read_exact(&mut head).unwrap();
        let mut expected = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0".to_vec();
        expected.extend((data_bytes + head.len() as u64 - 8).to_le_bytes());
        expected.extend(data_bytes.to_le_bytes());
        expected.extend((data_bytes / 8).to_le_bytes());
        expected.extend([0; 4]);
        assert_eq!(head[..48], expected);
        assert_eq!(head[48..56], *b"fmt \x12\0\0\0");
        let fact = u32::try_from(data_bytes / 8).unwrap().to_le_bytes();
        assert_eq!(head[74..86], [b"fact\x04\0\0\0", &fact[..]].concat());
        assert_eq!(head[86..], *b"data\xff\xff\xff\xff");
    }

    #[test]
    fn what_was_to_be_short_cannot_become_long_but_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("short.wav");
        let mut writer = grown(&path, "48000x1:u8", true, MAX_RIFF_DATA_BYTES);
        assert!(matches!(writer.write(&[0]), Err(WavError::TooLong)));
        assert_eq!(writer.keep().data_bytes, MAX_RIFF_DATA_BYTES);
        let (id, length, _) = read(&path);
        assert_eq!((&id, length), (b"RIFF", Length::Bytes(MAX_RIFF_DATA_BYTES)));
    }

    /// Like a memory stick that is pulled out: not even the header can be written.
    #[test]
    fn what_cannot_be_completed_is_left_and_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let mut writer = WavWriter::create(&path, &"8000x1:u8".parse().unwrap()).unwrap();
        writer.write(&[1; 4_000]).unwrap();
        writer.file.flush().unwrap();
        let (mut draft, rest) = writer.file.into_parts();
        assert!(rest.unwrap().is_empty());
        let (_, temporary) = draft.file.into_parts();
        let mut read_only = File::open(&temporary).unwrap();
        read_only.seek(SeekFrom::End(0)).unwrap();
        draft.file = NamedTempFile::from_parts(read_only, temporary);
        writer.file = BufWriter::new(draft);
        let kept = writer.keep();
        assert_eq!(kept.data_bytes, 4_000);
        let Some(WavError::Unnamed { at, .. }) = kept.error else {
            panic!("{:?}", kept.error);
        };
        assert!(!path.exists());
        // It can be played as it is: its header says that all bytes behind it are samples.
        let (id, length, rest) = read(&at);
        assert_eq!((&id, length, rest), (b"RIFF", Length::ToTheEnd, 4_000));
    }

    /// A folder is at the path of the file.
    #[test]
    fn what_cannot_be_named_is_left_and_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let mut writer = WavWriter::create(&path, &"8000x1:u8".parse().unwrap()).unwrap();
        writer.write(&[1; 5]).unwrap();
        std::fs::create_dir(&path).unwrap();
        let kept = writer.keep();
        let Some(WavError::Unnamed { at, .. }) = kept.error else {
            panic!("{:?}", kept.error);
        };
        assert_eq!(read(&at), (*b"RIFF", Length::Bytes(5), 6));
    }
}
