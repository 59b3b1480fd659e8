//! Why a feeder took nothing.

use core::fmt;

use pcm_convert::SampleFormat;

use crate::config::ConfigError;

/// Why a [`Feeder`](crate::Feeder) took nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedError {
    /// Samples of one format were pushed into a source of another.
    Format {
        /// What the source was declared to be.
        source: SampleFormat,
        /// What was pushed.
        pushed: SampleFormat,
    },
    /// The utterance that is being pushed has been interrupted, discarded or cancelled, or the stream was
    /// interrupted while this call waited. What was queued of it is dropped. Begin another utterance, or declare
    /// the end of this one; what was pushed outside any utterance may be followed by new sound at once.
    Interrupted {
        /// How much of what this call was given had been queued: frames, or bytes where it was given bytes.
        queued: usize,
    },
    /// Bytes of an unfinished frame wait for their rest: push that, or declare an end.
    PartialFrame,
    /// As many markers are queued as [`Config::marker_capacity`](crate::Config::marker_capacity)
    /// allows; try again once some of what is queued has sounded.
    MarkersFull,
    /// The new source cannot be converted for the device.
    Config(ConfigError),
}

impl FeedError {
    /// Where so much had been queued before.
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
