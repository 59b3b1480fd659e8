use core::num::NonZero;

use crate::layout::MAX_CHANNELS;
use crate::simd::{self, Backend};

/// A mix without arithmetic: each output channel is exactly one input channel, or silent.
///
/// Samples are only moved, so they may be of any type: 16-bit frames need not become `f32` to get
/// from mono to stereo. [`MixMatrix::channel_map`](crate::MixMatrix::channel_map) and
/// [`Mixer::channel_map`](crate::Mixer::channel_map) say whether a mix is one.
///
/// ```
/// use channel_mix::{ChannelLayout, MixMatrix, MixRules};
///
/// let matrix = MixMatrix::new(&ChannelLayout::MONO, &ChannelLayout::QUAD, MixRules::Speakers);
/// let map = matrix.channel_map().expect("mono is moved, not mixed");
/// assert_eq!((map.source(1), map.source(2)), (Some(0), None));
///
/// let mut block = [0_u8; 8];
/// assert_eq!(map.map_interleaved(&[7, 9], &mut block, 128), 2);
/// assert_eq!(block, [7, 7, 128, 128, 9, 9, 128, 128]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelMap {
    inputs: NonZero<u8>,
    outputs: NonZero<u8>,
    /// The input of each output, or [`SILENT`].
    sources: [u8; MAX_CHANNELS],
}

/// No input: there are not as many.
const SILENT: u8 = u8::MAX;

/// Frames that all outputs go over before the next ones, so that they are still in the cache.
const BLOCK_FRAMES: usize = 128;

impl ChannelMap {
    /// `None` where any output needs arithmetic.
    #[allow(clippy::float_cmp)] // exactly 0 and exactly 1 are what is meant
    pub(crate) fn new(
        inputs: NonZero<u8>,
        outputs: NonZero<u8>,
        coefficient: impl Fn(usize, usize) -> f32,
    ) -> Option<Self> {
        let mut sources = [SILENT; MAX_CHANNELS];
        for (output, source) in sources.iter_mut().enumerate().take(outputs.get().into()) {
            for input in 0..inputs.get() {
                let gain = coefficient(output, input.into());
                if gain == 0.0 {
                    continue;
                }
                if gain != 1.0 || *source != SILENT {
                    return None;
                }
                *source = input;
            }
        }
        Some(Self {
            inputs,
            outputs,
            sources,
        })
    }

    /// Channels in, `1..=64`.
    pub fn inputs(&self) -> usize {
        self.inputs.get().into()
    }

    /// Channels out, `1..=64`.
    pub fn outputs(&self) -> usize {
        self.outputs.get().into()
    }

    /// The input channel that an output channel gets; `None` where it is silent, or not there.
    pub fn source(&self, output: usize) -> Option<usize> {
        let source = self.sources.get(output)?;
        (*source != SILENT).then_some(usize::from(*source))
    }

    /// Whether the output is the input.
    pub fn is_identity(&self) -> bool {
        let mut channels = 0..self.outputs();
        self.inputs == self.outputs && channels.all(|channel| self.source(channel) == Some(channel))
    }

    /// Whether it is mono to both of stereo, as [`mono_to_stereo`] moves it.
    pub fn is_mono_to_stereo(&self) -> bool {
        self.inputs() == 1 && self.outputs() == 2 && matches!(self.sources, [0, 0, ..])
    }

    /// Moves as many whole frames as both slices hold, interleaved, and returns how many. Silent
    /// channels get `silence`, the format's equilibrium; samples behind the last whole frame are not
    /// touched. Nothing is allocated, no length panics.
    #[inline]
    pub fn map_interleaved<S: Copy>(&self, input: &[S], output: &mut [S], silence: S) -> usize {
        if self.is_mono_to_stereo() {
            mono_to_stereo(input, output)
        } else {
            self.move_frames(input, output, silence)
        }
    }

