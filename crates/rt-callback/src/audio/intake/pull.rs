//! Pulling and copying frames from the queue.

use crate::audio::intake::Intake;
use crate::audio::intake::step::Next;
use crate::audio::pulled::Pulled;
use crate::audio::target::Target;
use crate::event::EventKind;
use crate::plan::Queued;

impl Intake {
    /// Whether something could sound at device frame `now`.
    pub(crate) fn is_ready(&mut self, now: u64) -> bool {
        matches!(self.next(now), Next::Read(_) | Next::Flush)
    }

    /// Passes the boundaries at the present position, so that their events are reported with the block that reached
    /// them.
    pub(crate) fn settle(&mut self, now: u64) {
        self.next(now);
    }

    /// Makes device frames in `out` (interleaved), as many as there are up to the next boundary. `now` is the device
    /// frame at which they will sound.
    pub(crate) fn pull(&mut self, out: &mut [f32], now: u64) -> Pulled {
        let channels = self.plan.device_channels();
        for _ in 0..self.most_boundaries() {
            self.notices.turned = false;
            let next = self.next(now);
            if self.notices.falls || self.notices.turned {
                // The renderer has to know first: the next frames begin over the rest of a fade, or are made in another
                // way.
                return Pulled::Frames(0);
            }
            let room = self.cuts.room_frames().saturating_mul(channels);
            let room = out.len().min(room);
            let out = out.get_mut(..room).unwrap_or_default();
            let written = match next {
                Next::Read(readable) => self.make(readable, out),
                Next::Flush => self.plan.flush(out),
                Next::Starved => return Pulled::Starved,
                Next::Starting => return Pulled::Starting,
                Next::Idle => return Pulled::Idle,
            };
            if written > 0 {
                self.note_written(written, now);
                let sounding = out.get_mut(..written * channels).unwrap_or_default();
                self.cuts.fade(sounding, channels);
                return Pulled::Frames(written);
            }
        }
        Pulled::Frames(0)
    }

    /// Copies device frames into `target` from sample `at` on: up to `frames`, as many as there are up to the next
    /// boundary.
    ///
    /// Copies none if the next frames [cannot be copied](Self::can_copy_to). Samples that are not finite are made
    /// finite in the target.
    pub(crate) fn copy(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        frames: usize,
        now: u64,
    ) -> Pulled {
        let readable = match self.next(now) {
            Next::Read(readable) if self.can_copy_to(target.format()) && !self.notices.falls => {
                readable
            }
            Next::Read(_) | Next::Flush => return Pulled::Frames(0),
            Next::Starved => return Pulled::Starved,
            Next::Starting => return Pulled::Starting,
            Next::Idle => return Pulled::Idle,
        };
        let frames = frames.min(readable);
        self.transfer(target, at, frames, now);
        Pulled::Frames(frames)
    }

    /// Makes device frames in `out` (interleaved) from at most `readable` source frames, and returns how many.
    pub(crate) fn make(&mut self, readable: usize, out: &mut [f32]) -> usize {
        let mut queued = Queued {
            ring: &mut self.incoming.ring,
            non_finite: &mut self.non_finite_samples,
        };
        let done = self.plan.produce(&mut queued, readable, out);
        self.note_read(done.frames_read);
        done.frames_written
    }

    /// Takes `frames` frames off the queue, and moves them into `target` from sample `at` on.
    #[inline]
    pub(crate) fn transfer(&mut self, target: &mut Target<'_>, at: usize, frames: usize, now: u64) {
        let Some(moves) = self.plan.moves() else {
            return;
        };
        let (ring, frame_bytes) = (&mut self.incoming.ring, self.plan.frame_bytes());
        moves.transfer(ring, frame_bytes, frames, target.rest(at));
        let samples = frames * self.plan.device_channels();
        self.non_finite_samples += target.clean_non_finite(at, samples) as u64;
        self.note_read(frames);
        self.note_written(frames, now);
    }

    #[inline]
    fn note_read(&mut self, frames: usize) {
        self.segment.note_read(frames);
        self.clear_frames = self.clear_frames.saturating_sub(frames);
    }

    /// Notes `frames` written frames, of which the first sounds at device frame `now`.
    #[inline]
    pub(crate) fn note_written(&mut self, frames: usize, now: u64) {
        self.segment.note_written(frames);
        self.sounding.note_written(frames, now);
    }

    /// Reports the begins and marks in the `frames` frames that were written last. The renderer reports its own event
    /// of the first frame before that.
    #[inline]
    pub(crate) fn tell_written(&mut self, frames: usize, now: u64) {
        if let Some(utterance) = self.utterance.as_mut().filter(|it| !it.is_over())
            && utterance.note_sound()
        {
            utterance.note_begun(&self.shared);
            let utterance = utterance.id;
            self.report.event(now, EventKind::Started { utterance });
        }
        let end = self.segment.written();
        let begin = end.saturating_sub(frames as u64);
        while let Some((at, mark)) = self.marks.pop_before(end) {
            let at = now + at.saturating_sub(begin);
            self.report.event(at, EventKind::Mark { mark });
        }
    }
}
