//! A target format, as the quantizer sees it: encoding a block, and counting what is lost there.

use core::num::NonZeroUsize;

use crate::arith::max_f32;
use crate::encoding::{Encoding, Raw, with_encoding};
use crate::format::SampleFormat;
use crate::policy::{HALF_AWAY, NEAREST, Rounding, TOWARD_ZERO};
use crate::simd::{self, Selected};

/// Samples that are counted and then encoded while they are still in the first cache, where there
/// is no noise to be kept.
const PLAIN_BLOCK: usize = 2048;

/// What [`Quantizer::quantize`](crate::Quantizer::quantize) did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quantized {
    /// Samples written: what both slices had room for.
    pub samples: usize,
    /// Finite samples outside the range of an integer format, [-1.0, 1 - 2^(1-bits)], before dither. They
    /// became its lowest or highest value. Always 0 for float formats.
    pub clipped: usize,
    /// NaN (written as 0) and infinities (written as full scale of their sign, 1.0 in a float format).
    pub non_finite: usize,
}

type Encode = fn(Selected, &[f32], &mut [u8]);

/// What must be known of a target format.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// Of a sample.
    bytes: NonZeroUsize,
    /// 0 for floats.
    pub(super) bits: u32,
    nearest: Encode,
    toward_zero: Encode,
    half_away: Encode,
}

impl Target {
    pub(super) fn of<F: Encoding>() -> Self {
        Self {
            bytes: NonZeroUsize::new(F::Raw::BYTES).unwrap_or(NonZeroUsize::MIN),
            bits: F::BITS,
            nearest: encode::<F, NEAREST>,
            toward_zero: encode::<F, TOWARD_ZERO>,
            half_away: encode::<F, HALF_AWAY>,
        }
    }

    pub(super) fn encode(self, rounding: Rounding) -> Encode {
        match rounding {
            Rounding::NearestEven => self.nearest,
            Rounding::TowardZero => self.toward_zero,
            Rounding::HalfAwayFromZero => self.half_away,
        }
    }

    /// Without noise.
    pub(super) fn quantize(
        self,
        selected: Selected,
        rounding: Rounding,
        src: &[f32],
        dst: &mut [u8],
    ) -> Quantized {
        let encode = self.encode(rounding);
        let mut done = Quantized::default();
        for (x, out) in self.blocks(PLAIN_BLOCK, src, dst) {
            self.count(selected, x, &mut done);
            encode(selected, x, out);
        }
        done
    }

    /// As many samples as both slices have room for, `step` at a time.
    pub(super) fn blocks<'a>(
        self,
        step: usize,
        src: &'a [f32],
        dst: &'a mut [u8],
    ) -> impl Iterator<Item = (&'a [f32], &'a mut [u8])> {
        let blocks = src
            .chunks(step)
            .zip(dst.chunks_mut((self.bytes.get() * step).max(1)));
        blocks.map(move |(x, out)| {
            let samples = x.len().min(out.len() / self.bytes);
            (x.get(..samples).unwrap_or(x), out)
        })
    }

    pub(super) fn count(self, selected: Selected, x: &[f32], done: &mut Quantized) {
        // Floats are not clipped: nothing is above infinity, and below -1.0 is not asked for either.
        let above = if self.bits == 0 {
            f32::INFINITY
        } else {
            max_f32(self.bits)
        };
        let (clipped, non_finite) = simd::count(selected, x, above);
        done.samples += x.len();
        done.clipped += if self.bits == 0 { 0 } else { clipped as usize };
        done.non_finite += non_finite as usize;
    }
}

fn encode<F: Encoding, const R: u8>(selected: Selected, src: &[f32], dst: &mut [u8]) {
    simd::encode::<F, R>(selected, src, F::Raw::samples_mut(dst));
}

/// See [`bytes::quantize`](crate::bytes::quantize).
pub(crate) fn quantize_plain(
    format: SampleFormat,
    rounding: Rounding,
    src: &[f32],
    dst: &mut [u8],
) -> Quantized {
    let target = with_encoding!(format, E => Target::of::<E>());
    target.quantize(Selected::detect(), rounding, src, dst)
}
