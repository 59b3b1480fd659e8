//! A matrix reduced to the coefficients that are not zero.

use crate::error::MixError;
use crate::layout::MAX_CHANNELS;

/// For each output in turn, its inputs in channel order. Zeros take no part in any sum: an infinite
/// sample in a channel that nobody asked for must not become NaN.
#[derive(Clone, Debug)]
pub(crate) struct Terms<const TERMS: usize> {
    gains: [f32; TERMS],
    inputs: [u8; TERMS],
    /// Where the terms of each output end.
    ends: [u16; MAX_CHANNELS],
    /// Bit `n` is set where any output has a term of input `n`.
    used: u64,
    /// Bit `n` is set where output `n + 1` has the same inputs as output `n`.
    alike: u64,
}

impl<const TERMS: usize> Terms<TERMS> {
    /// From any function of output and input. It is called in order.
    pub(crate) fn new(
        inputs: usize,
        outputs: usize,
        mut coefficient: impl FnMut(usize, usize) -> f32,
    ) -> Result<Self, MixError> {
        let mut terms = Self {
            gains: [0.0; TERMS],
            inputs: [0; TERMS],
            ends: [0; MAX_CHANNELS],
            used: 0,
            alike: 0,
        };
        let mut needed = 0;
        for (output, end) in terms.ends.iter_mut().enumerate().take(outputs) {
            for input in 0..inputs {
                let gain = coefficient(output, input);
                if gain == 0.0 {
                    continue;
                }
                let place = (terms.gains.get_mut(needed), terms.inputs.get_mut(needed));
                if let (Some(g), Some(i)) = place {
                    *g = gain;
                    *i = input as u8;
                }
                needed += 1;
            }
            *end = needed as u16;
        }
        if needed > TERMS {
            let capacity = TERMS;
            return Err(MixError::TooManyTerms { needed, capacity });
        }
        let view = terms.view();
        let row = |output| view.row(output).0;
        let used = terms.inputs.iter().take(needed);
        let used = used.fold(0, |used, input| used | 1 << (input & 63));
        let pairs = (1..outputs).filter(|next| row(next - 1) == row(*next));
        let alike = pairs.fold(0, |alike, next| alike | 1 << ((next - 1) & 63));
        (terms.used, terms.alike) = (used, alike);
        Ok(terms)
    }

    pub(crate) fn view(&self) -> TermsRef<'_> {
        TermsRef {
            gains: &self.gains,
            inputs: &self.inputs,
            ends: &self.ends,
            used: self.used,
            alike: self.alike,
        }
    }
}

/// [`Terms`] of any capacity.
#[derive(Clone, Copy)]
pub(crate) struct TermsRef<'a> {
    gains: &'a [f32],
    inputs: &'a [u8],
    ends: &'a [u16; MAX_CHANNELS],
    used: u64,
    alike: u64,
}

impl<'a> TermsRef<'a> {
    /// The terms of one output: inputs and their gains, as long as each other.
    #[inline(always)]
    pub(crate) fn row(&self, output: usize) -> (&'a [u8], &'a [f32]) {
        let end_of = |output: usize| usize::from(self.ends.get(output).copied().unwrap_or(0));
        let start = output.checked_sub(1).map_or(0, end_of);
        let range = start..end_of(output);
        let gains = self.gains.get(range.clone()).unwrap_or_default();
        (self.inputs.get(range).unwrap_or_default(), gains)
    }

    /// The terms of one output as pairs of input and gain.
    pub(crate) fn pairs(&self, output: usize) -> impl Iterator<Item = (usize, f32)> + use<'a> {
        let (inputs, gains) = self.row(output);
        inputs
            .iter()
            .map(|i| usize::from(*i))
            .zip(gains.iter().copied())
    }

    /// The coefficient of a pair, 0 where there is no term.
    pub(crate) fn coefficient(&self, output: usize, input: usize) -> f32 {
        let found = self.pairs(output).find(|(i, _)| *i == input);
        found.map_or(0.0, |(_, gain)| gain)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.ends.iter().copied().max().unwrap_or(0))
    }

    /// Bit `n` is set where any output has a term of input `n`.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// How many outputs from `first` on have the same inputs, itself included.
    pub(crate) fn alike(&self, first: usize) -> usize {
        1 + (self.alike >> (first & 63)).trailing_ones() as usize
    }

    /// Walks the inputs that either of two rows has, in channel order, with both gains.
    #[inline(always)]
    pub(crate) fn merge(
        &self,
        to: &TermsRef<'_>,
        output: usize,
        mut each: impl FnMut(u8, f32, f32),
    ) {
        let ((mut inputs_a, mut gains_a), (mut inputs_b, mut gains_b)) =
            (self.row(output), to.row(output));
        loop {
            let a = inputs_a.first().zip(gains_a.first());
            let b = inputs_b.first().zip(gains_b.first());
            let input = match (a, b) {
                (Some((a, _)), Some((b, _))) => *a.min(b),
                (Some((input, _)), None) | (None, Some((input, _))) => *input,
                (None, None) => return,
            };
            let (mut from, mut to) = (0.0, 0.0);
            if let Some((i, gain)) = a
                && *i == input
            {
                from = *gain;
                inputs_a = inputs_a.get(1..).unwrap_or_default();
                gains_a = gains_a.get(1..).unwrap_or_default();
            }
            if let Some((i, gain)) = b
                && *i == input
            {
                to = *gain;
                inputs_b = inputs_b.get(1..).unwrap_or_default();
                gains_b = gains_b.get(1..).unwrap_or_default();
            }
            each(input, from, to);
        }
    }
}
