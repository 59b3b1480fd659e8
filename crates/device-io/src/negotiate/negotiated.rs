//! The result of a negotiation.

use std::time::Duration;

use rt_callback::StreamSpec;

use crate::error::DeviceError;
use crate::negotiate::candidate::{Candidate, block_within};
use crate::negotiate::reason::Reason;
use crate::seam::{BlockLength, DeviceInfo, SupportedFormats};

/// The format, rate, channels and block in which a device will be opened, and why.
///
/// The choices are made in this order:
///
/// 1. the source's own rate, else one of the 48 kHz family: the lowest that loses nothing of the source;
/// 2. the best format: f32, then s32, s24, s16 and u8;
/// 3. the channel count that is nearest to the source's;
/// 4. a block of the requested length, within what the device allows.
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
    /// The format, rate and channels of the application's samples.
    pub source: StreamSpec,
    /// The format, rate and channels of the device.
    pub spec: StreamSpec,
    /// The length of a block to request from the device, in frames.
    pub block_frames: u32,
    pub(super) why: Why,
}

/// The reasons, in the order of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) rate: Reason,
    pub(super) format: Reason,
    pub(super) channels: Reason,
    pub(super) block: Reason,
}

impl Negotiated {
    /// Chooses the best of `supported`, which may have any order. An empty list is a device that takes anything.
    ///
    /// # Errors
    /// [`DeviceError::UnsupportedFormat`] if none of them can be rendered.
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

    /// How long a block lasts.
    #[must_use]
    pub fn block(&self) -> Duration {
        let nanoseconds =
            u64::from(self.block_frames) * 1_000_000_000 / u64::from(self.spec.rate_hz.max(1));
        Duration::from_nanos(nanoseconds)
    }
}

impl DeviceInfo {
    /// Returns how the device would be opened for this source.
    ///
    /// # Errors
    /// Those of [`Negotiated::new`], and [`DeviceError::Backend`] if the device cannot be asked for its formats.
    pub fn negotiate(
        &self,
        source: StreamSpec,
        block: BlockLength,
    ) -> Result<Negotiated, DeviceError> {
        if let Some(trouble) = &self.trouble {
            return Err(DeviceError::Backend(trouble.clone()));
        }
        if self.supported.is_empty() && !self.refused.is_empty() {
            return Err(DeviceError::UnsupportedFormat(self.refused.join(", ")));
        }
        Negotiated::new(source, block, &self.supported)
    }
}
