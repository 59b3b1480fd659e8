//! What is given: first the frames that are to be read again, then new ones. And what is given back.

use crate::audio::target::{Target, sample_size};
use crate::capture::reader::Reader;
use crate::capture::reader::ledger::Ledger;
use crate::capture::reader::place::{CapturePosition, Place};

impl Reader {
    /// Fills the target with the frames that there are, for a call that takes any number.
    pub(super) fn read_whole(&mut self, target: &mut Target<'_>) -> usize {
        let done = self.read_target(target, 0);
        self.publish();
        done
    }

    /// Fills all of the target, which holds `frames` frames, or takes nothing and returns false.
    pub(super) fn read_or_give_back(&mut self, target: &mut Target<'_>, frames: usize) -> bool {
        let (again, given_back) = (self.pre_roll.again(), self.pre_roll.given_back());
        let before = self.given_back.clone();
        self.taken = Ledger::default();
        let given = self.read_target(target, frames);
        if given == frames {
            return true;
        }
        let new = given.saturating_sub(again);
        self.pre_roll.give_back(given, given_back + new);
        self.given_back = before;
        // What the resampler holds, and nothing was made of, is read.
        if given_back + new > 0 {
            self.given_back.add_all(&self.taken);
        }
        false
    }

    /// Fills the target with the frames that there are. The caller wants `at_once` frames together or none.
    fn read_target(&mut self, target: &mut Target<'_>, at_once: usize) -> usize {
        self.at_once = at_once;
        self.keep_up();
        let channels = self.application.channels();
        let frames = target.samples() / self.application.channel_count();
        let mut done = 0;
        while done < frames {
            let count = match self.read_again(target, done * channels) {
                0 => self.read_run(target, done, frames - done).1,
                again => again,
            };
            if count == 0 {
                break;
            }
            done += count;
        }
        done
    }

    /// Takes the controls' latest values, and returns after how many device frames the next change lies.
    ///
    /// A mute reaches the frames that are to be read again too, as if they were new, and its ramp begins with them. If
    /// it has ended since, it reaches only those that the application never got.
    pub(super) fn steer(&mut self) -> Option<u64> {
        // A resampler looks as far back as it looks ahead, and what lies ahead may have been read.
        let around = 2 * self.plan.latency_frames() as u64;
        let heard = self.reached().saturating_sub(around);
        let was_muted = self.steering.is_muted();
        let has_missed = self.steering.has_missed_a_mute(&self.shared.controls);
        let to_change = self.steering.take(&self.shared.controls, heard);
        let given_back = self.pre_roll.given_back();
        if self.steering.is_muted() && !was_muted {
            let is_over = !self.shared.controls.is_muted();
            self.mute_kept(if is_over {
                given_back
            } else {
                self.pre_roll.again()
            });
        } else if has_missed && !was_muted && given_back > 0 {
            // New frames are all from behind the mute, which these are not.
            self.steering.set_mute(true);
            self.mute_kept(given_back);
            self.steering.set_mute(false);
        }
        to_change
    }

    /// Mutes the latest `frames` of the kept frames, which are to be read again.
    fn mute_kept(&mut self, frames: usize) {
        let channels = self.application.channels();
        let samples = self.piece.get_mut(..channels).unwrap_or_default();
        let (steering, quantize) = (&mut self.steering, &mut self.quantize);
        self.pre_roll.mute(frames, |format, frame| {
            let mut target = Target::bytes(format, sample_size(format), frame);
            target.read(0, samples);
            steering.apply_mute(samples, channels);
            target.quantize(0, samples, quantize);
        });
    }

    /// Fills the target from the sample `at` on with frames that are to be read again, up to where the device's stream
    /// breaks off. Returns how many.
    pub(super) fn read_again(&mut self, target: &mut Target<'_>, at: usize) -> usize {
        let most = self.pre_roll.again_to_break();
        if most == 0 {
            return 0;
        }
        self.steer();
        let is_muted = self.shared.controls.is_muted();
        let before = self.pre_roll.given_back();
        let format = target.format();
        let out = target.rest(at);
        let frames = self.pre_roll.read(format, out, most, is_muted);
        self.count_given(before);
        frames
    }

    /// Counts device frames as read whose application frames were given back and are given now. `before` is how many
    /// of those there were.
    fn count_given(&mut self, before: usize) {
        let left = self.pre_roll.given_back() as u128;
        let frames = self.given_back.frames();
        let kept = u128::from(frames) * left / before.max(1) as u128;
        let given = frames.saturating_sub(u64::try_from(kept).unwrap_or(u64::MAX));
        self.given_back.take(given);
    }

    /// The place of the next frame to read.
    pub(super) fn place(&self) -> Place {
        self.pre_roll.place(self.new_place())
    }

    /// The place of the next frame that has not been read yet.
    pub(super) fn new_place(&self) -> Place {
        let device = *self.plan.source();
        let (whole, fraction) = self.plan.position();
        Place {
            position: CapturePosition {
                frame: self.reached().saturating_add_signed(whole),
                fraction,
                rate_hz: device.rate_hz,
                step: self.plan.step(),
            },
            device,
            since: self.since,
        }
    }
}
