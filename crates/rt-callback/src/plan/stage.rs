//! The mixing stage: from the source's channels to the device's, on one side of the resampler.

use alloc::boxed::Box;
use alloc::vec;
use core::num::NonZeroUsize;

use channel_mix::{MixMatrix, Mixer, mono_to_stereo, mono_to_stereo_in_place};

/// The mix of a plan, and the inner frames between it and the resampler.
///
/// A downmix writes the inner frames, an upmix reads them. There are none without a resampler, or where the block
/// itself holds them.
pub(crate) struct Stage {
    mix: Mix,
    inner: Box<[f32]>,
}

/// A mixer of the size that the matrix needs, because mixers are one of the larger parts of a stream.
enum Mix {
    /// Mono to both of stereo, the usual case for voices.
    Duplicate,
    /// From stereo to anything, or from 5.1 or 7.1 down.
    Few(Box<Mixer<FEW_TERMS>>),
    Many(Box<Mixer>),
}

const FEW_TERMS: usize = 16;

impl Stage {
    /// Takes the smallest form of the mix that `matrix` allows; `mixer` is the largest, already made. Allocates it, and
    /// room for the inner samples if it needs them.
    pub(crate) fn new(matrix: &MixMatrix, mixer: Mixer, inner_samples: usize) -> Self {
        let mix = match (mixer.channel_map(), Mixer::with_terms(matrix)) {
            (Some(map), _) if map.is_mono_to_stereo() => Mix::Duplicate,
            (_, Ok(few)) => Mix::Few(Box::new(few)),
            (_, Err(_)) => Mix::Many(Box::new(mixer)),
        };
        let inner_samples = match mix {
            Mix::Duplicate => 0,
            Mix::Few(_) | Mix::Many(_) => inner_samples,
        };
        Self {
            mix,
            inner: vec![0.0; inner_samples].into_boxed_slice(),
        }
    }

    /// Whether the mix works in place: the inner frames, mono, are in the second half of the stereo block into which
    /// they are spread. This saves a stream two buffers, and the time to fetch them.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(self.mix, Mix::Duplicate)
    }

    /// Mixes interleaved frames, as many as both slices hold, and returns how many.
    pub(crate) fn mix(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        self.mix.run(input, output)
    }

    /// Mixes into the inner frames, and returns the first `samples` of their samples.
    pub(crate) fn inwards(&mut self, input: &[f32], samples: usize) -> &[f32] {
        self.mix.run(input, &mut self.inner);
        self.inner.get(..samples).unwrap_or(&self.inner)
    }

    /// Mixes inner frames into `block`, and returns how many frames were written.
    ///
    /// `make` writes the inner frames, as many as `block` has room for after the mix, and returns how many it wrote.
    /// With a mix in place, it is also shown the first half of the block. `channels` are the inner channels and those
    /// of the block.
    #[inline(always)]
    pub(crate) fn outwards(
        &mut self,
        channels: (usize, NonZeroUsize),
        block: &mut [f32],
        make: impl FnOnce(Option<&[f32]>, &mut [f32]) -> usize,
    ) -> usize {
        if self.is_in_place() {
            let (front, inner) = block.split_at_mut(block.len() / 2);
            let frames = make(Some(front), inner);
            return mono_to_stereo_in_place(block, frames);
        }
        let room = (block.len() / channels.1 * channels.0).min(self.inner.len());
        let inner = self.inner.get_mut(..room).unwrap_or_default();
        let samples = make(None, inner) * channels.0;
        let inner = self.inner.get(..samples).unwrap_or(&self.inner);
        self.mix.run(inner, block)
    }
}

impl Mix {
    fn run(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        match self {
            Self::Duplicate => mono_to_stereo(input, output),
            Self::Few(mixer) => mixer.mix_interleaved(input, output),
            Self::Many(mixer) => mixer.mix_interleaved(input, output),
        }
    }
}
