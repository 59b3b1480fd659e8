//! Frame sources: user code in place of the queue.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::Ordering;

use pcm_convert::clean_non_finite;

use crate::audio::pulled::Pulled;
use crate::audio::segment::Segment;
use crate::link::counters::Counters;
use crate::link::report::Reporter;
use crate::link::shared::Shared;
use crate::plan::{Plan, Supply};
use crate::spec::StreamSpec;

/// Makes frames on request, in place of the queue: a generator, a synthesizer, a [`Mixer`](crate::Mixer).
/// [`stream_from`](crate::stream_from) takes one.
///
/// A source runs in the audio callback and is bound by its rules: it must not allocate, lock or wait. Every
/// `FnMut(&mut [f32]) -> usize` that is [`Send`] is a source.
///
/// ```
/// use rt_callback::{Config, stream_from};
///
/// let mut phase = 0.0_f32;
/// let tone = move |block: &mut [f32]| {
///     for sample in &mut *block {
///         *sample = 0.5 * (phase * core::f32::consts::TAU).sin();
///         phase = (phase + 440.0 / 24_000.0).fract();
///     }
///     block.len()
/// };
/// let config = Config::new("24000x1:f32le".parse()?, "48000x2:s16le".parse()?);
/// let (_controller, mut renderer, _monitor) = stream_from(&config, Box::new(tone))?;
/// let mut block = [0_i16; 2 * 480];
/// renderer.render(&mut block);
/// assert!(block.iter().any(|sample| *sample != 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait FrameSource: Send {
    /// Fills `block` from its front with whole frames, and returns how many *frames* were filled.
    ///
    /// The samples are interleaved, at the rate and channels of [`Config::source`](crate::Config::source). Full scale
    /// is 1.0. A block has at most 512 frames.
    ///
    /// Fewer frames than the block holds are an underrun, unless [`is_ended`](Self::is_ended). A count above what the
    /// block holds is a [`RenderStatus::ShapeMismatch`](crate::RenderStatus::ShapeMismatch): none of the frames is
    /// used, and the rest of the device's block is silence.
    fn fill(&mut self, block: &mut [f32]) -> usize;

    /// Whether the source has ended. A shortage is then no underrun, and the resampler's tail is played.
    fn is_ended(&self) -> bool {
        false
    }

    /// Takes the latency of the next block, before each [`fill`](Self::fill).
    ///
    /// It is the time from when the device asked for its block to when the first frame of the next [`fill`](Self::fill)
    /// is heard, through the resampler and the device. It is counted in frames of this source's rate.
    fn set_device_latency(&mut self, frames: u64) {
        let _ = frames;
    }

    /// Notes that `frames` frames of silence, at this source's rate, have passed without a [`fill`](Self::fill), for
    /// example because the stream is paused.
    fn pass(&mut self, frames: usize) {
        let _ = frames;
    }
}

impl<F: FnMut(&mut [f32]) -> usize + Send> FrameSource for F {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        self(block)
    }
}

