//! The pre-roll: frames that were read, kept for a rewind.

use alloc::vec::Vec;
use core::num::NonZeroUsize;

use pcm_convert::{SampleFormat, bytes};

use crate::capture::reader::place::{Breaks, Place};
use crate::link::queue::MAX_SAMPLE_BYTES;

/// The latest application frames, each in the format in which it was read. So a reader may change the format with every
/// read, and nothing is allocated or rounded again.
#[derive(Debug)]
pub(super) struct PreRoll {
    /// A ring of slots for one frame each, of the longest samples.
    slots: Vec<u8>,
    /// The format of the frame in each slot.
    formats: Vec<SampleFormat>,
    /// The slot of the oldest frame that is kept.
    begin: usize,
    /// How many frames are kept.
    kept: usize,
    channels: NonZeroUsize,
    /// How many frames to keep.
    frames: usize,
    /// How many more frames to keep, because a `read_exact` may have to give them back.
    pending: usize,
    /// How many of the latest frames are to be read again.
    again: usize,
    /// How many of these were given back by a `read_exact`: the application never got them.
    given_back: usize,
    /// How many of the latest frames were made since the mute began, or have been muted.
    muted: usize,
    /// How many frames have been kept, or were too many to be.
    count: u64,
    breaks: Breaks,
}

impl PreRoll {
    /// Makes a pre-roll that keeps at least `frames` frames. Allocates room for them.
    pub(super) fn new(channels: NonZeroUsize, frames: usize) -> Self {
        let mut pre_roll = Self {
            slots: Vec::new(),
            formats: Vec::new(),
            begin: 0,
            kept: 0,
            channels,
            frames,
            pending: 0,
            again: 0,
            given_back: 0,
            muted: 0,
            count: 0,
            breaks: Breaks::default(),
        };
        pre_roll.make_room();
        pre_roll
    }

    /// How many frames are to be read again.
    pub(super) fn again(&self) -> usize {
        self.again
    }

    /// How many frames are to be read again that the application never got. They are the latest.
    pub(super) fn given_back(&self) -> usize {
        self.given_back
    }

    /// Makes room for `frames` frames that may be read and given back. Allocates.
    pub(super) fn reserve(&mut self, frames: usize) {
        self.pending = self.pending.max(frames);
        self.make_room();
    }

    /// Goes back by up to `frames` frames, and returns by how many.
    pub(super) fn rewind(&mut self, frames: usize) -> usize {
        let frames = frames.min(self.kept.saturating_sub(self.again));
        self.again += frames;
        frames
    }

    /// Goes back by `frames` frames, because the application does not get them. It never got the latest `new` of them.
    pub(super) fn give_back(&mut self, frames: usize, new: usize) {
        self.rewind(frames);
        self.given_back = new.min(self.again);
    }

    /// Gives up the frames that a rewind left to read again.
    pub(super) fn forget_rewound(&mut self) {
        self.again = self.given_back;
    }

    /// Where the next frame to read lies. `newest` is the place of the next frame that has not been read.
    pub(super) fn place(&self, newest: Place) -> Place {
        let (frames, end) = match self.breaks.next(self.next()) {
            Some((frames, end)) => (frames, *end),
            None => (self.again as u64, newest),
        };
        // Nothing has to be counted, and so nothing is rounded.
        if frames == 0 {
            return end;
        }
        end.moved(-(frames as f64))
    }

    /// Where the device's stream breaks off next among the frames that are to be read again.
    pub(super) fn next_break(&self) -> Option<&Place> {
        self.breaks.next(self.next()).map(|(_, end)| end)
    }

    /// How many of the frames that are to be read again follow each other.
    pub(super) fn again_to_break(&self) -> usize {
        let frames = self.breaks.next(self.next()).map(|(frames, _)| frames);
        let frames = frames.and_then(|frames| usize::try_from(frames).ok());
        frames.unwrap_or(self.again).min(self.again)
    }

