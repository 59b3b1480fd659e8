//! What can go wrong with a device and its stream.

use std::{error, fmt};

use rt_callback::{ConfigError, FeedError, SpecError};

use crate::error::DeviceError;

/// Why a [`Player`](crate::Player), a [`Microphone`](crate::Microphone) or a [`Call`](crate::Call) could not do what was
/// asked of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The device cannot be opened, started or stopped.
    Device(DeviceError),
    /// The stream cannot be made as it was configured.
    Config(ConfigError),
    /// What was written cannot be taken. [`FeedError::Interrupted`] is an interruption's answer to whoever still writes
    /// what was interrupted.
    Feed(FeedError),
    /// The last frame lacks samples.
    PartialFrame {
        /// How many samples there were.
        samples: usize,
        /// How many make a frame.
        channels: usize,
    },
    /// A text is no [`StreamSpec`](rt_callback::StreamSpec).
    Spec(SpecError),
    /// The device is gone, none is looked for, and so nothing moves any more: why, in words.
    /// [`Policy::Follow`](crate::Policy::Follow) looks for another one.
    Failed(String),
}

impl Error {
    /// Whether an interruption is all that happened: the rest of what was interrupted need not be written.
    #[must_use]
    pub const fn is_interrupted(&self) -> bool {
        matches!(self, Self::Feed(FeedError::Interrupted { .. }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Feed(error) => error.fmt(f),
            Self::Spec(error) => error.fmt(f),
            Self::PartialFrame { samples, channels } => write!(
                f,
                "{samples} samples are no whole number of frames of {channels}"
            ),
            Self::Failed(why) => write!(f, "the stream has no device any more: {why}"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Device(error) => Some(error),
            Self::Config(error) => Some(error),
            Self::Feed(error) => Some(error),
            Self::Spec(error) => Some(error),
            Self::PartialFrame { .. } | Self::Failed(_) => None,
        }
    }
}

impl From<DeviceError> for Error {
    fn from(error: DeviceError) -> Self {
        Self::Device(error)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<FeedError> for Error {
    fn from(error: FeedError) -> Self {
        Self::Feed(error)
    }
}

impl From<SpecError> for Error {
    fn from(error: SpecError) -> Self {
        Self::Spec(error)
    }
}
