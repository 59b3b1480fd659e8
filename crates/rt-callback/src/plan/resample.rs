//! The kinds of rate conversion, and filter tables that streams can share.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use rate_convert::{Linear, Progress, Quality, RateError, Sinc, SincTable};

/// How rates are converted. If both rates are equal, no resampler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Resample {
    /// Linear interpolation. It looks one frame ahead, is the fastest, and aliases audibly.
    Linear,
    /// A windowed sinc whose errors are below those of 16-bit samples ([`Quality::Balanced`]).
    #[default]
    Balanced,
    /// A windowed sinc as good as 32-bit floats allow ([`Quality::High`]).
    High,
}

impl Resample {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Linear, Self::Balanced, Self::High];

    /// The kind's name: `linear`, `balanced` or `high`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Balanced => "balanced",
            Self::High => "high",
        }
    }

    const fn quality(self) -> Option<Quality> {
        match self {
            Self::Linear => None,
            Self::Balanced => Some(Quality::Balanced),
            Self::High => Some(Quality::High),
        }
    }
}

impl fmt::Display for Resample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Resample {
    type Err = UnknownResample;

    fn from_str(text: &str) -> Result<Self, UnknownResample> {
        Self::ALL
            .iter()
            .copied()
            .find(|resample| resample.name() == text)
            .ok_or(UnknownResample)
    }
}

/// The error for a text that names no [`Resample`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownResample;

impl fmt::Display for UnknownResample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown resampler; known are:")?;
        Resample::ALL
            .iter()
            .try_for_each(|resample| write!(f, " {resample}"))
    }
}

impl core::error::Error for UnknownResample {}

/// Filter tables that are computed once, for all streams whose [`Config`](crate::Config) holds a clone.
///
/// A table takes tens to hundreds of kilobytes, and a while to compute. A stream whose rates have no table here makes
/// its own.
///
/// ```
/// use rt_callback::{Resample, ResampleTables};
///
/// let mut tables = ResampleTables::default();
/// tables.prepare(24_000, 48_000, Resample::Balanced)?;
/// # Ok::<(), rate_convert::RateError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ResampleTables(Vec<SharedTable>);

#[derive(Debug, Clone)]
struct SharedTable {
    rates_hz: (u32, u32),
    quality: Quality,
    table: Arc<SincTable>,
}

impl ResampleTables {
    /// Computes the table for these rates, in Hz, unless it is there already or none is needed. Allocates it.
    ///
    /// # Errors
    /// [`RateError`] if these rates cannot be converted.
    pub fn prepare(
        &mut self,
        from_hz: u32,
        to_hz: u32,
        resample: Resample,
    ) -> Result<(), RateError> {
        if from_hz != to_hz
            && let Some(quality) = resample.quality()
            && self.find((from_hz, to_hz), quality).is_none()
        {
            self.0.push(SharedTable {
                rates_hz: (from_hz, to_hz),
                quality,
                table: Arc::new(SincTable::new(from_hz, to_hz, quality)?),
            });
        }
        Ok(())
    }

    fn find(&self, rates_hz: (u32, u32), quality: Quality) -> Option<&Arc<SincTable>> {
        let shared = self
            .0
            .iter()
            .find(|shared| shared.rates_hz == rates_hz && shared.quality == quality)?;
        Some(&shared.table)
    }
}

/// A running resampler, linear or sinc. Each kind is in a box of its own: in one [`rate_convert::Resampler`] every sinc
/// would be as large as a [`Linear`] too, which is 1.3 KB a stream.
#[derive(Debug)]
pub(crate) enum Resampler {
    Linear(Box<Linear>),
    Sinc(Box<Sinc<'static>>),
}

impl Resampler {
    /// Makes a resampler. Allocates a sinc's history, and its table unless `tables` has it.
    pub(crate) fn new(
        rates_hz: (u32, u32),
        channels: usize,
        resample: Resample,
        tables: &ResampleTables,
    ) -> Result<Self, RateError> {
        let (from_hz, to_hz) = rates_hz;
        let Some(quality) = resample.quality() else {
            let linear = Linear::new(from_hz, to_hz, channels)?;
            return Ok(Self::Linear(Box::new(linear)));
        };
        let table = match tables.find(rates_hz, quality) {
            Some(shared) => Arc::clone(shared),
            None => Arc::new(SincTable::new(from_hz, to_hz, quality)?),
        };
        Ok(Self::Sinc(Box::new(Sinc::with_table(table, channels)?)))
    }

    /// Makes a sinc whose ratio can be trimmed while it runs. Allocates its history and its table.
    pub(crate) fn adjustable(
        rates_hz: (u32, u32),
        channels: usize,
        resample: Resample,
    ) -> Result<Self, RateError> {
        let quality = resample.quality().ok_or(RateError::NotAdjustable)?;
        let table = SincTable::adjustable(rates_hz.0, rates_hz.1, quality)?;
        let sinc = Sinc::with_table(Arc::new(table), channels)?;
        Ok(Self::Sinc(Box::new(sinc)))
    }

    pub(crate) fn set_trim(&mut self, trim: f64, ramp_frames: u32) -> Result<(), RateError> {
        match self {
            Self::Linear(_) => Err(RateError::NotAdjustable),
            Self::Sinc(sinc) => sinc.set_trim(trim, ramp_frames),
        }
    }

    pub(crate) fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        match self {
            Self::Linear(linear) => linear.process(input, output),
            Self::Sinc(sinc) => sinc.process(input, output),
        }
    }

    pub(crate) fn flush(&mut self, output: &mut [f32]) -> Progress {
        match self {
            Self::Linear(linear) => linear.flush(output),
            Self::Sinc(sinc) => sinc.flush(output),
        }
    }

    pub(crate) fn reset(&mut self) {
        match self {
            Self::Linear(linear) => linear.reset(),
            Self::Sinc(sinc) => sinc.reset(),
        }
    }

    /// The position of the next output, in input frames behind the last one read: whole frames, and a fraction.
    pub(crate) fn position(&self) -> (i64, f64) {
        match self {
            Self::Linear(linear) => linear.position(),
            Self::Sinc(sinc) => sinc.position(),
        }
    }

    /// The trim of the next output.
    pub(crate) fn trim(&self) -> f64 {
        match self {
            Self::Linear(_) => 0.0,
            Self::Sinc(sinc) => sinc.trim(),
        }
    }

    pub(crate) fn latency_frames(&self) -> usize {
        match self {
            Self::Linear(linear) => linear.latency_frames(),
            Self::Sinc(sinc) => sinc.latency_frames(),
        }
    }

    pub(crate) fn input_frames_for(&self, output_frames: usize) -> usize {
        match self {
            Self::Linear(linear) => linear.input_frames_for(output_frames),
            Self::Sinc(sinc) => sinc.input_frames_for(output_frames),
        }
    }
}
