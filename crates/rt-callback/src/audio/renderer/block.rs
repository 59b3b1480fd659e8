//! Rendering one block: sound as far as there is any, then silence, and the reason for it.

use core::ops::Range;

use crate::audio::pulled::Pulled;
use crate::audio::renderer::rest::{Changed, Lull, Silence};
use crate::audio::renderer::state::State;
use crate::audio::renderer::status::RenderStatus;
use crate::audio::target::Target;
use crate::event::EventKind;
use crate::link::shared::Changes;

/// How a span of a block was filled.
struct Filled {
    sounded: usize,
    /// Why it is silent, if the whole span is.
    silence: Option<Silence>,
    status: RenderStatus,
}

impl State {
    /// Writes `frames` frames: by a short way if silence or sound only goes on, else by the long one.
    #[inline]
    pub(super) fn fill(&mut self, target: &mut Target<'_>, frames: usize) -> RenderStatus {
        if let Some(lull) = self.rest.lull
            && self.stays(lull, frames)
        {
            self.stay(lull.silence, target, frames);
            return lull.status;
        }
        let done = self.go_on(target, frames);
        if done > 0 && done == frames {
            self.count_on();
            return RenderStatus::Rendered;
        }
        self.fill_from(done, target, frames)
    }

    /// Writes the frames from `done` on, split at the frames of the script's commands. (Not inlined, so that the short
    /// way has a small stack.)
    #[inline(never)]
    fn fill_from(
        &mut self,
        mut done: usize,
        target: &mut Target<'_>,
        frames: usize,
    ) -> RenderStatus {
        let start = self.counters.rendered_frames;
        // This load comes first: a change behind it is seen as another change by the next block.
        let changes = self.shared.changes();
        self.rest.end();
        let mut status = RenderStatus::Rendered;
        let mut has_sounded = self.has_sounded;
        loop {
            let now = start + done as u64;
            self.steering.obey_script(now);
            let end = self.steering.frames_to_script(now).min(frames - done) + done;
            let paused = self.obey_controls(now);
            if done > 0 {
                self.note_position(now);
            }
            let span = self.fill_span(target, start, done..end, paused);
            has_sounded |= span.sounded > 0;
            status = if done == 0 {
                span.status
            } else {
                status.followed_by(span.status)
            };
            if done == 0 && end == frames && frames > 0 {
                self.rest.lull = span
                    .silence
                    .and_then(|silence| self.lull(changes, silence, status));
                if span.sounded == frames {
                    self.rest.steady = self.steady(changes.steered);
                }
            }
            done = end;
            if done >= frames {
                break;
            }
        }
        self.has_sounded = has_sounded;
        self.input.count(&mut self.counters);
        self.output.count(&mut self.counters);
        status
    }

    /// Whether the lull lasts for `frames` frames more.
    #[inline]
    fn stays(&self, lull: Lull, frames: usize) -> bool {
        let to_script = self
            .steering
            .frames_to_script(self.counters.rendered_frames);
        lull.changes == self.shared.changes() && (1..=to_script).contains(&frames)
    }

    /// Writes a block of a lull.
    #[inline(never)]
    fn stay(&mut self, silence: Silence, target: &mut Target<'_>, frames: usize) {
        self.rest.changed = Changed::Silence;
        let counters = &mut self.counters;
        *match silence {
            Silence::Paused => &mut counters.paused_frames,
            _ if self.has_sounded => &mut counters.idle_frames,
            _ => &mut counters.startup_silence_frames,
        } += frames as u64;
        self.wake.note_silence(frames as u64);
        target.silence_all();
        if let Some(meter) = &mut self.output.meter {
            meter.measure_silence(frames);
        }
    }

    /// The lull behind a block of nothing but silence, if that silence lasts until something changes. While a decay
    /// goes on there is no lull, because the decay may clip, and that is counted; nor while a ramp does.
    fn lull(&self, changes: Changes, silence: Silence, status: RenderStatus) -> Option<Lull> {
        let lasts = matches!(silence, Silence::Idle | Silence::Paused)
            && self.output.seam.decay_frames() == 0
            && self.output.volume.is_steady()
            && self.input.waits_for_changes();
        lasts.then_some(Lull {
            changes,
            silence,
            status,
        })
    }

