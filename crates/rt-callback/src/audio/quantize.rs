//! Quantizing: from f32 to the device's or the application's format.

use alloc::boxed::Box;

use pcm_convert::{Dither, Quantized, Quantizer, Rounding, SampleFormat, bytes};

/// How samples are quantized. Only dither has state, 2.5 KiB, so it is boxed.
#[derive(Debug)]
pub(crate) enum Quantize {
    Plain(Rounding),
    Dithered(Box<Quantizer>),
}

impl Quantize {
    /// Makes a quantizer of `channels` interleaved channels. Allocates for dither.
    pub(crate) fn new(channels: usize, rounding: Rounding, dither: Dither, seed: u64) -> Self {
        match dither {
            Dither::None => Self::Plain(rounding),
            _ => Self::Dithered(Box::new(Quantizer::new(channels, rounding, dither, seed))),
        }
    }

    /// Whether noise is added, so that samples cannot be copied.
    pub(crate) fn is_dithered(&self) -> bool {
        matches!(self, Self::Dithered(_))
    }

    pub(crate) fn run(&mut self, format: SampleFormat, src: &[f32], dst: &mut [u8]) -> Quantized {
        match self {
            Self::Plain(rounding) => bytes::quantize(format, *rounding, src, dst),
            Self::Dithered(quantizer) => quantizer.quantize_bytes(format, src, dst),
        }
    }
}