    /// Notes that the frames that are read from now on do not follow those before, which end at `end`.
    pub(super) fn break_off(&mut self, end: Place) {
        self.breaks.note(self.count, end);
    }

    /// Drops the next `frames` frames that were given back. The first of them lies at `place`.
    pub(super) fn drop_given_back(&mut self, frames: usize, place: Place) {
        let frames = frames.min(self.given_back);
        self.breaks.take_out(self.next(), frames as u64, place);
        // A rewind goes over them to what was read before: that moves to where they were.
        for n in (0..self.kept.saturating_sub(self.again)).rev() {
            self.copy_slot(self.slot(n), self.slot(n + frames));
        }
        self.begin = self.slot(frames);
        self.kept -= frames;
        self.again -= frames;
        self.given_back -= frames;
        self.muted = self.muted.min(self.kept);
        self.count -= frames as u64;
    }

    /// Fills `out` with up to `most` frames that are to be read again, and returns how many. If `is_muted`, those that
    /// were read before the mute are silent.
    pub(super) fn read(
        &mut self,
        format: SampleFormat,
        out: &mut [u8],
        most: usize,
        is_muted: bool,
    ) -> usize {
        let frames = self.again.min(most);
        let out = out.chunks_exact_mut(self.frame_size(format).get());
        let mut done = 0;
        for to in out.take(frames) {
            let left = self.again - done;
            if is_muted && left > self.muted {
                format.fill_equilibrium(to);
            } else {
                self.copy_out(self.slot(self.kept - left), format, to);
            }
            done += 1;
        }
        self.again -= done;
        self.given_back = self.given_back.min(self.again);
        done
    }

    /// Keeps frames that have just been read for the first time.
    pub(super) fn keep(&mut self, format: SampleFormat, frames: &[u8]) {
        let size = self.frame_size(format);
        let (count, room) = (frames.len() / size, self.formats.len());
        let latest = count.min(room);
        let over = (self.kept + latest).saturating_sub(room);
        self.begin = self.slot(over);
        self.kept -= over;
        for frame in frames.chunks_exact(size.get()).skip(count - latest) {
            let slot = self.slot(self.kept);
            self.kept += 1;
            if let Some((to, of)) = self.frame_mut(slot) {
                *of = format;
                copy(frame, to);
            }
        }
        self.count += count as u64;
        self.muted = (self.muted + count).min(self.kept);
    }

    /// Begins a mute with the latest `frames` frames, which are to be read again: `mute` gets each of them to change,
    /// in order.
    pub(super) fn mute(&mut self, frames: usize, mut mute: impl FnMut(SampleFormat, &mut [u8])) {
        self.muted = frames.min(self.kept);
        for n in self.kept - self.muted..self.kept {
            let channels = self.channels.get();
            if let Some((frame, format)) = self.frame_mut(self.slot(n)) {
                let size = channels * format.bytes_per_sample();
                mute(*format, frame.get_mut(..size).unwrap_or_default());
            }
        }
    }

    /// How many frames had been kept before the next one to read.
    fn next(&self) -> u64 {
        self.count - self.again as u64
    }

