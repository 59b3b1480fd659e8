//! The device's block, typed or as bytes: the two things a callback can be asked to fill.

use core::ops::Range;

use channel_mix::ChannelMap;
use pcm_convert::{Quantized, Quantizer, Sample, SampleFormat};

use crate::queue::MAX_SAMPLE_BYTES;

/// Samples on their way from bytes of any alignment to another arrangement of channels.
const STAGED_SAMPLES: usize = 256;

/// A block of interleaved samples to be written. Positions are in samples.
pub(crate) trait Target {
    fn format(&self) -> SampleFormat;

    /// Whole samples in the block.
    fn samples(&self) -> usize;

    /// Whether the block is a whole number of frames, to the byte.
    fn is_whole(&self, channels: usize) -> bool;

    fn quantize(&mut self, at: usize, samples: &[f32], quantizer: &mut Quantizer) -> Quantized;

    /// Copies samples of the block's own format; returns how many.
    fn copy(&mut self, at: usize, bytes: &[u8]) -> usize;

    /// So many samples of the block themselves, where it is of `f32`.
    fn f32_mut(&mut self, at: usize, samples: usize) -> Option<&mut [f32]>;

    /// Moves the channels of samples of the block's own format; returns how many samples that
    /// wrote.
    fn copy_mapped(&mut self, at: usize, bytes: &[u8], map: &ChannelMap) -> usize;

    /// Reads back what was written.
    fn read(&self, at: usize, samples: &mut [f32]);

    /// Writes the format's equilibrium.
    fn silence(&mut self, range: Range<usize>);

    /// Writes it everywhere, a trailing part of a sample included.
    fn silence_all(&mut self);
}

pub(crate) struct Typed<'a, O>(pub(crate) &'a mut [O]);

impl<O: Sample> Target for Typed<'_, O> {
    fn format(&self) -> SampleFormat {
        O::FORMAT
    }

    fn samples(&self) -> usize {
        self.0.len()
    }

    fn is_whole(&self, channels: usize) -> bool {
        self.0.len().is_multiple_of(channels)
    }

    fn quantize(&mut self, at: usize, samples: &[f32], quantizer: &mut Quantizer) -> Quantized {
        let out = self.0.get_mut(at..).unwrap_or_default();
        quantizer.quantize(samples, out)
    }

    fn copy(&mut self, at: usize, bytes: &[u8]) -> usize {
        O::read_bytes(bytes, self.0.get_mut(at..).unwrap_or_default())
    }

    fn copy_mapped(&mut self, at: usize, bytes: &[u8], map: &ChannelMap) -> usize {
        let mut staged = [O::EQUILIBRIUM; STAGED_SAMPLES];
        let whole_frames = STAGED_SAMPLES - STAGED_SAMPLES % map.inputs();
        let mut out = self.0.get_mut(at..).unwrap_or_default();
        let mut written = 0;
        for part in bytes.chunks(whole_frames * O::FORMAT.bytes_per_sample()) {
            let count = O::read_bytes(part, &mut staged);
            let staged = staged.get(..count).unwrap_or_default();
            let samples = map.map_interleaved(staged, out, O::EQUILIBRIUM) * map.outputs();
            out = out.get_mut(samples..).unwrap_or_default();
            written += samples;
        }
        written
    }

    fn f32_mut(&mut self, at: usize, samples: usize) -> Option<&mut [f32]> {
        O::f32_slice_mut(self.0)?.get_mut(at..at + samples)
    }

    fn read(&self, at: usize, samples: &mut [f32]) {
        pcm_convert::to_f32(self.0.get(at..).unwrap_or_default(), samples);
    }

    fn silence(&mut self, range: Range<usize>) {
        self.0
            .get_mut(range)
            .unwrap_or_default()
            .fill(O::EQUILIBRIUM);
    }

    fn silence_all(&mut self) {
        self.0.fill(O::EQUILIBRIUM);
    }
}

pub(crate) struct Bytes<'a> {
    pub(crate) format: SampleFormat,
    pub(crate) bytes: &'a mut [u8],
}

impl Bytes<'_> {
    fn rest_from(&mut self, at: usize) -> &mut [u8] {
        let start = at * self.format.bytes_per_sample();
        self.bytes.get_mut(start..).unwrap_or_default()
    }
}

impl Target for Bytes<'_> {
    fn format(&self) -> SampleFormat {
        self.format
    }

    fn samples(&self) -> usize {
        self.bytes.len() / self.format.bytes_per_sample()
    }

    fn is_whole(&self, channels: usize) -> bool {
        self.bytes
            .len()
            .is_multiple_of(channels * self.format.bytes_per_sample())
    }

    fn quantize(&mut self, at: usize, samples: &[f32], quantizer: &mut Quantizer) -> Quantized {
        let format = self.format;
        quantizer.quantize_bytes(format, samples, self.rest_from(at))
    }

    fn copy(&mut self, at: usize, bytes: &[u8]) -> usize {
        let size = self.format.bytes_per_sample();
        let out = self.rest_from(at);
        let count = bytes.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        count / size
    }

    fn copy_mapped(&mut self, at: usize, bytes: &[u8], map: &ChannelMap) -> usize {
        let format = self.format;
        let out = self.rest_from(at);
        match format.bytes_per_sample() {
            1 => map_bytes::<1>(format, bytes, out, map),
            2 => map_bytes::<2>(format, bytes, out, map),
            3 => map_bytes::<3>(format, bytes, out, map),
            4 => map_bytes::<4>(format, bytes, out, map),
            _ => map_bytes::<MAX_SAMPLE_BYTES>(format, bytes, out, map),
        }
    }

    fn f32_mut(&mut self, at: usize, samples: usize) -> Option<&mut [f32]> {
        if self.format != SampleFormat::F32 {
            return None;
        }
        let out = self.rest_from(at).get_mut(..4 * samples)?;
        bytemuck::try_cast_slice_mut(out).ok()
    }

    fn read(&self, at: usize, samples: &mut [f32]) {
        let start = at * self.format.bytes_per_sample();
        let written = self.bytes.get(start..).unwrap_or_default();
        pcm_convert::bytes::decode(self.format, written, samples);
    }

    fn silence(&mut self, range: Range<usize>) {
        let format = self.format;
        let count = range.len() * format.bytes_per_sample();
        let out = self.rest_from(range.start);
        format.fill_equilibrium(out.get_mut(..count).unwrap_or_default());
    }

    fn silence_all(&mut self) {
        self.format.fill_equilibrium(self.bytes);
    }
}

fn map_bytes<const SIZE: usize>(
    format: SampleFormat,
    bytes: &[u8],
    out: &mut [u8],
    map: &ChannelMap,
) -> usize {
    let mut silence = [0; SIZE];
    format.fill_equilibrium(&mut silence);
    let (samples, out) = (bytes.as_chunks::<SIZE>().0, out.as_chunks_mut::<SIZE>().0);
    map.map_interleaved(samples, out, silence) * map.outputs()
}
