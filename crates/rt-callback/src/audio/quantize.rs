//! From f32 to the device's or the application's format.

use alloc::boxed::Box;

use pcm_convert::{Dither, Quantized, Quantizer, Rounding, SampleFormat, bytes};

/// How samples are quantized. Only noise needs to remember anything, 2.5 KiB of it.
#[derive(Debug)]
pub(crate) enum Quantize {
    Plain(Rounding),
    Dithered(Box<Quantizer>),
}

impl Quantize {
    /// Quantizes `channels` interleaved channels. Allocates for dither.
    pub(crate) fn new(channels: usize, rounding: Rounding, dither: Dither, seed: u64) -> Self {
        match dither {
            Dither::None => Self::Plain(rounding),
            _ => Self::Dithered(Box::new(Quantizer::new(channels, rounding, dither, seed))),
        }
    }

    /// Whether every sample takes more than rounding.
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
