//! Why a feeder took nothing.

use core::fmt;

use pcm_convert::SampleFormat;

use crate::config::ConfigError;

/// Why a [`Feeder`](crate::Feeder) took nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedError {
    /// The pushed samples have another format than the source.
    Format {
        /// The format of the source.
        source: SampleFormat,
        /// The format of the pushed samples.
        pushed: SampleFormat,
    },
    /// The utterance that is being pushed has been interrupted, discarded or cancelled, or the stream was interrupted
    /// while this call waited.
    ///
    /// The queued frames of the utterance or the call are dropped. Inside an utterance, begin another one or declare
    /// the end of this one. Outside, new sound can be pushed at once.
    Interrupted {
        /// How much this call had queued: in frames, or in bytes if it was given bytes.
        queued: usize,
    },
    /// An unfinished frame waits for the rest of its bytes. Push them, or declare an end.
    PartialFrame,
    /// [`Config::marker_capacity`](crate::Config::marker_capacity) markers are queued. Try again when some of the queue
    /// has sounded.
    MarkersFull,
    /// The new source cannot be converted for the device.
    Config(ConfigError),
}

impl FeedError {
    /// Adds what the same call had queued before.
    pub(super) const fn after(self, before: usize) -> Self {
        match self {
            Self::Interrupted { queued } => Self::Interrupted {
                queued: queued + before,
            },
            other => other,
        }
    }
}

impl From<ConfigError> for FeedError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format { source, pushed } => write!(
                f,
                "pushed {pushed} samples into a {source} source; declare the format with set_source"
            ),
            Self::Interrupted { queued } => write!(
                f,
                "interrupted, after {queued} had been queued: begin another utterance, or declare the end"
            ),
            Self::PartialFrame => f.write_str(
                "an unfinished frame is waiting: push its rest as bytes, or declare an end",
            ),
            Self::MarkersFull => {
                f.write_str("too many markers are queued: wait until some have sounded")
            }
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FeedError {}
