//! Either kind of resampler, as one type.

use crate::{Backend, Linear, Progress, Sinc};

/// A [`Linear`] or a [`Sinc`], for a field that holds whichever was chosen at run time.
///
/// What is common to both can be called on it, and does what it does there; the rest is reached by a `match`. As large
/// as a `Linear` (about 1.7 KB), and never allocates. Cloned as its kind is: with the feature `alloc`, a
/// `Resampler<'static>` is `Clone`.
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use std::sync::Arc;
/// use rate_convert::{Linear, Quality, Resampler, Sinc, SincTable};
///
/// struct Voice {
///     resampler: Resampler<'static>,
/// }
///
/// impl Voice {
///     fn new(cheap: bool) -> Result<Self, rate_convert::RateError> {
///         let resampler = if cheap {
///             Linear::new(24_000, 48_000, 1)?.into()
///         } else {
///             let table = Arc::new(SincTable::new(24_000, 48_000, Quality::High)?);
///             Sinc::with_table(table, 1)?.into()
///         };
///         Ok(Self { resampler })
///     }
/// }
///
/// let mut block = [0.0; 96];
/// for cheap in [true, false] {
///     let mut voice = Voice::new(cheap)?;
///     assert_eq!(voice.resampler.process(&[0.5; 500], &mut block).frames_written, 96);
/// }
/// # }
/// # Ok::<(), rate_convert::RateError>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
// Boxing either would allocate.
#[allow(clippy::large_enum_variant)]
pub enum Resampler<'s> {
    /// Linear interpolation.
    Linear(Linear),
    /// A windowed sinc.
    Sinc(Sinc<'s>),
}

/// Calls a method that both have.
macro_rules! either {
    ($self:ident.$method:ident($($arg:ident),*)) => {
        match $self {
            Self::Linear(linear) => linear.$method($($arg),*),
            Self::Sinc(sinc) => sinc.$method($($arg),*),
        }
    };
}

impl Resampler<'_> {
    /// Converts interleaved frames; see [`Linear::process`] and [`Sinc::process`].
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        either!(self.process(input, output))
    }

    /// Converts a slice per channel; see [`Linear::process_planar`] and [`Sinc::process_planar`].
    pub fn process_planar(&mut self, input: &[&[f32]], output: &mut [&mut [f32]]) -> Progress {
        either!(self.process_planar(input, output))
    }

    /// Ends the stream; see [`Linear::flush`] and [`Sinc::flush`].
    pub fn flush(&mut self, output: &mut [f32]) -> Progress {
        either!(self.flush(output))
    }

    /// As [`Self::flush`], a slice per channel.
    pub fn flush_planar(&mut self, output: &mut [&mut [f32]]) -> Progress {
        either!(self.flush_planar(output))
    }

    /// Forgets everything: the next frame read is the first of a new stream.
    pub fn reset(&mut self) {
        either!(self.reset());
    }

    /// The channel count.
    #[must_use]
    pub const fn channels(&self) -> usize {
        either!(self.channels())
    }

    /// How far reading runs ahead of writing, in whole input frames.
    #[must_use]
    pub const fn latency_frames(&self) -> usize {
        either!(self.latency_frames())
    }

    /// How many more input frames `process` must be given before it can write `output_frames` more frames. Exact for
    /// the present state. Saturates at `usize::MAX`.
    #[must_use]
    pub fn input_frames_for(&self, output_frames: usize) -> usize {
        either!(self.input_frames_for(output_frames))
    }

    /// Where the next output frame stands; see [`Linear::position`] and [`Sinc::position`].
    #[must_use]
    pub fn position(&self) -> (i64, f64) {
        either!(self.position())
    }

    /// Runs on another instruction set from the next call on; `false`, and no change, where it is not available.
    pub fn set_backend(&mut self, backend: Backend) -> bool {
        either!(self.set_backend(backend))
    }
}

#[cfg(feature = "alloc")]
impl Resampler<'_> {
    /// The same stream at the same place, in memory that it owns; see [`Sinc::into_owned`].
    #[must_use]
    pub fn into_owned(self) -> Resampler<'static> {
        match self {
            Self::Linear(linear) => Resampler::Linear(linear),
            Self::Sinc(sinc) => Resampler::Sinc(sinc.into_owned()),
        }
    }
}

/// A second stream at the same place.
#[cfg(feature = "alloc")]
impl Clone for Resampler<'static> {
    fn clone(&self) -> Self {
        match self {
            Self::Linear(linear) => Self::Linear(linear.clone()),
            Self::Sinc(sinc) => Self::Sinc(sinc.clone()),
        }
    }
}

impl From<Linear> for Resampler<'_> {
    fn from(linear: Linear) -> Self {
        Self::Linear(linear)
    }
}

impl<'s> From<Sinc<'s>> for Resampler<'s> {
    fn from(sinc: Sinc<'s>) -> Self {
        Self::Sinc(sinc)
    }
}
