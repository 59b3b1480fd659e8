//! Candidates: which of a device's formats is the best for a source.

use std::cmp::Reverse;

use rt_callback::{ChannelLayout, SampleFormat, StreamSpec};

use crate::negotiate::reason::Reason;
use crate::seam::SupportedFormats;

/// The rates of which 48 kHz is a small multiple, and its own small multiples, in Hz.
const FAMILY_OF_48K: [u32; 11] = [
    8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000, 96_000, 192_000, 384_000, 768_000,
];
/// The other usual rates, for a device that has none of those.
const OTHER_RATES: [u32; 6] = [11_025, 22_050, 44_100, 88_200, 176_400, 352_800];
/// The largest ratio of two rates that can be converted.
const MAX_RATIO: u32 = 256;

/// One of a device's formats, as far as the choice depends on it.
pub(super) struct Candidate {
    pub(super) format: SampleFormat,
    pub(super) layout: ChannelLayout,
    pub(super) rate_hz: u32,
    pub(super) rate_reason: Reason,
    pub(super) block_frames: Option<(u32, u32)>,
}

impl Candidate {
    /// `None` if it cannot be rendered.
    pub(super) fn of(source: &StreamSpec, supported: &SupportedFormats) -> Option<Self> {
        let layout = ChannelLayout::from_count(supported.channels)?;
        let (rate_hz, rate_reason) = best_rate(source.rate_hz, supported.rates_hz)?;
        Some(Self {
            format: supported.format,
            layout,
            rate_hz,
            rate_reason,
            block_frames: supported.block_frames,
        })
    }

    /// The rank of the candidate. The lowest is the best.
    pub(super) fn rank(&self, source: &StreamSpec) -> impl Ord + use<> {
        let channels = self.layout.channels();
        (
            rate_rank(source.rate_hz, self.rate_hz),
            format_rank(self.format),
            // Of two channel counts that are equally near, the larger one loses nothing.
            (
                channels.abs_diff(source.channels()),
                channels < source.channels(),
            ),
        )
    }
}

/// The best rate of a range for this source, and the reason. `None` if the source can be converted to none.
fn best_rate(source_hz: u32, (lowest, highest): (u32, u32)) -> Option<(u32, Reason)> {
    let (lowest, highest) = (lowest.min(highest), lowest.max(highest));
    let named = FAMILY_OF_48K.into_iter().chain(OTHER_RATES);
    let rate_hz = named
        .chain([source_hz.clamp(lowest, highest)])
        .filter(|rate_hz| (lowest..=highest).contains(rate_hz))
        .filter(|rate_hz| convertible(source_hz, *rate_hz))
        .min_by_key(|rate_hz| rate_rank(source_hz, *rate_hz))?;
    let reason = if rate_hz == source_hz {
        Reason::SameAsSource
    } else if !FAMILY_OF_48K.contains(&rate_hz) {
        Reason::OnlyRate
    } else if rate_hz > source_hz {
        Reason::Family48kAbove
    } else {
        Reason::Family48kBelow
    };
    Some((rate_hz, reason))
}

fn convertible(from_hz: u32, to_hz: u32) -> bool {
    let (low, high) = (from_hz.min(to_hz), from_hz.max(to_hz));
    (1..=rt_callback::MAX_RATE_HZ).contains(&low)
        && high <= rt_callback::MAX_RATE_HZ
        && high <= low.saturating_mul(MAX_RATIO)
}

/// Ranks the source's own rate first, then the 48 kHz family, then the others. Within each, the lowest that loses
/// nothing is the best, else the highest.
fn rate_rank(source_hz: u32, rate_hz: u32) -> impl Ord {
    let family = match rate_hz {
        same if same == source_hz => 0,
        family if FAMILY_OF_48K.contains(&family) => 1,
        _ => 2,
    };
    if rate_hz >= source_hz {
        (family, 0, (rate_hz, Reverse(0)))
    } else {
        (family, 1, (0, Reverse(rate_hz)))
    }
}

/// Ranks f32 before s32, s24, s16 and u8. A rarer format comes right after the one that holds as much.
fn format_rank(format: SampleFormat) -> impl Ord {
    if format.is_float() {
        // f64 holds no more of an f32, and takes twice the bytes.
        return (0, format.bytes_per_sample());
    }
    let bits = format.integer_bits().unwrap_or(0);
    // s64 holds no more of an f32 than s32 does.
    let tier = 1 + 32_u32.saturating_sub(bits);
    let plain = [
        SampleFormat::S32,
        SampleFormat::S24_IN_32,
        SampleFormat::S16,
    ];
    let odd = usize::from(!plain.contains(&format));
    (tier, odd * (1 + format.bytes_per_sample()))
}

/// The wanted frames, limited to the device's range. The range may make no sense: some devices give 0 as the smallest
/// or `u32::MAX` as the largest, and the two may be swapped.
pub(super) fn block_within(wanted: u32, range: Option<(u32, u32)>) -> (u32, Reason) {
    let (one, other) = range.unwrap_or((1, u32::MAX));
    let (lowest, highest) = (one.min(other).max(1), one.max(other).max(1));
    let frames = wanted.clamp(lowest, highest);
    let reason = match frames {
        more if more > wanted => Reason::RaisedToSmallest,
        less if less < wanted => Reason::LoweredToLargest,
        _ => Reason::AsAsked,
    };
    (frames, reason)
}
