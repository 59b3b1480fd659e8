//! The reason for a choice.

use std::fmt;

/// The reason for a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The device takes anything, so it gets the source's own.
    TakesAnything,
    /// It is the source's own.
    SameAsSource,
    /// The device does not have the source's rate. This is the lowest of the 48 kHz family that loses nothing.
    Family48kAbove,
    /// The device has neither the source's rate nor one of the 48 kHz family above it. This is the highest of that
    /// family.
    Family48kBelow,
    /// The device has no rate of the 48 kHz family. This is the nearest that loses least.
    OnlyRate,
    /// The best format of the device, in the order f32, s32, s24, s16, u8.
    BestFormat,
    /// The device's channel count that is nearest to the source's.
    NearestChannels,
    /// The block has the requested length.
    AsAsked,
    /// The device's shortest block is longer than the requested one.
    RaisedToSmallest,
    /// The device's longest block is shorter than the requested one.
    LoweredToLargest,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TakesAnything => "the device takes anything",
            Self::SameAsSource => "the source's own",
            Self::Family48kAbove => "the lowest of the 48 kHz family that loses nothing",
            Self::Family48kBelow => "the highest of the 48 kHz family that the device has",
            Self::OnlyRate => "the device has no rate of the 48 kHz family; this one loses least",
            Self::BestFormat => "the best that the device takes",
            Self::NearestChannels => "the nearest to the source's count that the device takes",
            Self::AsAsked => "as asked for",
            Self::RaisedToSmallest => "the device's smallest; less was asked for",
            Self::LoweredToLargest => "the device's largest; more was asked for",
        })
    }
}