    /// Writes the frames of `span`: sound as far as there is any, then silence.
    fn fill_span(
        &mut self,
        target: &mut Target<'_>,
        start: u64,
        span: Range<usize>,
        paused: bool,
    ) -> Filled {
        let mut done = span.start;
        let mut silence = paused.then_some(Silence::Paused);
        let mut lead_in = if paused {
            0
        } else {
            self.lead_in(target, span.clone(), start)
        };
        done += lead_in;
        let (mut boundaries, mut held_back, mut missing_frames) = (0, 0, 0);
        // The rest of the first block that sounds is no underrun: devices begin with blocks of any size.
        let has_sounded = self.has_sounded;
        let is_underrun = |silence| silence == Silence::Starved && has_sounded;
        while done < span.end && silence.is_none() {
            match self.sound(target, done, span.end - done, start + done as u64) {
                Pulled::Frames(0) => {
                    self.note_ends();
                    boundaries += 1;
                    // There cannot be so many in a row. This guards against an input that promises frames without end.
                    if boundaries > self.input.most_boundaries() {
                        silence = Some(Silence::Idle);
                    }
                }
                Pulled::Frames(written) => {
                    done += written;
                    boundaries = 0;
                }
                Pulled::Starved => silence = Some(Silence::Starved),
                Pulled::Starting => silence = Some(Silence::Starting),
                Pulled::Idle => silence = Some(Silence::Idle),
                Pulled::Mismatch { samples } => {
                    self.note_mismatch(samples);
                    silence = Some(Silence::Mismatch);
                }
            }
            if let Some(found @ (Silence::Starved | Silence::Starting)) = silence {
                // What was cut off decays in the silence before a held-back sound, and not over that sound.
                self.note_ends();
                let now = start + done as u64;
                let frames = self.held_back(target, done..span.end, found, now);
                done += frames;
                held_back += frames;
                if frames > 0 {
                    missing_frames += if is_underrun(found) { frames } else { 0 };
                    silence = None;
                    // The device may have fallen asleep in the silence.
                    let woken = self.lead_in(target, done..span.end, start);
                    done += woken;
                    lead_in += woken;
                }
            }
        }
        let now = start + done as u64;
        let sounded = done - span.start - lead_in - held_back;
        let is_settled = match silence {
            // An input without frames has passed every boundary.
            Some(Silence::Starved | Silence::Starting | Silence::Idle) => true,
            _ => sounded > 0 && self.input.is_clear(),
        };
        if !is_settled {
            self.input.settle(now);
        }
        self.note_ends();
        if let Some(silence) = silence {
            if sounded > 0 {
                // From here on it stands.
                self.note_position(now);
            }
            self.count_silence(silence, (span.end - done) as u64, now);
            self.silence(target, done, span.end);
            missing_frames += if is_underrun(silence) {
                span.end - done
            } else {
                0
            };
        }
        let status = match silence {
            _ if missing_frames > 0 => RenderStatus::Underrun { missing_frames },
            Some(Silence::Paused) => RenderStatus::Paused,
            Some(Silence::Mismatch) => RenderStatus::ShapeMismatch,
            Some(Silence::Starting | Silence::Idle) if sounded == 0 => RenderStatus::Idle,
            None if sounded == 0 && lead_in + held_back > 0 => RenderStatus::Idle,
            _ => RenderStatus::Rendered,
        };
        Filled {
            sounded,
            silence: silence.filter(|_| done == span.start),
            status,
        }
    }

    /// Writes the silence before a held-back sound that begins by itself within the range, and returns its frames. So
    /// the sound begins at its frame, whatever the sizes of the blocks.
    #[cold]
    fn held_back(
        &mut self,
        target: &mut Target<'_>,
        range: Range<usize>,
        silence: Silence,
        now: u64,
    ) -> usize {
        let frames = self.input.held_back_frames(now).unwrap_or(u64::MAX);
        if frames >= range.len() as u64 {
            return 0;
        }
        self.count_silence(silence, frames, now);
        let frames = frames as usize;
        self.silence(target, range.start, range.start + frames);
        frames
    }

    /// Writes the silence that a device needs to wake, as far as it is due, and returns its frames.
    fn lead_in(&mut self, target: &mut Target<'_>, range: Range<usize>, start: u64) -> usize {
        if !self.wake.is_due() {
            return 0;
        }
        let now = start + range.start as u64;
        // Frames that were interrupted or cancelled are dropped at once, and not only when the device is awake.
        self.input.settle(now);
        let wakes = !self.wake.is_asleep() || self.input.is_ready(now);
        self.note_ends();
        let mut frames = 0;
        if wakes {
            frames = self.wake.lead_in(range.len());
            self.counters.startup_silence_frames += frames as u64;
            self.silence(target, range.start, range.start + frames);
        }
        self.note_position(now + frames as u64);
        frames
    }

    /// Writes up to `frames` frames from frame `at` on: as many as come in one run and are made in the same way.
    fn sound(&mut self, target: &mut Target<'_>, at: usize, frames: usize, now: u64) -> Pulled {
        let is_untouched = self.output.is_untouched();
        let may_copy =
            || !self.output.quantize.is_dithered() && self.input.can_copy_to(target.format());
        let pulled = if is_untouched && may_copy() {
            self.copy(target, at, frames, now)
        } else {
            // The exact copy begins behind the last frame that a ramp, a fade or a decay changes.
            let busy = if is_untouched {
                0
            } else {
                self.output.busy_frames()
            };
            let most = if busy > 0 && may_copy() { busy } else { frames };
            self.make(target, at, frames.min(most), now)
        };
        if let Pulled::Frames(written @ 1..) = pulled {
            self.end_underrun(now);
            self.input.tell_written(written, now);
            self.wake.note_sound();
        }
        pulled
    }