/// A source with its plan: the input of a renderer without a queue.
pub(crate) struct Generator {
    source: Box<dyn FrameSource>,
    shared: Arc<Shared>,
    pub(crate) plan: Plan,
    pub(crate) report: Reporter,
    segment: Segment,
    /// Whether something has sounded since the last end.
    is_sounding: bool,
    ended: bool,
    /// Whether the source had no frame when it was asked last, while something sounded.
    is_dry: bool,
    /// The number of samples of a fill that was too large, behind frames that could be used.
    excess: Option<usize>,
    /// The silence of less than one source frame that has not been passed on, in fractions of that frame.
    silent_parts: u64,
    pub(crate) non_finite_samples: u64,
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl Generator {
    pub(crate) fn new(
        source: Box<dyn FrameSource>,
        shared: Arc<Shared>,
        plan: Plan,
        report: Reporter,
    ) -> Self {
        Self {
            source,
            shared,
            plan,
            report,
            segment: Segment::default(),
            is_sounding: false,
            ended: false,
            is_dry: false,
            excess: None,
            silent_parts: 0,
            non_finite_samples: 0,
        }
    }

    /// As [`Intake::pull`](crate::audio::intake::Intake::pull), from `into_block` device frames behind the block's
    /// beginning.
    pub(crate) fn pull(&mut self, out: &mut [f32], into_block: u64) -> Pulled {
        if let Some(samples) = self.excess.take() {
            return Pulled::Mismatch { samples };
        }
        if self.source.is_ended() {
            return self.pull_tail(out);
        }
        let latency_frames = self.shared.device_latency_frames.load(Ordering::Relaxed);
        let to_first = into_block.saturating_add(latency_frames);
        let mut draw = Draw {
            // The frames that have been read but not rendered are heard first.
            latency_frames: self
                .plan
                .source_frames_in(to_first)
                .saturating_add(self.segment.in_flight(&self.plan)),
            source: &mut *self.source,
            excess: None,
            non_finite: &mut self.non_finite_samples,
        };
        let done = self.plan.produce(&mut draw, usize::MAX, out);
        let excess = draw.excess;
        self.segment.note_read(done.frames_read);
        self.note_written(done.frames_written);
        match (done.frames_written, excess) {
            (0, Some(samples)) => Pulled::Mismatch { samples },
            // The source may have ended in this call, without another frame.
            (0, None) if self.source.is_ended() => self.pull_tail(out),
            (0, None) if self.is_sounding => {
                self.is_dry = true;
                Pulled::Starved
            }
            (0, None) if self.segment.is_active() => Pulled::Starting,
            (0, None) => Pulled::Idle,
            (written, excess) => {
                self.excess = excess;
                Pulled::Frames(written)
            }
        }
    }

    /// Makes the frames that the resampler still holds of a source that has ended.
    fn pull_tail(&mut self, out: &mut [f32]) -> Pulled {
        let written = if self.is_played() {
            0
        } else {
            self.plan.flush(out)
        };
        self.note_written(written);
        self.settle();
        if written > 0 {
            Pulled::Frames(written)
        } else {
            Pulled::Idle
        }
    }

    fn note_written(&mut self, frames: usize) {
        self.segment.note_written(frames);
        if frames > 0 {
            self.is_sounding = true;
            self.is_dry = false;
        }
    }

    /// Whether nothing of a source that has ended is still to be rendered. One that had run dry ended there: the decay
    /// took the place of the resampler's tail.
    fn is_played(&self) -> bool {
        self.is_dry || self.segment.tail_frames(&self.plan) == 0
    }

    /// Passes the end, once everything before it has been rendered.
    pub(crate) fn settle(&mut self) {
        let is_open = self.segment.is_active() || self.is_sounding;
        if is_open && self.source.is_ended() && self.is_played() {
            self.ended = true;
            self.is_sounding = false;
            self.is_dry = false;
            self.segment.leave(&mut self.plan);
        }
    }

    pub(crate) fn is_sounding(&self) -> bool {
        self.is_sounding
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.source.is_ended() && !self.segment.is_active()
    }

    pub(crate) fn take_ended(&mut self) -> bool {
        core::mem::take(&mut self.ended)
    }

    /// Notes silence for which the source was not asked, and tells the source.
    pub(crate) fn pass_silence(&mut self, frames: usize) {
        let (from, to) = self.plan.rates();
        let parts = (frames as u64).saturating_mul(from.get());
        self.silent_parts = self.silent_parts.saturating_add(parts);
        let source_frames = self.silent_parts / to;
        self.silent_parts -= source_frames * to.get();
        self.source
            .pass(usize::try_from(source_frames).unwrap_or(usize::MAX));
    }

    pub(crate) fn count(&self, counters: &mut Counters) {
        self.segment.count(&self.plan, counters);
        counters.non_finite_samples = self.non_finite_samples;
        counters.events_lost = self.report.lost;
    }

    /// Changes to another plan for the same source, from device frame `now` on.
    #[cfg(feature = "std")]
    pub(crate) fn rebind(&mut self, mut plan: Plan, now: u64, rate_hz: u32) {
        if !plan.take_resampler_from(&mut self.plan) && self.segment.is_active() {
            self.segment.leave(&mut self.plan);
        }
        self.plan = plan;
        self.silent_parts = 0;
        self.report.set_rate(now, rate_hz);
    }
}

/// A source as a plan's supply.
struct Draw<'a> {
    /// Source frames from when the device asked for its block to when the next frame is heard.
    latency_frames: u64,
    source: &'a mut dyn FrameSource,
    /// The number of samples that the source claimed to have filled, if it is too large.
    excess: Option<usize>,
    non_finite: &'a mut u64,
}

impl Supply for Draw<'_> {
    fn fill(&mut self, source: &StreamSpec, out: &mut [f32]) -> usize {
        let channels = source.channel_count();
        self.source.set_device_latency(self.latency_frames);
        let frames = self.source.fill(out);
        if frames > out.len() / channels {
            self.excess = Some(frames.saturating_mul(channels.get()));
            return 0;
        }
        self.latency_frames = self.latency_frames.saturating_add(frames as u64);
        let filled = out.get_mut(..frames * channels.get()).unwrap_or_default();
        *self.non_finite += clean_non_finite(filled) as u64;
        frames
    }
}
