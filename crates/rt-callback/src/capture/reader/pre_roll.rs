//! The pre-roll: frames that were read, kept for a rewind.

use alloc::vec::Vec;
use core::num::NonZeroUsize;

use pcm_convert::{SampleFormat, bytes};

/// The latest application frames, in the format in which they were read.
#[derive(Debug)]
pub(super) struct PreRoll {
    /// A ring: the kept bytes begin at `begin` and wrap around.
    ring: Vec<u8>,
    begin: usize,
    /// How many bytes are kept.
    kept: usize,
    format: SampleFormat,
    channels: NonZeroUsize,
    /// How many frames to keep.
    frames: usize,
    /// How many more frames to keep, because a `read_exact` may have to give them back.
    pending: usize,
    /// How many of the latest frames are to be read again.
    again: usize,
}

impl PreRoll {
    /// Makes a pre-roll that keeps at least `frames` frames. Allocates room for them.
    pub(super) fn new(format: SampleFormat, channels: NonZeroUsize, frames: usize) -> Self {
        let mut pre_roll = Self {
            ring: Vec::new(),
            begin: 0,
            kept: 0,
            format,
            channels,
            frames,
            pending: 0,
            again: 0,
        };
        pre_roll.make_room();
        pre_roll
    }

    /// How many frames are to be read again.
    pub(super) fn again(&self) -> usize {
        self.again
    }

    /// Makes room for `frames` frames that may be read and given back. Allocates.
    pub(super) fn reserve(&mut self, frames: usize) {
        self.pending = self.pending.max(frames);
        self.make_room();
    }

    /// Goes back by up to `frames` frames, and returns by how many.
    pub(super) fn rewind(&mut self, frames: usize) -> usize {
        let kept = self.kept / self.frame_size();
        let frames = frames.min(kept.saturating_sub(self.again));
        self.again += frames;
        frames
    }

    /// Gives up the frames that are to be read again.
    pub(super) fn forget(&mut self) {
        self.again = 0;
    }

    /// Fills `out` with frames that are to be read again, and returns how many.
    pub(super) fn read(&mut self, format: SampleFormat, out: &mut [u8]) -> usize {
        if self.again == 0 {
            return 0;
        }
        self.speak(format);
        let size = self.frame_size();
        let frames = self.again.min(out.len() / size);
        let skipped = self.kept.saturating_sub(self.again * size.get());
        let (first, second) = self.parts();
        let wanted = first.iter().chain(second).skip(skipped);
        for (to, from) in out.iter_mut().take(frames * size.get()).zip(wanted) {
            *to = *from;
        }
        self.again -= frames;
        frames
    }

    /// Keeps frames that have just been read for the first time.
    pub(super) fn keep(&mut self, format: SampleFormat, frames: &[u8]) {
        if self.ring.is_empty() || frames.is_empty() {
            return;
        }
        self.speak(format);
        let room = self.ring.len();
        let latest = frames.get(frames.len() - frames.len().min(room)..);
        let latest = latest.unwrap_or_default();
        let over = (self.kept + latest.len()).saturating_sub(room);
        self.begin = wrapped(self.begin + over, room);
        self.kept -= over;
        let end = wrapped(self.begin + self.kept, room);
        let (front, back) = self.ring.split_at_mut_checked(end).unwrap_or_default();
        for (to, from) in back.iter_mut().chain(front).zip(latest) {
            *to = *from;
        }
        self.kept += latest.len();
    }

