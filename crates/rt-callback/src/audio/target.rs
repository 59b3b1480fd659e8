//! The target: the device's block, in any format.

use core::num::NonZeroUsize;
use core::ops::Range;

use pcm_convert::{Quantized, Sample, SampleFormat};

use crate::audio::quantize::Quantize;
use crate::link::queue::units_in;

/// A block of interleaved samples to write. Positions are in samples.
pub(crate) struct Target<'a> {
    format: SampleFormat,
    /// Bytes of a sample.
    size: NonZeroUsize,
    bytes: &'a mut [u8],
}

impl<'a> Target<'a> {
    pub(crate) fn typed<O: Sample>(samples: &'a mut [O]) -> Self {
        Self {
            format: O::FORMAT,
            size: const { sample_size(O::FORMAT) },
            bytes: O::as_bytes_mut(samples),
        }
    }

    /// A block of samples of `format`, of `size` bytes each.
    pub(crate) fn bytes(format: SampleFormat, size: NonZeroUsize, bytes: &'a mut [u8]) -> Self {
        Self {
            format,
            size,
            bytes,
        }
    }

    pub(crate) fn format(&self) -> SampleFormat {
        self.format
    }

    /// Bytes of a sample.
    pub(crate) fn sample_bytes(&self) -> usize {
        self.size.get()
    }

    /// The bytes of a range of samples.
    pub(crate) fn view(&self, samples: Range<usize>) -> &[u8] {
        let bytes = samples.start * self.size.get()..samples.end * self.size.get();
        self.bytes.get(bytes).unwrap_or_default()
    }

    /// The bytes of the block.
    pub(crate) fn whole(&self) -> &[u8] {
        self.bytes
    }

    /// The bytes from the sample `at` on, to write.
    pub(crate) fn rest(&mut self, at: usize) -> &mut [u8] {
        self.rest_from(at)
    }

    /// How many whole samples the block has.
    pub(crate) fn samples(&self) -> usize {
        self.bytes.len() / self.size
    }

    /// How many frames the block has. `None` if it is no whole number of frames, to the byte.
    pub(crate) fn whole_frames(&self, channels: usize) -> Option<usize> {
        let frame_bytes = channels * self.size.get();
        let frames = units_in(self.bytes.len() as u64, frame_bytes as u64) as usize;
        (frames * frame_bytes == self.bytes.len()).then_some(frames)
    }

    pub(crate) fn quantize(
        &mut self,
        at: usize,
        samples: &[f32],
        quantize: &mut Quantize,
    ) -> Quantized {
        let format = self.format;
        quantize.run(format, samples, self.rest_from(at))
    }

    /// The samples of the block themselves, if its format is `f32` and its bytes are aligned for that.
    pub(crate) fn f32_mut(&mut self, at: usize, samples: usize) -> Option<&mut [f32]> {
        if self.format != SampleFormat::F32 {
            return None;
        }
        let out = self.rest_from(at).get_mut(..4 * samples)?;
        bytemuck::try_cast_slice_mut(out).ok()
    }

    /// Decodes samples that were written.
    pub(crate) fn read(&self, at: usize, samples: &mut [f32]) {
        let start = at * self.size.get();
        let written = self.bytes.get(start..).unwrap_or_default();
        pcm_convert::bytes::decode(self.format, written, samples);
    }

    /// Makes samples finite that are not, and returns how many.
    #[inline]
    pub(crate) fn clean_non_finite(&mut self, at: usize, samples: usize) -> usize {
        if self.format.is_float() {
            self.clean_floats(at, samples)
        } else {
            0
        }
    }

    #[inline(never)]
    fn clean_floats(&mut self, at: usize, samples: usize) -> usize {
        let format = self.format;
        let count = samples * self.size.get();
        let written = self.rest_from(at).get_mut(..count);
        pcm_convert::bytes::clean_non_finite(format, written.unwrap_or_default())
    }

    /// Writes the format's equilibrium.
    pub(crate) fn silence(&mut self, range: Range<usize>) {
        let format = self.format;
        let count = range.len() * self.size.get();
        let out = self.rest_from(range.start);
        format.fill_equilibrium(out.get_mut(..count).unwrap_or_default());
    }

    /// Writes the format's equilibrium everywhere, including a trailing part of a sample.
    pub(crate) fn silence_all(&mut self) {
        self.format.fill_equilibrium(self.bytes);
    }

    fn rest_from(&mut self, at: usize) -> &mut [u8] {
        let start = at * self.size.get();
        self.bytes.get_mut(start..).unwrap_or_default()
    }
}

/// Bytes of a sample, at least 1.
pub(crate) const fn sample_size(format: SampleFormat) -> NonZeroUsize {
    match NonZeroUsize::new(format.bytes_per_sample()) {
        Some(size) => size,
        None => NonZeroUsize::MIN,
    }
}
