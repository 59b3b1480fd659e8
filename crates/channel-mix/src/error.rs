use core::fmt;

use crate::simd::Backend;

/// Why a matrix or a mixer could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MixError {
    /// A channel count outside `1..=64`.
    Channels(usize),
    /// A custom matrix needs exactly `inputs * outputs` coefficients.
    CoefficientCount {
        /// `inputs * outputs`.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A coefficient is NaN, infinite or beyond [`MAX_GAIN`](crate::MAX_GAIN).
    Coefficient {
        /// The output channel, from 0.
        output: usize,
        /// The input channel, from 0.
        input: usize,
    },
    /// The mixer's `TERMS` cannot hold the matrix (or, when a ramp is replaced in mid-flight, the
    /// mixture of the two); nothing was changed.
    TooManyTerms {
        /// Coefficients that are not zero.
        needed: usize,
        /// The mixer's `TERMS`.
        capacity: usize,
    },
    /// A new matrix must have the channel counts that the mixer was made with.
    Shape {
        /// `(inputs, outputs)` of the mixer.
        expected: (usize, usize),
        /// `(inputs, outputs)` of the matrix.
        found: (usize, usize),
    },
    /// In place there is no room for more channels than there were.
    Grows {
        /// Channels in.
        inputs: usize,
        /// Channels out.
        outputs: usize,
    },
    /// This processor does not have the instructions, or the build forbids them.
    Backend(Backend),
}

impl fmt::Display for MixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Channels(n) => write!(f, "{n} channels: 1 to 64 can be mixed"),
            Self::CoefficientCount { expected, found } => {
                write!(f, "the matrix needs {expected} coefficients, {found} given")
            }
            Self::Coefficient { output, input } => write!(
                f,
                "the coefficient from input {input} to output {output} is not finite or too large"
            ),
            Self::TooManyTerms { needed, capacity } => write!(
                f,
                "{needed} coefficients are not zero, the mixer holds {capacity}"
            ),
            Self::Shape { expected, found } => write!(
                f,
                "the mixer goes from {} to {} channels, the matrix from {} to {}",
                expected.0, expected.1, found.0, found.1
            ),
            Self::Grows { inputs, outputs } => {
                write!(f, "{inputs} channels cannot become {outputs} in place")
            }
            Self::Backend(backend) => write!(f, "{backend} is not to be had here"),
        }
    }
}

impl core::error::Error for MixError {}
