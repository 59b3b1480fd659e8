//! The renderer's state, and what a block does first and last.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

#[cfg(feature = "std")]
use pcm_convert::{Dither, Rounding};

use crate::app::controller::Controller;
use crate::audio::input::Input;
use crate::audio::renderer::output::Output;
use crate::audio::renderer::rest::{Changed, Rest};
use crate::audio::renderer::status::RenderStatus;
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

/// What the [`Renderer`](crate::Renderer) consists of.
///
/// A callback comes cold, so the fields are in the order of use, and begin with a cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct State {
    pub(super) shared: Arc<Shared>,
    clock: Option<(Clock, LoadMeter)>,
    pub(super) tap: Option<Box<TapSender>>,
    /// Whether a block before the present one had sound in it.
    pub(super) has_sounded: bool,
    /// Whether there is no device at present, so that the position is kept.
    pub(super) is_absent: bool,
    pub(super) rest: Rest,
    pub(super) steering: Steering,
    pub(super) wake: Wake,
    pub(super) counters: Counters,
    pub(super) output: Output,
    pub(super) input: Input,
    pen: HistoryPen,
    /// How many frames more a gap under way has at the present rate than were counted, since the device changed in it.
    pub(super) gap_change: i64,
    #[cfg(feature = "std")]
    pub(super) rebinding: Rebinding,
}

/// The settings by which the renderer is adapted to another device.
#[cfg(feature = "std")]
#[derive(Debug)]
pub(super) struct Rebinding {
    pub(super) recipe: PresentRecipe,
    pub(super) ramp: Span,
    pub(super) rounding: Rounding,
    pub(super) dither: Dither,
    pub(super) dither_seed: u64,
}

#[cfg(feature = "std")]
impl Rebinding {
    fn new(config: &Config, recipe: PresentRecipe) -> Self {
        Self {
            recipe,
            ramp: config.device_span(config.ramp_frames.into()),
            rounding: config.rounding,
            dither: config.dither,
            dither_seed: config.dither_seed,
        }
    }
}

/// The renderer's halves of the instruments. The monitor has the other halves.
#[derive(Debug)]
pub(crate) struct Instruments {
    pub(crate) clock: Option<(Clock, LoadMeter)>,
    pub(crate) meter: Option<Box<Meter>>,
    pub(crate) tap: Option<Box<TapSender>>,
}

impl State {
    pub(super) fn new(
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
            gap_change: 0,
            #[cfg(feature = "std")]
            rebinding: Rebinding::new(config, recipe),
        }
    }

    /// Fills the block.
    pub(super) fn render(&mut self, target: &mut Target<'_>) -> RenderStatus {
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

    pub(super) fn note_mismatch(&mut self, samples: usize) {
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
    pub(super) fn publish(&mut self) {
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
            frames: self.counters.heard_frames,
        };
        self.pen
            .write(&self.shared.history, latency_frames, begin, at);
    }
}

impl State {
    /// Writes the position inside a block to the history, because from here on it may move differently.
    #[cold]
    pub(super) fn note_position(&mut self, now: u64) {
        self.input.count(&mut self.counters);
        let at = At {
            device_frame: now,
            frames: self.counters.heard_frames,
        };
        self.pen.write_now(&self.shared.history, at);
    }
}
