//! The block of the original callback, as one pure function.
//!
//! The original callback pads or cuts its data, mixes and converts. The engine replaces it; the function stays so that
//! both can be compared.

use channel_mix::{ChannelLayout, MixMatrix, MixRules, Mixer};
use pcm_convert::{Dither, Quantizer, Rounding, Sample};

/// Fills `block` (frames x `out_channels`, interleaved) from 16-bit `data` (frames x
/// `data_channels`, interleaved), and returns how many frames of `data` went into it.
///
/// The first `min(data frames, block frames)` frames are converted with the divisor 32768, mixed by
/// [`MixRules::Original`], and written in the format of `O`: an integer format clips to its range and rounds by
/// `rounding`, a float format does neither. Every other sample of the block is the format's equilibrium. The whole
/// block is equilibrium where either channel count lies outside `1..=64`, or where the block is no whole number of
/// frames. Never allocates or panics.
///
/// ```
/// use pcm_convert::Rounding;
/// use rt_callback::original::callback_block;
///
/// let mut block = [0.5_f32; 6];
/// let frames = callback_block(&[16384, -32768], 1, &mut block, 2, Rounding::TowardZero);
/// assert_eq!(frames, 2);
/// assert_eq!(block, [0.5, 0.5, -1.0, -1.0, 0.0, 0.0]);
/// ```
pub fn callback_block<O: Sample>(
    data: &[i16],
    data_channels: usize,
    block: &mut [O],
    out_channels: usize,
    rounding: Rounding,
) -> usize {
    block.fill(O::EQUILIBRIUM);
    let (Some(from), Some(to)) = (layout(data_channels), layout(out_channels)) else {
        return 0;
    };
    if !block.len().is_multiple_of(out_channels) {
        return 0;
    }
    let Ok(mut mixer) = Mixer::new(&MixMatrix::new(&from, &to, MixRules::Original)) else {
        return 0;
    };
    let mut quantizer = Quantizer::new(out_channels, rounding, Dither::None, 0);
    let mut frames = 0;
    for (data, block) in data
        .chunks_exact(data_channels)
        .zip(block.chunks_exact_mut(out_channels))
    {
        let (mut decoded, mut mixed) = ([0.0; MAX_CHANNELS], [0.0; MAX_CHANNELS]);
        pcm_convert::i16_to_f32(data, &mut decoded);
        let (Some(decoded), Some(mixed)) =
            (decoded.get(..data_channels), mixed.get_mut(..out_channels))
        else {
            break;
        };
        mixer.mix_interleaved(decoded, mixed);
        quantizer.quantize(mixed, block);
        frames += 1;
    }
    frames
}

const MAX_CHANNELS: usize = 64;

fn layout(channels: usize) -> Option<ChannelLayout> {
    ChannelLayout::discrete(channels)
}
