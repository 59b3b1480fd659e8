//! What is chosen, and why.

use std::time::Duration;

use rt_callback::StreamSpec;

use crate::error::DeviceError;
use crate::negotiate::candidate::{Candidate, block_within};
use crate::negotiate::reason::Reason;
use crate::seam::{BlockLength, DeviceInfo, SupportedFormats};

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

    /// How long a block lasts.
    #[must_use]
    pub fn block(&self) -> Duration {
        let nanoseconds =
            u64::from(self.block_frames) * 1_000_000_000 / u64::from(self.spec.rate_hz.max(1));
        Duration::from_nanos(nanoseconds)
    }
}

impl DeviceInfo {
    /// What it would be opened as for this source.
    ///
    /// # Errors
    /// As [`Negotiated::new`]; [`DeviceError::Backend`] where it cannot be asked.
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