    /// Pulls frames from the input, and applies gain and fades to them.
    fn make(&mut self, target: &mut Target<'_>, at: usize, frames: usize, now: u64) -> Pulled {
        let out = self.output.room(target, at, frames);
        let pulled = self.input.pull(out, self.counters.block_at_frame, now);
        if let Pulled::Frames(written @ 1..) = pulled {
            // An end that was passed in the pull lies before these frames.
            self.note_ends();
            let from_floats = self.input.is_of_floats();
            self.output.write(target, at, written, from_floats);
        }
        pulled
    }

    /// Copies sound that is already in the target's format.
    fn copy(&mut self, target: &mut Target<'_>, at: usize, frames: usize, now: u64) -> Pulled {
        let frames = self.output.copied_at_once(target, frames);
        let sample = at * self.output.device.channels();
        let pulled = self.input.copy(target, sample, frames, now);
        if let Pulled::Frames(written @ 1..) = pulled {
            self.note_ends();
            self.output.note_copied(target, at, written);
        }
        pulled
    }

    /// Writes frames `from..to` without sound.
    fn silence(&mut self, target: &mut Target<'_>, from: usize, to: usize) {
        self.input.pass_silence(to - from);
        let from_floats = self.input.is_of_floats();
        self.output.silence(target, from, to, from_floats);
    }

    /// Applies the controls' latest values. Returns whether the stream is paused, held or without a device.
    fn obey_controls(&mut self, now: u64) -> bool {
        let controls = &self.shared.controls;
        let paused = controls.is_paused() || controls.is_held() || self.is_absent;
        self.obey_gain();
        self.input.obey(paused, now);
        paused
    }

    /// Begins the ramps to the latest gain and mute.
    pub(super) fn obey_gain(&mut self) {
        let (controls, volume) = (&self.shared.controls, &mut self.output.volume);
        self.steering.obey_gain(controls, volume);
    }

    /// Passes `frames` frames of silence that were not rendered, for ramps and sources. What was interrupted or cancelled
    /// is dropped, as in a pause.
    pub(crate) fn pass(&mut self, frames: usize) {
        self.obey_gain();
        self.output.volume.skip(frames);
        self.input.pass_silence(frames);
        let now = self.counters.rendered_frames;
        self.input.obey(true, now);
        self.input.settle(now);
        self.note_ends();
        // Nobody heard the decay.
        self.output.seam.pass(frames);
        self.input.count(&mut self.counters);
        self.rest.end();
        self.publish();
    }

    /// Notes ends that were passed. The sound before an end does not decay, and no frame was missing.
    fn note_ends(&mut self) {
        if self.input.take_ended() {
            if self.input.take_falls() {
                self.output.seam.begin_gap();
            }
            self.output.seam.end();
            self.counters.idle_frames += core::mem::take(&mut self.counters.starved_frames);
            self.gap_change = 0;
        }
    }

    fn count_silence(&mut self, silence: Silence, frames: u64, now: u64) {
        if frames == 0 {
            return;
        }
        let counters = &mut self.counters;
        match silence {
            Silence::Paused => counters.paused_frames += frames,
            Silence::Idle if self.has_sounded => counters.idle_frames += frames,
            Silence::Starved if self.has_sounded => {
                if counters.starved_frames == 0 {
                    self.input.report(now, EventKind::Underrun);
                }
                counters.starved_frames += frames;
            }
            Silence::Starting | Silence::Idle | Silence::Starved => {
                counters.startup_silence_frames += frames;
            }
            Silence::Mismatch => {}
        }
        if silence == Silence::Starved {
            self.input.note_dry(now);
        }
        self.wake.note_silence(frames);
        // Sound that was cut off decays. Behind a declared end there is nothing to decay.
        if self.input.is_sounding() {
            self.output.seam.begin_gap();
        }
    }

    /// Notes that sound goes on. A gap before it was an underrun.
    fn end_underrun(&mut self, now: u64) {
        if self.counters.starved_frames > 0 {
            self.input.note_recovered(self.gap_frames(), now);
            let starved_frames = core::mem::take(&mut self.counters.starved_frames);
            self.counters.underruns += 1;
            self.counters.underrun_frames += starved_frames;
            self.gap_change = 0;
        }
    }

    /// How long the gap under way is, in frames at the present rate.
    pub(super) fn gap_frames(&self) -> u64 {
        self.counters
            .starved_frames
            .saturating_add_signed(self.gap_change)
    }
}
