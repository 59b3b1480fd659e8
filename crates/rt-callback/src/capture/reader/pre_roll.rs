//! What has been read, for those who want it again.

use alloc::collections::VecDeque;
use alloc::vec;

use pcm_convert::{SampleFormat, bytes};

/// The application's latest frames, in the format in which they were read.
#[derive(Debug)]
pub(super) struct PreRoll {
    bytes: VecDeque<u8>,
    format: SampleFormat,
    channels: usize,
    /// How many frames that were given are kept.
    frames: usize,
    /// And how many that may turn out to be too few for who asked for them.
    pending: usize,
    /// The latest of them are to be read again.
    again: usize,
}

impl PreRoll {
    /// Keeps at least so many frames. Allocates room for them.
    pub(super) fn new(format: SampleFormat, channels: usize, frames: usize) -> Self {
        let frame_bytes = channels * format.bytes_per_sample();
        Self {
            bytes: VecDeque::with_capacity(frames.saturating_mul(frame_bytes)),
            format,
            channels,
            frames,
            pending: 0,
            again: 0,
        }
    }

    /// Frames that are to be read again.
    pub(super) fn again(&self) -> usize {
        self.again
    }

    /// So many frames may be asked for at once, and given back.
    pub(super) fn reserve(&mut self, frames: usize) {
        self.pending = self.pending.max(frames);
    }

    /// Steps back by up to so many frames, and returns by how many.
    pub(super) fn rewind(&mut self, frames: usize) -> usize {
        let kept = self.bytes.len() / self.frame_bytes();
        let frames = frames.min(kept - self.again);
        self.again += frames;
        frames
    }

    /// What was to be read again is not.
    pub(super) fn forget(&mut self) {
        self.again = 0;
    }

    /// Fills `out` with frames that are to be read again, and returns how many that were.
    pub(super) fn read(&mut self, format: SampleFormat, out: &mut [u8]) -> usize {
        if self.again == 0 {
            return 0;
        }
        self.speak(format);
        let size = self.frame_bytes();
        let frames = self.again.min(out.len() / size);
        let from = self.bytes.len() - self.again * size;
        let wanted = self.bytes.range(from..from + frames * size);
        for (to, from) in out.iter_mut().zip(wanted) {
            *to = *from;
        }
        self.again -= frames;
        frames
    }

    /// Keeps frames that have just been read for the first time.
    pub(super) fn keep(&mut self, format: SampleFormat, frames: &[u8]) {
        let most = self.frames.saturating_add(self.pending);
        if most == 0 || frames.is_empty() {
            return;
        }
        self.speak(format);
        let most = most.saturating_mul(self.frame_bytes());
        let latest = frames.get(frames.len() - frames.len().min(most)..);
        let latest = latest.unwrap_or_default();
        let over = (self.bytes.len() + latest.len()).saturating_sub(most);
        self.bytes.drain(..over);
        self.bytes.extend(latest);
    }

    fn frame_bytes(&self) -> usize {
        self.channels * self.format.bytes_per_sample()
    }

    /// Turns what is kept into another format.
    fn speak(&mut self, format: SampleFormat) {
        if format == self.format {
            return;
        }
        let samples = self.bytes.len() / self.format.bytes_per_sample();
        let mut converted = vec![0; samples * format.bytes_per_sample()];
        bytes::convert(
            self.format,
            format,
            self.bytes.make_contiguous(),
            &mut converted,
        );
        self.bytes = converted.into();
        self.format = format;
    }
}
