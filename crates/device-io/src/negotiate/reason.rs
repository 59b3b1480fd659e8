//! Why something was chosen.

use std::fmt;

/// Why something was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The device takes anything, so it gets what there is.
    TakesAnything,
    /// The source's own.
    SameAsSource,
    /// The device has not the source's rate; this is the lowest of the 48 kHz family that loses
    /// nothing.
    Family48kAbove,
    /// The device has not the source's rate, nor one of the 48 kHz family above it; this is the
    /// highest of that family.
    Family48kBelow,
    /// The device has no rate of the 48 kHz family; this is the nearest that loses least.
    OnlyRate,
    /// The best of what the device takes: f32, s32, s24, s16, u8, in this order.
    BestFormat,
    /// The nearest to the source's count that the device takes.
    NearestChannels,
    /// As long as was asked for.
    AsAsked,
    /// The device's smallest is longer than what was asked for.
    RaisedToSmallest,
    /// The device's largest is shorter than what was asked for.
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
