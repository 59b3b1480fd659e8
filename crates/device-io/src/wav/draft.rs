//! Drafts: files that get their name only when they are complete.

use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The longest chain of symbolic links that is followed.
const MAX_LINKS: usize = 40;

/// A temporary file beside its target. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) file: NamedTempFile,
    /// The path that it will get, with links followed.
    target: PathBuf,
}

impl Draft {
    /// Creates a draft beside the file at `path`. A link is followed, and stays. The new file gets the mode of an
    /// existing one and, if that is allowed, its owner.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let target = follow(path)?;
        let present = match fs::metadata(&target) {
            Ok(present) => Some(present),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(present) = &present {
            if present.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !present.is_file() {
                return Err(io::Error::other("is no regular file"));
            }
            // A file that may not be written to is not replaced either.
            File::options().write(true).open(&target)?;
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".outdata-").suffix(".part");
        #[cfg(unix)]
        {
            // The mode of any new file, less the umask.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder)?;
        if let Some(present) = present {
            keep_mode(file.as_file(), &present)?;
        }
        Ok(Self { file, target })
    }

    /// Moves the file to its target.
    pub(super) fn persist(self) -> Result<(), (Self, io::Error)> {
        let target = self.target;
        match self.file.persist(&target) {
            Ok(_) => Ok(()),
            Err(failed) => {
                let file = failed.file;
                Err((Self { file, target }, failed.error))
            }
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Follows links to their end, whether a file is there or not.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&path) else {
            return Ok(path);
        };
        path = match path.parent() {
            Some(folder) => folder.join(next),
            None => next,
        };
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// Gives the file the mode and owner of the one that it replaces.
fn keep_mode(file: &File, present: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only root may give a file away. Other users replace their own files, so the owner is right already.
        let _ = fchown(file, Some(present.uid()), Some(present.gid()));
    }
    file.set_permissions(present.permissions())
}
