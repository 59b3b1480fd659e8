//! Steering: the script, and which of the controls' values the renderer has applied.

use alloc::boxed::Box;

use crate::app::controller::Controller;
use crate::config::Config;
use crate::link::controls::Controls;
use crate::script::Timed;
use crate::volume::Volume;

/// The script, and the gain that was applied last.
#[derive(Debug)]
pub(super) struct Steering {
    /// The controller by which the script steers.
    controller: Controller,
    /// In order of time. Those before `next` have acted.
    script: Box<[Timed]>,
    next: usize,
    /// The gain, its ramp, and whether the stream was muted, as applied last.
    obeyed: ((f32, u32), bool),
    /// Length of the ramp at a mute or its end, in device frames.
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

    /// Runs the script's commands for frame `now`.
    pub(super) fn obey_script(&mut self, now: u64) {
        while self.frames_to_script(now) == 0
            && let Some(timed) = self.script.get(self.next)
        {
            timed.command.run(&self.controller);
            self.next += 1;
        }
    }

    /// How many frames from `now` on come before the script's next command.
    pub(super) fn frames_to_script(&self, now: u64) -> usize {
        self.script.get(self.next).map_or(usize::MAX, |timed| {
            usize::try_from(timed.at_frame.saturating_sub(now)).unwrap_or(usize::MAX)
        })
    }

    /// Whether the script has no more commands.
    pub(super) fn has_ended(&self) -> bool {
        self.next == self.script.len()
    }

    /// Applies the gain and the mute, if they have changed.
    pub(super) fn obey_gain(&mut self, controls: &Controls, volume: &mut Volume) {
        let wanted = (controls.gain(), controls.is_muted());
        let ((gain, ramp_frames), is_muted) = wanted;
        if wanted.0 != self.obeyed.0 {
            volume.set_gain(gain, ramp_frames);
        }
        if is_muted != self.obeyed.1 {
            volume.set_muted(is_muted, self.ramp_frames);
        }
        self.obeyed = wanted;
    }
}
