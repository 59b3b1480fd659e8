//! A matrix reduced to the coefficients that are not zero.

use crate::error::MixError;
use crate::layout::MAX_CHANNELS;
use crate::matrix::MixMatrix;

/// For each output in turn, its inputs in channel order. Zeros take no part in any sum: an infinite
/// sample in a channel that nobody asked for must not become NaN.
#[derive(Clone)]
pub(crate) struct Terms<const TERMS: usize> {
    gains: [f32; TERMS],
    inputs: [u8; TERMS],
    /// Where the terms of each output end.
    ends: [u16; MAX_CHANNELS],
}

impl<const TERMS: usize> Terms<TERMS> {
    pub(crate) fn new(matrix: &MixMatrix) -> Result<Self, MixError> {
        Self::collect(matrix.inputs(), matrix.outputs(), |o, i| {
            matrix.coefficient(o, i)
        })
    }

    /// From any function of output and input. It is called in order.
    pub(crate) fn collect(
        inputs: usize,
        outputs: usize,
        mut coefficient: impl FnMut(usize, usize) -> f32,
    ) -> Result<Self, MixError> {
        let mut terms = Self {
            gains: [0.0; TERMS],
            inputs: [0; TERMS],
            ends: [0; MAX_CHANNELS],
        };
        let mut needed = 0;
        for (output, end) in terms.ends.iter_mut().enumerate().take(outputs) {
            for input in 0..inputs {
                let gain = coefficient(output, input);
                if gain == 0.0 {
                    continue;
                }
                if let (Some(g), Some(i)) =
                    (terms.gains.get_mut(needed), terms.inputs.get_mut(needed))
                {
                    *g = gain;
                    *i = input as u8;
                }
                needed += 1;
            }
            *end = needed as u16;
        }
        if needed > TERMS {
            return Err(MixError::TooManyTerms {
                needed,
                capacity: TERMS,
            });
        }
        Ok(terms)
    }

    /// The terms of one output: inputs and their gains, as long as each other.
    #[inline]
    pub(crate) fn row(&self, output: usize) -> (&[u8], &[f32]) {
        let ends = &self.ends;
        let end = ends.get(output).copied().unwrap_or(0).into();
        let start = match output.checked_sub(1) {
            Some(before) => ends.get(before).copied().unwrap_or(0).into(),
            None => 0,
        };
        let range = start..end;
        let gains = self.gains.get(range.clone()).unwrap_or_default();
        (self.inputs.get(range).unwrap_or_default(), gains)
    }

    /// The coefficient of a pair, 0 where there is no term.
    pub(crate) fn coefficient(&self, output: usize, input: usize) -> f32 {
        let (inputs, gains) = self.row(output);
        let mut pairs = inputs.iter().zip(gains);
        pairs
            .find(|(i, _)| usize::from(**i) == input)
            .map_or(0.0, |(_, g)| *g)
    }
}
