//! The ratio of a conversion, in lowest terms.

use core::num::NonZero;

use crate::RateError;
use crate::limits::{MAX_CHANNELS, MAX_RATE_HZ, MAX_RATIO};

/// `from / to` in lowest terms: input frames per output frame.
///
/// Both parts are below 2^20, so they and every remainder are exact as `f32`, and a product of two fits 40 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) from: NonZero<u32>,
    pub(crate) to: NonZero<u32>,
    divisor: Divisor,
}

impl Ratio {
    pub(crate) const fn new(from_hz: u32, to_hz: u32) -> Result<Self, RateError> {
        if from_hz < 1 || from_hz > MAX_RATE_HZ {
            return Err(RateError::RateOutOfRange { hz: from_hz });
        }
        if to_hz < 1 || to_hz > MAX_RATE_HZ {
            return Err(RateError::RateOutOfRange { hz: to_hz });
        }
        if from_hz / MAX_RATIO >= to_hz && from_hz > to_hz * MAX_RATIO
            || to_hz / MAX_RATIO >= from_hz && to_hz > from_hz * MAX_RATIO
        {
            return Err(RateError::RatioOutOfRange { from_hz, to_hz });
        }
        let (mut a, mut b) = (from_hz, to_hz);
        while let Some(rest) = a.checked_rem(b) {
            (a, b) = (b, rest);
        }
        match (reduced(from_hz, a), reduced(to_hz, a)) {
            (Some(from), Some(to)) => Ok(Self {
                from,
                to,
                divisor: Divisor::of(to),
            }),
            _ => Err(RateError::RatioOutOfRange { from_hz, to_hz }),
        }
    }

    /// The input frame at or before output `q`, which is less than 2^44.
    #[inline]
    pub(crate) const fn place(self, q: usize) -> usize {
        self.whole(self.way(q)).0 as usize
    }

    /// How far behind that frame output `q` stands, in units of 1/`to`.
    #[inline]
    pub(crate) fn remainder(self, q: usize) -> u32 {
        self.whole(self.way(q)).1
    }

    /// A way in units of 1/`to` in whole frames, and the rest.
    #[inline]
    pub(crate) const fn whole(self, way: u64) -> (u64, u32) {
        let (frames, rest) = self.divisor.divide(way);
        (frames, rest as u32)
    }

    #[inline]
    const fn way(self, outputs: usize) -> u64 {
        (outputs as u64).wrapping_mul(self.from.get() as u64)
    }
}

/// A rate divided by the rates' greatest common divisor.
const fn reduced(hz: u32, gcd: u32) -> Option<NonZero<u32>> {
    match hz.checked_div(gcd) {
        Some(part) => NonZero::new(part),
        None => None,
    }
}

/// A divisor that is used again and again: a division instruction takes longer than all else in a small block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Divisor {
    value: NonZero<u64>,
    /// `(2^64 - 1) / value`.
    reciprocal: u64,
}

impl Divisor {
    pub(crate) const fn new(value: NonZero<u64>) -> Self {
        Self {
            value,
            reciprocal: u64::MAX / value.get(),
        }
    }

    const fn of(value: NonZero<u32>) -> Self {
        Self::new(match NonZero::new(value.get() as u64) {
            Some(value) => value,
            None => NonZero::<u64>::MIN,
        })
    }

    #[inline]
    pub(crate) const fn get(self) -> u64 {
        self.value.get()
    }

    /// Quotient and remainder of any `n`.
    #[inline]
    pub(crate) const fn divide(self, n: u64) -> (u64, u64) {
        // The reciprocal is less than 2^64 / value, by at most 1: the estimate is the quotient or one less.
        let quotient = ((n as u128 * self.reciprocal as u128) >> 64) as u64;
        let remainder = n.wrapping_sub(quotient.wrapping_mul(self.get()));
        match remainder.checked_sub(self.get()) {
            Some(remainder) => (quotient + 1, remainder),
            None => (quotient, remainder),
        }
    }
}

pub(crate) const fn check_channels(channels: usize) -> Result<usize, RateError> {
    if 1 <= channels && channels <= MAX_CHANNELS {
        Ok(channels)
    } else {
        Err(RateError::ChannelsOutOfRange { channels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divides_as_the_machine_does() {
        let mut state = 1_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..20_000 {
            // Of every size, and next to every multiple.
            let value = NonZero::new(next() >> (next() % 64)).unwrap_or(NonZero::<u64>::MIN);
            let divisor = Divisor::new(value);
            let n = next() >> (next() % 64);
            let multiple = n / value * value.get();
            for n in [n, multiple, multiple.wrapping_sub(1), 0, 1, u64::MAX] {
                assert_eq!(divisor.divide(n), (n / value, n % value), "{n} / {value}");
            }
        }
    }
}
