//! The same stream on another device.

use crate::config::{ConfigError, check_rate};
use crate::input::Input;
use crate::plan::Plan;
use crate::quantize::Quantize;
use crate::recipe::Recipe;
use crate::renderer::{Rebinding, Renderer, own_piece};
use crate::seam::Seam;
use crate::spec::StreamSpec;

impl Renderer {
    /// Goes on with a device of another format, rate or channel count: after the old one was lost,
    /// or turned into something else. What is queued, the position, gain, pause and mute are kept;
    /// ramps keep their duration; what was sounding is faded in. Device frames go on being counted
    /// from the start of the stream.
    ///
    /// Where the rate stays and the mix needs no other resampler, not a frame is lost. Otherwise the few
    /// source frames that the resampler had read ahead ([`latency_frames`](Self::latency_frames))
    /// count as dropped.
    ///
    /// This is **not** for the callback: it allocates, and waits for a
    /// [`Feeder::set_source`](crate::Feeder::set_source) that is under way.
    ///
    /// # Errors
    /// [`ConfigError`] where a source that is queued cannot be brought to this device. Nothing
    /// changes then.
    pub fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        check_rate(&device)?;
        let now = self.counters.rendered_frames;
        let input = &mut self.input;
        let was_active = input.is_active();
        self.rebinding.recipe.with(|recipe| {
            let next = Recipe {
                device,
                ..recipe.clone()
            };
            match input {
                Input::Queue(intake) => intake.rebind(&next, now)?,
                Input::Source(generator) => {
                    let plan = Plan::new(*generator.plan.source(), &next)?;
                    generator.rebind(plan);
                }
            }
            *recipe = next;
            Ok::<_, ConfigError>(())
        })?;
        let ramp_frames = u64::from(self.ramp_frames) * u64::from(device.rate_hz)
            / u64::from(self.device.rate_hz);
        self.ramp_frames = u32::try_from(ramp_frames).unwrap_or(u32::MAX);
        let channels = device.channels();
        let Rebinding {
            rounding,
            dither,
            dither_seed,
            ..
        } = self.rebinding;
        self.quantize = Quantize::new(channels, rounding, dither, dither_seed);
        self.seam = Seam::new(channels, self.ramp_frames);
        if was_active {
            self.seam.begin_gap();
        }
        self.piece = own_piece(&device);
        self.wake.restart();
        self.lull = None;
        self.device = device;
        self.shared.set_device(&device);
        Ok(())
    }
}
