//! What a device is opened as: a pure function of what it can do and of what is wanted.

use std::cmp::Reverse;
use std::fmt;
use std::time::Duration;

use rt_callback::{ChannelLayout, SampleFormat, StreamSpec};

use crate::error::DeviceError;
use crate::seam::{BlockLength, SupportedFormats};

/// The rates that 48 kHz is a small multiple of, or that are one of it, in Hz.
const FAMILY_OF_48K: [u32; 11] = [
    8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000, 96_000, 192_000, 384_000, 768_000,
];
/// The other rates that are in use, for a device that has none of those.
const OTHER_RATES: [u32; 6] = [11_025, 22_050, 44_100, 88_200, 176_400, 352_800];
/// Rates further apart than this are not converted.
const MAX_RATIO: u32 = 256;

/// What a device will be opened as, and why.
///
/// In this order of weight: the source's own rate, else one of the 48 kHz family (the lowest that
/// keeps all that the source holds); then the best format, f32 over s32, s24, s16 and u8; then the
/// channel count that is nearest to the source's; then a block of the length that was asked for,
/// within what the device allows.
///
/// ```
/// use device_io::{BlockLength, Negotiated, SupportedFormats};
/// use rt_callback::SampleFormat;
///
/// let card = [SupportedFormats::new(SampleFormat::S16, 2, (44_100, 44_100))];
/// let source = "24000x1:s16le".parse()?;
/// let negotiated = Negotiated::new(source, BlockLength::default(), &card)?;
/// assert_eq!(negotiated.spec.to_string(), "44100x2:s16le");
/// assert_eq!(negotiated.block_frames, 882);
/// println!("{}", negotiated.explain());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Negotiated {
    /// What the application has.
    pub source: StreamSpec,
    /// What the device gets.
    pub spec: StreamSpec,
    /// How many frames it is asked to ask for at a time.
    pub block_frames: u32,
    why: Why,
}

/// The reasons, in the order of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Why {
    rate: Reason,
    format: Reason,
    channels: Reason,
    block: Reason,
}

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

/// One of a capability's ways to be opened, as far as it matters which is better.
struct Candidate {
    format: SampleFormat,
    layout: ChannelLayout,
    rate_hz: u32,
    rate_reason: Reason,
    block_frames: Option<(u32, u32)>,
}

impl Negotiated {
    /// Chooses among `supported`, in any order; an empty list is a device that takes anything.
    ///
    /// # Errors
    /// [`DeviceError::UnsupportedFormat`] where none of it can be rendered.
    pub fn new(
        source: StreamSpec,
        block: BlockLength,
        supported: &[SupportedFormats],
    ) -> Result<Self, DeviceError> {
        if supported.is_empty() {
            let anything = Reason::TakesAnything;
            let (block_frames, block) = block_within(block.frames(source.rate_hz), None);
            let why = Why {
                rate: anything,
                format: anything,
                channels: anything,
                block,
            };
            return Ok(Self {
                source,
                spec: source,
                block_frames,
                why,
            });
        }
        let best = supported
            .iter()
            .filter_map(|one| Candidate::of(&source, one))
            .min_by_key(|candidate| candidate.rank(&source));
        let Some(best) = best else {
            let all = supported.iter().map(ToString::to_string);
            return Err(DeviceError::UnsupportedFormat(
                all.collect::<Vec<_>>().join(", "),
            ));
        };
        let same = |same: bool, otherwise| {
            if same {
                Reason::SameAsSource
            } else {
                otherwise
            }
        };
        let channels = best.layout.channels();
        let wanted = block.frames(best.rate_hz);
        let (block_frames, block) = block_within(wanted, best.block_frames);
        let why = Why {
            rate: best.rate_reason,
            format: same(best.format == source.format, Reason::BestFormat),
            channels: same(channels == source.channels(), Reason::NearestChannels),
            block,
        };
        Ok(Self {
            source,
            spec: StreamSpec::new(best.format, best.rate_hz, best.layout),
            block_frames,
            why,
        })
    }

    /// Every choice and every conversion that follows from it, with its reason.
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
        // The fewer channels are resampled.
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

    /// How long a block lasts.
    #[must_use]
    pub fn block(&self) -> Duration {
        let nanoseconds =
            u64::from(self.block_frames) * 1_000_000_000 / u64::from(self.spec.rate_hz.max(1));
        Duration::from_nanos(nanoseconds)
    }
}

impl Candidate {
    /// `None` where it cannot be rendered.
    fn of(source: &StreamSpec, supported: &SupportedFormats) -> Option<Self> {
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

    /// The lowest is the best.
    fn rank(&self, source: &StreamSpec) -> impl Ord + use<> {
        let channels = self.layout.channels();
        (
            rate_rank(source.rate_hz, self.rate_hz),
            format_rank(self.format),
            // Of two that are equally near, the one that loses nothing.
            (
                channels.abs_diff(source.channels()),
                channels < source.channels(),
            ),
        )
    }
}

/// The best of a range for this source, and why; `None` where none can be converted to.
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

/// The source's own, then the 48 kHz family, then the rest; in each of them the lowest that loses
/// nothing, else the highest.
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

/// f32 > s32 > s24 > s16 > u8, and the rarer ones beside the one that holds as much.
fn format_rank(format: SampleFormat) -> impl Ord {
    if format.is_float() {
        // f64 holds no more of what is rendered, and is twice as much to write.
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

/// As many frames as wanted, within a range that may be nonsense: 0 is a smallest that some devices
/// name, `u32::MAX` a largest, and the two may be the wrong way round.
fn block_within(wanted: u32, range: Option<(u32, u32)>) -> (u32, Reason) {
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

/// What a [`Negotiated`] chose and what the callback will do for it; prints as one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    negotiated: Negotiated,
    /// Rate, format, channels and block, with their reasons.
    pub choices: [(Choice, Reason); 4],
    /// What is done in the callback, in this order. Empty: samples are copied as they are.
    pub conversions: Vec<Conversion>,
}

/// Something that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// In Hz.
    Rate(u32),
    /// How samples are stored.
    Format(SampleFormat),
    /// How many, and what for.
    Channels(ChannelLayout),
    /// In frames.
    Block(u32),
}

/// Something that the callback has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conversion {
    /// Fewer channels, or more.
    Mix {
        /// The source's.
        from: ChannelLayout,
        /// The device's.
        to: ChannelLayout,
    },
    /// Another rate.
    Resample {
        /// The source's, in Hz.
        from_hz: u32,
        /// The device's, in Hz.
        to_hz: u32,
    },
    /// Another format.
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
