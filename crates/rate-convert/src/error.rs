//! What can be wrong with a request, said so that the reader knows what to change.

use core::fmt;

use crate::limits::{MAX_CHANNELS, MAX_RATE_HZ, MAX_RATIO};

/// Why a resampler could not be built or adjusted.
///
/// Only constructors and setters fail; `process` and `flush` are total.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RateError {
    /// A sample rate outside 1..=768,000 Hz.
    RateOutOfRange {
        /// The rate that was asked for, in Hz.
        hz: u32,
    },
    /// One rate is more than 256 times the other.
    RatioOutOfRange {
        /// Rate of the input, in Hz.
        from_hz: u32,
        /// Rate of the output, in Hz.
        to_hz: u32,
    },
    /// A channel count outside 1..=64.
    ChannelsOutOfRange {
        /// The channel count that was asked for.
        channels: usize,
    },
    /// The storage given to a constructor is too short.
    StorageTooSmall {
        /// `f32` values that are needed.
        needed: usize,
        /// `f32` values that were given.
        given: usize,
    },
    /// A trim outside -0.02..=0.02, or not a number.
    TrimOutOfRange,
    /// A trim for a resampler that was built for one ratio only.
    NotAdjustable,
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::RateOutOfRange { hz } => {
                write!(
                    f,
                    "a sample rate of {hz} Hz is not possible: give 1 to {MAX_RATE_HZ} Hz"
                )
            }
            Self::RatioOutOfRange { from_hz, to_hz } => write!(
                f,
                "{from_hz} Hz to {to_hz} Hz is too large a step: convert by a factor of at most {MAX_RATIO}, or in two steps"
            ),
            Self::ChannelsOutOfRange { channels } => {
                write!(
                    f,
                    "{channels} channels are not possible: give 1 to {MAX_CHANNELS}"
                )
            }
            Self::StorageTooSmall { needed, given } => write!(
                f,
                "the resampler needs room for {needed} f32 values and was given {given}: ask storage_len how many"
            ),
            Self::TrimOutOfRange => f.write_str(
                "a trim must be a number from -0.02 to 0.02, that is at most 2 % either way",
            ),
            Self::NotAdjustable => f.write_str(
                "this resampler was built for one ratio: build it adjustable to trim it",
            ),
        }
    }
}

impl core::error::Error for RateError {}
