//! The seam between sound and a gap: a decay into the gap, and a fade in behind it.

use alloc::boxed::Box;
use alloc::vec;

use pcm_convert::{SampleFormat, bytes, clean_non_finite};

use crate::audio::target::Target;

/// The longest frame that is kept as it was copied, and what is kept: fixed, so that it takes no call to copy it.
const COPIED_BYTES: usize = 16;

/// Prevents the click at an underrun or a pause.
///
/// At the gap, the last frame that sounded decays to zero. This needs no look-ahead, and so adds no latency. Behind the
/// gap, the first frames are faded in. Both are linear over `ramp_frames` frames. If sound returns before the decay has
/// ended, the two overlap.
#[derive(Debug)]
pub(crate) struct Seam {
    ramp_frames: u32,
    /// The last frame that sounded before the gap, from which the decay starts.
    held: Box<[f32]>,
    decay_left: u32,
    fade_in_left: u32,
    /// The last frame that was written, of sound or of a decay.
    last: Box<[f32]>,
    /// That frame as it was copied, if it has not been decoded: few of them are ever looked at.
    copied: Option<Copied>,
    in_gap: bool,
}

#[derive(Debug, Clone, Copy)]
struct Copied {
    format: SampleFormat,
    /// What was copied last. The frame is at its end.
    end: [u8; COPIED_BYTES],
}

impl Seam {
    pub(crate) fn new(channels: usize, ramp_frames: u32) -> Self {
        Self {
            ramp_frames,
            held: vec![0.0; channels].into_boxed_slice(),
            decay_left: 0,
            fade_in_left: 0,
            last: vec![0.0; channels].into_boxed_slice(),
            copied: None,
            in_gap: false,
        }
    }

    /// Whether sound passes unchanged: there is no gap to fade in from, and no decay or fade under way.
    pub(crate) fn is_clear(&self) -> bool {
        self.busy_frames() == 0
    }

    /// How many frames of sound are still changed.
    pub(crate) fn busy_frames(&self) -> usize {
        let fade_in = if self.in_gap {
            self.ramp_frames
        } else {
            self.fade_in_left
        };
        fade_in.max(self.decay_left) as usize
    }

    /// Notes that the sound has come to a declared end. It does not decay, and what follows is not faded in. A decay
    /// that is under way goes on.
    pub(crate) fn end(&mut self) {
        self.fade_in_left = 0;
        self.in_gap = false;
        self.copied = None;
        self.last.fill(0.0);
    }

    /// Notes sound that passed unchanged.
    pub(crate) fn note_sound(&mut self, block: &[f32]) {
        self.in_gap = false;
        self.note_last(block);
    }

    /// Notes sound that was copied unchanged into `target`: whole frames of its format.
    #[inline]
    pub(crate) fn note_copied(&mut self, target: &Target<'_>, frames: &[u8]) {
        self.in_gap = false;
        self.copied = None;
        let format = target.format();
        match frames.last_chunk() {
            Some(end) if self.last.len() * target.sample_bytes() <= COPIED_BYTES => {
                self.copied = Some(Copied { format, end: *end });
            }
            _ => self.decode_last(format, frames),
        }
    }

    /// Decodes the last frame.
    #[inline(never)]
    fn decode_last(&mut self, format: SampleFormat, frames: &[u8]) {
        let frame_bytes = self.last.len() * format.bytes_per_sample();
        let start = frames.len().saturating_sub(frame_bytes);
        bytes::decode(
            format,
            frames.get(start..).unwrap_or_default(),
            &mut self.last,
        );
    }

    fn note_last(&mut self, block: &[f32]) {
        self.copied = None;
        let start = block.len().saturating_sub(self.last.len());
        for (last, sample) in self.last.iter_mut().zip(block.iter().skip(start)) {
            *last = *sample;
        }
    }

    /// Fades sound in after a gap, and adds the rest of the gap's decay.
    pub(crate) fn sound(&mut self, block: &mut [f32]) {
        if self.in_gap {
            self.in_gap = false;
            self.fade_in_left = self.ramp_frames;
        }
        if !self.is_clear() {
            for frame in block.chunks_exact_mut(self.last.len().max(1)) {
                if self.fade_in_left > 0 {
                    self.fade_in_left -= 1;
                    let gain = self.share(self.ramp_frames - self.fade_in_left);
                    frame.iter_mut().for_each(|sample| *sample *= gain);
                }
                self.add_decay(frame);
            }
        }
        self.note_last(block);
    }

