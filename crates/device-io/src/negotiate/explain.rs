//! The explanation of a negotiation, in words.

use std::fmt;

use rt_callback::{ChannelLayout, SampleFormat};

use crate::negotiate::negotiated::Negotiated;
use crate::negotiate::reason::Reason;

impl Negotiated {
    /// Returns every choice with its reason, and the conversions that follow.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        let (from, to) = (self.source, self.spec);
        let mut conversions = Vec::new();
        let mix = Conversion::Mix {
            from: from.layout,
            to: to.layout,
        };
        let resample = Conversion::Resample {
            from_hz: from.rate_hz,
            to_hz: to.rate_hz,
        };
        let mixes = from.layout != to.layout;
        // The resampler runs the fewer channels.
        let downmix = to.channels() < from.channels();
        conversions.extend((mixes && downmix).then_some(mix));
        conversions.extend((from.rate_hz != to.rate_hz).then_some(resample));
        conversions.extend((mixes && !downmix).then_some(mix));
        if from.format != to.format {
            conversions.push(Conversion::Format {
                from: from.format,
                to: to.format,
            });
        }
        Explanation {
            negotiated: *self,
            choices: [
                (Choice::Rate(to.rate_hz), self.why.rate),
                (Choice::Format(to.format), self.why.format),
                (Choice::Channels(to.layout), self.why.channels),
                (Choice::Block(self.block_frames), self.why.block),
            ],
            conversions,
        }
    }
}

/// What a [`Negotiated`] chose, and what the callback will do for it. Prints as one line for each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    negotiated: Negotiated,
    /// Rate, format, channels and block, with their reasons.
    pub choices: [(Choice, Reason); 4],
    /// What the callback does, in this order. If empty, it copies the samples unchanged.
    pub conversions: Vec<Conversion>,
}

/// A choice of a negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// The rate, in Hz.
    Rate(u32),
    /// The sample format.
    Format(SampleFormat),
    /// The channel layout.
    Channels(ChannelLayout),
    /// The length of a block, in frames.
    Block(u32),
}

/// A conversion in the callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conversion {
    /// A mix to fewer, more or other channels.
    Mix {
        /// The source's.
        from: ChannelLayout,
        /// The device's.
        to: ChannelLayout,
    },
    /// A conversion to another rate.
    Resample {
        /// The source's, in Hz.
        from_hz: u32,
        /// The device's, in Hz.
        to_hz: u32,
    },
    /// A conversion to another format.
    Format {
        /// The source's.
        from: SampleFormat,
        /// The device's.
        to: SampleFormat,
    },
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mix { from, to } => {
                let (fewer, more) = (to.channels() < from.channels(), to.channels());
                let what = if fewer {
                    "downmix"
                } else if more > from.channels() {
                    "upmix"
                } else {
                    "remix"
                };
                write!(f, "{what} {from} to {to} channels")
            }
            Self::Resample { from_hz, to_hz } => write!(f, "resample {from_hz} to {to_hz} Hz"),
            Self::Format { from, to } if to.is_float() => write!(f, "decode {from} to {to}"),
            Self::Format { from, to } => write!(f, "convert {from} to {to}"),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (choice, reason) in &self.choices {
            match choice {
                Choice::Rate(rate_hz) => writeln!(f, "rate      {rate_hz} Hz: {reason}")?,
                Choice::Format(format) => writeln!(f, "format    {format}: {reason}")?,
                Choice::Channels(layout) => writeln!(f, "channels  {layout}: {reason}")?,
                Choice::Block(frames) => {
                    let ms = self.negotiated.block().as_secs_f64() * 1000.0;
                    writeln!(f, "block     {frames} frames ({ms:.1} ms): {reason}")?;
                }
            }
        }
        if self.conversions.is_empty() {
            return f.write_str("callback  copies the samples as they are");
        }
        f.write_str("callback  ")?;
        for (index, conversion) in self.conversions.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{conversion}")?;
        }
        Ok(())
    }
}