    fn frame_size(&self, format: SampleFormat) -> NonZeroUsize {
        let bytes = self.channels.get() * format.bytes_per_sample();
        NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN)
    }

    fn slot_bytes(&self) -> usize {
        self.channels.get() * MAX_SAMPLE_BYTES
    }

    /// The slot `n` slots behind the oldest frame's, where `n` is at most one turn.
    fn slot(&self, n: usize) -> usize {
        let (slot, room) = (self.begin + n, self.formats.len());
        if slot < room { slot } else { slot - room }
    }

    fn frame(&self, slot: usize) -> Option<(&[u8], SampleFormat)> {
        let bytes = self.slot_bytes();
        let frame = self.slots.get(slot * bytes..(slot + 1) * bytes)?;
        Some((frame, *self.formats.get(slot)?))
    }

    fn frame_mut(&mut self, slot: usize) -> Option<(&mut [u8], &mut SampleFormat)> {
        let bytes = self.slot_bytes();
        let frame = self.slots.get_mut(slot * bytes..(slot + 1) * bytes)?;
        Some((frame, self.formats.get_mut(slot)?))
    }

    fn copy_out(&self, slot: usize, format: SampleFormat, to: &mut [u8]) {
        match self.frame(slot) {
            Some((frame, of)) if of == format => copy(frame, to),
            Some((frame, of)) => {
                bytes::convert(of, format, frame, to);
            }
            None => {}
        }
    }

    fn copy_slot(&mut self, from: usize, to: usize) {
        let bytes = self.slot_bytes();
        for n in 0..bytes {
            let byte = self.slots.get(from * bytes + n).copied();
            if let (Some(byte), Some(to)) = (byte, self.slots.get_mut(to * bytes + n)) {
                *to = byte;
            }
        }
        let format = self.formats.get(from).copied();
        if let (Some(format), Some(to)) = (format, self.formats.get_mut(to)) {
            *to = format;
        }
    }

    /// Grows the ring to the length that is needed. If there is no memory, nothing is kept.
    fn make_room(&mut self) {
        let room = self.frames.saturating_add(self.pending);
        if room <= self.formats.len() {
            return;
        }
        let slots = filled(room.saturating_mul(self.slot_bytes()), 0);
        let formats = filled(room, SampleFormat::U8);
        let mut grown = match (slots, formats) {
            (Some(slots), Some(formats)) => (slots, formats),
            _ => (Vec::new(), Vec::new()),
        };
        let kept = self.kept.min(grown.1.len());
        let bytes = self.slot_bytes();
        let to = grown.0.chunks_exact_mut(bytes.max(1)).zip(&mut grown.1);
        for (n, (to, to_format)) in to.take(kept).enumerate() {
            if let Some((frame, format)) = self.frame(self.slot(n)) {
                copy(frame, to);
                *to_format = format;
            }
        }
        (self.slots, self.formats) = grown;
        self.begin = 0;
        self.kept = kept;
        self.again = self.again.min(kept);
        self.given_back = self.given_back.min(kept);
        self.muted = self.muted.min(kept);
    }
}

/// Copies as much as both hold.
fn copy(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Allocates `count` items. `None` if there is no memory.
fn filled<T: Clone>(count: usize, item: T) -> Option<Vec<T>> {
    let mut items = Vec::new();
    items.try_reserve_exact(count).ok()?;
    items.resize(count, item);
    Some(items)
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
            let mut pre_roll = PreRoll::new(STEREO, frames);
            for start in (0..60).step_by(block) {
                let new: Vec<_> = (start..start + block as u8).flat_map(frame).collect();
                pre_roll.keep(SampleFormat::S16Le, &new);
            }
            let end = 60_u8.next_multiple_of(block as u8);
            assert_eq!(pre_roll.rewind(100), frames);
            let mut again = vec![0xff; 4 * frames + 4];
            assert_eq!(
                pre_roll.read(SampleFormat::S16Le, &mut again, usize::MAX, false),
                frames
            );
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
        let mut pre_roll = PreRoll::new(STEREO, 3);
        for n in 1..=4 {
            pre_roll.keep(SampleFormat::S16Le, &frame(n));
        }
        assert_eq!(pre_roll.rewind(2), 2);
        let mut again = [0; 16];
        assert_eq!(
            pre_roll.read(SampleFormat::F32Le, &mut again, usize::MAX, false),
            2
        );
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
        let mut pre_roll = PreRoll::new(STEREO, 0);
        pre_roll.keep(SampleFormat::S16Le, &frame(1));
        assert_eq!(pre_roll.rewind(1), 0);
        pre_roll.reserve(2);
        pre_roll.keep(SampleFormat::S16Le, &frame(2));
        pre_roll.reserve(1);
        assert_eq!(pre_roll.rewind(2), 1);
    }
}
