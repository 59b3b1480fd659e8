//! The renderer: fills the device's blocks.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use pcm_convert::Sample;
#[cfg(feature = "std")]
use pcm_convert::{Dither, Rounding};

use crate::app::controller::Controller;
use crate::audio::input::Input;
use crate::audio::renderer::output::Output;
use crate::audio::renderer::rest::{Changed, Rest};
use crate::audio::renderer::steering::Steering;
use crate::audio::renderer::wake::Wake;
use crate::audio::target::Target;
use crate::config::{Clock, Config};
use crate::instruments::load::LoadMeter;
use crate::instruments::meters::Meter;
use crate::instruments::tap::TapSender;
use crate::link::counters::{Counters, SILENCE_END, SOUND_BEGIN, SOUND_END};
use crate::link::heard::{At, HistoryPen};
use crate::link::shared::Shared;
use crate::link::stamp::Stamp;
use crate::plan::recipe::PresentRecipe;
#[cfg(feature = "std")]
use crate::span::Span;
use crate::spec::StreamSpec;

mod block;
mod output;
#[cfg(feature = "std")]
mod rebind;
mod rest;
mod status;
mod steady;
mod steering;
mod wake;

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
    shared: Arc<Shared>,
    clock: Option<(Clock, LoadMeter)>,
    tap: Option<Box<TapSender>>,
    rest: Rest,
    counters: Counters,
    output: Output,
    input: Input,
    steering: Steering,
    wake: Wake,
    pen: HistoryPen,
    /// Whether a block before the present one had sound in it.
    has_sounded: bool,
    /// Whether there is no device at present, so that the position is kept.
    is_absent: bool,
    #[cfg(feature = "std")]
    rebinding: Rebinding,
}

/// The settings by which the renderer is adapted to another device.
#[cfg(feature = "std")]
#[derive(Debug)]
struct Rebinding {
    recipe: PresentRecipe,
    ramp: Span,
    rounding: Rounding,
    dither: Dither,
    dither_seed: u64,
}

/// The renderer's halves of the instruments. The monitor has the other halves.
#[derive(Debug)]
pub(crate) struct Instruments {
    pub(crate) clock: Option<(Clock, LoadMeter)>,
    pub(crate) meter: Option<Box<Meter>>,
    pub(crate) tap: Option<Box<TapSender>>,
}

impl Renderer {
    pub(crate) fn new(
        config: &Config,
        input: Input,
        shared: Arc<Shared>,
        instruments: Instruments,
        recipe: PresentRecipe,
    ) -> Self {
        let gain = shared.controls.gain();
        let controller = Controller::new(Arc::clone(&shared));
        #[cfg(not(feature = "std"))]
        drop(recipe);
        Self {
            input,
            output: Output::new(config, gain.0, instruments.meter),
            steering: Steering::new(config, controller, gain),
            wake: Wake::new(config),
            shared,
            counters: Counters::default(),
            pen: HistoryPen::default(),
            clock: instruments.clock,
            tap: instruments.tap,
            has_sounded: false,
            rest: Rest::default(),
            is_absent: false,
            #[cfg(feature = "std")]
            rebinding: Rebinding {
                recipe,
                ramp: config.device_span(config.ramp_frames.into()),
                rounding: config.rounding,
                dither: config.dither,
                dither_seed: config.dither_seed,
            },
        }
    }

