//! From the queue, or from silence, to the application's frames. Each function returns whether it took any device
//! frames, and how many application frames it gave.

use core::sync::atomic::Ordering;

use pcm_convert::SampleFormat;

use crate::audio::target::Target;
use crate::capture::marker::Change;
use crate::capture::reader::Reader;
use crate::capture::reader::step::Boundary;
use crate::plan::{Queued, Supply};
use crate::spec::StreamSpec;

impl Reader {
    /// Whether samples are copied unchanged, but for what is not finite.
    pub(super) fn copies_to(&self, format: SampleFormat) -> bool {
        let same = self.plan.is_copy() && self.plan.source().format == format;
        same && !self.quantize.is_dithered() && self.steering.volume.is_unity()
    }

    pub(super) fn copy(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        frames: usize,
    ) -> (bool, usize) {
        let channels = self.application.channels();
        if let Some(moves) = self.plan.moves() {
            let (ring, frame_bytes) = (&mut self.ring, self.plan.frame_bytes());
            moves.transfer(ring, frame_bytes, frames, target.rest(at));
        }
        let cleaned = target.clean_non_finite(at, frames * channels);
        self.counters.non_finite_samples += cleaned as u64;
        self.took(frames);
        if self.meter {
            let piece = self.piece.get_mut(..frames * channels).unwrap_or_default();
            target.read(at, piece);
            self.note_peak(frames);
        }
        (frames > 0, frames)
    }

    pub(super) fn copy_silence(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        frames: usize,
    ) -> (bool, usize) {
        target.silence(at..at + frames * self.application.channels());
        self.steering.volume.skip(frames);
        self.gave_silence(frames);
        (true, frames)
    }

    pub(super) fn convert(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        wanted: usize,
        readable: usize,
    ) -> (bool, usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..wanted * channels).unwrap_or_default();
        let mut queued = Queued {
            ring: &mut self.ring,
            non_finite: &mut self.counters.non_finite_samples,
        };
        let done = self.plan.produce(&mut queued, readable, piece);
        self.took(done.frames_read);
        self.quantize(target, at, done.frames_written);
        (done.frames_read > 0, done.frames_written)
    }

    pub(super) fn convert_silence(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        wanted: usize,
        readable: usize,
    ) -> (bool, usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..wanted * channels).unwrap_or_default();
        let done = self.plan.produce(&mut Silence, readable, piece);
        self.gave_silence(done.frames_read);
        self.quantize(target, at, done.frames_written);
        (done.frames_read > 0, done.frames_written)
    }

    pub(super) fn flush(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        wanted: usize,
    ) -> (bool, usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..wanted * channels).unwrap_or_default();
        let written = self.plan.flush(piece);
        self.quantize(target, at, written);
        let over = written < wanted;
        if over {
            self.passed_frames = 0;
            match self.boundary.take() {
                Some(Boundary::End { .. }) => {
                    self.boundary = Some(Boundary::End { flushed: true });
                }
                Some(Boundary::Device(change)) => {
                    Change {
                        plan: self.plan,
                        ring: self.ring,
                        since: self.since,
                    } = *change;
                    self.keep_up();
                }
                Some(Boundary::Gap) | None => {}
            }
        }
        (over, written)
    }

    fn quantize(&mut self, target: &mut Target<'_>, at: usize, frames: usize) {
        let channels = self.application.channels();
        let piece = self.piece.get_mut(..frames * channels).unwrap_or_default();
        self.steering.volume.apply_interleaved(piece, channels);
        let quantized = target.quantize(at, piece, &mut self.quantize);
        self.counters.clipped_samples += quantized.clipped as u64;
        self.counters.non_finite_samples += quantized.non_finite as u64;
        if self.meter {
            self.note_peak(frames);
        }
    }

    fn note_peak(&self, frames: usize) {
        let piece = self.piece.get(..frames * self.application.channels());
        let peak = piece
            .unwrap_or_default()
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let bits = peak.min(f32::MAX).to_bits();
        self.shared.peak_bits.fetch_max(bits, Ordering::Relaxed);
    }

    fn took(&mut self, frames: usize) {
        self.at += frames as u64;
        self.counters.read_frames += frames as u64;
        if frames > 0 {
            self.note_taken(true, frames);
            self.close_gap();
        }
    }

    fn gave_silence(&mut self, frames: usize) {
        self.silence_left -= frames as u64;
        self.counters.silence_frames += frames as u64;
        self.note_taken(false, frames);
        self.close_gap();
    }

    fn note_taken(&mut self, is_sound: bool, frames: usize) {
        if self.at_once > 0 {
            self.taken.add(is_sound, frames);
        }
    }
}

/// Silence as a plan's supply, so that a gap takes the same way as recorded frames.
struct Silence;

impl Supply for Silence {
    fn fill(&mut self, source: &StreamSpec, out: &mut [f32]) -> usize {
        out.fill(0.0);
        out.len() / source.channel_count()
    }
}
