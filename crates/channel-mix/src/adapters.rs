//! Buffers of any layout, as the `audioadapter` crate has them (feature `audioadapter`).

use audioadapter::{Adapter, AdapterMut};

use crate::Mixer;
use crate::layout::MAX_CHANNELS;

/// Frames that are gathered at a time.
const PIECE: usize = 16;

impl<const TERMS: usize> Mixer<TERMS> {
    /// As [`mix_interleaved`](Self::mix_interleaved), from and to an `audioadapter` buffer of any layout, with the same
    /// bits. Samples are gathered and written one by one, which takes longer than mixing a slice. Returns how many
    /// frames were mixed: what both buffers have room for, 0 where either has another channel count than the mixer's
    /// side. Allocates nothing itself.
    pub fn mix_adapter(
        &mut self,
        input: &dyn Adapter<f32>,
        output: &mut dyn AdapterMut<f32>,
    ) -> usize {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        if input.channels() != inputs || output.channels() != outputs {
            return 0;
        }
        let all = input.frames().min(output.frames());
        let (mut from, mut to) = ([0.0; PIECE * MAX_CHANNELS], [0.0; PIECE * MAX_CHANNELS]);
        for start in (0..all).step_by(PIECE) {
            let frames = (all - start).min(PIECE);
            let (Some(x), Some(out)) = (
                from.get_mut(..frames * inputs),
                to.get_mut(..frames * outputs),
            ) else {
                return start;
            };
            for (frame, samples) in x.chunks_exact_mut(inputs.max(1)).enumerate() {
                input.copy_from_frame_to_slice(start + frame, 0, samples);
            }
            self.mix_interleaved(x, out);
            for (frame, samples) in out.chunks_exact(outputs.max(1)).enumerate() {
                output.copy_from_slice_to_frame(start + frame, 0, samples);
            }
        }
        all
    }
}