    /// Kept apart, so that the most common map does not set up what this needs.
    #[inline(never)]
    fn move_frames<S: Copy>(&self, input: &[S], output: &mut [S], silence: S) -> usize {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let frames = (input.len() / inputs).min(output.len() / outputs);
        let input = input.get(..frames * inputs).unwrap_or_default();
        let output = output.get_mut(..frames * outputs).unwrap_or_default();
        if self.is_identity() {
            output.iter_mut().zip(input).for_each(|(y, x)| *y = *x);
        } else {
            let blocks = input.chunks(inputs * BLOCK_FRAMES);
            for (x, y) in blocks.zip(output.chunks_mut(outputs * BLOCK_FRAMES)) {
                self.map_block(x, y, silence);
            }
        }
        frames
    }

    fn map_block<S: Copy>(&self, x: &[S], y: &mut [S], silence: S) {
        let outputs = self.outputs();
        if (0..outputs).any(|output| self.source(output).is_none()) {
            y.fill(silence);
        }
        let mut first = 0;
        while first < outputs {
            first += match self.run_from(first) {
                0 => 1,
                1 => self.move_run::<S, 1>(first, x, y),
                2 | 3 => self.move_run::<S, 2>(first, x, y),
                4..8 => self.move_run::<S, 4>(first, x, y),
                _ => self.move_run::<S, 8>(first, x, y),
            };
        }
    }

    /// How many outputs from `first` on have neighbouring inputs; 0 where it is silent.
    fn run_from(&self, first: usize) -> usize {
        let Some(source) = self.source(first) else {
            return 0;
        };
        let mut run = 1;
        while self.source(first + run) == Some(source + run) {
            run += 1;
        }
        run
    }

    /// Moves `RUN` neighbouring channels of all frames, and returns `RUN`. Kept apart, so that the
    /// compiler sees that the slices do not overlap.
    #[inline(never)]
    fn move_run<S: Copy, const RUN: usize>(&self, first: usize, x: &[S], y: &mut [S]) -> usize {
        let frames = y.chunks_exact_mut(self.outputs());
        let source = self.source(first).unwrap_or(0);
        for (y, x) in frames.zip(x.chunks_exact(self.inputs())) {
            let to = y.get_mut(first..).and_then(|y| y.first_chunk_mut::<RUN>());
            let from = x.get(source..).and_then(|x| x.first_chunk::<RUN>());
            let (Some(to), Some(from)) = (to, from) else {
                break;
            };
            *to = *from;
        }
        RUN
    }
}

/// Mono to both of stereo: moves as many frames as both slices hold, and returns how many. What stands behind the last
/// whole frame of `stereo` is not touched.
///
/// ```
/// let mut stereo = [0; 5];
/// assert_eq!(channel_mix::mono_to_stereo(&[5, 6, 7], &mut stereo), 2);
/// assert_eq!(stereo, [5, 5, 6, 6, 0]);
/// ```
#[inline]
pub fn mono_to_stereo<S: Copy>(mono: &[S], stereo: &mut [S]) -> usize {
    let frames = mono.len().min(stereo.len() / 2);
    simd::duplicate(backend(), mono.get(..frames).unwrap_or(mono), stereo);
    frames
}

/// Mono to both of stereo in one buffer: the mono samples stand from the middle of `block` on, and the stereo
/// frames come to stand from its front on. Moves the first `frames` of them, at most half of the block's
/// length, and returns how many; what stands behind the stereo frames then is of no meaning.
///
/// So whoever makes mono for a stereo block can make it in the block itself, and needs no buffer between.
///
/// ```
/// let mut block = [0, 0, 0, 0, 5, 6, 7, 8];
/// assert_eq!(channel_mix::mono_to_stereo_in_place(&mut block, 3), 3);
/// assert_eq!(block[..6], [5, 5, 6, 6, 7, 7]);
/// ```
#[inline]
pub fn mono_to_stereo_in_place<S: Copy>(block: &mut [S], frames: usize) -> usize {
    let middle = block.len() / 2;
    let frames = frames.min(middle);
    simd::duplicate_in_place(backend(), block, middle, frames);
    frames
}

/// A map has none of its own. All that matters to it is how wide its moves are.
#[inline]
fn backend() -> Backend {
    if Backend::Avx2.is_available() {
        Backend::Avx2
    } else {
        Backend::Scalar
    }
}