    /// Begins a gap: sound stops although its end was not declared.
    pub(crate) fn begin_gap(&mut self) {
        if !self.in_gap {
            self.in_gap = true;
            if let Some(copied) = self.copied.take() {
                self.decode_last(copied.format, &copied.end);
            }
            for (held, last) in self.held.iter_mut().zip(&self.last) {
                *held = *last;
            }
            // The last frame is noted before it is made finite, and f64 is larger than f32.
            clean_non_finite(&mut self.held);
            self.decay_left = self.ramp_frames;
        }
    }

    /// How many frames of the decay are left.
    pub(crate) fn decay_frames(&self) -> usize {
        self.decay_left as usize
    }

    /// Writes silence, with the rest of a decay in it.
    pub(crate) fn silence(&mut self, block: &mut [f32]) {
        block.fill(0.0);
        let decaying = self.decay_frames();
        for frame in block
            .chunks_exact_mut(self.last.len().max(1))
            .take(decaying)
        {
            self.add_decay(frame);
        }
        self.note_last(block);
    }

    /// Lets `frames` frames of a decay pass unheard.
    pub(crate) fn pass(&mut self, frames: usize) {
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        self.decay_left = self.decay_left.saturating_sub(frames);
    }

    fn add_decay(&mut self, frame: &mut [f32]) {
        if self.decay_left > 0 {
            self.decay_left -= 1;
            let gain = self.share(self.decay_left);
            for (sample, held) in frame.iter_mut().zip(&self.held) {
                *sample += held * gain;
            }
        }
    }

    fn share(&self, frames: u32) -> f32 {
        frames as f32 / self.ramp_frames as f32
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_gap_decays_and_returns_without_a_step_above_the_slope() {
        let mut seam = Seam::new(1, 4);
        let mut heard = Vec::new();
        let mut push = |block: &[f32]| heard.extend_from_slice(block);
        let mut block = [0.8; 3];
        seam.sound(&mut block);
        push(&block);
        let mut block = [9.0; 6];
        seam.begin_gap();
        assert_eq!(seam.decay_frames(), 4);
        seam.silence(&mut block);
        push(&block);
        let mut block = [0.8; 6];
        seam.sound(&mut block);
        push(&block);
        let expected = [
            0.8, 0.8, 0.8, 0.6, 0.4, 0.2, 0.0, 0.0, 0.0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8,
        ];
        for (sample, expected) in heard.iter().zip(expected) {
            assert!((sample - expected).abs() < 1e-6, "{heard:?}");
        }
        assert!(seam.is_clear());
    }

    #[test]
    fn sound_that_returns_early_overlaps_the_decay() {
        let mut seam = Seam::new(1, 4);
        seam.sound(&mut [0.8]);
        seam.begin_gap();
        seam.silence(&mut [0.0]);
        let mut block = [0.8; 4];
        seam.sound(&mut block);
        for sample in block {
            assert!((sample - 0.8).abs() < 1e-6 || sample < 0.8, "{block:?}");
        }
        assert!((block[0] - (0.2 + 0.4)).abs() < 1e-6, "{block:?}");
    }

    #[test]
    fn a_ramp_of_zero_frames_is_no_ramp() {
        let mut seam = Seam::new(2, 0);
        seam.sound(&mut [0.5, -0.5]);
        let mut block = [1.0; 4];
        seam.begin_gap();
        seam.silence(&mut block);
        assert_eq!(block, [0.0; 4]);
        let mut block = [0.5, -0.5];
        seam.sound(&mut block);
        assert_eq!(block, [0.5, -0.5]);
    }

    #[test]
    fn a_declared_silence_leaves_nothing_behind() {
        let mut seam = Seam::new(1, 4);
        seam.sound(&mut [0.8]);
        seam.end();
        let mut block = [1.0; 3];
        seam.silence(&mut block);
        assert_eq!(block, [0.0; 3]);
        let mut block = [0.5; 1];
        seam.sound(&mut block);
        assert_eq!(block, [0.5], "the next beginning is not faded in");
    }
}
