//! The audio thread's half: fills the device's block, whatever happens.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use core::ops::Range;
use core::sync::atomic::Ordering;

use channel_mix::GainRamp;
use pcm_convert::{Quantized, Quantizer, Sample};

use crate::config::{Clock, Config};
use crate::controller::Controller;
use crate::counters::Counters;
use crate::event::EventKind;
use crate::intake::{Intake, Pulled};
use crate::plan::PIECE_FRAMES;
use crate::queue::Sender;
use crate::script::Timed;
use crate::seam::Seam;
use crate::shared::Shared;
use crate::spec::StreamSpec;
use crate::target::{Bytes, Target, Typed};

/// What a block holds. Whatever it says, the whole block has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderStatus {
    /// Sound, from the first frame to the last or to a declared end.
    Rendered,
    /// The queue ran dry: so many frames are silence (with the last sound's decay in them).
    Underrun {
        /// Device frames without sound.
        missing_frames: usize,
    },
    /// Silence: nothing has been pushed yet, or nothing since the last declared end.
    Idle,
    /// Silence: the stream is paused.
    Paused,
    /// Silence: the block is no whole number of frames. Nothing was consumed.
    ShapeMismatch,
}

impl RenderStatus {
    /// Of a block whose first part ended as `self` and whose second part as `next`.
    fn followed_by(self, next: Self) -> Self {
        match (self, next) {
            (
                Self::Underrun {
                    missing_frames: one,
                },
                Self::Underrun {
                    missing_frames: other,
                },
            ) => Self::Underrun {
                missing_frames: one + other,
            },
            (underrun @ Self::Underrun { .. }, _) | (_, underrun @ Self::Underrun { .. }) => {
                underrun
            }
            (one, other) if one == other => one,
            // Silence and sound in one block are a block with sound.
            _ => Self::Rendered,
        }
    }
}

/// How long one block took, where [`Config::clock`] says what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockTiming {
    /// Time spent in the callback.
    pub nanoseconds: u64,
    /// Device frames that were asked for.
    pub frames: usize,
}

/// Why a stretch of a block is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    Starved,
    Idle,
    Paused,
}

/// Renders the stream into the device's blocks. It belongs into the audio callback.
///
/// [`render`](Self::render) never allocates, locks, waits, logs, formats or panics; its work is
/// bounded by the block's length. Blocks of any size are right, 0 frames too: work runs in pieces
/// of at most 256 frames. Every sample of the block is written, always.
#[derive(Debug)]
pub struct Renderer {
    intake: Intake,
    device: StreamSpec,
    shared: Arc<Shared>,
    /// Steers as any other controller would, on behalf of the script.
    controller: Controller,
    /// In order of time; those before `script_next` have acted.
    script: Box<[Timed]>,
    script_next: usize,
    timings: Sender<BlockTiming>,
    clock: Option<Clock>,
    quantizer: Quantizer,
    gain: GainRamp,
    /// The controls' gain and mute as last obeyed.
    obeyed: ((f32, u32), bool),
    seam: Seam,
    ramp_frames: u32,
    meter: bool,
    /// One piece in the device's channels.
    piece: Box<[f32]>,
    counters: Counters,
    /// Samples that arithmetic made non-finite, and that were made finite again.
    overflowed_samples: u64,
    /// A block with sound in it has been rendered before the present one.
    has_sounded: bool,
    /// Frames missing since the underrun that is going on.
    missing_frames: Option<u64>,
}

impl Renderer {
    pub(crate) fn new(
        config: &Config,
        intake: Intake,
        shared: Arc<Shared>,
        timings: Sender<BlockTiming>,
    ) -> Self {
        let channels = config.device.channels();
        let gain = shared.controls.gain();
        let mut script = config.script.clone().into_boxed_slice();
        script.sort_by_key(|timed| timed.at_frame);
        Self {
            intake,
            device: config.device,
            controller: Controller::new(Arc::clone(&shared), config.device.rate_hz),
            script,
            script_next: 0,
            shared,
            timings,
            clock: config.clock,
            quantizer: Quantizer::new(channels, config.rounding, config.dither, config.dither_seed),
            gain: GainRamp::new(gain.0),
            obeyed: (gain, false),
            seam: Seam::new(channels, config.ramp_frames),
            ramp_frames: config.ramp_frames,
            meter: config.meter,
            piece: vec![0.0; PIECE_FRAMES * channels].into_boxed_slice(),
            counters: Counters::default(),
            overflowed_samples: 0,
            has_sounded: false,
            missing_frames: None,
        }
    }

    /// What the device takes.
    #[must_use]
    pub fn device(&self) -> &StreamSpec {
        &self.device
    }

    /// How far reading runs ahead of what is rendered, in whole source frames: 0 where the rates
    /// are equal, else the resampler's look-ahead.
    #[must_use]
    pub fn latency_frames(&self) -> usize {
        self.intake.plan().latency_frames()
    }

