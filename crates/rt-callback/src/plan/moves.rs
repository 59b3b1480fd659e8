//! Moving samples as they are, from source channels to device channels.

use channel_mix::{ChannelMap, mono_to_stereo};
use pcm_convert::SampleFormat;

use crate::link::queue::{ByteReceiver, MAX_SAMPLE_BYTES};

/// The way in which frames are moved that need no arithmetic. It is chosen once, so that a block takes one call.
#[repr(C)] // in the order of use
pub(crate) struct Moves {
    run: Run,
    map: ChannelMap,
    /// A sample of silence, for device channels without a source channel.
    silence: [u8; MAX_SAMPLE_BYTES],
}

/// Moves as many whole frames as both slices hold, and returns how many bytes were written.
type Run = fn(&Moves, &[u8], &mut [u8]) -> usize;

impl Moves {
    pub(crate) fn new(map: ChannelMap, format: SampleFormat) -> Self {
        let mut silence = [0; MAX_SAMPLE_BYTES];
        let size = format.bytes_per_sample();
        format.fill_equilibrium(silence.get_mut(..size).unwrap_or_default());
        let run: Run = match size {
            _ if map.is_identity() => Self::keep,
            1 => Self::chosen::<1>(&map),
            2 => Self::chosen::<2>(&map),
            3 => Self::chosen::<3>(&map),
            4 => Self::chosen::<4>(&map),
            _ => Self::chosen::<MAX_SAMPLE_BYTES>(&map),
        };
        Self { run, map, silence }
    }

    fn chosen<const SIZE: usize>(map: &ChannelMap) -> Run {
        if map.is_mono_to_stereo() {
            Self::duplicate::<SIZE>
        } else {
            Self::rearrange::<SIZE>
        }
    }

    /// Takes `frames` frames of `frame_bytes` bytes off the queue, and moves them to the front of `block`.
    #[inline]
    pub(crate) fn transfer(
        &self,
        queue: &mut ByteReceiver,
        frame_bytes: usize,
        frames: usize,
        block: &mut [u8],
    ) {
        let mut rest = block;
        queue.read_units(frames, frame_bytes, |frames| {
            let moved = (self.run)(self, frames, rest);
            rest = core::mem::take(&mut rest)
                .get_mut(moved..)
                .unwrap_or_default();
        });
    }

    fn keep(&self, frames: &[u8], block: &mut [u8]) -> usize {
        let count = frames.len().min(block.len());
        if let (Some(to), Some(from)) = (block.get_mut(..count), frames.get(..count)) {
            to.copy_from_slice(from);
        }
        count
    }

    fn duplicate<const SIZE: usize>(&self, frames: &[u8], block: &mut [u8]) -> usize {
        let (samples, block) = samples_of::<SIZE>(frames, block);
        mono_to_stereo(samples, block) * 2 * SIZE
    }

    fn rearrange<const SIZE: usize>(&self, frames: &[u8], block: &mut [u8]) -> usize {
        let (samples, block) = samples_of::<SIZE>(frames, block);
        let silence = self.silence.first_chunk().copied().unwrap_or([0; SIZE]);
        self.map.map_interleaved(samples, block, silence) * self.map.outputs() * SIZE
    }
}

fn samples_of<'a, const SIZE: usize>(
    frames: &'a [u8],
    block: &'a mut [u8],
) -> (&'a [[u8; SIZE]], &'a mut [[u8; SIZE]]) {
    (frames.as_chunks().0, block.as_chunks_mut().0)
}
