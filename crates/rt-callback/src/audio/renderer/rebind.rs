//! Rebinding: the same stream on another device.

use crate::audio::input::Input;
use crate::audio::quantize::Quantize;
use crate::audio::renderer::state::{Rebinding, State};
use crate::audio::seam::Seam;
use crate::config::{ConfigError, check_rate};
use crate::plan::Plan;
use crate::plan::recipe::Recipe;
use crate::span::Span;
use crate::spec::StreamSpec;

impl State {
    /// See [`Renderer::rebind`](crate::Renderer::rebind).
    pub(super) fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        check_rate(&device)?;
        if let Some(tap) = &mut self.tap {
            // Harmless if another device is refused below.
            tap.rebind(&device)?;
        }
        let now = self.counters.rendered_frames;
        let input = &mut self.input;
        let was_sounding = input.is_sounding();
        let ramp_frames = self.rebinding.ramp.short_frames_at(device.rate_hz);
        self.rebinding.recipe.with(|recipe| {
            let next = Recipe {
                device,
                ..recipe.clone()
            };
            match input {
                Input::Queue(intake) => intake.rebind(&next, now, ramp_frames)?,
                Input::Source(generator) => {
                    let plan = Plan::new(*generator.plan.source(), &next)?;
                    generator.rebind(plan, now, device.rate_hz);
                }
            }
            *recipe = next;
            Ok::<_, ConfigError>(())
        })?;
        // A requested ramp begins first, because its frames are those of the old device. Then the rest of a ramp keeps
        // its duration.
        self.obey_gain();
        let before_hz = self.output.device.rate_hz;
        let length =
            |frames: u32| Span::new(frames.into(), before_hz).short_frames_at(device.rate_hz);
        self.output.volume.stretch(length);
        let gap = Span::new(self.gap_frames(), before_hz).frames_at(device.rate_hz);
        self.gap_change = gap.wrapping_sub(self.counters.starved_frames) as i64;
        self.steering.ramp_frames = ramp_frames;
        let channels = device.channels();
        let Rebinding {
            rounding,
            dither,
            dither_seed,
            ..
        } = self.rebinding;
        let quantize = Quantize::new(channels, rounding, dither, dither_seed);
        let mut seam = Seam::new(channels, ramp_frames);
        if was_sounding {
            seam.begin_gap();
        }
        self.output.set_device(device, seam, quantize);
        self.wake.restart(device.rate_hz);
        self.rest.end();
        self.shared.set_device(&device);
        // Frames in flight may have been dropped.
        self.input.count(&mut self.counters);
        self.publish();
        Ok(())
    }
}
