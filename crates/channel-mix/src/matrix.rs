use core::fmt;
use core::num::NonZero;

use crate::error::MixError;
use crate::gain::MAX_GAIN;
use crate::layout::{self, ChannelLayout, MAX_CHANNELS};
use crate::map::ChannelMap;
use crate::rules::{self, MixOptions};

/// How much of each input channel goes to each output channel: `outputs` rows of `inputs` linear
/// coefficients, 1 to 64 each way.
///
/// It is what a [`Mixer`](crate::Mixer) is made from and is 16 KiB in size whatever the counts, so
/// that nothing is allocated; make it where that does not matter and let it go.
///
/// ```
/// use channel_mix::{ChannelLayout, MixMatrix, MixRules};
///
/// let matrix = MixMatrix::new(&ChannelLayout::STEREO, &ChannelLayout::MONO, MixRules::Speakers);
/// assert_eq!((matrix.inputs(), matrix.outputs()), (2, 1));
/// assert_eq!((matrix.coefficient(0, 0), matrix.coefficient(0, 1)), (0.5, 0.5));
/// ```
#[derive(Clone, PartialEq)]
pub struct MixMatrix {
    inputs: NonZero<u8>,
    outputs: NonZero<u8>,
    /// Row by row, [`MAX_CHANNELS`] apart; 0 outside `inputs` and `outputs`.
    coefficients: [f32; MAX_CHANNELS * MAX_CHANNELS],
}

/// The place of a coefficient. Both indices are below 64, the mask says so to the compiler.
const fn place(output: usize, input: usize) -> usize {
    (output * MAX_CHANNELS + input) & (MAX_CHANNELS * MAX_CHANNELS - 1)
}

impl MixMatrix {
    /// The matrix that `options` (plain [`MixRules`](crate::MixRules) will do) give between two
    /// layouts. It always fits an ordinary [`Mixer`](crate::Mixer).
    pub fn new(from: &ChannelLayout, to: &ChannelLayout, options: impl Into<MixOptions>) -> Self {
        let options = options.into();
        let mut matrix = Self::zero(from.channels(), to.channels());
        rules::fill(from, to, options, |output, input, gain| {
            matrix.put(output, input, gain);
        });
        if options.normalize {
            matrix.normalize();
        }
        matrix
    }

    /// Any matrix. `coefficients` are linear, row by row: all inputs of output 0 first.
    ///
    /// # Errors
    /// A channel count outside `1..=64`; not exactly `inputs * outputs` coefficients; a coefficient
    /// that is not within plus or minus [`MAX_GAIN`].
    pub fn custom(inputs: usize, outputs: usize, coefficients: &[f32]) -> Result<Self, MixError> {
        for channels in [inputs, outputs] {
            if channels == 0 || channels > MAX_CHANNELS {
                return Err(MixError::Channels(channels));
            }
        }
        let (expected, found) = (inputs * outputs, coefficients.len());
        if expected != found {
            return Err(MixError::CoefficientCount { expected, found });
        }
        let mut matrix = Self::zero(inputs, outputs);
        for (output, row) in coefficients.chunks_exact(inputs).enumerate() {
            for (input, coefficient) in row.iter().enumerate() {
                // A NaN is in no range.
                if !(-MAX_GAIN..=MAX_GAIN).contains(coefficient) {
                    return Err(MixError::Coefficient { output, input });
                }
                matrix.put(output, input, *coefficient);
            }
        }
        Ok(matrix)
    }

    /// The counts are already known to be 1 to 64.
    fn zero(inputs: usize, outputs: usize) -> Self {
        Self {
            inputs: layout::known(inputs),
            outputs: layout::known(outputs),
            coefficients: [0.0; MAX_CHANNELS * MAX_CHANNELS],
        }
    }

    fn put(&mut self, output: usize, input: usize, coefficient: f32) {
        self.coefficients[place(output, input)] = coefficient;
    }

    /// Channels in, `1..=64`.
    pub fn inputs(&self) -> usize {
        self.inputs.get().into()
    }

    /// Channels out, `1..=64`.
    pub fn outputs(&self) -> usize {
        self.outputs.get().into()
    }

    /// Both.
    pub(crate) fn counts(&self) -> (NonZero<u8>, NonZero<u8>) {
        (self.inputs, self.outputs)
    }

    /// The linear gain from channel `input` to channel `output`, both from 0; 0.0 outside the matrix.
    pub fn coefficient(&self, output: usize, input: usize) -> f32 {
        if output < self.outputs() && input < self.inputs() {
            self.coefficients[place(output, input)]
        } else {
            0.0
        }
    }

    /// The coefficients of one output, in input order; empty where there is no such output.
    pub fn row(&self, output: usize) -> &[f32] {
        if output >= self.outputs() {
            return &[];
        }
        let start = place(output, 0);
        self.coefficients
            .get(start..start + self.inputs())
            .unwrap_or_default()
    }

    /// The matrix as a [`ChannelMap`], where each row is at most a single coefficient of exactly 1:
    /// then samples of any type can be moved without arithmetic.
    pub fn channel_map(&self) -> Option<ChannelMap> {
        ChannelMap::new(self.inputs, self.outputs, |output, input| {
            self.coefficient(output, input)
        })
    }

    /// Scales all coefficients alike, and only down, so that no input within -1.0..=1.0 can leave
    /// that range: the magnitudes of each row add up to 1 at most. The balance between the outputs
    /// stays.
    pub fn normalize(&mut self) {
        let mut peak = 0.0_f64;
        for output in 0..self.outputs() {
            let sum = self.row(output).iter().map(|c| f64::from(c.abs())).sum();
            peak = peak.max(sum);
        }
        if peak <= 1.0 {
            return;
        }
        let unscaled = self.clone();
        // The sum that counts is the mixer's, in f32 and rounded at each step. It grows with each
        // magnitude, so the largest output there can be is that of all ones; step down until it fits.
        let mut scale = 1.0 / peak;
        loop {
            for (c, u) in self.coefficients.iter_mut().zip(&unscaled.coefficients) {
                *c = (f64::from(*u) * scale) as f32;
            }
            if (0..self.outputs()).all(|o| sum_of_magnitudes(self.row(o)) <= 1.0) {
                return;
            }
            scale *= 1.0 - f64::from(f32::EPSILON);
        }
    }
}

fn sum_of_magnitudes(row: &[f32]) -> f32 {
    row.iter().fold(0.0, |sum, c| sum + c.abs())
}

/// One row a line.
impl fmt::Debug for MixMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = (0..self.outputs()).map(|output| self.row(output));
        f.debug_list().entries(rows).finish()
    }
}
