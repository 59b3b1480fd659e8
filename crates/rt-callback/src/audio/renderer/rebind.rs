//! Rebinding: the same stream on another device.

use pcm_convert::{Dither, Rounding};

use crate::audio::input::Input;
use crate::audio::quantize::Quantize;
use crate::audio::renderer::Renderer;
use crate::audio::renderer::state::State;
use crate::audio::seam::Seam;
use crate::config::{Config, ConfigError, check_rate};
use crate::plan::Plan;
use crate::plan::recipe::{PresentRecipe, Recipe};
use crate::span::Span;
use crate::spec::StreamSpec;

/// The settings by which the renderer is adapted to another device.
#[derive(Debug)]
pub(super) struct Rebinding {
    recipe: PresentRecipe,
    ramp: Span,
    rounding: Rounding,
    dither: Dither,
    dither_seed: u64,
}

impl Rebinding {
    pub(super) fn new(config: &Config, recipe: PresentRecipe) -> Self {
        Self {
            recipe,
            ramp: config.device_span(config.ramp_frames.into()),
            rounding: config.rounding,
            dither: config.dither,
            dither_seed: config.dither_seed,
        }
    }
}

impl Renderer {
    /// Continues the stream on a device of another format, rate or channel count, after the old device was lost or has
    /// changed.
    ///
    /// The queue, the position, gain, pause and mute are kept. Ramps keep their duration. Sound that was playing is
    /// faded in. Device frames are still counted from the start of the stream; each [`Event`](crate::Event) and each
    /// stretch of a [`Tap`](crate::Tap) says at which rate.
    ///
    /// If the rate and the resampler's channels stay the same, no frame is lost. Otherwise the few source frames that
    /// the resampler had read ahead ([`latency_frames`](Self::latency_frames)) count as dropped.
    ///
    /// **Do not** call this in the callback: it allocates, and waits for a
    /// [`Feeder::set_source`](crate::Feeder::set_source) that is under way.
    ///
    /// # Errors
    /// [`ConfigError`] if a queued source cannot be converted for this device. Nothing changes then.
    pub fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        self.state.rebind(device)
    }
}

impl State {
    fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        check_rate(&device)?;
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
        let gain = &mut self.output.gain;
        let left = Span::new(gain.remaining_frames().into(), self.output.device.rate_hz);
        gain.set(gain.target(), left.short_frames_at(device.rate_hz));
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
