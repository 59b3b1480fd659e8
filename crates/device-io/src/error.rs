//! The errors of devices.

use std::{error, fmt, io};

use rt_callback::ConfigError;

/// Why a device could not be listed, opened, started or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// There is no device at all, or no audio system.
    NoDevice,
    /// This crate was built without its feature `cpal`, so there is no default device.
    NotBuilt,
    /// There is no device to record from.
    NoInput,
    /// No audio system of that name is built in.
    UnknownHost {
        /// What was requested.
        name: String,
        /// What there is instead.
        known: Vec<String>,
    },
    /// No device has that id.
    UnknownDevice {
        /// What was requested.
        id: String,
        /// What there is instead.
        known: Vec<String>,
    },
    /// The device takes no format that can be rendered. The field is what it said.
    UnsupportedFormat(String),
    /// The output or input has been started already.
    AlreadyStarted,
    /// The audio system did not answer in time.
    NoAnswer,
    /// The renderer or recorder cannot be bound to the device.
    Rebind(ConfigError),
    /// The audio system failed. The field has its own words.
    Backend(String),
    /// A file behind the output or input failed.
    Io(io::Error),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDevice => f.write_str("there is no audio device"),
            Self::NotBuilt => f.write_str(
                "device-io was built without real devices: enable its feature `cpal`, or name a backend, as in \
                 Player::on(Null)",
            ),
            Self::NoInput => f.write_str("there is no audio input"),
            Self::UnknownHost { name, known } => write!(
                f,
                "this build knows no audio system {name}; it knows: {}",
                known.join(", ")
            ),
            Self::UnknownDevice { id, known } if known.is_empty() => {
                write!(f, "there is no device {id}, nor any other")
            }
            Self::UnknownDevice { id, known } => {
                write!(
                    f,
                    "there is no device {id}; there are: {}",
                    known.join(", ")
                )
            }
            Self::UnsupportedFormat(format) => write!(
                f,
                "the device takes only {format}, which is no PCM that could be converted"
            ),
            Self::AlreadyStarted => f.write_str("the device has been started already"),
            Self::NoAnswer => f.write_str("the audio system does not answer"),
            Self::Rebind(error) => write!(f, "the stream cannot go on on this device: {error}"),
            Self::Backend(words) => f.write_str(words),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for DeviceError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Rebind(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for DeviceError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