    fn frame_size(&self) -> NonZeroUsize {
        let bytes = self.channels.get() * self.format.bytes_per_sample();
        NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN)
    }

    /// The kept bytes, in order.
    fn parts(&self) -> (&[u8], &[u8]) {
        let upto = (self.begin + self.kept).min(self.ring.len());
        let over = (self.begin + self.kept) - upto;
        let first = self.ring.get(self.begin..upto).unwrap_or_default();
        (first, self.ring.get(..over).unwrap_or_default())
    }

    /// Grows the ring to the length that is needed.
    fn make_room(&mut self) {
        let frames = self.frames.saturating_add(self.pending);
        let wanted = frames.saturating_mul(self.frame_size().get());
        if wanted > self.ring.len() {
            let (first, second) = self.parts();
            let mut ring = zeros(wanted);
            for (to, from) in ring.iter_mut().zip(first.iter().chain(second)) {
                *to = *from;
            }
            self.begin = 0;
            self.kept = self.kept.min(ring.len());
            self.ring = ring;
        }
    }

    /// Converts the kept frames to another format. Allocates.
    fn speak(&mut self, format: SampleFormat) {
        if format == self.format {
            return;
        }
        let size = self.frame_size();
        let (room, kept) = (self.ring.len() / size, self.kept / size);
        // Samples may straddle the ring's end, so the bytes are joined first.
        let mut whole = zeros(self.kept);
        let (first, second) = self.parts();
        for (to, from) in whole.iter_mut().zip(first.iter().chain(second)) {
            *to = *from;
        }
        let before = core::mem::replace(&mut self.format, format);
        let size = self.frame_size().get();
        let mut ring = zeros(room * size);
        bytes::convert(before, format, &whole, &mut ring);
        self.begin = 0;
        self.kept = (kept * size).min(ring.len());
        self.ring = ring;
    }
}

/// Wraps a position that is at most one turn ahead in a ring of `length`.
fn wrapped(position: usize, length: usize) -> usize {
    if position < length {
        position
    } else {
        position - length
    }
}

/// Allocates `count` zeros, or none if there is no memory. Nothing is kept then.
fn zeros(count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(count).is_ok() {
        bytes.resize(count, 0);
    }
    bytes
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use alloc::vec;

    use super::*;

    const STEREO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    /// Frame `n` of a stereo stream of `s16`.
    fn frame(n: u8) -> [u8; 4] {
        [0, n, 0, n]
    }

    #[test]
    fn the_latest_frames_come_again_wherever_the_ring_ends() {
        for (frames, block) in [(1, 1), (5, 1), (5, 3), (5, 5), (5, 7), (8, 3)] {
            let mut pre_roll = PreRoll::new(SampleFormat::S16Le, STEREO, frames);
            for start in (0..60).step_by(block) {
                let new: Vec<_> = (start..start + block as u8).flat_map(frame).collect();
                pre_roll.keep(SampleFormat::S16Le, &new);
            }
            let end = 60_u8.next_multiple_of(block as u8);
            assert_eq!(pre_roll.rewind(100), frames);
            let mut again = vec![0xff; 4 * frames + 4];
            assert_eq!(pre_roll.read(SampleFormat::S16Le, &mut again), frames);
            let wanted: Vec<_> = (end - frames as u8..end).flat_map(frame).collect();
            assert_eq!(
                again[..4 * frames],
                wanted,
                "{frames} frames in blocks of {block}"
            );
            assert_eq!(again[4 * frames..], [0xff; 4], "no more than was kept");
        }
    }

    #[test]
    fn what_was_kept_in_one_format_comes_again_in_another() {
        let mut pre_roll = PreRoll::new(SampleFormat::S16Le, STEREO, 3);
        for n in 1..=4 {
            pre_roll.keep(SampleFormat::S16Le, &frame(n));
        }
        assert_eq!(pre_roll.rewind(2), 2);
        let mut again = [0; 16];
        assert_eq!(pre_roll.read(SampleFormat::F32Le, &mut again), 2);
        let float = |n: f32| (n * 256.0 / 32_768.0).to_le_bytes();
        assert_eq!(
            again.as_chunks::<4>().0,
            [float(3.0), float(3.0), float(4.0), float(4.0)]
        );
        // And there is still room for three.
        pre_roll.keep(SampleFormat::F32Le, &[float(5.0), float(5.0)].concat());
        assert_eq!(pre_roll.rewind(9), 3);
    }

    #[test]
    fn more_that_is_asked_for_at_once_is_kept_too() {
        let mut pre_roll = PreRoll::new(SampleFormat::S16Le, STEREO, 0);
        pre_roll.keep(SampleFormat::S16Le, &frame(1));
        assert_eq!(pre_roll.rewind(1), 0);
        pre_roll.reserve(2);
        pre_roll.keep(SampleFormat::S16Le, &frame(2));
        pre_roll.reserve(1);
        assert_eq!(pre_roll.rewind(2), 1);
    }
}
