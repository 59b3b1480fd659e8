//! What the renderer is told to do, and how far it has obeyed.

use alloc::boxed::Box;

use crate::app::controller::Controller;
use crate::config::Config;
use crate::link::controls::Controls;
use crate::script::Timed;

/// The script, and the gain as last obeyed.
#[derive(Debug)]
pub(super) struct Steering {
    /// Steers as any other controller would, on behalf of the script.
    controller: Controller,
    /// In order of time; those before `next` have acted.
    script: Box<[Timed]>,
    next: usize,
    /// The controls' gain, its ramp, and whether they were muted.
    obeyed: ((f32, u32), bool),
    /// Length of a ramp whose caller gives none, in device frames.
    pub(super) ramp_frames: u32,
}

impl Steering {
    pub(super) fn new(config: &Config, controller: Controller, gain: (f32, u32)) -> Self {
        let mut script = config.script.clone().into_boxed_slice();
        script.sort_by_key(|timed| timed.at_frame);
        Self {
            controller,
            script,
            next: 0,
            obeyed: (gain, false),
            ramp_frames: config.ramp_frames,
        }
    }

    /// Does what the script says for frame `now`.
    pub(super) fn obey_script(&mut self, now: u64) {
        while self.frames_to_script(now) == 0
            && let Some(timed) = self.script.get(self.next)
        {
            timed.command.run(&self.controller);
            self.next += 1;
        }
    }

    /// How many of the frames from `now` on come before the script's next command.
    pub(super) fn frames_to_script(&self, now: u64) -> usize {
        self.script.get(self.next).map_or(usize::MAX, |timed| {
            usize::try_from(timed.at_frame.saturating_sub(now)).unwrap_or(usize::MAX)
        })
    }

    /// The gain to ramp to, and over how many frames, where that is news.
    pub(super) fn news_of_gain(&mut self, controls: &Controls) -> Option<(f32, u32)> {
        let wanted = (controls.gain(), controls.is_muted());
        if wanted == self.obeyed {
            return None;
        }
        let ((gain, ramp_frames), is_muted) = wanted;
        let ramp_frames = if is_muted == self.obeyed.1 {
            ramp_frames
        } else {
            self.ramp_frames
        };
        self.obeyed = wanted;
        Some((if is_muted { 0.0 } else { gain }, ramp_frames))
    }
}