    /// Says how long, in device frames, what is rendered now takes until it is heard. It is for the
    /// callback, which learns it from the device; [`Feeder::drain`](crate::Feeder::drain) waits
    /// for it.
    pub fn set_device_latency(&mut self, frames: u64) {
        self.shared
            .device_latency_frames
            .store(frames, Ordering::Relaxed);
    }

    /// How many more source frames must be queued so that the next `frames` device frames have
    /// no gap; exact while no source change is queued.
    ///
    /// This is for a driver that has feeder and renderer on one thread, as offline rendering does.
    #[must_use]
    pub fn missing_source_frames(&self, frames: usize) -> usize {
        self.intake.missing_frames(frames)
    }

    /// Whether the feeder has been dropped and all that it queued has been rendered. From then on
    /// there is only silence.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire) && self.intake.is_exhausted()
    }

    /// Fills `block` (frames x device channels, interleaved) with the stream's next frames, in
    /// the format of `O`.
    ///
    /// A block whose length is no multiple of the device's channels is a
    /// [`RenderStatus::ShapeMismatch`]: it is filled with silence and counted, and nothing is
    /// consumed.
    pub fn render<O: Sample>(&mut self, block: &mut [O]) -> RenderStatus {
        self.render_target(&mut Typed(block))
    }

    /// Fills `block` as [`render`](Self::render) does, in the byte format of
    /// [`Config::device`].
    pub fn render_bytes(&mut self, block: &mut [u8]) -> RenderStatus {
        let format = self.device.format;
        self.render_target(&mut Bytes {
            format,
            bytes: block,
        })
    }

    fn render_target(&mut self, target: &mut impl Target) -> RenderStatus {
        let begin = self.clock.map(|now| now());
        self.counters.blocks += 1;
        self.counters.block_at_ns = begin.unwrap_or(0);
        self.counters.block_at_frame = self.counters.rendered_frames;
        let channels = self.device.channels();
        let status = if target.is_whole(channels) {
            let frames = target.samples() / channels;
            let status = self.fill(target, frames);
            self.counters.rendered_frames += frames as u64;
            status
        } else {
            target.silence_all();
            self.counters.shape_mismatches += 1;
            self.counters.mismatch_samples = target.samples() as u64;
            RenderStatus::ShapeMismatch
        };
        self.publish();
        if let (Some(now), Some(begin)) = (self.clock, begin) {
            let timing = BlockTiming {
                nanoseconds: now().saturating_sub(begin),
                frames: target.samples() / channels,
            };
            // A reader that fell behind loses timings, not sound.
            let _ = self.timings.push(timing);
        }
        status
    }

    /// Writes `frames` frames, split where the script has something to do.
    fn fill(&mut self, target: &mut impl Target, frames: usize) -> RenderStatus {
        let start = self.counters.rendered_frames;
        let mut status = RenderStatus::Rendered;
        let mut has_sounded = self.has_sounded;
        let mut done = 0;
        loop {
            let end = self.obey_script(start + done as u64, frames - done) + done;
            let paused = self.obey_controls();
            let (sounded, span_status) = self.fill_span(target, start, done..end, paused);
            has_sounded |= sounded > 0;
            status = if done == 0 {
                span_status
            } else {
                status.followed_by(span_status)
            };
            done = end;
            if done >= frames {
                break;
            }
        }
        self.has_sounded = has_sounded;
        status
    }

    /// Writes the frames of `span`: sound as far as there is any, then silence. Returns how many
    /// frames sounded.
    fn fill_span(
        &mut self,
        target: &mut impl Target,
        start: u64,
        span: Range<usize>,
        paused: bool,
    ) -> (usize, RenderStatus) {
        let mut done = span.start;
        let mut silence = paused.then_some(Silence::Paused);
        while done < span.end && silence.is_none() {
            match self.sound(target, done, span.end - done, start + done as u64) {
                Pulled::Frames(written) => done += written,
                Pulled::Starved => silence = Some(Silence::Starved),
                Pulled::Idle => silence = Some(Silence::Idle),
            }
        }
        let now = start + done as u64;
        self.intake.settle(now);
        self.note_ends();
        let sounded = done - span.start;
        let missing_frames = span.end - done;
        if let Some(silence) = silence {
            self.count_silence(silence, missing_frames as u64, now);
            self.silence(target, done, span.end);
        }
        let status = match silence {
            Some(Silence::Starved) => RenderStatus::Underrun { missing_frames },
            Some(Silence::Paused) => RenderStatus::Paused,
            Some(Silence::Idle) if sounded == 0 => RenderStatus::Idle,
            Some(Silence::Idle) | None => RenderStatus::Rendered,
        };
        (sounded, status)
    }

    /// Does what the script says for frame `now`. Returns how many of the next `frames` frames come
    /// before its next command.
    fn obey_script(&mut self, now: u64, frames: usize) -> usize {
        while let Some(timed) = self.script.get(self.script_next) {
            if timed.at_frame > now {
                let ahead = usize::try_from(timed.at_frame - now).unwrap_or(usize::MAX);
                return frames.min(ahead);
            }
            timed.command.run(&self.controller);
            self.script_next += 1;
        }
        frames
    }

    /// Writes up to `frames` frames from frame `at` on, as many as come in one run.
    fn sound(&mut self, target: &mut impl Target, at: usize, frames: usize, now: u64) -> Pulled {
        let channels = self.device.channels();
        let at = at * channels;
        let frames = frames.min(PIECE_FRAMES);
        let untouched = self.seam.is_clear() && self.gain.is_steady() && self.gain.gain() == 1.0;
        let copies = untouched && self.intake.can_copy_to(target.format());
        let pulled = if copies {
            self.intake.copy(target, at, frames, now)
        } else {
            let piece = self.piece.get_mut(..frames * channels).unwrap_or_default();
            self.intake.pull(piece, now)
        };
        if let Pulled::Frames(written @ 1..) = pulled {
            // An end that was passed on the way lies before these frames.
            self.note_ends();
            self.end_underrun(now);
            let piece = self.piece.get_mut(..written * channels).unwrap_or_default();
            if copies {
                // Only the last frame is needed, and all of them where they are metered.
                let from = if self.meter {
                    0
                } else {
                    (written - 1) * channels
                };
                let seen = piece.get_mut(from..).unwrap_or_default();
                target.read(at + from, seen);
                self.seam.note_sound(seen);
            } else {
                self.gain.apply_interleaved(piece, channels);
                self.seam.sound(piece);
                let quantized = target.quantize(at, piece, &mut self.quantizer);
                note(quantized, &mut self.counters, &mut self.overflowed_samples);
            }
            if self.meter {
                let peak = piece
                    .iter()
                    .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
                let bits = peak.min(f32::MAX).to_bits();
                self.shared.peak_bits.fetch_max(bits, Ordering::Relaxed);
            }
        }
        pulled
    }

    /// Writes frames `from..to` without sound: the rest of a decay, then the equilibrium.
    fn silence(&mut self, target: &mut impl Target, from: usize, to: usize) {
        let channels = self.device.channels();
        let mut at = from;
        while at < to && self.seam.decay_frames() > 0 {
            let frames = self.seam.decay_frames().min(to - at).min(PIECE_FRAMES);
            let piece = self.piece.get_mut(..frames * channels).unwrap_or_default();
            self.seam.silence(piece);
            let quantized = target.quantize(at * channels, piece, &mut self.quantizer);
            note(quantized, &mut self.counters, &mut self.overflowed_samples);
            at += frames;
        }
        target.silence(at * channels..to * channels);
    }

    /// Takes the controls' latest values. True where the stream is paused.
    fn obey_controls(&mut self) -> bool {
        let controls = &self.shared.controls;
        let paused = controls.paused.load(Ordering::Acquire);
        let wanted = (controls.gain(), controls.muted.load(Ordering::Relaxed));
        if wanted != self.obeyed {
            let ((gain, ramp_frames), muted) = wanted;
            let ramp_frames = if muted == self.obeyed.1 {
                ramp_frames
            } else {
                self.ramp_frames
            };
            self.gain.set(if muted { 0.0 } else { gain }, ramp_frames);
            self.obeyed = wanted;
        }
        self.intake.set_paused(paused);
        paused
    }

    /// Ends that were passed: nothing of what sounded before them decays.
    fn note_ends(&mut self) {
        if self.intake.take_ended() {
            self.seam.end();
            self.missing_frames = None;
        }
    }

    fn count_silence(&mut self, silence: Silence, frames: u64, now: u64) {
        let counters = &mut self.counters;
        let started = self.has_sounded || self.intake.is_active();
        match silence {
            Silence::Paused => counters.paused_frames += frames,
            Silence::Idle if started => counters.idle_frames += frames,
            Silence::Starved if self.has_sounded => {
                counters.underrun_frames += frames;
                if self.missing_frames.is_none() {
                    counters.underruns += 1;
                    self.intake.report.event(now, EventKind::Underrun);
                }
                *self.missing_frames.get_or_insert(0) += frames;
            }
            Silence::Idle | Silence::Starved => counters.startup_silence_frames += frames,
        }
        // What was sounding decays; a silence after a declared end has nothing to decay.
        if self.intake.is_active() {
            self.seam.begin_gap();
        }
    }

    fn end_underrun(&mut self, now: u64) {
        if let Some(missing_frames) = self.missing_frames.take() {
            let kind = EventKind::Recovered { missing_frames };
            self.intake.report.event(now, kind);
        }
    }

    fn publish(&mut self) {
        self.intake.count(&mut self.counters);
        self.counters.non_finite_samples = self.intake.non_finite_samples + self.overflowed_samples;
        self.shared.counters.write(&self.counters.to_words());
    }
}

fn note(quantized: Quantized, counters: &mut Counters, overflowed_samples: &mut u64) {
    counters.clipped_samples += quantized.clipped as u64;
    *overflowed_samples += quantized.non_finite as u64;
}
