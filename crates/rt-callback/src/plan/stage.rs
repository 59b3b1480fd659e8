//! From the source's channels to the device's, on one side of the resampler.

use alloc::boxed::Box;
use alloc::vec;
use core::num::NonZeroUsize;

use channel_mix::{ChannelMap, MixMatrix, Mixer, mono_to_stereo_in_place};

/// The mix of a plan, and the frames between it and the resampler: what a downmix gives, or what an upmix
/// takes. Nothing lies between where there is no resampler, or where the block itself serves.
pub(crate) struct Stage {
    mix: Mix,
    inner: Box<[f32]>,
}

/// In no more room than it needs: it is one of the larger parts of a stream.
enum Mix {
    /// Mono to stereo, as most voices are played. (A mixer's vectors move wider frames faster.)
    Map(ChannelMap),
    /// From stereo to anything, or from 5.1 or 7.1 down.
    Few(Box<Mixer<FEW_TERMS>>),
    Many(Box<Mixer>),
}

const FEW_TERMS: usize = 16;

impl Stage {
    /// Allocates a mixer, or takes over the one that was made of this matrix, and room for so many inner
    /// samples, if need be.
    pub(crate) fn new(matrix: &MixMatrix, mixer: Mixer, inner_samples: usize) -> Self {
        let mix = match (mixer.channel_map(), Mixer::with_terms(matrix)) {
            (Some(map), _) if (map.inputs(), map.outputs()) == (1, 2) => Mix::Map(map),
            (_, Ok(few)) => Mix::Few(Box::new(few)),
            (_, Err(_)) => Mix::Many(Box::new(mixer)),
        };
        let inner_samples = if matches!(mix, Mix::Map(_)) {
            0
        } else {
            inner_samples
        };
        Self {
            mix,
            inner: vec![0.0; inner_samples].into_boxed_slice(),
        }
    }

    /// Whether the inner frames, mono, stand in the second half of the stereo block that they become, to be
    /// spread there. That spares a stream two buffers, and as many fetches of them.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(self.mix, Mix::Map(_))
    }

    /// Mixes interleaved frames, as many as both slices hold, and returns how many.
    pub(crate) fn mix(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        self.mix.run(input, output)
    }

    /// Mixes into the inner frames, and shows so many samples of them.
    pub(crate) fn inwards(&mut self, input: &[f32], samples: usize) -> &[f32] {
        self.mix.run(input, &mut self.inner);
        self.inner.get(..samples).unwrap_or(&self.inner)
    }

    /// Has `make` write inner frames, as many as `block` has room for when they are mixed, and say how many it
    /// was; mixes them into `block`, and returns how many frames that gave. Where the block itself serves,
    /// `make` is shown what stands in its first half. `channels` are the inner ones and the block's.
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
            Self::Map(map) => map.map_interleaved(input, output, 0.0),
            Self::Few(mixer) => mixer.mix_interleaved(input, output),
            Self::Many(mixer) => mixer.mix_interleaved(input, output),
        }
    }
}
