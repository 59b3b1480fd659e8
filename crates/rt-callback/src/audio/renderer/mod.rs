//! The renderer: fills the device's blocks.

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use pcm_convert::Sample;

use crate::audio::input::Input;
use crate::audio::renderer::state::State;
use crate::audio::target::Target;
use crate::config::Config;
#[cfg(feature = "std")]
use crate::config::ConfigError;
use crate::link::shared::Shared;
use crate::plan::recipe::PresentRecipe;
use crate::spec::StreamSpec;

mod block;
mod output;
#[cfg(feature = "std")]
mod rebind;
mod rest;
mod state;
mod status;
mod steady;
mod steering;
mod wake;

pub(crate) use state::Instruments;
pub use status::RenderStatus;

/// Renders the stream into the device's blocks. The audio callback owns it.
///
/// [`render`](Self::render) never allocates, locks, waits, logs, formats or panics. Its work is bounded by the block's
/// length. A block may have any number of frames, also 0: work runs in pieces of at most 512 frames. Every sample of a
/// block is always written.
///
/// ```
/// use rt_callback::{Config, RenderStatus, stream};
///
/// let config = Config::new("48000x1:s16le".parse()?, "48000x2:f32le".parse()?);
/// let (mut feeder, _controller, mut renderer, _monitor) = stream(&config)?;
/// let mut block = [9.0_f32; 2 * 256];
/// assert_eq!(renderer.render(&mut block), RenderStatus::Idle);
/// assert_eq!(block, [0.0; 512]); // nothing was pushed: silence
/// feeder.push(&[16_384_i16; 256])?;
/// assert_eq!(renderer.render(&mut block), RenderStatus::Rendered);
/// assert_eq!(block, [0.5; 512]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Renderer {
    state: State,
}

impl Renderer {
    pub(crate) fn new(
        config: &Config,
        input: Input,
        shared: Arc<Shared>,
        instruments: Instruments,
        recipe: PresentRecipe,
    ) -> Self {
        Self {
            state: State::new(config, input, shared, instruments, recipe),
        }
    }

    /// The format, rate and channels that the device takes.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        &self.state.output.device
    }

    /// How far the renderer reads ahead of what is rendered, in whole source frames: the resampler's look-ahead, or 0
    /// if the rates are equal.
    #[must_use]
    pub fn latency_frames(&self) -> usize {
        self.state.input.plan().latency_frames()
    }

    /// Sets the device's latency: the device frames from when the next block is asked for to when its first frame is
    /// heard. It is 0 until this is called.
    ///
    /// The callback learns it from the device, and calls this before it renders the block.
    /// [`Feeder::drain`](crate::Feeder::drain), [`Monitor::heard`](crate::Monitor::heard) and receipts take it into
    /// account.
    pub fn set_device_latency(&mut self, frames: u64) {
        self.state
            .shared
            .device_latency_frames
            .store(frames, Ordering::Relaxed);
    }

    /// Sets whether there is no device at present, so that blocks are rendered for nobody.
    ///
    /// While there is none, the stream keeps its position as if it were paused. Blocks are silent; interruptions,
    /// cancellations, ramps and receipts go on. Sound that follows is faded in. This is independent of the
    /// application's [`pause`](crate::Controller::pause), and [`Controller::is_paused`](crate::Controller::is_paused)
    /// does not show it.
    ///
    /// This is for a supervisor of devices, which drives the renderer by a clock while there is no device.
    pub fn set_absent(&mut self, is_absent: bool) {
        self.state.is_absent = is_absent;
        self.state.rest.end();
    }

    /// How many more source frames must be queued so that the next `frames` device frames have no gap. The number is
    /// exact while no source change is queued.
    ///
    /// This is for a driver with feeder and renderer on one thread, as in offline rendering.
    #[must_use]
    pub fn missing_source_frames(&self, frames: usize) -> usize {
        self.state.input.missing_frames(frames)
    }

    /// Whether the feeder has been dropped and everything that it queued has been rendered, with the decay of a sound that
    /// was cut off. From then on there is only silence.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.state.input.is_at_end() && self.state.output.seam.decay_frames() == 0
    }

    /// Fills `block` (frames x device channels, interleaved) with the stream's next frames, in
    /// the format of `O`.
    ///
    /// A block whose length is no multiple of the device's channels is a [`RenderStatus::ShapeMismatch`]. It is filled
    /// with silence and counted, and no frame is consumed.
    pub fn render<O: Sample>(&mut self, block: &mut [O]) -> RenderStatus {
        self.state.render(&mut Target::typed(block))
    }

    /// Fills `block` as [`render`](Self::render) does, in the byte format of
    /// [`Config::device`].
    pub fn render_bytes(&mut self, block: &mut [u8]) -> RenderStatus {
        let (format, size) = (
            self.state.output.device.format,
            self.state.output.sample_size,
        );
        self.state.render(&mut Target::bytes(format, size, block))
    }

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
    #[cfg(feature = "std")]
    pub fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        self.state.rebind(device)
    }

    /// Passes `frames` frames of silence that were not rendered, for ramps and sources.
    pub(crate) fn pass(&mut self, frames: usize) {
        self.state.pass(frames);
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        self.state.shared.abandoned.store(true, Ordering::Release);
    }
}
