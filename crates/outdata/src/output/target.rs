//! What OUT is: a file that appears when it is whole, or something that is written to as it comes.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::console::Failure;
use crate::input::extension;

/// Where the samples go, and as what.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(super) place: Place,
    /// As WAV, or as raw samples.
    is_wav: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    Stdout,
    /// A pipe with a name, a device: it is there already, and stays.
    Stream(PathBuf),
    /// A file, under this name.
    File(PathBuf),
}

impl Place {
    /// Of a name that is not standard output's.
    fn of(path: &Path) -> Self {
        let place = if is_stream(path) {
            Self::Stream
        } else {
            Self::File
        };
        place(path.to_path_buf())
    }
}

fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir())
}

impl Target {
    /// Refuses a name that does not say what kind of output it is. With `--wav`, it need not say; `None` stands for a
    /// command that has no such option.
    pub(crate) fn new(path: &Path, option: Option<bool>) -> Result<Self, Failure> {
        let wav = option == Some(true);
        let is_named = |names: &[&str]| {
            names
                .iter()
                .any(|name| path.as_os_str() == OsStr::new(name))
        };
        if is_named(&["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
            return Ok(Self {
                place: Place::Stdout,
                is_wav: wav,
            });
        }
        let is_stream = is_stream(path);
        let extension = extension(path);
        let is_wav = match extension.as_deref() {
            _ if wav => true,
            Some("wav") => true,
            Some("raw" | "pcm") => false,
            _ if is_stream => false,
            _ => {
                let advice = option.map_or("", |_| "; --wav makes it a WAV file all the same");
                return Err(Failure::usage(format!(
                    "OUT must end in .wav, .raw or .pcm, or be - for raw samples, and {} does not{advice}",
                    path.display()
                )));
            }
        };
        Ok(Self {
            place: Place::of(path),
            is_wav,
        })
    }

    /// What is no sound, under any name.
    pub(crate) fn of_bytes(path: &Path) -> Self {
        Self {
            place: Place::of(path),
            is_wav: false,
        }
    }

    pub(crate) fn is_wav(&self) -> bool {
        self.is_wav
    }

    pub(crate) fn is_stdout(&self) -> bool {
        matches!(self.place, Place::Stdout)
    }

    /// Whether it appears, when it is whole.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// For people.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Place::Stdout => "standard output".to_owned(),
            Place::Stream(path) | Place::File(path) => path.display().to_string(),
        }
    }
}
