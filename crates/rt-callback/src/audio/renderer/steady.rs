//! The steady state: most blocks of a stream only go on with what sounds, by a short way.
//!
//! Where frames are only copied, what this way calls is inlined into it, but for the one call that moves the samples. A
//! callback comes cold, so that each function more is a page and some cache lines more to fetch. The feeder's push is made
//! in the same way.

use crate::audio::input::Input;
use crate::audio::renderer::rest::{Changed, Steady};
use crate::audio::renderer::state::State;
use crate::audio::target::Target;

impl State {
    /// The steady state behind a block of sound, if there is one. `steered` was loaded before the block was looked at.
    pub(super) fn steady(&self, steered: u64) -> Option<Steady> {
        let Input::Queue(intake) = &self.input else {
            return None;
        };
        let is_plain = self.output.meter.is_none()
            && self.tap.is_none()
            && self.output.is_untouched()
            && self.steering.has_ended()
            && !self.wake.is_due();
        let format = intake.plan.source().format;
        let may_copy = !self.output.quantize.is_dithered() && intake.can_copy_to(format);
        (is_plain && intake.is_steady()).then_some(Steady {
            steered,
            copied: may_copy.then_some(format),
        })
    }

    /// Goes on in the steady state, and returns how many frames it wrote: all, or none if something has changed.
    ///
    /// The queue is looked at before the count of changes. A marker and a cut are counted before the bytes behind them
    /// are queued, so all that is seen in the queue lies before those that are not counted.
    #[inline]
    pub(super) fn go_on(&mut self, target: &mut Target<'_>, frames: usize) -> usize {
        let Some(steady) = self.rest.steady.filter(|_| frames > 0) else {
            return 0;
        };
        let Input::Queue(intake) = &mut self.input else {
            return 0;
        };
        if !intake.has(frames) || self.shared.controls.steered() != steady.steered {
            return 0;
        }
        let now = self.counters.rendered_frames;
        if steady.copied == Some(target.format()) {
            intake.transfer(target, 0, frames, now);
            // There is no meter in the steady state, and the frames are the whole block.
            let seam = &mut self.output.seam;
            seam.note_copied(target, target.whole());
            return frames;
        }
        self.make_on(target, frames)
    }

    /// Makes the frames of a steady block, and returns how many.
    #[inline(never)]
    fn make_on(&mut self, target: &mut Target<'_>, frames: usize) -> usize {
        let Input::Queue(intake) = &mut self.input else {
            return 0;
        };
        let now = self.counters.rendered_frames;
        let from_floats = intake.plan.is_of_floats();
        let mut done = 0;
        while done < frames {
            let out = self.output.room(target, done, frames - done);
            let written = intake.make(intake.queued_frames(), out);
            if written == 0 {
                break;
            }
            intake.note_written(written, now + done as u64);
            self.output.write(target, done, written, from_floats);
            done += written;
        }
        done
    }

    /// Writes the counters of a steady block.
    #[inline]
    pub(super) fn count_on(&mut self) {
        let counters = &mut self.counters;
        let counted = (counters.clipped_samples, counters.non_finite_samples);
        if let Input::Queue(intake) = &self.input {
            intake.count_on(counters);
        }
        self.output.count(counters);
        if counted == (counters.clipped_samples, counters.non_finite_samples) {
            self.rest.changed = Changed::Sound;
        } else {
            self.rest.changed = Changed::Any;
        }
    }
}
