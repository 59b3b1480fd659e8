//! A target format, as the quantizer sees it: encoding a block, and counting what is lost there.

use core::num::NonZeroUsize;

use crate::arith::max_f32;
use crate::encoding::{Encoding, Raw, with_encoding};
use crate::format::SampleFormat;
use crate::policy::{Rounding, with_rounding};
use crate::simd::{self, Selected};

/// Samples that are encoded and then counted, where there is something to count, while they are still in the first
/// cache.
const PLAIN_BLOCK: usize = 2048;

/// What [`Quantizer::quantize`](crate::Quantizer::quantize) did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quantized {
    /// Samples written: what both slices had room for.
    pub samples: usize,
    /// Finite samples outside the range of an integer format, [-1.0, 1 - 2^(1-bits)], before dither. Without
    /// dither they became its lowest or highest value. With it, one that is just outside may come out inside: by
    /// 1 LSB, and with noise shaping by up to some 30. Always 0 for float formats.
    pub clipped: usize,
    /// NaN (taken for 0) and infinities (taken for full scale of their sign, 1.0 in a float format). Without
    /// dither they are written so. With it they are dithered as any sample: 1 LSB off at most, and with noise
    /// shaping up to some 30.
    pub non_finite: usize,
}

/// Encodes; returns the bits of the largest magnitude, or 0 where that is not asked for.
type Encode = fn(Selected, &[f32], &mut [u8]) -> i32;

/// What must be known of a target format.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// Of a sample.
    bytes: NonZeroUsize,
    /// 0 for floats.
    pub(super) bits: u32,
    /// The highest value that is not clipped, or of floats that is finite.
    above: f32,
    pub(super) encode: Encode,
}

impl Target {
    /// `LARGEST` is whether its encoding returns the largest magnitude.
    fn of<F: Encoding, const LARGEST: bool>(rounding: Rounding) -> Self {
        Self {
            bytes: NonZeroUsize::new(F::Raw::BYTES).unwrap_or(NonZeroUsize::MIN),
            bits: F::BITS,
            above: if F::BITS == 0 {
                f32::MAX
            } else {
                max_f32(F::BITS)
            },
            encode: with_rounding!(rounding, R => encode::<F, R, LARGEST>),
        }
    }

    /// For samples that get noise, or `None` if none is to be added to this format.
    pub(super) fn of_noisy<F: Encoding>(rounding: Rounding) -> Option<Self> {
        let has_steps = (1..=24).contains(&F::BITS);
        has_steps.then(|| Self::of::<F, false>(rounding))
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

    /// Counts what is lost of samples whose largest magnitude has these bits.
    pub(super) fn count(self, selected: Selected, x: &[f32], largest: i32, done: &mut Quantized) {
        done.samples += x.len();
        // Most blocks have nothing to count.
        if largest > self.above.to_bits() as i32 {
            let (clipped, non_finite) = simd::count(selected, x, self.above);
            // Floats are not clipped.
            done.clipped += if self.bits == 0 { 0 } else { clipped as usize };
            done.non_finite += non_finite as usize;
        }
    }
}

fn encode<F: Encoding, const R: u8, const LARGEST: bool>(
    selected: Selected,
    src: &[f32],
    dst: &mut [u8],
) -> i32 {
    let dst = F::Raw::samples_mut(dst);
    if LARGEST {
        return simd::encode_largest::<F, R>(selected, src, dst);
    }
    simd::encode::<F, R>(selected, src, dst);
    0
}

/// Quantizes without noise.
pub(super) fn quantize_plain_to<F: Encoding>(
    selected: Selected,
    rounding: Rounding,
    src: &[f32],
    dst: &mut [u8],
) -> Quantized {
    // The loop is one for all formats.
    fn quantize(target: Target, selected: Selected, src: &[f32], dst: &mut [u8]) -> Quantized {
        let mut done = Quantized::default();
        for (x, out) in target.blocks(PLAIN_BLOCK, src, dst) {
            let largest = (target.encode)(selected, x, out);
            target.count(selected, x, largest, &mut done);
        }
        done
    }
    quantize(Target::of::<F, true>(rounding), selected, src, dst)
}

/// See [`bytes::quantize`](crate::bytes::quantize).
pub(crate) fn quantize_plain(
    format: SampleFormat,
    rounding: Rounding,
    src: &[f32],
    dst: &mut [u8],
) -> Quantized {
    let selected = Selected::detect();
    with_encoding!(format, E => quantize_plain_to::<E>(selected, rounding, src, dst))
}