    /// The format, rate and channels that the device takes.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        &self.output.device
    }

    /// How far the renderer reads ahead of what is rendered, in whole source frames: the resampler's look-ahead, or 0
    /// if the rates are equal.
    #[must_use]
    pub fn latency_frames(&self) -> usize {
        self.input.plan().latency_frames()
    }

    /// Sets the device's latency: the device frames from when the next block is asked for to when its first frame is
    /// heard. It is 0 until this is called.
    ///
    /// The callback learns it from the device, and calls this before it renders the block.
    /// [`Feeder::drain`](crate::Feeder::drain), [`Monitor::heard`](crate::Monitor::heard) and receipts take it into
    /// account.
    pub fn set_device_latency(&mut self, frames: u64) {
        self.shared
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
        self.is_absent = is_absent;
        self.rest.end();
    }

    /// How many more source frames must be queued so that the next `frames` device frames have no gap. The number is
    /// exact while no source change is queued.
    ///
    /// This is for a driver with feeder and renderer on one thread, as in offline rendering.
    #[must_use]
    pub fn missing_source_frames(&self, frames: usize) -> usize {
        self.input.missing_frames(frames)
    }

    /// Whether the feeder has been dropped and everything that it queued has been rendered. From then on there is only
    /// silence.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.input.is_at_end()
    }

    /// Fills `block` (frames x device channels, interleaved) with the stream's next frames, in
    /// the format of `O`.
    ///
    /// A block whose length is no multiple of the device's channels is a [`RenderStatus::ShapeMismatch`]. It is filled
    /// with silence and counted, and no frame is consumed.
    pub fn render<O: Sample>(&mut self, block: &mut [O]) -> RenderStatus {
        self.render_target(&mut Target::typed(block))
    }

    /// Fills `block` as [`render`](Self::render) does, in the byte format of
    /// [`Config::device`].
    pub fn render_bytes(&mut self, block: &mut [u8]) -> RenderStatus {
        let (format, size) = (self.output.device.format, self.output.sample_size);
        self.render_target(&mut Target::bytes(format, size, block))
    }

    fn render_target(&mut self, target: &mut Target<'_>) -> RenderStatus {
        let begin = self.clock.as_ref().map(|(now, _)| now());
        self.counters.blocks += 1;
        self.counters.block_at_ns = begin.unwrap_or(0);
        self.counters.block_at_frame = self.counters.rendered_frames;
        self.counters.block_heard_frames = self.counters.heard_frames;
        let whole_frames = target.whole_frames(self.output.device.channels());
        let status = if let Some(frames) = whole_frames {
            let status = self.fill(target, frames);
            if self.tap.is_some() {
                self.copy_to_tap(target, frames, begin);
            }
            self.counters.rendered_frames += frames as u64;
            status
        } else {
            self.refuse(target)
        };
        self.publish();
        if let Some(begin) = begin {
            self.note_load(begin, whole_frames.unwrap_or(0));
        }
        status
    }

    /// Fills a block that is no whole number of frames with silence.
    #[cold]
    fn refuse(&mut self, target: &mut Target<'_>) -> RenderStatus {
        self.rest.end();
        target.silence_all();
        self.note_mismatch(target.samples());
        RenderStatus::ShapeMismatch
    }

    /// Notes how long a block of `frames` frames took that was asked for at `begin`.
    #[inline(never)]
    fn note_load(&mut self, begin: u64, frames: usize) {
        if let Some((now, load)) = &self.clock {
            let spent = now().saturating_sub(begin);
            load.add(spent, frames, self.output.device.rate_hz);
        }
    }

    fn note_mismatch(&mut self, samples: usize) {
        self.counters.shape_mismatches += 1;
        self.counters.mismatch_samples = samples as u64;
    }

    #[inline(never)]
    fn copy_to_tap(&mut self, target: &Target<'_>, frames: usize, begin: Option<u64>) {
        let Some(tap) = self.tap.as_mut().filter(|_| frames > 0) else {
            return;
        };
        let at_frame = self.counters.rendered_frames;
        if let Some(at_ns) = begin {
            tap.note(Stamp {
                at_frame,
                rate_hz: self.output.device.rate_hz,
                at_ns,
                latency_frames: self.shared.device_latency_frames.load(Ordering::Relaxed),
            });
        }
        if tap.begin(at_frame, frames, &self.output.device) {
            self.output
                .read_back(target, frames, |piece| tap.push(piece));
        }
    }

    /// Publishes the counters that a block may have changed, and the position.
    #[inline(always)]
    fn publish(&mut self) {
        let (counters, words) = (&self.shared.counters, &self.counters);
        match self.rest.changed {
            Changed::Sound => counters.write_some::<SOUND_BEGIN, SOUND_END>(&words.words()),
            Changed::Silence => counters.write_some::<0, SILENCE_END>(&words.words()),
            Changed::Any => self.publish_all(),
        }
        let latency_frames = self.shared.device_latency_frames.load(Ordering::Relaxed);
        // Without a latency and a clock, the heard position is that at the block's beginning, which is among the
        // counters.
        if latency_frames > 0 || self.clock.is_some() {
            self.publish_position(latency_frames);
        }
        if let Some(meter) = &self.output.meter {
            meter.publish();
        }
    }

    #[inline(never)]
    fn publish_all(&self) {
        self.shared.counters.write(&self.counters.words());
    }

    #[inline(never)]
    fn publish_position(&mut self, latency_frames: u64) {
        let begin = self.counters.block_at_frame;
        let at = At {
            device_frame: self.counters.rendered_frames,
            heard: self.counters.rendered(),
        };
        self.pen
            .write(&self.shared.history, latency_frames, begin, at);
    }
}

impl Renderer {
    /// Writes the position inside a block to the history, because from here on it may move differently.
    #[cold]
    fn note_position(&mut self, now: u64) {
        self.input.count(&mut self.counters);
        let at = At {
            device_frame: now,
            heard: self.counters.rendered(),
        };
        self.pen.write_now(&self.shared.history, at);
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        self.shared.abandoned.store(true, Ordering::Release);
    }
}
