//! The pull seam: user code in place of the queue.

use alloc::boxed::Box;
use core::fmt;

use pcm_convert::clean_non_finite;

use crate::counters::Counters;
use crate::intake::{Pulled, Reporter};
use crate::plan::{Plan, Supply};
use crate::spec::StreamSpec;

/// Something that makes sound when it is asked to: a generator, a synthesizer, a
/// [`Mixer`](crate::Mixer), in place of the queue. [`stream_from`](crate::stream_from) takes one.
///
/// It runs in the audio callback and is bound by its rules: no allocation, no lock, no waiting.
/// Every `FnMut(&mut [f32]) -> usize` is one.
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
    /// Fills `block` (interleaved, in the rate and channels of
    /// [`Config::source`](crate::Config::source); full scale is 1.0) from its front with whole frames,
    /// and returns how many *frames* that were. At most 512 frames are asked for at a time.
    ///
    /// Fewer frames than asked for are an underrun, unless [`is_ended`](Self::is_ended). More than
    /// asked for is a [`RenderStatus::ShapeMismatch`](crate::RenderStatus::ShapeMismatch): none of them
    /// is used, and the rest of the block is silence.
    fn fill(&mut self, block: &mut [f32]) -> usize;

    /// Whether the end has come, so that a shortage is none and the resampler's tail is played.
    fn is_ended(&self) -> bool {
        false
    }

    /// Learns how many frames, at the device's rate, lie between rendering and hearing.
    fn set_device_latency(&mut self, frames: u64) {
        let _ = frames;
    }
}

impl<F: FnMut(&mut [f32]) -> usize + Send> FrameSource for F {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        self(block)
    }
}

/// A source with its plan: the renderer's input where there is no queue.
pub(crate) struct Generator {
    source: Box<dyn FrameSource>,
    pub(crate) plan: Plan,
    pub(crate) report: Reporter,
    /// Source frames read and heard before the present segment, and read and device frames written
    /// in it. A segment runs from one flush of the resampler to the next.
    before: u64,
    segment_read: u64,
    segment_written: u64,
    dropped_frames: u64,
    ended: bool,
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
    pub(crate) fn new(source: Box<dyn FrameSource>, plan: Plan, report: Reporter) -> Self {
        Self {
            source,
            plan,
            report,
            before: 0,
            segment_read: 0,
            segment_written: 0,
            dropped_frames: 0,
            ended: false,
            non_finite_samples: 0,
        }
    }

    /// As [`Intake::pull`](crate::intake::Intake::pull).
    pub(crate) fn pull(&mut self, out: &mut [f32]) -> Pulled {
        if self.source.is_ended() {
            let written = if self.tail_frames() > 0 {
                self.plan.flush(out)
            } else {
                0
            };
            self.segment_written += written as u64;
            self.settle();
            return if written > 0 {
                Pulled::Frames(written)
            } else {
                Pulled::Idle
            };
        }
        let mut draw = Draw {
            source: &mut *self.source,
            excess: None,
            non_finite: &mut self.non_finite_samples,
        };
        let done = self.plan.produce(&mut draw, usize::MAX, out);
        let excess = draw.excess;
        self.segment_read += done.frames_read as u64;
        self.segment_written += done.frames_written as u64;
        match (done.frames_written, excess) {
            (0, Some(samples)) => Pulled::Mismatch { samples },
            // It may have come to its end just now, with nothing more.
            (0, None) if self.source.is_ended() => Pulled::Frames(0),
            (0, None) if self.is_active() => Pulled::Starved,
            (0, None) => Pulled::Idle,
            (written, _) => Pulled::Frames(written),
        }
    }

    /// Notices the end, once everything before it has been written.
    pub(crate) fn settle(&mut self) {
        if self.is_active() && self.source.is_ended() && self.tail_frames() == 0 {
            self.ended = true;
            self.leave_segment();
        }
    }

    /// Device frames still to be written of what has been read.
    fn tail_frames(&self) -> u64 {
        self.plan
            .device_frame_of(self.segment_read)
            .saturating_sub(self.segment_written)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.segment_read > 0
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.source.is_ended() && !self.is_active()
    }

    pub(crate) fn take_ended(&mut self) -> bool {
        core::mem::take(&mut self.ended)
    }

    pub(crate) fn set_device_latency(&mut self, frames: u64) {
        self.source.set_device_latency(frames);
    }

    pub(crate) fn count(&self, counters: &mut Counters) {
        let heard = self.segment_heard();
        counters.heard_frames = self.before + heard;
        counters.in_flight_frames = self.segment_read - heard;
        counters.dropped_frames = self.dropped_frames;
        counters.events_lost = self.report.lost;
    }

    /// Goes on with another plan for the same source.
    #[cfg(feature = "std")]
    pub(crate) fn rebind(&mut self, mut plan: Plan) {
        if !plan.take_resampler_from(&mut self.plan) && self.is_active() {
            self.leave_segment();
        }
        self.plan = plan;
    }

    fn leave_segment(&mut self) {
        let heard = self.segment_heard();
        self.before += heard;
        self.dropped_frames += self.segment_read - heard;
        self.segment_read = 0;
        self.segment_written = 0;
        self.plan.reset();
    }

    fn segment_heard(&self) -> u64 {
        self.plan
            .heard_frames(self.segment_written)
            .min(self.segment_read)
    }
}

/// What a plan draws from a source.
struct Draw<'a> {
    source: &'a mut dyn FrameSource,
    /// Samples that it claimed to have filled, where that is more than it was asked for.
    excess: Option<usize>,
    non_finite: &'a mut u64,
}

impl Supply for Draw<'_> {
    fn fill(&mut self, source: &StreamSpec, out: &mut [f32]) -> usize {
        let channels = source.channels();
        let frames = self.source.fill(out);
        if frames > out.len() / channels {
            self.excess = Some(frames.saturating_mul(channels));
            return 0;
        }
        let filled = out.get_mut(..frames * channels).unwrap_or_default();
        *self.non_finite += clean_non_finite(filled) as u64;
        frames
    }
}
