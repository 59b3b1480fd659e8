//! The errors of WAV files.

use std::path::PathBuf;
use std::{error, fmt, io};

use rt_callback::SampleFormat;

use crate::wav::tag::codec_name;

/// Why a WAV file cannot be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WavError {
    /// It is no WAV file.
    NotWav,
    /// The file ends before its samples begin.
    EndsInHeader,
    /// The header contradicts itself. The field says how.
    Lies(&'static str),
    /// The samples are neither plain PCM nor G.711. The fields are the format tag and the bits.
    Codec(u16, u16),
    /// A WAV file cannot hold samples of this format.
    Format(SampleFormat),
    /// There are more samples than [`WavWriter::bounded`](crate::wav::WavWriter::bounded) was promised, and more than
    /// the header has room for.
    TooLong,
    /// The file could not be moved to its name, and stays where it is. It is complete, except perhaps for its header.
    Unnamed {
        /// The present path of the file.
        at: PathBuf,
        /// Why it could not be moved.
        error: io::Error,
    },
    /// The file could not be read or written.
    Io(io::Error),
}

impl fmt::Display for WavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWav => f.write_str("this is no WAV file"),
            Self::EndsInHeader => f.write_str("the WAV file ends before its samples begin"),
            Self::Lies(how) => write!(f, "the WAV header is wrong: {how}"),
            Self::Codec(tag, bits) => {
                let name = codec_name(*tag).unwrap_or("an unknown coding");
                write!(f, "a WAV file of {name} (format tag {tag:#06x}")?;
                if *bits > 0 {
                    write!(f, ", {bits} bits")?;
                }
                f.write_str("), which is not supported")
            }
            Self::Format(format) => write!(
                f,
                "a WAV file cannot hold {format}; it can hold u8, s16le, s24le, s32le, f32le, \
                 f64le, mulaw and alaw"
            ),
            Self::TooLong => {
                f.write_str("the WAV header has no room for the length of more than 4 GiB")
            }
            Self::Unnamed { at, error } => {
                write!(f, "{error}; what was written is in {}", at.display())
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for WavError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::Unnamed { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for WavError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::EndsInHeader,
            _ => Self::Io(error),
        }
    }
}
